//! Proof keys for codes (RFC 7636).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ligand_domain::Configuration;
use sha2::{Digest, Sha256};

use super::{keys, value};
use crate::{Element, authentication::AuthenticationType};

/// How the challenge follows from the verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Its SHA-256.
    S256,
    /// It is the verifier.
    Plain,
}

impl Method {
    /// The word on the wire.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }

    /// The challenge for a verifier.
    #[must_use]
    pub fn challenge(self, verifier: &str) -> String {
        match self {
            Self::S256 => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
            Self::Plain => verifier.to_owned(),
        }
    }
}

/// How codes of this element are bound; `None` when they are not. Any value that is no refusal means S256, so that a
/// slip of the pen does not weaken it.
#[must_use]
pub fn method(element: &Element, configuration: &Configuration) -> Option<Method> {
    let by_type = element.authentication_type(configuration) == AuthenticationType::Oauth2Pkce;
    match value(configuration, keys::PKCE).map(str::to_ascii_lowercase).as_deref() {
        Some("plain") => Some(Method::Plain),
        None | Some("false" | "no" | "none") => by_type.then_some(Method::S256),
        Some(_) => Some(Method::S256),
    }
}
