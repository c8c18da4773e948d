//! A webhook as it came: its body read by its type, and what stands where in it.

use ligand_element::value_at;
use serde_json::{Map, Value};

/// A webhook of a vendor.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// The element that the path names.
    pub element_key: String,
    /// What the path says behind it.
    pub token: Option<String>,
    /// Whether it has a body at all (no GET).
    pub has_body: bool,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Names and values.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: bytes::Bytes,
    /// The fields of a form with parts, which was read while it arrived.
    pub fields: Option<Vec<(String, String)>>,
}

impl Incoming {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; what came in the query, when there is no body.
    pub(super) fn payload(&self) -> Value {
        if let Some(fields) = &self.fields {
            return Value::Object(form(fields));
        }
        if !self.has_body || self.body.iter().all(u8::is_ascii_whitespace) {
            return Value::Object(form(&self.query));
        }
        let kind = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let text = String::from_utf8_lossy(&self.body);
        let as_text = || Value::Object(Map::from_iter([("body".to_owned(), Value::from(text.as_ref()))]));
        let as_json =
            || serde_json::from_slice(&self.body).ok().filter(|value: &Value| value.is_object() || value.is_array());
        match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                let fields: Vec<(String, String)> = url::form_urlencoded::parse(&self.body).into_owned().collect();
                Value::Object(form(&fields))
            }
            kind if kind == "text/xml" || kind == "application/xml" || kind.ends_with("+xml") => {
                ligand_engine::xml_document(&text).unwrap_or_else(as_text)
            }
            // Not every vendor says what it sends.
            _ => as_json().unwrap_or_else(as_text),
        }
    }
}

/// What scripts and rules see of a webhook: the body's members over those of the query, and the headers.
pub(super) fn seen(payload: &Value, context: &Value) -> Map<String, Value> {
    let mut seen = context["query"].as_object().cloned().unwrap_or_default();
    match payload {
        Value::Object(members) => seen.extend(members.clone()),
        other => {
            seen.insert("body".to_owned(), other.clone());
        }
    }
    seen.insert("eventHeaders".to_owned(), context["headers"].clone());
    seen
}

/// What came with a webhook besides its body.
pub(super) fn context(incoming: &Incoming) -> Value {
    let mut headers = Map::new();
    for (name, value) in &incoming.headers {
        let joined = match headers.get(name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value.clone(),
        };
        headers.insert(name.clone(), Value::from(joined));
    }
    serde_json::json!({ "headers": headers, "query": form(&incoming.query) })
}

/// Fields as a map: of a name that is there more than once a list, of a value that is JSON what it says.
fn form(fields: &[(String, String)]) -> Map<String, Value> {
    let mut map: Map<String, Value> = Map::new();
    for (name, text) in fields {
        let trimmed = text.trim_start();
        let parsed = (trimmed.starts_with('{') || trimmed.starts_with('[')).then(|| serde_json::from_str(text).ok());
        let value = parsed.flatten().unwrap_or_else(|| Value::from(text.as_str()));
        match map.get_mut(name) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => {
                map.insert(name.clone(), value);
            }
        }
    }
    map
}

/// The texts at a place of a webhook: in its body, else in its query, else, as `header.x-name`, among its headers. The
/// empty place is the token of the path, or any query parameter.
pub(super) fn texts_at(incoming: &Incoming, payload: &Value, place: &str) -> Vec<String> {
    const TEXTS: usize = 20;
    if place.is_empty() {
        let token = incoming.token.iter().cloned();
        return token.chain(incoming.query.iter().map(|(_, value)| value.clone())).take(TEXTS).collect();
    }
    let query = || value_at(&Value::Object(form(&incoming.query)), place);
    let header = || {
        let name = place.strip_prefix("header.")?.to_ascii_lowercase();
        incoming.header(&name).map(Value::from)
    };
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value_at(payload, place).filter(|value| !value.is_null()).or_else(query).or_else(header) {
        Some(Value::Array(values)) => values.iter().filter_map(plain).take(TEXTS).collect(),
        Some(value) => plain(&value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The instance that a text names: its number, plain or in base64 of any alphabet, padded or not.
pub(super) fn number_of(text: &str) -> Option<i64> {
    use base64::{
        Engine as _, alphabet,
        engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    };
    let digits = |text: &str| -> Option<i64> {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    let text = text.trim();
    if let Some(number) = digits(text) {
        return Some(number);
    }
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = [alphabet::STANDARD, alphabet::URL_SAFE].iter().find_map(|alphabet| {
        GeneralPurpose::new(alphabet, lenient.with_decode_allow_trailing_bits(true)).decode(text).ok()
    })?;
    digits(String::from_utf8(decoded).ok()?.trim())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Incoming, number_of, texts_at};

    fn incoming(kind: &str, body: &str) -> Incoming {
        Incoming {
            has_body: true,
            headers: vec![("content-type".into(), kind.into()), ("x-name".into(), "h1".into())],
            query: vec![("a".into(), "1".into()), ("t".into(), r#"{"target":"9"}"#.into())],
            body: body.to_owned().into(),
            ..Incoming::default()
        }
    }

    #[test]
    fn reads_bodies_by_their_type() {
        let read = |kind, body| incoming(kind, body).payload();
        assert_eq!(read("application/json; charset=utf-8", r#"{"x":1}"#), json!({ "x": 1 }));
        assert_eq!(read("text/plain", r#"[{"x":1}]"#), json!([{ "x": 1 }]), "whatever it is called");
        assert_eq!(read("application/json", "{broken"), json!({ "body": "{broken" }));
        assert_eq!(read("text/plain", "hello"), json!({ "body": "hello" }));
        assert_eq!(
            read("application/x-www-form-urlencoded", "userId=%5B%22U1%22%5D&n=a+b&n=c&bad=%7Bx"),
            json!({ "userId": ["U1"], "n": ["a b", "c"], "bad": "{x" })
        );
        assert_eq!(read("text/xml", "<e><id>7</id></e>"), json!({ "e": { "id": "7" } }));
        assert_eq!(read("text/xml", "<e>"), json!({ "body": "<e>" }));
        assert!(read("text/xml", r#"<!DOCTYPE x [<!ENTITY a "b">]><e>&a;</e>"#)["body"].is_string());
        assert_eq!(read("application/json", " ")["a"], "1", "without a body the query counts");
    }

    #[test]
    fn finds_what_stands_where() {
        let incoming =
            Incoming { token: Some("tok".into()), ..incoming("application/json", r#"{"d":{"id":7},"l":["p","q"]}"#) };
        let payload: Value = incoming.payload();
        let at = |place: &str| texts_at(&incoming, &payload, place);
        assert_eq!(at("d.id"), ["7"]);
        assert_eq!(at("l"), ["p", "q"]);
        assert_eq!(at("t.target"), ["9"]);
        assert_eq!(at("header.X-Name"), ["h1"]);
        assert_eq!(at("nothing.here"), Vec::<String>::new());
        assert_eq!(at("")[..2], ["tok", "1"]);
    }

    #[test]
    fn numbers_of_instances_are_read_leniently() {
        for text in ["MjA5MzE=", "MjA5MzE", "20931", " 20931 "] {
            assert_eq!(number_of(text), Some(20_931), "{text}");
        }
        for text in ["", "autopilot123", "-1", "MjA5MzE=x", "bm8=", "99999999999999999999"] {
            assert_eq!(number_of(text), None, "{text}");
        }
    }
}
