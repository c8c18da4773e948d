//! Objects and their fields as schemas: those of definitions, and those that a vendor tells of.

use serde_json::{Map, Value, json};

use crate::{
    document::reference,
    schemas::{Schemas, is_plain, primitive},
};

/// How deep fields of fields are followed.
const DEPTH: usize = 20;

/// Which way an object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the caller: fields that are sent.
    Request,
    /// To the caller: fields that are answered.
    Response,
}

/// An object of a vendor, as it is known through an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundObject {
    /// What callers call it.
    pub name: String,
    /// Its fields as `/objects/{name}/metadata` shows them.
    pub fields: Vec<Value>,
}

/// The schema of an object of a definition; `None` when it has no fields.
pub(crate) fn of_defined(object: &Value, way: Way) -> Option<Value> {
    let fields = object["fields"].as_array().filter(|fields| !fields.is_empty())?;
    let mut schema = properties(fields, way, (true, true), DEPTH);
    let name = text(object, "name").unwrap_or_default();
    schema["x-vendor-objectname"] = json!(text(object, "vendorName").unwrap_or(name));
    if let Some(key) = text(object, "primaryKeyName") {
        schema["x-primary-key"] = json!([key]);
    }
    Some(schema)
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value[member].as_str().filter(|text| !text.is_empty())
}

fn properties(fields: &[Value], way: Way, inherited: (bool, bool), depth: usize) -> Value {
    let (mut told, mut required) = (Map::new(), Vec::new());
    for field in fields {
        let Some(name) = text(field, "name") else { continue };
        let flag = |member: &str, default| field[member].as_bool().unwrap_or(default);
        let ways = (flag("request", inherited.0), flag("response", inherited.1));
        let is_told = match way {
            Way::Request => ways.0 && !flag("readOnly", false),
            Way::Response => ways.1,
        };
        if is_told {
            told.insert(name.to_owned(), of_field(field, way, depth));
            if way == Way::Request && flag("required", false) {
                required.push(name);
            }
        }
    }
    let mut schema = json!({ "type": "object", "properties": told });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_field(field: &Value, way: Way, depth: usize) -> Value {
    let (kind, format) = primitive(text(field, "type").unwrap_or("string")).unwrap_or(("string", None));
    let nested = field["reference"]["fields"].as_array().filter(|_| depth > 0);
    let inner = nested.map(|fields| properties(fields, way, (true, true), depth - 1));
    let mut schema = match (kind, inner) {
        ("array", inner) => json!({ "type": "array", "items": inner.unwrap_or_else(|| json!({})) }),
        (_, Some(inner)) => inner,
        (kind, None) => json!({ "type": kind }),
    };
    let format = text(field, "format").or(format.filter(|_| text(field, "type") != Some("integer")));
    let texts = [
        ("format", format.filter(|_| kind != "array" && kind != "object")),
        ("title", text(field, "displayName")),
        ("description", text(field, "description")),
        ("x-mask", text(field, "mask")),
    ];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        schema[name] = json!(text);
    }
    if field["readOnly"] == true {
        schema["readOnly"] = json!(true);
    }
    if let Some(sample) = field.get("sampleValue").filter(|sample| !sample.is_null() && is_plain(sample)) {
        schema["x-samplevalue"] = sample.clone();
    }
    schema
}

/// A schema of all fields that a vendor tells of, under the object's name.
pub(crate) fn add_found(schemas: &mut Schemas, object: &FoundObject) -> String {
    let name = schemas.free_name(&object.name);
    schemas.add(&name, json!({ "type": "object", "properties": {} }));
    for field in &object.fields {
        add_field(schemas, &name, field);
    }
    name
}

/// Lays the fields that are the user's own over a schema.
pub(crate) fn add_custom(schemas: &mut Schemas, target: &str, object: &FoundObject) {
    for field in object.fields.iter().filter(|field| field["custom"] == true) {
        add_field(schemas, target, field);
    }
}

/// Puts a field where its path says: members of members stand in a schema of their own, called like the member.
fn add_field(schemas: &mut Schemas, target: &str, field: &Value) {
    let path = text(field, "path").or_else(|| text(field, "vendorPath"));
    let Some(path) = path.map(|path| path.strip_prefix("[*].").unwrap_or(path)) else { return };
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let (first, is_list) = first.strip_suffix("[*]").map_or((first, false), |first| (first, true));
    let Some(rest) = rest else { return insert(schemas, target, first, leaf(field, is_list)) };
    let known = schemas.get_mut(target).map(|schema| &schema["properties"][first]);
    let child = known
        .and_then(|known| crate::document::referred(known).or_else(|| crate::document::referred(known.get("items")?)));
    match child.filter(|child| schemas.contains(child)) {
        Some(child) => put(schemas, &child, rest, field),
        None => {
            let child = schemas.free_name(first);
            schemas.add(&child, json!({ "type": "object", "properties": {} }));
            let refers = reference(&child);
            let schema = if is_list { json!({ "type": "array", "items": refers }) } else { refers };
            insert(schemas, target, first, schema);
            put(schemas, &child, rest, field);
        }
    }
}

/// Puts the fields that are the user's own into the schema of a body that is sent.
pub(crate) fn put_custom(schema: &mut Value, object: &FoundObject) {
    let is_sent = |field: &&Value| field["custom"] == true && field["vendorReadOnly"] != true;
    for field in object.fields.iter().filter(is_sent) {
        if let Some(path) = text(field, "path").or_else(|| text(field, "vendorPath")) {
            put_into(schema, path, field);
        }
    }
}

/// Puts a field into a named schema.
fn put(schemas: &mut Schemas, target: &str, path: &str, field: &Value) {
    if let Some(target) = schemas.get_mut(target) {
        put_into(target, path, field);
    }
}

/// Puts a field into a schema, the members on its way inline.
fn put_into(schema: &mut Value, path: &str, field: &Value) {
    let mut place = schema;
    let mut segments = path.split('.').take(DEPTH).peekable();
    while let Some(segment) = segments.next() {
        let (name, is_list) = segment.strip_suffix("[*]").map_or((segment, false), |name| (name, true));
        if !place["properties"].is_object() {
            *place = json!({ "type": "object", "properties": {} });
        }
        let properties = &mut place["properties"];
        if segments.peek().is_none() {
            properties[name] = leaf(field, is_list);
            return;
        }
        if !properties[name].is_object() || properties[name].get("$ref").is_some() {
            properties[name] = if is_list { json!({ "type": "array", "items": {} }) } else { json!({}) };
        }
        place = if is_list { &mut properties[name]["items"] } else { &mut properties[name] };
    }
}

fn insert(schemas: &mut Schemas, target: &str, name: &str, schema: Value) {
    let Some(target) = schemas.get_mut(target).filter(|target| target.is_object()) else { return };
    if !target["properties"].is_object() {
        target["type"] = json!("object");
        target["properties"] = json!({});
    }
    target["properties"][name] = schema;
}

fn leaf(field: &Value, is_list: bool) -> Value {
    let kind = text(field, "vendorNativeType").and_then(primitive).or_else(|| primitive(text(field, "type")?));
    let (kind, format) = kind.unwrap_or(("string", None));
    let mut schema = json!({ "type": kind });
    if let Some(format) = format {
        schema["format"] = json!(format);
    }
    if kind == "array" {
        schema["items"] = json!({});
    }
    if let Some(title) = text(field, "vendorDisplayName") {
        schema["title"] = json!(title);
    }
    if field["vendorReadOnly"] == true {
        schema["readOnly"] = json!(true);
    }
    if is_list { json!({ "type": "array", "items": schema }) } else { schema }
}
