//! E-mails, to a mail server that the tests run themselves.

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

use super::{platform, publish, until};
use crate::harness::Platform;

/// A mail server that takes everything but what is meant for `refused@…`.
async fn mail_server() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (mails, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mails = mails.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                let (mut text, mut in_data) = (String::new(), false);
                write.write_all(b"220 test\r\n").await.expect("written");
                while let Ok(Some(line)) = lines.next_line().await {
                    let upper = line.to_ascii_uppercase();
                    let reply = match upper.as_str() {
                        "." if in_data => {
                            in_data = false;
                            mails.send(std::mem::take(&mut text)).expect("the test listens");
                            "250 taken\r\n"
                        }
                        _ if in_data => {
                            text.push_str(&line);
                            text.push('\n');
                            continue;
                        }
                        "DATA" => {
                            in_data = true;
                            "354 go on\r\n"
                        }
                        "QUIT" => "221 bye\r\n",
                        _ if upper.starts_with("EHLO") => "250 test\r\n",
                        _ if upper.starts_with("RCPT") && upper.contains("REFUSED@") => "550 nobody here\r\n",
                        _ => "250 ok\r\n",
                    };
                    write.write_all(reply.as_bytes()).await.expect("written");
                }
            });
        }
    });
    (format!("smtp://{address}"), received)
}

#[tokio::test]
async fn e_mails_are_checked_and_without_a_mail_server_only_logged() {
    let platform = Platform::start().await;
    for body in [
        json!({}),
        json!({ "to": "" }),
        json!({ "to": null }),
        json!({ "to": [] }),
        json!({ "to": "nobody" }),
        json!({ "to": [7] }),
        json!({ "to": "a@example.com", "from": "nobody" }),
        json!({ "to": vec!["a@example.com"; 51] }),
    ] {
        platform.post("/notifications/emails", &body).await.error(400);
    }
    for to in [json!("a@example.com"), json!("a@example.com, b@example.com"), json!(["a@example.com"])] {
        let answer = platform.post("/notifications/emails", &json!({ "to": to, "subject": "s" })).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    }
}

#[tokio::test]
async fn e_mails_reach_the_mail_server() {
    let (url, mut mails) = mail_server().await;
    let platform = platform(&[("mail__url", &url), ("mail__from", "Us <us@example.com>")]).await;
    let body = json!({ "to": "a@example.com", "subject": "Hi\r\nBcc: evil@example.com", "message": "the text" });
    let answer = platform.post("/notifications/emails", &body).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    let mail = mails.recv().await.expect("a mail");
    for part in ["From: Us <us@example.com>", "To: a@example.com", "Subject: HiBcc: evil@example.com", "the text"] {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    platform.post("/notifications/emails", &json!({ "to": "refused@example.com" })).await.error(503);

    let body = json!({ "channel": "email", "topics": ["t"], "config": { "email": "b@example.com" } });
    let subscription = platform.post("/notifications/subscriptions", &body).await.ok()["id"].as_i64().unwrap();
    let notification = publish(&platform, "t").await;
    let mail = mails.recv().await.expect("a mail");
    assert!(mail.contains("Subject: t") && mail.contains("hello") && mail.contains("To: b@example.com"), "{mail}");
    until(&platform, notification, subscription, "notified").await;
}
