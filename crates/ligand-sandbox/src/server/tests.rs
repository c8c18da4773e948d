//! The sandbox as a server on a real socket, and where requests go.

use std::sync::Arc;

use http::{Method, StatusCode};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Error, reachable, start};
use crate::harness::Harness;
use crate::options::Options;

fn options() -> Options {
    Options::new(Arc::new(|| OffsetDateTime::UNIX_EPOCH))
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_starts_answers_and_stops() {
    let sandbox = start(options()).await.unwrap();
    let address = sandbox.address();
    assert_ne!(address.port(), 0);
    let answer = get(address, "/act.web.api/api/system").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    sandbox.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_disconnect_comes_after_the_beginning_of_the_body() {
    let sandbox = start(options()).await.unwrap();
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    let body = r#"{"fault": "disconnect"}"#;
    let request = format!(
        "PUT /_sandbox/faults/infobip HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let answer = get(sandbox.address(), "/account/1/balance").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("content-length: 65536"), "{answer}");
    assert!(answer.ends_with("{\"results\":[{\"messageId\":\""), "{answer}");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_taken_address_is_an_error() {
    let first = start(options()).await.unwrap();
    let second = start(Options { listen: first.address(), ..options() }).await;
    assert!(matches!(second, Err(Error::Listen { address, .. }) if address == first.address()));
    first.stop().await;
}

#[tokio::test]
async fn configurations_are_objects_of_texts_in_order() {
    let sandbox = start(options()).await.unwrap();
    let configurations = sandbox.configurations();
    let keys: Vec<&str> = configurations.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, ["servicecloud", "oraclesalescloud", "infobip", "actpremium"]);
    for (key, configuration) in &configurations {
        let members = configuration.as_object().unwrap();
        assert!(members.len() >= 3 && members.values().all(serde_json::Value::is_string), "{key}");
    }
    let endpoint = &configurations[0].1["helpdesk.servicecloud.endpointurl"];
    let expected = format!("http://{}/cgi-bin/sandbox.cfg/services/soap?wsdl", sandbox.address());
    assert_eq!(endpoint, &expected);
    sandbox.stop().await;
}

#[test]
fn an_unspecified_address_is_shown_as_loopback() {
    assert_eq!(reachable("0.0.0.0:81".parse().unwrap()), "127.0.0.1:81".parse().unwrap());
    assert_eq!(reachable("[::]:81".parse().unwrap()), "[::1]:81".parse().unwrap());
    assert_eq!(reachable("10.0.0.1:81".parse().unwrap()), "10.0.0.1:81".parse().unwrap());
}

#[tokio::test]
async fn paths_of_no_vendor_are_not_found() {
    let sandbox = Harness::new();
    for path in ["/", "/unknown", "/CRMRESTAPI/resources/latest/accounts", "/_sandboxes"] {
        let answer = sandbox.send(Method::GET, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(sandbox.send(Method::GET, "/%ff", &[], "").await.status, StatusCode::BAD_REQUEST);
}

#[test]
fn passwords_are_not_in_debug_output() {
    let shown = format!("{:?}", options());
    assert!(!shown.contains("fake-"), "{shown}");
}
