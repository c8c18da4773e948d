//! Tokens that are renewed, by one for all, and grants that have ended.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::{CALLBACK, count, expire, platform, vendor};
use crate::harness::{Client, Platform};

const HOUR: Duration = Duration::from_secs(3600);

/// Lets the time of all access tokens pass, at the vendor too.
async fn let_expire(platform: &Platform) {
    platform.pass(HOUR);
    expire(&platform.sandbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_make_one_renewal() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let other = platform.beside().await;
    let header = platform.with_token(instance["token"].as_str().expect("a token"));
    let address = other.as_ref().map_or(platform.address, |(client, _)| client.address());
    let clients = [Client::new(platform.address, header.clone()), Client::new(address, header)];
    for round in 1..=3 {
        let_expire(&platform).await;
        let calls = (0..200).map(|number| clients[number % 2].send("GET", "/hubs/crm/contacts", None));
        for answer in join_all(calls).await {
            answer.ok();
        }
        assert_eq!(count(&platform.sandbox, "refreshes").await, round);
    }
    assert_eq!(count(&platform.sandbox, "refreshReuses").await, 0);
    assert_eq!(count(&platform.sandbox, "unauthorized").await, 0, "no call went out with an old token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_the_vendor_refuses_early_is_renewed_once() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let other = platform.beside().await;
    let header = platform.with_token(instance["token"].as_str().expect("a token"));
    let address = other.as_ref().map_or(platform.address, |(client, _)| client.address());
    let clients = [Client::new(platform.address, header.clone()), Client::new(address, header)];
    platform.pass(Duration::from_secs(60));
    expire(&platform.sandbox).await;
    let calls = (0..100).map(|number| clients[number % 2].send("GET", "/hubs/crm/contacts", None));
    for answer in join_all(calls).await {
        answer.ok();
    }
    assert_eq!((count(&platform.sandbox, "refreshes").await, count(&platform.sandbox, "refreshReuses").await), (1, 0));
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_take_the_new_tokens_along() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let_expire(&platform).await;
    platform.fault("fernhill", &json!({ "fault": "slow", "delayMillis": 400, "times": 1 })).await;
    let call = platform.contacts(&instance);
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err(), "it waits for the vendor");
    platform.contacts(&instance).await.ok();
    assert_eq!((count(&platform.sandbox, "refreshes").await, count(&platform.sandbox, "refreshReuses").await), (1, 0));
}

#[tokio::test]
async fn a_grant_that_has_ended_is_told_plainly_and_asked_for_no_more() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    vendor(&platform.sandbox, "DELETE", "/_sandbox/fernhill/grants", None).await;
    platform.pass(HOUR);
    let first = platform.contacts(&instance).await;
    assert_eq!(first.json()["providerMessage"], "The grant was revoked.");
    assert_eq!(
        first.error(401),
        "The access that was granted to Fernhill CRM has ended: authorize the element instance again"
    );
    for answer in join_all((0..20).map(|_| platform.contacts(&instance))).await {
        answer.error(401);
    }
    assert_eq!(count(&platform.sandbox, "refusals").await, 1, "the vendor is asked once");
    assert_eq!(platform.get(&format!("/instances/{}", instance["id"])).await.ok()["valid"], false);

    let code = super::parameter(&super::granted(&platform.client(), &platform.sandbox, json!({})).await, "code");
    let body = json!({ "providerData": { "code": code } });
    let path = format!("/instances/{}", instance["id"]);
    assert_eq!(platform.send("PUT", &path, Some(&body)).await.ok()["valid"], true);
    platform.contacts(&instance).await.ok();
}

#[tokio::test]
async fn a_vendor_that_fails_does_not_end_a_grant() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let_expire(&platform).await;
    for fault in ["http500", "page", "empty", "http503"] {
        platform.fault("fernhill", &json!({ "fault": fault, "times": 1 })).await;
        let answer = platform.contacts(&instance).await;
        assert_eq!(answer.status, 502, "{fault}: {}", answer.text);
    }
    assert_eq!(platform.get(&format!("/instances/{}", instance["id"])).await.ok()["valid"], true);
    platform.contacts(&instance).await.ok();
    assert_eq!(count(&platform.sandbox, "refreshes").await, 1);
}

#[tokio::test]
async fn an_object_that_was_read_earlier_does_not_bring_old_tokens_back() {
    let platform = platform(&[]).await;
    let mut earlier = platform.crm().await;
    let_expire(&platform).await;
    platform.contacts(&earlier).await.ok();
    earlier["tags"] = json!(["echoed"]);
    let path = format!("/instances/{}", earlier["id"]);
    let changed = platform.send("PUT", &path, Some(&earlier)).await.ok();
    assert_eq!(changed["tags"], json!(["echoed"]));
    assert_ne!(changed["configuration"]["oauth.user.token"], earlier["configuration"]["oauth.user.token"]);
    let_expire(&platform).await;
    platform.contacts(&changed).await.ok();
    assert_eq!((count(&platform.sandbox, "refreshes").await, count(&platform.sandbox, "refreshReuses").await), (2, 0));
}

#[tokio::test]
async fn changes_of_an_instance_whose_token_is_old() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let path = format!("/instances/{}", instance["id"]);
    let_expire(&platform).await;
    let body = json!({ "configuration": { "oauth.callback.url": CALLBACK, "some.thing": "else" } });
    platform.send("PATCH", &path, Some(&body)).await.ok();
    assert_eq!(count(&platform.sandbox, "refreshes").await, 1);

    // A secret that was changed at the vendor ends the grant until it is changed here.
    let_expire(&platform).await;
    let wrong = json!({ "configuration": { "oauth.api.secret": "planted-old-secret" } });
    platform.send("PATCH", &path, Some(&wrong)).await.ok();
    let_expire(&platform).await;
    platform.contacts(&instance).await.error(401);
    let right = super::configuration(&platform.sandbox, "fernhill")["oauth.api.secret"].clone();
    let right = json!({ "configuration": { "oauth.api.secret": right } });
    assert_eq!(platform.send("PATCH", &path, Some(&right)).await.ok()["valid"], true);
    platform.contacts(&instance).await.ok();
    assert_eq!(count(&platform.sandbox, "refreshReuses").await, 0);
}

#[tokio::test]
async fn tokens_that_nobody_grants_are_got_and_renewed_likewise() {
    let platform = platform(&[]).await;
    let mut own = platform.get("/elements/fernhill").await.ok();
    own["key"] = json!("machine");
    own["authentication"]["type"] = json!("oauth2ClientCredentials");
    own.as_object_mut().expect("an object").remove("id");
    platform.post("/elements", &own).await.ok();
    let mut body = super::creation(&platform.sandbox, "");
    body.as_object_mut().expect("an object").remove("providerData");
    body["element"]["key"] = json!("machine");
    let instance = platform.post("/instances", &body).await.ok();
    assert_eq!(count(&platform.sandbox, "clientCredentials").await, 1);
    let_expire(&platform).await;
    for answer in join_all((0..50).map(|_| platform.contacts(&instance))).await {
        answer.ok();
    }
    assert_eq!(count(&platform.sandbox, "clientCredentials").await, 2);
    body["configuration"]["oauth.api.secret"] = json!("planted-wrong-secret");
    let refused = platform.post("/instances", &body).await;
    assert!(!refused.text.contains("planted"), "{}", refused.text);
    refused.error(401);
}

#[tokio::test]
async fn a_change_that_comes_to_nothing_does_not_lose_the_tokens_it_brought() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    let path = format!("/instances/{}", instance["id"]);
    let wrong = json!({ "configuration": { "oauth.api.secret": "planted-old-secret" } });
    platform.send("PATCH", &path, Some(&wrong)).await.ok();
    let_expire(&platform).await;
    platform.contacts(&instance).await.error(401);
    let right = super::configuration(&platform.sandbox, "fernhill")["oauth.api.secret"].clone();
    let body = json!({ "configuration": { "oauth.api.secret": right, "base.url": "http://127.0.0.1:1" } });
    platform.send("PATCH", &path, Some(&body)).await.error(400);
    assert_eq!(count(&platform.sandbox, "refreshes").await, 1);
    let shown = platform.get(&path).await.ok();
    assert_eq!(shown["valid"], true);
    assert_ne!(shown["configuration"]["base.url"], "http://127.0.0.1:1");
    platform.contacts(&instance).await.ok();
    assert_eq!((count(&platform.sandbox, "refreshes").await, count(&platform.sandbox, "refreshReuses").await), (1, 0));
}
