//! Dates and times in the forms queries and records use: ISO 8601 with or without time and zone
//! (`Z`, `+00:00`, `+0000`, `+00`), and `Jan 15, 2014`. Without a zone a time is UTC.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

#[cfg(test)]
mod tests;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A point in time, and whether only its day was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Instant {
    at: OffsetDateTime,
    date_only: bool,
}

impl Instant {
    /// Reads a date or a date-time.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let at_midnight = |date: Date| Self { at: date.midnight().assume_utc(), date_only: true };
        if text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return worded_date(text).map(at_midnight);
        }
        let (date, rest) = text.split_at_checked(10)?;
        let date = iso_date(date)?;
        let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
            return rest.is_empty().then(|| at_midnight(date));
        };
        let (time, rest) = clock_time(rest)?;
        let offset = zone(rest)?;
        Some(Self { at: PrimitiveDateTime::new(date, time).assume_offset(offset), date_only: false })
    }

    pub(crate) fn at(self) -> OffsetDateTime {
        self.at
    }

    pub(crate) fn is_date_only(self) -> bool {
        self.date_only
    }

    /// `2018-03-25T10:00:00.5` in UTC, the fraction only if there is one, no zone mark.
    /// `None` where the calendar ends.
    pub(crate) fn utc_text(self) -> Option<String> {
        let at = self.at.checked_to_offset(UtcOffset::UTC)?;
        let mut text = format!("{}T{:02}:{:02}:{:02}", day(at.date()), at.hour(), at.minute(), at.second());
        if at.nanosecond() > 0 {
            text.push_str(format!(".{:09}", at.nanosecond()).trim_end_matches('0'));
        }
        Some(text)
    }

    /// `2018-03-25`.
    pub(crate) fn day_text(self) -> String {
        day(self.at.date())
    }
}

/// Puts the `+` back into a date-time like `2014-04-02T18:28:30 0000`; `None` if nothing is broken.
pub(crate) fn repair(text: &str) -> Option<String> {
    let (head, zone) = text.rsplit_once(' ')?;
    let zoned = matches!(zone.len(), 4 | 5) && zone.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if !zoned || Instant::parse(head).is_none_or(|instant| instant.date_only) {
        return None;
    }
    Some(format!("{head}+{zone}")).filter(|repaired| Instant::parse(repaired).is_some())
}

fn day(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    Date::from_calendar_date(year.into(), Month::try_from(month).ok()?, day).ok()
}

/// `Jan 15, 2014`, the month also in full.
fn worded_date(text: &str) -> Option<Date> {
    let mut words = text.split_ascii_whitespace();
    let month = words.next()?.to_ascii_lowercase();
    let place = MONTHS.iter().position(|name| month.len() >= 3 && name.starts_with(&month))?;
    let day = words.next()?.strip_suffix(',')?.parse().ok()?;
    let year = digits(words.next()?, 4)?.into();
    let month = Month::try_from(u8::try_from(place + 1).ok()?).ok()?;
    words.next().is_none().then(|| Date::from_calendar_date(year, month, day).ok())?
}

/// `10:20`, `10:20:30` or `10:20:30.123`, and what follows it.
fn clock_time(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let Some(rest) = rest.strip_prefix(':') else {
        return Some((Time::from_hms(hour, minute, 0).ok()?, rest));
    };
    let (second, rest) = two_digits(rest)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else {
        return Some((Time::from_hms(hour, minute, second).ok()?, rest));
    };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = fraction.split_at(length);
    let nanosecond = format!("{fraction:0<9}").get(..9)?.parse().ok().filter(|_| length > 0)?;
    Some((Time::from_hms_nano(hour, minute, second, nanosecond).ok()?, rest))
}

fn zone(text: &str) -> Option<UtcOffset> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    if matches!(text, "" | "Z" | "z") {
        return Some(UtcOffset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = two_digits(text.strip_prefix(['+', '-'])?)?;
    let minutes = if rest.is_empty() { 0 } else { digits(rest.strip_prefix(':').unwrap_or(rest), 2)? };
    let (hours, minutes) = (i8::try_from(hours).ok()?, i8::try_from(minutes).ok()?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

fn two_digits(text: &str) -> Option<(u8, &str)> {
    let (number, rest) = text.split_at_checked(2)?;
    Some((u8::try_from(digits(number, 2)?).ok()?, rest))
}

fn digits(text: &str, length: usize) -> Option<u16> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}
