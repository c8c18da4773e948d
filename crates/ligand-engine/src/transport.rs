//! Sends a request once and takes its answer in within limits. Redirects are followed for reads, on the same host only.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use ligand_element::{Method, PlanError, VendorBody, VendorRequest};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{EgressRefused, Failure, Options, cause::behind, interpret::RawResponse, pace::now, stream::UploadBroken};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// A failed attempt.
pub(crate) struct Trouble {
    pub(crate) failure: Failure,
    pub(crate) reach: Reach,
}

/// How far a failed request got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The vendor has not seen it.
    NotSent,
    /// The vendor may have acted on it.
    Lost,
    /// The vendor answered, in a way that no repetition changes, or was not to be asked at all.
    Settled,
}

impl Trouble {
    fn settled(failure: impl Into<Failure>) -> Self {
        Self { failure: failure.into(), reach: Reach::Settled }
    }
}

/// An answer: taken in whole, or its head alone with the body still to come.
pub(crate) enum Answered {
    Whole(RawResponse),
    Streamed(RawResponse, reqwest::Response),
}

/// One attempt, and how its answer is taken in.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) client: &'a reqwest::Client,
    pub(crate) options: &'a Options,
    pub(crate) request: &'a VendorRequest,
    pub(crate) deadline: Instant,
    /// Whether the answer with this head is passed on as a stream.
    pub(crate) streams: &'a (dyn Fn(&RawResponse) -> bool + Sync),
}

impl Attempt<'_> {
    /// Sends the request; `upload` is its body in place of the planned one.
    pub(crate) async fn send(&self, upload: Option<reqwest::Body>) -> Result<Answered, Trouble> {
        let lost = |_| Trouble { failure: Failure::TimedOut, reach: Reach::Lost };
        timeout_at(self.deadline, self.follow(upload)).await.map_err(lost)?
    }

    async fn follow(&self, mut upload: Option<reqwest::Body>) -> Result<Answered, Trouble> {
        let mut url = self.request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let checked = self.options.egress.check_url(&url);
            checked.map_err(|EgressRefused| Trouble::settled(Failure::EgressRefused))?;
            let mut request = reqwest::Request::new(method(self.request.method), url);
            *request.headers_mut() = headers(self.request).map_err(Trouble::settled)?;
            *request.body_mut() = match (upload.take(), &self.request.body) {
                (None, VendorBody::Text(text)) => Some(text.clone().into()),
                (upload, _) => upload,
            };
            let response = self.client.execute(request).await.map_err(|error| trouble(&error))?;
            match redirect(self.request, &response).map_err(Trouble::settled)? {
                Some(next) => url = next,
                None => return self.take_in(response).await,
            }
        }
        Err(Trouble::settled(Failure::Malformed("it redirects too often".to_owned())))
    }

    async fn take_in(&self, response: reqwest::Response) -> Result<Answered, Trouble> {
        let head = head(&response);
        if (self.streams)(&head) { Ok(Answered::Streamed(head, response)) } else { self.read(head, response).await }
    }

    /// Reads the body up to the limit, counted after decompression, and no further.
    async fn read(&self, mut head: RawResponse, mut response: reqwest::Response) -> Result<Answered, Trouble> {
        let limit = self.options.max_response_bytes;
        let too_long = |length: u64| usize::try_from(length).is_ok_and(|length| length > limit);
        if response.content_length().is_some_and(too_long) {
            return Err(Trouble::settled(Failure::TooLarge));
        }
        head.body.reserve(response.content_length().and_then(|length| length.try_into().ok()).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| trouble(&error))? {
            if head.body.len() + chunk.len() > limit {
                return Err(Trouble::settled(Failure::TooLarge));
            }
            head.body.extend_from_slice(&chunk);
        }
        Ok(Answered::Whole(head))
    }
}

/// The failure of a file that is not passed on.
pub(crate) fn too_large() -> Failure {
    Failure::BeyondLimit("The file is larger than this server passes on".to_owned())
}

/// The time by which a call ends that begins now.
pub(crate) fn deadline(from_now: Duration) -> Instant {
    now() + from_now
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

fn head(response: &reqwest::Response) -> RawResponse {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
    RawResponse { status: response.status().as_u16(), headers: headers.collect(), body: Vec::new() }
}

/// Where the answer redirects to; `None` when it is no redirect or none that is followed.
fn redirect(request: &VendorRequest, response: &reqwest::Response) -> Result<Option<Url>, Failure> {
    if request.method != Method::Get || !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let from = response.url();
    let location = response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(next) = location.and_then(|location| from.join(location).ok()) else { return Ok(None) };
    let same_place = next.origin() == from.origin();
    let to_tls = from.scheme() == "http" && next.scheme() == "https" && from.port().is_none() && next.port().is_none();
    if same_place || (to_tls && from.host_str() == next.host_str()) {
        return Ok(Some(next));
    }
    Err(Failure::Malformed("it redirects to another host".to_owned()))
}

/// What a client's error means. Its text may show the URL, so it is not kept.
fn trouble(error: &reqwest::Error) -> Trouble {
    match UploadBroken::of(error) {
        Some(UploadBroken::TooLarge) => return Trouble::settled(too_large()),
        Some(UploadBroken::Lost) => {
            let told = "The file of the request body could not be read to its end";
            return Trouble::settled(PlanError::Invalid(told.to_owned()));
        }
        None => (),
    }
    if behind::<EgressRefused>(error).is_some() {
        return Trouble::settled(Failure::EgressRefused);
    }
    if let Some(failure) = behind(error).and_then(of_tls) {
        return Trouble::settled(failure);
    }
    let mut root: &(dyn std::error::Error + 'static) = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    if !root.is::<reqwest::Error>() {
        tracing::debug!(cause = %root, "a vendor call failed");
    }
    let lost = |failure| Trouble { failure, reach: Reach::Lost };
    match () {
        () if error.is_connect() => Trouble { failure: Failure::Unreachable, reach: Reach::NotSent },
        () if error.is_timeout() => lost(Failure::TimedOut),
        () if error.is_decode() || error.is_body() => lost(Failure::Malformed("its body cannot be read".to_owned())),
        () => lost(Failure::Unreachable),
    }
}

/// The failure that an error of TLS means, when a repetition does not change it.
fn of_tls(error: &rustls::Error) -> Option<Failure> {
    use rustls::{AlertDescription as Alert, CertificateError as Wrong, Error};
    let why = match error {
        Error::AlertReceived(
            alert @ (Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::AccessDenied),
        ) => {
            let told = format!("The vendor refuses the certificate of this connection, or wants one ({alert:?})");
            return Some(Failure::Rejected { status: 403, provider_message: Some(told), retry_after_seconds: None });
        }
        Error::AlertReceived(Alert::HandshakeFailure) => "refuses the TLS handshake; it may demand a certificate",
        Error::InvalidCertificate(Wrong::Expired | Wrong::ExpiredContext { .. }) => {
            "shows a certificate that has expired"
        }
        Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) => {
            "shows a certificate of another host"
        }
        Error::InvalidCertificate(Wrong::UnknownIssuer) => "shows a certificate that is not trusted",
        Error::InvalidCertificate(_) => "shows a certificate that is not valid",
        _ => return None,
    };
    Some(Failure::Insecure(why))
}
