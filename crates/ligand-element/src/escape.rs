//! Filling a body template so that no value becomes syntax: the way a value is written depends on where in the
//! template it stands.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::template::{Lookup, Piece, Template, base64, text_of};

/// The syntax of a body template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Xml,
    Form,
    Plain,
}

impl Syntax {
    /// The syntax of a content type.
    pub(crate) fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/xml" | "text/xml" => Self::Xml,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.ends_with("+json") => Self::Json,
            other if other.ends_with("+xml") => Self::Xml,
            _ => Self::Plain,
        }
    }
}

/// Why a template cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FillError {
    /// The value of this name cannot be written in this syntax at all.
    BadValue(String),
    /// The template asks for this name's value inside a tag, outside of an attribute's quotes.
    InsideTag(String),
}

/// Fills a body template.
pub(crate) fn fill(template: &Template, syntax: Syntax, lookup: &Lookup<'_>) -> Result<String, FillError> {
    let mut body = String::new();
    let mut json = JsonState::default();
    let mut xml = XmlState::Text;
    for piece in &template.pieces {
        let (name, value) = match piece {
            Piece::Text(text) => {
                json.read(text);
                xml = xml.read(text);
                body.push_str(text);
                continue;
            }
            Piece::Configuration(name) => (name.as_str(), lookup(name, true).unwrap_or_default()),
            Piece::Token(name) => match lookup(name, false) {
                Some(value) => (name.as_str(), value),
                None => {
                    body.push_str(&format!("{{{name}}}"));
                    continue;
                }
            },
            Piece::Base64(inner) => ("CE.b64", Value::from(base64(inner, lookup))),
        };
        match syntax {
            Syntax::Json => body.push_str(&json.write(&value)),
            Syntax::Xml if xml == XmlState::Tag => return Err(FillError::InsideTag(name.to_owned())),
            Syntax::Xml => {
                body.push_str(&xml_text(&text_of(&value)).ok_or_else(|| FillError::BadValue(name.to_owned()))?);
            }
            Syntax::Form => body.extend(url::form_urlencoded::byte_serialize(text_of(&value).as_bytes())),
            Syntax::Plain => body.push_str(&text_of(&value)),
        }
    }
    Ok(body)
}

/// Whether a place in JSON is inside of a string.
#[derive(Default)]
struct JsonState {
    in_string: bool,
    escaped: bool,
}

impl JsonState {
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
    }

    /// The value at this place: the inside of a string, or a JSON value of its own. Text that is a number, `true`,
    /// `false` or `null` stands for that (configuration values are always text), other text is quoted.
    fn write(&self, value: &Value) -> String {
        if self.in_string {
            let quoted = Value::from(text_of(value)).to_string();
            return quoted[1..quoted.len() - 1].to_owned();
        }
        match value {
            Value::String(text) if !is_scalar(text) => value.to_string(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

fn is_scalar(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Null | Value::Bool(_) | Value::Number(_)))
}

/// Where in XML a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum XmlState {
    Text,
    Tag,
    Quoted(u8),
}

impl XmlState {
    fn read(self, text: &str) -> Self {
        text.bytes().fold(self, |state, byte| match (state, byte) {
            (Self::Text, b'<') => Self::Tag,
            (Self::Tag, b'>') => Self::Text,
            (Self::Tag, b'"' | b'\'') => Self::Quoted(byte),
            (Self::Quoted(quote), _) if quote == byte => Self::Tag,
            (state, _) => state,
        })
    }
}

/// The text with XML's own characters escaped; `None` when it has characters that XML cannot hold.
pub(crate) fn xml_text(text: &str) -> Option<String> {
    let mut escaped = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(each),
            _ if each < ' ' || matches!(each, '\u{fffe}' | '\u{ffff}') => return None,
            _ => escaped.push(each),
        }
    }
    Some(escaped)
}
