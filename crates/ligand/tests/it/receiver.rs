//! A receiver of notifications that can fail, hang, redirect and recover, and remembers what it was sent.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

/// What it does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Answers with this JSON.
    Json(Value),
    /// Never answers.
    Hang,
    /// Redirects.
    Redirect(String),
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII"))
    }
}

#[derive(Default)]
struct Book {
    received: Mutex<Vec<Received>>,
    replies: Mutex<VecDeque<Reply>>,
    standing: Mutex<Option<Reply>>,
    came: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic")
}

/// A running receiver.
pub(crate) struct Receiver {
    address: SocketAddr,
    book: Arc<Book>,
    _stop: oneshot::Sender<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let book = Arc::new(Book::default());
        let router = Router::new().fallback(receive).with_state(Arc::clone(&book));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(async move {
            let serving = async { axum::serve(listener, router).await.expect("it serves") };
            tokio::select! {
                () = serving => {}
                _ = stopped => {}
            }
        });
        Self { address, book, _stop: stop }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next requests are answered so, one after the other; those behind them are accepted.
    pub(crate) fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.book.replies).extend(replies);
    }

    /// From now on all requests are answered so, or accepted.
    pub(crate) fn always(&self, reply: Option<Reply>) {
        *lock(&self.book.standing) = reply;
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        lock(&self.book.received).clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        loop {
            let came = self.book.came.notified();
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            came.await;
        }
    }
}

async fn receive(State(book): State<Arc<Book>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let reply = lock(&book.replies).pop_front().or_else(|| lock(&book.standing).clone());
    lock(&book.received).push(Received { path: parts.uri.to_string(), headers: parts.headers, bytes });
    book.came.notify_waiters();
    let mut response = Response::new(Body::from("{\"received\":true}"));
    match reply {
        None => {}
        Some(Reply::Status(status)) => *response.status_mut() = status.try_into().expect("a status"),
        Some(Reply::Json(value)) => {
            response.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().expect("a type"));
            *response.body_mut() = Body::from(value.to_string());
        }
        Some(Reply::Hang) => std::future::pending().await,
        Some(Reply::Redirect(to)) => {
            *response.status_mut() = http::StatusCode::FOUND;
            response.headers_mut().insert(header::LOCATION, to.parse().expect("a location"));
        }
    }
    response
}
