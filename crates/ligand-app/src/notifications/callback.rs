//! The request that brings a notification to a receiver: its headers, its signatures, and how it is shown afterwards.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use ligand_domain::{Configuration, Timestamp, configuration::MASK};
use ligand_engine::CallbackAnswer;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::Url;

/// How many characters of an answer are kept.
const KEPT_CHARS: usize = 2_000;
/// Headers that are the connection's own.
const OF_CONNECTION: &[&str] =
    &["host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"];

/// The headers of a notification, and the texts in it that must not be shown.
pub(super) struct Head {
    pub(super) headers: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Head {
    /// The headers for this body, as the configuration of the notification's instance wants them.
    pub(super) fn new(id: &str, now: Timestamp, body: &[u8], configuration: Option<&Configuration>) -> Self {
        let given = |key: &str| configuration.and_then(|it| it.get(key)).filter(|text| !text.is_empty());
        let mut head =
            Self { headers: vec![("content-type".to_owned(), "application/json".to_owned())], secrets: Vec::new() };
        if let Some(user) = given("event.notification.basic.username") {
            let password = given("event.notification.basic.password").unwrap_or_default();
            let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            head.secrets.extend([password.to_owned(), value.clone()]);
            head.put("authorization", value);
        }
        for (name, value) in user_headers(given("event.notification.callback.headers").unwrap_or_default()) {
            head.secrets.push(value.clone());
            head.put(&name, value);
        }
        let seconds = now.as_millis().div_euclid(1000).to_string();
        head.put("elements-webhook-id", id.to_owned());
        head.put("webhook-id", id.to_owned());
        head.put("webhook-timestamp", seconds.clone());
        if let Some(key) = given("event.notification.signature.key") {
            head.secrets.push(key.to_owned());
            head.put("elements-webhook-signature", signature(key, body));
            head.put("webhook-signature", standard_signature(key, id, &seconds, body));
        }
        head.secrets.retain(|secret| !secret.is_empty());
        head
    }

    /// Sets a header, in place of an earlier one of this name.
    fn put(&mut self, name: &str, value: String) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value));
    }

    /// What is kept of the request and its answer.
    pub(super) fn exchange(&self, url: &Url, body: &[u8], answer: Option<&CallbackAnswer>) -> Value {
        let shown = |headers: &[(String, String)]| -> Map<String, Value> {
            headers.iter().map(|(name, value)| (name.clone(), Value::from(self.shown(name, value)))).collect()
        };
        let mut exchange = json!({
            "request": { "method": "POST", "url": shown_url(url), "headers": shown(&self.headers), "bytes": body.len() },
        });
        if let Some(answer) = answer {
            let text: String = self.masked(&answer.body).chars().take(KEPT_CHARS).collect();
            exchange["response"] = json!({ "status": answer.status, "headers": shown(&answer.headers), "body": text });
        }
        exchange
    }

    fn shown(&self, name: &str, value: &str) -> String {
        let is_secret = self.secrets.iter().any(|secret| secret == value)
            || matches!(name, "authorization" | "set-cookie" | "cookie" | "proxy-authorization");
        if is_secret { MASK.to_owned() } else { self.masked(value).into_owned() }
    }

    fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in &self.secrets {
            if secret.len() >= 4 && masked.contains(secret.as_str()) {
                masked = Cow::Owned(masked.replace(secret.as_str(), MASK));
            }
        }
        masked
    }
}

/// `sha256=` and the keyed hash of the body in base64.
pub(super) fn signature(key: &str, body: &[u8]) -> String {
    format!("sha256={}", STANDARD.encode(hash(key.as_bytes(), &[body])))
}

/// The signature of the Standard Webhooks: over id, time and body. A key of their own form is decoded.
fn standard_signature(key: &str, id: &str, seconds: &str, body: &[u8]) -> String {
    let decoded = key.strip_prefix("whsec_").and_then(|rest| STANDARD.decode(rest).ok());
    let key = decoded.as_deref().unwrap_or(key.as_bytes());
    let parts = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
    format!("v1,{}", STANDARD.encode(hash(key, &parts)))
}

fn hash(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The headers that users define: a JSON object, or pairs of name and value separated by commas or line breaks.
fn user_headers(text: &str) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = match serde_json::from_str(text) {
        Ok(Value::Object(members)) => {
            let plain = |value: Value| match value {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                _ => None,
            };
            members.into_iter().filter_map(|(name, value)| Some((name, plain(value)?))).collect()
        }
        _ => text
            .split([',', '\n'])
            .filter_map(|pair| pair.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let name_is_valid = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.!#$&'*+^`|~".contains(&byte))
    };
    let value_is_valid = |value: &str| !value.chars().any(char::is_control);
    pairs
        .into_iter()
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .filter(|(name, value)| name_is_valid(name) && value_is_valid(value))
        .filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()))
        .collect()
}

/// An address without what can be secret in it.
fn shown_url(url: &Url) -> String {
    let mut shown = url.clone();
    // Both fail only for addresses without a host.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    if url.query().is_some() {
        let names: Vec<String> = url.query_pairs().map(|(name, _)| format!("{name}={MASK}")).collect();
        shown.set_query(Some(&names.join("&")));
    }
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use ligand_domain::{Configuration, Timestamp};
    use url::Url;

    use super::{Head, signature, standard_signature, user_headers};

    #[test]
    fn signs_as_documented() {
        let body = b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>";
        let expected = "sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ=";
        assert_eq!(signature("MySecretEventSignatureKey", body), expected);
    }

    /// The example of the specification of Standard Webhooks.
    #[test]
    fn signs_as_standard_webhooks_say() {
        let signed = standard_signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn reads_users_headers_in_both_forms_and_leaves_out_what_is_no_header() {
        let pairs =
            |text| user_headers(text).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(pairs(r#"{"X-A":"1","X-B":2,"Host":"evil","bad name":"x"}"#), ["x-a=1", "x-b=2"]);
        assert_eq!(pairs("X-A:1, X-B: http://b\nX-C:c"), ["x-a=1", "x-b=http://b", "x-c=c"]);
        assert_eq!(pairs("nonsense"), Vec::<String>::new());
    }

    #[test]
    fn shows_no_secret() {
        let configuration: Configuration = [
            ("event.notification.signature.key", "planted-key"),
            ("event.notification.basic.username", "user"),
            ("event.notification.basic.password", "planted-password"),
            ("event.notification.callback.headers", "X-Token: planted-header, Elements-Webhook-Id: mine"),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Some(value.to_owned())))
        .collect();
        let head = Head::new("7", Timestamp::from_millis(1_500), b"{}", Some(&configuration));
        let get = |name: &str| head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(get("elements-webhook-id"), Some("7"), "ours are not to be replaced");
        assert_eq!(get("webhook-timestamp"), Some("1"));
        let url = Url::parse("https://u:planted-userinfo@h/p?token=planted-query").unwrap();
        let answer = ligand_engine::CallbackAnswer {
            status: 500,
            headers: vec![("set-cookie".into(), "planted-cookie".into())],
            body: "you sent planted-header and planted-password".into(),
        };
        let shown = head.exchange(&url, b"{}", Some(&answer)).to_string();
        assert!(!shown.contains("planted"), "{shown}");
    }
}
