//! What a verb and a path below the API's base path mean to the element of an instance.

use std::collections::BTreeMap;

use ligand_domain::{Error, ErrorKind};
use ligand_element::{Element, Found, Method, NOT_EXECUTABLE, Resource, Shape, find, split};

use crate::{App, instances::Loaded};

/// A call that the element, or the platform for it, can execute.
#[derive(Debug)]
pub struct Operation {
    pub(super) method: Method,
    pub(super) kind: Kind,
    pub(super) may_be_file: bool,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A resource of the element by its place, and the variables of its path.
    Resource(usize, BTreeMap<String, String>),
    /// `GET /ping`, by the element's own resource if it has one.
    Ping(Option<usize>),
    /// `GET /objects`, by the definition and by the element's own resource if it has one.
    Objects(Option<usize>),
    /// `GET /objects/{name}/metadata`, likewise.
    Metadata(String, Option<Declared>),
    /// `GET /objects/{name}/docs`.
    Docs(String),
    /// `GET /query`.
    Query,
}

/// A resource of the element by its place, and the variables of its path.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) index: usize,
    pub(super) path: BTreeMap<String, String>,
}

impl Operation {
    /// The verb; HEAD counts as GET.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether the answer may be a file, so that it is not JSON that the caller has to accept.
    #[must_use]
    pub fn may_be_file(&self) -> bool {
        self.may_be_file
    }
}

impl App {
    /// What a verb and a path (with or without `/hubs/{hub}`) mean to an instance.
    ///
    /// # Errors
    /// Forbidden for an instance that is switched off, unless the vendor is not needed; not found, or not allowed with
    /// this verb, for what the element does not offer; invalid for what nothing here executes.
    pub fn operation(&self, loaded: &Loaded, method: &str, path: &str) -> Result<Operation, Error> {
        let element = &*loaded.element;
        let segments = split(path).map(|(_, segments)| segments).unwrap_or_default();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let method = verb(method);
        if loaded.instance.disabled {
            let known = method.and_then(|method| without_vendor(method, &segments));
            return known.map(|kind| Operation { method: Method::Get, kind, may_be_file: false }).ok_or_else(disabled);
        }
        let method = method.ok_or_else(not_allowed)?;
        let plain = |kind| Ok(Operation { method, kind, may_be_file: false });
        match (find(element, method, &segments), built_in(method, &segments)) {
            (Found::Resource { index, generic: false, .. }, Some(Kind::Ping(_))) => plain(Kind::Ping(Some(index))),
            (Found::Resource { index, generic: false, .. }, Some(Kind::Objects(_))) => {
                plain(Kind::Objects(Some(index)))
            }
            (Found::Resource { index, path, generic: false }, Some(Kind::Metadata(name, _))) => {
                plain(Kind::Metadata(name, Some(Declared { index, path })))
            }
            (Found::Resource { generic: true, .. } | Found::MethodNotAllowed(_) | Found::NotFound, Some(kind)) => {
                plain(kind)
            }
            (Found::Resource { index, path, .. }, _) => {
                let may_be_file = element.resources().get(index).is_some_and(may_be_file);
                Ok(Operation { method, kind: Kind::Resource(index, path), may_be_file })
            }
            (Found::NotExecutable, _) => Err(Error::invalid("not-executable", NOT_EXECUTABLE)),
            (Found::MethodNotAllowed(_), None) => Err(not_allowed()),
            (Found::NotFound, None) => Err(not_found(element)),
        }
    }

    /// Whether the element of an instance itself declares a resource for a verb and a path, not only a generic one,
    /// with so many variables in its path at most.
    #[must_use]
    pub fn declares(&self, loaded: &Loaded, method: &str, path: &str, variables: usize) -> bool {
        let Some((_, segments)) = split(path) else { return false };
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let found = verb(method).map(|method| find(&loaded.element, method, &segments));
        match found {
            Some(Found::Resource { generic, path, .. }) => !generic && path.len() <= variables,
            Some(Found::NotExecutable) => true,
            Some(Found::MethodNotAllowed(_) | Found::NotFound) | None => false,
        }
    }
}

/// The path of the resource that serves a verb and a path, as it is defined.
pub(crate) fn template(element: &Element, method: &str, path: &str) -> Option<String> {
    let (_, segments) = split(path)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match find(element, verb(method)?, &segments) {
        Found::Resource { index, .. } => element.resources().get(index).map(|resource| resource.path.clone()),
        Found::NotExecutable | Found::MethodNotAllowed(_) | Found::NotFound => None,
    }
}

fn verb(method: &str) -> Option<Method> {
    if method == "HEAD" { Some(Method::Get) } else { Method::from_key(method) }
}

/// What every element has.
fn built_in(method: Method, segments: &[&str]) -> Option<Kind> {
    match (method, segments) {
        (Method::Get, ["ping"]) => Some(Kind::Ping(None)),
        (Method::Get, ["query"]) => Some(Kind::Query),
        _ => without_vendor(method, segments),
    }
}

/// What works while the instance is switched off.
fn without_vendor(method: Method, segments: &[&str]) -> Option<Kind> {
    match (method, segments) {
        (Method::Get, ["objects"]) => Some(Kind::Objects(None)),
        (Method::Get, ["objects", name, "metadata"]) => Some(Kind::Metadata((*name).to_owned(), None)),
        (Method::Get, ["objects", name, "docs"]) => Some(Kind::Docs((*name).to_owned())),
        _ => None,
    }
}

/// Whether a resource answers with something that is no JSON, or passes on what the caller accepts.
fn may_be_file(resource: &Resource) -> bool {
    let passes_accept =
        resource.parameters.iter().any(|parameter| parameter.vendor_name.eq_ignore_ascii_case("accept"));
    let shape = resource.content_type.as_deref().map(Shape::of);
    passes_accept || shape == Some(Shape::Text)
}

fn disabled() -> Error {
    Error::new(ErrorKind::Forbidden, "instance-disabled", "The element instance is disabled")
}

fn not_allowed() -> Error {
    let message = "This resource does not support the request's method";
    Error::new(ErrorKind::MethodNotAllowed, "method-not-allowed", message)
}

fn not_found(element: &Element) -> Error {
    Error::not_found("resource-not-found", format!("{} has no such resource", element.name()))
}
