//! Which objects an element has and which fields they have, as its definition tells: from its `objects`, from the
//! objects that resources work on, else from the models of resources.

mod models;
#[cfg(test)]
mod tests;

use ligand_element::{Element, Method, Resource, ResourceType, View, resource::Kind};
use serde_json::{Map, Value, json};

/// How deep members of members are followed.
const DEPTH: usize = 6;

/// First segments that every element has and that are no objects.
const BUILT_IN: &[&str] = &["ping", "objects", "query", "bulk"];

/// A field while it is collected.
pub(super) struct Field {
    path: String,
    members: Map<String, Value>,
    methods: Vec<(Method, bool, bool)>,
}

impl Field {
    fn to_json(&self) -> Value {
        let mut members = self.members.clone();
        let method = |(method, request, response): &(Method, bool, bool)| json!({ "name": method.key(), "request": request, "response": response });
        members.insert("method".to_owned(), self.methods.iter().map(method).collect());
        Value::Object(members)
    }
}

/// The names of an element's objects in the order of definition.
pub(super) fn names(element: &Element) -> Vec<String> {
    let defined: Vec<String> = defined_objects(element).iter().filter_map(name_of).map(str::to_owned).collect();
    if !defined.is_empty() {
        return defined;
    }
    let mut names: Vec<String> = Vec::new();
    let served = |resource: &&Resource| resource.executor.is_none_or(|executor| executor == Kind::Builder);
    for name in element.resources_of(ResourceType::Api).filter(served).filter_map(first_segment) {
        if !BUILT_IN.contains(&name) && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Names as `Elements-Version: Helium` shows them.
pub(super) fn in_helium(names: &[String]) -> Value {
    names.iter().map(|name| json!({ "name": name, "vendorName": name, "type": "vendor" })).collect()
}

/// The fields of an object, or `None` when the element has no such object.
pub(super) fn fields(element: &Element, name: &str, custom_only: bool) -> Option<Value> {
    let objects = defined_objects(element);
    let means = |object: &&Value| {
        let vendor_name = object["vendorName"].as_str();
        name_of(object).is_some_and(|own| own.eq_ignore_ascii_case(name)) || vendor_name == Some(name)
    };
    let object = objects.iter().find(means);
    let own_name = object.and_then(name_of).unwrap_or(name).to_owned();
    if object.is_none() && !names(element).contains(&own_name) {
        return None;
    }
    let mut fields = of_views(element, &own_name);
    if fields.is_empty() {
        fields = object.map(|object| of_object(element, object, &own_name)).unwrap_or_default();
    }
    if fields.is_empty() {
        fields = models::fields(&resources_on(element, &own_name));
    }
    let is_custom = |field: &&Field| field.members.get("custom").and_then(Value::as_bool).unwrap_or(false);
    let shown: Vec<Value> =
        fields.iter().filter(|field| !custom_only || is_custom(field)).map(Field::to_json).collect();
    Some(json!({ "fields": shown }))
}

fn defined_objects(element: &Element) -> Vec<Value> {
    match element.to_json(View::Full).get_mut("objects").map(Value::take) {
        Some(Value::Array(objects)) => objects,
        _ => Vec::new(),
    }
}

fn name_of(object: &Value) -> Option<&str> {
    object["name"].as_str()
}

/// The first segment behind `/hubs/{hub}/`, when it is no variable.
fn first_segment(resource: &Resource) -> Option<&str> {
    let path = resource.path.strip_prefix("/hubs/").and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
    path.split('/').next().filter(|first| !first.is_empty() && !first.starts_with('{'))
}

/// The resources that work on an object: `/contacts` and `/contacts/{id}`, and what else says so.
fn resources_on<'a>(element: &'a Element, name: &str) -> Vec<&'a Resource> {
    let depth = |resource: &Resource| resource.path.split('/').skip(3).filter(|part| !part.starts_with('{')).count();
    let on_path = |resource: &Resource| first_segment(resource) == Some(name) && depth(resource) == 1;
    let says = |resource: &Resource| resource.object.as_ref().and_then(name_of) == Some(name);
    element.resources_of(ResourceType::Api).filter(|resource| on_path(resource) || says(resource)).collect()
}

/// From the views that resources have of an object.
fn of_views(element: &Element, name: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    for resource in resources_on(element, name) {
        let Some(object) = resource.object.as_ref().filter(|object| name_of(object) == Some(name)) else { continue };
        let inherited = (true, true);
        collect(&mut fields, &object["fields"], "", Some(resource.method), inherited, DEPTH);
    }
    fields
}

/// From an object of the element itself, whose fields occur wherever a resource works on it.
fn of_object(element: &Element, object: &Value, name: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(&mut fields, &object["fields"], "", None, (true, true), DEPTH);
    let mut methods: Vec<Method> = Vec::new();
    for resource in resources_on(element, name) {
        if resource.method != Method::Delete && !methods.contains(&resource.method) {
            methods.push(resource.method);
        }
    }
    for field in &mut fields {
        let read_only = field.members.get("vendorReadOnly").and_then(Value::as_bool).unwrap_or(false);
        let used = methods.iter().map(|method| (*method, *method != Method::Get && !read_only, true));
        field.methods = used.collect();
    }
    fields
}

/// Takes fields and the members of their references, which inherit whether they are sent and answered.
fn collect(
    fields: &mut Vec<Field>,
    listed: &Value,
    parent: &str,
    method: Option<Method>,
    inherited: (bool, bool),
    depth: usize,
) {
    for listed in listed.as_array().into_iter().flatten() {
        let Some(name) = name_of(listed) else { continue };
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        let flag = |member: &str, default| listed[member].as_bool().unwrap_or(default);
        let (request, response) =
            if parent.is_empty() { (flag("request", inherited.0), flag("response", inherited.1)) } else { inherited };
        let nested = &listed["reference"]["fields"];
        if nested.is_array() && depth > 0 {
            collect(fields, nested, &path, method, (request, response), depth - 1);
            continue;
        }
        let position = fields.iter().position(|field| field.path == path).unwrap_or_else(|| {
            fields.push(Field { members: members(listed, &path), path, methods: Vec::new() });
            fields.len() - 1
        });
        let methods = &mut fields[position].methods;
        if let Some(method) = method.filter(|method| methods.iter().all(|(known, ..)| known != method)) {
            methods.push((method, request, response));
        }
    }
}

fn members(field: &Value, path: &str) -> Map<String, Value> {
    let native = field["type"].as_str().unwrap_or("string");
    let flag = |name: &str| Value::from(field[name].as_bool().unwrap_or(false));
    let mut members = Map::new();
    members.insert("type".to_owned(), Value::from(kind_of(native)));
    members.insert("vendorPath".to_owned(), Value::from(path));
    if let Some(display) = field["displayName"].as_str() {
        members.insert("vendorDisplayName".to_owned(), Value::from(display));
    }
    members.insert("vendorNativeType".to_owned(), Value::from(native));
    members.insert("vendorRequired".to_owned(), flag("required"));
    members.insert("vendorReadOnly".to_owned(), flag("readOnly"));
    members.insert("hidden".to_owned(), flag("hidden"));
    for further in ["filterable", "createable", "updateable", "picklistValues", "custom"] {
        if let Some(value) = field.get(further) {
            members.insert(further.to_owned(), value.clone());
        }
    }
    members
}

/// The platform's kind of a native type.
fn kind_of(native: &str) -> &str {
    match native {
        "integer" | "double" | "float" | "long" | "decimal" => "number",
        other => other,
    }
}
