//! What vendors ask before they send webhooks: to repeat something, so that they know that somebody is there.

use serde_json::{Value, json};

use super::payload::Incoming;

/// What a subscriber's verification has to name.
const VERIFY_TOKEN: &str = "CloudElements@123";
/// The longest text that is repeated, in bytes.
const REPEATED_BYTES: usize = 4096;

/// The answer to a webhook's sender.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It was taken.
    Taken,
    /// Nothing was asked and nothing sent.
    Empty,
    /// The text that was sent.
    Text(String),
    /// JSON.
    Json(Value),
    /// The header that was sent.
    HookSecret(String),
    /// Who asks does not know the word.
    Refused,
    /// What a script answers.
    Scripted {
        /// The status.
        status: u16,
        /// The body.
        body: Option<Value>,
    },
}

/// The answer to a challenge; `None` when it is none.
pub(super) fn answer(incoming: &Incoming, payload: &Value) -> Option<Reply> {
    let echo = |text: &str| Reply::Text(text.chars().take(REPEATED_BYTES).collect());
    if let Some(token) = incoming.parameter("validationToken") {
        return Some(echo(token));
    }
    if let Some(secret) = incoming.header("x-hook-secret") {
        return Some(Reply::HookSecret(secret.to_owned()));
    }
    if incoming.has_body {
        let asks = payload["type"] == "url_verification" && payload.get("challenge").is_some();
        return asks.then(|| Reply::Json(json!({ "challenge": payload["challenge"] })));
    }
    if let (Some("subscribe"), Some(challenge)) = (incoming.parameter("hub.mode"), incoming.parameter("hub.challenge"))
    {
        let knows = incoming.parameter("hub.verify_token") == Some(VERIFY_TOKEN);
        return Some(if knows { echo(challenge) } else { Reply::Refused });
    }
    if let Some(challenge) = incoming.parameter("challenge") {
        return Some(echo(challenge));
    }
    incoming.query.is_empty().then_some(Reply::Empty)
}
