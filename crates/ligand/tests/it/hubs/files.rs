//! Files through a hub, up and down, and calls whose client goes away, against a vendor of a few lines.

use std::{net::SocketAddr, sync::Arc};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::{Hubs, Instance};
use crate::harness::API;

/// What the vendor saw.
#[derive(Default)]
struct Seen {
    /// More than a small file's part of an upload.
    upload: Notify,
    arrived: Notify,
    left: Notify,
}

/// A vendor that counts the bytes of uploads, has one file, and never answers below `/silent`.
async fn vendor() -> (SocketAddr, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&shared)));
        }
    });
    (address, seen)
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>) {
    let (mut request, mut buffer) = (Vec::new(), vec![0; 65_536]);
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..read]);
        if request.starts_with(b"GET /silent") || request.starts_with(b"POST /silent") {
            seen.arrived.notify_one();
        }
        if request.starts_with(b"POST /files") && request.len() > 1_500_000 {
            seen.upload.notify_one();
        }
        if read == 0 {
            seen.left.notify_one();
            return;
        }
        let answer = if request.starts_with(b"GET /file") {
            "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\
             Content-Length: 8\r\nConnection: close\r\n\r\n%PDF-1.4"
                .to_owned()
        } else if request.starts_with(b"POST") && request.ends_with(b"--\r\n\r\n0\r\n\r\n") {
            let whole = String::from_utf8_lossy(&request);
            let body = json!({ "bytes": request.len(), "named": whole.contains("filename=\"big.bin\"") }).to_string();
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        } else {
            continue;
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    }
}

fn form(parts: &[(&str, &str, usize)]) -> String {
    let mut body = String::new();
    for (name, file_name, length) in parts {
        let file = if file_name.is_empty() { String::new() } else { format!("; filename=\"{file_name}\"") };
        let content = "x".repeat(*length);
        body += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n");
    }
    body + "--b--\r\n"
}

async fn upload(hubs: &Hubs, instance: &Instance<'_>, parts: &[(&str, &str, usize)]) -> crate::harness::Answer {
    let headers =
        [("authorization", instance.authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    hubs.platform.raw("POST", &format!("{API}/hubs/documents/files"), &headers, form(parts)).await
}

#[tokio::test]
async fn files_are_passed_on_in_both_directions() {
    let hubs = Hubs::start().await;
    let (address, _) = vendor().await;
    let instance = hubs.files(address).await;
    let large = upload(&hubs, &instance, &[("note", "", 5), ("file", "big.bin", 12_000_000)]).await.ok();
    assert_eq!(large["named"], true);
    assert!(large["bytes"].as_u64().is_some_and(|bytes| bytes > 12_000_000), "{large}");
    upload(&hubs, &instance, &[("note", "", 9_000_000)]).await.error(413);
    upload(&hubs, &instance, &[("note", "", 5)]).await.error(400);

    let headers = [("authorization", instance.authorization.as_str()), ("accept", "application/pdf")];
    let file = hubs.platform.raw("GET", &format!("{API}/file"), &headers, "").await;
    assert_eq!((file.status.as_u16(), file.text.as_str()), (200, "%PDF-1.4"));
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("content-disposition"), "attachment; filename=a.pdf");
    assert_eq!(file.header("elements-element-instance-id"), instance.id.to_string());
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_vendor_call() {
    let hubs = Hubs::start().await;
    let (address, seen) = vendor().await;
    let instance = hubs.files(address).await;
    for (method, path) in
        [("GET", "/silent"), ("GET", "/hubs/x/silent"), ("POST", "/hubs/documents/silent"), ("POST", "/silent")]
    {
        let mut client = TcpStream::connect(hubs.platform.address).await.expect("a connection");
        let request = format!(
            "{method} {API}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n{{}}",
            instance.authorization
        );
        client.write_all(request.as_bytes()).await.expect("it is sent");
        seen.arrived.notified().await;
        drop(client);
        seen.left.notified().await;
    }
}

#[tokio::test]
async fn a_large_file_is_passed_on_while_it_arrives_under_either_noun() {
    let hubs = Hubs::with(&[("white_label__noun", "widget")]).await;
    let (address, seen) = vendor().await;
    let instance = hubs.files(address).await;
    let noun = instance.authorization.replace("Element ", "Widget ");
    for (base, authorization) in [(API, &instance.authorization), ("/widgets/api-v2", &noun)] {
        let body = form(&[("note", "", 5), ("file", "big.bin", 6_000_000)]);
        let head = format!(
            "POST {base}/hubs/documents/files HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut client = TcpStream::connect(hubs.platform.address).await.expect("a connection");
        let (first, rest) = body.as_bytes().split_at(3_000_000);
        client.write_all(head.as_bytes()).await.expect("it is sent");
        client.write_all(first).await.expect("it is sent");
        // The vendor has a part of it before the client has sent the rest.
        seen.upload.notified().await;
        client.write_all(rest).await.expect("it is sent");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"named\":true"), "{answer}");
    }
}

#[tokio::test]
async fn scripts_take_part_in_calls() {
    let hubs = Hubs::start().await;
    let (address, _) = vendor().await;
    let instance = hubs.files(address).await;
    assert_eq!(instance.get("/scripted/42?a=1").await.ok(), json!({ "id": "42", "a": "1", "method": "GET" }));
    let message = instance.get("/scripted/none").await.error(409);
    assert_eq!(message, "there is none");
}
