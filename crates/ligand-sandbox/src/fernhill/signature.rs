//! Checks the signatures of OAuth 1.0a (RFC 5849, section 3): HMAC-SHA1, HMAC-SHA256, PLAINTEXT.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header;
use sha1::Sha1;
use sha2::Sha256;
use time::OffsetDateTime;

use super::state::State;
use crate::call::Call;

/// How far a timestamp may be from the clock, in seconds.
const WINDOW_SECONDS: i64 = 300;

/// What a signed request says of itself.
pub(super) struct Claims {
    oauth: Vec<(String, String)>,
    /// Everything that was signed, without the signature.
    signed: Vec<(String, String)>,
}

impl Claims {
    /// Reads them out of the header, or the query. `None` when the request is not signed.
    pub(super) fn read(call: &Call) -> Option<Self> {
        let form = match call.media_type().as_deref() {
            Some("application/x-www-form-urlencoded") => {
                url::form_urlencoded::parse(&call.body).into_owned().collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        let header = call.header(&header::AUTHORIZATION).and_then(|value| {
            let (scheme, rest) = value.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("oauth").then(|| fields(rest))
        });
        let oauth = match header {
            Some(fields) => fields?,
            None => call.query.iter().filter(|(name, _)| name.starts_with("oauth_")).cloned().collect(),
        };
        let rest = call.query.iter().filter(|(name, _)| !name.starts_with("oauth_")).cloned();
        let signed = rest.chain(form).chain(oauth.iter().cloned());
        let signed = signed.filter(|(name, _)| name != "oauth_signature" && name != "realm").collect();
        oauth.iter().any(|(name, _)| name == "oauth_signature").then_some(Self { oauth, signed })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.oauth.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Checks the signature and that it was not seen before; says what is wrong with it.
    pub(super) fn check(
        &self,
        call: &Call,
        state: &mut State,
        secrets: (&str, &str),
        now: OffsetDateTime,
    ) -> Result<(), &'static str> {
        if self.get("oauth_version").is_some_and(|version| version != "1.0") {
            return Err("version_rejected");
        }
        let key = format!("{}&{}", percent(secrets.0), percent(secrets.1));
        let base = base_string(call, &self.signed);
        let sent = self.get("oauth_signature").unwrap_or_default();
        let good = match self.get("oauth_signature_method") {
            Some("HMAC-SHA1") => mac_sha1(&key, &base) == sent,
            Some("HMAC-SHA256") => mac_sha256(&key, &base) == sent,
            Some("PLAINTEXT") => key == sent,
            _ => return Err("signature_method_rejected"),
        };
        if !good {
            return Err("signature_invalid");
        }
        let timestamp: i64 =
            self.get("oauth_timestamp").and_then(|text| text.parse().ok()).ok_or("timestamp_refused")?;
        if state.settings.check_timestamps && (timestamp - now.unix_timestamp()).abs() > WINDOW_SECONDS {
            return Err("timestamp_refused");
        }
        let nonce = self.get("oauth_nonce").filter(|nonce| !nonce.is_empty()).ok_or("nonce_used")?;
        let token = self.get("oauth_token").unwrap_or_default();
        if !state.nonces.insert(format!("{timestamp} {token} {nonce}")) {
            return Err("nonce_used");
        }
        Ok(())
    }
}

fn fields(header: &str) -> Option<Vec<(String, String)>> {
    header
        .split(',')
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((unescaped(name)?, unescaped(value)?))
        })
        .collect()
}

fn base_string(call: &Call, signed: &[(String, String)]) -> String {
    let mut pairs: Vec<(String, String)> = signed.iter().map(|(name, value)| (percent(name), percent(value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path: String = call.segments.iter().map(|segment| format!("/{}", percent(segment))).collect();
    let place = format!("{}{path}", call.origin.to_ascii_lowercase());
    format!("{}&{}&{}", call.method, percent(&place), percent(&pairs.join("&")))
}

fn mac_sha1(key: &str, base: &str) -> String {
    let keyed = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    STANDARD.encode(keyed.chain_update(base).finalize().into_bytes())
}

fn mac_sha256(key: &str, base: &str) -> String {
    let keyed = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    STANDARD.encode(keyed.chain_update(base).finalize().into_bytes())
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut made = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            made.push((high * 16 + low) as u8);
        } else {
            made.push(byte);
        }
    }
    String::from_utf8(made).ok()
}
