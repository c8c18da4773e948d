//! Error answers of the service: plain text, or the structured form when the caller asks for it.

use axum::response::Response;
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::call::{Call, reply, text};

/// Media type of structured errors.
const STRUCTURED: &str = "application/vnd.oracle.adf.error+json";

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Detail {
    message: String,
    /// JBO error number, if the framework has one for it.
    code: Option<u32>,
    /// JSON pointer to the attribute.
    path: Option<String>,
}

/// Why a call is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    details: Vec<Detail>,
}

impl Refusal {
    /// A refusal with one message.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let detail = Detail { message: message.into(), code: None, path: None };
        Self { status, details: vec![detail] }
    }

    /// 400 with one message.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404 for an item or path that does not exist.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 400 for one attribute, with the framework's error number.
    pub(super) fn attribute(code: u32, attribute: &str, message: &str) -> Self {
        let mut refusal = Self { status: StatusCode::BAD_REQUEST, details: Vec::new() };
        refusal.add(code, Some(attribute), message);
        refusal
    }

    /// Mandatory attributes that were not sent.
    pub(super) fn missing(entity: &str, id: u64, attributes: &[&str]) -> Self {
        let mut refusal = Self { status: StatusCode::BAD_REQUEST, details: Vec::new() };
        let row = format!("Missing mandatory attributes for a row with key oracle.jbo.Key[{id} ] of type {entity}");
        refusal.add(27027, None, &row);
        for attribute in attributes {
            let message = format!("Attribute {attribute} in {entity} is required");
            refusal.add(27014, Some(attribute), &message);
        }
        refusal
    }

    /// 412 for an item that is not in the state the caller knows.
    pub(super) fn changed(key: &str) -> Self {
        let mut refusal = Self { status: StatusCode::PRECONDITION_FAILED, details: Vec::new() };
        let message = format!("Another user has changed the row with primary key oracle.jbo.Key[{key} ].");
        refusal.add(25014, None, &message);
        refusal
    }

    /// The messages, a line each.
    pub(super) fn text(&self) -> String {
        let lines: Vec<&str> = self.details.iter().map(|detail| detail.message.as_str()).collect();
        lines.join("\n")
    }

    fn add(&mut self, code: u32, attribute: Option<&str>, message: &str) {
        self.details.push(Detail {
            message: format!("JBO-{code}: {message}"),
            code: Some(code),
            path: attribute.map(|name| format!("/{name}")),
        });
    }

    /// The answer, in the form the caller accepts.
    pub(super) fn answer(&self, call: &Call) -> Response {
        let accepted = call.header(&header::ACCEPT).unwrap_or_default();
        if accepted.contains(STRUCTURED) {
            return reply(self.status, STRUCTURED, self.structured().to_string());
        }
        text(self.status, self.text())
    }

    fn structured(&self) -> Value {
        let detail = |detail: &Detail| {
            let mut shown = json!({ "detail": detail.message });
            if let Some(code) = detail.code {
                shown["o:errorCode"] = json!(code.to_string());
            }
            if let Some(path) = &detail.path {
                shown["o:errorPath"] = json!(path);
            }
            shown
        };
        json!({
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_str(),
            "o:errorDetails": self.details.iter().map(detail).collect::<Vec<_>>(),
        })
    }
}
