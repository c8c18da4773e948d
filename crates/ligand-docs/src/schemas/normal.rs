//! One schema of a model, in the form of Swagger 2.0.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::document::{REFERENCE, percent_decoded, reference};

/// How deep schemas are followed into each other without a name between.
const DEPTH: usize = 40;

/// Whether a value is of the right kind.
type Fits = fn(&Value) -> bool;

/// Members that mean the same in every dialect, with what they must be.
const KEPT: &[(&str, Fits)] = &[
    ("title", Value::is_string),
    ("description", Value::is_string),
    ("format", Value::is_string),
    ("readOnly", Value::is_boolean),
    ("maximum", Value::is_number),
    ("minimum", Value::is_number),
    ("maxLength", Value::is_u64),
    ("minLength", Value::is_u64),
    ("maxItems", Value::is_u64),
    ("minItems", Value::is_u64),
    ("uniqueItems", Value::is_boolean),
];

/// A type by its names in definitions: that of JSON, and its format.
pub(crate) fn primitive(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "string" | "char" | "unknown" | "text" | "enum" => ("string", None),
        "integer" | "int" | "int32" => ("integer", Some("int32")),
        "long" | "int64" => ("integer", Some("int64")),
        "number" | "decimal" => ("number", None),
        "double" => ("number", Some("double")),
        "float" => ("number", Some("float")),
        "boolean" | "bool" => ("boolean", None),
        "date" => ("string", Some("date")),
        "dateTime" | "datetime" | "date-time" | "timestamp" => ("string", Some("date-time")),
        "password" => ("string", Some("password")),
        "byte" => ("string", Some("byte")),
        "binary" | "file" => ("string", Some("binary")),
        "object" | "map" | "any" => ("object", None),
        "array" | "list" => ("array", None),
        _ => return None,
    })
}

/// The model that a schema names: by `$ref`, or by a type that is the name of one.
pub(crate) fn target<'m>(schema: &Value, models: &'m Map<String, Value>) -> Option<&'m str> {
    let named = |name: &str| models.get_key_value(name).map(|(name, _)| name.as_str());
    if let Some(text) = schema.get("$ref").and_then(Value::as_str) {
        let name = text.strip_prefix(REFERENCE).unwrap_or(text);
        return named(name).or_else(|| named(&percent_decoded(name).replace("~1", "/").replace("~0", "~")));
    }
    // A model may be called like a type: then the type is meant, unless it is none of JSON's.
    let kind = schema.get("type").and_then(Value::as_str)?;
    let is_of_json = ["string", "integer", "number", "boolean", "object", "array"].contains(&kind);
    if is_of_json { None } else { named(kind) }
}

/// The models that a schema names anywhere.
pub(crate) fn references(schema: &Value, models: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(schema, models, DEPTH, &mut found);
    found
}

fn collect(schema: &Value, models: &Map<String, Value>, depth: usize, found: &mut BTreeSet<String>) {
    if depth == 0 || !schema.is_object() {
        return;
    }
    if let Some(name) = target(schema, models) {
        found.insert(name.to_owned());
        return;
    }
    let properties = schema["properties"].as_object().into_iter().flat_map(Map::values);
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let further = schema.as_object().map(items_of);
    for inner in properties.chain(parts).chain(further).chain([&schema["additionalProperties"]]) {
        collect(inner, models, depth - 1, found);
    }
}

/// A schema, its references to the names under which the models are written.
pub(super) fn schema(defined: &Value, models: &Map<String, Value>, names: &BTreeMap<String, String>) -> Value {
    written(defined, models, names, DEPTH).0
}

/// The schema, and whether its parent requires it.
fn written(
    defined: &Value,
    models: &Map<String, Value>,
    names: &BTreeMap<String, String>,
    depth: usize,
) -> (Value, bool) {
    let Value::Object(members) = defined else { return (json!({}), false) };
    let is_required = members.get("required") == Some(&Value::Bool(true));
    if let Some(name) = target(defined, models) {
        let schema = names.get(name).map_or_else(|| json!({ "type": "object" }), |name| reference(name));
        return (schema, is_required);
    }
    let mut schema = Map::new();
    if depth == 0 {
        schema.insert("type".to_owned(), json!("object"));
        return (Value::Object(schema), is_required);
    }
    kind(members, &mut schema);
    for (name, fits) in KEPT {
        if let Some(value) = members.get(*name).filter(|value| fits(value)) {
            schema.insert((*name).to_owned(), value.clone());
        }
    }
    for (name, value) in members.iter().filter(|(name, value)| name.starts_with("x-") && is_plain(value)) {
        schema.insert(name.clone(), value.clone());
    }
    enumeration(members, &mut schema);
    inner(members, models, names, depth, &mut schema);
    (Value::Object(schema), is_required)
}

/// Whether no reader takes a part of a value for a reference.
pub(crate) fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.contains_key("$ref") && members.values().all(is_plain),
        Value::Array(items) => items.iter().all(is_plain),
        _ => true,
    }
}

/// The type and its format.
fn kind(members: &Map<String, Value>, schema: &mut Map<String, Value>) {
    let stated: Vec<&str> = match members.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if stated.contains(&"null") || members.get("nullable") == Some(&Value::Bool(true)) {
        schema.insert("x-nullable".to_owned(), json!(true));
    }
    let stated = stated.into_iter().find(|kind| *kind != "null");
    let refers = members.contains_key("$ref");
    let (kind, format) = match stated {
        Some(_) if members.contains_key("properties") => ("object", None),
        // The name of a model that is not there.
        Some(stated) => primitive(stated).unwrap_or(("object", None)),
        None if members.contains_key("properties") || refers => ("object", None),
        None if members.contains_key("items") => ("array", None),
        None => return,
    };
    schema.insert("type".to_owned(), json!(kind));
    // The width of a plain `integer` is not known.
    if let Some(format) = format.filter(|_| stated != Some("integer")) {
        schema.insert("format".to_owned(), json!(format));
    }
}

fn enumeration(members: &Map<String, Value>, schema: &mut Map<String, Value>) {
    let mut words: Vec<&Value> = Vec::new();
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let fits = |value: &Value| match kind.as_str() {
        "string" => value.is_string(),
        "integer" | "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => !value.is_null(),
    };
    let mut seen = BTreeSet::new();
    for word in members.get("enum").and_then(Value::as_array).into_iter().flatten().filter(|word| fits(word)) {
        if seen.insert(word.to_string()) {
            words.push(word);
        }
    }
    if !words.is_empty() {
        schema.insert("enum".to_owned(), json!(words));
    }
}

/// What is inside of it: properties, items, parts.
fn inner(
    members: &Map<String, Value>,
    models: &Map<String, Value>,
    names: &BTreeMap<String, String>,
    depth: usize,
    schema: &mut Map<String, Value>,
) {
    let one = |defined: &Value| written(defined, models, names, depth - 1);
    if let Some(Value::Object(properties)) = members.get("properties") {
        let mut required: Vec<String> = Vec::new();
        let mut told = Map::new();
        for (name, defined) in properties {
            let (property, is_required) = one(defined);
            told.insert(name.clone(), property);
            if is_required {
                required.push(name.clone());
            }
        }
        for name in members.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !required.iter().any(|known| known == name) {
                required.push(name.to_owned());
            }
        }
        schema.insert("properties".to_owned(), Value::Object(told));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
    }
    if schema.get("type").is_some_and(|kind| kind == "array") {
        schema.insert("items".to_owned(), one(items_of(members)).0);
    }
    match members.get("additionalProperties") {
        Some(Value::Bool(any)) => {
            schema.insert("additionalProperties".to_owned(), json!(any));
        }
        Some(defined @ Value::Object(_)) => {
            schema.insert("additionalProperties".to_owned(), one(defined).0);
        }
        _ => {}
    }
    if let Some(Value::Array(parts)) = members.get("allOf")
        && !parts.is_empty()
    {
        schema.insert("allOf".to_owned(), parts.iter().map(|part| one(part).0).collect());
    }
}

/// What a list is of: the first one of a tuple.
fn items_of(members: &Map<String, Value>) -> &Value {
    match members.get("items") {
        Some(Value::Array(tuple)) => tuple.first().unwrap_or(&Value::Null),
        Some(one) => one,
        None => &Value::Null,
    }
}
