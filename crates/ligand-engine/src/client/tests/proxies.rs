//! What a proxy gets to see, and what it does not change.

use std::sync::{Arc, Mutex};

use ligand_domain::Configuration;
use ligand_element::{Method, VendorBody, VendorRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::{super::Clients, local, tls};
use crate::{
    Egress, Failure, Options, Proxies,
    transport::{Answered, Attempt, deadline},
};

/// A proxy that opens tunnels to this machine, whatever they ask for, and the heads of the requests that it got.
async fn tunnels(to_port: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let is_known = head.contains("Basic dXNlcjpwbGFudGVk");
                seen.lock().unwrap().push(head);
                if !is_known {
                    stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
                    return;
                }
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let mut vendor = TcpStream::connect(("127.0.0.1", to_port)).await.unwrap();
                drop(copy_bidirectional(&mut stream, &mut vendor).await);
            });
        }
    });
    (address, heads)
}

async fn ask(options: &Options, url: &str) -> Result<String, Failure> {
    let client = Clients::default().of(options, None, &Configuration::default())?;
    let request = VendorRequest {
        method: Method::Get,
        url: url.parse().unwrap(),
        headers: vec![("Authorization".to_owned(), "vendor-secret".to_owned())],
        body: VendorBody::Empty,
        stores: Vec::new(),
    };
    let deadline = deadline(options.total_timeout);
    let attempt = Attempt { client: &client, options, request: &request, deadline, streams: &|_| false };
    match attempt.send(None).await {
        Ok(Answered::Whole(answer)) => Ok(String::from_utf8(answer.body).unwrap()),
        Ok(Answered::Streamed(..)) => panic!("nothing streams here"),
        Err(trouble) => Err(trouble.failure),
    }
}

fn through(proxy: &str) -> Options {
    Options { proxies: Proxies::all(&proxy.parse().unwrap()), extra_roots: Some(tls::authority()), ..local() }
}

#[tokio::test]
async fn calls_over_tls_are_hidden_from_the_proxy_that_knows_who_asks() {
    let vendor = tls::serve(&[b"http/1.1"]).await;
    let (proxy, heads) = tunnels(vendor).await;
    let url = format!("https://127.0.0.1:{vendor}/secret?token=1");
    assert_eq!(ask(&through(&format!("http://user:planted@{proxy}")), &url).await.as_deref(), Ok("first"));
    let head = heads.lock().unwrap().remove(0);
    assert!(head.starts_with(&format!("CONNECT 127.0.0.1:{vendor} HTTP/1.1\r\n")), "{head}");
    assert!(!head.contains("vendor-secret") && !head.contains("token"), "{head}");

    let refused = ask(&through(&format!("http://user:other@{proxy}")), &url).await;
    assert_eq!(refused, Err(Failure::Unreachable));
    let shown = format!("{:?}", through(&format!("http://user:planted@{proxy}")));
    assert!(shown.contains("127.0.0.1") && !shown.contains("planted"), "{shown}");
}

#[tokio::test]
async fn addresses_that_are_stated_are_guarded_also_behind_a_proxy() {
    let (proxy, heads) = tunnels(1).await;
    let options = Options { egress: Egress::default(), ..through(&format!("http://user:planted@{proxy}")) };
    for url in [
        "http://127.0.0.1:9/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost/",
        "http://a.localhost./",
    ] {
        assert_eq!(ask(&options, url).await, Err(Failure::EgressRefused), "{url}");
    }
    assert!(heads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn each_scheme_has_its_proxy() {
    let vendor = tls::serve(&[b"http/1.1"]).await;
    let (proxy, heads) = tunnels(vendor).await;
    let mut options = through(&format!("http://user:planted@{proxy}"));
    options.proxies.https = None;
    let url = format!("https://127.0.0.1:{vendor}/");
    assert_eq!(ask(&options, &url).await.as_deref(), Ok("first"));
    assert!(heads.lock().unwrap().is_empty(), "the one for http is not asked");
}
