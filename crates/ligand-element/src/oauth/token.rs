//! Requests to a token endpoint, as plain values: one builder for every grant.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::Configuration;
use url::{Url, form_urlencoded};

use super::{address, keys, value};
use crate::{Method, PlanError, VendorBody, VendorRequest};

/// The fields of a grant: `grant_type` and what goes with it.
pub type Fields = Vec<(&'static str, String)>;

/// Trades a code.
///
/// # Errors
/// When the request cannot be made.
pub fn exchange(configuration: &Configuration, code: &str, verifier: Option<&str>) -> Result<VendorRequest, PlanError> {
    let mut fields: Fields = vec![("grant_type", "authorization_code".to_owned()), ("code", code.to_owned())];
    if let Some(callback) = value(configuration, keys::CALLBACK) {
        fields.push(("redirect_uri", callback.to_owned()));
    }
    if let Some(verifier) = verifier {
        fields.push(("code_verifier", verifier.to_owned()));
    }
    request(configuration, &address(configuration, keys::TOKEN_URL)?, fields)
}

/// Renews a token.
///
/// # Errors
/// When there is nothing to renew it with, or the request cannot be made.
pub fn refresh(configuration: &Configuration) -> Result<VendorRequest, PlanError> {
    let missing = || PlanError::Unresolved(keys::REFRESH_TOKEN.to_owned());
    let token = value(configuration, keys::REFRESH_TOKEN).ok_or_else(missing)?;
    let fields = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())];
    request(configuration, &refresh_address(configuration)?, fields)
}

/// Gives a token back (RFC 7009): the refresh token, with which the access token goes, else the access token. `None`
/// when the element has no place for that, or there is nothing to give back.
///
/// # Errors
/// When the request cannot be made.
pub fn revoke(configuration: &Configuration) -> Result<Option<VendorRequest>, PlanError> {
    if value(configuration, keys::REVOKE_URL).is_none() {
        return Ok(None);
    }
    let refresh = value(configuration, keys::REFRESH_TOKEN).map(|token| (token, "refresh_token"));
    let access = value(configuration, keys::TOKEN).map(|token| (token, "access_token"));
    let Some((token, hint)) = refresh.or(access) else { return Ok(None) };
    let fields = vec![("token", token.to_owned()), ("token_type_hint", hint.to_owned())];
    request(configuration, &address(configuration, keys::REVOKE_URL)?, fields).map(Some)
}

/// Where tokens are renewed.
///
/// # Errors
/// When the address cannot be made.
pub fn refresh_address(configuration: &Configuration) -> Result<Url, PlanError> {
    let own = value(configuration, keys::REFRESH_URL).map(|_| keys::REFRESH_URL);
    address(configuration, own.unwrap_or(keys::TOKEN_URL))
}

/// A request to a token endpoint with the client's proof: HTTP Basic where `oauth.basic.header` says so, else fields.
/// What `oauth.token.parameters` says goes with it, but takes the place of nothing.
///
/// # Errors
/// Without a client id.
pub fn request(configuration: &Configuration, url: &Url, mut fields: Fields) -> Result<VendorRequest, PlanError> {
    let missing = || PlanError::Unresolved(keys::CLIENT_ID.to_owned());
    let client = value(configuration, keys::CLIENT_ID).ok_or_else(missing)?;
    let secret = value(configuration, keys::CLIENT_SECRET);
    let mut proof = None;
    match secret {
        Some(secret) if is_on(configuration, keys::BASIC_HEADER) => {
            // RFC 6749 has both written as form values first.
            let pair = format!("{}:{}", encoded(client), encoded(secret));
            proof = Some(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair))));
        }
        secret => {
            fields.push(("client_id", client.to_owned()));
            fields.extend(secret.map(|secret| ("client_secret", secret.to_owned())));
        }
    }
    let mut request = proven_request(configuration, url, &fields);
    request.headers.extend(proof);
    Ok(request)
}

/// A request to a token endpoint whose fields prove the client, or need not. What `oauth.token.parameters` says goes
/// with it, but takes the place of nothing.
pub(crate) fn proven_request(configuration: &Configuration, url: &Url, fields: &Fields) -> VendorRequest {
    let headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
    ];
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let further = value(configuration, keys::TOKEN_PARAMETERS).unwrap_or_default();
    for (name, value) in form_urlencoded::parse(further.as_bytes()) {
        if !fields.iter().any(|(known, _)| *known == name) {
            form.append_pair(&name, &filled(&value, configuration));
        }
    }
    let body = VendorBody::Text(form.finish());
    VendorRequest { method: Method::Post, url: url.clone(), headers, body, stores: Vec::new() }
}

/// Whether a flag of the configuration is on.
pub(crate) fn is_on(configuration: &Configuration, key: &str) -> bool {
    value(configuration, key).is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1"))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A value with the configuration's values for its `{names}`; names without a value stay.
fn filled(text: &str, configuration: &Configuration) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        made.push_str(before);
        match configuration.get(name) {
            Some(value) => made.push_str(value),
            None => made.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    made + rest
}
