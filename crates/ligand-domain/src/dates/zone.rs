//! Time zones, found as Java finds them.

use jiff::tz::{Offset, TimeZone};

use super::names::{JAVA_ZONES, OFFSETS};

/// Ids that Java takes for fixed offsets, without summer time.
const FIXED: &[&str] = &["EST", "MST", "HST", "GMT", "UTC", "UT", "Z"];

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(pub(super) TimeZone);

impl Zone {
    /// Greenwich: what applies where nothing is said.
    #[must_use]
    pub fn gmt() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone with an IANA name (`America/Denver`), one of Java's abbreviations (`PST` has summer time, `EST`, `MST`
    /// and `HST` have not), or an offset (`-8:00`, `+06`, `-0800`, `GMT+2`). Unknown names mean GMT, as in Java.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let name = name.trim();
        Self::offset(name.trim_start_matches("GMT").trim_start_matches("UTC"))
            .or_else(|| Self::abbreviation(name))
            .or_else(|| TimeZone::get(name).ok().map(Self))
            .unwrap_or_else(Self::gmt)
    }

    fn abbreviation(name: &str) -> Option<Self> {
        if FIXED.contains(&name) {
            let (_, minutes) = OFFSETS.iter().find(|(known, _)| *known == name)?;
            return Self::fixed(*minutes * 60);
        }
        let (_, id) = JAVA_ZONES.iter().find(|(known, _)| *known == name)?;
        TimeZone::get(id).ok().map(Self)
    }

    fn offset(text: &str) -> Option<Self> {
        let (minutes, rest) = read_offset(text)?;
        if rest.is_empty() { Self::fixed(minutes * 60) } else { None }
    }

    /// The zone that is so many seconds east of Greenwich.
    pub(super) fn fixed(seconds: i32) -> Option<Self> {
        Offset::from_seconds(seconds).ok().map(|offset| Self(TimeZone::fixed(offset)))
    }
}

/// Reads `±h`, `±hh`, `±h:mm`, `±hh:mm` or `±hhmm` at the beginning of a text: minutes, and what follows.
pub(super) fn read_offset(text: &str) -> Option<(i32, &str)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest = &text[1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = |text: &str| text.parse::<i32>().ok();
    let (hours, minutes, after) = match digits {
        1 | 2 => {
            let hours = number(&rest[..digits])?;
            let after = &rest[digits..];
            let minutes = after.strip_prefix(':').and_then(|text| text.get(..2)).filter(|text| is_number(text));
            match minutes {
                Some(minutes) => (hours, number(minutes)?, &after[3..]),
                None => (hours, 0, after),
            }
        }
        4.. => (number(&rest[..2])?, number(&rest[2..4])?, &rest[4..]),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some((sign * (hours * 60 + minutes), after))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
