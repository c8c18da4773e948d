//! Connections: whom the client trusts, what it speaks, what it keeps open, and which way it goes.

mod mutual;
mod proxies;
mod tls;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Clients, roots};
use crate::{Egress, Failure, Options, Proxies};

fn build(options: &Options) -> Result<reqwest::Client, Failure> {
    Clients::default().of(options, None, &ligand_domain::Configuration::default())
}

fn local() -> Options {
    Options { egress: Egress::new(vec!["127.0.0.0/8".parse().unwrap()]), ..Options::default() }
}

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
    let proxies = Proxies::all(&format!("http://{}", listener.local_addr().unwrap()).parse().unwrap());
    let router = axum::Router::new().fallback(async |uri: axum::http::Uri| uri.to_string());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let client = build(&Options { proxies, ..Options::default() }).unwrap();
    let answer = client.get("http://vendor.invalid/x").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "http://vendor.invalid/x");
}

#[tokio::test]
async fn some_hosts_are_called_without_the_proxy() {
    let serve = async |text: &'static str| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().fallback(async move || text);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    };
    let (proxy, vendor) = (serve("proxy").await, serve("vendor").await);
    let with = |without: &[&str]| Options {
        proxies: Proxies {
            without: without.iter().map(|host| (*host).to_owned()).collect(),
            ..Proxies::all(&format!("http://{proxy}").parse().unwrap())
        },
        ..local()
    };
    let ask = async |options: Options, url: String| {
        let sent = build(&options).unwrap().get(url).send().await;
        match sent {
            Ok(answer) => answer.text().await.unwrap(),
            Err(_) => "refused".to_owned(),
        }
    };
    let url = format!("http://{vendor}/");
    assert_eq!(ask(with(&[]), url.clone()).await, "proxy");
    assert_eq!(ask(with(&["127.0.0.1"]), url.clone()).await, "vendor");
    assert_eq!(ask(with(&["other.test", "127.0.0.0/8"]), url).await, "vendor");
    assert_eq!(ask(with(&["other.test"]), "http://a.vendor.test/".to_owned()).await, "proxy");
    // What does not go through the proxy is guarded here: this name leads inside.
    let name = format!("http://localhost:{}/", vendor.port());
    let guarded = Options { egress: Egress::default(), ..with(&["localhost"]) };
    assert_eq!(ask(guarded, name.clone()).await, "refused");
    assert_eq!(ask(with(&["localhost"]), name).await, "vendor");
}

/// A server that counts connections and answers every request on them.
async fn counting() -> (String, Arc<AtomicU32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (base, count)
}

#[tokio::test]
async fn connections_are_used_again_and_hosts_have_their_own() {
    let client = build(&local()).unwrap();
    let ((one, first), (other, second)) = (counting().await, counting().await);
    for _ in 0..10 {
        for base in [&one, &other] {
            assert_eq!(client.get(base).send().await.unwrap().text().await.unwrap(), "{}");
        }
    }
    assert_eq!((first.load(Ordering::SeqCst), second.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn instances_do_not_share_connections() {
    let (clients, options) = (Clients::default(), local());
    let (base, connections) = counting().await;
    for instance in [1, 2, 1, 2] {
        let client = clients.of(&options, ligand_domain::Id::new(instance), &ligand_domain::Configuration::default());
        assert_eq!(client.unwrap().get(&base).send().await.unwrap().text().await.unwrap(), "{}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}
