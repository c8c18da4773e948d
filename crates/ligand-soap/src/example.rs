//! Examples of types: values that have every structure of a type and no content. Services that answer by example are
//! sent them to say what is wanted. `{"@type": "Book", "@example": 3}` in a message stands for one, three levels deep.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{
    encode::{EncodeError, TYPE_MEMBER},
    schema::{Particle, Schema, Type, TypeId},
    simple::Primitive,
    wsdl::Description,
};

/// A marker: the object stands for an example of its type, so many levels deep; members beside it win.
const EXAMPLE_MEMBER: &str = "@example";
/// A marker beside it: the names of members that the example lacks.
const WITHOUT_MEMBER: &str = "@without";
/// Most levels of an example.
const MAX_LEVELS: u64 = 8;
/// Most values of all examples of a message.
const MAX_VALUES: usize = 20_000;

impl Description {
    /// The value with examples in the place of their markers.
    ///
    /// # Errors
    /// A marker without a known type, with too many levels, or that makes too much.
    pub fn with_examples(&self, mut value: Value) -> Result<Value, EncodeError> {
        let mut left = MAX_VALUES;
        self.place(&mut value, &mut left)?;
        Ok(value)
    }

    fn place(&self, value: &mut Value, left: &mut usize) -> Result<(), EncodeError> {
        match value {
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.place(item, left)),
            Value::Object(members) => {
                if let Some(levels) = members.shift_remove(EXAMPLE_MEMBER) {
                    let example = self.example(&levels, members.get(TYPE_MEMBER), left)?;
                    let without = members.shift_remove(WITHOUT_MEMBER).unwrap_or_default();
                    let lacks = |name: &str| without.as_array().into_iter().flatten().any(|each| each == name);
                    for (name, member) in example.into_iter().filter(|(name, _)| !lacks(name)) {
                        members.entry(name).or_insert(member);
                    }
                }
                members.values_mut().try_for_each(|member| self.place(member, left))
            }
            _ => Ok(()),
        }
    }

    fn example(
        &self,
        levels: &Value,
        name: Option<&Value>,
        left: &mut usize,
    ) -> Result<Map<String, Value>, EncodeError> {
        let wrong =
            |expected: &str| EncodeError::WrongType { path: EXAMPLE_MEMBER.to_owned(), expected: expected.to_owned() };
        let number = levels.as_u64().or_else(|| levels.as_str()?.trim().parse().ok());
        let levels = number.filter(|levels| *levels <= MAX_LEVELS).ok_or_else(|| wrong("a small whole number"))?;
        let name = name.and_then(Value::as_str).ok_or_else(|| EncodeError::Untyped(EXAMPLE_MEMBER.to_owned()))?;
        let id = self
            .schema
            .substitute(name, self.schema.any_type)
            .ok_or_else(|| EncodeError::UnknownType { path: EXAMPLE_MEMBER.to_owned(), name: name.to_owned() })?;
        let mut maker = Maker { schema: &self.schema, left };
        let members = maker.members(&self.schema.types[id], levels, true);
        if *maker.left == 0 {
            Err(EncodeError::TooDeep(EXAMPLE_MEMBER.to_owned()))
        } else {
            Ok(members.unwrap_or_default())
        }
    }
}

struct Maker<'a> {
    schema: &'a Schema,
    left: &'a mut usize,
}

impl Maker<'_> {
    /// The members of an example; `None` where the type demands what an example cannot have. Texts stand for nothing
    /// at the top, where values come unasked for; further inside they ask for themselves.
    fn members(&mut self, described: &Type, levels: u64, is_top: bool) -> Option<Map<String, Value>> {
        if described.attributes.iter().any(|attribute| attribute.is_required) && !is_top {
            return None;
        }
        let mut members = Map::new();
        for (index, field) in described.fields.iter().enumerate() {
            let value = self.value(field.kind, levels, is_top);
            let value = if field.is_many { value.map(|value| Value::Array(vec![value])) } else { value };
            match value {
                Some(value) => _ = members.insert(field.member.clone(), value),
                None if !is_top && is_demanded(&described.content, index) => return None,
                None => {}
            }
        }
        Some(members)
    }

    fn value(&mut self, kind: TypeId, levels: u64, is_top: bool) -> Option<Value> {
        let described = &self.schema.types[kind];
        if levels == 0 || *self.left == 0 || described.is_abstract || kind == self.schema.any_type {
            return None;
        }
        if described.is_simple() {
            let simple = described.text.as_ref()?;
            let is_text = simple.primitive == Primitive::Text && simple.values.is_empty() && !simple.is_list;
            return (is_text && !is_top).then(|| Value::from(""));
        }
        if described.fields.is_empty() {
            return None;
        }
        *self.left -= 1;
        let members = self.members(described, levels - 1, false)?;
        if described.is_bare_list {
            return Some(members.into_iter().next().map_or_else(|| Value::Array(Vec::new()), |(_, items)| items));
        }
        Some(Value::Object(members))
    }
}

/// Whether a field has to be there.
fn is_demanded(parts: &[Particle], field: usize) -> bool {
    parts.iter().any(|part| match part {
        Particle::Field(index, occurs) => *index == field && occurs.least > 0,
        Particle::Sequence(parts, occurs) => occurs.least > 0 && is_demanded(parts, field),
        Particle::Any | Particle::Choice(..) => false,
    })
}
