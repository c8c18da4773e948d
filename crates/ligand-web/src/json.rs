//! JSON in and out: the body of a request, checked and bounded; the body of an answer.

use std::time::Duration;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ligand_domain::{Error, ErrorKind};
use serde_json::{Map, Value};

/// The content type of every JSON answer.
pub(crate) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
/// Items in the body of a list.
pub(crate) const RETURNED_COUNT: HeaderName = HeaderName::from_static("elements-returned-count");
/// Items in all.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("elements-total-count");
/// How to ask for the next page.
pub(crate) const NEXT_PAGE_TOKEN: HeaderName = HeaderName::from_static("elements-next-page-token");
/// What of the request was not done as asked, with a success.
pub(crate) const WARNING: HeaderName = HeaderName::from_static("elements-error");
/// Where the recorded conversation with a vendor is found.
pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("elements-trace-id");

/// Which instance a hub call used.
pub(crate) const INSTANCE_ID: HeaderName = HeaderName::from_static("elements-element-instance-id");

/// An answer with this JSON.
pub(crate) fn answer(value: &Value) -> Response {
    written(Bytes::from(serde_json::to_vec(value).expect("a JSON value can be written")))
}

/// An answer with JSON that is written out already.
pub(crate) fn written(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
    response
}

/// An answer with a list and its count.
pub(crate) fn list(items: Vec<Value>) -> Response {
    let count = items.len();
    counted(answer(&Value::Array(items)), count)
}

/// An answer with a list that is written out already, and its count.
pub(crate) fn written_list(body: Bytes, count: usize) -> Response {
    counted(written(body), count)
}

fn counted(mut response: Response, count: usize) -> Response {
    response.headers_mut().insert(RETURNED_COUNT, HeaderValue::from(count));
    response
}

/// An answer with one page of a list.
pub(crate) fn page(items: Vec<Value>, total: i64, next_page: Option<&str>) -> Response {
    let mut response = part(items, next_page);
    response.headers_mut().insert(TOTAL_COUNT, HeaderValue::from(total));
    response
}

/// An answer with one page of a list of which nobody counts how long it is.
pub(crate) fn part(items: Vec<Value>, next_page: Option<&str>) -> Response {
    let mut response = list(items);
    if let Some(token) = next_page.and_then(|token| HeaderValue::from_str(token).ok()) {
        response.headers_mut().insert(NEXT_PAGE_TOKEN, token);
    }
    response
}

/// An answer without a body.
pub(crate) fn empty() -> Response {
    Response::new(Body::empty())
}

/// Whether the caller takes JSON.
///
/// # Errors
/// Not acceptable when its `Accept` rules JSON out.
pub(crate) fn accepts_json(headers: &HeaderMap) -> Result<(), Error> {
    accepts(headers, "application/json", &|kind| {
        matches!(kind, "*/*" | "*" | "application/*" | "application/json" | "text/json")
            || (kind.starts_with("application/") && kind.ends_with("+json"))
    })
}

/// Whether the caller takes CSV.
///
/// # Errors
/// Not acceptable when its `Accept` rules CSV out.
pub(crate) fn accepts_csv(headers: &HeaderMap) -> Result<(), Error> {
    accepts(headers, "text/csv", &|kind| matches!(kind, "*/*" | "*" | "text/*" | "text/csv"))
}

fn accepts(headers: &HeaderMap, what: &str, is_it: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    let mut ranges = headers.get_all(header::ACCEPT).iter().peekable();
    if ranges.peek().is_none() {
        return Ok(());
    }
    let texts = ranges.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut blank = true;
    for range in texts.map(str::trim).filter(|range| !range.is_empty()) {
        blank = false;
        if allows(range, is_it) {
            return Ok(());
        }
    }
    if blank { Ok(()) } else { Err(not_acceptable(what)) }
}

fn allows(range: &str, is_it: &dyn Fn(&str) -> bool) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|parameter| {
        let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        value.and_then(|value| value.trim().parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
    });
    is_it(&kind) && !refused
}

fn not_acceptable(what: &str) -> Error {
    let message = format!("This resource is available as {what} only, which the Accept header rules out");
    Error::new(ErrorKind::NotAcceptable, "not-acceptable", message)
}

/// Whether a body is said to be JSON, or is not said to be anything.
///
/// # Errors
/// Unsupported media type otherwise.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), Error> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or("?").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        return Ok(());
    }
    let message = "The Content-Type of this request must be application/json";
    Err(Error::new(ErrorKind::UnsupportedMediaType, "media-type-unsupported", message))
}

/// Reads a body into memory.
///
/// # Errors
/// Too large beyond the limit, too slow beyond the time, invalid when the client breaks off.
pub(crate) async fn collect(body: Body, limit: usize, within: Duration) -> Result<Bytes, Error> {
    let too_large =
        || Error::new(ErrorKind::TooLarge, "body-too-large", format!("The request body is larger than {limit} bytes"));
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let collected = tokio::time::timeout(within, Limited::new(body, limit).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(broken)) if broken.downcast_ref::<LengthLimitError>().is_some() => Err(too_large()),
        Ok(Err(broken)) => Err(Error::invalid("body-broken", "The request body could not be read").with_source(broken)),
        Err(_) => Err(Error::new(ErrorKind::TooSlow, "body-too-slow", "The request body took too long to arrive")),
    }
}

/// How much of a body that nobody asked for is read away, in bytes.
const DISCARDED: usize = 1 << 20;

/// Reads a body that is not used, as far as it is small: a connection whose request was not read to its end is closed
/// with the answer, and a client that is still sending might then not see the answer.
pub(crate) async fn discard(body: Body, within: Duration) {
    if body.is_end_stream() {
        return;
    }
    let mut body = Limited::new(body, DISCARDED);
    let read_away = async { while let Some(Ok(_)) = body.frame().await {} };
    if tokio::time::timeout(within, read_away).await.is_err() {
        tracing::debug!("a body that is not used did not arrive in time");
    }
}

/// The JSON object that a body is.
///
/// # Errors
/// Invalid for anything else, saying where the text stops being JSON.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    let invalid = |why: String| Error::invalid("json-invalid", format!("Invalid JSON body: {why}"));
    if is_blank(body) {
        return Err(invalid("the body is empty".to_owned()));
    }
    match value(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(invalid("an object is required".to_owned())),
    }
}

/// Whether there is nothing in a body.
pub(crate) fn is_blank(body: &[u8]) -> bool {
    body.iter().all(u8::is_ascii_whitespace)
}

/// The JSON that a body is.
///
/// # Errors
/// Invalid, saying where the text stops being JSON.
pub(crate) fn value(body: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(body).map_err(|broken| {
        let place = format!("{} at line {} column {}", category(&broken), broken.line(), broken.column());
        Error::invalid("json-invalid", format!("Invalid JSON body: {place}"))
    })
}

fn category(broken: &serde_json::Error) -> &'static str {
    if broken.to_string().starts_with("recursion limit") {
        return "nested too deeply";
    }
    match broken.classify() {
        serde_json::error::Category::Eof => "the text ends early",
        _ => "syntax error",
    }
}
