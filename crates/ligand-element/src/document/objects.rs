//! Objects that resources say they work on become objects of the element.

use serde_json::{Value, json};

use super::Document;

/// Members of a resource's object that tell about this resource, not about the object.
const OF_THE_VIEW: &[&str] = &["id", "type", "fields", "request", "response", "required", "reference"];

/// How deep references are followed.
const DEPTH: usize = 16;

/// Adds to a document the objects that its resources name, also those that fields refer to.
pub fn add_objects(document: &mut Document) {
    let resources = document.get("resources").and_then(Value::as_array);
    let views: Vec<Value> =
        resources.into_iter().flatten().filter_map(|resource| resource.get("object")).cloned().collect();
    for view in &views {
        add(document, view, DEPTH);
    }
}

fn add(document: &mut Document, view: &Value, depth: usize) {
    let Some(members) = view.as_object() else { return };
    let fields: Vec<&Value> =
        view["fields"].as_array().into_iter().flatten().filter(|field| field.is_object()).collect();
    if depth > 0 {
        fields.iter().map(|field| &field["reference"]).for_each(|inner| add(document, inner, depth - 1));
    }
    let Some(name) = view["name"].as_str().filter(|name| !name.is_empty()) else { return };
    let objects = document.entry("objects").or_insert_with(|| json!([]));
    if !objects.is_array() {
        return;
    }
    let Some(objects) = objects.as_array_mut() else { return };
    let position = objects.iter().position(|object| object["name"] == name).unwrap_or_else(|| {
        objects.push(json!({ "name": name }));
        objects.len() - 1
    });
    let Some(object) = objects[position].as_object_mut() else { return };
    for (member, value) in members.iter().filter(|(member, _)| !OF_THE_VIEW.contains(&member.as_str())) {
        object.entry(member.as_str()).or_insert_with(|| value.clone());
    }
    let Value::Array(known) = object.entry("fields").or_insert_with(|| json!([])) else { return };
    for field in fields {
        if known.iter().all(|known| known["name"] != field["name"]) {
            let members = field.as_object().into_iter().flatten();
            let own =
                members.filter(|(member, _)| !matches!(member.as_str(), "id" | "request" | "response" | "reference"));
            known.push(Value::Object(own.map(|(member, value)| (member.clone(), value.clone())).collect()));
        }
    }
}
