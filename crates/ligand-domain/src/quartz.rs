//! Quartz cron expressions: seven fields from second to year, with `?`, `L`, `W` and `#`; when they fire next, in GMT.
//! Own code: the libraries for cron read another dialect (days of the week from 0, steps within the range only).

mod days;
mod fields;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use jiff::{
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use crate::Timestamp;
use days::{DaysOfMonth, DaysOfWeek};
use fields::{Field, Set};

/// Years in which expressions fire.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;
/// The longest expression, in bytes.
const LENGTH: usize = 500;

/// An expression that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    seconds: Set,
    minutes: Set,
    hours: Set,
    days: Days,
    months: Set,
    years: Option<Set>,
}

/// One of the two fields for days says something, the other is `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(DaysOfMonth),
    OfWeek(DaysOfWeek),
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CronError(String);

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        if text.len() > LENGTH {
            return Err(CronError(format!("the expression is longer than {LENGTH} characters")));
        }
        let upper = text.to_ascii_uppercase();
        let parts: Vec<&str> = upper.split_whitespace().collect();
        let [seconds, minutes, hours, of_month, months, of_week, rest @ ..] = &parts[..] else {
            return Err(CronError(format!("it has {} fields in place of 6 or 7", parts.len())));
        };
        let years = match rest {
            [] => None,
            [years] => Some(Field::Year.read(years)?),
            _ => return Err(CronError(format!("it has {} fields in place of 6 or 7", parts.len()))),
        };
        let days = match (*of_month, *of_week) {
            ("?", "?") => return Err(CronError("only one of the two fields for days can be ?".to_owned())),
            ("?", of_week) => Days::OfWeek(DaysOfWeek::read(of_week)?),
            (of_month, "?") => Days::OfMonth(DaysOfMonth::read(of_month)?),
            _ => return Err(CronError("one of the two fields for days must be ?".to_owned())),
        };
        Ok(Self {
            text: parts.join(" "),
            seconds: Field::Second.read(seconds)?,
            minutes: Field::Minute.read(minutes)?,
            hours: Field::Hour.read(hours)?,
            days,
            months: Field::Month.read(months)?,
            years,
        })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Cron {
    /// The first instant after this one at which it fires; `None` when it never does again.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let second = after.as_millis().div_euclid(1000).checked_add(1)?;
        let from = Offset::UTC.to_datetime(jiff::Timestamp::from_second(second).ok()?);
        let (mut date, mut earliest) = (from.date(), from.time());
        while YEARS.contains(&date.year()) {
            let next = if !self.years.as_ref().is_none_or(|years| years.has(date.year())) {
                Date::new(date.year() + 1, 1, 1).ok()?
            } else if !self.months.has(date.month().into()) {
                date.last_of_month().tomorrow().ok()?
            } else {
                if self.is_day(date)
                    && let Some(time) = self.time_from(earliest)
                {
                    return instant(date.to_datetime(time));
                }
                date.tomorrow().ok()?
            };
            (date, earliest) = (next, Time::midnight());
        }
        None
    }

    fn is_day(&self, date: Date) -> bool {
        match &self.days {
            Days::OfMonth(days) => days.has(date),
            Days::OfWeek(days) => days.has(date),
        }
    }

    /// The first time of a day that is not before another.
    fn time_from(&self, earliest: Time) -> Option<Time> {
        let at = |hour: i16, minute: i16, second: i16| {
            let small = |number: i16| i8::try_from(number).ok();
            Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()
        };
        let (hour, minute, second) = (earliest.hour().into(), earliest.minute().into(), earliest.second().into());
        if self.hours.has(hour) {
            if self.minutes.has(minute)
                && let Some(second) = self.seconds.from(second)
            {
                return at(hour, minute, second);
            }
            if let Some(minute) = self.minutes.from(minute + 1) {
                return at(hour, minute, self.seconds.from(0)?);
            }
        }
        at(self.hours.from(hour + 1)?, self.minutes.from(0)?, self.seconds.from(0)?)
    }
}

fn instant(moment: DateTime) -> Option<Timestamp> {
    Some(Timestamp::from_millis(Offset::UTC.to_timestamp(moment).ok()?.as_millisecond()))
}
