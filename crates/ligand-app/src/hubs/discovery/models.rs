//! Fields from the models of resources: schemas of requests and answers, whose references are followed.

use ligand_element::{Method, Resource};
use serde_json::{Map, Value};

use super::{DEPTH, Field, kind_of};

/// The order in which a field's verbs are told.
const ORDER: &[Method] = &[Method::Patch, Method::Put, Method::Get, Method::Post];

/// The fields of all models, each once.
pub(super) fn fields(resources: &[&Resource]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for resource in resources.iter().filter(|resource| resource.method != Method::Delete) {
        let Some(model) = &resource.model else { continue };
        for (name, schemas, request) in [("name", "swagger", false), ("requestName", "requestSwagger", true)] {
            if request && resource.method == Method::Get {
                continue;
            }
            let schemas = &model[schemas];
            let Some(root) = model[name].as_str().map(|name| &schemas[name]) else { continue };
            let mut found = Vec::new();
            walk(schemas, root, "", DEPTH, &mut found);
            for (path, native) in found {
                note(&mut fields, &path, &native, resource.method, request);
            }
        }
    }
    for field in &mut fields {
        let place = |method: &Method| ORDER.iter().position(|each| each == method);
        field.methods.sort_by_key(|(method, ..)| place(method));
    }
    fields
}

fn note(fields: &mut Vec<Field>, path: &str, native: &str, method: Method, request: bool) {
    let position = fields.iter().position(|field| field.path == path).unwrap_or_else(|| {
        fields.push(Field { path: path.to_owned(), members: members(path, native), methods: Vec::new() });
        fields.len() - 1
    });
    let field = &mut fields[position];
    let flag = match method {
        Method::Post => Some("createable"),
        Method::Patch | Method::Put => Some("updateable"),
        Method::Get | Method::Delete => None,
    };
    if let Some(flag) = flag.filter(|_| request) {
        field.members.insert(flag.to_owned(), Value::from(true));
    }
    match field.methods.iter_mut().find(|(known, ..)| *known == method) {
        Some((_, requests, responds)) => {
            *requests |= request;
            *responds |= !request;
        }
        None => field.methods.push((method, request, !request)),
    }
}

fn members(path: &str, native: &str) -> Map<String, Value> {
    let pairs = [
        ("type", Value::from(kind_of(native))),
        ("path", Value::from(path)),
        ("vendorPath", Value::from(path)),
        ("vendorNativeType", Value::from(native)),
        ("createable", Value::from(false)),
        ("updateable", Value::from(false)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Collects path and native type of every leaf below a schema.
fn walk(schemas: &Value, schema: &Value, path: &str, depth: usize, found: &mut Vec<(String, String)>) {
    let schema = followed(schemas, schema);
    let native = schema["type"].as_str().unwrap_or("object");
    if depth == 0 {
        found.push((path.to_owned(), native.to_owned()));
    } else if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            walk(schemas, property, &path, depth - 1, found);
        }
    } else if native == "array" {
        let items = followed(schemas, &schema["items"]);
        let is_root = path.is_empty();
        if items["properties"].is_object() || is_root {
            let path = if is_root { String::new() } else { format!("{path}[*]") };
            walk(schemas, items, &path, depth - 1, found);
        } else {
            found.push((path.to_owned(), native.to_owned()));
        }
    } else if !path.is_empty() {
        found.push((path.to_owned(), native.to_owned()));
    }
}

/// The schema that a reference names: `$ref`, or a type that is the name of a schema.
fn followed<'a>(schemas: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().or_else(|| schema["type"].as_str());
    let name = reference.map(|name| name.trim_start_matches("#/definitions/"));
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}
