//! Element instances: making, changing, listing, switching and deleting them.

mod configuration;
mod list;
pub(crate) mod pages;
mod provision;
mod switches;
mod update;

use serde_json::Value;

/// Everything of `expected` must be in `actual`: objects member by member, all else equal.
#[track_caller]
pub(crate) fn assert_within(expected: &Value, actual: &Value) {
    match (expected, actual) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, value) in members {
                assert!(actual.get(name).is_some(), "no member {name} in {actual}");
                assert_within(value, &actual[name]);
            }
        }
        _ => assert_eq!(actual, expected),
    }
}

/// Whether a message names a key as a word of its own, not as a part of a longer key.
pub(crate) fn names(message: &str, key: &str) -> bool {
    let part = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    message.split(|character| !part(character)).any(|word| word.trim_matches('.') == key)
}

/// The form of a token: 32 bytes in padded base64.
pub(crate) fn is_token(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or_default();
    body.len() == 43 && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}

pub(crate) fn id(instance: &Value) -> i64 {
    instance["id"].as_i64().expect("an id")
}

pub(crate) fn token(instance: &Value) -> &str {
    instance["token"].as_str().expect("a token")
}
