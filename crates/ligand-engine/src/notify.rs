//! Calls addresses that customers name to be told of something: once, past the egress guard, following no redirect.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use ligand_domain::Configuration;
use sha2::Sha256;
use url::Url;

use crate::{EgressRefused, Engine, Failure, cause::behind};

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What somebody is to be told. It may hold customers' data and secrets, so it has no `Debug`.
pub struct Notice {
    /// Where.
    pub url: Url,
    /// Headers besides the type of the body, which is JSON. Those that cannot travel are left out.
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
        let json = HeaderValue::from_static("application/json");
        let typed = [(http::header::CONTENT_TYPE, json)].into_iter();
        let further = headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
        });
        for (name, mut value) in typed.chain(further) {
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

/// The value of `Elements-Webhook-Signature` for a body.
#[must_use]
pub fn signature(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length will do");
    mac.update(body);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn signs_as_published() {
        let signed = signature("MySecretEventSignatureKey", b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>");
        assert_eq!(signed, "sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ=");
    }
}
