//! Canonical texts: what is printed parses to what was printed.

use std::fmt::{self, Display, Formatter, Write};

use crate::condition::{Condition, Operator};
use crate::field::Field;
use crate::select::{Order, Select};
use crate::value::Value;

#[cfg(test)]
mod tests;

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_bare() { f.write_str(self.as_str()) } else { write!(f, "`{}`", self.as_str()) }
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.is_quoted() {
            return f.write_str(self.text());
        }
        // In single quotes a backslash escapes the quote behind it; back-ticks know no backslash.
        let escapes = self.text().ends_with('\\') || self.text().contains("\\'");
        let quote = if escapes { '`' } else { '\'' };
        f.write_char(quote)?;
        for character in self.text().chars() {
            if character == quote {
                f.write_char(quote)?;
            }
            f.write_char(character)?;
        }
        f.write_char(quote)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Self::And(parts) => list(f, parts, " AND ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => list(f, parts, " OR ", |part| matches!(part, Self::Or(_))),
            Self::Not(part) => {
                f.write_str("NOT ")?;
                grouped(f, part, matches!(**part, Self::And(_) | Self::Or(_) | Self::Not(_)))
            }
            Self::Compare { field, operator, value } => write!(f, "{field} {operator} {value}"),
            Self::Like { field, pattern, negated } => write!(f, "{field} {}LIKE {pattern}", not(negated)),
            Self::In { field, values, negated } => {
                write!(f, "{field} {}IN (", not(negated))?;
                list(f, values, ", ", |_| false)?;
                f.write_char(')')
            }
            Self::IsNull { field, negated } => write!(f, "{field} IS {}NULL", not(negated)),
        }
    }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        if self.fields.is_empty() {
            f.write_char('*')?;
        }
        list(f, &self.fields, ", ", |_| false)?;
        write!(f, " FROM {}", self.object)?;
        if let Some(condition) = &self.condition {
            write!(f, " WHERE {condition}")?;
        }
        if !self.order_by.is_empty() {
            f.write_str(" ORDER BY ")?;
            list(f, &self.order_by, ", ", |_| false)?;
        }
        self.limit.map_or(Ok(()), |limit| write!(f, " LIMIT {limit}"))
    }
}

impl Display for Order {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.field, if self.descending { " DESC" } else { "" })
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, parts: &[T], between: &str, group: fn(&T) -> bool) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        grouped(f, part, group(part))?;
    }
    Ok(())
}

fn grouped(f: &mut Formatter<'_>, part: &impl Display, group: bool) -> fmt::Result {
    if group { write!(f, "({part})") } else { write!(f, "{part}") }
}
