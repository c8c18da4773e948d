//! Request bodies: JSON and XML as a whole, forms and parts by their fields, files as they are.

use serde_json::{Map, Value};

use super::{
    Operation, Work,
    answer::{essence, hint, is_xml},
    parameters::{Declared, Plain, about, data_type},
};
use crate::{
    definition::{Way, body, describe, fixed, parameter},
    model::Id,
    path::Path,
};

/// What is known of a request's body besides its parameters.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) model: Option<Id>,
    /// What the body is wrapped in.
    pub(super) root: Option<String>,
}

/// A body as a document describes it.
struct Described<'d> {
    media: &'d str,
    schema: Option<&'d Value>,
    is_required: bool,
}

/// Adds the parameters that make the body.
pub(super) fn read<'d>(
    work: &mut Work<'d>,
    operation: Operation<'d>,
    declared: &Declared<'d>,
    parameters: &mut Vec<Value>,
) -> Request {
    if operation.method == "GET" {
        if declared.at("body").next().is_some() || operation.json.get("requestBody").is_some() {
            work.remarks.add(&operation.place(), "its body was left out: reading sends none");
        }
        return Request::default();
    }
    let consumes = operation.json.get("consumes").or_else(|| work.api.root.get("consumes")).and_then(Value::as_array);
    let consumes: Vec<&str> = consumes.into_iter().flatten().filter_map(Value::as_str).map(essence).collect();
    let fields: Vec<&Plain<'d>> = declared.at("formData").collect();
    if !fields.is_empty() {
        let has_file = fields.iter().any(|field| data_type(field.schema) == "file");
        let way = if has_file || consumes.contains(&"multipart/form-data") { "multipart" } else { "form" };
        for field in fields {
            let mut json = parameter(&field.name, &field.name, Way(way, way));
            json.insert("required".to_owned(), Value::from(field.is_required));
            about(field, &mut json);
            parameters.push(Value::Object(json));
        }
        return Request::default();
    }
    let described = match declared.at("body").next() {
        Some(plain) => Described {
            media: best(&consumes).unwrap_or("application/json"),
            schema: plain.json.get("schema"),
            is_required: plain.is_required,
        },
        None => match v3_body(work, operation) {
            Some(described) => described,
            None => return Request::default(),
        },
    };
    take(work, operation, &described, parameters)
}

fn v3_body<'d>(work: &mut Work<'d>, operation: Operation<'d>) -> Option<Described<'d>> {
    let stated = operation.json.get("requestBody")?;
    let Some(stated) = work.api.followed(stated) else {
        work.remarks.add(&operation.place(), "its body was left out because its reference leads nowhere");
        return None;
    };
    let content = stated.get("content")?.as_object()?;
    let medias: Vec<&str> = content.keys().map(|media| essence(media)).collect();
    let media = best(&medias)?;
    let (_, described) = content.iter().find(|(name, _)| essence(name) == media)?;
    let is_required = stated.get("required").and_then(Value::as_bool).unwrap_or(false);
    Some(Described { media, schema: described.get("schema"), is_required })
}

/// The content type that is easiest to write.
fn best<'a>(medias: &[&'a str]) -> Option<&'a str> {
    let find = |fits: fn(&str) -> bool| medias.iter().copied().find(|media| fits(media));
    find(|media| media == "application/json")
        .or_else(|| find(|media| media.ends_with("+json")))
        .or_else(|| find(|media| media == "multipart/form-data"))
        .or_else(|| find(|media| media == "application/x-www-form-urlencoded"))
        .or_else(|| find(|media| matches!(media, "*/*" | "text/json")))
        .or_else(|| find(is_xml))
        .or_else(|| find(|media| media.contains('/') && !media.contains(char::is_whitespace)))
}

fn take<'d>(
    work: &mut Work<'d>,
    operation: Operation<'d>,
    described: &Described<'d>,
    parameters: &mut Vec<Value>,
) -> Request {
    let Described { media, schema, is_required } = *described;
    match media {
        "multipart/form-data" => fields(work, operation, schema, "multipart", parameters),
        "application/x-www-form-urlencoded" => fields(work, operation, schema, "form", parameters),
        _ => {
            let is_json = matches!(media, "application/json" | "*/*" | "text/json") || media.ends_with("+json");
            if !matches!(media, "application/json" | "*/*") {
                parameters.extend(fixed("Content-Type", media, "header"));
            }
            if !is_json && !is_xml(media) && !media.starts_with("text/") {
                let mut json = parameter("file", "", Way("multipart", "body"));
                json.insert("required".to_owned(), Value::from(is_required));
                json.insert("dataType".to_owned(), Value::from("file"));
                parameters.push(Value::Object(json));
                return Request::default();
            }
            parameters.push(body(is_required));
            let Some(schema) = schema.filter(|_| is_json || is_xml(media)) else { return Request::default() };
            let path = Path::read(operation.path, work.general);
            let model = work.schemas.root(schema, &format!("{}Request", hint(operation, &path)));
            let root = is_xml(media).then(|| xml_root(work, schema)).flatten();
            Request { model, root }
        }
    }
}

/// The name of the outermost element.
fn xml_root<'d>(work: &mut Work<'d>, schema: &'d Value) -> Option<String> {
    let merged = work.schemas.merged(schema);
    let named = merged.get("xml").and_then(|xml| xml.get("name")).and_then(Value::as_str);
    let reference = || schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
    named.or_else(reference).map(str::to_owned)
}

/// The members of a schema as fields of a form.
fn fields<'d>(
    work: &mut Work<'d>,
    operation: Operation<'d>,
    schema: Option<&'d Value>,
    way: &'static str,
    parameters: &mut Vec<Value>,
) -> Request {
    let merged = schema.map(|schema| work.schemas.merged(schema));
    let members: Vec<_> = merged.iter().flat_map(|merged| merged.members().collect::<Vec<_>>()).collect();
    if members.is_empty() {
        work.remarks.add(&operation.place(), "the document does not say which fields its form has");
    }
    for (name, schema) in members.into_iter().filter(|(name, _)| !name.trim().is_empty()).take(500) {
        let inner = work.schemas.merged(schema);
        let is_file = inner.get("format").and_then(Value::as_str) == Some("binary")
            || inner.get("contentMediaType").is_some() && inner.get("contentEncoding").is_none();
        let kind = if is_file { "file" } else { data_type(work.api.followed(schema)) };
        let mut json: Map<String, Value> = parameter(name, name, Way(way, way));
        let is_required = merged.as_ref().is_some_and(|merged| merged.requires(name));
        json.insert("required".to_owned(), Value::from(is_required));
        json.insert("dataType".to_owned(), Value::from(kind));
        describe(&mut json, "description", inner.get("description").and_then(Value::as_str), false);
        parameters.push(Value::Object(json));
    }
    Request::default()
}
