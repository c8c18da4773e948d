//! Verifies Amazon's signatures as its services do: what was signed is built again out of the request as it arrived.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime, macros::format_description};

use super::{ACCESS_KEY, REGION, SECRET_KEY};
use crate::call::Call;

/// How far the caller's clock may be off.
const SKEW: Duration = Duration::minutes(15);

/// Why a request is refused: the code and what it means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str, pub(super) &'static str);

const MISMATCH: Refused = Refused("SignatureDoesNotMatch", "The signature does not match the request.");
const INCOMPLETE: Refused = Refused("IncompleteSignature", "The request is not signed, or not completely.");
const UNKNOWN_KEY: Refused = Refused("InvalidAccessKeyId", "There is no such access key.");
const SKEWED: Refused = Refused("RequestTimeTooSkewed", "The time of the request is too far from that of the service.");

/// The storage door takes version 4, and version 2 in a header.
pub(super) fn storage(call: &Call, now: OffsetDateTime) -> Result<(), Refused> {
    match header(call, "authorization") {
        Some(value) if value.starts_with("AWS ") => version_2_header(call, now, value),
        _ => version_4(call, now, "s3"),
    }
}

/// Version 4.
pub(super) fn version_4(call: &Call, now: OffsetDateTime, service: &str) -> Result<(), Refused> {
    let authorization = header(call, "authorization").ok_or(INCOMPLETE)?;
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or(INCOMPLETE)?;
    let field = |name: &str| {
        let mut all = fields.split(',').filter_map(|field| field.trim().split_once('='));
        all.find(|(key, _)| *key == name).map(|(_, value)| value).ok_or(INCOMPLETE)
    };
    let (credential, signed, signature) = (field("Credential")?, field("SignedHeaders")?, field("Signature")?);
    let (key, scope) = credential.split_once('/').ok_or(INCOMPLETE)?;
    if key != ACCESS_KEY {
        return Err(UNKNOWN_KEY);
    }
    let stamp = header(call, "x-amz-date").ok_or(INCOMPLETE)?;
    demand_recent(
        PrimitiveDateTime::parse(stamp, format_description!("[year][month][day]T[hour][minute][second]Z")),
        now,
    )?;
    let day = stamp.get(..8).ok_or(INCOMPLETE)?;
    if scope != format!("{day}/{REGION}/{service}/aws4_request") {
        return Err(Refused("AuthorizationHeaderMalformed", "The scope of the credential is not of this service."));
    }
    let names: Vec<&str> = signed.split(';').collect();
    let must = call.headers.keys().map(http::HeaderName::as_str);
    let must = must.filter(|name| name.starts_with("x-amz-") || matches!(*name, "host" | "content-type"));
    if must.into_iter().any(|name| !names.contains(&name)) || !names.is_sorted() {
        return Err(Refused("AccessDenied", "There are headers that are not signed."));
    }
    let sum = hexadecimal(&Sha256::digest(&call.body));
    let stated = header(call, "x-amz-content-sha256");
    let payload = match stated {
        Some("UNSIGNED-PAYLOAD") if service == "s3" => "UNSIGNED-PAYLOAD",
        Some(stated) if stated == sum => stated,
        Some(_) => return Err(Refused("XAmzContentSHA256Mismatch", "The hash is not that of the body.")),
        None if service == "s3" => return Err(Refused("MissingSecurityHeader", "x-amz-content-sha256 is missing.")),
        None => &sum,
    };
    let mut canonical =
        vec![call.method.as_str().to_owned(), uri(&call.raw_path, service), parameters(&call.raw_query)];
    for name in &names {
        let value = header(call, name).ok_or(MISMATCH)?;
        let value: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
        canonical.push(format!("{name}:{}", value.join(" ")));
    }
    canonical.extend([String::new(), signed.to_owned(), payload.to_owned()]);
    let sum = hexadecimal(&Sha256::digest(canonical.join("\n")));
    let text = ["AWS4-HMAC-SHA256", stamp, scope, &sum].join("\n");
    let mut key = format!("AWS4{SECRET_KEY}").into_bytes();
    for part in scope.split('/') {
        key = sha256_mac(&key, part).finalize().into_bytes().to_vec();
    }
    let bytes = unhexadecimal(signature).ok_or(MISMATCH)?;
    sha256_mac(&key, &text).verify_slice(&bytes).map_err(|_| MISMATCH)
}

/// The path, encoded anew: of storage what it means, of other services how it is written.
fn uri(raw: &str, service: &str) -> String {
    if service != "s3" {
        return raw.split('/').map(|segment| escape(segment.as_bytes())).collect::<Vec<_>>().join("/");
    }
    let meant = |segment: &str| {
        let plain = segment.replace('+', "%2B");
        let pair = format!("x={plain}");
        let value = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
        escape(value.unwrap_or_default().as_bytes())
    };
    raw.split('/').map(meant).collect::<Vec<_>>().join("/")
}

/// The query as Amazon reads it: a plus is a plus.
fn parameters(raw: &str) -> String {
    let mut all: Vec<(String, String)> = raw
        .replace('+', "%2B")
        .split('&')
        .filter(|pair| !pair.is_empty())
        .flat_map(|pair| url::form_urlencoded::parse(pair.as_bytes()).into_owned().collect::<Vec<_>>())
        .map(|(name, value)| (escape(name.as_bytes()), escape(value.as_bytes())))
        .collect();
    all.sort();
    all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Version 2 of query APIs: the parameters, which include the signature.
pub(super) fn query(call: &Call, now: OffsetDateTime) -> Result<Vec<(String, String)>, Refused> {
    let posted = std::str::from_utf8(&call.body).unwrap_or_default();
    let raw = if call.method == http::Method::POST { posted } else { &call.raw_query };
    let mut all: Vec<(String, String)> =
        url::form_urlencoded::parse(raw.replace('+', "%2B").as_bytes()).into_owned().collect();
    let at = all.iter().position(|(name, _)| name == "Signature").ok_or(INCOMPLETE)?;
    let (_, signature) = all.remove(at);
    let get = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if (get("SignatureVersion"), get("SignatureMethod")) != (Some("2"), Some("HmacSHA256")) {
        return Err(INCOMPLETE);
    }
    if get("AWSAccessKeyId") != Some(ACCESS_KEY) {
        return Err(UNKNOWN_KEY);
    }
    let stamp = get("Timestamp").ok_or(INCOMPLETE)?;
    demand_recent(
        PrimitiveDateTime::parse(stamp, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")),
        now,
    )?;
    let mut pairs: Vec<String> =
        all.iter().map(|(name, value)| format!("{}={}", escape(name.as_bytes()), escape(value.as_bytes()))).collect();
    pairs.sort();
    let host = header(call, "host").unwrap_or_default().to_lowercase();
    let text = format!("{}\n{host}\n{}\n{}", call.method, call.raw_path, pairs.join("&"));
    let bytes = STANDARD.decode(signature).map_err(|_| MISMATCH)?;
    sha256_mac(SECRET_KEY.as_bytes(), &text).verify_slice(&bytes).map_err(|_| MISMATCH)?;
    Ok(all)
}

/// Version 2 of storage.
fn version_2_header(call: &Call, now: OffsetDateTime, authorization: &str) -> Result<(), Refused> {
    let (key, signature) = authorization.trim_start_matches("AWS ").split_once(':').ok_or(INCOMPLETE)?;
    if key != ACCESS_KEY {
        return Err(UNKNOWN_KEY);
    }
    let value = |name: &str| header(call, name).unwrap_or_default();
    let date = value("date");
    let moment = OffsetDateTime::parse(date, &time::format_description::well_known::Rfc2822).map_err(|_| INCOMPLETE)?;
    if (now - moment).abs() > SKEW {
        return Err(SKEWED);
    }
    let mut own: Vec<String> = call
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-amz-"))
        .map(|(name, value)| format!("{name}:{}\n", value.to_str().unwrap_or_default()))
        .collect();
    own.sort();
    let (md5, kind, path) = (value("content-md5"), value("content-type"), &call.raw_path);
    let text = format!("{}\n{md5}\n{kind}\n{date}\n{}{path}", call.method, own.concat());
    let bytes = STANDARD.decode(signature).map_err(|_| MISMATCH)?;
    let mac = Hmac::<Sha1>::new_from_slice(SECRET_KEY.as_bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(text).verify_slice(&bytes).map_err(|_| MISMATCH)
}

fn demand_recent(stamp: Result<PrimitiveDateTime, time::error::Parse>, now: OffsetDateTime) -> Result<(), Refused> {
    let moment = stamp.map_err(|_| INCOMPLETE)?.assume_utc();
    if (now - moment).abs() > SKEW { Err(SKEWED) } else { Ok(()) }
}

fn header<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    call.headers.get(name).and_then(|value| value.to_str().ok())
}

fn sha256_mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length").chain_update(text)
}

fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(*byte)),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhexadecimal(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
