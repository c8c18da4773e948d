//! One request as the vendors' code sees it, and the answers it builds. Vendors work on whole
//! requests in memory; streaming and the limits that make that safe are settled here.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Largest request body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Most path segments a request may have.
const MAX_SEGMENTS: usize = 32;
/// Most query parameters a request may have.
const MAX_PARAMETERS: usize = 256;

/// A request, read completely.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Percent-decoded path segments, without empty ones at the end.
    pub(crate) segments: Vec<String>,
    /// The path and the query as they were written.
    pub(crate) raw_path: String,
    pub(crate) raw_query: String,
    /// Decoded query parameters in the order given.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and authority by which the caller reached the sandbox; links start with it.
    pub(crate) origin: String,
}

impl Call {
    /// Reads a request. Answers 400 for a path that is not UTF-8 and 413 for a body over the limit.
    pub(crate) async fn read(request: Request) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let segments =
            decode_path(parts.uri.path()).ok_or_else(|| text(StatusCode::BAD_REQUEST, "The path is not valid."))?;
        let raw_path = parts.uri.path().to_owned();
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let query = url::form_urlencoded::parse(raw_query.as_bytes())
            .take(MAX_PARAMETERS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let authority = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let origin = origin(authority.or(parts.uri.authority().map(|found| found.as_str())));
        let body = to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_| text(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large or incomplete."))?;
        Ok(Self { method: parts.method, segments, raw_path, raw_query, query, headers: parts.headers, body, origin })
    }

    /// The path as a list that patterns can be matched against.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// First value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A header as text; `None` if absent or not printable ASCII.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Media type of the body in lower case, without parameters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header(&header::CONTENT_TYPE)?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

fn decode_path(path: &str) -> Option<Vec<String>> {
    let trimmed = path.trim_start_matches('/').trim_end_matches('/');
    if trimmed.is_empty() {
        return Some(Vec::new());
    }
    if trimmed.split('/').count() > MAX_SEGMENTS {
        return None;
    }
    trimmed.split('/').map(decode_segment).collect()
}

fn decode_segment(segment: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push((high * 16 + low) as u8);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// Links must not carry whatever a strange `Host` header contains.
fn origin(authority: Option<&str>) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    match authority {
        Some(found) if !found.is_empty() && found.len() < 256 && found.bytes().all(plain) => {
            format!("http://{found}")
        }
        _ => "http://127.0.0.1".to_owned(),
    }
}

/// An answer of any content type.
pub(crate) fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (status, headers, body.into()).into_response()
}

/// A plain text answer.
pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Response {
    reply(status, "text/plain; charset=utf-8", body.into())
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    reply(status, "application/json; charset=utf-8", body.to_string())
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    status.into_response()
}
