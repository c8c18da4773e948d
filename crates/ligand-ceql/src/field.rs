//! The name of a field: a dotted path into a record, with array marks.

use crate::scanner;

#[cfg(test)]
mod tests;

/// A field as the caller wrote it, for example `emails.emailList[*].address`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field(String);

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// A member of an object.
    Name(&'a str),
    /// `[n]`: one element of an array, counted from 0.
    Index(usize),
    /// `[*]`: every element of an array.
    Each,
}

impl Field {
    /// A field of that name; `None` for an empty name or one with a back-tick, which cannot be written.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        (!name.is_empty() && !name.contains('`')).then(|| Self(name.to_owned()))
    }

    /// The name as written, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The steps of the path.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.0.split('.').flat_map(|part| {
            let (name, marks) = split_marks(part);
            let named = (!name.is_empty() || marks.is_empty()).then_some(Segment::Name(name));
            named.into_iter().chain(marks.split_terminator(']').filter_map(mark))
        })
    }

    /// Whether the name can be written without back-ticks.
    pub(crate) fn is_bare(&self) -> bool {
        scanner::name_length(&self.0) == self.0.len() && !scanner::is_connective(&self.0)
    }
}

/// Splits `list[0][*]` into `list` and `[0][*]`; brackets that are no marks stay in the name.
fn split_marks(part: &str) -> (&str, &str) {
    let Some(start) = part.find('[').filter(|_| part.ends_with(']')) else { return (part, "") };
    let (name, marks) = part.split_at(start);
    let well_formed = marks.split_terminator(']').all(|one| mark(one).is_some());
    if well_formed { (name, marks) } else { (part, "") }
}

fn mark(text: &str) -> Option<Segment<'_>> {
    match text.strip_prefix('[')? {
        "*" => Some(Segment::Each),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Segment::Index),
        _ => None,
    }
}
