//! Dates as vendors write them: Java's date patterns, the counts of time units that replace them, and time zones by
//! name, abbreviation or offset. Sources: `java.text.SimpleDateFormat`, and what element definitions contain.

mod names;
mod parse;
mod pattern;
mod render;
#[cfg(test)]
mod tests;
mod zone;

pub use pattern::{DatePattern, PatternError};
pub use zone::Zone;

use crate::Timestamp;

/// The form of a date field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// A Java date pattern.
    Pattern(DatePattern),
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// A count since 1970 whose unit follows from its number of digits.
    UnixTime,
}

impl DateFormat {
    /// Reads the name of a form: `milliseconds`, `seconds`, `microseconds`, anything with `Unix time` in it, or else a
    /// Java pattern.
    ///
    /// # Errors
    /// A pattern with a letter that has no meaning, or with a quote that does not end.
    pub fn read(text: &str) -> Result<Self, PatternError> {
        let word = text.trim().to_ascii_lowercase();
        Ok(match word.as_str() {
            "milliseconds" | "ms" => Self::Milliseconds,
            "seconds" => Self::Seconds,
            "microseconds" => Self::Microseconds,
            _ if word.contains("unix time") => Self::UnixTime,
            _ => Self::Pattern(DatePattern::new(text)?),
        })
    }

    /// The instant that a text in this form means; a text without an offset is in `zone`. What does not fit the form
    /// is tried as RFC 3339 and as a count since 1970.
    #[must_use]
    pub fn parse(&self, text: &str, zone: &Zone) -> Option<Timestamp> {
        let text = text.trim();
        let count = |millis: fn(i64) -> Option<i64>| text.parse().ok().and_then(millis).map(Timestamp::from_millis);
        let own = match self {
            Self::Pattern(pattern) => pattern.parse(text, zone),
            Self::Seconds => count(|value| value.checked_mul(1000)),
            Self::Milliseconds => count(Some),
            Self::Microseconds => count(|value| Some(value.div_euclid(1000))),
            Self::UnixTime => None,
        };
        own.or_else(|| parse::rfc3339(text)).or_else(|| parse::by_digits(text))
    }

    /// An instant in this form, as it is in `zone`.
    #[must_use]
    pub fn render(&self, at: Timestamp, zone: &Zone) -> String {
        let millis = at.as_millis();
        match self {
            Self::Pattern(pattern) => pattern.render(at, zone),
            Self::Seconds | Self::UnixTime => millis.div_euclid(1000).to_string(),
            Self::Milliseconds => millis.to_string(),
            Self::Microseconds => millis.saturating_mul(1000).to_string(),
        }
    }
}
