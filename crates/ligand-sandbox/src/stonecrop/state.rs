//! What Stonecrop holds: notes, files, the client's key, tokens.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use time::OffsetDateTime;

use super::token::Key;

/// How many notes, files, tokens and assertions are remembered.
const MOST: usize = 10_000;
/// How many bytes all files may have.
const MOST_BYTES: usize = 64 << 20;

/// Data and grants.
pub(crate) struct State {
    pub(crate) notes: BTreeMap<u64, String>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) key: Option<Key>,
    /// Tokens, and when they end.
    pub(super) tokens: HashMap<String, OffsetDateTime>,
    /// Numbers of assertions that were used, and when they end.
    pub(super) used: HashMap<String, OffsetDateTime>,
    pub(super) issued: u64,
    /// For how many seconds tokens are valid.
    pub(super) lifetime: i64,
}

impl State {
    pub(crate) fn seeded() -> Self {
        let notes = [(1, "Water the succulents".to_owned()), (2, "Prune in spring".to_owned())];
        Self {
            notes: notes.into(),
            files: BTreeMap::new(),
            key: None,
            tokens: HashMap::new(),
            used: HashMap::new(),
            issued: 0,
            lifetime: 600,
        }
    }

    /// Adds a note, while there is room.
    pub(crate) fn add(&mut self, text: &str) -> Option<u64> {
        let id = self.notes.keys().last().copied().unwrap_or_default() + 1;
        (self.notes.len() < MOST).then(|| self.notes.insert(id, text.to_owned()))?;
        Some(id)
    }

    /// Takes notes of a developer's; `None` when there is no such collection.
    pub(crate) fn seed(&mut self, collection: &str, records: &[Value], replace: bool) -> Option<Result<usize, String>> {
        (collection == "notes").then_some(())?;
        let texts: Option<Vec<&str>> = records.iter().map(|record| record.get("text")?.as_str()).collect();
        let Some(texts) = texts else { return Some(Err("A note has a text.".to_owned())) };
        if replace {
            self.notes.clear();
        }
        Some(Ok(texts.into_iter().filter_map(|text| self.add(text)).count()))
    }

    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.files.len() < MOST && self.files.values().map(Vec::len).sum::<usize>() + bytes <= MOST_BYTES
    }

    /// Forgets what has ended.
    pub(super) fn prune(&mut self, now: OffsetDateTime) {
        self.tokens.retain(|_, ends| *ends > now);
        self.used.retain(|_, ends| *ends > now);
        if self.tokens.len() >= MOST || self.used.len() >= MOST {
            self.tokens.clear();
        }
    }
}
