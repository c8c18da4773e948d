//! Cross-origin rules: what a browser page of another site may read.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, header};

/// The exact list that clients compare.
const EXPOSED: &str = "Elements-Returned-Count, Elements-Total-Count, Elements-Request-Id, Elements-Next-Page-Token, \
                       Elements-Trace-Id, Elements-Error, Content-Disposition";
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";

/// Adds the headers that a request with an `Origin` gets.
pub(crate) fn decorate(origin: &HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
}

/// The answer to `OPTIONS` on any path.
pub(crate) fn preflight(request: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
