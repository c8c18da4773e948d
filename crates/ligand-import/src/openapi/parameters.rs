//! Parameters of operations as parameters of resources: by where they go, under names that mean nothing else here.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Api, Operation, answer::Answer, paging::Role};
use crate::{
    definition::{Way, cleaned, describe, fixed, parameter},
    path::Path,
    remarks::Remarks,
};

/// Names of a list's parameters that mean something to the platform.
const OURS: &[&str] = &["where", "page", "pageSize", "limit", "offset", "nextPage", "orderBy", "fields"];
/// Headers that the platform sends by itself.
const HEADERS: &[&str] = &["accept", "content-type", "authorization", "content-length", "host"];
/// Parameters that choose what of a record is shown rather than which records.
const SHAPES: &[&str] = &[
    "fields",
    "select",
    "expand",
    "include",
    "embed",
    "sort",
    "sort_by",
    "sortby",
    "order",
    "order_by",
    "orderby",
    "sort_order",
    "direction",
    "format",
    "pretty",
    "locale",
    "lang",
    "language",
    "callback",
    "alt",
    "key",
    "access_token",
];

/// A parameter as a document declares it.
#[derive(Debug, Clone)]
pub(super) struct Plain<'d> {
    pub(super) name: String,
    /// `path`, `query`, `header`, `formData` or `body`.
    pub(super) place: &'d str,
    pub(super) is_required: bool,
    pub(super) json: &'d Value,
    /// What it may be: the schema, or in Swagger 2 the parameter itself.
    pub(super) schema: Option<&'d Value>,
    /// Whether it is written in a media type of its own.
    is_described: bool,
}

/// How several values of a parameter are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// Each as a parameter of its own.
    Repeated,
    /// Joined.
    Joined(&'static str),
}

impl Plain<'_> {
    /// A keyword of the schema.
    pub(super) fn keyword(&self, keyword: &str) -> Option<&Value> {
        self.schema.and_then(|schema| schema.get(keyword))
    }
}

/// All parameters of an operation.
#[derive(Debug, Default)]
pub(super) struct Declared<'d> {
    pub(super) list: Vec<Plain<'d>>,
}

impl<'d> Declared<'d> {
    /// The operation's own, then those of its path that it does not override.
    pub(super) fn of(api: Api<'d>, operation: Operation<'d>, remarks: &mut Remarks) -> Self {
        let mut declared = Self::default();
        let mut seen = HashSet::new();
        for owner in [operation.json, operation.item] {
            let listed = owner.get("parameters").and_then(Value::as_array);
            for json in listed.into_iter().flatten() {
                let Some(json) = api.followed(json) else {
                    remarks.add(&operation.place(), "a parameter was left out because its reference leads nowhere");
                    continue;
                };
                let text = |member: &str| json.get(member).and_then(Value::as_str);
                let (Some(name), Some(place)) = (text("name"), text("in")) else { continue };
                if name.trim().is_empty() || name.len() > 200 || !seen.insert((name, place)) {
                    continue;
                }
                if !matches!(place, "path" | "query" | "header" | "formData" | "body") {
                    remarks
                        .add(&operation.place(), format!("{} was left out: it goes into a {place}", cleaned(name, 60)));
                    continue;
                }
                let is_required = json.get("required").and_then(Value::as_bool).unwrap_or(false) || place == "path";
                let media = || json.get("content")?.as_object()?.values().next()?.get("schema");
                let schema = json.get("schema").or_else(media).and_then(|schema| api.followed(schema));
                let schema = schema.or(Some(json).filter(|_| api.is_v2));
                let is_described = json.get("content").is_some();
                declared.add(
                    api,
                    Plain { name: name.to_owned(), place, is_required, json, schema, is_described },
                    remarks,
                    &operation.place(),
                );
            }
        }
        declared
    }

    /// Adds a parameter; an object in a query by its members (`filter[name]`, or their own names).
    fn add(&mut self, api: Api<'d>, plain: Plain<'d>, remarks: &mut Remarks, place: &str) {
        let is_object = data_type(plain.schema) == "object" && plain.place == "query" && !plain.is_described;
        let is_deep = plain.style() == Some("deepObject");
        let is_form = is_object && plain.style().is_none_or(|style| style == "form") && plain.explodes();
        let members = plain.keyword_of("properties").and_then(Value::as_object).filter(|_| is_deep || is_form);
        match members.filter(|members| !members.is_empty()) {
            Some(members) => self.list.extend(members.iter().take(100).map(|(member, schema)| Plain {
                name: if is_deep { format!("{}[{member}]", plain.name) } else { member.clone() },
                schema: api.followed(schema),
                is_required: false,
                ..plain.clone()
            })),
            None => {
                if is_object {
                    let message = format!(
                        "{} is an object and taken as the text that stands in the address, because its members cannot \
                         be told apart",
                        cleaned(&plain.name, 60)
                    );
                    remarks.add(place, message);
                }
                self.list.push(plain);
            }
        }
    }

    /// Those of a place.
    pub(super) fn at(&self, place: &str) -> impl Iterator<Item = &Plain<'d>> {
        self.list.iter().filter(move |plain| plain.place == place)
    }
}

impl<'d> Plain<'d> {
    fn style(&self) -> Option<&'d str> {
        self.json.get("style").and_then(Value::as_str)
    }

    /// Whether values are parameters of their own, as the document says or as is usual for the style.
    fn explodes(&self) -> bool {
        let stated = self.json.get("explode").and_then(Value::as_bool);
        stated.unwrap_or_else(|| self.style().is_none_or(|style| style == "form"))
    }

    /// How the values of a list are written; `None` where it is no list, or one in a media type of its own.
    fn spelling(&self, is_v2: bool) -> Option<Spelling> {
        if data_type(self.schema) != "array" || self.is_described {
            return None;
        }
        if is_v2 {
            return Some(match self.json.get("collectionFormat").and_then(Value::as_str) {
                Some("multi") => Spelling::Repeated,
                Some("ssv") => Spelling::Joined(" "),
                Some("tsv") => Spelling::Joined("\t"),
                Some("pipes") => Spelling::Joined("|"),
                _ => Spelling::Joined(","),
            });
        }
        Some(match self.style() {
            _ if self.place != "query" => Spelling::Joined(","),
            _ if self.explodes() => Spelling::Repeated,
            Some("spaceDelimited") => Spelling::Joined(" "),
            Some("pipeDelimited") => Spelling::Joined("|"),
            _ => Spelling::Joined(","),
        })
    }

    /// Has a parameter take all values of a list.
    pub(super) fn listed(&self, is_v2: bool, json: &mut Map<String, Value>) {
        if let Some(spelling) = self.spelling(is_v2) {
            let converter = match spelling {
                Spelling::Repeated => "toList".to_owned(),
                Spelling::Joined(separator) => format!("toList:{separator}"),
            };
            json.insert("converter".to_owned(), Value::from(converter));
        }
    }

    fn keyword_of(&self, keyword: &str) -> Option<&'d Value> {
        self.schema.and_then(|schema| schema.get(keyword))
    }
}

/// The parameters of a resource, without its body.
pub(super) fn mapped(
    api: Api<'_>,
    declared: &Declared<'_>,
    path: &Path,
    answer: &Answer,
    remarks: &mut Remarks,
    place: &str,
) -> Vec<Value> {
    let mut parameters = Vec::new();
    for (own, vendor_name) in &path.variables {
        let plain = declared.at("path").find(|plain| plain.name == *vendor_name);
        let mut json = parameter(own, own, Way("path", "path"));
        json.insert("required".to_owned(), Value::from(true));
        if let Some(plain) = plain {
            about(plain, &mut json);
        }
        parameters.push(Value::Object(json));
    }
    for plain in declared.at("query") {
        parameters.extend(query(api, plain, declared, answer, remarks, place));
    }
    for plain in declared.at("header") {
        parameters.extend(header(api, plain, remarks, place));
    }
    if !answer.filters(declared).is_empty() {
        let mut json = parameter("where", "converter:toQueryParameters", Way("query", "query"));
        let description = "Conditions joined by AND; those that the vendor has parameters for are left to it";
        json.insert("dataType".to_owned(), Value::from("string"));
        json.insert("description".to_owned(), Value::from(description));
        parameters.push(Value::Object(json));
    }
    parameters
}

fn query(
    api: Api<'_>,
    plain: &Plain<'_>,
    declared: &Declared<'_>,
    answer: &Answer,
    remarks: &mut Remarks,
    place: &str,
) -> Option<Value> {
    if let Some(value) = only_value(plain) {
        return fixed(&plain.name, &value, "query");
    }
    let role = answer.paging.as_ref().and_then(|paging| paging.role(&plain.name));
    let own = match role {
        Some(Role::Page) => "page".to_owned(),
        Some(Role::Size) => "pageSize".to_owned(),
        Some(Role::Offset) => "offset".to_owned(),
        Some(Role::Cursor) => "nextPage".to_owned(),
        Some(Role::Unused) => {
            remarks.add(place, format!("{} was left out: pages are asked for otherwise", plain.name));
            return None;
        }
        None if answer.is_list && OURS.contains(&plain.name.as_str()) && plain.name != "fields" => {
            let own = other_name(&plain.name, declared);
            remarks.add(place, format!("{} is called {own}, because the name means something else here", plain.name));
            own
        }
        None => plain.name.clone(),
    };
    let mut json = parameter(&own, &plain.name, Way("query", "query"));
    // The walk over pages gives these, be they asked for or not.
    json.insert("required".to_owned(), Value::from(plain.is_required && role.is_none()));
    about(plain, &mut json);
    plain.listed(api.is_v2, &mut json);
    Some(Value::Object(json))
}

fn header(api: Api<'_>, plain: &Plain<'_>, remarks: &mut Remarks, place: &str) -> Option<Value> {
    let lower = plain.name.to_ascii_lowercase();
    if HEADERS.contains(&lower.as_str()) {
        return None;
    }
    if !plain.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        remarks.add(place, format!("{} was left out: it is not a header's name", cleaned(&plain.name, 60)));
        return None;
    }
    if let Some(value) = only_value(plain) {
        return fixed(&plain.name, &value, "header");
    }
    let mut json = parameter(&plain.name, &plain.name, Way("header", "header"));
    json.insert("required".to_owned(), Value::from(plain.is_required));
    about(plain, &mut json);
    plain.listed(api.is_v2, &mut json);
    Some(Value::Object(json))
}

/// The one value that a required parameter may have.
fn only_value(plain: &Plain<'_>) -> Option<String> {
    let values = plain.keyword("enum").and_then(Value::as_array).filter(|values| values.len() == 1);
    let value = plain.keyword("const").or_else(|| values?.first())?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    let is_plain = text.len() <= 200 && !text.contains('{') && !text.chars().any(char::is_control);
    (plain.is_required && is_plain).then_some(text)
}

/// A name for a parameter whose own is taken.
fn other_name(name: &str, declared: &Declared<'_>) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let other = format!("vendor{first}{}", letters.as_str());
    if declared.list.iter().any(|plain| plain.name == other) { format!("{other}2") } else { other }
}

/// Type, description and sample of a parameter.
pub(super) fn about(plain: &Plain<'_>, json: &mut Map<String, Value>) {
    let kind = data_type(plain.schema);
    json.insert("dataType".to_owned(), Value::from(kind));
    describe(json, "description", plain.json.get("description").and_then(Value::as_str), false);
    let sample = plain.json.get("example").or_else(|| plain.keyword("example")).or_else(|| plain.keyword("default"));
    let sample = sample.and_then(|sample| match sample {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(sample.to_string()),
        _ => None,
    });
    describe(json, "sampleData", sample.as_deref(), false);
}

/// The name that definitions have for a type.
pub(super) fn data_type(schema: Option<&Value>) -> &'static str {
    let text = |member: &str| schema.and_then(|schema| schema.get(member));
    let kind = match text("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        other => other.and_then(Value::as_str),
    };
    let format = text("format").and_then(Value::as_str).unwrap_or_default();
    match (kind.unwrap_or("string"), format) {
        ("integer", "int64") => "long",
        ("integer", _) => "integer",
        ("number", "float") => "float",
        ("number", "double") => "double",
        ("number", _) => "number",
        ("boolean", _) => "boolean",
        ("array", _) => "array",
        ("object", _) => "object",
        ("file", _) | ("string", "binary") => "file",
        ("string", "date") => "date",
        ("string", "date-time") => "dateTime",
        ("string", "password") => "password",
        ("string", "byte") => "byte",
        _ => "string",
    }
}

/// Whether a parameter of a list says which records it has.
pub(super) fn is_filter(plain: &Plain<'_>) -> bool {
    let lower = plain.name.to_ascii_lowercase();
    let is_path = plain.name.split('.').all(|part| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    is_path && !plain.is_required && !SHAPES.contains(&lower.as_str()) && !OURS.contains(&plain.name.as_str())
}
