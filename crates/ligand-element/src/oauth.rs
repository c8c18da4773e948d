//! OAuth as plain values: where users grant access, the requests that trade codes and refresh tokens for tokens, what
//! the answers mean, when a token is to be renewed, and how requests are signed under OAuth 1.0a. Nothing is sent here.

pub mod answer;
pub mod authorize;
pub mod callback;
pub mod grant;
pub mod one;
pub mod pkce;
#[cfg(test)]
mod tests;
pub mod token;
pub mod validity;

use ligand_domain::Configuration;
use url::Url;

use crate::{
    Element, PlanError,
    authentication::AuthenticationType,
    url_template::{self, Fill},
};

/// The configuration keys of OAuth.
pub mod keys {
    /// The client's id.
    pub const CLIENT_ID: &str = "oauth.api.key";
    /// The client's secret.
    pub const CLIENT_SECRET: &str = "oauth.api.secret";
    /// Where the vendor sends the user's browser back to.
    pub const CALLBACK: &str = "oauth.callback.url";
    /// Where users grant access.
    pub const AUTHORIZATION_URL: &str = "oauth.authorization.url";
    /// Where codes are traded.
    pub const TOKEN_URL: &str = "oauth.token.url";
    /// Where tokens are renewed, when that is another place.
    pub const REFRESH_URL: &str = "oauth.token.refresh_url";
    /// Where tokens are given back.
    pub const REVOKE_URL: &str = "oauth.token.revoke_url";
    /// Where OAuth 1.0a gives request tokens.
    pub const REQUEST_URL: &str = "oauth.request.url";
    /// What access is asked for.
    pub const SCOPE: &str = "oauth.scope";
    /// Whether the client proves itself with HTTP Basic.
    pub const BASIC_HEADER: &str = "oauth.basic.header";
    /// Further fields of token requests, written like a query.
    pub const TOKEN_PARAMETERS: &str = "oauth.token.parameters";
    /// Whether codes are bound by a proof key: `S256`, `plain`, or a flag.
    pub const PKCE: &str = "oauth.pkce";
    /// The access token.
    pub const TOKEN: &str = "oauth.user.token";
    /// Its secret under OAuth 1.0a.
    pub const TOKEN_SECRET: &str = "oauth.user.token.secret";
    /// What renews it.
    pub const REFRESH_TOKEN: &str = "oauth.user.refresh_token";
    /// When it was made, in milliseconds since 1970.
    pub const REFRESH_TIME: &str = "oauth.user.refresh_time";
    /// How long it lasts, in seconds.
    pub const REFRESH_INTERVAL: &str = "oauth.user.refresh_interval";
    /// The same, as the vendor said it.
    pub const EXPIRES_IN: &str = "expires_in";
    /// Where OAuth 1.0a puts its parameters: `header` or `query`.
    pub const PLACEMENT: &str = "oauth.request.authorization.type";
    /// How OAuth 1.0a signs.
    pub const SIGNATURE_METHOD: &str = "oauth.signature.method";
    /// The key that selects one of several authentication types.
    pub const TYPE: &str = "authentication.type";
    /// When an instance last proved itself, in milliseconds since 1970.
    pub const AUTHENTICATED_AT: &str = "authentication.time";
}

/// How users grant an element access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// OAuth 2 with codes.
    Two,
    /// OAuth 1.0a with request tokens.
    One,
}

/// The flow of an element whose users grant access in a browser; `None` for any other.
#[must_use]
pub fn flow(element: &Element, configuration: &Configuration) -> Option<Flow> {
    match element.authentication_type(configuration) {
        AuthenticationType::Oauth2 | AuthenticationType::Oauth2Pkce => Some(Flow::Two),
        AuthenticationType::Oauth1 => Some(Flow::One),
        _ => None,
    }
}

/// Whether calls carry a bearer token of OAuth 2, however it was got.
#[must_use]
pub fn bears_token(kind: AuthenticationType) -> bool {
    matches!(
        kind,
        AuthenticationType::Oauth2
            | AuthenticationType::Oauth2Pkce
            | AuthenticationType::Oauth2ClientCredentials
            | AuthenticationType::Oauth2Password
            | AuthenticationType::JwtOauth
    )
}

/// The keys whose values are not masked in answers, but must not appear anywhere else.
#[must_use]
pub fn is_credential(key: &str) -> bool {
    matches!(key, keys::CLIENT_SECRET | keys::TOKEN | keys::TOKEN_SECRET | keys::REFRESH_TOKEN)
}

/// The value of a key that is more than blanks.
#[must_use]
pub fn value<'c>(configuration: &'c Configuration, key: &str) -> Option<&'c str> {
    configuration.get(key).map(str::trim).filter(|value| !value.is_empty())
}

/// The address under a key, its `{names}` filled from the configuration.
///
/// # Errors
/// When there is none, a name has no value, or it is no http(s) address.
pub fn address(configuration: &Configuration, key: &str) -> Result<Url, PlanError> {
    let template = value(configuration, key).ok_or_else(|| PlanError::Unresolved(key.to_owned()))?;
    let resolve = |name: &str| configuration.get(name).map(|value| Fill::Trusted(value.to_owned()));
    let built = url_template::build(configuration.get("base.url"), template, &resolve);
    built.map_err(|problem| match problem {
        PlanError::BadUrl(_) => PlanError::BadUrl(key.to_owned()),
        other => other,
    })
}
