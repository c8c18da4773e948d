//! Faults that can be switched on for one vendor, and the answers they give. Which fault is on is
//! kept here; the HTTP interface of the switches is in `control`.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::call::{Call, empty, reply};
use crate::vendor::{COUNT, Vendor};
use crate::world::lock;
use crate::{actpremium, fernhill, infobip, oraclesalescloud, servicecloud, stonecrop};

#[cfg(test)]
mod tests;

/// Size at which the body of [`Kind::Huge`] ends.
const HUGE_BYTES: usize = 256 * 1024 * 1024;
/// Size of one piece of it.
const CHUNK_BYTES: usize = 64 * 1024;

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Http500,
    Http503,
    Slow,
    Malformed,
    Disconnect,
    Empty,
    Forbidden,
    Throttle,
    Redirect,
    Huge,
    Page,
}

impl Kind {
    /// All kinds with their names and what they do.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::Http500, "http500", "500 with the vendor's own error body"),
        (Self::Http503, "http503", "503 with an HTML page and Retry-After: 1"),
        (Self::Slow, "slow", "waits delayMillis (default 5000), then answers as usual"),
        (Self::Malformed, "malformed", "200 with the usual content type and a broken body"),
        (Self::Disconnect, "disconnect", "closes the connection in the middle of the body"),
        (Self::Empty, "empty", "200 with no body"),
        (Self::Forbidden, "forbidden", "403 with the vendor's own error body"),
        (Self::Throttle, "throttle", "429 with Retry-After: 1 and the vendor's own error body"),
        (Self::Redirect, "redirect", "302 to another host"),
        (Self::Huge, "huge", "200 with a body that ends only after 256 MiB"),
        (Self::Page, "page", "200 with a web page, as from a proxy that wants a login"),
    ];

    /// The kind of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| kind)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        let (_, name, _) = Self::ALL[self as usize];
        name
    }
}

/// A switched-on fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    /// How long [`Kind::Slow`] waits.
    pub(crate) delay: Duration,
    /// Requests it is still good for; `None` means until it is cleared.
    pub(crate) times: Option<u64>,
}

/// The fault of each vendor, if any.
#[derive(Default)]
pub(crate) struct Faults(Mutex<[Option<Fault>; COUNT]>);

impl Faults {
    /// Switches a fault on; it replaces the one before.
    pub(crate) fn set(&self, vendor: Vendor, fault: Fault) {
        lock(&self.0)[vendor.index()] = Some(fault);
    }

    /// Switches a vendor's fault off.
    pub(crate) fn clear(&self, vendor: Vendor) {
        lock(&self.0)[vendor.index()] = None;
    }

    /// Switches all faults off.
    pub(crate) fn clear_all(&self) {
        *lock(&self.0) = Default::default();
    }

    /// The fault of a vendor, not counting as a use.
    pub(crate) fn get(&self, vendor: Vendor) -> Option<Fault> {
        lock(&self.0)[vendor.index()]
    }

    /// The fault for the next request. The last use of a counted fault switches it off.
    fn take(&self, vendor: Vendor) -> Option<Fault> {
        let slot = &mut lock(&self.0)[vendor.index()];
        let fault = (*slot)?;
        match fault.times {
            Some(0 | 1) => *slot = None,
            Some(left) => *slot = Some(Fault { times: Some(left - 1), ..fault }),
            None => {}
        }
        Some(fault)
    }
}

/// The answer a switched-on fault gives instead of the vendor's; `None` leaves it to the vendor.
pub(crate) async fn provoke(faults: &Faults, vendor: Vendor, call: &Call) -> Option<Response> {
    let fault = faults.take(vendor)?;
    if fault.kind == Kind::Slow {
        tokio::time::sleep(fault.delay).await;
    }
    answer(vendor, fault.kind, usual(vendor, call))
}

fn answer(vendor: Vendor, kind: Kind, usual: Usual) -> Option<Response> {
    Some(match kind {
        Kind::Slow => return None,
        Kind::Http500 => refusal(vendor, StatusCode::INTERNAL_SERVER_ERROR),
        Kind::Forbidden => refusal(vendor, StatusCode::FORBIDDEN),
        Kind::Throttle => {
            let refused = refusal(vendor, StatusCode::TOO_MANY_REQUESTS);
            with_header(refused, header::RETRY_AFTER, "1")
        }
        Kind::Http503 => {
            let page = "<html><body><h1>503 Service Unavailable</h1></body></html>";
            let answer = reply(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", page);
            with_header(answer, header::RETRY_AFTER, "1")
        }
        Kind::Malformed => reply(StatusCode::OK, usual.content_type, usual.beginning),
        Kind::Disconnect => disconnecting(usual),
        Kind::Empty => reply(StatusCode::OK, usual.content_type, ""),
        Kind::Redirect => {
            let target = "http://elsewhere.invalid/login";
            with_header(empty(StatusCode::FOUND), header::LOCATION, target)
        }
        Kind::Page => {
            reply(StatusCode::OK, "text/html; charset=utf-8", "<!DOCTYPE html><html><body>Please log in</body></html>")
        }
        Kind::Huge => reply(StatusCode::OK, usual.content_type, Body::from_stream(endless(usual))),
    })
}

/// An error answer in the vendor's own form.
pub(crate) fn refusal(vendor: Vendor, status: StatusCode) -> Response {
    match vendor {
        Vendor::ServiceCloud => servicecloud::refusal(status),
        Vendor::OracleSalesCloud => oraclesalescloud::refusal(status),
        Vendor::Infobip => infobip::refusal(status),
        Vendor::ActPremium => actpremium::refusal(status),
        Vendor::Fernhill => fernhill::refusal(status),
        Vendor::Stonecrop => stonecrop::refusal(status),
    }
}

/// What a good answer looks like from outside.
#[derive(Clone, Copy)]
struct Usual {
    content_type: &'static str,
    /// How the body begins; by itself this is neither XML nor JSON nor a token.
    beginning: &'static str,
}

fn usual(vendor: Vendor, call: &Call) -> Usual {
    let json = "application/json; charset=utf-8";
    let token = call.segments.last().is_some_and(|last| last.eq_ignore_ascii_case("authorize"));
    let (content_type, beginning) = match vendor {
        Vendor::ServiceCloud => (
            "text/xml; charset=utf-8",
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>",
        ),
        Vendor::OracleSalesCloud => {
            ("application/vnd.oracle.adf.resourcecollection+json", "{\"items\":[{\"PartyNumber\":\"")
        }
        Vendor::Infobip => (json, "{\"results\":[{\"messageId\":\""),
        Vendor::ActPremium if token => ("text/html; charset=utf-8", "eyJ0eXAiOiJKV1QiLCJhbGci"),
        Vendor::ActPremium => (json, "[{\"fullName\":\""),
        Vendor::Fernhill => (json, "{\"data\":[{\"first_name\":\""),
        Vendor::Stonecrop => (json, "[{\"id\":"),
    };
    Usual { content_type, beginning }
}

/// A body that promises more than it sends and then fails, which closes the connection.
fn disconnecting(usual: Usual) -> Response {
    let start = Bytes::from_static(usual.beginning.as_bytes());
    let broken = async {
        // The server sends what it has when a body is not ready; without this nothing would go out.
        tokio::task::yield_now().await;
        Err(io::Error::new(io::ErrorKind::ConnectionReset, "provoked"))
    };
    let body = Body::from_stream(stream::iter([Ok(start)]).chain(stream::once(broken)));
    let answer = reply(StatusCode::OK, usual.content_type, body);
    with_header(answer, header::CONTENT_LENGTH, "65536")
}

fn endless(usual: Usual) -> impl stream::Stream<Item = Result<Bytes, io::Error>> + use<> {
    let piece = Bytes::from(vec![b'x'; CHUNK_BYTES]);
    let start = Bytes::from_static(usual.beginning.as_bytes());
    let rest = std::iter::repeat_n(piece, HUGE_BYTES / CHUNK_BYTES);
    stream::iter(std::iter::once(start).chain(rest).map(Ok))
}

fn with_header(mut answer: Response, name: HeaderName, value: &'static str) -> Response {
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
    answer
}
