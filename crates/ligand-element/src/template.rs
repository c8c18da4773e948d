//! Templates in `value` parameters: `${configuration.key}`, `CE.b64(…)`, `{token}`, and text between.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text as it stands.
    Text(String),
    /// The value of a configuration key.
    Configuration(String),
    /// The value of a token or incoming parameter; the braces stay when there is none of that name.
    Token(String),
    /// The base64 form of what is inside.
    Base64(Template),
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// Gives the values of configuration keys (true) and of tokens (false).
pub(crate) type Lookup<'a> = dyn Fn(&str, bool) -> Option<Value> + 'a;

/// How deep `CE.b64(` may nest.
const MAX_NESTING: usize = 4;

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// What is wrong, for a problem's message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_nested(text, 0)
    }

    /// A template that is the text as it stands.
    pub(crate) fn literal(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())] }
    }

    fn parse_nested(text: &str, nesting: usize) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (piece, after) = match next_piece(rest, nesting)? {
                Some(found) => found,
                None => {
                    literal.push(first);
                    rest = &rest[first.len_utf8()..];
                    continue;
                }
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(piece);
            rest = after;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// Every configuration key that it names.
    pub(crate) fn configuration_keys(&self) -> Vec<&str> {
        let mut keys = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Configuration(key) => keys.push(key.as_str()),
                Piece::Base64(inner) => keys.extend(inner.configuration_keys()),
                Piece::Text(_) | Piece::Token(_) => {}
            }
        }
        keys
    }

    /// Whether it has a token of this name.
    pub(crate) fn asks(&self, name: &str) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Token(token) => token == name,
            Piece::Base64(inner) => inner.asks(name),
            Piece::Text(_) | Piece::Configuration(_) => false,
        })
    }

    /// The text, each value as it is.
    pub(crate) fn expand(&self, lookup: &Lookup<'_>) -> String {
        self.pieces.iter().map(|piece| piece.expand(lookup)).collect()
    }
}

impl Piece {
    fn expand(&self, lookup: &Lookup<'_>) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Configuration(key) => lookup(key, true).map(|value| text_of(&value)).unwrap_or_default(),
            Self::Token(name) => lookup(name, false).map_or_else(|| format!("{{{name}}}"), |value| text_of(&value)),
            Self::Base64(inner) => base64(inner, lookup),
        }
    }
}

/// The base64 form of a filled template.
pub(crate) fn base64(template: &Template, lookup: &Lookup<'_>) -> String {
    STANDARD.encode(template.expand(lookup))
}

/// A value as text: strings as they are, nothing for null, compact JSON for the rest.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn next_piece(text: &str, nesting: usize) -> Result<Option<(Piece, &str)>, String> {
    if let Some(inner) = text.strip_prefix("${configuration.") {
        let (key, after) = inner.split_once('}').ok_or("a ${configuration. has no closing brace")?;
        return Ok(Some((Piece::Configuration(key.to_owned()), after)));
    }
    if let Some(inner) = text.strip_prefix("CE.b64(") {
        if nesting >= MAX_NESTING {
            return Err("CE.b64( is nested too deeply".to_owned());
        }
        let end = closing(inner).ok_or("a CE.b64( has no closing parenthesis")?;
        let template = Template::parse_nested(&inner[..end], nesting + 1)?;
        return Ok(Some((Piece::Base64(template), &inner[end + 1..])));
    }
    if let Some(inner) = text.strip_prefix('{')
        && let Some((name, after)) = inner.split_once('}')
        && is_token(name)
    {
        return Ok(Some((Piece::Token(name.to_owned()), after)));
    }
    Ok(None)
}

/// The offset of the parenthesis that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(index),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '.' | '_' | '-'))
}
