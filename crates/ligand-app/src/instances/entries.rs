//! The configuration of an instance as a list of entries with ids.

use ligand_domain::Error;
use ligand_element::provision;
use serde_json::{Map, Value};

use super::Loaded;

/// One entry of an instance's configuration.
#[derive(Debug)]
pub struct Entry {
    /// Stable for the life of the instance, below 2^48.
    pub id: i64,
    /// The dotted key.
    pub key: String,
    /// The value as answers show it: masked when it is secret.
    pub value: Value,
}

impl Loaded {
    /// The configuration as answers show it: secret values masked.
    #[must_use]
    pub fn masked_configuration(&self) -> Map<String, Value> {
        provision::masked(&self.element, &self.instance.configuration)
    }

    /// All entries in the order of definition.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.masked_configuration()
            .into_iter()
            .map(|(key, value)| Entry { id: self.entry_id(&key), key, value })
            .collect()
    }

    /// One entry by its id, as it stands in the path.
    ///
    /// # Errors
    /// Not found.
    pub fn entry(&self, id: &str) -> Result<Entry, Error> {
        let found = self.entries().into_iter().find(|entry| entry.id.to_string() == id);
        found.ok_or_else(|| {
            Error::not_found("configuration-not-found", format!("No element instance configuration found with ID {id}"))
        })
    }

    /// The id follows from instance and key, so that it needs no storage and never moves.
    fn entry_id(&self, key: &str) -> i64 {
        let hash = blake3::hash(format!("{}\n{key}", self.instance.id).as_bytes());
        let first: [u8; 8] = hash.as_bytes()[..8].try_into().expect("a hash is longer than eight bytes");
        i64::try_from(u64::from_le_bytes(first) >> 16).expect("48 bits fit") | 1
    }
}
