//! Reading an answer's text as what a resource declares it to be (`response.contentType`).

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// A bare JSON Web Token in compact form, whatever content type the vendor states.
    Jwt,
    /// Any text.
    Text,
}

impl Shape {
    /// The shape of a content type: JSON and XML in all their dialects, `application/jwt`, else text.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" => Self::Json,
            "application/xml" | "text/xml" => Self::Xml,
            "application/jwt" => Self::Jwt,
            other if other.ends_with("+json") => Self::Json,
            other if other.ends_with("+xml") => Self::Xml,
            _ => Self::Text,
        }
    }
}

/// The answer is not of the declared shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not {0}")]
pub struct ContentError(pub &'static str);

/// Reads text as JSON, JWT or plain text; an empty JSON answer is null. XML is the engine's business.
///
/// # Errors
/// When the text is not of that shape.
pub fn read_text(shape: Shape, text: &str) -> Result<Value, ContentError> {
    match shape {
        Shape::Json if text.trim().is_empty() => Ok(Value::Null),
        Shape::Json => serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| ContentError("JSON")),
        Shape::Xml => Err(ContentError("XML")),
        Shape::Jwt => jwt(text).map(Value::from).ok_or(ContentError("a JSON Web Token")),
        Shape::Text => Ok(Value::from(text)),
    }
}

/// The token without blanks and quotes around it: three base64url parts, the first of which is a JSON object.
fn jwt(text: &str) -> Option<&str> {
    let token = text.trim();
    let token = token.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(token);
    let mut parts = token.split('.');
    let header = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    let is_object = serde_json::from_slice::<Value>(&header).is_ok_and(|header| header.is_object());
    let payload = parts.next().filter(|part| !part.is_empty())?;
    let signature = parts.next()?;
    let is_code = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (is_object && parts.next().is_none() && is_code(payload) && is_code(signature)).then_some(token)
}
