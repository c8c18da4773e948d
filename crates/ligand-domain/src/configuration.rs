//! An instance's configuration: a flat map from dotted keys to text or nothing, in the order of definition.

use serde::{Deserialize, Serialize};

/// The exact text that stands for a secret value in answers, and means "keep it" in updates.
pub const MASK: &str = "********";

/// Keys with their values. The order is that of first insertion and is kept on the wire.
///
/// It may hold vendor passwords, so it has no content in `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Configuration(Vec<(String, Option<String>)>);

impl Configuration {
    /// The value of a key; `None` when it is unknown or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_deref())
    }

    /// Whether the key is known, be its value null or not.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    /// Sets a key, at its place when it is known, else at the end.
    pub fn set(&mut self, key: &str, value: Option<String>) {
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_deref()))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Configuration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Configuration({} keys)", self.0.len())
    }
}

impl FromIterator<(String, Option<String>)> for Configuration {
    fn from_iter<I: IntoIterator<Item = (String, Option<String>)>>(entries: I) -> Self {
        let mut configuration = Self::default();
        for (key, value) in entries {
            configuration.set(&key, value);
        }
        configuration
    }
}
