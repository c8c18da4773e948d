//! What token endpoints answer: tokens, or why there are none (RFC 6749, sections 5.1 and 5.2).

use std::collections::BTreeMap;

use ligand_domain::Timestamp;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::keys;

/// The longest token that is kept, in bytes.
const TOKEN_MAX_BYTES: usize = 32 << 10;
/// The longest life of a token that is believed, in seconds.
const LIFE_MAX_SECONDS: i64 = 10 * 365 * 24 * 3600;

/// Tokens. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The new refresh token; the old one stays when there is none.
    pub refresh: Option<String>,
    /// How long the access token lasts.
    pub expires_in_seconds: Option<i64>,
}

/// Why an answer has no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The vendor said no, with the code that it gave.
    #[error("it is an error: {0}")]
    Refused(String),
    /// It is neither JSON nor a form, or says nothing of tokens.
    #[error("{0}")]
    NotUnderstood(&'static str),
}

/// Reads a successful answer: JSON, or a form, which some vendors send whatever was asked for.
///
/// # Errors
/// When it has no access token.
pub fn read(text: &str) -> Result<Tokens, AnswerError> {
    let members = members(text).ok_or(AnswerError::NotUnderstood("it is neither JSON nor a form"))?;
    let word = |name: &str| members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(access) = word("access_token") else {
        return Err(match error_code(&members) {
            Some(code) => AnswerError::Refused(code),
            None => AnswerError::NotUnderstood("it has no access_token"),
        });
    };
    let refresh = word("refresh_token");
    if [Some(access), refresh].into_iter().flatten().any(|token| !is_sound(token)) {
        return Err(AnswerError::NotUnderstood("it has a token that is too long or no plain text"));
    }
    Ok(Tokens {
        access: access.to_owned(),
        refresh: refresh.map(str::to_owned),
        expires_in_seconds: seconds(&members, "expires_in").or_else(|| seconds(&members, "expires")),
    })
}

/// Whether a refusal will be the same next time, so that only the user can help. Only a body that says what is wrong is
/// the authorization server's own word; a page of something in front of it is not.
#[must_use]
pub fn is_final(status: u16, text: &str) -> bool {
    let Some(members) = members(text) else { return false };
    let code = error_code(&members);
    let passing = matches!(code.as_deref(), Some("temporarily_unavailable" | "server_error" | "slow_down"));
    let says = members.get("error").is_some_and(|error| !error.is_null() && *error != "" && *error != false);
    matches!(status, 400 | 401 | 403) && says && !passing
}

/// The pairs of an answer in the form syntax, as OAuth 1.0a has them.
#[must_use]
pub fn form(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.trim().as_bytes()).into_owned().collect()
}

impl Tokens {
    /// What changes in the configuration of who got them at this moment.
    #[must_use]
    pub fn changes(&self, now: Timestamp) -> Vec<(String, Option<String>)> {
        let set = |key: &str, value: String| (key.to_owned(), Some(value));
        let mut changes = vec![set(keys::TOKEN, self.access.clone())];
        changes.extend(self.refresh.clone().map(|token| set(keys::REFRESH_TOKEN, token)));
        changes.push(set(keys::REFRESH_TIME, now.as_millis().to_string()));
        if let Some(seconds) = self.expires_in_seconds {
            changes.push(set(keys::EXPIRES_IN, seconds.to_string()));
            changes.push(set(keys::REFRESH_INTERVAL, seconds.to_string()));
        }
        changes
    }
}

fn members(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    let is_form = text.contains('=') && !text.contains(['<', '{', '\n', ' ']);
    is_form.then(|| form(text).into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}

/// The code under `error`; it is a word, so anything longer is not passed on as one.
fn error_code(members: &Map<String, Value>) -> Option<String> {
    let code = members.get("error")?.as_str()?;
    let is_word = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.' | ' ');
    (code.len() <= 64 && code.chars().all(is_word)).then(|| code.to_owned())
}

/// A token travels in a header, so it is printable.
fn is_sound(token: &str) -> bool {
    token.len() <= TOKEN_MAX_BYTES && token.chars().all(|each| each.is_ascii_graphic())
}

fn seconds(members: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = members.get(name)?;
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let number = number.or_else(|| value.as_f64().filter(|number| (0.0..1e12).contains(number)).map(|it| it as i64));
    number.filter(|seconds| (1..=LIFE_MAX_SECONDS).contains(seconds))
}
