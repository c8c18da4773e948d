//! The document of an element: what can be called through its instances.

mod bodies;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use ligand_element::{Element, Method, Resource, ResourceType, route_path};
use serde_json::json;

use crate::{
    document::{Authorization, Document, Operation, Parameter, Place, Tag},
    objects::{self, FoundObject},
    operation_id::{camel_case, dashed, distinct},
    parameters,
    paths::Path,
    schemas::{Schemas, count},
};
use bodies::Bodies;

/// Values that the parameters of one document may have. Beyond, a document is too large to be of use.
const MAX_VALUES: usize = 1_000_000;

/// What of an element is described, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which operations.
    pub only: Only<'a>,
    /// Objects as the vendor of an instance tells of them.
    pub found: &'a [FoundObject],
}

/// Which operations are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only<'a> {
    /// All of them.
    All,
    /// The one with this id, or with this verb and path, `GET-contacts-id`.
    Operation(&'a str),
    /// Those whose path begins with this object.
    Object(&'a str),
}

/// Why there is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// The element has no such operation, or none on such an object.
    NotFound,
    /// There is too much to describe at once.
    TooLarge,
}

/// An operation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// The verb.
    pub method: &'static str,
    /// The path, without hub.
    pub path: String,
    /// The object that it works on, if it works on one.
    pub object: Option<String>,
}

/// Describes an element.
///
/// # Errors
/// When there is no such operation or object, or too much of everything.
pub fn of_element(element: &Element, wanted: &Wanted<'_>) -> Result<Document, Unavailable> {
    let entries = wanted_entries(element, wanted);
    if entries.is_empty() && wanted.only != Only::All {
        return Err(Unavailable::NotFound);
    }
    let mut maker = Maker::new(element, wanted);
    for entry in &entries {
        maker.add(entry)?;
    }
    maker.lay_found();
    let about = About { title: element.key(), name: element.name(), description: element.description() };
    maker.finish(&about)
}

/// Describes what the elements of a hub have in common: each verb and path once, as the first element that has it.
///
/// # Errors
/// When there is too much of everything.
pub fn of_hub<'e>(key: &str, name: &str, elements: impl Iterator<Item = &'e Element>) -> Result<Document, Unavailable> {
    let wanted = Wanted { only: Only::All, found: &[] };
    let (mut places, mut shapes, mut taken) = (HashSet::new(), HashMap::new(), HashSet::new());
    let mut maker: Option<Maker<'_>> = None;
    for element in elements {
        let mut next = Maker::new(element, &wanted);
        if let Some(before) = maker {
            next.continues(before);
        }
        for mut entry in entries(element) {
            let (path, shape) = shaped(&entry.path.text(), &mut shapes);
            if places.insert((entry.method, shape)) {
                let text = path.text();
                entry.id = distinct(&entry.id, &text, &mut taken);
                entry.path = entry.path.named_like(&path);
                next.add(&entry)?;
            }
        }
        maker = Some(next);
    }
    let description = format!("What the elements of the {name} hub offer");
    let about = About { title: key, name, description: &description };
    maker.map_or_else(|| Ok(about.document()), |maker| maker.finish(&about))
}

/// What a document says of itself.
struct About<'a> {
    title: &'a str,
    name: &'a str,
    description: &'a str,
}

impl About<'_> {
    fn document(&self) -> Document {
        Document {
            title: self.title.to_owned(),
            version: crate::VERSION.to_owned(),
            description: Some(self.description.to_owned()),
            contact: crate::CONTACT.to_owned(),
            host: None,
            base_path: crate::BASE_PATH.to_owned(),
            schemes: vec!["https".to_owned()],
            tags: Vec::new(),
            operations: Vec::new(),
            schemas: serde_json::Map::new(),
        }
    }
}

/// The operations of an element that documents have.
#[must_use]
pub fn operations(element: &Element) -> Vec<Listed> {
    let listed = |entry: Entry<'_>| Listed {
        id: entry.id,
        method: entry.method.key(),
        path: entry.path.text(),
        object: match entry.target {
            Target::Resource(resource) => bodies::object_of(resource).or_else(|| entry.path.first().map(str::to_owned)),
            Target::BuiltIn(_) => None,
        },
    };
    entries(element).into_iter().map(listed).collect()
}

/// What an operation is.
#[derive(Clone, Copy)]
enum Target<'e> {
    Resource(&'e Resource),
    /// What every element has.
    BuiltIn(&'static BuiltIn),
}

#[derive(Clone)]
struct Entry<'e> {
    method: Method,
    path: Path,
    id: String,
    target: Target<'e>,
    /// The object that stands in place of the variable which the resource's path begins with.
    object: Option<&'e str>,
}

/// An operation that the platform adds.
struct BuiltIn {
    path: &'static str,
    summary: &'static str,
    /// Query and header parameters with their meaning.
    parameters: &'static [(&'static str, Place, &'static str, &'static str)],
}

const VERSION_OF_OBJECTS: (&str, Place, &str, &str) =
    ("Elements-Version", Place::Header, "string", "`Hydrogen` for names, `Helium` for names with their kinds");

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn { path: "/ping", summary: "Asks whether the vendor answers", parameters: &[] },
    BuiltIn { path: "/objects", summary: "Lists the objects", parameters: &[VERSION_OF_OBJECTS] },
    BuiltIn {
        path: "/objects/{objectName}/metadata",
        summary: "Lists the fields of an object",
        parameters: &[
            ("customFieldsOnly", Place::Query, "boolean", "Whether only fields of the user's own are listed"),
            ("useModels", Place::Query, "boolean", "Whether the definition is asked and not the vendor"),
        ],
    },
    BuiltIn {
        path: "/objects/{objectName}/docs",
        summary: "Describes the operations of an object",
        parameters: &[
            ("discovery", Place::Query, "boolean", "Whether the vendor is asked for fields"),
            ("basic", Place::Query, "boolean", "Whether extensions are left out"),
            ("resolveReferences", Place::Query, "boolean", "Whether references are replaced by what they refer to"),
            ("version", Place::Query, "string", "The version of the element; `-1` for the latest"),
            ("format", Place::Query, "string", "`swagger2.0` or `openapi3.1`"),
        ],
    },
    BuiltIn {
        path: "/query",
        summary: "Reads records by a select statement",
        parameters: &[("q", Place::Query, "string", "`select * from contacts where name='Smith'`")],
    },
];

/// Every operation of an element: its documented resources, then what every element has.
fn entries(element: &Element) -> Vec<Entry<'_>> {
    let documented =
        |resource: &&Resource| matches!(resource.kind, ResourceType::Api | ResourceType::FormulaAsResource);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut places: HashSet<(Method, String)> = HashSet::new();
    let mut shapes: HashMap<String, Path> = HashMap::new();
    for resource in element.resources().iter().filter(documented) {
        let (path, shape) = shaped(route_path(resource), &mut shapes);
        if places.insert((resource.method, shape)) {
            let target = Target::Resource(resource);
            entries.push(Entry { method: resource.method, path, id: String::new(), target, object: None });
        }
    }
    for built_in in BUILT_IN {
        let (path, shape) = shaped(built_in.path, &mut shapes);
        if places.insert((Method::Get, shape)) {
            let target = Target::BuiltIn(built_in);
            entries.push(Entry { method: Method::Get, path, id: String::new(), target, object: None });
        }
    }
    // What an element names itself comes first, so that no generated name takes it away.
    let mut taken = HashSet::new();
    for is_stated in [true, false] {
        for entry in &mut entries {
            let stated = match entry.target {
                Target::Resource(resource) => resource.operation_id.as_deref().filter(|id| !id.trim().is_empty()),
                Target::BuiltIn(_) => None,
            };
            if stated.is_some() == is_stated {
                let text = entry.path.text();
                let id = stated.map_or_else(|| camel_case(entry.method.key(), &text), str::to_owned);
                entry.id = distinct(&id, &text, &mut taken);
            }
        }
    }
    entries
}

fn shaped(path: &str, shapes: &mut HashMap<String, Path>) -> (Path, String) {
    let path = Path::read(path);
    let shape = path.shape();
    let first = shapes.entry(shape.clone()).or_insert_with(|| path.clone());
    (path.named_like(first), shape)
}

/// The operations that are asked for, and those of objects that only the vendor tells of.
fn wanted_entries<'e>(element: &'e Element, wanted: &Wanted<'e>) -> Vec<Entry<'e>> {
    let mut all = entries(element);
    let generic: Vec<Entry<'_>> = all
        .iter()
        .filter(|entry| matches!(entry.target, Target::Resource(_)) && entry.path.first().is_none())
        .cloned()
        .collect();
    let mut taken: HashSet<String> = all.iter().map(|entry| entry.id.clone()).collect();
    for object in wanted.found {
        if all.iter().any(|entry| entry.path.first() == Some(crate::document::escaped(&object.name).as_str())) {
            continue;
        }
        for entry in &generic {
            let path = entry.path.with_first(&object.name);
            let id = distinct(&camel_case(entry.method.key(), &path.text()), &path.text(), &mut taken);
            all.push(Entry { path, id, object: Some(&object.name), ..entry.clone() });
        }
    }
    match wanted.only {
        Only::All => {}
        Only::Operation(id) => {
            let named = |entry: &Entry<'_>| entry.id == id;
            if all.iter().any(named) {
                all.retain(named);
            } else {
                let is_meant = |entry: &Entry<'_>| dashed(entry.method.key(), &entry.path.text()) == id;
                let first = all.iter().position(is_meant);
                all = first.map(|index| vec![all.swap_remove(index)]).unwrap_or_default();
            }
        }
        Only::Object(name) => {
            let first = crate::document::escaped(name);
            all.retain(|entry| entry.path.first() == Some(name) || entry.path.first() == Some(&first));
        }
    }
    all
}

/// A document while it is made.
struct Maker<'a> {
    element: &'a Element,
    wanted: &'a Wanted<'a>,
    schemas: Schemas,
    bodies: Bodies,
    operations: Vec<Operation>,
    values: usize,
}

impl<'a> Maker<'a> {
    fn new(element: &'a Element, wanted: &'a Wanted<'a>) -> Self {
        let (schemas, bodies) = (Schemas::default(), Bodies::of(element));
        Self { element, wanted, schemas, bodies, operations: Vec::new(), values: 0 }
    }

    /// Goes on with a document that describes other elements already.
    fn continues(&mut self, before: Self) {
        (self.schemas, self.operations, self.values) = (before.schemas, before.operations, before.values);
    }

    fn add(&mut self, entry: &Entry<'_>) -> Result<(), Unavailable> {
        let operation = match entry.target {
            Target::Resource(resource) => self.of_resource(entry, resource),
            Target::BuiltIn(built_in) => self.of_built_in(entry, built_in),
        };
        self.values += operation.parameters.iter().map(|it| 4 + count(&it.schema)).sum::<usize>() + 40;
        self.values += operation.body.as_ref().map_or(0, |body| count(&body.schema));
        let contents = operation.responses.iter().filter_map(|response| response.content.as_ref());
        self.values += contents.map(|(_, schema)| count(schema)).sum::<usize>();
        if self.values > MAX_VALUES {
            return Err(Unavailable::TooLarge);
        }
        self.operations.push(operation);
        Ok(())
    }

    fn of_resource(&mut self, entry: &Entry<'_>, resource: &Resource) -> Operation {
        let path = entry.path.text();
        let parameters = parameters::of_resource(self.element, resource, &entry.path);
        let has_form = parameters.iter().any(|parameter| parameter.place == Place::Form);
        let object = entry.object.map(str::to_owned).or_else(|| bodies::object_of(resource));
        let object = object.or_else(|| entry.path.first().map(str::to_owned)).unwrap_or_default();
        let found = self.wanted.found.iter().find(|found| found.name == object);
        let place = bodies::Place { path: &entry.path, object: &object, found };
        let body = if has_form { None } else { self.bodies.request(&mut self.schemas, resource, &place) };
        let content = self.bodies.response(&mut self.schemas, resource, &place);
        let summary = resource.description.clone().filter(|text| !text.trim().is_empty());
        Operation {
            method: entry.method.key().to_owned(),
            tags: vec![tag_of(&path)],
            id: entry.id.clone(),
            summary: summary.unwrap_or_else(|| format!("{} {path}", entry.method.key())),
            description: None,
            authorization: Authorization::Token,
            parameters,
            body,
            responses: bodies::responses(content, resource.is_list()),
            path,
        }
    }

    fn of_built_in(&mut self, entry: &Entry<'_>, built_in: &BuiltIn) -> Operation {
        let path = entry.path.text();
        let variables = entry.path.variables();
        let mut parameters: Vec<Parameter> = variables
            .map(|(name, _)| {
                Parameter::of(name, Place::Path, true, json!({ "type": "string" })).described("The name of an object")
            })
            .collect();
        parameters.extend(built_in.parameters.iter().map(|(name, place, kind, meaning)| {
            Parameter::of(*name, *place, *name == "q", json!({ "type": kind })).described(*meaning)
        }));
        let schema = bodies::of_built_in(&mut self.schemas, built_in.path);
        Operation {
            method: entry.method.key().to_owned(),
            tags: vec![tag_of(&path)],
            id: entry.id.clone(),
            summary: built_in.summary.to_owned(),
            description: None,
            authorization: Authorization::Token,
            parameters,
            body: None,
            responses: bodies::responses(Some(("application/json".to_owned(), schema)), false),
            path,
        }
    }

    /// Lays what the vendor tells over what the definition says.
    fn lay_found(&mut self) {
        for object in self.wanted.found {
            for target in self.bodies.targets(&self.schemas, &object.name) {
                objects::add_custom(&mut self.schemas, &target, object);
            }
        }
    }

    fn finish(self, about: &About<'_>) -> Result<Document, Unavailable> {
        if self.schemas.is_full() {
            return Err(Unavailable::TooLarge);
        }
        let mut document = about.document();
        let mut seen = HashSet::new();
        for name in self.operations.iter().flat_map(|operation| &operation.tags) {
            if seen.insert(name.clone()) {
                let description = format!("{}: {name}", about.name);
                document.tags.push(Tag { name: name.clone(), description });
            }
        }
        document.operations = self.operations;
        document.schemas = self.schemas.into_written();
        Ok(document)
    }
}

/// The group of an operation: the first segment of its path.
fn tag_of(path: &str) -> String {
    let first = path.split('/').nth(1).unwrap_or_default().trim_matches(['{', '}']);
    if first.is_empty() { "root".to_owned() } else { first.to_owned() }
}
