//! Whether a record satisfies a condition. Two-valued: a missing field is null, null compares false
//! except with `IS NULL` and `!=`, and the bare word `null` as a value means null.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::condition::{Condition, Operator};
use crate::field::{Field, Segment};
use crate::like;
use crate::value::{Kind, Number, Value};

#[cfg(test)]
mod tests;

impl Condition {
    /// Whether the record satisfies the condition. Where the path meets arrays, one element that
    /// does is enough; `NOT LIKE`, `NOT IN` and `IS NULL` are the negations of their counterparts.
    #[must_use]
    pub fn matches(&self, record: &Json) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(record)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(record)),
            Self::Not(part) => !part.matches(record),
            Self::Compare { field, operator, value } => {
                some(record, field, |found| compare(&Found::of(found), *operator, value))
            }
            Self::Like { field, pattern, negated } => {
                *negated != some(record, field, |found| resembles(&Found::of(found), pattern))
            }
            Self::In { field, values, negated } => *negated != some(record, field, |found| is_among(found, values)),
            Self::IsNull { field, negated } => *negated == some(record, field, |found| !found.is_null()),
        }
    }
}

/// A value of a record, ready to be compared.
enum Found<'a> {
    Null,
    Scalar(Cow<'a, str>, Kind),
    /// An object, which equals no value.
    Composite,
}

impl<'a> Found<'a> {
    fn of(value: &'a Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Scalar(flag.to_string().into(), Kind::Boolean(*flag)),
            Json::Number(number) => {
                let text = number.to_string();
                let kind = Number::parse(&text).map_or(Kind::Text, Kind::Number);
                Self::Scalar(text.into(), kind)
            }
            Json::String(text) => Self::Scalar(text.into(), Kind::of(text)),
            Json::Array(_) | Json::Object(_) => Self::Composite,
        }
    }
}

fn is_among(found: &Json, values: &[Value]) -> bool {
    let found = Found::of(found);
    values.iter().any(|value| compare(&found, Operator::Equal, value))
}

fn resembles(found: &Found<'_>, pattern: &Value) -> bool {
    matches!(found, Found::Scalar(text, _) if like::matches(text, pattern.text()))
}

fn compare(found: &Found<'_>, operator: Operator, value: &Value) -> bool {
    let (text, kind) = match found {
        Found::Null => return operator == if value.is_null() { Operator::Equal } else { Operator::NotEqual },
        Found::Scalar(text, kind) if !value.is_null() => (text, kind),
        Found::Scalar(..) | Found::Composite => return operator == Operator::NotEqual,
    };
    let order = kind.compare(value.kind()).unwrap_or_else(|| text.as_ref().cmp(value.text()));
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether some value at the path passes the test; a missing one is null. A member that has the
/// whole dotted name as its name is found too.
fn some(record: &Json, field: &Field, mut test: impl FnMut(&Json) -> bool) -> bool {
    if let Some(literal) = record.get(field.as_str()) {
        return visit(literal, &[], &mut test);
    }
    let segments: Vec<_> = field.segments().collect();
    visit(record, &segments, &mut test)
}

fn visit(value: &Json, path: &[Segment<'_>], test: &mut impl FnMut(&Json) -> bool) -> bool {
    match (value, path) {
        (Json::Array(elements), [Segment::Index(place), rest @ ..]) => match elements.get(*place) {
            Some(element) => visit(element, rest, test),
            None => test(&Json::Null),
        },
        (Json::Array(elements), _) if elements.is_empty() => test(&Json::Null),
        (Json::Array(elements), _) => {
            let rest = path.strip_prefix(&[Segment::Each]).unwrap_or(path);
            elements.iter().any(|element| visit(element, rest, test))
        }
        (_, []) => test(value),
        // Vendors whose format is XML answer a list of one as the element itself.
        (_, [Segment::Each, rest @ ..]) => visit(value, rest, test),
        (Json::Object(members), [Segment::Name(name), rest @ ..]) => match members.get(*name) {
            Some(member) => visit(member, rest, test),
            None => test(&Json::Null),
        },
        _ => test(&Json::Null),
    }
}
