//! The `q` parameter of Oracle's REST framework (Sales Cloud). Texts stand in single or double
//! quotes; how the framework escapes either is not dependable, so a text is put into the quotes it
//! does not contain, and refused if it contains both, or a backslash.

use super::{Language, Translation, not, vendor_text};
use crate::condition::{Condition, Operator};
use crate::field::Field;
use crate::value::{Kind, Value};

/// Which syntax the framework reads, as the header `REST-Framework-Version` selects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdfVersion {
    /// Version 1, the default: comparisons joined by semicolons.
    V1,
    /// Version 2 and later: expressions with AND, OR, NOT, LIKE, IN, IS NULL.
    V2,
}

const RESERVED: &[&str] = &["and", "or", "not", "in", "is", "like", "null", "between"];

const V1: Language =
    Language { name: "the vendor's query by example", and: ";", or: "", not: "", reserved: RESERVED, leaf: example };

const V2: Language = Language {
    name: "the vendor's query expressions",
    and: " and ",
    or: " or ",
    not: "not",
    reserved: RESERVED,
    leaf: expression,
};

/// The value of `q`, not yet percent-encoded.
///
/// # Errors
/// What the version has no form for: in version 1 OR, NOT, IN, NULL and patterns other than plain
/// ones; in both texts that cannot be quoted, and wildcards that would be taken for others.
pub fn to_adf(condition: &Condition, version: AdfVersion) -> Translation {
    if version == AdfVersion::V2 {
        return V2.translate(condition);
    }
    match condition.conjuncts().iter().find(|part| part.field().is_none()) {
        Some(part) => V1.refuse(part.to_string()),
        None => V1.translate(condition),
    }
}

/// A comparison of version 1, where an equality with a wildcard is a pattern.
fn example(condition: &Condition) -> Translation {
    match condition {
        Condition::Compare { field, operator, value } if !value.is_null() => {
            if value.text().contains(['*', '%', ';']) {
                return V1.refuse(condition.to_string());
            }
            Ok(format!("{}{operator}{}", path(&V1, field)?, literal(&V1, value)?))
        }
        Condition::Like { field, pattern, negated: false } if !pattern.text().contains(['*', '_', ';']) => {
            Ok(format!("{}={}", path(&V1, field)?, quoted(&V1, &pattern.text().replace('%', "*"))?))
        }
        other => V1.refuse(other.to_string()),
    }
}

fn expression(condition: &Condition) -> Translation {
    match condition {
        Condition::Compare { field, operator, value } if value.is_null() => match operator {
            Operator::Equal => Ok(format!("{} IS NULL", path(&V2, field)?)),
            Operator::NotEqual => Ok(format!("{} IS NOT NULL", path(&V2, field)?)),
            _ => V2.refuse(condition.to_string()),
        },
        Condition::Compare { field, operator, value } => {
            Ok(format!("{} {operator} {}", path(&V2, field)?, literal(&V2, value)?))
        }
        Condition::Like { field, pattern, negated } if !pattern.text().contains(['*', '_']) => {
            Ok(format!("{} {}LIKE {}", path(&V2, field)?, not(*negated), quoted(&V2, pattern.text())?))
        }
        Condition::In { field, values, negated } if !values.iter().any(Value::is_null) => {
            let values: Vec<_> = values.iter().map(|value| literal(&V2, value)).collect::<Translation<_>>()?;
            Ok(format!("{} {}IN ({})", path(&V2, field)?, not(*negated), values.join(", ")))
        }
        Condition::IsNull { field, negated } => Ok(format!("{} IS {}NULL", path(&V2, field)?, not(*negated))),
        other => V2.refuse(other.to_string()),
    }
}

fn path(language: &Language, field: &Field) -> Translation {
    Ok(language.names(field, false)?.join("."))
}

fn literal(language: &Language, value: &Value) -> Translation {
    match value.kind() {
        Kind::Number(_) if !value.is_quoted() => Ok(value.text().to_owned()),
        Kind::Boolean(flag) if !value.is_quoted() => Ok(flag.to_string()),
        _ => quoted(language, &vendor_text(value)),
    }
}

fn quoted(language: &Language, text: &str) -> Translation {
    let text = language.check_text(text)?;
    match (text.contains('\''), text.contains('"')) {
        _ if text.contains('\\') => language.refuse("a backslash in a value"),
        (true, true) => language.refuse("a value with both kinds of quotes"),
        (true, false) => Ok(format!("\"{text}\"")),
        (false, _) => Ok(format!("'{text}'")),
    }
}
