//! What a description says about its types, for the metadata of objects.

use serde_json::{Value, json};

use super::{
    schema::{Particle, Schema, TypeId},
    simple::Simple,
    wsdl::Description,
};

/// Most fields that are told of a type, and how deep they may be.
const MAX_FIELDS: usize = 5_000;
const MAX_LEVELS: usize = 5;

/// A member of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name in JSON.
    pub name: String,
    /// Its local name in XML.
    pub element: String,
    /// `string`, `integer`, `number`, `boolean`, `dateTime`, `date`, `time`, `base64 text`, `list` or `object`.
    pub kind: &'static str,
    /// The type of objects; none of anonymous ones.
    pub type_name: Option<String>,
    /// Whether JSON has a list of it.
    pub is_many: bool,
    /// Whether it may be null.
    pub is_nillable: bool,
    /// Whether it must be there whenever its object is.
    pub is_required: bool,
    /// Whether it is an attribute in XML.
    pub is_attribute: bool,
    /// The values it may have; any when empty.
    pub values: Vec<String>,
}

impl Description {
    /// The members of a type, inherited ones first; `None` when there is no such type, or several.
    pub fn members(&self, type_name: &str) -> Option<Vec<Member>> {
        Some(self.members_of(self.schema.substitute(type_name, self.schema.any_type)?))
    }

    pub(super) fn members_of(&self, kind: TypeId) -> Vec<Member> {
        let schema = &self.schema;
        let described = &schema.types[kind];
        let mut required = vec![false; described.fields.len()];
        require(&described.content, &mut required);
        let fields = described.fields.iter().zip(required).map(|(field, is_required)| {
            let kind = &schema.types[field.kind];
            let simple = kind.text.as_ref().filter(|_| kind.is_simple());
            Member {
                name: field.member.clone(),
                element: field.name.local.to_string(),
                kind: simple.map_or("object", |simple| simple.expected()),
                type_name: schema.spelled(field.kind).filter(|_| simple.is_none()),
                is_many: field.is_many,
                is_nillable: field.is_nillable,
                is_required,
                is_attribute: false,
                values: simple.map(|simple| texts(&simple.values)).unwrap_or_default(),
            }
        });
        let attributes = described.attributes.iter().map(|attribute| Member {
            name: attribute.member.clone(),
            element: attribute.name.local.to_string(),
            kind: attribute.simple.expected(),
            type_name: None,
            is_many: false,
            is_nillable: false,
            is_required: attribute.is_required,
            is_attribute: true,
            values: texts(&attribute.simple.values),
        });
        fields.chain(attributes).collect()
    }

    /// The types that derive from another and can have objects, by the names that JSON gives them; `None` when there is no
    /// such type, or several.
    #[must_use]
    pub fn kinds(&self, base: &str) -> Option<Vec<String>> {
        let schema = &self.schema;
        let base = schema.substitute(base, schema.any_type)?;
        let derived =
            schema.types.iter().enumerate().filter(|(id, kind)| {
                *id != base && !kind.is_abstract && kind.name.is_some() && schema.derives(*id, base)
            });
        let mut names: Vec<String> = derived.filter_map(|(id, _)| schema.spelled(id)).collect();
        names.sort_unstable();
        Some(names)
    }

    /// What the objects of a type consist of, down to single values: for each its path, its kind, and what is special
    /// about it. `None` when there is no such type, or several.
    #[must_use]
    pub fn fields(&self, type_name: &str) -> Option<Vec<Value>> {
        let id = self.schema.substitute(type_name, self.schema.any_type)?;
        let mut fields = Vec::new();
        self.collect(id, "", &mut vec![id], &mut fields);
        Some(fields)
    }

    fn collect(&self, id: TypeId, parent: &str, above: &mut Vec<TypeId>, fields: &mut Vec<Value>) {
        let described = &self.schema.types[id];
        let path_of = |member: &str, mark: &str| {
            let separator = if parent.is_empty() { "" } else { "." };
            format!("{parent}{separator}{member}{mark}")
        };
        for attribute in &described.attributes {
            fields.push(field(&path_of(&attribute.member, ""), &attribute.simple, attribute.is_required));
        }
        for member in &described.fields {
            if fields.len() >= MAX_FIELDS {
                return;
            }
            let (mut kind, mut is_many) = (member.kind, member.is_many);
            if let (true, [only]) = (self.schema.types[kind].is_bare_list, self.schema.types[kind].fields.as_slice()) {
                (kind, is_many) = (only.kind, true);
            }
            let path = path_of(&member.member, if is_many { "[*]" } else { "" });
            let inner = &self.schema.types[kind];
            match inner.text.as_ref().filter(|_| inner.is_simple()) {
                Some(simple) => fields.push(field(&path, simple, false)),
                None if above.contains(&kind) || above.len() > MAX_LEVELS || kind == self.schema.any_type => {
                    fields.push(json!({ "path": path, "type": "object" }));
                }
                None => {
                    above.push(kind);
                    self.collect(kind, &path, above, fields);
                    above.pop();
                }
            }
        }
    }

    /// The names of all types that may stand for another one, without abstract ones and itself, in alphabetical order.
    pub fn types_of(&self, base: &str) -> Vec<String> {
        let schema = &self.schema;
        let Some(base) = schema.substitute(base, schema.any_type) else { return Vec::new() };
        let mut names: Vec<String> = (0..schema.types.len())
            .filter(|id| is_kind_of(schema, *id, base))
            .filter_map(|id| schema.spelled(id))
            .collect();
        names.sort();
        names
    }
}

/// A single value as metadata has it.
fn field(path: &str, simple: &Simple, is_required: bool) -> Value {
    let mut field = json!({ "path": path, "type": simple.expected() });
    if is_required {
        field["required"] = true.into();
    }
    if !simple.values.is_empty() {
        field["picklistValues"] = simple.values.iter().map(|value| Value::from(&**value)).collect();
    }
    field
}

/// Marks the fields that no choice and no optional group lets out.
fn require(parts: &[Particle], required: &mut [bool]) {
    for part in parts {
        match part {
            Particle::Field(index, occurs) => required[*index] |= occurs.least > 0,
            Particle::Sequence(parts, occurs) if occurs.least > 0 => require(parts, required),
            _ => {}
        }
    }
}

fn is_kind_of(schema: &Schema, id: TypeId, base: TypeId) -> bool {
    id != base && !schema.types[id].is_abstract && schema.derives(id, base)
}

fn texts(values: &[std::sync::Arc<str>]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}
