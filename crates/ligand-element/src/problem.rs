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

/// Collects problems of one file.
#[derive(Debug)]
pub(crate) struct Problems {
    file: String,
    found: RefCell<Vec<Problem>>,
    dropped: Cell<usize>,
}

impl Problems {
    pub(crate) fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), found: RefCell::default(), dropped: Cell::new(0) }
    }

    pub(crate) fn add(&self, place: Place, path: impl Into<String>, message: impl Into<String>) {
        let mut found = self.found.borrow_mut();
        if found.len() >= MAX_PROBLEMS {
            self.dropped.set(self.dropped.get() + 1);
            return;
        }
        found.push(Problem {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            path: path.into(),
            message: message.into(),
        });
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
