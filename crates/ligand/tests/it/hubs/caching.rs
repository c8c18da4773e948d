//! Answers that are kept for instances that ask for it, and rates of instances.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse, routing::any};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Hubs, Instance};

/// A vendor whose every answer has another number; below `/no` there is nothing.
async fn vendor() -> (SocketAddr, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let answer = async move |request: Request| {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        let status = if request.uri().path().starts_with("/no") { StatusCode::NOT_FOUND } else { StatusCode::OK };
        let body = json!([{ "number": number }]).to_string();
        (status, [("content-type", "application/json")], body).into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
    (address, asked)
}

async fn configure(instance: &Instance<'_>, change: Value) {
    instance.platform.send("PATCH", &format!("/instances/{}", instance.id), Some(&change)).await.ok();
}

/// The number in the answer.
async fn number(instance: &Instance<'_>, path: &str) -> u64 {
    let answer = instance.get(path).await;
    assert_eq!(answer.header("elements-returned-count"), "1");
    answer.ok()[0]["number"].as_u64().expect("a number")
}

#[tokio::test]
async fn answers_are_kept_for_instances_that_ask_for_it() {
    let hubs = Hubs::start().await;
    let (address, asked) = vendor().await;
    let (one, other) = (hubs.files(address).await, hubs.files(address).await);
    assert_ne!(number(&one, "/lists").await, number(&one, "/lists").await, "nothing is kept by itself");
    for instance in [&one, &other] {
        configure(instance, json!({ "cachingEnabled": true, "maxCacheSize": 10, "cacheTimeToLive": 3600 })).await;
    }
    let first = number(&one, "/hubs/documents/lists").await;
    assert_eq!(number(&one, "/hubs/documents/lists").await, first);
    assert_ne!(number(&other, "/hubs/documents/lists").await, first, "instances have nothing in common");
    assert_ne!(number(&one, "/hubs/documents/lists?where=number%3E0").await, first);

    let before = asked.load(Ordering::SeqCst);
    for _ in 0..3 {
        one.get("/no/1").await.error(404);
    }
    assert_eq!(asked.load(Ordering::SeqCst), before + 3, "refusals are not kept");

    one.post("/lists", &json!({ "a": 1 })).await.ok();
    let second = number(&one, "/hubs/documents/lists").await;
    assert_ne!(second, first, "a write forgets");
    assert_eq!(number(&one, "/hubs/documents/lists").await, second);
    configure(&one, json!({ "name": "renamed" })).await;
    let third = number(&one, "/hubs/documents/lists").await;
    assert_ne!(third, second, "a change of the instance forgets");
    configure(&one, json!({ "cachingEnabled": false })).await;
    assert_ne!(number(&one, "/hubs/documents/lists").await, number(&one, "/hubs/documents/lists").await);
}

#[tokio::test]
async fn an_instance_that_was_switched_off_gives_nothing_that_was_kept() {
    let hubs = Hubs::start().await;
    let (address, _) = vendor().await;
    let instance = hubs.files(address).await;
    configure(&instance, json!({ "cachingEnabled": true, "maxCacheSize": 10, "cacheTimeToLive": 3600 })).await;
    number(&instance, "/lists").await;
    hubs.platform.send("DELETE", &format!("/instances/{}/enabled", instance.id), None).await.ok();
    instance.get("/lists").await.error(403);
    hubs.platform.send("DELETE", &format!("/instances/{}", instance.id), None).await.ok();
    let gone = hubs.platform.send_as(&instance.authorization, "GET", "/lists", None).await;
    gone.error(401);
}

#[tokio::test]
async fn each_instance_has_its_own_rate() {
    let hubs = Hubs::with(&[("limits__instance_calls_per_second", "2")]).await;
    let (address, _) = vendor().await;
    let (one, other) = (hubs.files(address).await, hubs.files(address).await);
    let mut refused = None;
    for _ in 0..50 {
        let answer = one.get("/lists").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("so many calls are more than two in a second");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.error(429).contains("Too many requests"));
    number(&other, "/lists").await;
    hubs.platform.get(&format!("/instances/{}", one.id)).await.ok();
}
