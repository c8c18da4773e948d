//! What an operation answers: its model, where the records of a list are, and how the list goes on.

use serde_json::{Map, Value, json};

use super::{
    Api, Operation, Work,
    paging::{Hint, Paging, is_around},
    parameters::{Declared, is_filter},
    schema::Merged,
};
use crate::{model::Id, path::Path};

/// Names of members that hold the records of a list.
const RECORDS: &[&str] = &[
    "data",
    "items",
    "results",
    "value",
    "values",
    "records",
    "entries",
    "list",
    "objects",
    "content",
    "rows",
    "elements",
    "resources",
    "entities",
    "result",
    "hits",
    "resource",
];
/// Members around a list that are about the list.
const ABOUT: &[&str] = &[
    "total",
    "count",
    "next",
    "previous",
    "prev",
    "meta",
    "metadata",
    "links",
    "_links",
    "paging",
    "pagination",
    "page",
    "has_more",
    "hasmore",
    "object",
    "url",
    "kind",
    "etag",
    "limit",
    "offset",
    "size",
    "per_page",
    "perpage",
    "success",
    "status",
    "message",
    "code",
    "cursor",
    "request_id",
    "errors",
    "warnings",
    "self",
    "first",
    "last",
    "href",
    "ok",
];

/// The answer of an operation.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Whether the platform takes the resource for a list.
    pub(super) is_list: bool,
    /// Whether it answers with records.
    has_records: bool,
    pub(super) paging: Option<Paging>,
    pub(super) model: Option<Id>,
    /// The header `Accept`, where it is not the usual one.
    pub(super) accept: Option<String>,
    content_type: Option<String>,
    root: Option<String>,
    filters: Vec<String>,
}

impl Answer {
    /// The parameters that say which records a list has.
    pub(super) fn filters(&self, declared: &Declared<'_>) -> Vec<String> {
        if !self.has_records {
            return Vec::new();
        }
        let is_free = |name: &str| self.paging.as_ref().is_none_or(|paging| paging.role(name).is_none());
        let filters = declared.at("query").filter(|plain| is_filter(plain) && is_free(&plain.name));
        filters.map(|plain| plain.name.clone()).collect()
    }

    /// Writes what it means into the resource.
    pub(super) fn describe(&self, path: &Path, request_root: Option<&str>, json: &mut Map<String, Value>) {
        let request = request_root.unwrap_or_default();
        if self.root.is_some() || !request.is_empty() {
            json.insert("rootKey".to_owned(), format!("{request}|{}", self.root.as_deref().unwrap_or_default()).into());
        }
        if let Some(next) = self.paging.as_ref().and_then(|paging| paging.next.as_deref()) {
            json.insert("nextPageKey".to_owned(), Value::from(next));
        }
        if self.is_list && !self.has_records {
            json.insert("paginationType".to_owned(), Value::from("NO_PAGINATION"));
        }
        if let Some(content_type) = &self.content_type {
            json.insert("response".to_owned(), json!({ "contentType": content_type }));
        }
        if !self.filters.is_empty() {
            let object = json!({ "name": path.object(), "searchConfiguration": { "fields": self.filters } });
            json.insert("object".to_owned(), object);
        }
    }
}

/// Reads the answer of an operation that succeeds.
pub(super) fn read<'d>(
    work: &mut Work<'d>,
    operation: Operation<'d>,
    path: &Path,
    is_list: bool,
    declared: &Declared<'d>,
) -> Answer {
    let mut answer = Answer { is_list, ..Answer::default() };
    let (media, schema) = success(work.api, operation);
    let (media, is_json) = match media {
        None | Some("*/*" | "application/json" | "application/*") => (None, true),
        Some(media) => (Some(media), media.ends_with("+json") || media == "text/json"),
    };
    answer.content_type = media.map(str::to_owned);
    answer.accept = media.map(str::to_owned);
    let Some(schema) = schema else { return answer };
    let hint = hint(operation, path);
    let merged = work.schemas.merged(schema);
    if media.is_some_and(is_xml) {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        let named = merged.get("xml").and_then(|xml| xml.get("name")).and_then(Value::as_str);
        answer.root = named.or(reference).map(str::to_owned);
    }
    if !is_json || !is_list {
        answer.model = work.schemas.root(schema, &hint);
        return answer;
    }
    match merged.kind() {
        Some("array") => {
            answer.has_records = true;
            answer.paging = Paging::read(declared, &[]);
            answer.model = work.schemas.root(schema, &hint);
        }
        Some("object") => {
            let hints = hints(work, &merged);
            let paging = Paging::read(declared, &hints);
            let last = path.own_segments().rfind(|segment| !segment.starts_with('{')).unwrap_or_default().to_owned();
            match records(work, &merged, &last, paging.is_some()) {
                Some((root, items)) => {
                    answer.has_records = true;
                    answer.root = Some(root);
                    answer.paging = paging;
                    answer.model = Some(work.schemas.list(items, &hint));
                }
                None => answer.model = work.schemas.root(schema, &hint),
            }
        }
        _ => {}
    }
    answer.filters = answer.filters(declared);
    answer
}

/// A name for models that have none.
pub(super) fn hint(operation: Operation<'_>, path: &Path) -> String {
    let object = path.object();
    let mut letters = object.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{}{first}{}", operation.method.to_lowercase(), letters.as_str())
}

pub(super) fn is_xml(media: &str) -> bool {
    matches!(media, "application/xml" | "text/xml") || media.ends_with("+xml")
}

/// The content type of a success, and its schema.
fn success<'d>(api: Api<'d>, operation: Operation<'d>) -> (Option<&'d str>, Option<&'d Value>) {
    let responses = operation.json.get("responses");
    let named = |code: &str| responses.and_then(|responses| responses.get(code));
    let any = || {
        let all = responses.and_then(Value::as_object)?;
        all.iter().find(|(code, _)| code.starts_with('2') && *code != "204").map(|(_, response)| response)
    };
    let found = ["200", "201", "202"].into_iter().find_map(named).or_else(any).or_else(|| named("default"));
    let Some(response) = found.and_then(|response| api.followed(response)) else { return (None, None) };
    if api.is_v2 {
        let produces = operation.json.get("produces").or_else(|| api.root.get("produces")).and_then(Value::as_array);
        let produces: Vec<&str> = produces.into_iter().flatten().filter_map(Value::as_str).map(essence).collect();
        let schema = response.get("schema");
        let is_file = schema.and_then(|schema| schema.get("type")).and_then(Value::as_str) == Some("file");
        let media = preferred(&produces).or(is_file.then_some("application/octet-stream"));
        return (media, schema.filter(|_| !is_file));
    }
    let content = response.get("content").and_then(Value::as_object);
    let medias: Vec<&str> = content.into_iter().flatten().map(|(media, _)| essence(media)).collect();
    let media = preferred(&medias);
    let of = |media: &str| content?.iter().find(|(name, _)| essence(name) == media)?.1.get("schema");
    (media, media.and_then(of))
}

/// A content type without its parameters.
pub(super) fn essence(media: &str) -> &str {
    media.split(';').next().unwrap_or_default().trim()
}

/// The content type that is easiest to read.
fn preferred<'a>(medias: &[&'a str]) -> Option<&'a str> {
    let find = |fits: fn(&str) -> bool| medias.iter().copied().find(|media| fits(media));
    find(|media| media == "application/json")
        .or_else(|| find(|media| media.ends_with("+json") || media == "text/json"))
        .or_else(|| find(|media| media == "*/*"))
        .or_else(|| find(is_xml))
        .or_else(|| find(|media| media.contains('/') && !media.contains(char::is_whitespace)))
}

/// What of an answer may tell about pages.
fn hints<'d>(work: &mut Work<'d>, merged: &Merged<'d>) -> Vec<Hint> {
    let mut hints = Vec::new();
    let mut open: Vec<(String, &'d str, &'d Value, usize)> =
        merged.members().map(|(name, schema)| (name.to_owned(), name, schema, 0)).collect();
    while let Some((path, name, schema, depth)) = open.pop() {
        let inner = work.schemas.merged(schema);
        let kind = inner.kind().unwrap_or("unknown");
        if kind == "object" && is_around(name) && depth < 3 {
            open.extend(inner.members().map(|(name, schema)| (format!("{path}.{name}"), name, schema, depth + 1)));
        } else {
            let format = inner.get("format").and_then(Value::as_str).unwrap_or_default();
            hints.push(Hint {
                path,
                kind: kind.to_owned(),
                is_address: matches!(format, "uri" | "url" | "uri-reference"),
            });
        }
    }
    hints.sort_by_key(|hint| hint.path.matches('.').count());
    hints
}

/// Where in an object the records of a list are, and what they are.
fn records<'d>(work: &mut Work<'d>, merged: &Merged<'d>, last: &str, is_paged: bool) -> Option<(String, &'d Value)> {
    let mut arrays: Vec<(String, &'d Value)> = Vec::new();
    let mut is_wrapper = true;
    let mut inner_objects = Vec::new();
    for (name, schema) in merged.members() {
        let inner = work.schemas.merged(schema);
        let lower = name.to_ascii_lowercase();
        match inner.kind() {
            Some("array") => arrays.push((name.to_owned(), inner.get("items").unwrap_or(&Value::Null))),
            Some("object") if RECORDS.contains(&lower.as_str()) || lower == "_embedded" || lower == "response" => {
                inner_objects.push((name, inner));
            }
            _ => is_wrapper &= is_about(&lower),
        }
    }
    let named = |wanted: &str| arrays.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).cloned();
    let found = named(last).or_else(|| RECORDS.iter().find_map(|name| named(name)));
    let lone = || if arrays.len() == 1 && (is_wrapper || is_paged) { arrays.first().cloned() } else { None };
    if let Some(found) = found.or_else(lone) {
        return Some(found);
    }
    let [(name, inner)] = inner_objects.as_slice() else { return None };
    let mut nested = Vec::new();
    for (member, schema) in inner.members() {
        let merged = work.schemas.merged(schema);
        if merged.kind() == Some("array") {
            nested.push((format!("{name}.{member}"), merged.get("items").unwrap_or(&Value::Null)));
        }
    }
    if nested.len() == 1 { nested.pop() } else { None }
}

fn is_about(lower: &str) -> bool {
    ABOUT.contains(&lower)
        || ["total", "next", "prev", "page", "has", "count", "@odata"].iter().any(|start| lower.starts_with(start))
}
