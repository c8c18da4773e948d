//! Calls addresses that customers name to be told of something: once, past the egress guard, following no redirect.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};
use ligand_domain::Configuration;
use sha2::Sha256;
use url::Url;

use crate::{EgressRefused, Engine, Failure, cause::behind};

/// What only the connection may say: with another value than its own, the message could be taken for two, or for
/// somebody else.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What somebody is to be told. It may hold customers' data and secrets, so it has no `Debug`.
pub struct Notice {
    /// Where.
    pub url: Url,
    /// Headers besides the type of the body, which is JSON unless they say otherwise. Those that cannot travel, and those
    /// that say how the body does, are left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Engine {
    /// Posts a notice, and gives the status that it is answered with.
    ///
    /// # Errors
    /// When the address may not be called, cannot be reached, or does not answer in time.
    pub async fn notify(&self, notice: Notice) -> Result<u16, Failure> {
        let Notice { url, headers, body } = notice;
        self.egress().check_url(&url).map_err(|EgressRefused| Failure::EgressRefused)?;
        let client = self.clients.of(&self.options, None, &Configuration::default())?;
        let mut request = client.post(url).timeout(PATIENCE).body(body);
        for (name, mut value) in carried(&headers) {
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(|error| {
            if behind::<EgressRefused>(&error).is_some() {
                Failure::EgressRefused
            } else if error.is_timeout() {
                Failure::TimedOut
            } else {
                Failure::Unreachable
            }
        })?;
        Ok(answer.status().as_u16())
    }
}

/// The headers that travel.
fn carried(headers: &[(String, String)]) -> Vec<(HeaderName, HeaderValue)> {
    let header = |(name, value): &(String, String)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    };
    let mut carried: Vec<(HeaderName, HeaderValue)> = headers.iter().filter_map(header).collect();
    carried.retain(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
    if !carried.iter().any(|(name, _)| *name == CONTENT_TYPE) {
        carried.insert(0, (CONTENT_TYPE, HeaderValue::from_static("application/json")));
    }
    carried
}

/// The value of `Elements-Webhook-Signature` for a body.
#[must_use]
pub fn signature(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length will do");
    mac.update(body);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{carried, signature};

    #[test]
    fn headers_say_nothing_of_the_connection() {
        let sent = |headers: &[(&str, &str)]| {
            let headers: Vec<(String, String)> =
                headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let text = |(name, value): (http::HeaderName, http::HeaderValue)| {
                format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
            };
            carried(&headers).into_iter().map(text).collect::<Vec<_>>()
        };
        let framing = [
            ("Host", "inside.example"),
            ("content-length", "0"),
            ("TRANSFER-ENCODING", "chunked"),
            ("Connection", "close"),
            ("Keep-Alive", "x"),
            ("Proxy-Connection", "x"),
            ("Proxy-Authorization", "x"),
            ("Expect", "100-continue"),
            ("TE", "trailers"),
            ("Trailer", "x"),
            ("Upgrade", "websocket"),
        ];
        assert_eq!(sent(&framing), ["content-type: application/json"]);
        assert_eq!(sent(&[("X-A", "1"), ("Content-Type", "text/x")]), ["x-a: 1", "content-type: text/x"]);
        assert_eq!(sent(&[("a b", "1"), ("X", "a\r\nb")]), ["content-type: application/json"]);
    }

    #[test]
    fn signs_as_published() {
        let signed = signature("MySecretEventSignatureKey", b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>");
        assert_eq!(signed, "sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ=");
    }
}
