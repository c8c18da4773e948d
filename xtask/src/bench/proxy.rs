//! `bench-proxy`: the least that a proxy can do for a request: hyper passes it on over kept connections and passes the
//! answer back. It is a process of its own, started by `bench` as the floor of hub calls.

use std::convert::Infallible;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};

type Upstream = Client<HttpConnector, Incoming>;

/// Passes everything on to an address until it is killed; prints its own address first.
///
/// # Errors
/// For wrong arguments, and when it cannot listen.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let [upstream] = *arguments else { bail!("bench-proxy takes the address of the vendor") };
    let upstream: Authority = upstream.parse().context("the vendor's address is none")?;
    // The same flavour of runtime as Ligand's: as many workers as cores that the process may use.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (client, upstream) = (client.clone(), upstream.clone());
            let service = service_fn(move |request| pass_on(client.clone(), upstream.clone(), request));
            // A client that goes away ends its connection; that is no failure.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

async fn pass_on(
    client: Upstream,
    upstream: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(upstream);
    parts.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    request.headers_mut().remove(header::HOST);
    let answer = client.request(request).await.map(|answer| answer.map(Incoming::boxed));
    Ok(answer.unwrap_or_else(|_| {
        let mut failed = Response::new(Empty::new().map_err(|never| match never {}).boxed());
        *failed.status_mut() = StatusCode::BAD_GATEWAY;
        failed
    }))
}
