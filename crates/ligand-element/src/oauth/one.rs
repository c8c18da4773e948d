//! OAuth 1.0a (RFC 5849): signatures, and the requests for request tokens and access tokens.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use ligand_domain::Configuration;
use sha1::Sha1;
use sha2::Sha256;
use url::{Url, form_urlencoded};

use super::{address, keys, value};
use crate::{Method, PlanError, VendorBody, VendorRequest, url_template};

/// What makes a signature differ from any other: passed in, so that it can be tested.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Used once.
    pub nonce: String,
}

/// Signs a call with the instance's token.
///
/// # Errors
/// Without client or token, or when the way of signing is unknown.
pub fn sign(configuration: &Configuration, moment: &Moment, request: &mut VendorRequest) -> Result<(), PlanError> {
    let token = needed(configuration, keys::TOKEN)?.to_owned();
    let secret = value(configuration, keys::TOKEN_SECRET).unwrap_or_default().to_owned();
    sign_with(configuration, moment, request, &token, &secret, &[])
}

/// Asks for a request token; the state comes back with the callback.
///
/// # Errors
/// When the request cannot be made.
pub fn request_token(
    configuration: &Configuration,
    moment: &Moment,
    callback: &str,
) -> Result<VendorRequest, PlanError> {
    let mut request = bare(&address(configuration, keys::REQUEST_URL)?);
    sign_with(configuration, moment, &mut request, "", "", &[("oauth_callback", callback)])?;
    Ok(request)
}

/// Trades an approved request token for the access token.
///
/// # Errors
/// When the request cannot be made.
pub fn access_token(
    configuration: &Configuration,
    moment: &Moment,
    token: &str,
    secret: &str,
    verifier: &str,
) -> Result<VendorRequest, PlanError> {
    let mut request = bare(&address(configuration, keys::TOKEN_URL)?);
    sign_with(configuration, moment, &mut request, token, secret, &[("oauth_verifier", verifier)])?;
    Ok(request)
}

fn bare(url: &Url) -> VendorRequest {
    let headers = vec![("Accept".to_owned(), "*/*".to_owned())];
    VendorRequest { method: Method::Post, url: url.clone(), headers, body: VendorBody::Empty, stores: Vec::new() }
}

fn needed<'c>(configuration: &'c Configuration, key: &str) -> Result<&'c str, PlanError> {
    value(configuration, key).ok_or_else(|| PlanError::Unresolved(key.to_owned()))
}

fn sign_with(
    configuration: &Configuration,
    moment: &Moment,
    request: &mut VendorRequest,
    token: &str,
    token_secret: &str,
    further: &[(&str, &str)],
) -> Result<(), PlanError> {
    let method = SignatureMethod::of(configuration)?;
    let mut parameters = vec![
        ("oauth_consumer_key".to_owned(), needed(configuration, keys::CLIENT_ID)?.to_owned()),
        ("oauth_nonce".to_owned(), moment.nonce.clone()),
        ("oauth_signature_method".to_owned(), method.key().to_owned()),
        ("oauth_timestamp".to_owned(), moment.seconds.to_string()),
        ("oauth_version".to_owned(), "1.0".to_owned()),
    ];
    if !token.is_empty() {
        parameters.push(("oauth_token".to_owned(), token.to_owned()));
    }
    parameters.extend(further.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let base = base_string(request, &parameters);
    let client_secret = value(configuration, keys::CLIENT_SECRET).unwrap_or_default();
    let key = format!("{}&{}", percent(client_secret), percent(token_secret));
    parameters.push(("oauth_signature".to_owned(), method.sign(&key, &base)));
    match value(configuration, keys::PLACEMENT).map(str::to_ascii_lowercase).as_deref() {
        Some("query") => in_query(&mut request.url, &parameters),
        _ => {
            let pairs: Vec<String> =
                parameters.iter().map(|(name, value)| format!("{}=\"{}\"", percent(name), percent(value))).collect();
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            request.headers.push(("Authorization".to_owned(), format!("OAuth {}", pairs.join(", "))));
        }
    }
    Ok(())
}

/// Appends to the query what the base string was made of, written as it was there: `+` would be a blank.
fn in_query(url: &mut Url, parameters: &[(String, String)]) {
    let mut query = url.query().map(str::to_owned).unwrap_or_default();
    for (name, value) in parameters {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&format!("{}={}", percent(name), percent(value)));
    }
    url.set_query(Some(&query));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignatureMethod {
    HmacSha1,
    HmacSha256,
    Plaintext,
}

impl SignatureMethod {
    fn of(configuration: &Configuration) -> Result<Self, PlanError> {
        match value(configuration, keys::SIGNATURE_METHOD).map(str::to_ascii_uppercase).as_deref() {
            None | Some("HMAC-SHA1") => Ok(Self::HmacSha1),
            Some("HMAC-SHA256") => Ok(Self::HmacSha256),
            Some("PLAINTEXT") => Ok(Self::Plaintext),
            Some(_) => Err(PlanError::Unsupported(format!("the value of {}", keys::SIGNATURE_METHOD))),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Plaintext => "PLAINTEXT",
        }
    }

    fn sign(self, key: &str, base: &str) -> String {
        const ANY: &str = "HMAC takes keys of any length";
        match self {
            Self::HmacSha1 => {
                let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect(ANY);
                mac.update(base.as_bytes());
                STANDARD.encode(mac.finalize().into_bytes())
            }
            Self::HmacSha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect(ANY);
                mac.update(base.as_bytes());
                STANDARD.encode(mac.finalize().into_bytes())
            }
            Self::Plaintext => key.to_owned(),
        }
    }
}

/// Section 3.4.1: verb, address, and all parameters sorted, of the query, of a form body and of OAuth itself.
fn base_string(request: &VendorRequest, parameters: &[(String, String)]) -> String {
    let query = request.url.query().unwrap_or_default();
    let is_form = request.header("content-type").is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    let body = match &request.body {
        VendorBody::Text(text) if is_form => text.as_str(),
        _ => "",
    };
    let read = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
    let sent = read(query).into_iter().chain(read(body));
    let mut pairs: Vec<(String, String)> =
        sent.chain(parameters.iter().cloned()).map(|(name, value)| (percent(&name), percent(&value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let url = &request.url;
    // `Url` drops a port that is the scheme's own and lowers the host, as the section asks for.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let place = format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
    format!("{}&{}&{}", request.method.key(), percent(&place), percent(&pairs.join("&")))
}

/// Section 3.6.
fn percent(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    url_template::encode(&mut made, text);
    made
}

#[cfg(test)]
mod tests;
