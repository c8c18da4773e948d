//! How an element proves itself to its vendor: the type and the configuration keys that hold the credentials.

use crate::names::words;

words! {
    /// The authentication types of the definition format (`authentication.type`).
    AuthenticationType {
        /// HTTP Basic on every call.
        Basic = "basic",
        /// Nothing automatic: parameters, hooks and `onProvision` resources do it.
        Custom = "custom",
        /// Like `custom`, shown differently in documentation.
        ApiKey = "apiKey",
        /// Like `apiKey`.
        CustomApiKey = "customApiKey",
        /// A WS-Security UsernameToken (PasswordText) in the header of each SOAP envelope.
        WsSecurity = "wsSecurity",
        /// OAuth 1.0a signatures.
        Oauth1 = "oauth1",
        /// OAuth 2 authorization code.
        Oauth2 = "oauth2",
        /// OAuth 2 client credentials.
        Oauth2ClientCredentials = "oauth2ClientCredentials",
        /// OAuth 2 password grant.
        Oauth2Password = "oauth2Password" | "oauth2password",
        /// OAuth 2 authorization code with PKCE.
        Oauth2Pkce = "oauth2Pkce",
        /// OAuth 2 with a signed assertion.
        JwtOauth = "jwtOauth",
        /// A token that the user made at the vendor.
        PersonalAccessToken = "personalAccessToken",
        /// AWS signature, version 2.
        AwsV2 = "awsv2",
        /// AWS signature, version 4.
        AwsV4 = "awsv4",
        /// No authentication.
        None = "none",
    }
}

/// The `authentication` member of a definition.
///
/// `username` and `password` name the configuration keys that hold the credentials of types `basic` and
/// `wsSecurity`; without them the keys are `username` and `password`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// The type.
    pub kind: AuthenticationType,
    /// The configuration key that holds the user's name.
    pub username_key: String,
    /// The configuration key that holds the password.
    pub password_key: String,
}
