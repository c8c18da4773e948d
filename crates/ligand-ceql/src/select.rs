//! The select statement of `/query` and bulk jobs, and the `orderBy` parameter.

use crate::condition::Condition;
use crate::error::ParseError;
use crate::field::Field;
use crate::parser;
use crate::scanner::Scanner;

#[cfg(test)]
mod tests;

/// `SELECT fields FROM object WHERE condition ORDER BY order LIMIT limit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// What to answer of each record; empty for `*`.
    pub fields: Vec<Field>,
    /// The kind of records.
    pub object: Field,
    /// Which records.
    pub condition: Option<Condition>,
    /// In what order, the most important first.
    pub order_by: Vec<Order>,
    /// How many records at most.
    pub limit: Option<u64>,
}

/// One field that records are ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The field.
    pub field: Field,
    /// The greatest first.
    pub descending: bool,
}

/// Reads a select statement. `LIMIT` may stand before `WHERE` or last.
///
/// # Errors
/// Where the text leaves the grammar, or is too long or too deep.
pub fn parse_select(text: &str) -> Result<Select, ParseError> {
    let mut scanner = Scanner::new(text)?;
    keyword(&mut scanner, "SELECT")?;
    let fields = fields(&mut scanner)?;
    keyword(&mut scanner, "FROM")?;
    let object = scanner.name("an object name")?;
    let mut limit = limit(&mut scanner)?;
    let condition = if scanner.take_word("WHERE") { Some(parser::condition(&mut scanner)?) } else { None };
    let order_by = order(&mut scanner)?;
    if limit.is_none() {
        limit = self::limit(&mut scanner)?;
    }
    let select = Select { fields, object, condition, order_by, limit };
    if scanner.is_at_end() { Ok(select) } else { Err(scanner.error(select.next_clause())) }
}

/// Reads the `orderBy` parameter: `field [asc|desc], …`. What cannot be read is left out, because
/// an odd order must not fail a call.
#[must_use]
pub fn parse_order_by(text: &str) -> Vec<Order> {
    let order = |part: &str| {
        let mut scanner = Scanner::new(part).ok()?;
        let field = scanner.name("a field name").ok()?;
        Some(Order { field, descending: scanner.take_word("DESC") })
    };
    text.split(',').filter_map(order).collect()
}

impl Select {
    /// What may follow a statement that ended here.
    fn next_clause(&self) -> &'static str {
        match self {
            Self { order_by, .. } if !order_by.is_empty() => "`,`, LIMIT or the end",
            Self { condition: Some(_), .. } => "AND, OR, ORDER BY, LIMIT or the end",
            Self { limit: Some(_), .. } => "WHERE, ORDER BY or the end",
            _ => "WHERE, ORDER BY, LIMIT or the end",
        }
    }
}

fn keyword(scanner: &mut Scanner<'_>, word: &'static str) -> Result<(), ParseError> {
    if scanner.take_word(word) { Ok(()) } else { Err(scanner.error(word)) }
}

fn fields(scanner: &mut Scanner<'_>) -> Result<Vec<Field>, ParseError> {
    if scanner.take('*') {
        return Ok(Vec::new());
    }
    let mut fields = vec![scanner.name("`*` or a field name")?];
    while scanner.take(',') {
        fields.push(scanner.name("a field name")?);
    }
    Ok(fields)
}

fn limit(scanner: &mut Scanner<'_>) -> Result<Option<u64>, ParseError> {
    if scanner.take_word("LIMIT") { scanner.integer("a number of records").map(Some) } else { Ok(None) }
}

fn order(scanner: &mut Scanner<'_>) -> Result<Vec<Order>, ParseError> {
    if !scanner.take_word("ORDER") {
        return Ok(Vec::new());
    }
    keyword(scanner, "BY")?;
    let mut order = vec![ordered(scanner)?];
    while scanner.take(',') {
        order.push(ordered(scanner)?);
    }
    Ok(order)
}

fn ordered(scanner: &mut Scanner<'_>) -> Result<Order, ParseError> {
    let field = scanner.name("a field name")?;
    let descending = scanner.take_word("DESC");
    if !descending {
        scanner.take_word("ASC");
    }
    Ok(Order { field, descending })
}
