//! Reads instants by a pattern, as leniently as vendors need.

use jiff::civil::{Date, DateTime, Time};

use super::{
    DatePattern, Zone,
    names::{MONTHS, WEEKDAYS, beginning, offset_of},
    pattern::{Field, Piece},
    zone::read_offset,
};
use crate::Timestamp;

impl DatePattern {
    /// The instant that a text means; without an offset of its own it is in `zone`. What follows the pattern is
    /// ignored. `None` when the text does not fit or is no date.
    #[must_use]
    pub fn parse(&self, text: &str, zone: &Zone) -> Option<Timestamp> {
        let mut reading = Reading::default();
        let mut rest = text;
        for (index, piece) in self.pieces.iter().enumerate() {
            rest = match piece {
                Piece::Literal(literal) => after_literal(rest, literal)?,
                Piece::Field(field, count) => {
                    let next = self.pieces.get(index + 1);
                    let touches_digits = matches!(next, Some(Piece::Field(field, count)) if field.is_numeric(*count));
                    reading.field(*field, *count, touches_digits, rest)?
                }
            };
        }
        reading.instant(zone)
    }
}

/// The text behind a literal. A blank stands for any number of them, and for the `T` between date and time.
fn after_literal<'a>(mut text: &'a str, literal: &str) -> Option<&'a str> {
    for letter in literal.chars() {
        if letter.is_whitespace() {
            let trimmed = text.trim_start();
            text = if trimmed.len() < text.len() { trimmed } else { text.strip_prefix('T')? };
        } else if letter == 'T' {
            text = text.strip_prefix('T').or_else(|| text.strip_prefix(' '))?;
        } else {
            text = text.strip_prefix(letter)?;
        }
    }
    Some(text)
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    is_half: bool,
    is_afternoon: bool,
    minute: i64,
    second: i64,
    nanosecond: i32,
    /// Minutes east of Greenwich.
    offset: Option<i32>,
}

impl Reading {
    /// Reads one field and gives what follows it.
    fn field<'a>(&mut self, field: Field, count: usize, touches_digits: bool, text: &'a str) -> Option<&'a str> {
        if field.is_numeric(count) {
            let text = text.trim_start_matches(' ');
            let found = text.bytes().take_while(u8::is_ascii_digit).count();
            let length = if touches_digits { count.min(found) } else { found };
            let (digits, rest) = text.split_at(length);
            self.number(field, count, digits)?;
            return Some(rest);
        }
        match field {
            Field::Month => {
                let (index, length) = beginning(text, &MONTHS)?;
                self.month = i64::try_from(index + 1).ok();
                Some(&text[length..])
            }
            Field::Weekday => beginning(text, &WEEKDAYS).map(|(_, length)| &text[length..]),
            Field::Half => {
                let word = text.get(..2)?;
                self.is_afternoon = word.eq_ignore_ascii_case("PM");
                (self.is_afternoon || word.eq_ignore_ascii_case("AM")).then(|| &text[2..])
            }
            Field::Era => text.get(2..),
            _ => self.zone(text),
        }
    }

    fn number(&mut self, field: Field, count: usize, digits: &str) -> Option<()> {
        if field == Field::Fraction {
            let nanos = format!("{digits:0<9}");
            self.nanosecond = nanos.get(..9)?.parse().ok()?;
            return Some(());
        }
        let value: i64 = digits.parse().ok()?;
        match field {
            Field::Year if count == 2 && digits.len() == 2 => self.year = Some(in_full(value)),
            Field::Year => self.year = Some(value),
            Field::Month => self.month = Some(value),
            Field::Day => self.day = Some(value),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::Hour => self.hour = value,
            Field::HourFromOne => self.hour = value % 24,
            Field::HalfHour | Field::HalfHourFromOne => {
                self.hour = value % 12;
                self.is_half = true;
            }
            Field::Minute => self.minute = value,
            Field::Second => self.second = value,
            _ => {}
        }
        Some(())
    }

    /// Reads a zone in any of its forms: `Z`, an offset, a name, a name with an offset.
    fn zone<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let text = text.trim_start_matches(' ');
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, rest) = text.split_at(letters);
        let base = if name.is_empty() { None } else { Some(offset_of(name)?) };
        match (base, read_offset(rest)) {
            (base, Some((minutes, rest))) if base.is_none_or(|base| base == 0) => {
                self.offset = Some(minutes);
                Some(rest)
            }
            (Some(minutes), _) => {
                self.offset = Some(minutes);
                Some(rest)
            }
            (None, _) => None,
        }
    }

    fn instant(&self, zone: &Zone) -> Option<Timestamp> {
        let year = i16::try_from(self.year.unwrap_or(1970)).ok()?;
        let part = |value: i64| i8::try_from(value).ok();
        let date = match self.day_of_year {
            Some(day) if self.month.is_none() => {
                let first = Date::new(year, 1, 1).ok()?;
                first.checked_add(jiff::Span::new().try_days(day - 1).ok()?).ok()?
            }
            _ => Date::new(year, part(self.month.unwrap_or(1))?, part(self.day.unwrap_or(1))?).ok()?,
        };
        let hour = self.hour + if self.is_half && self.is_afternoon { 12 } else { 0 };
        let second = part(self.second.min(59))?;
        let time = Time::new(part(hour)?, part(self.minute)?, second, self.nanosecond).ok()?;
        let moment = DateTime::from_parts(date, time);
        let zone = match self.offset {
            Some(minutes) => Zone::fixed(minutes * 60)?.0,
            None => zone.0.clone(),
        };
        let instant = zone.to_timestamp(moment).ok()?;
        Some(Timestamp::from_millis(instant.as_millisecond()))
    }
}

/// The year that two digits mean: 1947 to 2046.
fn in_full(two_digits: i64) -> i64 {
    const PIVOT: i64 = 2046;
    let year = PIVOT - PIVOT % 100 + two_digits;
    if year > PIVOT { year - 100 } else { year }
}

/// A date by RFC 3339, also without seconds or colons in the offset, or without an offset (then UTC).
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    const FORMS: [&str; 5] = [
        "yyyy-MM-dd'T'HH:mm:ss.SX",
        "yyyy-MM-dd'T'HH:mm:ssX",
        "yyyy-MM-dd'T'HH:mmX",
        "yyyy-MM-dd'T'HH:mm:ss.S",
        "yyyy-MM-dd'T'HH:mm:ss",
    ];
    let parsed = |form: &str| DatePattern::new(form).ok().and_then(|form| form.parse(text, &Zone::gmt()));
    let is_date = text.len() == 10;
    FORMS.iter().find_map(|form| parsed(form)).or_else(|| parsed("yyyy-MM-dd").filter(|_| is_date))
}

/// A count since 1970: up to 11 digits are seconds, up to 14 milliseconds, more are microseconds.
pub(super) fn by_digits(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() < 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = text.parse().ok()?;
    let millis = match digits.len() {
        ..=11 => value.checked_mul(1000)?,
        12..=14 => value,
        _ => value.div_euclid(1000),
    };
    Some(Timestamp::from_millis(millis))
}
