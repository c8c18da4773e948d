//! What an import left out or decided, collected while it goes on.

use std::{collections::HashSet, fmt};

/// Most remarks of an import; the rest is counted.
const MAX_REMARKS: usize = 300;

/// One thing that was left out or decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where in the document: `GET /contacts`, a name; empty for the whole.
    pub place: String,
    /// What, one sentence without its end point.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => formatter.write_str(&self.message),
            place => write!(formatter, "{place}: {}", self.message),
        }
    }
}

/// Collects remarks, each once.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    found: Vec<Remark>,
    known: HashSet<String>,
    dropped: usize,
}

impl Remarks {
    pub(crate) fn add(&mut self, place: &str, message: impl Into<String>) {
        let place: String = place.chars().take(200).collect();
        let remark = Remark { place, message: message.into().chars().take(500).collect() };
        if self.found.len() >= MAX_REMARKS {
            self.dropped += 1;
        } else if self.known.insert(remark.to_string()) {
            self.found.push(remark);
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Remark> {
        if self.dropped > 0 {
            let message = format!("and {} more remarks", self.dropped);
            self.found.push(Remark { place: String::new(), message });
        }
        self.found
    }
}
