//! Whether a written document holds together: what validators of either format find in the documents that we write.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::percent_decoded;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Everything that is wrong with a written document, in either format.
#[must_use]
pub fn problems(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let is_swagger = document["swagger"] == "2.0";
    let known: &[&str] = if is_swagger {
        &["swagger", "info", "host", "basePath", "schemes", "tags", "paths", "definitions"]
    } else {
        &["openapi", "info", "servers", "tags", "paths", "components"]
    };
    for name in document.as_object().into_iter().flatten().map(|(name, _)| name) {
        if !known.contains(&name.as_str()) {
            found.push(format!("{name} is no member of a document"));
        }
    }
    for member in ["title", "version"] {
        if document["info"][member].as_str().is_none_or(str::is_empty) {
            found.push(format!("info.{member} is missing"));
        }
    }
    let mut ids = BTreeSet::new();
    let mut shapes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        if !path.starts_with('/') {
            found.push(format!("{path} does not begin with a slash"));
        }
        if !shapes.insert(shape(path)) {
            found.push(format!("{path} is there under other names of its variables"));
        }
        for (method, operation) in item.as_object().into_iter().flatten() {
            let place = format!("{method} {path}");
            if !METHODS.contains(&method.as_str()) {
                found.push(format!("{place}: no such verb"));
            }
            let id = operation["operationId"].as_str().unwrap_or_default();
            if id.is_empty() || !ids.insert(id.to_owned()) {
                found.push(format!("{place}: the id {id:?} is missing or not the only one"));
            }
            if operation["responses"].as_object().is_none_or(serde_json::Map::is_empty) {
                found.push(format!("{place}: no responses"));
            }
            parameters(path, &operation["parameters"], is_swagger, &place, &mut found);
        }
    }
    references(document, document, "", &mut found);
    found
}

fn parameters(path: &str, listed: &Value, is_swagger: bool, place: &str, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    let (mut bodies, mut fields) = (0, 0);
    let mut declared = BTreeSet::new();
    for parameter in listed.as_array().into_iter().flatten() {
        let (name, at) = (parameter["name"].as_str().unwrap_or_default(), parameter["in"].as_str().unwrap_or_default());
        if name.is_empty() || !seen.insert((at, name)) {
            found.push(format!("{place}: the parameter {name:?} has no name, or is there twice"));
        }
        bodies += usize::from(at == "body");
        fields += usize::from(at == "formData");
        let is_typed = match (is_swagger, at) {
            (true, "body") | (false, _) => parameter["schema"].is_object(),
            (true, _) => {
                parameter["type"].is_string() && (parameter["type"] != "array" || parameter["items"].is_object())
            }
        };
        if !is_typed {
            found.push(format!("{place}: the parameter {name} has no type"));
        }
        if at == "path" {
            declared.insert(name.to_owned());
            if parameter["required"] != true {
                found.push(format!("{place}: the variable {name} is not required"));
            }
        }
    }
    if bodies > 1 || (bodies > 0 && fields > 0) {
        found.push(format!("{place}: more than one body"));
    }
    let variables: BTreeSet<String> = variables(path).map(str::to_owned).collect();
    if variables != declared {
        found.push(format!("{place}: the path has the variables {variables:?}, declared are {declared:?}"));
    }
}

fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// A path without the names of its variables.
fn shape(path: &str) -> String {
    let mut shape = path.split('{').next().unwrap_or_default().to_owned();
    for rest in path.split('{').skip(1) {
        shape.push_str("{}");
        shape.push_str(rest.split_once('}').map_or("", |(_, after)| after));
    }
    shape
}

fn references(document: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').map(percent_decoded);
                if pointer.is_none_or(|pointer| document.pointer(&pointer).is_none()) {
                    found.push(format!("{place} refers to {reference}, which is not there"));
                }
            }
            for (name, inner) in members {
                references(document, inner, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| references(document, inner, place, found)),
        _ => {}
    }
}
