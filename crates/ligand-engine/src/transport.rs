//! Sends a request and reads its answer within limits. Redirects are followed for reads, on the same host only.

use http::{HeaderMap, HeaderName, HeaderValue};
use ligand_element::{Method, PlanError, VendorBody, VendorRequest};
use url::Url;

use crate::{EgressRefused, Failure, Options, interpret::RawResponse};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// Sends the request; the caller sets the deadline.
pub(crate) async fn send(
    client: &reqwest::Client,
    options: &Options,
    request: &VendorRequest,
) -> Result<RawResponse, Failure> {
    let headers = headers(request)?;
    let mut url = request.url.clone();
    for _ in 0..=MAX_REDIRECTS {
        options.egress.check_url(&url).map_err(|EgressRefused| Failure::EgressRefused)?;
        let mut builder = client.request(method(request.method), url.clone()).headers(headers.clone());
        if let VendorBody::Text(text) = &request.body {
            builder = builder.body(text.clone());
        }
        let response = builder.send().await.map_err(|error| failure(&error))?;
        match redirect(request, &url, &response)? {
            Some(next) => url = next,
            None => return read(response, options.max_response_bytes).await,
        }
    }
    Err(Failure::Malformed("it redirects too often".to_owned()))
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

/// The headers; all of them count as sensitive, so that no library writes them to a log.
fn headers(request: &VendorRequest) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let bad = || Failure::Plan(PlanError::BadValue(name.clone()));
        let key = HeaderName::try_from(name.as_str()).map_err(|_| bad())?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// Where the answer redirects to; `None` when it is no redirect or none that is followed.
fn redirect(request: &VendorRequest, from: &Url, response: &reqwest::Response) -> Result<Option<Url>, Failure> {
    if request.method != Method::Get || !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(next) = location.and_then(|location| from.join(location).ok()) else { return Ok(None) };
    let same_place = next.origin() == from.origin();
    let to_tls = from.scheme() == "http" && next.scheme() == "https" && from.port().is_none() && next.port().is_none();
    if same_place || (to_tls && from.host_str() == next.host_str()) {
        return Ok(Some(next));
    }
    Err(Failure::Malformed("it redirects to another host".to_owned()))
}

/// Reads the body up to the limit, counted after decompression, and no further.
async fn read(mut response: reqwest::Response, limit: usize) -> Result<RawResponse, Failure> {
    let too_long = |length: u64| usize::try_from(length).is_ok_and(|length| length > limit);
    if response.content_length().is_some_and(too_long) {
        return Err(Failure::TooLarge);
    }
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let headers = headers.collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(RawResponse { status, headers, body })
}

/// What a client's error means. Its text may show the URL, so it is not kept.
fn failure(error: &reqwest::Error) -> Failure {
    let mut root: &(dyn std::error::Error + 'static) = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    if root.is::<EgressRefused>() {
        return Failure::EgressRefused;
    }
    if !root.is::<reqwest::Error>() {
        tracing::debug!(cause = %root, "a vendor call failed");
    }
    match () {
        () if error.is_connect() => Failure::Unreachable,
        () if error.is_timeout() => Failure::TimedOut,
        () if error.is_decode() || error.is_body() => Failure::Malformed("its body cannot be read".to_owned()),
        () => Failure::Unreachable,
    }
}
