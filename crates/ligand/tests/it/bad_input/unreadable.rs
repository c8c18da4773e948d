//! Requests that are no HTTP, or more of it than is read: they too are answered with an error body and a request id.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::Platform;

async fn ask(platform: &Platform, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(platform.address).await.expect("a connection");
    // The server may refuse before it has read everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn refused(answer: &str, status: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    assert!(head.starts_with(status), "{head}");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {head}"))
    };
    let json: Value = serde_json::from_str(body).unwrap_or_else(|broken| panic!("{broken}: {body}"));
    assert_eq!(header("Content-Length"), body.len().to_string());
    assert_eq!(header("Content-Type"), "application/json;charset=UTF-8");
    assert_eq!(header("Connection").to_ascii_lowercase(), "close");
    assert_eq!(json["requestId"], header("Elements-Request-Id"));
    assert!(json["message"].as_str().is_some_and(|message| message.starts_with("The request")), "{json}");
}

#[tokio::test]
async fn they_are_told_like_every_other_error() {
    let platform = Platform::start().await;
    let bad = "HTTP/1.1 400 Bad Request";
    for request in [
        &b"rubbish\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ] {
        refused(&ask(&platform, request).await, bad);
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000));
    refused(&ask(&platform, long.as_bytes()).await, "HTTP/1.1 414");
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(1_000));
    refused(&ask(&platform, many.as_bytes()).await, "HTTP/1.1 431");
    // One that could be read comes first: it has its own answer.
    let both = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n";
    let answers = ask(&platform, both).await;
    assert!(answers.starts_with("HTTP/1.1 200"), "{answers}");
    platform.get("/organizations/me").await.ok();
}
