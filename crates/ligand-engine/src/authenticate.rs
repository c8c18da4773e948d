//! Adds an instance's credentials to a planned request, as its element's authentication type says.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Configuration, Rng, Timestamp, rng};
use ligand_element::{
    Element, PlanError, VendorBody, VendorRequest,
    authentication::AuthenticationType,
    oauth::{bears_token, keys, one, value},
};

use crate::{aws, soap};

/// What decorating needs to know besides the credentials.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) now: Timestamp,
    /// The body is sent piece by piece, beside the request.
    pub(crate) streams: bool,
    /// Makes signatures differ from each other.
    pub(crate) rng: &'a dyn Rng,
}

impl Circumstances<'_> {
    /// What makes a signature of OAuth 1.0a differ from any other.
    pub(crate) fn moment(self) -> one::Moment {
        let nonce = rng::hex_secret(self.rng).expose().to_owned();
        one::Moment { seconds: self.now.as_millis().div_euclid(1000), nonce }
    }
}

/// Decorates the request, which is complete but for this. Types that parameters and hooks take care of change nothing.
pub(crate) fn authenticate(
    element: &Element,
    configuration: &Configuration,
    circumstances: Circumstances<'_>,
    request: &mut VendorRequest,
) -> Result<(), PlanError> {
    let authentication = element.authentication();
    let username = configuration.get(&authentication.username_key).unwrap_or_default();
    let password = configuration.get(&authentication.password_key).unwrap_or_default();
    let kind = element.authentication_type(configuration);
    match kind {
        AuthenticationType::Basic if request.header("Authorization").is_none() => {
            let value = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
            request.headers.push(("Authorization".to_owned(), value));
        }
        AuthenticationType::WsSecurity => {
            let VendorBody::Text(envelope) = &request.body else {
                return Err(PlanError::Unsupported("WS-Security without a SOAP envelope".to_owned()));
            };
            let signed = soap::with_security(envelope, username, password);
            request.body = VendorBody::Text(signed.map_err(|name| match name {
                soap::SecurityError::BadValue => PlanError::BadValue(authentication.password_key.clone()),
                soap::SecurityError::NotAnEnvelope => {
                    PlanError::Unsupported("a body that is no SOAP envelope".to_owned())
                }
            })?);
        }
        AuthenticationType::AwsV2 | AuthenticationType::AwsV4 => {
            let Circumstances { now, streams, .. } = circumstances;
            aws::sign(authentication, configuration, now, streams, request)?;
        }
        AuthenticationType::Oauth1 => one::sign(configuration, &circumstances.moment(), request)?,
        kind if bears_token(kind) && request.header("Authorization").is_none() => {
            let missing = || PlanError::Unresolved(keys::TOKEN.to_owned());
            let token = value(configuration, keys::TOKEN).ok_or_else(missing)?;
            request.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        AuthenticationType::Basic
        | AuthenticationType::Oauth2
        | AuthenticationType::Oauth2Pkce
        | AuthenticationType::Oauth2ClientCredentials
        | AuthenticationType::Oauth2Password
        | AuthenticationType::JwtOauth
        | AuthenticationType::Custom
        | AuthenticationType::ApiKey
        | AuthenticationType::CustomApiKey
        | AuthenticationType::PersonalAccessToken
        | AuthenticationType::None => {}
    }
    Ok(())
}
