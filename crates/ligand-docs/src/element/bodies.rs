//! What operations of elements take and answer: by the models of resources, by the objects that they work on, by the
//! objects of the element, by what the vendor tells.

use std::collections::{BTreeSet, HashMap};

use ligand_element::{Element, Method, Resource, Source, SourceType};
use serde_json::{Value, json};

use crate::{
    document::{Body, Response, reference},
    objects::{self, FoundObject, Way},
    paths::Path,
    schemas::Schemas,
};

const JSON: &str = "application/json";

/// What else than success an operation may answer.
const FAILURES: &[(u16, &str)] = &[
    (400, "Bad Request - the request lacks something or says something wrong"),
    (401, "Unauthorized - the user secret, the organization secret or the element token is wrong"),
    (403, "Forbidden - the provider does not let this account do it"),
    (404, "Not found - there is no such record"),
    (405, "Method not allowed - the path does not know this verb"),
    (406, "Not acceptable - the answer is of a type that the 'Accept' header rules out"),
    (409, "Conflict - what is to be created exists"),
    (415, "Unsupported media type - the body is of a type that is not read"),
    (500, "Server error - something failed on this server"),
    (502, "Provider server error - something failed at the provider"),
];

/// Where an operation is.
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    /// The object that it works on.
    pub(super) object: &'a str,
    /// What the vendor tells of that.
    pub(super) found: Option<&'a FoundObject>,
}

/// The objects of an element, and the schemas that stand for them in the document.
pub(super) struct Bodies {
    /// By name: as defined.
    defined: HashMap<String, Value>,
    /// By name: the schema of one that only the element or the vendor tells of.
    named: HashMap<String, String>,
    /// By name: the schemas of models that operations on it answer.
    answered: HashMap<String, BTreeSet<String>>,
}

/// The object that a resource says it works on.
pub(super) fn object_of(resource: &Resource) -> Option<String> {
    resource.object.as_ref()?["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

impl Bodies {
    pub(super) fn of(element: &Element) -> Self {
        let listed = element.described("objects").and_then(Value::as_array).into_iter().flatten();
        let named = |object: &Value| Some((object["name"].as_str()?.to_owned(), object.clone()));
        Self { defined: listed.filter_map(named).collect(), named: HashMap::new(), answered: HashMap::new() }
    }

    /// What an operation takes.
    pub(super) fn request(&mut self, schemas: &mut Schemas, resource: &Resource, place: &Place<'_>) -> Option<Body> {
        if matches!(resource.method, Method::Get) {
            return None;
        }
        let asked = resource.parameters.iter().filter(|parameter| parameter.source == Source::Request);
        let whole = asked.clone().find(|parameter| parameter.kind == SourceType::Body);
        let of_fields = fields_asked(resource);
        let says_body = whole.is_some() || !of_fields.is_empty();
        let model = self.model(schemas, resource, "requestName", "requestSwagger", place);
        // Scripts see a body that nothing declares.
        let may_have = model.is_some() || resource.object.is_some() || !resource.hooks.is_empty();
        if !says_body && (resource.method == Method::Delete || !may_have) {
            return None;
        }
        let name = whole.map(|parameter| parameter.name.as_str()).filter(|name| !name.is_empty()).unwrap_or("body");
        let is_model = model.is_some();
        let mut schema = model
            .or_else(|| objects::of_defined(resource.object.as_ref()?, Way::Request))
            .or_else(|| (!of_fields.is_empty()).then(|| with_fields(&of_fields)))
            .or_else(|| objects::of_defined(self.defined.get(place.object)?, Way::Request))
            .or_else(|| self.found(schemas, place).map(|name| reference(&name)))
            .unwrap_or_else(|| json!({ "type": "object" }));
        if let Some(found) = place.found.filter(|_| !is_model && schema["properties"].is_object()) {
            objects::put_custom(&mut schema, found);
        }
        Some(Body {
            name: name.to_owned(),
            media_type: JSON.to_owned(),
            required: whole.is_some_and(|parameter| parameter.required),
            description: whole.and_then(|parameter| parameter.description.clone()),
            schema,
        })
    }

    /// What an operation answers, and of which media type; nothing when that is not known to be anything.
    pub(super) fn response(
        &mut self,
        schemas: &mut Schemas,
        resource: &Resource,
        place: &Place<'_>,
    ) -> Option<(String, Value)> {
        let stated = resource.content_type.as_deref().filter(|it| it.contains('/')).unwrap_or(JSON);
        let media_type = if stated.contains("xml") || stated.contains("json") { JSON } else { stated };
        if media_type != JSON {
            return Some((media_type.to_owned(), json!({ "type": "file" })));
        }
        let model = self.model(schemas, resource, "name", "swagger", place);
        if model.is_none() && resource.method == Method::Delete {
            return None;
        }
        let is_on_object = place.path.literals() == 1;
        let schema = match model {
            Some(schema) => schema,
            None => {
                let view = resource.object.as_ref().and_then(|object| objects::of_defined(object, Way::Response));
                let object = if view.is_none() && is_on_object { self.object(schemas, place) } else { None };
                let item = view.or_else(|| object.as_deref().map(reference));
                let item = item.unwrap_or_else(|| json!({ "type": "object" }));
                let says_list = resource.object.as_ref().is_some_and(|object| object["type"] == "array");
                if says_list || resource.is_list() { json!({ "type": "array", "items": item }) } else { item }
            }
        };
        Some((JSON.to_owned(), schema))
    }

    /// The schema of a resource's model.
    fn model(
        &mut self,
        schemas: &mut Schemas,
        resource: &Resource,
        name: &str,
        swagger: &str,
        place: &Place<'_>,
    ) -> Option<Value> {
        let model = resource.model.as_ref()?;
        let root = model[name].as_str()?;
        let models = model[swagger].as_object()?;
        let root = schemas.take(models, root)?;
        if let Some(name) = &root.name {
            if name_is_request(swagger) {
                let vendor = self.defined.get(place.object).and_then(|object| object["vendorName"].as_str());
                let vendor = vendor.unwrap_or(place.object);
                if let Some(Value::Object(schema)) = schemas.get_mut(name) {
                    schema.entry("x-vendor-objectname").or_insert_with(|| json!(vendor));
                }
            }
            // Where a record is read by its number, its whole form is answered.
            if !name_is_request(swagger) && place.path.literals() == 1 {
                self.answered.entry(place.object.to_owned()).or_default().insert(name.clone());
            }
        }
        Some(root.schema)
    }

    /// The schema of the object that an operation works on, when one is known.
    fn object(&mut self, schemas: &mut Schemas, place: &Place<'_>) -> Option<String> {
        if let Some(known) = self.named.get(place.object) {
            return Some(known.clone());
        }
        let defined = self.defined.get(place.object).and_then(|object| objects::of_defined(object, Way::Response));
        let Some(schema) = defined else { return self.found(schemas, place) };
        let name = schemas.free_name(place.object);
        schemas.add(&name, schema);
        self.named.insert(place.object.to_owned(), name.clone());
        Some(name)
    }

    /// The schema of what the vendor tells of an object that is not described otherwise.
    fn found(&mut self, schemas: &mut Schemas, place: &Place<'_>) -> Option<String> {
        if let Some(known) = self.named.get(place.object) {
            return Some(known.clone());
        }
        let found = place.found.filter(|found| !found.fields.is_empty())?;
        let name = objects::add_found(schemas, found);
        self.named.insert(place.object.to_owned(), name.clone());
        Some(name)
    }

    /// The schemas that the user's own fields of an object belong to: the one with its name, else those that its
    /// operations answer.
    pub(super) fn targets(&self, schemas: &Schemas, object: &str) -> Vec<String> {
        if let Some(named) = self.named.get(object) {
            return vec![named.clone()];
        }
        if schemas.contains(object) {
            return vec![object.to_owned()];
        }
        self.answered.get(object).into_iter().flatten().cloned().collect()
    }
}

fn name_is_request(swagger: &str) -> bool {
    swagger == "requestSwagger"
}

/// The members that a resource takes out of the caller's body.
fn fields_asked(resource: &Resource) -> Vec<(&str, &str)> {
    let asked = resource.parameters.iter().filter(|parameter| parameter.source == Source::Request);
    let fields = asked.filter(|parameter| parameter.kind == SourceType::BodyField && !parameter.name.is_empty());
    fields.map(|parameter| (parameter.name.as_str(), parameter.data_type.as_deref().unwrap_or_default())).collect()
}

/// An object with these members, dotted ones inside of others.
fn with_fields(fields: &[(&str, &str)]) -> Value {
    let mut root = json!({ "type": "object", "properties": {} });
    for (path, kind) in fields {
        let mut place = &mut root;
        let mut names = path.split('.').take(20).peekable();
        while let Some(name) = names.next() {
            let name = name.split('[').next().unwrap_or(name);
            let property = &mut place["properties"][name];
            if names.peek().is_none() {
                if property.is_null() {
                    *property = match crate::schemas::primitive(kind) {
                        Some(("array", _)) => json!({ "type": "array", "items": {} }),
                        Some((kind, _)) => json!({ "type": kind }),
                        None => json!({}),
                    };
                }
                break;
            }
            if !property["properties"].is_object() {
                *property = json!({ "type": "object", "properties": {} });
            }
            place = property;
        }
    }
    root
}

/// Success with this content, and the failures.
pub(super) fn responses(content: Option<(String, Value)>, is_list: bool) -> Vec<Response> {
    let mut success = Response::of(200, "OK - Everything worked as expected");
    success.content = content;
    if is_list {
        success.headers = vec![
            ("Elements-Returned-Count".to_owned(), "Records in this answer".to_owned()),
            ("Elements-Next-Page-Token".to_owned(), "Send it as nextPage for the next page".to_owned()),
        ];
    }
    let failures = FAILURES.iter().map(|(status, description)| Response::of(*status, *description));
    std::iter::once(success).chain(failures).collect()
}

/// The answer of what every element has.
pub(super) fn of_built_in(schemas: &mut Schemas, path: &str) -> Value {
    let text = json!({ "type": "string" });
    match path {
        "/ping" => json!({
            "type": "object",
            "properties": { "dateTime": text, "endpoint": text, "valid": { "type": "boolean" } },
        }),
        "/objects" => json!({ "type": "array", "items": text }),
        "/objects/{objectName}/metadata" => {
            let flag = json!({ "type": "boolean" });
            let method = json!({
                "type": "object", "properties": { "name": text, "request": flag, "response": flag },
            });
            let field = json!({
                "type": "object",
                "properties": {
                    "type": text, "path": text, "vendorPath": text, "vendorNativeType": text, "vendorDisplayName": text,
                    "vendorRequired": flag, "vendorReadOnly": flag, "hidden": flag, "filterable": flag,
                    "createable": flag, "updateable": flag, "custom": flag,
                    "picklistValues": { "type": "array", "items": {} },
                    "method": { "type": "array", "items": method },
                },
            });
            let name = schemas.free_name("objectsMetadata");
            schemas.add(
                &name,
                json!({ "type": "object", "properties": { "fields": { "type": "array", "items": field } } }),
            );
            reference(&name)
        }
        "/query" => json!({ "type": "array", "items": { "type": "object" } }),
        _ => json!({ "type": "object" }),
    }
}
