//! `q` of framework version 1: conditions joined by semicolons, values with or without quotes.

use serde_json::json;

use super::{Filter, Operand, Operator, SIGNS, Test, comparison, pattern, quoted};
use crate::oraclesalescloud::resource::{Resource, Type};

/// How a condition joins attribute and value.
enum Relation {
    Sign(Operator),
    Like,
}

/// All conditions; `None` if one cannot be used.
pub(super) fn parse(text: &str, resource: &'static Resource) -> Option<Filter> {
    let conditions: Option<Vec<Filter>> = split(text)?.into_iter().map(|part| condition(part, resource)).collect();
    conditions.map(Filter::All)
}

/// Splits at semicolons outside quotes; `None` if a quote is not closed.
pub(super) fn split(text: &str) -> Option<Vec<&str>> {
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

fn condition(part: &str, resource: &'static Resource) -> Option<Filter> {
    let part = part.trim();
    let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (operand, attribute) = Operand::named(&part[..end], resource)?;
    let (relation, rest) = relation(part[end..].trim_start())?;
    let rest = rest.trim();
    let in_quotes = rest.starts_with(['\'', '"']);
    let text = if in_quotes {
        quoted(rest).filter(|(_, after)| after.is_empty())?.0
    } else {
        Some(rest).filter(|rest| !rest.is_empty() && !rest.contains(['\'', '"', '(', ')', '=']))?.to_owned()
    };
    let wild = attribute.kind == Type::String && text.contains(['*', '%']);
    match relation {
        Relation::Like => pattern(operand, attribute, text),
        Relation::Sign(Operator::Equal) if wild => pattern(operand, attribute, text),
        Relation::Sign(operator) if !in_quotes && text == "null" => null(operand, operator),
        Relation::Sign(operator) => comparison(operand, attribute, operator, &json!(text)),
    }
}

/// `=null` and `!=null`; nothing is ordered before or after nothing.
fn null(operand: Operand, operator: Operator) -> Option<Filter> {
    let null = Filter::Test { operand, test: Test::Null };
    match operator {
        Operator::Equal => Some(null),
        Operator::NotEqual => Some(Filter::Not(Box::new(null))),
        _ => None,
    }
}

fn relation(rest: &str) -> Option<(Relation, &str)> {
    for (sign, operator) in SIGNS {
        if let Some(rest) = rest.strip_prefix(sign) {
            return Some((Relation::Sign(operator), rest));
        }
    }
    let (word, rest) = rest.split_once(char::is_whitespace)?;
    word.eq_ignore_ascii_case("like").then_some((Relation::Like, rest))
}
