//! Tokens that nobody has to grant: the client's own, a user's by password, and those for an assertion that the
//! platform signs (RFC 6749 sections 4.3 and 4.4, RFC 7523). The assertion is a plain value here; who can sign signs it.

#[cfg(test)]
mod tests;

use std::fmt;

use ligand_domain::{Configuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    address, keys,
    token::{self, Fields},
    value,
};
use crate::{
    Element, PlanError, VendorRequest,
    authentication::{Algorithm, AuthenticationType},
    message::Filling,
};

/// The grant by assertion, and the client's proof by one.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion before it is signed.
#[derive(Clone, PartialEq)]
pub struct Assertion {
    /// How it is to be signed.
    pub algorithm: Algorithm,
    /// The configuration key of the secret or the private key that signs it.
    pub key: String,
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
}

/// Claims may name users.
impl fmt::Debug for Assertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Assertion").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Whether instances get their tokens without anybody's grant.
#[must_use]
pub fn is_automatic(element: &Element, configuration: &Configuration) -> bool {
    element.authentication_type(configuration).gets_tokens()
}

/// The assertion that the element's token request needs; `None` when it needs none. `id` makes it the only one.
///
/// # Errors
/// A claim or member of the header that cannot be filled.
pub fn assertion(
    element: &Element,
    configuration: &Configuration,
    now: Timestamp,
    id: &str,
) -> Result<Option<Assertion>, PlanError> {
    let Some(rules) = element.authentication.assertion.as_ref().filter(|_| is_automatic(element, configuration)) else {
        return Ok(None);
    };
    // Who the assertion is for is an address, which may have names in it.
    let token_url = address(configuration, keys::TOKEN_URL)?;
    let lookup = |name: &str, configured: bool| match value(configuration, name).filter(|_| configured)? {
        template if name == keys::TOKEN_URL && template.contains('{') => Some(Value::from(token_url.as_str())),
        value => Some(Value::from(value)),
    };
    let filling = Filling { lookup: &lookup, body: None, asks: &|_| false };
    let mut header = members(rules.header.fill(&filling)?);
    header.entry("typ").or_insert_with(|| json!("JWT"));
    // What signs it is nothing that a template misstates.
    header.insert("alg".to_owned(), json!(rules.algorithm.key()));
    let mut claims = members(rules.claims.fill(&filling)?);
    let seconds = now.as_millis().div_euclid(1000);
    for (name, value) in
        [("iat", json!(seconds)), ("exp", json!(seconds.saturating_add(rules.lifetime_seconds))), ("jti", json!(id))]
    {
        claims.entry(name).or_insert(value);
    }
    Ok(Some(Assertion {
        algorithm: rules.algorithm,
        key: rules.key.clone(),
        header: Value::Object(header),
        claims: Value::Object(claims),
    }))
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The request for a token; `signed` is the [`assertion`] when there is one.
///
/// # Errors
/// What of the configuration is missing, or that the element's type gets no tokens by itself.
pub fn request(
    element: &Element,
    configuration: &Configuration,
    signed: Option<&str>,
) -> Result<VendorRequest, PlanError> {
    let kind = element.authentication_type(configuration);
    let needed = |key: &str| {
        let missing = || PlanError::Invalid(format!("The configuration entry {key} has no value"));
        value(configuration, key).map(str::to_owned).ok_or_else(missing)
    };
    let mut fields: Fields = match kind {
        AuthenticationType::Oauth2ClientCredentials => vec![("grant_type", "client_credentials".to_owned())],
        AuthenticationType::Oauth2Password => vec![
            ("grant_type", "password".to_owned()),
            ("username", needed(&element.authentication.username_key)?),
            ("password", needed(&element.authentication.password_key)?),
        ],
        AuthenticationType::JwtOauth => vec![("grant_type", JWT_BEARER.to_owned())],
        other => return Err(PlanError::Unsupported(format!("a token without a grant for the type {}", other.key()))),
    };
    if let Some(scope) = value(configuration, keys::SCOPE) {
        fields.push(("scope", scope.to_owned()));
    }
    let url = address(configuration, keys::TOKEN_URL)?;
    let Some(signed) = signed else { return token::request(configuration, &url, fields) };
    if kind == AuthenticationType::JwtOauth {
        fields.push(("assertion", signed.to_owned()));
    } else {
        fields.extend([("client_assertion_type", ASSERTION_TYPE.to_owned()), ("client_assertion", signed.to_owned())]);
        fields.extend(value(configuration, keys::CLIENT_ID).map(|client| ("client_id", client.to_owned())));
    }
    Ok(token::proven_request(configuration, &url, &fields))
}
