//! The only place where an error meets a status code and becomes a body.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use ligand_domain::{Error, ErrorKind, RequestId};
use serde_json::json as object;

use crate::json;

/// An error on its way out of a handler. The edge writes the body, because it knows the request id.
#[derive(Debug)]
pub(crate) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The error of a response whose body is still to be written.
#[derive(Clone)]
pub(crate) struct Pending(std::sync::Arc<Error>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status_of(self.0.kind);
        if let Some(seconds) = self.0.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(value) = self.0.trace_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            response.headers_mut().insert(json::TRACE_ID, value);
        }
        response.extensions_mut().insert(Pending::from(self.0));
        response
    }
}

/// What a request is refused with that the HTTP library could not read, by the status that it chose.
pub(crate) fn of_unreadable(status: &str) -> Option<Error> {
    let (code, message) = match StatusCode::from_bytes(status.as_bytes()).ok()? {
        StatusCode::BAD_REQUEST => ("request-unreadable", "The request is not valid HTTP"),
        StatusCode::URI_TOO_LONG => ("target-too-long", "The request's path and query are too long"),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ("headers-too-large", "The request's headers are too large"),
        _ => return None,
    };
    Some(Error::invalid(code, message))
}

pub(crate) fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorKind::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        ErrorKind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::Vendor => StatusCode::BAD_GATEWAY,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<Error> for Pending {
    fn from(error: Error) -> Self {
        Self(std::sync::Arc::new(error))
    }
}

impl Pending {
    /// The error of this response, if it has one that is still to be written.
    pub(crate) fn take(response: &mut Response) -> Option<Self> {
        response.extensions_mut().remove::<Self>()
    }

    /// The body that the caller sees.
    pub(crate) fn body(&self, request_id: RequestId) -> Bytes {
        let mut body = object!({ "requestId": request_id.as_str(), "message": self.0.message });
        if let Some(provider_message) = &self.0.provider_message {
            body["providerMessage"] = object!(provider_message);
        }
        Bytes::from(body.to_string())
    }

    /// Writes what happened to the log; the cause of a server-side failure is found only there.
    pub(crate) fn log(&self, request_id: RequestId, status: StatusCode) {
        let error = &*self.0;
        let cause = causes(error);
        if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) {
            tracing::error!(%request_id, status = status.as_u16(), code = error.code, cause, "request failed");
        } else if error.kind == ErrorKind::Vendor {
            tracing::warn!(%request_id, status = status.as_u16(), code = error.code, cause, "vendor failed");
        } else {
            tracing::debug!(%request_id, status = status.as_u16(), code = error.code, "request refused");
        }
    }
}

fn causes(error: &Error) -> String {
    let mut texts = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    texts.join(": ")
}
