//! A value a field is compared with, and what kind of thing its text is.

use std::cmp::Ordering;

use crate::instant::{self, Instant};
use crate::scanner;

#[cfg(test)]
mod tests;

/// A literal of a condition. It remembers whether it stood in quotes.
#[derive(Clone, Debug)]
pub struct Value {
    text: String,
    quoted: bool,
    kind: Kind,
}

/// What a text can be compared as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Number(Number),
    Instant(Instant),
    Boolean(bool),
    Null,
    Text,
}

/// A number, exact while it is an integer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Value {
    /// A text in quotes. In a date-time, a blank where the `+` of the zone belongs becomes `+`,
    /// because an address that was not encoded arrives so.
    #[must_use]
    pub fn quoted(text: &str) -> Self {
        let text = instant::repair(text).unwrap_or_else(|| text.to_owned());
        Self { kind: Kind::of(&text), text, quoted: true }
    }

    /// A word without quotes; a text that cannot be written so becomes a quoted one.
    #[must_use]
    pub fn bare(text: &str) -> Self {
        if text.is_empty() || scanner::bare_length(text) != text.len() {
            return Self::quoted(text);
        }
        let kind = if text.eq_ignore_ascii_case("null") { Kind::Null } else { Kind::of(text) };
        Self { text: text.to_owned(), quoted: false, kind }
    }

    /// The text without quotes and escapes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text stood in quotes.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }

    /// Whether it is the bare word `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.quoted == other.quoted
    }
}

impl Eq for Value {}

impl Kind {
    /// Number, date-time or boolean if the text reads as one.
    pub(crate) fn of(text: &str) -> Self {
        if let Some(number) = Number::parse(text) {
            return Self::Number(number);
        }
        if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            return Self::Boolean(text.eq_ignore_ascii_case("true"));
        }
        Instant::parse(text).map_or(Self::Text, Self::Instant)
    }

    /// The order of two things of the same kind; `None` if they must be compared as texts.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => Some(left.compare(right)),
            (Self::Instant(left), Self::Instant(right)) => Some(left.at().cmp(&right.at())),
            (Self::Boolean(left), Self::Boolean(right)) => Some(left.cmp(&right)),
            _ => None,
        }
    }
}

impl Number {
    /// Digits with an optional minus, fraction and exponent; nothing else is a number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
            None => (digits, None),
        };
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
        let run = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !run(whole) || !fraction.is_none_or(run) || !exponent.is_none_or(run) {
            return None;
        }
        match text.parse() {
            Ok(integer) => Some(Self::Integer(integer)),
            // Adding zero makes one of the two zeros.
            Err(_) => text.parse().ok().filter(|float: &f64| float.is_finite()).map(|float| Self::Float(float + 0.0)),
        }
    }

    /// Where an integer meets a fraction, the float nearest to it decides.
    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left.cmp(&right),
            (Self::Float(left), Self::Float(right)) => left.total_cmp(&right),
            (Self::Integer(left), Self::Float(right)) => (left as f64).total_cmp(&right),
            (Self::Float(left), Self::Integer(right)) => left.total_cmp(&(right as f64)),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other).is_eq()
    }
}
