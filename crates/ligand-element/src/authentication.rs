//! How an element proves itself to its vendor: the type and the configuration keys that hold the credentials.

use serde_json::{Map, Value};

use crate::{message::Message, names::words, template::Template};

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

words! {
    /// How an assertion is signed, named as JSON Web Tokens do.
    Algorithm {
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
        /// RSA, PKCS #1 v1.5, with SHA-256.
        Rs256 = "RS256",
        /// RSA, PKCS #1 v1.5, with SHA-384.
        Rs384 = "RS384",
        /// RSA, PKCS #1 v1.5, with SHA-512.
        Rs512 = "RS512",
        /// RSA, PSS, with SHA-256.
        Ps256 = "PS256",
        /// RSA, PSS, with SHA-384.
        Ps384 = "PS384",
        /// RSA, PSS, with SHA-512.
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl AuthenticationType {
    /// Whether the platform itself gets access tokens with what the configuration holds, nobody being asked.
    #[must_use]
    pub fn gets_tokens(self) -> bool {
        matches!(self, Self::Oauth2ClientCredentials | Self::Oauth2Password | Self::JwtOauth)
    }

    /// Whether keys of the vendor's API are the proof, which parameters send.
    #[must_use]
    pub fn is_by_key(self) -> bool {
        matches!(self, Self::ApiKey | Self::CustomApiKey | Self::PersonalAccessToken)
    }

    /// Whether requests are signed as Amazon's are.
    #[must_use]
    pub fn is_aws(self) -> bool {
        matches!(self, Self::AwsV2 | Self::AwsV4)
    }
}

/// The `authentication` member of a definition.
///
/// `username` and `password` name the configuration keys that hold the credentials of types `basic` and
/// `wsSecurity`; without them the keys are `username` and `password`.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// The type.
    pub kind: AuthenticationType,
    /// The configuration key that holds the user's name.
    pub username_key: String,
    /// The configuration key that holds the password.
    pub password_key: String,
    /// The service that requests are signed for, of types `awsv2` and `awsv4`; else the address tells.
    pub service: Option<String>,
    /// The assertion that the platform signs to get access tokens.
    pub(crate) assertion: Option<AssertionRules>,
    /// Members besides those above, as defined.
    pub(crate) defined: Map<String, Value>,
}

/// How an assertion is made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AssertionRules {
    pub(crate) algorithm: Algorithm,
    /// The configuration key that holds the secret or the private key.
    pub(crate) key: String,
    /// Further members of the header.
    pub(crate) header: Message,
    pub(crate) claims: Message,
    pub(crate) lifetime_seconds: i64,
}

/// The configuration key of the private key where a definition names no other.
pub(crate) const ASSERTION_KEY: &str = "oauth.jwt.key";

impl Authentication {
    /// An authentication with nothing but its type.
    #[must_use]
    pub(crate) fn of(kind: AuthenticationType) -> Self {
        Self {
            kind,
            username_key: "username".to_owned(),
            password_key: "password".to_owned(),
            service: None,
            assertion: None,
            defined: Map::new(),
        }
    }

    /// The configuration key that holds what assertions are signed with.
    #[must_use]
    pub fn assertion_key(&self) -> Option<&str> {
        self.assertion.as_ref().map(|assertion| assertion.key.as_str())
    }

    /// Every configuration key that its templates name, each with the member that names it.
    pub(crate) fn configuration_keys(&self) -> Vec<(&'static str, &str)> {
        let mut keys = Vec::new();
        if let Some(assertion) = &self.assertion {
            for (member, message) in [("assertion.header", &assertion.header), ("assertion.claims", &assertion.claims)]
            {
                let named = message.templates().into_iter().flat_map(Template::configuration_keys);
                keys.extend(named.map(|key| (member, key)));
            }
        }
        keys
    }
}
