//! Plain query parameters: each comparison joined by AND becomes one.

use super::{Translation, Untranslatable};
use crate::condition::{Condition, Operator};
use crate::field::Field;

/// The parameters in source order, names and values not yet encoded. The operator is not sent,
/// vendors have it in the name (`created_at_min`); `IN` becomes one value with commas.
///
/// # Errors
/// OR, NOT in any form, `!=`, null, a comma inside a value of `IN`, odd field names.
pub fn to_query_parameters(condition: &Condition) -> Translation<Vec<(String, String)>> {
    condition.conjuncts().iter().map(parameter).collect()
}

fn parameter(condition: &Condition) -> Translation<(String, String)> {
    match condition {
        Condition::Compare { field, operator, value } if *operator != Operator::NotEqual && !value.is_null() => {
            Ok((name(field)?, value.text().to_owned()))
        }
        Condition::Like { field, pattern, negated: false } => Ok((name(field)?, pattern.text().to_owned())),
        Condition::In { field, values, negated: false } => {
            if values.iter().any(|value| value.is_null() || value.text().contains(',')) {
                return refuse(condition.to_string());
            }
            let values: Vec<_> = values.iter().map(crate::Value::text).collect();
            Ok((name(field)?, values.join(",")))
        }
        other => refuse(other.to_string()),
    }
}

fn name(field: &Field) -> Translation {
    if field.is_bare() { Ok(field.as_str().to_owned()) } else { refuse(format!("the field {field}")) }
}

fn refuse<T>(what: impl Into<String>) -> Translation<T> {
    Err(Untranslatable { what: what.into(), language: "query parameters" })
}
