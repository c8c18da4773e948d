//! Why a text is not a query.

use thiserror::Error;

/// A text that is not a query: where it stops being one, and what was expected there.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("Error parsing query at position {position}: expected {expected}, found {found}")]
pub struct ParseError {
    /// The first offending character, counted in characters from 1.
    pub position: usize,
    /// What the grammar allows there.
    pub expected: &'static str,
    /// What stands there, cut to a readable length.
    pub found: String,
}
