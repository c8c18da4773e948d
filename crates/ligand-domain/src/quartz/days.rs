//! The two fields of a cron expression that choose days, with what only they know: last days, weekdays, nth weekdays.

use jiff::civil::Date;

use super::{
    CronError,
    fields::{Field, Set},
};

/// Days of the month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DaysOfMonth {
    These(Set),
    /// So many days before the last one.
    Last(i16),
    /// The weekday (Monday to Friday) of the month that is nearest to a day.
    NearestWeekday(i16),
    /// The last weekday.
    LastWeekday,
}

impl DaysOfMonth {
    pub(super) fn read(text: &str) -> Result<Self, CronError> {
        let field = Field::DayOfMonth;
        let wrong = || field.wrong(text);
        if matches!(text, "LW" | "WL") {
            return Ok(Self::LastWeekday);
        }
        if let Some(rest) = text.strip_prefix('L') {
            let before = match rest.strip_prefix('-') {
                None if rest.is_empty() => 0,
                None => return Err(wrong()),
                Some(days) => days.parse().ok().filter(|days| (0..=30).contains(days)).ok_or_else(wrong)?,
            };
            return Ok(Self::Last(before));
        }
        if let Some(day) = text.strip_suffix('W') {
            return Ok(Self::NearestWeekday(field.number(day).ok_or_else(wrong)?));
        }
        Ok(Self::These(field.read(text)?))
    }

    pub(super) fn has(&self, date: Date) -> bool {
        let (day, last) = (i16::from(date.day()), i16::from(date.days_in_month()));
        match self {
            Self::These(days) => days.has(day),
            Self::Last(before) => day == last - before,
            Self::NearestWeekday(wanted) => Some(day) == nearest_weekday(date, (*wanted).min(last)),
            Self::LastWeekday => Some(day) == nearest_weekday(date, last),
        }
    }
}

/// The weekday nearest to a day, in the month of a date.
fn nearest_weekday(month: Date, wanted: i16) -> Option<i16> {
    let last = i16::from(month.days_in_month());
    let date = Date::new(month.year(), month.month(), i8::try_from(wanted).ok()?).ok()?;
    Some(match date.weekday().to_monday_one_offset() {
        6 if wanted == 1 => 3,
        6 => wanted - 1,
        7 if wanted == last => wanted - 2,
        7 => wanted + 1,
        _ => wanted,
    })
}

/// Days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DaysOfWeek {
    These(Set),
    /// The last one of these in the month.
    Last(i16),
    /// The so-manieth one of these in the month.
    Nth(i16, i16),
}

impl DaysOfWeek {
    pub(super) fn read(text: &str) -> Result<Self, CronError> {
        let field = Field::DayOfWeek;
        let wrong = || field.wrong(text);
        if let Some((day, place)) = text.split_once('#') {
            let place = place.parse().ok().filter(|place| (1..=5).contains(place)).ok_or_else(wrong)?;
            return Ok(Self::Nth(field.number(day).ok_or_else(wrong)?, place));
        }
        match text.strip_suffix('L') {
            // Alone it is the last day of the week, in any week.
            Some("") => Ok(Self::These(field.read("7")?)),
            Some(day) => Ok(Self::Last(field.number(day).ok_or_else(wrong)?)),
            None => Ok(Self::These(field.read(text)?)),
        }
    }

    pub(super) fn has(&self, date: Date) -> bool {
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        let day = i16::from(date.day());
        match self {
            Self::These(days) => days.has(weekday),
            Self::Last(wanted) => weekday == *wanted && day + 7 > i16::from(date.days_in_month()),
            Self::Nth(wanted, place) => weekday == *wanted && (day - 1) / 7 + 1 == *place,
        }
    }
}
