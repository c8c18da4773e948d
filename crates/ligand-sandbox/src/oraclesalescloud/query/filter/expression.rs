//! `q` of framework version 2 and later: comparisons, `LIKE`, `IN`, `BETWEEN` and `IS NULL`, joined
//! by `and`, `or`, `not`, parentheses and semicolons. Texts and dates stand in quotes.

use serde_json::{Value, json};

use super::{Filter, Operand, Operator, SIGNS, Test, comparison, pattern, quoted};
use crate::oraclesalescloud::resource::{Attribute, Resource, Type};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Semicolon,
    Sign(Operator),
    Text(String),
    Word(String),
}

/// The whole expression; `None` if it cannot be used.
pub(super) fn parse(text: &str, resource: &'static Resource) -> Option<Filter> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, place: 0, resource };
    let mut parts = vec![parser.alternatives(0)?];
    while parser.take(&Token::Semicolon) {
        parts.push(parser.alternatives(0)?);
    }
    (parser.place == tokens.len()).then(|| one_or(parts, Filter::All))
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let plain = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            ',' => Some(Token::Comma),
            ';' => Some(Token::Semicolon),
            _ => None,
        };
        if let Some(token) = plain {
            tokens.push(token);
            rest = &rest[1..];
        } else if ['\'', '"'].contains(&first) {
            let (value, after) = quoted(rest)?;
            tokens.push(Token::Text(value));
            rest = after;
        } else if let Some((sign, operator)) = SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
            tokens.push(Token::Sign(operator));
            rest = &rest[sign.len()..];
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_.+-".contains(c)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
    place: usize,
    resource: &'static Resource,
}

impl Parser<'_> {
    fn alternatives(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.take_word("or") {
            parts.push(self.conjunction(depth)?);
        }
        Some(one_or(parts, Filter::Any))
    }

    fn conjunction(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.term(depth)?];
        while self.take_word("and") {
            parts.push(self.term(depth)?);
        }
        Some(one_or(parts, Filter::All))
    }

    fn term(&mut self, depth: usize) -> Option<Filter> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.take_word("not") {
            return Some(Filter::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.take(&Token::Open) {
            let inner = self.alternatives(depth + 1)?;
            return self.take(&Token::Close).then_some(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Option<Filter> {
        let (operand, attribute) = self.operand()?;
        if let Some(Token::Sign(operator)) = self.tokens.get(self.place) {
            self.place += 1;
            let value = self.value(attribute)?;
            return comparison(operand, attribute, *operator, &value);
        }
        if self.take_word("is") {
            let negated = self.take_word("not");
            let null = Filter::Test { operand, test: Test::Null };
            return self.take_word("null").then(|| negate(null, negated));
        }
        let negated = self.take_word("not");
        let test = if self.take_word("like") {
            let Some(Token::Text(text)) = self.next() else { return None };
            pattern(operand, attribute, text)?
        } else if self.take_word("in") {
            Filter::Test { operand, test: Test::OneOf(self.list(attribute)?) }
        } else if self.take_word("between") {
            let low = self.value(attribute)?;
            let high = self.take_word("and").then(|| self.value(attribute))??;
            Filter::Test { operand, test: Test::Between(low, high) }
        } else {
            return None;
        };
        Some(negate(test, negated))
    }

    /// An attribute, or `UPPER(attribute)`.
    fn operand(&mut self) -> Option<(Operand, &'static Attribute)> {
        let Some(Token::Word(name)) = self.next() else { return None };
        if name.eq_ignore_ascii_case("upper") && self.take(&Token::Open) {
            let Some(Token::Word(name)) = self.next() else { return None };
            let (operand, attribute) = Operand::named(&name, self.resource)?;
            let closed = self.take(&Token::Close) && attribute.kind == Type::String;
            return closed.then_some((Operand { upper: true, ..operand }, attribute));
        }
        Operand::named(&name, self.resource)
    }

    fn list(&mut self, attribute: &Attribute) -> Option<Vec<Value>> {
        if !self.take(&Token::Open) {
            return None;
        }
        let mut values = vec![self.value(attribute)?];
        while self.take(&Token::Comma) {
            values.push(self.value(attribute)?);
        }
        self.take(&Token::Close).then_some(values)
    }

    /// A value of the attribute's type. Only numbers and truth values stand without quotes.
    fn value(&mut self, attribute: &Attribute) -> Option<Value> {
        let value = match self.next()? {
            Token::Text(text) => json!(text),
            Token::Word(word) if matches!(attribute.kind, Type::Integer | Type::Number | Type::Boolean) => json!(word),
            _ => return None,
        };
        attribute.kind.accept_queried(&value)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.place)?.clone();
        self.place += 1;
        Some(token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.place) == Some(token);
        self.place += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.place), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.place += usize::from(found);
        found
    }
}

fn one_or(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

fn negate(filter: Filter, negated: bool) -> Filter {
    if negated { Filter::Not(Box::new(filter)) } else { filter }
}
