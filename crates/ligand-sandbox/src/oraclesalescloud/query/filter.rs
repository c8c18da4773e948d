//! What `q` asks of an item. `classic` reads the form of framework version 1, `expression` that of
//! the later ones; both end in the same conditions, evaluated here as a database does: what has no
//! value is neither equal nor unequal to anything.

mod classic;
mod expression;

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::oraclesalescloud::resource::{Attribute, Resource, Type};
use crate::oraclesalescloud::store::Item;

#[cfg(test)]
mod tests;

/// Longest `q`, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// A parsed `q`.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Test { operand: Operand, test: Test },
}

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    attribute: &'static str,
    /// Whether the text is taken in upper case.
    upper: bool,
}

/// What is asked of it.
#[derive(Debug, PartialEq)]
pub(super) enum Test {
    Null,
    Compare(Operator, Value),
    Like(String),
    OneOf(Vec<Value>),
    Between(Value, Value),
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

/// The signs, the longer before those they begin with.
const SIGNS: [(&str, Operator); 7] = [
    ("!=", Operator::NotEqual),
    ("<>", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Filter {
    /// Reads `q` as this framework version does; `None` if it cannot be used.
    pub(super) fn parse(text: &str, resource: &'static Resource, version: u8) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        if version == 1 { classic::parse(text, resource) } else { expression::parse(text, resource) }
    }

    /// Whether an item certainly satisfies it.
    pub(super) fn matches(&self, item: &Item) -> bool {
        self.holds(item) == Some(true)
    }

    /// `None` if that is unknown, because a value is missing.
    fn holds(&self, item: &Item) -> Option<bool> {
        match self {
            Self::All(parts) => decide(parts, item, false),
            Self::Any(parts) => decide(parts, item, true),
            Self::Not(part) => part.holds(item).map(|held| !held),
            Self::Test { operand, test } => test.holds(&operand.value(item)),
        }
    }
}

/// One part with the deciding answer decides; else one unknown part makes the whole unknown.
fn decide(parts: &[Filter], item: &Item, deciding: bool) -> Option<bool> {
    let mut answer = Some(!deciding);
    for part in parts {
        match part.holds(item) {
            Some(held) if held == deciding => return Some(deciding),
            None => answer = None,
            Some(_) => {}
        }
    }
    answer
}

impl Operand {
    /// An attribute that `q` may name.
    fn named(name: &str, resource: &'static Resource) -> Option<(Self, &'static Attribute)> {
        let attribute = resource.attribute(name).filter(|attribute| attribute.queryable)?;
        Some((Self { attribute: attribute.name, upper: false }, attribute))
    }

    fn value(self, item: &Item) -> Value {
        match item.get(self.attribute) {
            Some(Value::String(text)) if self.upper => json!(text.to_uppercase()),
            found => found.cloned().unwrap_or_default(),
        }
    }
}

impl Test {
    fn holds(&self, found: &Value) -> Option<bool> {
        if let Self::Null = self {
            return Some(found.is_null());
        }
        if found.is_null() {
            return None;
        }
        Some(match self {
            Self::Null => false,
            Self::Compare(operator, value) => operator.holds(compare(found, value)),
            Self::Like(pattern) => like(found.as_str().unwrap_or_default(), pattern),
            Self::OneOf(values) => values.iter().any(|value| compare(found, value).is_eq()),
            Self::Between(low, high) => compare(found, low).is_ge() && compare(found, high).is_le(),
        })
    }
}

impl Operator {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// A comparison with a value of the attribute's type; `None` if it is of another.
fn comparison(operand: Operand, attribute: &Attribute, operator: Operator, value: &Value) -> Option<Filter> {
    let value = attribute.kind.accept_queried(value)?;
    Some(Filter::Test { operand, test: Test::Compare(operator, value) })
}

/// A pattern; only texts have one.
fn pattern(operand: Operand, attribute: &Attribute, pattern: String) -> Option<Filter> {
    (attribute.kind == Type::String).then_some(Filter::Test { operand, test: Test::Like(pattern) })
}

/// Orders two values: nothing last, numbers by size, texts by their characters. Dates and times are
/// stored in one form whose order as text is the order in time.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
        },
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (left, right) => left.to_string().cmp(&right.to_string()),
    }
}

/// Matches a text against a pattern in which `%` and `*` stand for any characters.
fn like(text: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split(['%', '*']).collect();
    let [first, middle @ .., last] = parts.as_slice() else { return text == pattern };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

/// The text in quotes a string begins with, doubled quotes for one, and what comes after.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| ['\'', '"'].contains(first))?;
    let (mut value, mut rest) = (String::new(), &text[1..]);
    loop {
        let end = rest.find(quote)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote) {
            Some(more) => rest = more,
            None => return Some((value, rest)),
        }
        value.push(quote);
    }
}
