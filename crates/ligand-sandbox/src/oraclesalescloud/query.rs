//! The query parameters of collections and items: paging, `q`, `orderBy`, `fields`, `expand`,
//! `onlyData`, `totalResults`. `q` is read as framework version 1 has it: conditions joined by
//! semicolons.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::resource::{Resource, Type};
use super::store::Item;
use crate::call::Call;

#[cfg(test)]
mod tests;

/// Items of a page when the caller does not say.
const DEFAULT_LIMIT: usize = 25;
/// Most items of a page; more is not refused but cut.
pub(super) const MAX_LIMIT: usize = 500;
/// Parameters of the framework that mean nothing here.
const IGNORED: [&str; 4] = ["links", "dependency", "metadataMode", "onlyCount"];

/// What a call asks for.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) offset: usize,
    conditions: Vec<Condition>,
    order: Vec<(String, bool)>,
    /// Attributes to answer; empty means all.
    pub(super) fields: Vec<String>,
    /// Children to answer with the item.
    pub(super) expand: Vec<String>,
    pub(super) only_data: bool,
    pub(super) total_results: bool,
}

#[derive(Debug, PartialEq)]
struct Condition {
    attribute: String,
    operator: Operator,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

impl Query {
    /// Reads the query string for a resource.
    pub(super) fn parse(call: &Call, resource: &Resource) -> Result<Self, Refusal> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            offset: 0,
            conditions: Vec::new(),
            order: Vec::new(),
            fields: Vec::new(),
            expand: Vec::new(),
            only_data: false,
            total_results: false,
        };
        for (name, value) in &call.query {
            match name.as_str() {
                "limit" => query.limit = number(name, value)?.clamp(1, MAX_LIMIT),
                "offset" => query.offset = number(name, value)?,
                "q" => query.conditions = conditions(value, resource)?,
                "orderBy" => query.order = order(value, resource)?,
                "fields" => query.fields = known(name, value, resource, false)?,
                "expand" => query.expand = known(name, value, resource, true)?,
                "onlyData" => query.only_data = flag(name, value)?,
                "totalResults" => query.total_results = flag(name, value)?,
                other if IGNORED.contains(&other) => {}
                other => return Err(unusable(other)),
            }
        }
        Ok(query)
    }

    /// Whether an item satisfies all conditions.
    pub(super) fn matches(&self, item: &Item) -> bool {
        self.conditions.iter().all(|condition| condition.holds(item))
    }

    /// Order of two items as asked; equal if nothing was.
    pub(super) fn compare(&self, left: &Item, right: &Item) -> Ordering {
        let mut orders = self.order.iter().map(|(name, descending)| {
            let order = compare(value(left, name), value(right, name));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl Condition {
    fn holds(&self, item: &Item) -> bool {
        let found = value(item, &self.attribute);
        if found.is_null() || self.value.is_null() {
            return match self.operator {
                Operator::Equal => found.is_null() && self.value.is_null(),
                Operator::NotEqual => found.is_null() != self.value.is_null(),
                _ => false,
            };
        }
        let order = compare(found, &self.value);
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Like => like(found.as_str().unwrap_or_default(), self.value.as_str().unwrap_or_default()),
        }
    }
}

fn value<'a>(item: &'a Item, name: &str) -> &'a Value {
    item.get(name).unwrap_or(&Value::Null)
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        // Dates and times are stored in one form whose order as text is the order in time.
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

fn unusable(parameter: &str) -> Refusal {
    Refusal::bad(format!("URL request parameter {parameter} cannot be used in this context."))
}

fn number(name: &str, value: &str) -> Result<usize, Refusal> {
    value.trim().parse().map_err(|_| unusable(name))
}

fn flag(name: &str, value: &str) -> Result<bool, Refusal> {
    match value.trim() {
        "true" | "" => Ok(true),
        "false" => Ok(false),
        _ => Err(unusable(name)),
    }
}

fn known(name: &str, value: &str, resource: &Resource, child: bool) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if child && part == "all" {
            let children = resource.attributes.iter().filter(|one| one.kind == Type::Child);
            names.extend(children.map(|one| one.name.to_owned()));
            continue;
        }
        let attribute = resource.attribute(part).ok_or_else(|| unusable(name))?;
        if child != (attribute.kind == Type::Child) {
            return Err(unusable(name));
        }
        names.push(part.to_owned());
    }
    Ok(names)
}

fn order(value: &str, resource: &Resource) -> Result<Vec<(String, bool)>, Refusal> {
    let part = |part: &str| {
        let (name, direction) = part.trim().split_once(':').unwrap_or((part.trim(), "asc"));
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(unusable("orderBy")),
        };
        resource.value_attribute(name).ok_or_else(|| unusable("orderBy"))?;
        Ok((name.to_owned(), descending))
    };
    value.split(',').map(part).collect()
}

fn conditions(text: &str, resource: &Resource) -> Result<Vec<Condition>, Refusal> {
    let parts = split(text).ok_or_else(|| unusable("q"))?;
    parts.iter().map(|part| condition(part, resource).ok_or_else(|| unusable("q"))).collect()
}

/// Splits at semicolons outside quotes; `None` if a quote is not closed.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (place, character) in text.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ';') => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    quote.is_none().then_some(parts)
}

fn condition(part: &str, resource: &Resource) -> Option<Condition> {
    let part = part.trim();
    let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let attribute = resource.value_attribute(&part[..end])?;
    let (mut operator, rest) = operator(part[end..].trim_start())?;
    let rest = rest.trim();
    let quoted = rest.starts_with(['\'', '"']);
    let text = if quoted { unquote(rest)? } else { rest.to_owned() };
    if !quoted && (text.is_empty() || text.contains(['\'', '"', '(', ')', '='])) {
        return None;
    }
    let textual = attribute.kind == Type::String;
    if operator == Operator::Equal && textual && text.contains(['*', '%']) {
        operator = Operator::Like;
    }
    if operator == Operator::Like && !textual {
        return None;
    }
    let value = match (quoted, text.as_str()) {
        (false, "null") => Value::Null,
        _ => attribute.kind.accept(&json!(text))?,
    };
    Some(Condition { attribute: attribute.name.to_owned(), operator, value })
}

fn operator(rest: &str) -> Option<(Operator, &str)> {
    const SIGNS: [(&str, Operator); 7] = [
        ("!=", Operator::NotEqual),
        ("<>", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    for (sign, operator) in SIGNS {
        if let Some(rest) = rest.strip_prefix(sign) {
            return Some((operator, rest));
        }
    }
    let (word, rest) = rest.split_once(char::is_whitespace)?;
    word.eq_ignore_ascii_case("like").then_some((Operator::Like, rest))
}

/// The text between quotes that end where the whole ends; doubled quotes stand for one.
fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = text[1..].strip_suffix(quote)?;
    let doubled = format!("{quote}{quote}");
    if inner.replace(&doubled, "").contains(quote) {
        return None;
    }
    Some(inner.replace(&doubled, &quote.to_string()))
}
