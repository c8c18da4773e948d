//! How large and how long things may be, and what is said beyond.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Hubs, Instance};
use crate::harness::{API, Answer};

async fn answer(request: Request) -> Response {
    let pdf = [("content-type", "application/pdf")];
    match request.uri().path() {
        "/large" => json!(["x".repeat(200_000)]).to_string().into_response(),
        "/file" => (pdf, vec![7; 200_000]).into_response(),
        "/never" => std::future::pending().await,
        _ => match axum::body::to_bytes(request.into_body(), usize::MAX).await {
            Ok(body) => {
                ([("content-type", "application/json")], json!({ "bytes": body.len() }).to_string()).into_response()
            }
            Err(_) => Body::empty().into_response(),
        },
    }
}

async fn vendor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
    address
}

async fn upload(instance: &Instance<'_>, body: String) -> Answer {
    let headers =
        [("authorization", instance.authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    instance.platform.raw("POST", &format!("{API}/hubs/documents/files"), &headers, body).await
}

fn file(bytes: usize) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n{}\r\n", "x".repeat(bytes))
}

#[tokio::test]
async fn payloads_are_bounded_in_both_directions() {
    let hubs = Hubs::with(&[("limits__body_bytes", "100000"), ("vendor__max_response_bytes", "100000")]).await;
    let instance = hubs.files(vendor().await).await;
    let large = instance.post("/lists", &json!({ "text": "x".repeat(100_000) })).await;
    assert!(large.error(413).contains("100000 bytes"));
    assert!(instance.get("/large").await.error(413).contains("larger"));
    instance.post("/lists", &json!({ "text": "x".repeat(90_000) })).await.ok();
}

#[tokio::test]
async fn payloads_of_hooks_are_bounded() {
    let hubs = Hubs::with(&[("scripts__payload_bytes", "100000")]).await;
    let instance = hubs.files(vendor().await).await;
    let length = instance.post("/hooked", &json!({ "text": "x".repeat(90_000) })).await.ok();
    assert_eq!(length, json!({ "length": 90_000 }));
    let beyond = instance.post("/hooked", &json!({ "text": "x".repeat(100_000) })).await.error(429);
    assert!(beyond.contains("hook"), "{beyond}");
    let beyond = instance.get("/large-hooked").await.error(429);
    assert!(beyond.contains("hook"), "{beyond}");
    instance.get("/large").await.ok();
}

#[tokio::test]
async fn hooks_take_the_documented_payload() {
    // Unoptimised builds take long over so much.
    let hubs = Hubs::with(&[("vendor__timeout_seconds", "60")]).await;
    let instance = hubs.files(vendor().await).await;
    let length = instance.post("/hooked", &json!({ "text": "x".repeat(6_200_000) })).await.ok();
    assert_eq!(length, json!({ "length": 6_200_000 }));
    instance.post("/hooked", &json!({ "text": "x".repeat(6_300_000) })).await.error(429);
}

#[tokio::test]
async fn files_are_bounded_in_both_directions() {
    let hubs = Hubs::with(&[("vendor__max_stream_bytes", "150000")]).await;
    let instance = hubs.files(vendor().await).await;
    let beyond = upload(&instance, file(2_000_000) + "--b--\r\n").await.error(429);
    assert!(beyond.contains("file is larger"), "{beyond}");
    let headers = [("authorization", instance.authorization.as_str()), ("accept", "application/pdf")];
    let beyond = instance.platform.raw("GET", &format!("{API}/file"), &headers, "").await.error(429);
    assert!(beyond.contains("file is larger"), "{beyond}");
    upload(&instance, file(100_000) + "--b--\r\n").await.ok();
}

#[tokio::test]
async fn an_upload_that_breaks_is_the_callers_fault() {
    let hubs = Hubs::start().await;
    let instance = hubs.files(vendor().await).await;
    let broken = [file(2_000_000) + &file(5) + "--b--\r\n", file(2_000_000), file(2_000_000).replace("\r\n--b", "")];
    // More often than it takes to give up a vendor that fails.
    for body in broken.iter().cycle().take(8) {
        let message = upload(&instance, body.clone()).await.error(400);
        assert!(message.contains("could not be read"), "{message}");
    }
    upload(&instance, file(2_000_000) + "--b--\r\n").await.ok();
}

#[tokio::test]
async fn uploads_have_a_time_of_their_own() {
    let hubs = Hubs::with(&[("vendor__stream_timeout_seconds", "1")]).await;
    let instance = hubs.files(vendor().await).await;
    let headers =
        [("authorization", instance.authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    let path = format!("{API}/hubs/documents/never");
    let answer = instance.platform.raw("POST", &path, &headers, file(10) + "--b--\r\n").await;
    assert!(answer.error(429).contains("upload took longer"));
}
