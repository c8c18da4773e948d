//! References replaced by what they refer to, as far as a document stays finite and readable.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{Document, REFERENCE, referred};

/// Values that the schemas of a resolved document may have: models that refer to each other many times grow beyond all
/// bounds otherwise.
const MAX_VALUES: usize = 200_000;

/// How deep references are followed: JSON that nests deeper is refused by many readers.
const MAX_WAY: usize = 24;

impl Document {
    /// Leaves only the schemas that operations name, with all others put in where they are referred to. What refers
    /// back to where it stands, and what would make the document too large, becomes a plain object.
    pub fn resolve(&mut self) {
        let mut roots = BTreeSet::new();
        for operation in &self.operations {
            operation.body.iter().for_each(|body| named(&body.schema, &mut roots));
            let contents = operation.responses.iter().filter_map(|response| response.content.as_ref());
            contents.for_each(|(_, schema)| named(schema, &mut roots));
        }
        let mut left = MAX_VALUES;
        let mut resolved = Map::new();
        for (name, schema) in self.schemas.iter().filter(|(name, _)| roots.contains(*name)) {
            let mut way = vec![name.clone()];
            resolved.insert(name.clone(), inlined(schema, &self.schemas, &mut way, &mut left));
        }
        self.schemas = resolved;
    }

    /// Leaves out of schemas what is beyond Swagger itself.
    pub fn simplify(&mut self) {
        let without = |schema: &mut Value| strip(schema);
        self.schemas.values_mut().for_each(without);
        for operation in &mut self.operations {
            operation.body.iter_mut().for_each(|body| strip(&mut body.schema));
            let contents = operation.responses.iter_mut().filter_map(|response| response.content.as_mut());
            contents.for_each(|(_, schema)| strip(schema));
        }
    }
}

fn named(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            names.extend(referred(schema));
            members.values().for_each(|inner| named(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| named(inner, names)),
        _ => {}
    }
}

fn inlined(schema: &Value, all: &Map<String, Value>, way: &mut Vec<String>, left: &mut usize) -> Value {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return json!({ "type": "object" });
    }
    match schema {
        Value::Object(members) => {
            if let Some(name) = referred(schema) {
                let Some(target) = all.get(&name).filter(|_| way.len() < MAX_WAY && !way.contains(&name)) else {
                    return json!({ "type": "object", "title": name });
                };
                way.push(name);
                let inner = inlined(target, all, way, left);
                way.pop();
                return inner;
            }
            members.iter().map(|(name, inner)| (name.clone(), member(inner, all, way, left))).collect()
        }
        other => other.clone(),
    }
}

/// What stands in a member: schemas, lists of them, names with them, or plain values.
fn member(value: &Value, all: &Map<String, Value>, way: &mut Vec<String>, left: &mut usize) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|inner| member(inner, all, way, left)).collect(),
        other => inlined(other, all, way, left),
    }
}

fn strip(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|name, value| name == "x-nullable" || !name.starts_with("x-") || is_schema(value));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Whether a member may be a property that happens to be called like an extension.
fn is_schema(value: &Value) -> bool {
    value.get("type").is_some_and(Value::is_string)
        || value["$ref"].as_str().is_some_and(|it| it.starts_with(REFERENCE))
}
