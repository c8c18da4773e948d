//! A hub: a named group of elements.

use crate::Id;

/// A hub of the platform, or one that an organization has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// Its number, stable for the built-in ones.
    pub id: Id<Hub>,
    /// The path segment.
    pub key: String,
    /// Display name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Where a film about it is; empty when there is none.
    pub video_link: String,
    /// Whether it is shown in lists.
    pub active: bool,
}
