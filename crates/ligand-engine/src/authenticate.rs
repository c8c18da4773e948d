//! Adds an instance's credentials to a planned request, as its element's authentication type says.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Configuration, Timestamp};
use ligand_element::{Element, PlanError, VendorBody, VendorRequest, authentication::AuthenticationType};

use crate::{aws, soap};

/// What decorating needs to know besides the credentials.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances {
    pub(crate) now: Timestamp,
    /// The body is sent piece by piece, beside the request.
    pub(crate) streams: bool,
}

/// Decorates the request, which is complete but for this. Types that parameters and hooks take care of change nothing.
pub(crate) fn authenticate(
    element: &Element,
    configuration: &Configuration,
    circumstances: Circumstances,
    request: &mut VendorRequest,
) -> Result<(), PlanError> {
    let authentication = element.authentication();
    let username = configuration.get(&authentication.username_key).unwrap_or_default();
    let password = configuration.get(&authentication.password_key).unwrap_or_default();
    match authentication.kind {
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
            let Circumstances { now, streams } = circumstances;
            aws::sign(authentication, configuration, now, streams, request)?;
        }
        AuthenticationType::Basic
        | AuthenticationType::Custom
        | AuthenticationType::ApiKey
        | AuthenticationType::CustomApiKey
        | AuthenticationType::PersonalAccessToken
        | AuthenticationType::None => {}
        // Better no call than one that silently lacks its credentials.
        AuthenticationType::Oauth1
        | AuthenticationType::Oauth2
        | AuthenticationType::Oauth2ClientCredentials
        | AuthenticationType::Oauth2Password
        | AuthenticationType::Oauth2Pkce
        | AuthenticationType::JwtOauth => {
            return Err(PlanError::Unsupported(format!("authentication of the type {}", authentication.kind.key())));
        }
    }
    Ok(())
}
