//! Signature version 4: the canonical request, the scope, and the header.

use ligand_element::{PlanError, VendorBody, VendorRequest};
use time::macros::format_description;

use super::{Signer, authority, digest, encode, hex, hmac, joined, pairs, set_header, sorted};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What stands for the hash of a body that is not signed.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const CONTENT_HASH: &str = "x-amz-content-sha256";

/// Headers that are not signed: they change on the way, or are added by who sends.
const UNSTABLE: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// For what a signature is valid.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl Scope<'_> {
    /// Storage names objects by paths that must not be normalised, and takes bodies that are not signed.
    fn is_storage(self) -> bool {
        matches!(self.service, "s3" | "s3-outposts" | "s3-object-lambda" | "s3express")
    }
}

/// Signs in the `Authorization` header.
pub(super) fn sign(
    signer: &Signer<'_>,
    scope: Scope<'_>,
    streams: bool,
    request: &mut VendorRequest,
) -> Result<(), PlanError> {
    let stamp = signer.moment.format(format_description!("[year][month][day]T[hour][minute][second]Z"));
    let stamp = stamp.unwrap_or_default();
    let day = stamp.get(..8).unwrap_or_default().to_owned();
    let hash = content_hash(request, scope, streams)?;
    if scope.is_storage() || request.header(CONTENT_HASH).is_some() {
        set_header(request, CONTENT_HASH, hash.clone());
    }
    set_header(request, "x-amz-date", stamp.clone());
    if let Some(session) = signer.session {
        set_header(request, "x-amz-security-token", session.to_owned());
    }
    // The query goes out as it is signed: what reads `+` as a plus and what reads it as a blank then agree.
    let query = canonical_query(request);
    let path = canonical_path(request.url.path(), scope);
    let (headers, names) = canonical_headers(request);
    let canonical = format!("{}\n{path}\n{query}\n{headers}\n{names}\n{hash}", request.method.key());
    let credential = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!("{ALGORITHM}\n{stamp}\n{credential}\n{}", digest(canonical.as_bytes()));
    let key = hmac(format!("AWS4{}", signer.secret).as_bytes(), &day);
    let key = [scope.region, scope.service, "aws4_request"].iter().fold(key, |key, part| hmac(&key, part));
    let signature = hex(&hmac(&key, &text));
    let value =
        format!("{ALGORITHM} Credential={}/{credential}, SignedHeaders={names}, Signature={signature}", signer.key);
    set_header(request, "Authorization", value);
    Ok(())
}

/// The hash of the body. A definition may state that a body is not signed.
fn content_hash(request: &VendorRequest, scope: Scope<'_>, streams: bool) -> Result<String, PlanError> {
    let unsigned = request.header(CONTENT_HASH).is_some_and(|stated| stated == UNSIGNED);
    match &request.body {
        _ if unsigned || (streams && scope.is_storage()) => Ok(UNSIGNED.to_owned()),
        _ if streams => Err(PlanError::Unsupported(format!(
            "a file for the service {}, which wants its hash first,",
            scope.service
        ))),
        VendorBody::Text(text) => Ok(digest(text.as_bytes())),
        VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => Ok(digest(b"")),
    }
}

/// Every segment encoded: of what storage decodes from the address, elsewhere of the address as it is written.
pub(super) fn canonical_path(path: &str, scope: Scope<'_>) -> String {
    if scope.is_storage() {
        let decoded = path.split('/').map(|segment| encode(&percent_decode(segment)));
        return decoded.collect::<Vec<_>>().join("/");
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let written: String = segments.iter().map(|segment| format!("/{}", encode(segment.as_bytes()))).collect();
    let ends = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    if written.is_empty() || ends { written + "/" } else { written }
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    decoded
}

/// The query as it is signed; the request gets it in the same writing.
fn canonical_query(request: &mut VendorRequest) -> String {
    let Some(query) = request.url.query().filter(|query| !query.is_empty()) else { return String::new() };
    let pairs = pairs(query);
    request.url.set_query(Some(&joined(&pairs)));
    joined(&sorted(pairs))
}

/// The signed headers, each with a line end, and their names.
fn canonical_headers(request: &VendorRequest) -> (String, String) {
    let mut headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .filter(|(name, _)| !UNSTABLE.contains(&name.as_str()) && name != "host")
        .collect();
    headers.push(("host".to_owned(), request.header("host").map_or_else(|| authority(&request.url), str::to_owned)));
    headers.sort();
    let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    (headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect(), names)
}
