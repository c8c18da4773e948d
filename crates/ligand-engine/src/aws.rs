//! Amazon's signatures, versions 2 and 4: what is signed, with which key, and where the signature goes. Pure.

#[cfg(test)]
mod tests;
mod v2;
mod v4;

use hmac::{Hmac, KeyInit as _, Mac as _};
use ligand_domain::{Configuration, Timestamp};
use ligand_element::{Authentication, PlanError, VendorBody, VendorRequest, authentication::AuthenticationType};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use url::{Url, form_urlencoded};

/// The configuration keys of the credentials.
const KEY: &str = "aws.api.key";
const SECRET: &str = "aws.api.secret";
const SESSION: &str = "aws.session.token";
const REGION: &str = "aws.region";
const SERVICE: &str = "aws.service";

/// Who signs, for what.
struct Signer<'a> {
    key: &'a str,
    secret: &'a str,
    session: Option<&'a str>,
    moment: OffsetDateTime,
}

/// Signs a request that is complete but for its signature. `streams` says that its body is sent piece by piece, and so
/// cannot be part of what is signed.
pub(crate) fn sign(
    authentication: &Authentication,
    configuration: &Configuration,
    now: Timestamp,
    streams: bool,
    request: &mut VendorRequest,
) -> Result<(), PlanError> {
    let value = |key: &str| configuration.get(key).map(str::trim).filter(|value| !value.is_empty());
    let needed = |key: &str| value(key).ok_or_else(|| PlanError::Invalid(format!("{key} has no value")));
    let moment = OffsetDateTime::from_unix_timestamp(now.as_millis().div_euclid(1000));
    let signer = Signer {
        key: needed(KEY)?,
        secret: needed(SECRET)?,
        session: value(SESSION),
        moment: moment.unwrap_or(OffsetDateTime::UNIX_EPOCH),
    };
    for (key, text) in [(KEY, Some(signer.key)), (SESSION, signer.session)] {
        if text.is_some_and(|text| !text.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(PlanError::BadValue(key.to_owned()));
        }
    }
    let host = request.url.host_str().unwrap_or_default().to_ascii_lowercase();
    let told = Place::of(&host);
    let service = authentication.service.as_deref().or_else(|| value(SERVICE)).or(told.service);
    if authentication.kind == AuthenticationType::AwsV2 {
        return match service {
            Some("s3") => v2::sign_storage(&signer, request),
            _ => v2::sign_query(&signer, request),
        };
    }
    let service = service.ok_or_else(|| {
        PlanError::Invalid(format!("{SERVICE} has no value, and the address does not tell the service"))
    })?;
    let region = value(REGION).or(told.region).unwrap_or("us-east-1");
    for (key, text) in [(SERVICE, service), (REGION, region)] {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            return Err(PlanError::BadValue(key.to_owned()));
        }
    }
    v4::sign(&signer, v4::Scope { region, service }, streams, request)
}

/// What a host name of Amazon's tells.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    service: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(host: &'a str) -> Self {
        let nothing = Self { service: None, region: None };
        let suffix = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].into_iter().find(|end| host.ends_with(end));
        if let Some(rest) = host.strip_suffix(".on.aws") {
            let region = rest.rsplit('.').next().filter(|label| is_region(label));
            return Self { service: rest.contains(".lambda-url.").then_some("lambda"), region };
        }
        let Some(rest) = suffix.and_then(|suffix| host.strip_suffix(suffix)) else { return nothing };
        let labels: Vec<&str> = rest.split('.').collect();
        let region_at = labels.iter().rposition(|label| is_region(label));
        let service = match region_at {
            // Some services stand behind their region, most before it.
            Some(at) if at + 1 < labels.len() => labels.last(),
            Some(at) => labels[..at].iter().rev().find(|label| **label != "dualstack"),
            None => labels.last(),
        };
        let region = region_at.map(|at| labels[at]);
        match service.copied() {
            Some(old) if old.starts_with("s3-") => {
                let inner = old.trim_start_matches("s3-");
                Self { service: Some("s3"), region: region.or(is_region(inner).then_some(inner)) }
            }
            service => Self { service: service.map(signing_name), region },
        }
    }
}

/// The name under which a service of this host name signs, where it is another.
fn signing_name(label: &str) -> &str {
    match label {
        "email" | "email-smtp" => "ses",
        "queue" => "sqs",
        "bedrock-runtime" | "bedrock-agent" | "bedrock-agent-runtime" => "bedrock",
        "pinpoint" => "mobiletargeting",
        label => label,
    }
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let [area, directions @ .., number] = parts.as_slice() else { return false };
    area.len() == 2
        && !directions.is_empty()
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|each| each.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|each| each.is_ascii_digit())
}

/// The host as the `Host` header names it.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Everything but letters, digits and `-._~` percent-encoded, in the way that is signed.
fn encode(text: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Names and values of a query or form, encoded in the way that is signed, in their order.
fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (encode(name.as_bytes()), encode(value.as_bytes())))
        .collect()
}

/// Writes pairs behind each other.
fn joined(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Sorts encoded pairs as both versions want it.
fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

fn set_header(request: &mut VendorRequest, name: &str, value: String) {
    request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    request.headers.push((name.to_owned(), value));
}

fn is_form(request: &VendorRequest) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") && matches!(request.body, VendorBody::Text(_))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn digest(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
