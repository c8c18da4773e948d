//! What is wrong with a definition, and where. Problems are collected, never thrown one by one.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use crate::node::Place;

/// How many problems are reported at most; the rest is only counted.
const MAX_PROBLEMS: usize = 100;

/// One thing that is wrong in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the element's folder and headed by the folder's name: `act/element.yaml`.
    pub file: String,
    /// Line, from 1; 0 when there is no place (a JSON body, a missing file).
    pub line: usize,
    /// Column, from 1; 0 when there is no place.
    pub column: usize,
    /// Where in the definition: `resources[0].parameters[1].type`; empty for the whole of it.
    pub path: String,
    /// What is wrong, one sentence without its end point.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(formatter, ": {}", self.path)?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl Problem {
    /// The problem for a caller who sent the definition and knows of no file: place in the definition and sentence.
    #[must_use]
    pub fn told(&self) -> String {
        if self.path.is_empty() { self.message.clone() } else { format!("{}: {}", self.path, self.message) }
    }
}

/// Where a definition comes from, and so how much of what it says must make sense here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A folder, written for this program: every member must be known, everything that is named must exist.
    Folder,
    /// JSON of the API: members that are not known are kept, and what only would not run is remarked.
    Document,
}

/// Collects problems of one file.
#[derive(Debug)]
pub(crate) struct Problems {
    file: String,
    origin: Origin,
    found: RefCell<Vec<Problem>>,
    remarks: RefCell<Vec<Problem>>,
    dropped: Cell<usize>,
}

impl Problems {
    pub(crate) fn new(file: impl Into<String>) -> Self {
        Self::of(Origin::Folder, file)
    }

    pub(crate) fn of(origin: Origin, file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            origin,
            found: RefCell::default(),
            remarks: RefCell::default(),
            dropped: Cell::new(0),
        }
    }

    /// Whether the definition was written for this program.
    pub(crate) fn is_strict(&self) -> bool {
        self.origin == Origin::Folder
    }

    pub(crate) fn add(&self, place: Place, path: impl Into<String>, message: impl Into<String>) {
        let mut found = self.found.borrow_mut();
        if found.len() >= MAX_PROBLEMS {
            self.dropped.set(self.dropped.get() + 1);
            return;
        }
        found.push(self.problem(place, path, message));
    }

    /// Something that cannot work as it is written: a problem of a folder, a remark about a document.
    pub(crate) fn doubt(&self, place: Place, path: impl Into<String>, message: impl Into<String>) {
        if self.is_strict() { self.add(place, path, message) } else { self.remark(place, path, message) }
    }

    /// Something that will not run here, though nothing is wrong with it.
    pub(crate) fn remark(&self, place: Place, path: impl Into<String>, message: impl Into<String>) {
        let mut remarks = self.remarks.borrow_mut();
        if remarks.len() < MAX_PROBLEMS {
            remarks.push(self.problem(place, path, message));
        }
    }

    fn problem(&self, place: Place, path: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            path: path.into(),
            message: message.into(),
        }
    }

    /// The remarks, at most as many as problems are reported.
    pub(crate) fn take_remarks(&self) -> Vec<Problem> {
        self.remarks.take()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// The problems in the order of the file, with a last one that counts those left out.
    pub(crate) fn finish(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|problem| (problem.line, problem.column));
        let dropped = self.dropped.get();
        if dropped > 0 {
            let message = format!("and {dropped} more problems");
            found.push(Problem { file: self.file, line: 0, column: 0, path: String::new(), message });
        }
        found
    }
}
