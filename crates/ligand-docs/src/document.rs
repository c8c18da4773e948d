//! The model of a document, from which both formats are written.

use serde_json::{Map, Value};

/// How schemas refer to each other in the model, as in Swagger 2.0.
pub(crate) const REFERENCE: &str = "#/definitions/";

/// A described API. Schemas are those of Swagger 2.0: `$ref` to `#/definitions/…`, `x-nullable`, type `file`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// Whom to ask.
    pub contact: String,
    /// Host and port; that of the document when absent.
    pub host: Option<String>,
    /// What every path begins with.
    pub base_path: String,
    /// `http`, `https`.
    pub schemes: Vec<String>,
    /// Groups of operations.
    pub tags: Vec<Tag>,
    /// What can be called; those of one path need not stand together.
    pub operations: Vec<Operation>,
    /// Named schemas.
    pub schemas: Map<String, Value>,
}

/// A group of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: String,
}

/// Whether an operation takes credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// It refuses callers who do not prove user and organization.
    Required,
    /// It refuses callers who do not prove a user and show the Element token of an instance.
    Token,
    /// It shows more to callers with them.
    Optional,
    /// It never looks at them.
    None,
}

/// One verb and path.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The verb in upper case.
    pub method: String,
    /// The path behind the base path, variables in braces.
    pub path: String,
    /// Its name, unique in the document.
    pub id: String,
    /// What it does, in a line.
    pub summary: String,
    /// More about it, in Markdown.
    pub description: Option<String>,
    /// Its groups.
    pub tags: Vec<String>,
    /// Whether it takes credentials.
    pub authorization: Authorization,
    /// Further parameters, each name once a place.
    pub parameters: Vec<Parameter>,
    /// What it reads.
    pub body: Option<Body>,
    /// What it answers, by status.
    pub responses: Vec<Response>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A variable of the path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// A field of a form.
    Form,
}

/// A parameter beside the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What it is for.
    pub description: Option<String>,
    /// What it may be: a schema without references.
    pub schema: Value,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// What the parameter is called in Swagger 2.0.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What it is for.
    pub description: Option<String>,
    /// What it may be.
    pub schema: Value,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// What it means.
    pub description: String,
    /// What it holds, and its media type; nothing when absent.
    pub content: Option<(String, Value)>,
    /// Headers beyond those that every answer has: name, description.
    pub headers: Vec<(String, String)>,
}

impl Parameter {
    /// A parameter of a simple type.
    #[must_use]
    pub fn of(name: impl Into<String>, place: Place, required: bool, schema: Value) -> Self {
        Self { name: name.into(), place, required, description: None, schema }
    }

    /// The same, explained.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

impl Response {
    /// An answer without a body.
    #[must_use]
    pub fn of(status: u16, description: impl Into<String>) -> Self {
        Self { status, description: description.into(), content: None, headers: Vec::new() }
    }
}

/// The schema with this name.
pub(crate) fn reference(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("{REFERENCE}{}", escaped(name)) })
}

/// The name that a reference means.
pub(crate) fn referred(schema: &Value) -> Option<String> {
    let name = schema.as_object()?.get("$ref")?.as_str()?.strip_prefix(REFERENCE)?;
    Some(unescaped(name))
}

/// A name as a step of a JSON pointer in a URI fragment.
pub(crate) fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for each in name.chars() {
        match each {
            '~' => escaped.push_str("~0"),
            '/' => escaped.push_str("~1"),
            each if each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.') => escaped.push(each),
            each => {
                let mut bytes = [0; 4];
                for byte in each.encode_utf8(&mut bytes).bytes() {
                    escaped.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    escaped
}

fn unescaped(step: &str) -> String {
    percent_decoded(step).replace("~1", "/").replace("~0", "~")
}

/// A URI fragment without its percent signs.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.extend(hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low));
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
