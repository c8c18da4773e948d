//! Tokens for assertions: the grant and the client's proof of RFC 7523, with signatures of RFC 7515 verified against the
//! client's secret or its registered public key.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, StatusCode, header};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::{Value, json};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};

use super::{CLIENT, CLIENT_SECRET};
use crate::call::{Call, json as json_answer};
use crate::world::World;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PROOF: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest that an assertion may be valid, in seconds.
const LONGEST: i64 = 3600;

/// A registered public key.
pub(super) enum Key {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

impl Key {
    /// The key of a JSON Web Key.
    pub(super) fn of(jwk: &Value) -> Option<Self> {
        let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
        match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
            ("RSA", _) => Some(Self::Rsa { n: part("n")?, e: part("e")? }),
            ("EC", Some("P-256")) => Some(Self::P256([vec![4], part("x")?, part("y")?].concat())),
            _ => None,
        }
    }

    fn verifies(&self, algorithm: &str, text: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa { n, e }, "RS256") => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature).is_ok()
            }
            (Self::Rsa { n, e }, "PS256") => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, text, signature).is_ok()
            }
            (Self::P256(point), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(text, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// Answers `POST /stonecrop/token`.
pub(super) fn issue(world: &World, call: &Call) -> Response {
    let now = world.now();
    let refused = |code: &str, text: &str| {
        json_answer(StatusCode::BAD_REQUEST, &json!({ "error": code, "error_description": text }))
    };
    if call.method != Method::POST || call.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        return refused("invalid_request", "Send a form.");
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    let get = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let assertion = match get("grant_type") {
        Some(GRANT) => get("assertion"),
        Some("client_credentials") if get("client_assertion_type") == Some(PROOF) => get("client_assertion"),
        _ => return refused("unsupported_grant_type", "There is no such grant."),
    };
    let mut state = world.stonecrop();
    state.prune(now);
    let audience = format!("{}/stonecrop/token", call.origin);
    let claims = match claims(assertion.unwrap_or_default(), state.key.as_ref()) {
        Some(claims) => claims,
        None => return refused("invalid_grant", "The assertion is not signed by the client."),
    };
    if let Err(why) = demand(&claims, &audience, now) {
        return refused("invalid_grant", why);
    }
    let ends = now + Duration::seconds(LONGEST);
    let number = claims["jti"].as_str().unwrap_or_default().to_owned();
    if number.is_empty() || state.used.insert(number, ends).is_some() {
        return refused("invalid_grant", "The assertion has no number, or was used before.");
    }
    state.issued += 1;
    let lifetime = state.lifetime;
    let seed = format!("{} {now}", state.issued);
    let token = Hmac::<Sha256>::new_from_slice(&world.token_key).expect("HMAC takes keys of any length");
    let token = format!("st_{}", URL_SAFE_NO_PAD.encode(token.chain_update(seed).finalize().into_bytes()));
    state.tokens.insert(token.clone(), now + Duration::seconds(lifetime));
    json_answer(StatusCode::OK, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": lifetime }))
}

/// The claims of an assertion whose signature is the client's.
fn claims(assertion: &str, key: Option<&Key>) -> Option<Value> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (head, body) = signed.split_once('.')?;
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let algorithm = read(head)?["alg"].as_str()?.to_owned();
    let is_signed = match key {
        Some(key) => key.verifies(&algorithm, signed.as_bytes(), &signature),
        None if algorithm == "HS256" => {
            let mac = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).expect("HMAC takes keys of any length");
            mac.chain_update(signed).verify_slice(&signature).is_ok()
        }
        None => false,
    };
    is_signed.then(|| read(body)).flatten()
}

fn demand(claims: &Value, audience: &str, now: OffsetDateTime) -> Result<(), &'static str> {
    if claims["iss"] != CLIENT || !claims["sub"].is_string() {
        return Err("The issuer is not known, or nobody is the subject.");
    }
    let is_meant = match &claims["aud"] {
        Value::Array(all) => all.iter().any(|one| one == audience),
        one => one == audience,
    };
    if !is_meant {
        return Err("The assertion is for somebody else.");
    }
    let now = now.unix_timestamp();
    let ends = claims["exp"].as_i64().unwrap_or_default();
    if ends <= now || ends > now + LONGEST || claims["iat"].as_i64().is_some_and(|made| made > now + 60) {
        return Err("The assertion is not valid at this time.");
    }
    Ok(())
}

/// Whether a call bears a token that is valid.
pub(super) fn admit(world: &World, call: &Call) -> bool {
    let token = call.header(&header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let state = world.stonecrop();
    token.and_then(|token| state.tokens.get(token)).is_some_and(|ends| *ends > world.now())
}
