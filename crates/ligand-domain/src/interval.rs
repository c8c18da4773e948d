//! Stretches of time by which things are counted: seconds to years, beginning where calendars in GMT say.

use std::str::FromStr;

use jiff::{
    civil::{Date, DateTime, Weekday},
    tz::Offset,
};

use crate::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A year.
    Year,
}

/// The word means no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interval must be year, quarter, month, week, day, hour, minute or second")]
pub struct UnknownInterval;

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(word: &str) -> Result<Self, UnknownInterval> {
        Ok(match word.trim().to_ascii_lowercase().as_str() {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return Err(UnknownInterval),
        })
    }
}

impl Interval {
    /// The shortest that cuts a time into so many stretches at most.
    #[must_use]
    pub fn for_span(from: Timestamp, to: Timestamp, most: i64) -> Self {
        let span = to.as_millis().saturating_sub(from.as_millis());
        let fits = |interval: &Self| span / interval.about_millis() < most;
        let all = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter];
        all.into_iter().find(fits).unwrap_or(Self::Year)
    }

    fn about_millis(self) -> i64 {
        match self {
            Self::Second => SECOND,
            Self::Minute => MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Quarter => 91 * DAY,
            Self::Year => 365 * DAY,
        }
    }

    /// The longest step in milliseconds that from the beginning of one such stretch meets the beginnings of all others.
    #[must_use]
    pub fn step_millis(self) -> i64 {
        match self {
            Self::Week | Self::Month | Self::Quarter | Self::Year => DAY,
            shorter => shorter.about_millis(),
        }
    }

    /// Where the stretches begin, from the one in which `from` lies to the one in which `to` lies; `None` when there are
    /// more of them than that, or a calendar does not have them.
    #[must_use]
    pub fn starts(self, from: Timestamp, to: Timestamp, most: usize) -> Option<Vec<Timestamp>> {
        let mut next = self.beginning(civil(from)?)?;
        let mut starts = Vec::new();
        loop {
            let at = Timestamp::from_millis(Offset::UTC.to_timestamp(next).ok()?.as_millisecond());
            if at > to {
                return Some(starts);
            }
            if starts.len() == most {
                return None;
            }
            starts.push(at);
            next = self.following(next)?;
        }
    }

    fn beginning(self, at: DateTime) -> Option<DateTime> {
        let midnight = |date: Date| Some(date.to_datetime(jiff::civil::Time::midnight()));
        let month = |month: i8| Date::new(at.year(), month, 1).ok().and_then(midnight);
        let whole = at.with().subsec_nanosecond(0).build().ok()?;
        match self {
            Self::Second => Some(whole),
            Self::Minute => whole.with().second(0).build().ok(),
            Self::Hour => whole.with().second(0).minute(0).build().ok(),
            Self::Day => midnight(at.date()),
            Self::Week if at.date().weekday() == Weekday::Monday => midnight(at.date()),
            Self::Week => at.date().nth_weekday(-1, Weekday::Monday).ok().and_then(midnight),
            Self::Month => month(at.month()),
            Self::Quarter => month((at.month() - 1) / 3 * 3 + 1),
            Self::Year => month(1),
        }
    }

    fn following(self, at: DateTime) -> Option<DateTime> {
        let span = jiff::Span::new();
        let span = match self {
            Self::Second => span.try_seconds(1),
            Self::Minute => span.try_minutes(1),
            Self::Hour => span.try_hours(1),
            Self::Day => span.try_days(1),
            Self::Week => span.try_weeks(1),
            Self::Month => span.try_months(1),
            Self::Quarter => span.try_months(3),
            Self::Year => span.try_years(1),
        };
        at.checked_add(span.ok()?).ok()
    }
}

fn civil(at: Timestamp) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(at.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::Interval;
    use crate::Timestamp;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_iso(text).expect("a date")
    }

    fn starts(interval: &str, from: &str, to: &str) -> Vec<String> {
        let interval: Interval = interval.parse().expect("an interval");
        let starts = interval.starts(at(from), at(to), 100).expect("not too many");
        starts.into_iter().map(Timestamp::to_iso_seconds).collect()
    }

    #[test]
    fn both_ends_belong_to_it() {
        let minutes = starts("minute", "2018-09-01T10:00:30Z", "2018-09-01T11:00:30Z");
        assert_eq!((minutes.len(), minutes[0].as_str()), (61, "2018-09-01T10:00:00Z"));
        assert_eq!(starts("week", "2018-09-05", "2018-09-11"), ["2018-09-03T00:00:00Z", "2018-09-10T00:00:00Z"]);
        assert_eq!(starts("week", "2018-09-03", "2018-09-09"), ["2018-09-03T00:00:00Z"]);
        assert_eq!(starts("quarter", "2018-09-05", "2018-10-01"), ["2018-07-01T00:00:00Z", "2018-10-01T00:00:00Z"]);
        assert_eq!(starts("Month", "2018-01-31", "2018-03-01").len(), 3);
        assert_eq!(starts("year", "2018-01-31", "2019-03-01"), ["2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z"]);
        assert_eq!(starts("second", "2018-01-01T00:00:00.5Z", "2018-01-01T00:00:01Z").len(), 2);
    }

    #[test]
    fn too_many_are_refused() {
        let (from, to) = (at("2018-01-01"), at("2018-01-02"));
        assert!(Interval::Second.starts(from, to, 11_000).is_none());
        assert!(Interval::Second.starts(Timestamp::from_millis(i64::MIN), to, 11_000).is_none());
        assert!("fortnight".parse::<Interval>().is_err());
    }

    #[test]
    fn the_span_chooses() {
        let chosen = |to: &str| Interval::for_span(at("2018-01-01"), at(to), 100);
        assert_eq!(chosen("2018-01-01T00:01:00Z"), Interval::Second);
        assert_eq!(chosen("2018-01-01T01:00:00Z"), Interval::Minute);
        assert_eq!(chosen("2018-01-02"), Interval::Hour);
        assert_eq!(chosen("2018-02-01"), Interval::Day);
        assert_eq!(chosen("2019-01-01"), Interval::Week);
        assert_eq!(chosen("2100-01-01"), Interval::Year);
    }
}
