//! Whether a value is of a schema, as far as the schemas of the platform's document go.

use serde_json::Value;

/// Where a value departs from a schema of a document.
pub(crate) fn problems(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(document, schema, value, "", &mut found);
    found
}

fn check(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        return check(document, schema.expect("references lead somewhere"), value, place, found);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(document, part, value, place, found);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|kind| is_of(value, kind)) {
        found.push(format!("{place} is no {types:?}: {value}"));
        return;
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) && !value.is_null() {
        found.push(format!("{place} is none of {}: {value}", schema["enum"]));
    }
    if let Value::Object(members) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                found.push(format!("{place}/{name} is missing"));
            }
        }
        for (name, inner) in members {
            let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
            if let Some(known) = known {
                check(document, known, inner, &format!("{place}/{name}"), found);
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{place}[]"), found);
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}
