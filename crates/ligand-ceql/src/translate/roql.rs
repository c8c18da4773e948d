//! ROQL, the query language of Oracle Service Cloud. Its texts stand in single quotes, doubled
//! inside, and know no backslash; in `LIKE` an underscore stands for any character.

use super::{Language, Translation, doubled_quotes, not, vendor_text};
use crate::condition::{Condition, Operator};
use crate::field::Field;
use crate::value::{Kind, Value};

const ROQL: Language = Language {
    name: "ROQL",
    and: " AND ",
    or: " OR ",
    not: "NOT",
    reserved: &["and", "or", "not", "in", "is", "like", "null", "select", "from", "where", "order", "by", "limit"],
    leaf,
};

/// The condition behind `WHERE`. Members of the JSON view become attributes: first letters in
/// upper case, `[*]` dropped, `id` (also `id.id`) as `ID`. Bare booleans become 1 and 0.
///
/// # Errors
/// Indexed or oddly named fields, `_` in a pattern, control characters, an order with null.
pub fn to_roql(condition: &Condition) -> Translation {
    ROQL.translate(condition)
}

fn leaf(condition: &Condition) -> Translation {
    match condition {
        Condition::Compare { field, operator, value } if value.is_null() => match operator {
            Operator::Equal => Ok(format!("{} IS NULL", path(field)?)),
            Operator::NotEqual => Ok(format!("{} IS NOT NULL", path(field)?)),
            _ => ROQL.refuse(condition.to_string()),
        },
        Condition::Compare { field, operator, value } => Ok(format!("{} {operator} {}", path(field)?, literal(value)?)),
        Condition::Like { field, pattern, negated } if !pattern.text().contains('_') => {
            let pattern = doubled_quotes(ROQL.check_text(pattern.text())?);
            Ok(format!("{} {}LIKE {pattern}", path(field)?, not(*negated)))
        }
        Condition::In { field, values, negated } if !values.iter().any(Value::is_null) => {
            let values: Vec<_> = values.iter().map(literal).collect::<Translation<_>>()?;
            Ok(format!("{} {}IN ({})", path(field)?, not(*negated), values.join(", ")))
        }
        Condition::IsNull { field, negated } => Ok(format!("{} IS {}NULL", path(field)?, not(*negated))),
        other => ROQL.refuse(other.to_string()),
    }
}

fn path(field: &Field) -> Translation {
    let mut names: Vec<String> = Vec::new();
    for name in ROQL.names(field, true)? {
        let name = attribute(name);
        if name != "ID" || names.last() != Some(&name) {
            names.push(name);
        }
    }
    Ok(names.join("."))
}

fn attribute(name: &str) -> String {
    if name.eq_ignore_ascii_case("id") {
        return "ID".to_owned();
    }
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

fn literal(value: &Value) -> Translation {
    match value.kind() {
        Kind::Number(_) if !value.is_quoted() => Ok(value.text().to_owned()),
        Kind::Boolean(flag) if !value.is_quoted() => Ok(u8::from(flag).to_string()),
        _ => Ok(doubled_quotes(ROQL.check_text(&vendor_text(value))?)),
    }
}
