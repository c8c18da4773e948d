//! From the records of a poll to what changed: which of them are new since the last poll, and in which way.

use ligand_domain::Timestamp;
use serde_json::{Value, json};

use super::{DateField, Polled};
use crate::json_path;

/// The time that a poll looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When the last poll began, or the poller was made.
    pub last_poll: Timestamp,
    /// When this one begins.
    pub now: Timestamp,
}

/// A record that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The record's id, as text.
    pub id: Option<String>,
    /// `CREATED`, `UPDATED` or `DELETED`; `None` when only a memory of former records tells created from updated.
    pub kind: Option<&'static str>,
    /// When it changed.
    pub date: Timestamp,
    /// What of the record tells this change from its next: its date of change as written, else its date.
    pub mark: String,
    /// The record.
    pub record: Value,
}

/// What a page of records brings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// What changed, in the order of the answer.
    pub changes: Vec<Change>,
    /// Whether every record of a page was older than the window, so that further pages need not be looked at when
    /// they come newest first.
    pub is_old: bool,
}

impl Change {
    /// The change as an event object.
    #[must_use]
    pub fn to_json(&self, object_type: &str, kind: &str, poll: Timestamp, element: &str, hub: &str) -> Value {
        json!({
            "objectType": object_type,
            "objectId": self.id,
            "date": self.date.to_iso_seconds(),
            "pollDate": poll.to_iso_seconds(),
            "eventType": kind,
            "elementKey": element,
            "hubKey": hub,
        })
    }
}

impl Polled {
    /// The records of an answer: a list, one record, or none.
    #[must_use]
    pub fn records(&self, mut answer: Value) -> Vec<Value> {
        let found =
            if self.records_path.is_empty() { Some(answer) } else { json_path::take(&mut answer, &self.records_path) };
        match found {
            Some(Value::Array(records)) => records,
            Some(record @ Value::Object(_)) => vec![record],
            _ => Vec::new(),
        }
    }

    /// Which of these records changed within the window.
    #[must_use]
    pub fn changes(&self, records: Vec<Value>, window: Window) -> Batch {
        let begin = self.begin(window.last_poll);
        let (mut changes, mut old, all) = (Vec::new(), 0, records.len());
        for record in records {
            let updated = self.dates.as_ref().and_then(|dates| dates.updated.of(&record));
            let created = self.dates.as_ref().and_then(|dates| dates.created.as_ref()?.of(&record));
            let decisive = if self.filters_by_update { &updated } else { &created };
            if decisive.as_ref().is_some_and(|(at, _)| *at <= begin) {
                old += 1;
                continue;
            }
            if self.leaves_later && updated.as_ref().is_some_and(|(at, _)| *at > window.now) {
                continue;
            }
            let date = updated.as_ref().or(decisive.as_ref()).map_or(window.now, |(at, _)| *at);
            let mark =
                updated.as_ref().or(created.as_ref()).map_or_else(|| date.to_iso_seconds(), |(_, mark)| mark.clone());
            changes.push(Change {
                id: id_of(&record, &self.id_field),
                kind: self.kind(&record, updated.map(|(at, _)| at), created.map(|(at, _)| at)),
                date,
                mark,
                record,
            });
        }
        Batch { changes, is_old: all > 0 && old == all }
    }

    fn kind(&self, record: &Value, updated: Option<Timestamp>, created: Option<Timestamp>) -> Option<&'static str> {
        let is_deleted = ["IsDeleted", "isDeleted", "deleted"].iter().any(|name| match &record[*name] {
            Value::Bool(flag) => *flag,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        });
        if is_deleted {
            return Some("DELETED");
        }
        self.dates.as_ref()?;
        let (Some(updated), Some(created)) = (updated, created) else { return Some("UPDATED") };
        let apart = updated.as_millis().abs_diff(created.as_millis()) / 1000;
        let is_new = u64::try_from(self.created_tolerance).is_ok_and(|tolerance| apart <= tolerance);
        Some(if is_new { "CREATED" } else { "UPDATED" })
    }
}

impl DateField {
    /// The date of a record, and how it is written there.
    fn of(&self, record: &Value) -> Option<(Timestamp, String)> {
        let text = match json_path::get(record, &self.path)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let at = self.format.parse(&text, &self.zone)?;
        Some((at, text))
    }
}

fn id_of(record: &Value, path: &str) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    match json_path::get(record, path)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
