//! Root keys, `request|response`: what a request's body is wrapped in and which part of an answer is the body.

use serde_json::{Map, Value, json};

use crate::json_path;

/// A root key, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RootKey {
    request: Option<String>,
    response: Option<String>,
}

impl RootKey {
    /// Reads `request|response`; without a bar it is the response's.
    pub(crate) fn parse(text: &str) -> Self {
        let (request, response) = text.split_once('|').unwrap_or(("", text));
        Self { request: side(request), response: side(response) }
    }

    /// A root of requests alone.
    pub(crate) fn of_request(text: &str) -> Self {
        Self { request: side(text), response: None }
    }

    /// A root of answers alone.
    pub(crate) fn of_response(text: &str) -> Self {
        Self { request: None, response: side(text) }
    }

    /// The request's root.
    pub(crate) fn request_text(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// The answer's root.
    pub(crate) fn response_text(&self) -> Option<&str> {
        self.response.as_deref()
    }

    /// The body under the request's root.
    pub(crate) fn wrap(&self, body: Value) -> Value {
        let Some(path) = &self.request else { return body };
        let mut wrapped = Value::Object(Map::new());
        json_path::set(&mut wrapped, path, body);
        wrapped
    }

    /// The part of an answer that the response's root names: when it is not there, `[]` for a list, else `{}`.
    pub(crate) fn unwrap(&self, body: &Value, is_list: bool) -> Value {
        self.found(json_path::get(body, self.response_text().unwrap_or_default()), is_list)
    }

    /// The same, taken out of the answer.
    pub(crate) fn take(&self, body: &mut Value, is_list: bool) -> Value {
        self.found(json_path::take(body, self.response_text().unwrap_or_default()), is_list)
    }

    fn found(&self, found: Option<Value>, is_list: bool) -> Value {
        found.unwrap_or_else(|| if is_list { json!([]) } else { json!({}) })
    }
}

fn side(part: &str) -> Option<String> {
    Some(part.trim()).filter(|part| !part.is_empty()).map(str::to_owned)
}
