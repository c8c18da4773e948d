//! The description of the API: one line for each route of the router, schemas, and what holds for all routes.
//! `docs/openapi.json` is written from it.

mod operations;
mod parameters;
mod schemas;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use ligand_docs::{
    Authorization, Body, Document, Format, Notation, Operation, Parameter, Place, Response, Tag, object, operation_ids,
    schema,
};
use ligand_domain::Privilege;
use serde_json::{Value, json};

use crate::{router, routing::Route};

const JSON: &str = "application/json";
const CSV: &str = "text/csv";
const MULTIPART: &str = "multipart/form-data";

const ABOUT: &str = "\
Every request that needs credentials carries them in one header, `Authorization: User <user secret>, Organization \
<organization secret>`; calls through an instance add `Element <token>`. Every answer has an `Elements-Request-Id`. \
An error is a status and a body with that id and a message. `/hubs/{hub}/…` leads to the resources of the element \
behind the token; each instance has a document of its own for them, `/instances/{id}/docs`. Generated documents are \
Swagger 2.0, or OpenAPI 3.1 with `format=openapi3.1`.";

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Who proves user and organization.
    Callers,
    /// Who proves a user and shows an Element token.
    Tokens,
    /// Anyone; credentials that are sent must be right.
    Public,
    /// Anyone, whatever is sent.
    Open,
}

/// The line of one route.
#[derive(Clone)]
struct Line {
    method: &'static str,
    path: String,
    summary: &'static str,
    about: Option<&'static str>,
    audience: Audience,
    privilege: Option<Privilege>,
    query: Notation,
    headers: Notation,
    takes: Option<(&'static str, Value)>,
    answers: Option<(&'static str, Value)>,
    is_paged: bool,
    is_counted: bool,
    calls_vendor: bool,
    also: Vec<(u16, &'static str)>,
}

/// A route by verb and path, and what it does in a sentence without its point.
fn on(route: &'static str, summary: &'static str) -> Line {
    let (method, path) = route.split_once(' ').expect("a verb, a space, a path");
    Line {
        method,
        path: path.to_owned(),
        summary,
        about: None,
        audience: Audience::Callers,
        privilege: None,
        query: "",
        headers: "",
        takes: None,
        answers: None,
        is_paged: false,
        is_counted: false,
        calls_vendor: false,
        also: Vec::new(),
    }
}

impl Line {
    /// More about it, in Markdown.
    fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }

    /// Nobody has to prove who they are.
    fn public(self) -> Self {
        Self { audience: Audience::Public, ..self }
    }

    /// Credentials are not looked at.
    fn open(self) -> Self {
        Self { audience: Audience::Open, ..self }
    }

    /// It acts on the instance of the Element token.
    fn by_token(self) -> Self {
        Self { audience: Audience::Tokens, ..self }
    }

    fn needs(self, privilege: Privilege) -> Self {
        Self { privilege: Some(privilege), ..self }
    }

    /// Query parameters; each is explained in `parameters.rs`.
    fn query(self, query: Notation) -> Self {
        Self { query, ..self }
    }

    fn headers(self, headers: Notation) -> Self {
        Self { headers, ..self }
    }

    /// The type of the JSON body.
    fn takes(self, kind: &str) -> Self {
        Self { takes: Some((JSON, schema(kind))), ..self }
    }

    /// The fields of the multipart body.
    fn takes_parts(self, members: Notation) -> Self {
        Self { takes: Some((MULTIPART, object(members))), ..self }
    }

    /// The type of the answer; without one it has no body.
    fn answers(self, kind: &str) -> Self {
        Self { answers: Some((JSON, schema(kind))), ..self }
    }

    /// Answers CSV, as a file.
    fn answers_csv(self) -> Self {
        Self { answers: Some((CSV, schema("string"))), ..self }
    }

    /// Answers one page of a list of this type.
    fn pages(self, kind: &str) -> Self {
        let list = json!({ "type": "array", "items": schema(kind) });
        Self { answers: Some((JSON, list)), is_paged: true, ..self }
    }

    /// The same, and says how many items there are in all.
    fn counts(self, kind: &str) -> Self {
        Self { is_counted: true, ..self.pages(kind) }
    }

    /// It waits for a vendor.
    fn calls_vendor(self) -> Self {
        Self { calls_vendor: true, ..self }
    }

    fn also(mut self, status: u16, when: &'static str) -> Self {
        self.also.push((status, when));
        self
    }

    /// The same below an element.
    fn below_element(&self) -> Self {
        Self { path: format!("/elements/{{element}}{}", self.path), ..self.clone() }
    }

    fn variables(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    fn operation(&self, id: String) -> Operation {
        let tag = self.path.split('/').nth(1).unwrap_or_default().to_owned();
        let path = self.variables().map(|name| {
            let kind = json!({ "type": "string" });
            Parameter::of(name, Place::Path, true, kind).described(parameters::meaning(Place::Path, name))
        });
        let query = listed(Place::Query, self.query);
        let pages = if self.is_paged { "pageSize?: integer, nextPage?: string" } else { "" };
        let headers = listed(Place::Header, self.headers);
        let mut about: Vec<String> = self.about.iter().map(ToString::to_string).collect();
        if let Some(privilege) = self.privilege {
            let when = if self.audience == Audience::Public { " when credentials are sent" } else { "" };
            about.push(format!("Needs the privilege `{}`{when}.", privilege.key()));
        }
        if self.audience == Audience::Tokens {
            about.push("Acts on the instance of the Element token.".to_owned());
        }
        Operation {
            method: self.method.to_owned(),
            path: self.path.clone(),
            id,
            summary: self.summary.to_owned(),
            description: if about.is_empty() { None } else { Some(about.join(" ")) },
            tags: vec![tag],
            authorization: match self.audience {
                Audience::Callers => Authorization::Required,
                Audience::Tokens => Authorization::Token,
                Audience::Public => Authorization::Optional,
                Audience::Open => Authorization::None,
            },
            parameters: path.chain(query).chain(listed(Place::Query, pages)).chain(headers).collect(),
            body: self.takes.as_ref().map(|(media_type, schema)| Body {
                name: "body".to_owned(),
                media_type: (*media_type).to_owned(),
                required: true,
                description: None,
                schema: schema.clone(),
            }),
            responses: self.responses(),
        }
    }

    fn responses(&self) -> Vec<Response> {
        let mut success = Response::of(200, "OK");
        success.content = self.answers.clone().map(|(media, schema)| (media.to_owned(), schema));
        if self.answers.as_ref().is_some_and(|(_, schema)| schema["type"] == "array") {
            success.headers.push(("Elements-Returned-Count".to_owned(), "Items in this answer".to_owned()));
        }
        if self.is_counted {
            success.headers.push(("Elements-Total-Count".to_owned(), "Items in all".to_owned()));
        }
        if self.is_paged {
            let token = "Send it as `nextPage` for the next page; absent on the last".to_owned();
            success.headers.push(("Elements-Next-Page-Token".to_owned(), token));
        }
        let takes_credentials = self.audience != Audience::Open;
        let standard = [
            (
                400,
                "The request is not as described here",
                self.takes.is_some() || self.is_paged || !self.query.is_empty(),
            ),
            (401, "The credentials are missing or wrong", takes_credentials || self.path == "/authentication"),
            (403, "The credentials do not allow this", takes_credentials),
            (404, "What the path names is not there, or not the caller's to see", self.path.contains('{')),
            (406, "The Accept header rules the answer's type out", true),
            (408, "The body took too long to arrive", self.takes.is_some()),
            (413, "The body is too large", self.takes.is_some()),
            (415, "The body is of another media type", self.takes.is_some()),
            (429, "Too many calls; Retry-After says when to come back", true),
            (500, "The server failed", true),
            (502, "The vendor failed", self.calls_vendor),
            (503, "The database does not answer", true),
        ];
        let standard = standard.into_iter().filter(|(.., applies)| *applies).map(|(status, text, _)| (status, text));
        let mut failures: Vec<(u16, &str)> = standard.chain(self.also.iter().copied()).collect();
        failures.sort_by_key(|(status, _)| *status);
        let failure = |(status, text)| {
            let mut response = Response::of(status, text);
            response.content = Some((JSON.to_owned(), schema("Error")));
            response
        };
        std::iter::once(success).chain(failures.into_iter().map(failure)).collect()
    }
}

/// The parameters of a notation.
fn listed(place: Place, notation: Notation) -> Vec<Parameter> {
    let members = object(notation);
    let required = members["required"].as_array().cloned().unwrap_or_default();
    let properties = members["properties"].as_object().into_iter().flatten();
    let parameter = |(name, schema): (&String, &Value)| {
        let required = required.contains(&json!(name));
        Parameter::of(name.as_str(), place, required, schema.clone()).described(parameters::meaning(place, name))
    };
    properties.map(parameter).collect()
}

/// The table, with the lines of instances also below an element.
fn table() -> Vec<Line> {
    let mut lines = operations::lines();
    let below: Vec<Line> =
        lines.iter().filter(|line| line.path.starts_with("/instances")).map(Line::below_element).collect();
    lines.extend(below);
    lines.extend(operations::of_events());
    lines
}

/// The lines of what the router has, in its order. A route without a line fails a test.
fn lines() -> Vec<Line> {
    let table = table();
    let line = |route: Route| {
        let path = route.path.replace("{*", "{");
        table.iter().find(|line| line.method == route.method && line.path == path).cloned()
    };
    router::known().into_iter().filter_map(line).collect()
}

fn document() -> Document {
    let lines = lines();
    let ids = operation_ids(lines.iter().map(|line| (line.method, line.path.as_str())));
    let operations: Vec<Operation> = lines.iter().zip(ids).map(|(line, id)| line.operation(id)).collect();
    let mut tags: Vec<Tag> = Vec::new();
    for name in operations.iter().flat_map(|operation| &operation.tags) {
        if !tags.iter().any(|tag| tag.name == *name) {
            tags.push(Tag { name: name.clone(), description: parameters::group(name).to_owned() });
        }
    }
    Document {
        title: "Ligand".to_owned(),
        version: "api-v2".to_owned(),
        description: Some(ABOUT.to_owned()),
        contact: ligand_docs::CONTACT.to_owned(),
        host: None,
        base_path: "/elements/api-v2".to_owned(),
        schemes: vec!["https".to_owned(), "http".to_owned()],
        tags,
        operations,
        schemas: schemas::all(),
    }
}

static SWAGGER: LazyLock<Value> = LazyLock::new(|| document().write(Format::Swagger));
static OPENAPI: LazyLock<Value> = LazyLock::new(|| document().write(Format::Openapi));

/// The platform's own API, described.
#[must_use]
pub fn describe(format: Format) -> &'static Value {
    match format {
        Format::Swagger => &SWAGGER,
        Format::Openapi => &OPENAPI,
    }
}
