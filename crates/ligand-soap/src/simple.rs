//! Simple values of XML Schema: checked and written from JSON, read into typed JSON.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Number, Value};

/// What a simple value is, in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Primitive {
    #[default]
    Text,
    Boolean,
    /// Least and greatest value.
    Integer(i128, i128),
    Decimal,
    Float,
    DateTime,
    Date,
    Time,
    Binary,
}

/// A simple type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) primitive: Primitive,
    /// Items separated by white space.
    pub(super) is_list: bool,
    /// The values allowed; all when empty.
    pub(super) values: Vec<Arc<str>>,
}

/// The types that XML Schema brings along.
pub(super) const BUILT_IN: [(&str, Simple); 45] = {
    use Primitive::{Binary, Boolean, Date, DateTime, Decimal, Float, Integer, Text, Time};
    [
        ("string", of(Text)),
        ("normalizedString", of(Text)),
        ("token", of(Text)),
        ("language", of(Text)),
        ("Name", of(Text)),
        ("NCName", of(Text)),
        ("NMTOKEN", of(Text)),
        ("ID", of(Text)),
        ("IDREF", of(Text)),
        ("ENTITY", of(Text)),
        ("QName", of(Text)),
        ("NOTATION", of(Text)),
        ("anyURI", of(Text)),
        ("duration", of(Text)),
        ("gYearMonth", of(Text)),
        ("gYear", of(Text)),
        ("gMonthDay", of(Text)),
        ("gDay", of(Text)),
        ("gMonth", of(Text)),
        ("hexBinary", of(Text)),
        ("anySimpleType", of(Text)),
        ("NMTOKENS", list()),
        ("IDREFS", list()),
        ("ENTITIES", list()),
        ("boolean", of(Boolean)),
        ("decimal", of(Decimal)),
        ("integer", of(Integer(i128::MIN, i128::MAX))),
        ("nonNegativeInteger", of(Integer(0, i128::MAX))),
        ("positiveInteger", of(Integer(1, i128::MAX))),
        ("nonPositiveInteger", of(Integer(i128::MIN, 0))),
        ("negativeInteger", of(Integer(i128::MIN, -1))),
        ("long", of(Integer(i64::MIN as i128, i64::MAX as i128))),
        ("int", of(Integer(i32::MIN as i128, i32::MAX as i128))),
        ("short", of(Integer(i16::MIN as i128, i16::MAX as i128))),
        ("byte", of(Integer(i8::MIN as i128, i8::MAX as i128))),
        ("unsignedLong", of(Integer(0, u64::MAX as i128))),
        ("unsignedInt", of(Integer(0, u32::MAX as i128))),
        ("unsignedShort", of(Integer(0, u16::MAX as i128))),
        ("unsignedByte", of(Integer(0, u8::MAX as i128))),
        ("float", of(Float)),
        ("double", of(Float)),
        ("dateTime", of(DateTime)),
        ("date", of(Date)),
        ("time", of(Time)),
        ("base64Binary", of(Binary)),
    ]
};

const fn of(primitive: Primitive) -> Simple {
    Simple { primitive, is_list: false, values: Vec::new() }
}

const fn list() -> Simple {
    Simple { primitive: Primitive::Text, is_list: true, values: Vec::new() }
}

impl Simple {
    /// What its values are called in messages and metadata.
    pub(super) fn expected(&self) -> &'static str {
        match self.primitive {
            _ if self.is_list => "list",
            Primitive::Text => "string",
            Primitive::Boolean => "boolean",
            Primitive::Integer(..) => "integer",
            Primitive::Decimal | Primitive::Float => "number",
            Primitive::DateTime => "dateTime",
            Primitive::Date => "date",
            Primitive::Time => "time",
            Primitive::Binary => "base64 text",
        }
    }

    /// The text of a JSON value; `None` when it is not of the type.
    pub(super) fn write(&self, value: &Value) -> Option<String> {
        if !self.is_list {
            return self.write_item(value);
        }
        let items: Option<Vec<String>> = match value {
            Value::Array(items) => items.iter().map(|item| self.write_item(item)).collect(),
            Value::String(text) => text.split_whitespace().map(|item| self.write_item(&Value::from(item))).collect(),
            single => Some(vec![self.write_item(single)?]),
        };
        let items = items?;
        let is_single = |item: &String| !item.is_empty() && !item.contains(char::is_whitespace);
        items.iter().all(is_single).then(|| items.join(" "))
    }

    fn write_item(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::String(text) => self.check(text)?,
            Value::Number(number) => self.write_number(number)?,
            Value::Bool(truth) if matches!(self.primitive, Primitive::Boolean | Primitive::Text) => truth.to_string(),
            _ => return None,
        };
        (self.values.is_empty() || self.values.iter().any(|allowed| **allowed == *text)).then_some(text)
    }

    fn write_number(&self, number: &Number) -> Option<String> {
        match self.primitive {
            Primitive::Text | Primitive::Float => Some(number.to_string()),
            Primitive::Decimal => Some(decimal(number)),
            Primitive::Integer(least, greatest) => {
                let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
                let exact = number.as_i128().or_else(|| whole.map(|float| float as i128))?;
                (least..=greatest).contains(&exact).then(|| exact.to_string())
            }
            _ => None,
        }
    }

    /// The text as the type writes it; `None` when it is not of the type.
    fn check(&self, text: &str) -> Option<String> {
        let trimmed = text.trim();
        let is_right = match self.primitive {
            Primitive::Text => return Some(text.to_owned()),
            Primitive::Boolean => matches!(trimmed, "true" | "false" | "1" | "0"),
            Primitive::Integer(least, greatest) => is_integer(trimmed, least, greatest),
            Primitive::Decimal => is_decimal(trimmed),
            Primitive::Float => is_float(trimmed),
            Primitive::DateTime => {
                let (date, time) = trimmed.split_once('T')?;
                return is_date(date).then(|| zoned_time(time)).flatten().map(|time| format!("{date}T{time}"));
            }
            Primitive::Date => is_zoned_date(trimmed),
            Primitive::Time => return zoned_time(trimmed),
            Primitive::Binary => is_base64(trimmed),
        };
        is_right.then(|| trimmed.to_owned())
    }

    /// The JSON of a text; text that is not of the type stays text.
    pub(super) fn read(&self, text: &str) -> Value {
        if self.is_list {
            return text.split_whitespace().map(|item| self.read_item(item)).collect();
        }
        self.read_item(text)
    }

    fn read_item(&self, text: &str) -> Value {
        let trimmed = text.trim();
        let typed = match self.primitive {
            Primitive::Text => return Value::from(text),
            Primitive::Boolean => match trimmed {
                "true" | "1" => Some(Value::from(true)),
                "false" | "0" => Some(Value::from(false)),
                _ => None,
            },
            Primitive::Integer(..) => whole(trimmed),
            Primitive::Decimal => whole(trimmed).or_else(|| exact(trimmed)),
            Primitive::Float => whole(trimmed).or_else(|| float(trimmed)),
            _ => None,
        };
        typed.unwrap_or_else(|| Value::from(trimmed))
    }
}

fn whole(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with('+') || digits == "-0" {
        return None;
    }
    digits.parse::<i64>().map(Value::from).or_else(|_| digits.parse::<u64>().map(Value::from)).ok()
}

fn float(text: &str) -> Option<Value> {
    let value = text.parse::<f64>().ok().filter(|_| is_float(text))?;
    Number::from_f64(value).map(Value::Number)
}

/// A decimal number, if a double holds it exactly as written.
fn exact(text: &str) -> Option<Value> {
    let value = text.parse::<f64>().ok().filter(|_| is_decimal(text))?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let before = before.trim_start_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    let after = after.trim_end_matches('0');
    let canonical = if after.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") };
    (value.to_string() == canonical).then(|| Number::from_f64(value).map(Value::Number))?
}

/// A number without an exponent.
fn decimal(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if float.fract() == 0.0 => format!("{float}.0"),
        Some(float) => float.to_string(),
        None => number.to_string(),
    }
}

fn is_integer(text: &str, least: i128, greatest: i128) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match text.parse::<i128>() {
        Ok(value) => (least..=greatest).contains(&value),
        Err(_) if text.starts_with('-') => least == i128::MIN,
        Err(_) => greatest == i128::MAX,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    all(before) && all(after) && !(before.is_empty() && after.is_empty())
}

fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    matches!(text, "INF" | "-INF" | "NaN") || (is_decimal(mantissa) && is_integer(exponent, i128::MIN, i128::MAX))
}

fn is_date(text: &str) -> bool {
    let (is_past, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_year = year.len() >= 4 && year.len() <= 9 && year.bytes().all(|byte| byte.is_ascii_digit());
    let (Some(month), Some(day)) = (two(month, 12), two(day, 31)) else { return false };
    let year = year.parse::<u32>().unwrap_or_default();
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap || is_past => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    is_year && month > 0 && (1..=days).contains(&day)
}

/// A date that may have a time zone.
fn is_zoned_date(text: &str) -> bool {
    if let Some(date) = text.strip_suffix('Z') {
        return is_date(date);
    }
    let at = text.len().saturating_sub(6);
    match (text.get(..at), text.get(at..)) {
        (Some(date), Some(offset)) if offset.contains(':') => is_date(date) && zone(offset).is_some(),
        _ => is_date(text),
    }
}

/// A time with its zone as XML Schema writes it; `+0000` becomes `+00:00`.
fn zoned_time(text: &str) -> Option<String> {
    let at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (time, offset) = text.split_at(at);
    let mut parts = time.splitn(3, ':');
    let (hour, minute, second) = (two(parts.next()?, 24)?, two(parts.next()?, 59)?, parts.next()?);
    let (second, fraction) = second.split_once('.').map_or((second, None), |(second, part)| (second, Some(part)));
    let second = two(second, 59)?;
    let is_fraction = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = fraction.is_none_or(is_fraction) && (hour < 24 || (minute, second) == (0, 0));
    is_right.then(|| zone(offset).map(|zone| format!("{time}{zone}"))).flatten()
}

fn zone(text: &str) -> Option<String> {
    if matches!(text, "" | "Z") {
        return Some(text.to_owned());
    }
    let (sign, rest) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hour, minute) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let is_right = two(hour, 14).is_some() && two(minute, 59).is_some();
    is_right.then(|| format!("{sign}{hour}:{minute}"))
}

/// A number of two digits that is not greater than another.
fn two(text: &str, greatest: u8) -> Option<u8> {
    let is_right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| is_right && *value <= greatest)
}

fn is_base64(text: &str) -> bool {
    let plain = text.trim_end_matches('=');
    let is_character =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') || byte.is_ascii_whitespace();
    text.len() - plain.len() <= 2
        && plain.bytes().all(is_character)
        && text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count().is_multiple_of(4)
}
