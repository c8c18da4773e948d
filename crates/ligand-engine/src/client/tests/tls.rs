//! TLS: certificates are verified against the machine's roots and the operator's, and HTTP/2 is spoken where offered.

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use axum::http::{Request, Response, Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{build, local};
use crate::Options;

/// The authority of the test certificate.
pub(super) fn authority() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/tests/authority.pem"))
}

fn server(protocols: &[&[u8]]) -> ServerConfig {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config
}

/// A server for 127.0.0.1 that answers with the version of HTTP it was asked in.
pub(super) async fn serve(protocols: &[&[u8]]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(server(protocols)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let is_second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let answer = service_fn(async |request: Request<Incoming>| {
                    let text = if request.version() == Version::HTTP_2 { "second" } else { "first" };
                    Ok::<_, Infallible>(Response::new(text.to_owned()))
                });
                let stream = TokioIo::new(stream);
                // How a connection ends is the client's business.
                if is_second {
                    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    drop(builder.serve_connection(stream, answer).await);
                } else {
                    drop(hyper::server::conn::http1::Builder::new().serve_connection(stream, answer).await);
                }
            });
        }
    });
    port
}

async fn ask(options: &Options, url: String) -> Option<String> {
    build(options).unwrap().get(url).send().await.ok()?.text().await.ok()
}

#[tokio::test]
async fn certificates_are_verified() {
    let port = serve(&[b"h2", b"http/1.1"]).await;
    let trusting = Options { extra_roots: Some(authority()), ..local() };
    assert_eq!(ask(&local(), format!("https://127.0.0.1:{port}/")).await, None, "nobody known has signed it");
    assert_eq!(ask(&trusting, format!("https://127.0.0.1:{port}/")).await.as_deref(), Some("second"));
    assert_eq!(ask(&trusting, format!("https://localhost:{port}/")).await, None, "it is not this host's");
}

#[tokio::test]
async fn the_second_version_is_spoken_where_it_is_offered() {
    let trusting = Options { extra_roots: Some(authority()), ..local() };
    for (protocols, version) in
        [(&[b"h2".as_slice(), b"http/1.1"][..], "second"), (&[b"http/1.1"], "first"), (&[], "first")]
    {
        let port = serve(protocols).await;
        assert_eq!(ask(&trusting, format!("https://127.0.0.1:{port}/")).await.as_deref(), Some(version));
    }
}
