//! Calls of customers' own servers: sent once, past the egress guard and through a gate of their endpoint, without
//! following redirects. Whoever calls decides when to try again.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::{
    EgressRefused, Engine, Failure,
    cause::behind,
    gate::{Closed, Pass},
    pace::now,
};

/// How much of an answer is read, in bytes.
const ANSWER_BYTES: usize = 16 << 10;

/// A request to a customer's server.
pub struct Callback {
    /// What shares the circuit: of one customer, and of one server.
    pub endpoint: String,
    /// Where to.
    pub url: Url,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How long it may take.
    pub timeout: Duration,
}

/// What a customer's server answered.
#[derive(Debug)]
pub struct CallbackAnswer {
    /// The status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackFailure {
    /// The endpoint did not answer again and again: it is not asked before this time has passed.
    #[error("the endpoint has not answered repeatedly and is not asked for now")]
    Suspended(Duration),
    /// The address lies in a network that may not be called.
    #[error("the address is not allowed: it is in a private or reserved network")]
    Refused,
    /// The request cannot be made.
    #[error("the request cannot be made: {0}")]
    Impossible(&'static str),
    /// No connection.
    #[error("the server could not be reached")]
    Unreachable,
    /// No secure connection.
    #[error("no secure connection could be made")]
    Insecure,
    /// No answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The connection broke, or what came is not HTTP.
    #[error("the server gave no proper answer")]
    Malformed,
}

impl Engine {
    /// Sends a callback.
    ///
    /// # Errors
    /// When there is no answer, whatever it may be.
    pub async fn call_back(&self, callback: Callback) -> Result<CallbackAnswer, CallbackFailure> {
        let Callback { endpoint, url, headers, body, timeout } = callback;
        self.egress().check_url(&url).map_err(|EgressRefused| CallbackFailure::Refused)?;
        let mut request = reqwest::Request::new(http::Method::POST, url);
        *request.headers_mut() = header_map(&headers)?;
        *request.body_mut() = Some(body.into());
        let client = self.client().map_err(|_: Failure| CallbackFailure::Unreachable)?;
        let pass = self.callback_gate(endpoint).enter(now()).await.map_err(|closed| match closed {
            Closed::Throttled(wait) | Closed::Failing(wait) => CallbackFailure::Suspended(wait),
        })?;
        let exchange = async {
            let mut response = client.execute(request).await.map_err(|error| meaning(&error))?;
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
            let (status, mut body) = (response.status().as_u16(), Vec::new());
            while let Some(piece) = response.chunk().await.map_err(|error| meaning(&error))? {
                let room = ANSWER_BYTES - body.len();
                body.extend_from_slice(&piece[..piece.len().min(room)]);
                if body.len() == ANSWER_BYTES {
                    break;
                }
            }
            Ok(CallbackAnswer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
        };
        let answered = tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(CallbackFailure::TimedOut));
        judge(&pass, &answered);
        answered
    }
}

/// Only what keeps callers waiting counts against an endpoint; one that refuses costs nothing.
fn judge(pass: &Pass, answered: &Result<CallbackAnswer, CallbackFailure>) {
    match answered {
        Err(CallbackFailure::TimedOut | CallbackFailure::Unreachable) => pass.failed(),
        _ => pass.succeeded(),
    }
}

/// The headers; all of them count as sensitive, so that no library writes them to a log.
fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, CallbackFailure> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let bad = |_| CallbackFailure::Impossible("a header is not valid");
        let name =
            HeaderName::try_from(name.as_str()).map_err(|_| CallbackFailure::Impossible("a header is not valid"))?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(bad)?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}

/// What a client's error means. Its text may show the address, so it is not kept.
fn meaning(error: &reqwest::Error) -> CallbackFailure {
    match () {
        () if behind::<EgressRefused>(error).is_some() => CallbackFailure::Refused,
        () if behind::<rustls::Error>(error).is_some() => CallbackFailure::Insecure,
        () if error.is_timeout() => CallbackFailure::TimedOut,
        () if error.is_connect() => CallbackFailure::Unreachable,
        () => CallbackFailure::Malformed,
    }
}
