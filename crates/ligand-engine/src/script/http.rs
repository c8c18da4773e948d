//! HTTP for scripts: what they ask for, and who answers. The caller guards where requests may go.

use std::{future::Future, pin::Pin};

/// A script's request.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Whose script it is.
    pub tenant: u64,
    /// The method, in upper case.
    pub method: String,
    /// The URL as the script gave it, unchecked.
    pub url: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
}

/// What comes back. Any status is an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

/// A response on its way, or the text of the error that the script gets.
pub type HttpAnswering = Pin<Box<dyn Future<Output = Result<HttpResponse, String>> + Send>>;

/// Sends the requests of scripts. Limits what answers may bring; the script's deadline ends what takes too long.
pub trait HttpCaller: Send + Sync + 'static {
    /// Starts a request.
    fn call(&self, request: HttpRequest) -> HttpAnswering;
}
