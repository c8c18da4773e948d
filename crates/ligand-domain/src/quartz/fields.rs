//! The fields of a cron expression that are sets of numbers: lists of values, ranges and steps.

use std::collections::BTreeSet;

use super::CronError;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Numbers at which something fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(BTreeSet<i16>);

impl Set {
    pub(super) fn has(&self, number: i16) -> bool {
        self.0.contains(&number)
    }

    /// The smallest that is not below a number.
    pub(super) fn from(&self, number: i16) -> Option<i16> {
        self.0.range(number..).next().copied()
    }
}

/// A field by what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Second,
    Minute,
    Hour,
    DayOfMonth,
    Month,
    DayOfWeek,
    Year,
}

impl Field {
    /// What it is called, its least and its greatest number.
    fn bounds(self) -> (&'static str, i16, i16) {
        match self {
            Self::Second => ("second", 0, 59),
            Self::Minute => ("minute", 0, 59),
            Self::Hour => ("hour", 0, 23),
            Self::DayOfMonth => ("day of the month", 1, 31),
            Self::Month => ("month", 1, 12),
            Self::DayOfWeek => ("day of the week", 1, 7),
            Self::Year => ("year", *super::YEARS.start(), *super::YEARS.end()),
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => &MONTHS,
            Self::DayOfWeek => &WEEKDAYS,
            _ => &[],
        }
    }

    pub(super) fn wrong(self, part: &str) -> CronError {
        let part: String = part.chars().take(40).collect();
        CronError(format!("{part:?} is no {}", self.bounds().0))
    }

    /// A list of values, ranges (which may run over the end) and steps.
    pub(super) fn read(self, text: &str) -> Result<Set, CronError> {
        let mut set = BTreeSet::new();
        for part in text.split(',') {
            self.part(part, &mut set).ok_or_else(|| self.wrong(part))?;
        }
        Ok(Set(set))
    }

    fn part(self, part: &str, set: &mut BTreeSet<i16>) -> Option<()> {
        let (_, least, greatest) = self.bounds();
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<i16>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" || (range.is_empty() && step.is_some()) => (least, greatest),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None => {
                let first = self.number(range)?;
                (first, if step.is_some() { greatest } else { first })
            }
        };
        let span = if first <= last {
            last - first
        } else if self == Self::Year {
            return None;
        } else {
            last - first + greatest - least + 1
        };
        for offset in (0..=span).step_by(usize::try_from(step.unwrap_or(1)).ok()?) {
            let number = first + offset;
            set.insert(if number > greatest { number - greatest + least - 1 } else { number });
        }
        Some(())
    }

    /// A number or a name.
    pub(super) fn number(self, text: &str) -> Option<i16> {
        let (_, least, greatest) = self.bounds();
        if let Some(place) = self.names().iter().position(|name| *name == text) {
            return i16::try_from(place + 1).ok();
        }
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_plain && (least..=greatest).contains(number))
    }
}
