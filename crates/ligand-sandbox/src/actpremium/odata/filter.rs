//! `$filter`: a small recursive-descent parser and its evaluation over a JSON record. Comparisons,
//! `and`, `or`, `not`, parentheses, `contains`, `startswith` and `endswith`; no lambdas, arithmetic.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[cfg(test)]
mod tests;

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;
/// Longest expression, in bytes.
const MAX_BYTES: usize = 32 * 1024;

/// A parsed expression.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare { path: String, operator: Operator, value: Value },
    Text { path: String, function: Function, value: String },
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
    /// Parses an expression; the error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err("The filter is too long.".to_owned());
        }
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, place: 0 };
        let filter = parser.alternatives(0)?;
        if parser.place < tokens.len() {
            return Err(format!("Syntax error: unexpected {:?}.", tokens[parser.place]));
        }
        Ok(filter)
    }

    /// Whether a record satisfies it. Fails for a field the record does not have.
    pub(super) fn matches(&self, record: &Map<String, Value>) -> Result<bool, String> {
        match self {
            Self::And(parts) => parts.iter().try_fold(true, |so_far, part| Ok(so_far & part.matches(record)?)),
            Self::Or(parts) => parts.iter().try_fold(false, |so_far, part| Ok(so_far | part.matches(record)?)),
            Self::Not(part) => Ok(!part.matches(record)?),
            Self::Compare { path, operator, value } => Ok(operator.holds(known(record, path)?, value)),
            Self::Text { path, function, value } => {
                let found = known(record, path)?.as_str().unwrap_or_default().to_lowercase();
                let value = value.to_lowercase();
                Ok(match function {
                    Function::Contains => found.contains(&value),
                    Function::StartsWith => found.starts_with(&value),
                    Function::EndsWith => found.ends_with(&value),
                })
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

fn known<'a>(record: &'a Map<String, Value>, path: &str) -> Result<&'a Value, String> {
    let first = path.split('/').next().unwrap_or_default();
    if !record.keys().any(|name| name.eq_ignore_ascii_case(first)) {
        return Err(format!("Could not find a property named '{first}'."));
    }
    Ok(lookup(record, path))
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

fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Text(String),
    Word(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => quoted(rest)?,
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(),'".contains(c));
                let end = end.unwrap_or(rest.len());
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
        if self.take(&Token::Open) { self.function(&word) } else { self.comparison(word) }
    }

    fn function(&mut self, name: &str) -> Result<Filter, String> {
        let function = match name.to_lowercase().as_str() {
            "contains" => Function::Contains,
            "startswith" => Function::StartsWith,
            "endswith" => Function::EndsWith,
            _ => return Err(format!("An unknown function with name '{name}' was found.")),
        };
        let path = path(self.word()?)?;
        self.expect(&Token::Comma)?;
        let Some(Token::Text(value)) = self.next() else {
            return Err(format!("'{name}' needs a text."));
        };
        self.expect(&Token::Close)?;
        Ok(Filter::Text { path, function, value })
    }

    fn comparison(&mut self, name: String) -> Result<Filter, String> {
        let path = path(name)?;
        let operator = match self.word()?.to_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            other => return Err(format!("Syntax error: '{other}' is not an operator.")),
        };
        let value = match self.next() {
            Some(Token::Text(text)) => json!(text),
            Some(Token::Word(word)) => literal(&word)?,
            _ => return Err("Syntax error: a value is missing.".to_owned()),
        };
        Ok(Filter::Compare { path, operator, value })
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

fn path(word: String) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_/".contains(&byte);
    if word.bytes().all(plain) && word.bytes().next().is_some_and(|byte| !byte.is_ascii_digit()) {
        Ok(word)
    } else {
        Err(format!("Syntax error: '{word}' is not a property."))
    }
}

/// A value without quotes: null, true, false, a number, an instant or a GUID.
fn literal(word: &str) -> Result<Value, String> {
    match word {
        "null" => return Ok(Value::Null),
        "true" | "false" => return Ok(json!(word == "true")),
        _ => {}
    }
    if let Some(number) = word.parse::<f64>().ok().filter(|number| number.is_finite()) {
        return Ok(json!(number));
    }
    let shaped = word.len() == 36 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if shaped || instant(word).is_some() {
        return Ok(json!(word));
    }
    Err(format!("Syntax error: '{word}' is not a value; texts stand in quotes."))
}
