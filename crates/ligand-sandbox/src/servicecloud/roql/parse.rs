//! Reads ROQL as far as the stand-in knows it: `SELECT` of columns and counts, `FROM` one object with an alias,
//! `WHERE` with `AND`, `OR`, `NOT` and parentheses, `ORDER BY`, `LIMIT` and `OFFSET`; several after semicolons.

#[cfg(test)]
mod tests;

/// Longest text of queries, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Words that cannot be an alias.
const RESERVED: [&str; 10] = ["WHERE", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "GROUP", "USE", "AS"];
/// How deep conditions nest.
const MAX_DEPTH: usize = 64;

/// A query.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    pub(super) columns: Vec<Column>,
    pub(super) class: String,
    pub(super) alias: Option<String>,
    pub(super) condition: Option<Condition>,
    /// Columns and whether they are descending.
    pub(super) order: Vec<(String, bool)>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

/// What is selected.
#[derive(Debug, PartialEq)]
pub(super) struct Column {
    /// The column; empty for a count of everything.
    pub(super) path: String,
    /// Its name in the result.
    pub(super) name: String,
    pub(super) is_count: bool,
}

/// What must hold.
#[derive(Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test(Comparison),
}

/// A comparison of a column.
#[derive(Debug, PartialEq)]
pub(super) struct Comparison {
    pub(super) path: String,
    pub(super) operator: Operator,
    /// What it is compared with: several for `IN`, none for `IS NULL`.
    pub(super) values: Vec<String>,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    In,
    IsNull,
    IsNotNull,
}

/// Reads one or several queries.
pub(super) fn queries(text: &str) -> Result<Vec<Query>, String> {
    if text.len() > MAX_BYTES {
        return Err("The query is too long.".to_owned());
    }
    let tokens = tokens(text)?;
    let parts = tokens.split(|token| *token == Token::Sign(";"));
    let parts: Vec<&[Token]> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err("The query is empty.".to_owned());
    }
    parts.into_iter().map(|tokens| Parser { tokens, place: 0, depth: 0 }.query()).collect()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, keyword or number.
    Word(String),
    /// A text in quotes.
    Text(String),
    Sign(&'static str),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    const SIGNS: [&str; 12] = ["<=", ">=", "!=", "<>", "<", ">", "=", ",", "(", ")", ";", "*"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            let (value, length) = quoted(rest).ok_or("A text is not closed.")?;
            tokens.push(Token::Text(value));
            length
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            let plain = |c: char| c.is_alphanumeric() || "_.$-+:".contains(c);
            let length = rest.find(|c| !plain(c)).unwrap_or(rest.len());
            if length == 0 {
                return Err(format!("The character {first} is not expected."));
            }
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in single quotes and its length with them. A quote inside is doubled or has a backslash
/// before it.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?.1),
            '\'' => match characters.next_if(|(_, next)| *next == '\'') {
                Some(_) => value.push('\''),
                None => return Some((value, place + 1)),
            },
            other => value.push(other),
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [Token],
    place: usize,
    depth: usize,
}

impl Parser<'_> {
    fn query(&mut self) -> Result<Query, String> {
        let mut query = Query::default();
        self.expect("SELECT")?;
        query.columns = self.list(Self::column)?;
        self.expect("FROM")?;
        query.class = self.name()?;
        if let Some(Token::Word(word)) = self.tokens.get(self.place)
            && !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
        {
            query.alias = Some(self.name()?);
        }
        if self.take("WHERE") {
            query.condition = Some(self.any()?);
        }
        if self.take("ORDER") {
            self.expect("BY")?;
            query.order = self.list(Self::order)?;
        }
        if self.take("LIMIT") {
            query.limit = Some(self.count()?);
            if self.take("OFFSET") {
                query.offset = self.count()?;
            }
        }
        match self.tokens.get(self.place) {
            None => Ok(query),
            Some(token) => Err(format!("{} is not expected.", show(token))),
        }
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let mut items = vec![item(self)?];
        while self.take_sign(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn order(&mut self) -> Result<(String, bool), String> {
        let name = self.name()?;
        let descending = self.take("DESC");
        if !descending {
            self.take("ASC");
        }
        Ok((name, descending))
    }

    fn column(&mut self) -> Result<Column, String> {
        let is_count = self.take("COUNT");
        let mut path = String::new();
        if is_count {
            self.expect_sign("(")?;
            if !self.take_sign(")") {
                if !self.take_sign("*") {
                    path = self.name()?;
                }
                self.expect_sign(")")?;
            }
        } else {
            path = self.name()?;
        }
        let usual = if is_count { format!("COUNT({path})") } else { path.clone() };
        let name = if self.take("AS") { self.name()? } else { usual };
        Ok(Column { path, name, is_count })
    }

    fn any(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("The conditions nest too deep.".to_owned());
        }
        let mut conditions = vec![self.all()?];
        while self.take("OR") {
            conditions.push(self.all()?);
        }
        self.depth -= 1;
        Ok(single(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.not()?];
        while self.take("AND") {
            conditions.push(self.not()?);
        }
        Ok(single(conditions, Condition::All))
    }

    fn not(&mut self) -> Result<Condition, String> {
        let mut is_negated = false;
        while self.take("NOT") {
            is_negated = !is_negated;
        }
        let condition = if self.take_sign("(") {
            let inner = self.any()?;
            self.expect_sign(")")?;
            inner
        } else {
            self.comparison()?
        };
        Ok(if is_negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let path = self.name()?;
        if self.take("IS") {
            let operator = if self.take("NOT") { Operator::IsNotNull } else { Operator::IsNull };
            self.expect("NULL")?;
            return Ok(Condition::Test(Comparison { path, operator, values: Vec::new() }));
        }
        let is_negated = self.take("NOT");
        let (operator, values) = if self.take("IN") {
            self.expect_sign("(")?;
            let values = self.list(Self::literal)?;
            self.expect_sign(")")?;
            (Operator::In, values)
        } else if is_negated {
            self.expect("LIKE")?;
            (Operator::Like, vec![self.literal()?])
        } else {
            (self.operator()?, vec![self.literal()?])
        };
        let test = Condition::Test(Comparison { path, operator, values });
        Ok(if is_negated { Condition::Not(Box::new(test)) } else { test })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        const SIGNS: [(&str, Operator); 7] = [
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<", Operator::Less),
            ("<=", Operator::LessOrEqual),
            (">", Operator::Greater),
            (">=", Operator::GreaterOrEqual),
        ];
        if self.take("LIKE") {
            return Ok(Operator::Like);
        }
        let found = SIGNS.into_iter().find(|(sign, _)| self.take_sign(sign));
        found.map(|(_, operator)| operator).ok_or_else(|| self.unexpected())
    }

    fn literal(&mut self) -> Result<String, String> {
        let value = match self.tokens.get(self.place) {
            Some(Token::Text(text)) => text.clone(),
            Some(Token::Word(word)) if word.parse::<f64>().is_ok_and(f64::is_finite) => word.clone(),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => "1".to_owned(),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => "0".to_owned(),
            _ => return Err(self.unexpected()),
        };
        self.place += 1;
        Ok(value)
    }

    fn name(&mut self) -> Result<String, String> {
        let plain = |word: &String| {
            word.starts_with(|c: char| c.is_ascii_alphabetic())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.$".contains(c))
        };
        match self.tokens.get(self.place) {
            Some(Token::Word(word)) if plain(word) => {
                self.place += 1;
                Ok(word.clone())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn count(&mut self) -> Result<usize, String> {
        match self.tokens.get(self.place) {
            Some(Token::Word(word)) if word.parse::<usize>().is_ok() => {
                self.place += 1;
                word.parse().map_err(|_| self.unexpected())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn take(&mut self, keyword: &str) -> bool {
        let next = self.tokens.get(self.place);
        let found = matches!(next, Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.place += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.place), Some(Token::Sign(next)) if *next == sign);
        self.place += usize::from(found);
        found
    }

    fn expect(&mut self, keyword: &str) -> Result<(), String> {
        if self.take(keyword) { Ok(()) } else { Err(format!("{keyword} is expected.")) }
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), String> {
        if self.take_sign(sign) { Ok(()) } else { Err(format!("{sign} is expected.")) }
    }

    fn unexpected(&self) -> String {
        match self.tokens.get(self.place) {
            Some(token) => format!("{} is not expected.", show(token)),
            None => "The query ends too early.".to_owned(),
        }
    }
}

/// A list of conditions, or the only one.
fn single(mut conditions: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            many(conditions)
        }
    }
}

fn show(token: &Token) -> String {
    match token {
        Token::Word(word) => word.chars().take(60).collect(),
        Token::Text(_) => "A text".to_owned(),
        Token::Sign(sign) => (*sign).to_owned(),
    }
}
