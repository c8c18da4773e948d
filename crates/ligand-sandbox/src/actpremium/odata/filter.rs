//! `$filter`: an expression and its evaluation over a JSON record; `parse` reads it. Comparisons,
//! `and`, `or`, `not`, parentheses, `contains`, `startswith`, `endswith` and `any`; no arithmetic.

mod parse;

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::actpremium::schema::{Kind, instant};

#[cfg(test)]
mod tests;

/// A parsed expression.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        path: String,
        operator: Operator,
        value: Value,
    },
    Text {
        path: String,
        function: Function,
        value: String,
    },
    /// Whether a list has an item, or one that satisfies the expression.
    Any {
        path: String,
        filter: Option<Box<Filter>>,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A test of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Contains,
    StartsWith,
    EndsWith,
}

impl Filter {
    /// Parses an expression about records of a kind; the error says what is wrong.
    pub(super) fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        parse::parse(text, kind)
    }

    /// Whether a record satisfies it.
    pub(super) fn matches(&self, record: &Map<String, Value>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(record)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(record)),
            Self::Not(part) => !part.matches(record),
            Self::Compare { path, operator, value } => operator.holds(lookup(record, path), value),
            Self::Text { path, function, value } => {
                let found = lookup(record, path).as_str().unwrap_or_default().to_lowercase();
                let value = value.to_lowercase();
                match function {
                    Function::Contains => found.contains(&value),
                    Function::StartsWith => found.starts_with(&value),
                    Function::EndsWith => found.ends_with(&value),
                }
            }
            Self::Any { path, filter } => {
                let mut items = lookup(record, path).as_array().into_iter().flatten().filter_map(Value::as_object);
                match filter {
                    None => items.next().is_some(),
                    Some(filter) => items.any(|item| filter.matches(item)),
                }
            }
        }
    }
}

impl Operator {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = compare(left, right);
        // Nothing is neither less nor greater than anything.
        let ordered = !left.is_null() && !right.is_null();
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => ordered && order.is_lt(),
            Self::LessOrEqual => ordered && order.is_le(),
            Self::Greater => ordered && order.is_gt(),
            Self::GreaterOrEqual => ordered && order.is_ge(),
        }
    }
}

/// The field a path such as `businessAddress/state` leads to; nothing if it leads nowhere.
pub(super) fn lookup<'a>(record: &'a Map<String, Value>, path: &str) -> &'a Value {
    find(record, path).unwrap_or(&Value::Null)
}

fn find<'a>(record: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let (_, value) = record.iter().find(|(name, _)| name.eq_ignore_ascii_case(first))?;
    match rest {
        None => Some(value),
        Some(rest) => find(value.as_object()?, rest),
    }
}

/// Orders two values: nothing first, times by instant, texts without regard to case.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64(), right.as_f64());
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => match (instant(left), instant(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.to_lowercase().cmp(&right.to_lowercase()),
        },
        (left, right) => left.to_string().cmp(&right.to_string()),
    }
}
