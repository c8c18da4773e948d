//! Clients that leave in the middle: what they asked for is done whole or not at all, and nothing stale stays.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    harness::{API, Platform},
    process::Process,
};

/// Sends a request and leaves without reading, so early that the answer is often not there yet.
async fn ask_and_leave(
    address: SocketAddr,
    authorization: &str,
    method: &str,
    path: &str,
    body: &str,
    patience: Duration,
) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "{method} {API}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let _ = tokio::time::timeout(patience, stream.readable()).await;
    drop(stream);
}

#[tokio::test]
async fn a_change_and_what_is_remembered_of_it_never_part() {
    let platform = Platform::start().await;
    for round in 0..24u32 {
        let made = platform.provision("infobip", "before").await;
        let (path, token) = (format!("/instances/{}", made["id"]), made["token"].as_str().expect("a token").to_owned());
        platform.get(&path).await.ok();
        let patience = Duration::from_micros(u64::from(round) * 150);
        if round % 2 == 0 {
            ask_and_leave(platform.address, &platform.authorization(), "DELETE", &path, "", patience).await;
        } else {
            ask_and_leave(platform.address, &platform.authorization(), "PATCH", &path, r#"{"name":"after"}"#, patience)
                .await;
        }
        // The change may still be on its way; it is made before this list is.
        let listed = async || -> Option<String> {
            let all = platform.get("/instances?pageSize=2000").await;
            let all = if all.status == 404 { json!([]) } else { all.ok() };
            let own = all.as_array()?.iter().find(|item| item["id"] == made["id"])?;
            Some(own["name"].as_str()?.to_owned())
        };
        let wanted = if round % 2 == 0 { None } else { Some("after".to_owned()) };
        while listed().await != wanted {
            tokio::task::yield_now().await;
        }
        let by_token = platform.send_as(&platform.with_token(&token), "GET", "/instances/configuration", None).await;
        let by_id = platform.get(&path).await;
        match wanted {
            None => assert_eq!((by_id.status.as_u16(), by_token.status.as_u16()), (404, 401)),
            Some(name) => assert_eq!(by_id.ok()["name"], name.as_str()),
        }
    }
}

#[tokio::test]
async fn logins_that_nobody_waits_for_do_not_pile_up() {
    let data = tempfile::TempDir::new().expect("a directory");
    let (process, address) = Process::serve(data.path(), &[]).await;
    let body = json!({ "username": "nobody@example.com", "password": "x" }).to_string();
    for _ in 0..60 {
        ask_and_leave(address, "", "POST", "/authentication", &body, Duration::from_millis(1)).await;
    }
    let status = format!("/proc/{}/status", process.child.id().expect("it runs"));
    let Ok(status) = std::fs::read_to_string(&status) else {
        eprintln!("SKIPPED: this system does not tell how many threads a process has");
        return;
    };
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).expect("a count");
    let threads: u32 = threads.trim().parse().expect("a number");
    assert!(threads < 40, "{threads} threads, each with the memory of a password hash");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let platform = Platform::with(&[("server__connections", "2"), ("server__header_timeout_seconds", "1")]).await;
    for _ in 0..4 {
        platform.provision("oraclesalescloud", "large").await;
    }
    let request =
        format!("GET {API}/instances HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", platform.authorization());
    let mut deaf = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(platform.address).await.expect("a connection");
        for _ in 0..400 {
            if tokio::time::timeout(Duration::from_millis(50), stream.write_all(request.as_bytes())).await.is_err() {
                break;
            }
        }
        deaf.push(stream);
    }
    let mut patient = TcpStream::connect(platform.address).await.expect("a connection");
    patient.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(20), patient.read_to_string(&mut answer)).await;
    assert!(read.is_ok_and(|read| read.is_ok()) && answer.starts_with("HTTP/1.1 200"), "{answer}");
}
