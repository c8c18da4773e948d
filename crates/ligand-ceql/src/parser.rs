//! The grammar of conditions, by recursive descent. Linear in the text, bounded in depth.

use crate::MAX_DEPTH;
use crate::condition::Condition;
use crate::error::ParseError;
use crate::scanner::Scanner;

#[cfg(test)]
mod tests;

/// Reads a condition; a blank text is no condition.
///
/// # Errors
/// Where the text leaves the grammar, or is too long or too deep.
pub fn parse_where(text: &str) -> Result<Option<Condition>, ParseError> {
    let mut scanner = Scanner::new(text)?;
    if scanner.is_at_end() {
        return Ok(None);
    }
    let condition = condition(&mut scanner)?;
    if scanner.is_at_end() { Ok(Some(condition)) } else { Err(scanner.error("AND, OR or the end")) }
}

/// Reads a condition and stops behind it.
pub(crate) fn condition(scanner: &mut Scanner<'_>) -> Result<Condition, ParseError> {
    disjunction(scanner, 0)
}

fn disjunction(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, ParseError> {
    let mut parts = vec![conjunction(scanner, depth)?];
    while scanner.take_word("OR") {
        parts.push(conjunction(scanner, depth)?);
    }
    Ok(Condition::any(parts).expect("there is a first part"))
}

fn conjunction(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, ParseError> {
    let mut parts = vec![negation(scanner, depth)?];
    while scanner.take_word("AND") {
        parts.push(negation(scanner, depth)?);
    }
    Ok(Condition::all(parts).expect("there is a first part"))
}

fn negation(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, ParseError> {
    if scanner.take_word("NOT") {
        return Ok(Condition::Not(Box::new(primary(scanner, depth)?)));
    }
    primary(scanner, depth)
}

fn primary(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, ParseError> {
    if !scanner.take('(') {
        return comparison(scanner);
    }
    if depth == MAX_DEPTH {
        return Err(scanner.error("at most 64 nested parentheses"));
    }
    let inner = disjunction(scanner, depth + 1)?;
    if scanner.take(')') { Ok(inner) } else { Err(scanner.error("AND, OR or `)`")) }
}

fn comparison(scanner: &mut Scanner<'_>) -> Result<Condition, ParseError> {
    let field = scanner.name("a field name")?;
    if let Some(operator) = scanner.take_sign() {
        return Ok(Condition::Compare { field, operator, value: scanner.value()? });
    }
    if scanner.take_word("IS") {
        let negated = scanner.take_word("NOT");
        let null = scanner.take_word("NULL");
        return if null { Ok(Condition::IsNull { field, negated }) } else { Err(scanner.error("NULL")) };
    }
    let negated = scanner.take_word("NOT");
    if scanner.take_word("LIKE") {
        return Ok(Condition::Like { field, pattern: scanner.value()?, negated });
    }
    if scanner.take_word("IN") {
        return Ok(Condition::In { field, values: values(scanner)?, negated });
    }
    Err(scanner.error(if negated { "LIKE or IN" } else { "an operator" }))
}

fn values(scanner: &mut Scanner<'_>) -> Result<Vec<crate::Value>, ParseError> {
    if !scanner.take('(') {
        return Err(scanner.error("`(`"));
    }
    let mut values = vec![scanner.value()?];
    while scanner.take(',') {
        values.push(scanner.value()?);
    }
    if scanner.take(')') { Ok(values) } else { Err(scanner.error("`,` or `)`")) }
}
