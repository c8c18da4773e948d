//! Writes instants by a pattern.

use jiff::{ZonedDateTime, tz::Offset};

use super::{
    DatePattern, Zone,
    names::{MONTHS, WEEKDAYS},
    pattern::{Field, Piece},
};
use crate::Timestamp;

impl DatePattern {
    /// An instant as it is in a zone. Instants outside of the years -9999 to 9999 are written as 1970 begins.
    #[must_use]
    pub fn render(&self, at: Timestamp, zone: &Zone) -> String {
        let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let moment = instant.to_zoned_datetime(zone.0.clone());
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Field(field, count) => text.push_str(&field_of(*field, *count, &moment)),
            }
        }
        text
    }
}

fn field_of(field: Field, count: usize, moment: &ZonedDateTime) -> String {
    let padded = |value: i64| format!("{value:0count$}");
    let hour = i64::from(moment.hour());
    match field {
        Field::Era => if moment.year() > 0 { "AD" } else { "BC" }.to_owned(),
        Field::Year if count == 2 => format!("{:02}", moment.year().rem_euclid(100)),
        Field::Year => format!("{:0width$}", moment.year(), width = count.max(4)),
        Field::Month if count >= 4 => name(&MONTHS, moment.month()).to_owned(),
        Field::Month if count == 3 => name(&MONTHS, moment.month())[..3].to_owned(),
        Field::Month => padded(i64::from(moment.month())),
        Field::Day => padded(i64::from(moment.day())),
        Field::DayOfYear => padded(i64::from(moment.day_of_year())),
        Field::Weekday => {
            let name = name(&WEEKDAYS, moment.weekday().to_monday_one_offset());
            if count >= 4 { name.to_owned() } else { name[..3].to_owned() }
        }
        Field::WeekdayNumber => padded(i64::from(moment.weekday().to_monday_one_offset())),
        Field::Half => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        Field::Hour => padded(hour),
        Field::HourFromOne => padded(if hour == 0 { 24 } else { hour }),
        Field::HalfHour => padded(hour % 12),
        Field::HalfHourFromOne => padded(if hour % 12 == 0 { 12 } else { hour % 12 }),
        Field::Minute => padded(i64::from(moment.minute())),
        Field::Second => padded(i64::from(moment.second())),
        Field::Fraction => {
            let digits = format!("{:09}", moment.subsec_nanosecond());
            format!("{digits:0<count$}")[..count].to_owned()
        }
        Field::ZoneName => zone_name(moment),
        Field::Offset => offset(moment.offset(), ""),
        Field::IsoOffset if moment.offset() == Offset::UTC => "Z".to_owned(),
        Field::IsoOffset => match count {
            1 => offset(moment.offset(), "")[..3].to_owned(),
            2 => offset(moment.offset(), ""),
            _ => offset(moment.offset(), ":"),
        },
    }
}

fn name<'a>(names: &[&'a str], number: i8) -> &'a str {
    usize::try_from(number - 1).ok().and_then(|index| names.get(index)).copied().unwrap_or("???")
}

fn zone_name(moment: &ZonedDateTime) -> String {
    let info = moment.time_zone().to_offset_info(moment.timestamp());
    let abbreviation = info.abbreviation();
    if moment.offset() == Offset::UTC && abbreviation == "UTC" {
        return "GMT".to_owned();
    }
    if abbreviation.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return abbreviation.to_owned();
    }
    format!("GMT{}", offset(moment.offset(), ":"))
}

fn offset(offset: Offset, between: &str) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{between}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
