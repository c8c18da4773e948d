//! Effective configuration: what an instance's configuration becomes from what a caller sends, what is stored
//! and what the element defines; which of it is missing, secret, or makes a new check of the credentials due.

mod aims;
#[cfg(test)]
mod tests;

pub use aims::aims;
use ligand_domain::{Configuration, configuration::MASK};
use serde_json::{Map, Value};

use crate::{Element, Entry, EntryType};

/// How many keys that the element does not define are accepted.
const MAX_UNKNOWN_KEYS: usize = 500;

/// How many characters a key may have.
const MAX_KEY_CHARACTERS: usize = 256;

/// A value of a caller's configuration that breaks a rule. The message names the key and never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EntryError {
    /// The key.
    pub key: String,
    /// One sentence for the caller.
    pub message: String,
}

impl EntryError {
    fn new(key: &str, rule: &str) -> Self {
        let key: String = key.chars().take(MAX_KEY_CHARACTERS).filter(|each| !each.is_control()).collect();
        Self { message: format!("The configuration entry {key} {rule}"), key }
    }
}

/// The effective configuration: the element's defaults, under what is stored, under what was sent. The order is
/// that of the definition, then that of keys which the element does not define.
///
/// Values are text: flags and numbers become their text, objects and lists their compact JSON, null no value.
/// Asterisks sent for a secret keep what is stored.
///
/// # Errors
/// Every sent value that breaks a rule of its entry.
pub fn effective_configuration(
    element: &Element,
    sent: Option<&Map<String, Value>>,
    stored: Option<&Configuration>,
) -> Result<Configuration, Vec<EntryError>> {
    let mut errors = Vec::new();
    let mut effective: Configuration = element
        .configuration()
        .iter()
        .map(|entry| {
            let kept = stored.filter(|stored| stored.contains(&entry.key));
            let value =
                kept.map_or_else(|| entry.default_value.clone(), |kept| kept.get(&entry.key).map(str::to_owned));
            (entry.key.clone(), value)
        })
        .collect();
    for (key, value) in stored.into_iter().flat_map(Configuration::iter) {
        if element.entry(key).is_none() {
            effective.set(key, value.map(str::to_owned));
        }
    }
    let mut unknown = effective.len() - element.configuration().len();
    for (key, value) in sent.into_iter().flatten() {
        if stored.is_some() && value == MASK && is_secret(element, key) {
            continue;
        }
        let entry = element.entry(key);
        if entry.is_none() && !effective.contains(key) {
            unknown += 1;
        }
        if unknown > MAX_UNKNOWN_KEYS {
            errors.push(EntryError::new(
                key,
                &format!("is one of more than {MAX_UNKNOWN_KEYS} that this connector does not define"),
            ));
            break;
        }
        match checked(key, entry, value) {
            Ok(value) => effective.set(key, value),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(effective) } else { Err(errors) }
}

/// A sent value as it is stored.
fn checked(key: &str, entry: Option<&Entry>, value: &Value) -> Result<Option<String>, EntryError> {
    if key.is_empty() || key.chars().count() > MAX_KEY_CHARACTERS || key.chars().any(char::is_control) {
        return Err(EntryError::new(
            key,
            &format!("needs a name of 1 to {MAX_KEY_CHARACTERS} characters without control characters"),
        ));
    }
    let Some(text) = as_text(value) else { return Ok(None) };
    if text.contains('\0') {
        return Err(EntryError::new(key, "must not contain NUL characters"));
    }
    match entry.map(|entry| entry.kind) {
        Some(kind) if kind.is_boolean() => boolean(key, &text),
        Some(EntryType::TextField(limit)) if !holds_token(key) && text.chars().count() > limit as usize => {
            Err(EntryError::new(key, &format!("must not be longer than {limit} characters")))
        }
        _ => Ok(Some(text)),
    }
}

/// Tokens of OAuth servers are longer than the fields that real definitions give them, and scopes are too.
fn holds_token(key: &str) -> bool {
    key.starts_with("oauth.user.") || key == "oauth.scope"
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(shortest(number)),
        other => Some(other.to_string()),
    }
}

/// The shortest decimal text of a number: `1` for 1.0.
fn shortest(number: &serde_json::Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

fn boolean(key: &str, text: &str) -> Result<Option<String>, EntryError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(Some("true".to_owned())),
        "false" | "no" => Ok(Some("false".to_owned())),
        "" => Ok(None),
        _ => Err(EntryError::new(key, "must be true or false")),
    }
}

/// Required keys without a value, by `displayOrder`, then in the order of definition. What the platform fills
/// itself is not demanded.
#[must_use]
pub fn missing_required(element: &Element, configuration: &Configuration) -> Vec<String> {
    let demanded = |entry: &&Entry| entry.required && !entry.internal && !entry.key.starts_with("oauth.user.");
    let is_blank = |entry: &&Entry| configuration.get(&entry.key).is_none_or(|value| value.trim().is_empty());
    let mut missing: Vec<&Entry> = element.configuration().iter().filter(demanded).filter(is_blank).collect();
    missing.sort_by_key(|entry| entry.display_order);
    missing.into_iter().map(|entry| entry.key.clone()).collect()
}

/// Whether a key's value is shown as asterisks only: passwords, and what is named like one, even where the element
/// does not define it.
#[must_use]
pub fn is_secret(element: &Element, key: &str) -> bool {
    element.entry(key).is_some_and(|entry| entry.kind == EntryType::Password) || is_secret_key(key)
}

/// Whether a key is named like one whose value is secret, whatever its type.
#[must_use]
pub fn is_secret_key(key: &str) -> bool {
    const NAMES: &[&str] = &[
        "oauth.api.key",
        "oauth.api.secret",
        "oauth.jwt.key",
        "aws.session.token",
        "tls.client.key",
        "base64.encoded.jks",
        "event.webhook.signature.key",
        "password",
        "secret",
    ];
    const ENDINGS: &[&str] = &[".password", ".secret", ".token.secret"];
    NAMES.contains(&key) || ENDINGS.iter().any(|ending| key.ends_with(ending))
}

/// The configuration as answers show it: secret values masked, null kept, in the configuration's order.
#[must_use]
pub fn masked(element: &Element, configuration: &Configuration) -> Map<String, Value> {
    let shown = |key: &str, value: &str| if is_secret(element, key) { Value::from(MASK) } else { Value::from(value) };
    configuration
        .iter()
        .map(|(key, value)| (key.to_owned(), value.map_or(Value::Null, |value| shown(key, value))))
        .collect()
}

/// Whether the difference between two configurations could change what validation resources find: any difference
/// but in what only the platform itself reads.
#[must_use]
pub fn credentials_changed(element: &Element, old: &Configuration, new: &Configuration) -> bool {
    let matters = |key: &str| !is_platform_key(key) && element.entry(key).is_none_or(|entry| !entry.internal);
    let keys = old.iter().chain(new.iter()).map(|(key, _)| key);
    keys.filter(|key| matters(key)).any(|key| old.get(key) != new.get(key))
}

fn is_platform_key(key: &str) -> bool {
    const STARTS: &[&str] = &["event.", "bulk.", "pagination.", "filter."];
    const KEYS: &[&str] = &[
        "default.select.fields.map",
        "allow.select.fields",
        "instance.variables",
        "synchronous.bulk.notification",
        "authentication.time",
    ];
    STARTS.iter().any(|start| key.starts_with(start)) || KEYS.contains(&key)
}
