//! For tests: a whole sandbox in the process, with a clock the test sets, and short ways to ask it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use time::OffsetDateTime;
use tower::ServiceExt as _;

use crate::options::{Account, Options};
use crate::server::router;
use crate::world::World;

/// 2030-01-02T03:04:05Z, when every test begins.
pub(crate) const START: i64 = 1_893_553_445;

/// A sandbox.
pub(crate) struct Harness {
    router: Router,
    seconds: Arc<AtomicI64>,
    pub(crate) options: Options,
}

/// An answer, read completely.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// A header as text; empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl Harness {
    /// A freshly seeded sandbox.
    pub(crate) fn new() -> Self {
        let seconds = Arc::new(AtomicI64::new(START));
        let clock = seconds.clone();
        let options =
            Options::new(Arc::new(move || OffsetDateTime::from_unix_timestamp(clock.load(Ordering::Relaxed)).unwrap()));
        Self { router: router(Arc::new(World::new(&options))), seconds, options }
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sends a request and reads the answer; `Err` if its body breaks off.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Result<Answer, axum::Error> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, "vendor.test:8443");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await?;
        let body = String::from_utf8(body.to_vec()).unwrap();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }
}

/// An authorization header for Basic authentication.
pub(crate) fn basic(account: &Account) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", account.username, account.password)))
}

/// The same account with another password.
pub(crate) fn wrong(account: &Account) -> Account {
    Account::new(&account.username, "not the password")
}
