//! OData `$filter`. Texts stand in single quotes, doubled inside; the type of a literal is visible,
//! so numbers, booleans and date-times are written bare.

use super::{Language, Translation, doubled_quotes};
use crate::condition::{Condition, Operator};
use crate::field::Field;
use crate::instant::Instant;
use crate::value::{Kind, Value};

/// The dialect of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ODataVersion {
    /// `contains(f,'a')`, date-times bare with `Z`.
    V4,
    /// `substringof('a',f)`, date-times as `datetime'…'`.
    V3,
}

const V4: Language = Language {
    name: "OData",
    and: " and ",
    or: " or ",
    not: "not",
    reserved: &["and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "has", "in", "null", "true", "false"],
    leaf: |condition| comparison(condition, ODataVersion::V4),
};

const V3: Language = Language { leaf: |condition| comparison(condition, ODataVersion::V3), ..V4 };

/// The value of `$filter`, not yet percent-encoded. Dots in names become `/`. Numbers are bare if
/// they were written so; booleans, dates and times always; a bare GUID stays bare. A date without a
/// time is its midnight in UTC.
///
/// # Errors
/// Array marks and odd field names, patterns with `%` inside, control characters, an order with null.
pub fn to_odata(condition: &Condition, version: ODataVersion) -> Translation {
    let language = if version == ODataVersion::V4 { V4 } else { V3 };
    language.translate(condition)
}

fn comparison(condition: &Condition, version: ODataVersion) -> Translation {
    let negate = |text: String, negated: bool| if negated { format!("not ({text})") } else { text };
    match condition {
        Condition::Compare { field, operator, value } => {
            let null_order = value.is_null() && !matches!(operator, Operator::Equal | Operator::NotEqual);
            if null_order { V4.refuse(condition.to_string()) } else { compare(field, word(*operator), value, version) }
        }
        Condition::Like { field, pattern, negated } => match like(field, pattern, version)? {
            Some(text) => Ok(negate(text, *negated)),
            None => V4.refuse(condition.to_string()),
        },
        Condition::In { field, values, negated } => {
            let choices = values.iter().map(|value| compare(field, "eq", value, version));
            let choices = choices.collect::<Translation<Vec<_>>>()?.join(" or ");
            let grouped = if values.len() > 1 && !negated { format!("({choices})") } else { choices };
            Ok(negate(grouped, *negated))
        }
        Condition::IsNull { field, negated } => {
            Ok(format!("{} {} null", path(field)?, if *negated { "ne" } else { "eq" }))
        }
        other => V4.refuse(other.to_string()),
    }
}

fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "eq",
        Operator::NotEqual => "ne",
        Operator::Less => "lt",
        Operator::LessOrEqual => "le",
        Operator::Greater => "gt",
        Operator::GreaterOrEqual => "ge",
    }
}

fn compare(field: &Field, operator: &str, value: &Value, version: ODataVersion) -> Translation {
    Ok(format!("{} {operator} {}", path(field)?, literal(value, version)?))
}

/// The function for a pattern; `None` if it has a `%` between other characters.
fn like(field: &Field, pattern: &Value, version: ODataVersion) -> Translation<Option<String>> {
    let (field, text) = (path(field)?, V4.check_text(pattern.text())?);
    let (tail, open_start) = text.strip_prefix('%').map_or((text, false), |tail| (tail, true));
    let (core, open_end) = tail.strip_suffix('%').map_or((tail, false), |core| (core, true));
    if core.contains('%') {
        return Ok(None);
    }
    let quoted = doubled_quotes(core);
    Ok(Some(match (open_start, open_end, version) {
        (false, false, _) => format!("{field} eq {quoted}"),
        (true, _, _) if core.is_empty() => format!("{field} ne null"),
        (false, true, _) => format!("startswith({field},{quoted})"),
        (true, false, _) => format!("endswith({field},{quoted})"),
        (true, true, ODataVersion::V4) => format!("contains({field},{quoted})"),
        (true, true, ODataVersion::V3) => format!("substringof({quoted},{field})"),
    }))
}

fn path(field: &Field) -> Translation {
    Ok(V4.names(field, false)?.join("/"))
}

fn literal(value: &Value, version: ODataVersion) -> Translation {
    match value.kind() {
        Kind::Null => Ok("null".to_owned()),
        Kind::Boolean(flag) => Ok(flag.to_string()),
        Kind::Number(_) if !value.is_quoted() => Ok(value.text().to_owned()),
        Kind::Instant(instant) => point_in_time(value, instant, version),
        Kind::Text if !value.is_quoted() && is_guid(value.text()) => Ok(value.text().to_owned()),
        Kind::Number(_) | Kind::Text => Ok(doubled_quotes(V4.check_text(value.text())?)),
    }
}

fn point_in_time(value: &Value, instant: Instant, version: ODataVersion) -> Translation {
    match (instant.utc_text(), version) {
        (Some(text), ODataVersion::V4) => Ok(text + "Z"),
        (Some(text), ODataVersion::V3) => Ok(format!("datetime'{text}'")),
        (None, _) => V4.refuse(format!("the time {value}")),
    }
}

fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match byte {
            b'-' => hyphens.contains(&place),
            other => other.is_ascii_hexdigit() && !hyphens.contains(&place),
        })
}
