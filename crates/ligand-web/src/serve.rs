//! The listener: connections in, bounded in number and patience, closed gracefully at the end.

mod refusals;

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::body::Body;
use futures_util::FutureExt;
use http::Method;
use hyper::server::conn::http1::{Builder, Connection};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;

use crate::{Edge, presence::Presence};
use refusals::Refusals;

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// How the listener behaves.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// How long a client may take to send the head of a request or to take the next piece of an answer, and how long
    /// a connection may idle.
    pub header_timeout: Duration,
    /// How long requests in progress may take after the signal to stop.
    pub shutdown_timeout: Duration,
}

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    options: ServerOptions,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, options: ServerOptions) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, options })
    }

    /// The address that is listened on; tells the port when 0 was asked for.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` resolves, then lets requests in progress finish.
    pub async fn run(self, edge: Edge, stop: impl Future<Output = ()>) {
        let slots = Arc::new(Semaphore::new(self.options.connections));
        let connections = GracefulShutdown::new();
        let mut builder = Builder::new();
        // Header names as the original wrote them: `Elements-Request-Id`.
        builder.title_case_headers(true).timer(TokioTimer::new()).header_read_timeout(self.options.header_timeout);
        let mut stop = std::pin::pin!(stop.fuse());
        loop {
            let slot = tokio::select! {
                () = &mut stop => break,
                slot = Arc::clone(&slots).acquire_owned() => slot,
            };
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
            };
            let (Ok(slot), Ok((stream, peer))) = (slot, accepted) else {
                // Out of file descriptors, or the client went away: others may still succeed, a little later.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let connection = serve(&builder, stream, peer, edge.clone(), self.options.header_timeout);
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                if let Err(broken) = connection.await {
                    tracing::debug!(%peer, %broken, "connection ended early");
                }
                drop(slot);
            });
        }
        drop(self.listener);
        let finished = tokio::time::timeout(self.options.shutdown_timeout, connections.shutdown()).await;
        if finished.is_err() {
            tracing::warn!("requests in progress were cut off, they took longer than the shutdown timeout");
        }
    }
}

type Socket = TokioIo<Refusals<Pin<Box<TimeoutStream<TcpStream>>>>>;

fn serve(
    builder: &Builder,
    stream: TcpStream,
    peer: SocketAddr,
    edge: Edge,
    write_timeout: Duration,
) -> Connection<Socket, Answerer> {
    if let Err(refused) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %refused, "the socket keeps its delay");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_timeout));
    let stream = Refusals::new(Box::pin(stream), edge.clone());
    builder.serve_connection(TokioIo::new(stream), Answerer { edge, peer })
}

/// The edge as the service of one connection.
#[derive(Clone)]
struct Answerer {
    edge: Edge,
    peer: SocketAddr,
}

impl hyper::service::Service<http::Request<hyper::body::Incoming>> for Answerer {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = futures_util::future::BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn call(&self, request: http::Request<hyper::body::Incoming>) -> Self::Future {
        let (edge, peer) = (self.edge.clone(), self.peer);
        Box::pin(async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
            // A browser that comes back from a vendor makes an instance, of a code that works once.
            let reads = is_safe && !request.uri().path().ends_with("/oauth/callback");
            if reads || request.uri().path().contains("/api-v2/hubs/") {
                return Ok(edge.answer(request).await);
            }
            // A change of the platform's own data runs to its end even when the client leaves in the middle of it, so
            // that what was done and what is remembered of it never part. A call to a vendor ends with its client; where
            // the path alone does not tell that it is one, who finds out can see whether the client is there.
            let (_client, presence) = Presence::new();
            request.extensions_mut().insert(presence);
            let fallback = edge.clone();
            match tokio::spawn(async move { edge.answer(request).await }).await {
                Ok(answer) => Ok(answer),
                Err(_) => Ok(fallback.failed()),
            }
        })
    }
}
