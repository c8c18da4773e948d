//! Conditions in the filter languages of vendors. A value can never become syntax: it is escaped by
//! the rules of the language, and what has no safe form there is refused. Field names are checked,
//! never escaped. What is refused can be evaluated here instead (see [`Condition::split`]).

mod adf;
mod odata;
mod query_parameters;
mod roql;

use thiserror::Error;

pub use adf::{AdfVersion, to_adf};
pub use odata::{ODataVersion, to_odata};
pub use query_parameters::to_query_parameters;
pub use roql::to_roql;

use crate::condition::Condition;
use crate::field::{Field, Segment};
use crate::value::{Kind, Value};

/// A condition that a vendor's language has no (safe) form for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what} cannot be expressed in {language}")]
pub struct Untranslatable {
    /// The part of the condition.
    pub what: String,
    /// The vendor's language.
    pub language: &'static str,
}

type Translation<T = String> = Result<T, Untranslatable>;

/// How a language spells the connectives of conditions, and its comparisons.
struct Language {
    name: &'static str,
    and: &'static str,
    or: &'static str,
    not: &'static str,
    /// Words that are not field names there, in lower case.
    reserved: &'static [&'static str],
    /// Writes a comparison. A text with connectives in it stands in parentheses.
    leaf: fn(&Condition) -> Translation,
}

impl Language {
    fn refuse<T>(&self, what: impl Into<String>) -> Translation<T> {
        Err(Untranslatable { what: what.into(), language: self.name })
    }

    fn translate(&self, condition: &Condition) -> Translation {
        match condition {
            Condition::And(parts) => self.join(parts, self.and),
            Condition::Or(parts) => self.join(parts, self.or),
            Condition::Not(part) => Ok(format!("{} ({})", self.not, self.translate(part)?)),
            leaf => (self.leaf)(leaf),
        }
    }

    fn join(&self, parts: &[Condition], word: &str) -> Translation {
        let part = |part: &Condition| match part {
            Condition::And(_) | Condition::Or(_) => Ok(format!("({})", self.translate(part)?)),
            _ => self.translate(part),
        };
        let parts: Vec<_> = parts.iter().map(part).collect::<Translation<_>>()?;
        Ok(parts.join(word))
    }

    /// The names of a path, each checked to be a plain identifier; `[*]` is dropped where the
    /// language knows lists by their name alone.
    fn names<'a>(&self, field: &'a Field, drops_each: bool) -> Translation<Vec<&'a str>> {
        let mut names = Vec::new();
        for segment in field.segments() {
            match segment {
                Segment::Name(name) if self.is_identifier(name) => names.push(name),
                Segment::Each if drops_each => {}
                _ => return self.refuse(format!("the field {field}")),
            }
        }
        Ok(names)
    }

    fn is_identifier(&self, name: &str) -> bool {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !self.reserved.iter().any(|word| name.eq_ignore_ascii_case(word))
    }

    /// Refuses characters that vendors' XML or parsers cut off or choke on.
    fn check_text<'a>(&self, text: &'a str) -> Translation<&'a str> {
        let foreign =
            |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        if text.contains(foreign) { self.refuse("a control character in a value") } else { Ok(text) }
    }
}

/// The text of a value for a vendor: date-times in UTC with `Z`, worded dates in ISO form.
fn vendor_text(value: &Value) -> String {
    let canonical = match value.kind() {
        Kind::Instant(instant) if instant.is_date_only() => Some(instant.day_text()),
        Kind::Instant(instant) => instant.utc_text().map(|text| text + "Z"),
        _ => None,
    };
    canonical.unwrap_or_else(|| value.text().to_owned())
}

/// A value in single quotes, where two of them stand for one.
fn doubled_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

#[cfg(test)]
mod tests;
