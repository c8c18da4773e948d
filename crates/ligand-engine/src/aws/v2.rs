//! Signature version 2: of query APIs, whose parameters are signed, and of storage, whose header is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ligand_element::{PlanError, VendorBody, VendorRequest};
use sha1::Sha1;
use time::macros::format_description;

use super::{Signer, authority, encode, hmac, is_form, joined, pairs, set_header, sorted};

/// Query parameters of storage that name a part of an object, and are signed.
const PARTS: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Adds the signature to the parameters: of the form that is posted, else of the query.
pub(super) fn sign_query(signer: &Signer<'_>, request: &mut VendorRequest) -> Result<(), PlanError> {
    let stamp = signer.moment.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
    let mut added = vec![
        ("AWSAccessKeyId", signer.key.to_owned()),
        ("SignatureMethod", "HmacSHA256".to_owned()),
        ("SignatureVersion", "2".to_owned()),
        ("Timestamp", stamp.unwrap_or_default()),
    ];
    added.extend(signer.session.map(|session| ("SecurityToken", session.to_owned())));
    let form = match &request.body {
        VendorBody::Text(text) if is_form(request) => Some(text.as_str()),
        _ => None,
    };
    let query = request.url.query().unwrap_or_default();
    if form.is_some() && !query.is_empty() {
        return Err(PlanError::Unsupported("a form beside query parameters in signature version 2".to_owned()));
    }
    let mut all = pairs(form.unwrap_or(query));
    all.retain(|(name, _)| name != "Signature" && !added.iter().any(|(own, _)| own == name));
    all.extend(added.iter().map(|(name, value)| ((*name).to_owned(), encode(value.as_bytes()))));
    let host = request.header("host").map_or_else(|| authority(&request.url), str::to_owned).to_ascii_lowercase();
    let path = request.url.path();
    let signature = signature(signer.secret, request.method.key(), &host, path, &all);
    all.push(("Signature".to_owned(), encode(signature.as_bytes())));
    if form.is_some() {
        request.body = VendorBody::Text(joined(&all));
    } else {
        request.url.set_query(Some(&joined(&all)));
    }
    Ok(())
}

/// The signature over encoded parameters.
pub(super) fn signature(secret: &str, method: &str, host: &str, path: &str, pairs: &[(String, String)]) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let text = format!("{method}\n{host}\n{path}\n{}", joined(&sorted(pairs.to_vec())));
    STANDARD.encode(hmac(secret.as_bytes(), &text))
}

/// Signs in the `Authorization` header.
pub(super) fn sign_storage(signer: &Signer<'_>, request: &mut VendorRequest) -> Result<(), PlanError> {
    if let Some(session) = signer.session {
        set_header(request, "x-amz-security-token", session.to_owned());
    }
    if request.header("x-amz-date").is_none() {
        let form =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] +0000");
        set_header(request, "Date", signer.moment.format(form).unwrap_or_default());
    }
    let text = storage_text(request);
    let mut mac = Hmac::<Sha1>::new_from_slice(signer.secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    set_header(request, "Authorization", format!("AWS {}:{signature}", signer.key));
    Ok(())
}

fn storage_text(request: &VendorRequest) -> String {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let date = if request.header("x-amz-date").is_some() { "" } else { header("date") };
    let mut own: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .filter(|(name, _)| name.starts_with("x-amz-"))
        .collect();
    own.sort();
    let own: String = own.into_iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let (md5, kind) = (header("content-md5"), header("content-type"));
    format!("{}\n{md5}\n{kind}\n{date}\n{own}{}", request.method.key(), resource(request))
}

/// The bucket, the path as it is written, and the parameters that name a part.
fn resource(request: &VendorRequest) -> String {
    let host = request.url.host_str().unwrap_or_default();
    let bucket = host.strip_suffix(".amazonaws.com").and_then(|rest| {
        let at = rest.rfind(".s3")?;
        let after = &rest[at + ".s3".len()..];
        (after.is_empty() || after.starts_with(['.', '-'])).then(|| &rest[..at])
    });
    let bucket = bucket.map(|bucket| format!("/{bucket}")).unwrap_or_default();
    let mut parts: Vec<String> = request
        .url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| PARTS.contains(&pair.split('=').next().unwrap_or_default()))
        .map(|pair| match url::form_urlencoded::parse(pair.as_bytes()).next() {
            Some((name, value)) if pair.contains('=') => format!("{name}={value}"),
            _ => pair.to_owned(),
        })
        .collect();
    parts.sort();
    let parts = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
    format!("{bucket}{}{parts}", request.url.path())
}
