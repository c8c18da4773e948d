//! A small recursive-descent parser of `$filter`. Names must exist and values must be of the type of
//! what they are compared with: texts stand in quotes, numbers, times and identifiers do not.

use serde_json::{Value, json};

use super::{Filter, Function, Operator};
use crate::actpremium::schema::{Kind, Shape, instant, is_guid};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;
/// Longest expression, in bytes.
const MAX_BYTES: usize = 32 * 1024;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Text(String),
    Word(String),
}

/// Parses an expression about records of a kind; the error says what is wrong.
pub(super) fn parse(text: &str, kind: Kind) -> Result<Filter, String> {
    if text.len() > MAX_BYTES {
        return Err("The filter is too long.".to_owned());
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, place: 0, kind, range: None };
    let filter = parser.alternatives(0)?;
    match tokens.get(parser.place) {
        None => Ok(filter),
        Some(token) => Err(format!("Syntax error: unexpected {token:?}.")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            ':' => (Token::Colon, 1),
            '\'' => quoted(rest)?,
            _ => {
                // A time has colons in it, a name has not.
                let colon = !first.is_ascii_digit();
                let ends = |c: char| c.is_whitespace() || "(),'".contains(c) || colon && c == ':';
                let end = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in single quotes, where two of them stand for one; and its length with the quotes.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut place = 1;
    while let Some(length) = rest[place..].find('\'') {
        value.push_str(&rest[place..place + length]);
        place += length + 1;
        if !rest[place..].starts_with('\'') {
            return Ok((Token::Text(value), place));
        }
        value.push('\'');
        place += 1;
    }
    Err("There is an unterminated string literal.".to_owned())
}

struct Parser<'a> {
    tokens: &'a [Token],
    place: usize,
    kind: Kind,
    /// Inside `any`: the name of the item and the kind it refers to.
    range: Option<(String, Kind)>,
}

impl Parser<'_> {
    fn alternatives(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.take_word("or") {
            parts.push(self.conjunction(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn conjunction(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.term(depth)?];
        while self.take_word("and") {
            parts.push(self.term(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn term(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > MAX_DEPTH {
            return Err("The filter is nested too deeply.".to_owned());
        }
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.take(&Token::Open) {
            let inner = self.alternatives(depth + 1)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let word = self.word()?;
        if !self.take(&Token::Open) {
            return self.comparison(&word);
        }
        match word.rsplit_once('/') {
            Some((list, function)) if function.eq_ignore_ascii_case("any") => self.any(list, depth),
            _ => self.function(&word),
        }
    }

    /// `list/any()` or `list/any(x: …x/name…)`, after the parenthesis.
    fn any(&mut self, list: &str, depth: usize) -> Result<Filter, String> {
        if self.range.is_some() {
            return Err("An 'any' inside another is not supported.".to_owned());
        }
        let (path, shape) = self.property(list)?;
        let Shape::List(kind) = shape else { return Err(format!("'{list}' is not a list.")) };
        if self.take(&Token::Close) {
            return Ok(Filter::Any { path, filter: None });
        }
        let name = self.word()?;
        self.expect(&Token::Colon)?;
        self.range = Some((name, kind));
        let filter = self.alternatives(depth + 1)?;
        self.range = None;
        self.expect(&Token::Close)?;
        Ok(Filter::Any { path, filter: Some(Box::new(filter)) })
    }

    fn function(&mut self, name: &str) -> Result<Filter, String> {
        let function = match name.to_lowercase().as_str() {
            "contains" => Function::Contains,
            "startswith" => Function::StartsWith,
            "endswith" => Function::EndsWith,
            _ => return Err(format!("An unknown function with name '{name}' was found.")),
        };
        let word = self.word()?;
        let (path, shape) = self.property(&word)?;
        if shape != Shape::Text {
            return Err(format!("'{name}' needs a text, and '{path}' is none."));
        }
        self.expect(&Token::Comma)?;
        let Some(Token::Text(value)) = self.next() else {
            return Err(format!("'{name}' needs a text in quotes."));
        };
        self.expect(&Token::Close)?;
        Ok(Filter::Text { path, function, value })
    }

    fn comparison(&mut self, name: &str) -> Result<Filter, String> {
        let (path, shape) = self.property(name)?;
        let operator = match self.word()?.to_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            other => return Err(format!("Syntax error: '{other}' is not an operator.")),
        };
        let token = self.next().ok_or("Syntax error: a value is missing.")?;
        let value = value(shape, &token).ok_or_else(|| {
            format!("A binary operator with incompatible types was detected: '{path}' and {token:?}.")
        })?;
        Ok(Filter::Compare { path, operator, value })
    }

    /// The path of a property from the record, or from the item inside `any`; and what it is.
    fn property(&self, name: &str) -> Result<(String, Shape), String> {
        let unknown = || format!("Could not find a property named '{name}'.");
        let Some((range, kind)) = &self.range else {
            return Ok((name.to_owned(), self.kind.shape(name).ok_or_else(unknown)?));
        };
        let (_, member) = name.split_once('/').filter(|(first, _)| first == range).ok_or_else(unknown)?;
        let shape = match member {
            id if id.eq_ignore_ascii_case("id") => Shape::Guid,
            label if label.eq_ignore_ascii_case(kind.label()) => Shape::Text,
            _ => return Err(unknown()),
        };
        Ok((member.to_owned(), shape))
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.place)?.clone();
        self.place += 1;
        Some(token)
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            Some(other) => Err(format!("Syntax error: unexpected {other:?}.")),
            None => Err("Syntax error: the filter ends too early.".to_owned()),
        }
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

    fn expect(&mut self, token: &Token) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("Syntax error: expected {token:?}.")) }
    }
}

/// The value a token stands for, if it is of this shape. Identifiers may stand in quotes or not.
fn value(shape: Shape, token: &Token) -> Option<Value> {
    let word = match token {
        Token::Text(text) => {
            let fits = shape == Shape::Text || shape == Shape::Guid && is_guid(text);
            return fits.then(|| json!(text));
        }
        Token::Word(word) => word.as_str(),
        _ => return None,
    };
    if word == "null" {
        return Some(Value::Null);
    }
    match shape {
        Shape::Number => word.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number)),
        Shape::Boolean => ["true", "false"].contains(&word).then(|| json!(word == "true")),
        Shape::Guid => is_guid(word).then(|| json!(word)),
        Shape::Datetime => instant(word).map(|_| json!(word)),
        Shape::Text | Shape::Complex | Shape::List(_) => None,
    }
}
