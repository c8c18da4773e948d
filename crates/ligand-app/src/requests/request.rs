//! A request that is kept, and what a caller asks when it makes a schedule for one.

use ligand_domain::{Cron, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// The longest name or description, in characters.
const TEXT_CHARS: usize = 1000;
/// The longest `uri`, in bytes.
const URI_BYTES: usize = 8000;
/// The largest body, in bytes.
const BODY_BYTES: usize = 1 << 20;
/// Verbs that a schedule may have.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Headers that belong to one connection, or say when and for whom a request is executed.
const NOT_KEPT: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "elements-schedule-request",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request to this API. It may hold customers' data, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Request {
    /// The verb.
    pub method: String,
    /// Path with the API's base path, and query.
    pub uri: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "base64_text")]
    pub body: Vec<u8>,
    /// Whom to tell of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) callback: Option<String>,
}

impl Request {
    /// A request as it arrived; of its headers those that another execution of it needs.
    #[must_use]
    pub fn new(method: String, uri: String, headers: impl Iterator<Item = (String, String)>, body: Vec<u8>) -> Self {
        let headers = headers.filter(|(name, _)| !NOT_KEPT.contains(&name.to_ascii_lowercase().as_str())).collect();
        Self { method, uri, headers, body, callback: None }
    }

    /// The same request, executed by whoever is to tell somebody of its answer.
    pub(super) fn told_to(mut self, callback: String) -> Self {
        self.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("elements-async-"));
        Self { callback: Some(callback), ..self }
    }

    /// The path without the query, which may be somebody's data.
    pub(super) fn path(&self) -> &str {
        self.uri.split('?').next().unwrap_or_default()
    }
}

mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A checked body of `POST /jobs`, or what a request with a schedule asks.
pub struct NewSchedule {
    pub(super) name: String,
    pub(super) description: String,
    /// When; once, and as soon as possible, if absent.
    pub(super) cron: Option<Cron>,
    pub(super) request: Request,
    /// The instance by its id.
    pub(super) instance: Option<String>,
    /// The `Authorization` header among the request's headers.
    pub(super) authorization: Option<String>,
}

impl NewSchedule {
    /// What a request asks that carries a schedule as a header.
    ///
    /// # Errors
    /// Invalid for what is no cron expression, or one that never fires.
    pub fn of_header(cron: &str, request: Request) -> Result<Self, Error> {
        Ok(Self {
            name: format!("{} {}", request.method, request.path()).chars().take(TEXT_CHARS).collect(),
            description: String::new(),
            cron: Some(read_cron(cron).map_err(|problem| Error::invalid("schedule-invalid", problem))?),
            request,
            instance: None,
            authorization: None,
        })
    }

    /// Checks a body.
    ///
    /// # Errors
    /// Invalid, one message naming every member that is wrong.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let name = text(body, "name", true, &mut problems);
        let description = text(body, "description", false, &mut problems);
        let method = text(body, "method", true, &mut problems).to_ascii_uppercase();
        if !method.is_empty() && !METHODS.contains(&method.as_str()) {
            problems.push(format!("method must be one of {}", METHODS.join(", ")));
        }
        let mut uri = text(body, "uri", true, &mut problems);
        let query = pairs(body, "query", &mut problems);
        if !uri.is_empty() && !is_of_this_api(&uri) {
            problems.push("uri must be a path of this API with its base path, such as /elements/api-v2/…".to_owned());
        }
        if !query.is_empty() {
            uri.push(if uri.contains('?') { '&' } else { '?' });
            uri.push_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish());
        }
        let mut headers: Vec<(String, String)> = pairs(body, "headers", &mut problems)
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        if !headers.iter().all(|(name, value)| is_header(name, value)) {
            problems.push("headers must be names and values of HTTP headers".to_owned());
        }
        let authorization = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone());
        let bytes = match body.get("body") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) if headers.iter().any(|(name, _)| name == "content-type") => text.clone().into(),
            Some(value) => {
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                value.to_string().into()
            }
        };
        if bytes.len() > BODY_BYTES {
            problems.push(format!("body must have at most {BODY_BYTES} bytes"));
        }
        let cron = match trigger(body).transpose() {
            Ok(cron) => cron,
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let instance = match body.get("instanceId") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            Some(_) => {
                problems.push("instanceId must be the number of an element instance".to_owned());
                None
            }
        };
        if !problems.is_empty() {
            return Err(Error::invalid("job-invalid", problems.join("; ")));
        }
        let request = Request::new(method, uri, headers.into_iter(), bytes);
        Ok(Self { name, description, cron, request, instance, authorization })
    }
}

/// The schedule of a body.
///
/// # Errors
/// Says what is wrong with it; a body that has none is left to the caller.
pub(super) fn trigger(body: &Map<String, Value>) -> Option<Result<Cron, String>> {
    let trigger = match body.get("trigger") {
        None | Some(Value::Null) => return None,
        Some(Value::Object(trigger)) => trigger,
        Some(_) => return Some(Err("trigger must be an object".to_owned())),
    };
    match trigger.get("cron") {
        None | Some(Value::Null) => None,
        Some(Value::String(cron)) => Some(read_cron(cron).map_err(|problem| format!("trigger.cron: {problem}"))),
        Some(_) => Some(Err("trigger.cron must be a text".to_owned())),
    }
}

fn read_cron(text: &str) -> Result<Cron, String> {
    text.parse().map_err(|wrong| format!("the schedule is no Quartz cron expression: {wrong}"))
}

fn text(body: &Map<String, Value>, member: &str, required: bool, problems: &mut Vec<String>) -> String {
    let limit = if member == "uri" { URI_BYTES } else { TEXT_CHARS };
    match body.get(member) {
        Some(Value::String(text)) if text.chars().count() > limit => {
            problems.push(format!("{member} must have at most {limit} characters"));
        }
        Some(Value::String(text)) if !required || !text.trim().is_empty() => return text.trim().to_owned(),
        None | Some(Value::Null) if !required => {}
        None | Some(Value::Null | Value::String(_)) => problems.push(format!("{member} is required")),
        Some(_) => problems.push(format!("{member} must be a text")),
    }
    String::new()
}

/// The members of an object as names and values; of a list each item.
fn pairs(body: &Map<String, Value>, member: &str, problems: &mut Vec<String>) -> Vec<(String, String)> {
    let object = match body.get(member) {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(object)) => object,
        Some(_) => {
            problems.push(format!("{member} must be an object"));
            return Vec::new();
        }
    };
    let mut pairs = Vec::new();
    for (name, value) in object {
        let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            match value {
                Value::Null => {}
                Value::String(text) => pairs.push((name.clone(), text.clone())),
                Value::Bool(_) | Value::Number(_) => pairs.push((name.clone(), value.to_string())),
                Value::Array(_) | Value::Object(_) => problems.push(format!("{member}.{name} must be a text")),
            }
        }
    }
    pairs
}

/// Whether it is a path whose second segment is the API's version: the first one differs under another noun.
fn is_of_this_api(uri: &str) -> bool {
    let path = uri.split('?').next().unwrap_or_default();
    let mut segments = path.split('/');
    let lies_there = segments.next() == Some("")
        && segments.next().is_some_and(|noun| !noun.is_empty())
        && segments.next() == Some("api-v2")
        && segments.next().is_some_and(|first| !first.is_empty());
    lies_there && uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&byte))
}

fn is_header(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_text = |byte: u8| byte == b'\t' || (0x20..0x7f).contains(&byte) || byte >= 0x80;
    !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_text)
}
