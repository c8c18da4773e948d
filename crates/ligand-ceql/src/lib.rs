//! The query language of the hub API: parser, canonical printer, evaluator over JSON records and
//! translators to vendor filters. Pure: no I/O, no clock. What a field means to a vendor, and which
//! fields it can filter by, is the business of the caller.

mod condition;
mod error;
mod evaluate;
mod field;
mod instant;
mod like;
mod parser;
mod print;
mod scanner;
mod select;
pub mod translate;
mod value;

#[cfg(test)]
mod arbitrary;

pub use condition::{Comparison, Condition, Operator};
pub use error::ParseError;
pub use field::{Field, Segment};
pub use parser::parse_where;
pub use select::{Order, Select, parse_order_by, parse_select};
pub use value::Value;

/// Longest text that is parsed, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// Deepest nesting of parentheses that is parsed.
pub const MAX_DEPTH: usize = 64;
