//! The address where a user grants access.

use ligand_domain::Configuration;
use url::Url;

use super::{address, keys, pkce, value};
use crate::PlanError;

/// What goes into the address of an OAuth 2 grant besides the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Comes back with the code.
    pub state: &'a str,
    /// The proof key and how it is shown.
    pub challenge: Option<(pkce::Method, &'a str)>,
}

/// Where a user grants access under OAuth 2. Parameters that the configured address has already stay as they are.
///
/// # Errors
/// Without a client id or callback, or when the address cannot be made.
pub fn two(configuration: &Configuration, ask: Ask<'_>) -> Result<Url, PlanError> {
    let missing = |key: &str| PlanError::MissingParameter(key.to_owned());
    let mut url = address(configuration, keys::AUTHORIZATION_URL)?;
    let client = value(configuration, keys::CLIENT_ID).ok_or_else(|| missing("apiKey"))?;
    let callback = value(configuration, keys::CALLBACK).ok_or_else(|| missing("callbackUrl"))?;
    let mut pairs = vec![
        ("response_type", "code".to_owned()),
        ("client_id", client.to_owned()),
        ("redirect_uri", callback.to_owned()),
        ("state", ask.state.to_owned()),
    ];
    if let Some(scope) = value(configuration, keys::SCOPE) {
        pairs.push(("scope", scope.to_owned()));
    }
    if let Some((method, verifier)) = ask.challenge {
        pairs.push(("code_challenge", method.challenge(verifier)));
        pairs.push(("code_challenge_method", method.key().to_owned()));
    }
    append(&mut url, &pairs);
    Ok(url)
}

/// Where a user grants access to a request token under OAuth 1.0a.
///
/// # Errors
/// As [`two`].
pub fn one(configuration: &Configuration, request_token: &str, state: &str) -> Result<Url, PlanError> {
    let mut url = address(configuration, keys::AUTHORIZATION_URL)?;
    let mut pairs = vec![("oauth_token", request_token.to_owned())];
    if let Some(callback) = value(configuration, keys::CALLBACK) {
        pairs.push(("oauth_callback", with_state(callback, state)));
    }
    append(&mut url, &pairs);
    Ok(url)
}

/// The callback of OAuth 1.0a, which has no place of its own for the state.
#[must_use]
pub fn with_state(callback: &str, state: &str) -> String {
    let separator = if callback.contains('?') { '&' } else { '?' };
    let state: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
    format!("{callback}{separator}state={state}")
}

fn append(url: &mut Url, pairs: &[(&str, String)]) {
    let present: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let mut query = url.query_pairs_mut();
    for (name, value) in pairs.iter().filter(|(name, _)| !present.iter().any(|known| known == name)) {
        query.append_pair(name, value);
    }
}
