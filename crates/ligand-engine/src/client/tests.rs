//! The client can be made on every machine.

use rustls::pki_types::CertificateDer;

use super::{build, roots};
use crate::Options;

#[test]
fn machines_without_roots_use_the_bundled_ones() {
    assert!(roots(Vec::new()).len() > 50);
    assert!(roots(vec![CertificateDer::from(b"rubbish".to_vec())]).len() > 50);
}

#[test]
fn the_client_is_made() {
    assert!(build(&Options::default()).is_ok());
}

#[test]
fn certificates_that_cannot_be_read_are_an_error() {
    let missing = Options { extra_roots: Some("/nowhere/ca.pem".into()), ..Options::default() };
    assert!(build(&missing).is_err());
}

#[tokio::test]
async fn calls_go_through_the_operators_proxy() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let router = axum::Router::new().fallback(async |uri: axum::http::Uri| uri.to_string());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let client = build(&Options { proxy: Some(proxy), ..Options::default() }).unwrap();
    let answer = client.get("http://vendor.invalid/x").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "http://vendor.invalid/x");
}
