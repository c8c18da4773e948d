//! Which objects an element has and which fields they have, as its definition tells: from its `objects`, from the
//! objects that resources work on, else from the models of resources. What the element's own discovery resources
//! answer is laid over that.

mod found;
mod models;
#[cfg(test)]
mod tests;

use ligand_element::{Element, Method, Resource, ResourceType, View, resource::Kind};
use serde_json::{Map, Value, json};

/// How deep members of members are followed.
const DEPTH: usize = 6;

/// First segments that every element has and that are no objects.
const BUILT_IN: &[&str] = &["ping", "objects", "query", "bulk"];

/// An object by its two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// What callers call it.
    pub(super) name: String,
    /// What the vendor calls it.
    pub(super) vendor_name: String,
    /// Whether it is not the definition that has it.
    is_found: bool,
}

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

/// An element's objects in the order of definition. An element of the platform that defines objects thereby says which
/// of its paths are some; users define objects one by one, so that their paths count too.
pub(super) fn objects(element: &Element) -> Vec<Object> {
    let defined = defined_objects(element);
    let mut objects: Vec<Object> = defined.iter().filter_map(Object::read).collect();
    let is_private = element.to_json(View::Abridged)["private"] == true;
    let all = is_private || defined.iter().all(|object| object.get("ownerAccountId").is_some());
    let served = |resource: &&Resource| {
        resource.executor.is_none_or(|executor| executor == Kind::Builder) && (all || resource.is_account_owned)
    };
    for name in element.resources_of(ResourceType::Api).filter(served).filter_map(first_segment) {
        if !BUILT_IN.contains(&name) && !objects.iter().any(|known| known.name == name) {
            objects.push(Object::called(name));
        }
    }
    objects
}

/// The names of an element's objects in the order of definition.
pub(crate) fn names(element: &Element) -> Vec<String> {
    objects(element).into_iter().map(|object| object.name).collect()
}

/// The objects of the definition, then those that the element's own `GET /objects` answers beside them; `None` when
/// it answers something else.
pub(super) fn with_found(mut own: Vec<Object>, answer: &Value) -> Option<Vec<Object>> {
    for mut object in found::objects(answer)? {
        object.is_found = true;
        if !own.iter().any(|known| known.name.eq_ignore_ascii_case(&object.name)) {
            own.push(object);
        }
    }
    Some(own)
}

/// The names as they are listed by default: what was found only under the vendor's name for an object of the definition
/// is not listed again.
pub(super) fn in_hydrogen(objects: &[Object]) -> Value {
    let is_another = |object: &&Object| {
        let renamed = |other: &Object| other.is_renamed() && other.vendor_name.eq_ignore_ascii_case(&object.name);
        !object.is_found || !objects.iter().any(renamed)
    };
    objects.iter().filter(is_another).map(|object| Value::from(object.name.as_str())).collect()
}

/// Names as `Elements-Version: Helium` shows them.
pub(super) fn in_helium(objects: &[Object]) -> Value {
    let shown = |object: &Object| {
        let kind = if object.is_renamed() { "ceCanonical" } else { "vendor" };
        json!({ "name": object.name, "vendorName": object.vendor_name, "type": kind })
    };
    objects.iter().map(shown).collect()
}

/// The vendor's name of an object, by either of its names; one that the definition does not have is called as it is.
pub(super) fn vendor_name(element: &Element, name: &str) -> String {
    let objects = objects(element);
    let known = objects.iter().find(|object| object.is_called(name));
    known.map_or_else(|| name.to_owned(), |object| object.vendor_name.clone())
}

/// What callers call an object, by either of its names; one that the definition does not have is called as it is.
pub(super) fn own_name(element: &Element, name: &str) -> String {
    let known = objects(element).into_iter().find(|object| object.is_called(name));
    known.map_or_else(|| name.to_owned(), |object| object.name)
}

/// The fields of an object as the definition has them, or `None` when it has no such object.
pub(super) fn fields(element: &Element, name: &str) -> Option<Vec<Field>> {
    let objects = defined_objects(element);
    let means = |object: &&Value| Object::read(object).is_some_and(|object| object.is_called(name));
    let object = objects.iter().find(means);
    let own_name = object.and_then(name_of).unwrap_or(name).to_owned();
    if object.is_none() && !self::objects(element).iter().any(|known| known.name == own_name) {
        return None;
    }
    let mut fields = of_views(element, &own_name);
    if fields.is_empty() {
        fields = object.map(|object| of_object(element, object, &own_name)).unwrap_or_default();
    }
    if fields.is_empty() {
        fields = models::fields(&resources_on(element, &own_name));
    }
    Some(fields)
}

/// The fields of the definition under those that the element's own metadata resource answers; `None` when it answers
/// something else.
pub(super) fn with_found_fields(
    element: &Element,
    name: &str,
    own: Option<Vec<Field>>,
    answer: &Value,
) -> Option<Vec<Field>> {
    let known = objects(element);
    let own_name = known.iter().find(|object| object.is_called(name)).map_or(name, |object| &object.name);
    found::fields(own.unwrap_or_default(), answer, &methods_on(element, own_name))
}

/// The body of a metadata answer.
pub(super) fn shown(fields: &[Field], custom_only: bool) -> Value {
    let is_custom = |field: &&Field| field.members.get("custom").and_then(Value::as_bool).unwrap_or(false);
    let shown = fields.iter().filter(|field| !custom_only || is_custom(field)).map(Field::to_json);
    json!({ "fields": shown.collect::<Vec<_>>() })
}

impl Object {
    /// One that the vendor calls the same.
    fn called(name: &str) -> Self {
        Self { name: name.to_owned(), vendor_name: name.to_owned(), is_found: false }
    }

    fn read(object: &Value) -> Option<Self> {
        let name = name_of(object)?;
        let vendor_name = object["vendorName"].as_str().filter(|name| !name.is_empty()).unwrap_or(name);
        Some(Self { name: name.to_owned(), vendor_name: vendor_name.to_owned(), is_found: false })
    }

    fn is_renamed(&self) -> bool {
        self.name != self.vendor_name
    }

    /// Whether this is one of its names. Letter case does not matter to its own.
    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.vendor_name == name
    }
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
    let methods = methods_on(element, name);
    for field in &mut fields {
        let read_only = field.members.get("vendorReadOnly").and_then(Value::as_bool).unwrap_or(false);
        let used = methods.iter().map(|method| (*method, *method != Method::Get && !read_only, true));
        field.methods = used.collect();
    }
    fields
}

/// The verbs by which records of an object are read and written.
fn methods_on(element: &Element, name: &str) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for resource in resources_on(element, name) {
        if resource.method != Method::Delete && !methods.contains(&resource.method) {
            methods.push(resource.method);
        }
    }
    methods
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
