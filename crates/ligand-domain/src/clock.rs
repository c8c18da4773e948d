//! Time: instants as milliseconds since 1970, and the clock that is passed to whatever needs the present.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant so many milliseconds after (before, when negative) 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// `2018-03-29T11:19:59Z`: the form of instance dates, whole seconds.
    #[must_use]
    pub fn to_iso_seconds(self) -> String {
        self.date_time().replace_nanosecond(0).ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
    }

    /// `2018-03-29T11:19:59.003Z`: the form of dates in records and counts.
    #[must_use]
    pub fn to_iso_millis(self) -> String {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        self.date_time().format(form).unwrap_or_default()
    }

    /// The instant that a text in ISO 8601 means, also a day alone. Without an offset it is in GMT; a blank where a `+`
    /// was lost on the way counts as one.
    #[must_use]
    pub fn from_iso(text: &str) -> Option<Self> {
        let text = text.trim();
        let repaired = text.replacen(' ', "+", usize::from(text.contains('T')));
        if let Ok(instant) = repaired.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_millisecond()));
        }
        let moment: jiff::civil::DateTime = text.parse().ok()?;
        Some(Self(jiff::tz::Offset::UTC.to_timestamp(moment).ok()?.as_millisecond()))
    }

    /// `2018-03-29`: the form of dates in identity resources.
    #[must_use]
    pub fn to_iso_date(self) -> String {
        self.date_time().format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
    }

    /// This instant moved forward; saturates at the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This instant moved back; saturates at the beginning of time.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Time passed since `earlier`; zero when that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// Tells the time. Passed in everywhere, so that tests can move it.
pub trait Clock: Send + Sync + 'static {
    /// The present.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn reads_iso_in_its_forms() {
        for (text, millis) in [
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:00:01Z", 1000),
            (" 1970-01-01T00:00:01.5Z ", 1500),
            ("1970-01-01T00:00:01", 1000),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1970-01-01T01:00:00 01:00", 0),
            ("1970-01-01T00:00:00+0000", 0),
            ("1969-12-31T20:00:00-04:00", 0),
        ] {
            assert_eq!(Timestamp::from_iso(text).map(Timestamp::as_millis), Some(millis), "{text}");
        }
        for wrong in ["", "x", "2018-13-01", "2018-02-30", "10:00", "1522322399123", "2018-01-01T25:00:00Z"] {
            assert_eq!(Timestamp::from_iso(wrong), None, "{wrong}");
        }
        assert_eq!(Timestamp::from_millis(1_404_172_800_000).to_iso_millis(), "2014-07-01T00:00:00.000Z");
    }
}
