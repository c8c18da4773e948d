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
        let side = |part: &str| Some(part.trim()).filter(|part| !part.is_empty()).map(str::to_owned);
        Self { request: side(request), response: side(response) }
    }

    /// The body under the request's root.
    pub(crate) fn wrap(&self, body: Value) -> Value {
        let Some(path) = &self.request else { return body };
        let mut wrapped = Value::Object(Map::new());
        json_path::set(&mut wrapped, path, body);
        wrapped
    }

    /// The part of an answer that the response's root names: when it is not there, `[]` for a list, else `{}`.
    pub(crate) fn unwrap(&self, body: Value, is_list: bool) -> Value {
        let Some(path) = &self.response else { return body };
        json_path::get(&body, path).unwrap_or_else(|| if is_list { json!([]) } else { json!({}) })
    }
}
