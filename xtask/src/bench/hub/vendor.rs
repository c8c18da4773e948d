//! The vendor of the hub calls: answers from memory, in this process, on the core of the load.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Records of an answer.
pub(super) const RECORDS: usize = 10;

/// How long the vendor takes for what lies below `/slow`.
pub(super) const SLOW: Duration = Duration::from_millis(50);

/// The running vendor; ends when dropped.
pub(super) struct Vendor {
    /// Where it listens.
    pub(super) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Vendor {
    /// Starts it on the runtime of the load.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let body = Bytes::from(records().to_string());
        Ok(Self { address, serving: tokio::spawn(serve(listener, body)) })
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, body: Bytes) {
    while let Ok((stream, _)) = listener.accept().await {
        // Whoever called notices when this fails.
        let _ = stream.set_nodelay(true);
        let body = body.clone();
        let service = service_fn(move |request| answer(request, body.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, body: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path().starts_with("/slow") {
        sleep(SLOW).await;
    }
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// What every answer is: about 2 KB. The records have more members than callers ask for, and some that are null.
pub(super) fn records() -> Value {
    let record = |number: usize| {
        json!({
            "id": 1_000_000 + number,
            "name": format!("Example Trading Company {number:02}"),
            "email": format!("contact{number:02}@vendor.example"),
            "city": "Utrecht",
            "status": if number.is_multiple_of(3) { "closed" } else { "open" },
            "amount": 1250.75 + number as f64,
            "updated": format!("2026-01-{:02}T10:20:30Z", number + 1),
            "owner": if number.is_multiple_of(2) { Value::Null } else { json!("Jo \"JJ\" Jansen") },
            "etag": "W/\"9f8e7d\"",
            "revision": 3,
        })
    };
    json!({ "items": (0..RECORDS).map(record).collect::<Vec<_>>(), "hasMore": false })
}
