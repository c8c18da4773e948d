//! OData V1 to V4: each entity set becomes resources that list, create, read, change and delete, with its collections
//! as children.

mod csdl;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::{
    Choice, Document, ImportError, Imported,
    definition::{Definition, Resource, Way, base_url, body, cleaned, fixed, parameter},
    model::{Id, Models},
    remarks::Remarks,
};
use csdl::{Entity, Model, Property, Set, Version, attribute};

/// How many resources there are at most with those of children.
const MAX_WITH_CHILDREN: usize = 400;

/// Last parts of namespaces that say nothing.
const GENERIC: &[&str] = &[
    "model",
    "models",
    "entities",
    "entity",
    "data",
    "dataservice",
    "dataservices",
    "service",
    "services",
    "api",
    "odata",
    "container",
    "default",
    "metadata",
    "schema",
    "types",
    "edm",
    "domain",
    "core",
    "common",
];

/// Turns OData metadata into a definition.
///
/// # Errors
/// See [`crate::convert`].
pub(crate) fn convert(documents: &[Document], choice: &Choice) -> Result<Imported, ImportError> {
    let roots = csdl::parse(documents)?;
    let model = Model::of(&roots);
    let mut work = Work {
        model: &model,
        models: Models::default(),
        known: HashMap::new(),
        open: Vec::new(),
        remarks: Remarks::default(),
    };
    let mut resources = Vec::new();
    let sets = model.sets(false);
    let entities: Vec<(&Set<'_>, Entity<'_>)> = sets.iter().filter_map(|set| Some((set, work.entity(set)?))).collect();
    for (set, entity) in &entities {
        resources.extend(work.set(set, entity));
    }
    for set in model.sets(true) {
        if work.entity(&set).is_some() {
            resources.extend(work.single(&set));
        }
    }
    resources.retain(|made| made.is_chosen(choice));
    let chosen: HashSet<&str> = resources.iter().map(|made| made.set).collect();
    for (set, entity) in entities.iter().filter(|(set, _)| chosen.contains(set.name)) {
        let children: Vec<Made<'_>> =
            work.children(set, entity).into_iter().filter(|made| made.is_chosen(choice)).collect();
        if resources.len() + children.len() > MAX_WITH_CHILDREN && !children.is_empty() {
            work.remarks
                .add(set.name, "its collections were left out, because there are too many resources: choose some");
        } else {
            resources.extend(children);
        }
    }
    let operations = model.operations();
    if operations > 0 {
        work.remarks.add("", format!("{operations} functions and actions were left out"));
    }
    work.fill();
    let mut remarks = work.remarks;
    let address = documents.first().and_then(|document| address(&document.name));
    if address.is_none() {
        remarks.add("", "metadata does not say where the service is: base.url has to be given");
    }
    remarks.add(
        "",
        "metadata does not say how the service is opened: authentication is basic, without a duty to give credentials",
    );
    let objects = objects(&model, &entities, &chosen);
    let head = head(&model, objects);
    let definition = Definition {
        head,
        configuration: configuration(address.as_deref()),
        parameters: general(model.version),
        resources: resources.into_iter().map(|made| made.resource).collect(),
    };
    definition.finish(&work.models, remarks)
}

/// The service's address, when the document's name is that of its metadata.
fn address(name: &str) -> Option<String> {
    let is_web = name.starts_with("https://") || name.starts_with("http://");
    let address = name.split(['?', '#']).next().unwrap_or_default().strip_suffix("$metadata")?;
    let is_plain = !address.contains(['{', '}', '@', ' ']);
    (is_web && is_plain).then(|| address.trim_end_matches('/').to_owned())
}

fn head(model: &Model<'_>, objects: Vec<Value>) -> Map<String, Value> {
    let namespace = model.namespace();
    let parts: Vec<&str> = namespace.split('.').filter(|part| !part.is_empty()).collect();
    let is_generic = |part: &&&str| {
        let lower = part.to_ascii_lowercase();
        let is_version = lower.trim_start_matches('v').bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        GENERIC.contains(&lower.as_str()) || is_version
    };
    let name = parts.iter().rev().find(|part| !is_generic(part)).or(parts.last()).map_or("OData", |part| *part);
    let name = cleaned(name, 200);
    let mut head = Map::new();
    head.insert("description".to_owned(), Value::from(cleaned(&format!("OData service {namespace}"), 1000)));
    head.insert("name".to_owned(), Value::from(name));
    head.insert("hub".to_owned(), Value::from("general"));
    head.insert("protocolType".to_owned(), Value::from("odata"));
    head.insert("authentication".to_owned(), json!({ "type": "basic" }));
    head.insert("objects".to_owned(), Value::Array(objects));
    head
}

fn configuration(address: Option<&str>) -> Vec<Value> {
    vec![
        base_url(address),
        json!({ "key": "username", "required": false }),
        json!({ "key": "password", "required": false }),
        json!({ "key": "pagination.type", "defaultValue": "offset" }),
        json!({ "key": "pagination.page.startindex", "defaultValue": "0" }),
    ]
}

/// What every request says about the protocol.
fn general(version: Version) -> Vec<Value> {
    let headers: &[(&str, &str)] = match version {
        Version::V2 => &[("Accept", "application/json"), ("MaxDataServiceVersion", "2.0")],
        Version::V3 => &[("Accept", "application/json;odata=verbose"), ("MaxDataServiceVersion", "3.0")],
        Version::V4 => &[("Accept", "application/json"), ("OData-MaxVersion", "4.01")],
    };
    headers.iter().filter_map(|(name, value)| fixed(name, value, "header")).collect()
}

/// What lists of sets can be searched by.
fn objects(model: &Model<'_>, entities: &[(&Set<'_>, Entity<'_>)], chosen: &HashSet<&str>) -> Vec<Value> {
    let chosen = entities.iter().filter(|(set, _)| chosen.contains(set.name));
    let object = |(set, entity): &(&Set<'_>, Entity<'_>)| {
        let mut object = json!({ "name": set.name, "vendorName": set.name });
        if let [key] = entity.key.as_slice() {
            object["primaryKeyName"] = Value::from(key.name);
        }
        object["searchConfiguration"] = search(model, entity);
        if !entity.is_open && fields(model, entity).is_empty() {
            object["searchable"] = Value::from(false);
        }
        object
    };
    chosen.map(object).collect()
}

fn search(model: &Model<'_>, entity: &Entity<'_>) -> Value {
    // An open type has properties that no metadata knows.
    let fields = if entity.is_open { Vec::new() } else { fields(model, entity) };
    json!({ "fields": fields, "operators": ["and", "or"] })
}

/// The properties that a filter may name, those of complex ones behind a dot.
fn fields(model: &Model<'_>, entity: &Entity<'_>) -> Vec<String> {
    let mut fields = Vec::new();
    let is_filterable =
        |property: &&Property<'_>| !property.is_many && attribute(property.node, "filterable") != Some("false");
    for property in entity.properties.iter().filter(is_filterable) {
        if model.is_complex(property.kind) {
            let inner = model.entity(property.kind).unwrap_or_default().properties;
            let inner = inner.iter().filter(is_filterable).filter(|inner| !model.is_complex(inner.kind));
            fields.extend(inner.map(|inner| format!("{}.{}", property.name, inner.name)));
        } else {
            fields.push(property.name.to_owned());
        }
    }
    fields.truncate(500);
    fields
}

/// A resource with what chooses it.
struct Made<'x> {
    set: &'x str,
    resource: Resource,
}

impl Made<'_> {
    fn is_chosen(&self, choice: &Choice) -> bool {
        let text = |member: &str| self.resource.json.get(member).and_then(Value::as_str).unwrap_or_default();
        choice.takes(Some(text("operationId")), text("method"), text("path"), &[self.set])
    }
}

struct Work<'m, 'x> {
    model: &'m Model<'x>,
    models: Models,
    known: HashMap<String, Id>,
    open: Vec<(Id, String)>,
    remarks: Remarks,
}

impl<'x> Work<'_, 'x> {
    fn entity(&mut self, set: &Set<'x>) -> Option<Entity<'x>> {
        let entity = self.model.entity(&set.kind);
        if entity.is_none() {
            self.remarks.add(set.name, format!("left out, because there is no type {}", cleaned(&set.kind, 200)));
        }
        entity
    }

    fn set(&mut self, set: &Set<'x>, entity: &Entity<'x>) -> Vec<Made<'x>> {
        let path = format!("/{}", set.name);
        let of_type = self.model_of(&set.kind);
        let list = self.list(&path, &[], None);
        let mut made = vec![self.made(set, "list", "GET", &path, list, of_type.map(|id| (id, true)))];
        if self.model.allows(set, "Insertable", "creatable") {
            let json = vec![body(true)];
            made.push(self.made(set, "create", "POST", &path, self.one(json, &path), of_type.map(|id| (id, false))));
        }
        let Some(key) = self.key(set, entity) else { return made };
        let (own, vendor) = key.paths(&path);
        let one = |work: &Self, more: Vec<Value>| {
            let mut parameters = key.parameters.clone();
            parameters.extend(more);
            work.one(parameters, &vendor)
        };
        let mut select = vec![query("expand", "$expand")];
        select.push(converted("fields", "$select", "toODataSelect"));
        made.push(self.made(set, "read", "GET", &own, one(self, select), of_type.map(|id| (id, false))));
        if self.model.allows(set, "Updatable", "updatable") {
            let mut changed = vec![body(true), if_match()];
            let is_tunnelled = self.model.version == Version::V2;
            changed.extend(is_tunnelled.then(|| fixed("X-HTTP-Method", "MERGE", "header")).flatten());
            let mut json = one(self, changed);
            if is_tunnelled {
                json.insert("vendorMethod".to_owned(), Value::from("POST"));
            }
            made.push(self.made(set, "change", "PATCH", &own, json, of_type.map(|id| (id, false))));
        }
        if self.model.allows(set, "Deletable", "deletable") {
            made.push(self.made(set, "delete", "DELETE", &own, one(self, vec![if_match()]), None));
        }
        if entity.has_stream {
            let mut parameters = key.parameters.clone();
            parameters.extend(fixed("Accept", "*/*", "header"));
            let mut json = self.one(parameters, &format!("{vendor}/$value"));
            json.remove("rootKey");
            json.insert("response".to_owned(), json!({ "contentType": "application/octet-stream" }));
            json.insert("paginationType".to_owned(), Value::from("NO_PAGINATION"));
            made.push(self.made(set, "content", "GET", &format!("{own}/content"), json, None));
        }
        made
    }

    fn single(&mut self, set: &Set<'x>) -> Vec<Made<'x>> {
        let path = format!("/{}", set.name);
        let of_type = self.model_of(&set.kind).map(|id| (id, false));
        let mut json = self.one(vec![query("expand", "$expand")], &path);
        json.insert("paginationType".to_owned(), Value::from("NO_PAGINATION"));
        let mut made = vec![self.made(set, "read", "GET", &path, json, of_type)];
        if self.model.allows(set, "Updatable", "updatable") {
            made.push(self.made(set, "change", "PATCH", &path, self.one(vec![body(true)], &path), of_type));
        }
        made
    }

    /// The collections that each entity of a set leads to.
    fn children(&mut self, set: &Set<'x>, entity: &Entity<'x>) -> Vec<Made<'x>> {
        let Some(key) = self.key(set, entity) else { return Vec::new() };
        let (own, vendor) = key.paths(&format!("/{}", set.name));
        let mut made = Vec::new();
        for (name, kind) in &entity.children {
            let is_content = entity.has_stream && *name == "content";
            if !self.model.has_type(kind) || is_content {
                continue;
            }
            let object = self
                .model
                .entity(kind)
                .map(|inner| json!({ "name": name, "searchConfiguration": search(self.model, &inner) }));
            let json = self.list(&format!("{vendor}/{name}"), &key.parameters, object);
            let of_type = self.model_of(kind).map(|id| (id, true));
            made.push(self.made(set, name, "GET", &format!("{own}/{name}"), json, of_type));
        }
        made
    }

    /// How entities of a set are addressed; `None` when they cannot be.
    fn key(&mut self, set: &Set<'x>, entity: &Entity<'x>) -> Option<Key> {
        if entity.key.is_empty() {
            self.remarks.add(set.name, "can only be listed and created in, because its type has no key");
            return None;
        }
        let mut key = Key::default();
        let is_single = entity.key.len() == 1;
        for property in &entity.key {
            let name = if is_single { "id" } else { property.name };
            let edm = self.model.underlying(property.kind);
            let is_enumeration = self.model.members_of(edm).is_some();
            if !edm.starts_with("Edm.") && !is_enumeration {
                self.remarks.add(set.name, format!("its key {} is of an unknown type", property.name));
                return None;
            }
            let converter = if self.model.version == Version::V4 { "toODataKey" } else { "toODataV3Key" };
            let mut json = parameter(name, name, Way("path", "path"));
            json.insert("required".to_owned(), Value::from(true));
            json.insert("converter".to_owned(), Value::from(format!("{converter}:{edm}")));
            json.insert("dataType".to_owned(), Value::from(data_type(edm)));
            key.parameters.push(Value::Object(json));
            key.own.push(format!("{{{name}}}"));
            key.vendor.push(if is_single { format!("{{{name}}}") } else { format!("{name}={{{name}}}") });
        }
        Some(key)
    }

    /// A list with everything that can be asked of it.
    fn list(&self, vendor_path: &str, first: &[Value], object: Option<Value>) -> Map<String, Value> {
        let is_v4 = self.model.version == Version::V4;
        let (filter, count, total) = if is_v4 {
            ("toODataFilter", "$count", "@odata.count")
        } else {
            ("toODataV3Filter", "$inlinecount", "d.__count")
        };
        let mut parameters = first.to_vec();
        parameters.push(converted("where", "$filter", filter));
        parameters.push(converted("orderBy", "$orderby", "toODataOrderBy"));
        parameters.push(converted("fields", "$select", "toODataSelect"));
        parameters.push(query("expand", "$expand"));
        parameters.push(query("pageSize", "$top"));
        parameters.push(query("offset", "$skip"));
        parameters.push(query(count, count));
        let mut header = parameter("Elements-Total-Count", total, Way("header", "bodyField"));
        header.insert("source".to_owned(), Value::from("response"));
        parameters.push(Value::Object(header));
        let mut json = Map::new();
        json.insert("vendorPath".to_owned(), Value::from(vendor_path));
        json.insert("parameters".to_owned(), Value::Array(parameters));
        json.insert("rootKey".to_owned(), Value::from(if is_v4 { "|value" } else { "|d.results" }));
        json.insert("nextPageKey".to_owned(), Value::from(if is_v4 { "@odata.nextLink" } else { "d.__next" }));
        if let Some(object) = object {
            json.insert("object".to_owned(), object);
        }
        json
    }

    /// A call about one entity.
    fn one(&self, parameters: Vec<Value>, vendor_path: &str) -> Map<String, Value> {
        let mut json = Map::new();
        json.insert("vendorPath".to_owned(), Value::from(vendor_path));
        json.insert("parameters".to_owned(), Value::Array(parameters));
        if self.model.version != Version::V4 {
            json.insert("rootKey".to_owned(), Value::from("|d"));
        }
        json
    }

    fn made(
        &mut self,
        set: &Set<'x>,
        verb: &str,
        method: &str,
        path: &str,
        mut json: Map<String, Value>,
        of_type: Option<(Id, bool)>,
    ) -> Made<'x> {
        json.insert("method".to_owned(), Value::from(method));
        json.insert("path".to_owned(), Value::from(path));
        json.insert("type".to_owned(), Value::from("api"));
        json.insert("operationId".to_owned(), Value::from(format!("{verb}-{}", set.name)));
        let answer = of_type.map(|(id, is_list)| if is_list { self.listed(id) } else { id });
        let sends = matches!(method, "POST" | "PATCH");
        let request = of_type.map(|(id, _)| id).filter(|_| sends);
        Made { set: set.name, resource: Resource { json, answer, request } }
    }

    fn listed(&mut self, id: Id) -> Id {
        let name = format!("{}List", self.models.name(id));
        match self.known.get(&format!("[]{name}")) {
            Some(known) => *known,
            None => {
                let items = self.models.reference(id);
                let list = self.models.list_of(&name, &items, vec![id]);
                self.known.insert(format!("[]{name}"), list);
                list
            }
        }
    }

    /// The model of a type, to be filled later.
    fn model_of(&mut self, kind: &str) -> Option<Id> {
        if let Some(known) = self.known.get(kind) {
            return Some(*known);
        }
        self.model.find(kind)?;
        let id = self.models.reserve(kind.rsplit('.').next().unwrap_or(kind));
        self.known.insert(kind.to_owned(), id);
        self.open.push((id, kind.to_owned()));
        Some(id)
    }

    fn fill(&mut self) {
        while let Some((id, kind)) = self.open.pop() {
            let entity = self.model.entity(&kind).unwrap_or_default();
            let (mut members, mut references) = (Map::new(), Vec::new());
            for property in &entity.properties {
                if let Some(json) = self.member(property, &mut references) {
                    members.insert(property.name.to_owned(), json);
                }
            }
            let mut schema = json!({ "type": "object", "properties": members, "x-vendor-objectname": kind });
            if !entity.key.is_empty() {
                schema["x-primary-key"] = entity.key.iter().map(|key| Value::from(key.name)).collect();
            }
            self.models.set(id, schema, references);
        }
    }

    fn member(&mut self, property: &Property<'x>, references: &mut Vec<Id>) -> Option<Value> {
        let model = self.model;
        let edm = model.underlying(property.kind);
        let mut json = if let Some(members) = model.members_of(edm) {
            json!({ "type": "string", "enum": members })
        } else if let Some((kind, format)) = simple(edm) {
            let mut json = json!({ "type": kind });
            if !format.is_empty() {
                json["format"] = Value::from(format);
            }
            json
        } else if edm == "Edm.Stream" {
            return None;
        } else {
            match self.model_of(&model.whole(edm)) {
                Some(id) => {
                    references.push(id);
                    self.models.reference(id)
                }
                None => json!({ "type": "object" }),
            }
        };
        if property.is_many {
            json = json!({ "type": "array", "items": json });
        }
        if property.is_required {
            json["required"] = Value::from(true);
        }
        if let Some(label) = attribute(property.node, "label") {
            json["x-displayName"] = Value::from(cleaned(label, 100));
        }
        Some(json)
    }
}

/// How entities are addressed.
#[derive(Debug, Default)]
struct Key {
    parameters: Vec<Value>,
    own: Vec<String>,
    vendor: Vec<String>,
}

impl Key {
    /// The path of an entity here and at the vendor.
    fn paths(&self, set: &str) -> (String, String) {
        (format!("{set}/{}", self.own.join("/")), format!("{set}({})", self.vendor.join(",")))
    }
}

fn query(name: &str, vendor_name: &str) -> Value {
    Value::Object(parameter(name, vendor_name, Way("query", "query")))
}

fn converted(name: &str, vendor_name: &str, converter: &str) -> Value {
    let mut json = parameter(name, vendor_name, Way("query", "query"));
    json.insert("converter".to_owned(), Value::from(converter));
    Value::Object(json)
}

/// The version of an entity that a change is meant for, as the caller read it.
fn if_match() -> Value {
    Value::Object(parameter("If-Match", "If-Match", Way("header", "header")))
}

/// The model's type and format of a primitive one.
fn simple(edm: &str) -> Option<(&'static str, &'static str)> {
    Some(match edm.strip_prefix("Edm.")? {
        "String" | "Time" | "TimeOfDay" | "Duration" => ("string", ""),
        "Boolean" => ("boolean", ""),
        "Byte" | "SByte" | "Int16" | "Int32" => ("integer", "int32"),
        "Int64" => ("integer", "int64"),
        "Single" => ("number", "float"),
        "Double" => ("number", "double"),
        "Decimal" => ("number", ""),
        "DateTime" | "DateTimeOffset" => ("string", "date-time"),
        "Date" => ("string", "date"),
        "Guid" => ("string", "uuid"),
        "Binary" => ("string", "byte"),
        "Stream" => return None,
        _ => ("object", ""),
    })
}

fn data_type(edm: &str) -> &'static str {
    match simple(edm) {
        Some(("integer", "int64")) => "long",
        Some(("integer", _)) => "integer",
        Some(("number", _)) => "number",
        Some(("boolean", _)) => "boolean",
        _ => "string",
    }
}
