//! Models out of sample JSON: one definition for each nested object, under names that do not depend on chance.

mod names;
mod sheet;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

pub use sheet::{SheetError, from_sheet, to_sheet};

/// How deep samples and schemas may nest.
const MAX_DEPTH: usize = 100;
/// Most definitions of a schema.
const MAX_DEFINITIONS: usize = 20_000;
/// How date-times are written.
const MASK: &str = "yyyy-MM-dd'T'HH:mm:ss.SSSZ";
/// Types that are no names of definitions.
const PRIMITIVES: &[&str] = &["string", "integer", "number", "boolean", "array", "object", "unknown"];

/// Why a sample gives no models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// It is a single value.
    #[error("A sample must be an object or an array")]
    Single,
    /// It nests too deep, or has too many objects.
    #[error("The sample nests too deep or has too many different objects")]
    TooLarge,
}

/// The models of a sample: a map of names to definitions, the root under `name`.
///
/// # Errors
/// See [`SampleError`].
pub fn schema_of(name: &str, sample: &Value) -> Result<Map<String, Value>, SampleError> {
    let mut schema = Schema::new(name);
    match sample {
        Value::Object(members) => {
            let definition = schema.definition(name, name, &Object::of(&[members]), false, 0)?;
            schema.definitions.insert(name.to_owned(), definition);
        }
        Value::Array(items) => {
            let objects: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
            if objects.is_empty() {
                schema.definitions.insert(name.to_owned(), scalars(items));
            } else {
                let item = schema.taken_name(&format!("{name}Object"), name);
                let root = json!({ "type": "array", "items": { "type": item } });
                schema.definitions.insert(name.to_owned(), root);
                let definition = schema.definition(&item, name, &Object::of(&objects), true, 0)?;
                schema.definitions.insert(item, definition);
            }
        }
        _ => return Err(SampleError::Single),
    }
    Ok(schema.definitions)
}

/// The members of the objects that stand in one place, in the order in which they are met.
struct Object<'s> {
    members: Vec<(&'s str, Vec<&'s Value>)>,
}

impl<'s> Object<'s> {
    fn of(objects: &[&'s Map<String, Value>]) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut members: Vec<(&str, Vec<&Value>)> = Vec::new();
        for object in objects {
            for (name, value) in *object {
                let place = *places.entry(name.as_str()).or_insert_with(|| {
                    members.push((name, Vec::new()));
                    members.len() - 1
                });
                members[place].1.push(value);
            }
        }
        Self { members }
    }
}

struct Schema {
    definitions: Map<String, Value>,
    taken: HashSet<String>,
}

impl Schema {
    fn new(name: &str) -> Self {
        let taken = PRIMITIVES.iter().copied().chain([name]).map(str::to_owned).collect();
        Self { definitions: Map::new(), taken }
    }

    /// The name of a definition: that of the member, or with its parent's before it where that is taken.
    fn taken_name(&mut self, member: &str, parent: &str) -> String {
        let longer = format!("{parent}{member}");
        let numbered = (2..).map(|number: usize| format!("{longer}{number}"));
        let mut candidates = [member.to_owned(), longer.clone()].into_iter().chain(numbered);
        let free = candidates.find(|name| !self.taken.contains(name)).unwrap_or_else(|| longer.clone());
        self.taken.insert(free.clone());
        free
    }

    /// A definition; those of its members are named in the order of a hash map of the platform that clients know.
    fn definition(
        &mut self,
        key: &str,
        title: &str,
        object: &Object<'_>,
        is_typed: bool,
        depth: usize,
    ) -> Result<Value, SampleError> {
        if depth > MAX_DEPTH || self.taken.len() > MAX_DEFINITIONS {
            return Err(SampleError::TooLarge);
        }
        let mut properties: Vec<Option<Value>> = vec![None; object.members.len()];
        let names: Vec<&str> = object.members.iter().map(|(name, _)| *name).collect();
        for place in names::visited(&names) {
            let (name, values) = &object.members[place];
            properties[place] = Some(self.property(key, name, values, depth)?);
        }
        let properties: Map<String, Value> =
            names.iter().zip(properties).filter_map(|(name, property)| Some(((*name).to_owned(), property?))).collect();
        let mut definition = json!({ "x-has-customfields": false, "title": title });
        if is_typed {
            definition["type"] = Value::from("object");
        }
        definition["properties"] = Value::Object(properties);
        Ok(definition)
    }

    fn property(&mut self, parent: &str, name: &str, values: &[&Value], depth: usize) -> Result<Value, SampleError> {
        let first = values.iter().find(|value| !value.is_null());
        match first {
            None => Ok(json!({ "type": "unknown" })),
            Some(Value::Object(_)) => {
                let objects: Vec<_> = values.iter().filter_map(|value| value.as_object()).collect();
                Ok(json!({ "type": self.nested(parent, name, &objects, true, depth)? }))
            }
            Some(Value::Array(items)) => {
                let lists = values.iter().filter_map(|value| value.as_array());
                let objects: Vec<_> = lists.flatten().filter_map(Value::as_object).collect();
                if objects.is_empty() {
                    return Ok(scalars(items));
                }
                let item = self.nested(parent, name, &objects, false, depth)?;
                Ok(json!({ "type": "array", "items": { "type": item } }))
            }
            Some(scalar) => Ok(self::scalar(scalar)),
        }
    }

    fn nested(
        &mut self,
        parent: &str,
        name: &str,
        objects: &[&Map<String, Value>],
        is_typed: bool,
        depth: usize,
    ) -> Result<String, SampleError> {
        let key = self.taken_name(name, parent);
        let definition = self.definition(&key, name, &Object::of(objects), is_typed, depth + 1)?;
        self.definitions.insert(key.clone(), definition);
        Ok(key)
    }
}

/// A single value.
fn scalar(value: &Value) -> Value {
    let mut property = json!({ "x-samplevalue": value });
    if value.as_str().is_some_and(is_date_time) {
        property["x-mask"] = Value::from(MASK);
        property["format"] = Value::from("date-time");
    }
    if value.is_i64() || value.is_u64() {
        let is_small = value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
        property["format"] = Value::from(if is_small { "int32" } else { "int64" });
    }
    property["type"] = Value::from(type_of(value));
    property
}

/// A list of single values.
fn scalars(items: &[Value]) -> Value {
    let kind = items.iter().find(|item| !item.is_null()).map_or("string", type_of);
    json!({ "x-samplevalue": items, "type": "array", "items": { "type": kind } })
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) | Value::Null => "string",
    }
}

/// Whether a text is a date with a time: `2017-05-24T18:31:01`, with or without fraction and zone.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    let Some((clock, rest)) = time.split_at_checked(8) else { return false };
    let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let zone = if digits > 0 { &rest[digits + 1..] } else { rest };
    let zone_fits = zone.is_empty() || zone == "Z" || {
        let offset = zone.strip_prefix(['+', '-']).unwrap_or_default();
        shape(offset, "00:00") || shape(offset, "0000") || shape(offset, "00")
    };
    shape(date, "0000-00-00") && shape(clock, "00:00:00") && zone_fits
}
