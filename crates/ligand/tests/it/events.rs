//! Events: webhooks of vendors come in, become events, and reach the application.

mod counts;
mod hooks;
mod polling;
mod webhooks;

use serde_json::{Value, json};

use crate::{
    harness::{API, Answer, Platform},
    receiver::{Received, Receiver},
};

pub(crate) const KEY: &str = "MySecretEventSignatureKey";

/// A platform that may call receivers on this machine.
pub(crate) async fn platform() -> Platform {
    Platform::with(&[("egress__allow", "127.0.0.0/8")]).await
}

/// An instance with events whose notifications go there.
pub(crate) async fn instance(platform: &Platform, element: &str, url: Option<&str>, more: &Value) -> Value {
    let mut body = platform.request(element, "watched");
    body["configuration"]["event.notification.enabled"] = json!(true);
    body["configuration"]["event.vendor.type"] = json!("webhook");
    if let Some(url) = url {
        body["configuration"]["event.notification.callback.url"] = json!(url);
        body["configuration"]["event.notification.signature.key"] = json!(KEY);
    }
    for (key, value) in more.as_object().into_iter().flatten() {
        body["configuration"][key] = value.clone();
    }
    platform.post("/instances", &body).await.ok()
}

/// Sends a webhook as vendors do.
pub(crate) async fn hook(
    platform: &Platform,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> Answer {
    platform.raw(method, &format!("{API}{path}"), headers, body.into()).await
}

/// Sends a webhook with JSON.
pub(crate) async fn hook_json(platform: &Platform, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = [&[("content-type", "application/json")], headers].concat();
    hook(platform, "POST", path, &headers, body.to_string()).await
}

/// The event with this id, once it has this status.
pub(crate) async fn until(platform: &Platform, instance: &Value, event: &str, status: &str) -> Value {
    loop {
        let found = platform.get(&format!("/instances/{}/events/{event}", instance["id"])).await.ok();
        if found["status"] == status {
            return found;
        }
        tokio::task::yield_now().await;
    }
}

/// The messages about an event, once one of them has this text in it.
pub(crate) async fn until_told(platform: &Platform, event: &str, text: &str) -> Vec<String> {
    loop {
        let all = platform.get("/instances/events/dispositions").await.ok();
        let of =
            all.as_array().expect("a list").iter().find(|one| one["eventId"] == event).expect("a disposition").clone();
        let messages: Vec<String> = of["notificationData"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["message"].as_str().expect("a text").to_owned())
            .collect();
        if messages.iter().any(|message| message.contains(text)) {
            return messages;
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) fn event_id(received: &Received) -> String {
    received.json()["message"]["eventId"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_webhook_reaches_the_application_signed_and_leaves_its_traces() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let instance = instance(&platform, "actpremium", Some(&receiver.url("/cb")), &json!({})).await;
    assert_eq!(instance["eventsEnabled"], true);
    assert_eq!(instance["eventsNotificationCallbackUrl"], receiver.url("/cb"));
    let subscription = instance["subscriptionId"].as_i64().expect("a number");
    assert_eq!(instance["configuration"]["event.notification.subscription.id"], subscription.to_string());
    let topic = format!("instance-{}-actpremium-events", instance["id"]);
    let shown = platform.get(&format!("/notifications/subscriptions/{subscription}")).await.ok();
    assert_eq!((&shown["topics"], &shown["channel"]), (&json!([topic]), &json!("webhook")));

    let body = json!({ "objects": [{ "attributes": { "type": "Account" }, "Id": "001" }], "action": "update" });
    let path = format!("/events/actpremium/{}", instance["id"]);
    let headers = [("authorization", "Bearer whatever"), ("x-vendor", "v")];
    assert_eq!(hook_json(&platform, &path, &headers, &body).await.ok(), json!({}));
    let received = receiver.wait_for(1).await.remove(0);
    let sent = received.json();
    let message = &sent["message"];
    assert_eq!(
        (&sent["topic"], &sent["from"], &sent["severity"]),
        (&json!(topic), &json!("actpremium"), &json!("low"))
    );
    assert_eq!(message["instanceId"], instance["id"]);
    assert_eq!(message["instanceName"], "watched");
    assert_eq!(message["elementKey"], "actpremium");
    assert_eq!(message["raw"], body);
    let event = &message["events"][0];
    assert_eq!(
        (&event["objectType"], &event["objectId"], &event["eventType"], &event["hubKey"]),
        (&json!("Account"), &json!("001"), &json!("UPDATED"), &json!("crm"))
    );
    for name in ["accountId", "companyId", "userId"] {
        assert!(message[name].is_number(), "{name}");
    }
    let id = event_id(&received);
    let expected = ligand_engine::keyed_hash("sha256", KEY.as_bytes(), &received.bytes).expect("an algorithm");
    let signature = received.header("elements-webhook-signature").expect("a signature");
    assert_eq!(base64_of(signature.strip_prefix("sha256=").expect("its kind")), expected);
    assert!(received.header("webhook-signature").is_some_and(|it| it.starts_with("v1,")));
    assert!(received.header("elements-webhook-id").is_some_and(|id| !id.is_empty()));

    let found = until(&platform, &instance, &id, "NOTIFIED").await;
    assert_eq!(serde_json::from_str::<Value>(found["providerData"].as_str().unwrap()).unwrap(), body);
    assert_eq!(found["notifiedData"][0]["message"], *message);
    assert_eq!(found["eventElementInstances"][0]["elementInstanceId"], instance["id"]);
    assert_eq!(platform.get(&format!("/instances/events/{id}")).await.ok(), found);
    let told = until_told(&platform, &id, "Delivered event").await;
    assert_eq!(told.len(), 1, "{told:?}");
}

/// Reads base64 through the platform's own reader of tokens is not possible, so it is done by hand.
fn base64_of(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        let value = DIGITS.iter().position(|it| *it == digit).expect("base64");
        bits = (bits << 6) | u32::try_from(value).expect("six bits");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("eight bits"));
        }
    }
    bytes
}

#[tokio::test]
async fn the_subscription_follows_the_configuration_of_the_instance() {
    let platform = platform().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let instance = instance(&platform, "actpremium", Some(&first.url("/")), &json!({})).await;
    let path = format!("/instances/{}", instance["id"]);
    let change = async |configuration: Value| {
        platform.send("PATCH", &path, Some(&json!({ "configuration": configuration }))).await.ok()
    };
    let subscriptions = async || {
        let all = platform.get("/notifications/subscriptions").await.ok();
        all.as_array().unwrap().iter().map(|it| it["config"]["url"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let same = change(json!({ "event.notification.callback.headers": "X-A:1" })).await;
    assert_eq!(same["subscriptionId"], instance["subscriptionId"], "the address is the same");
    let forged = change(json!({ "event.notification.subscription.id": "999" })).await;
    assert_eq!(forged["subscriptionId"], instance["subscriptionId"], "the platform writes it");
    let moved = change(json!({ "event.notification.callback.url": second.url("/") })).await;
    assert_ne!(moved["subscriptionId"], instance["subscriptionId"]);
    assert_eq!(subscriptions().await, [second.url("/")]);
    let hooked = format!("/events/actpremium/{}", instance["id"]);
    hook_json(&platform, &hooked, &[], &json!({})).await.ok();
    assert_eq!(second.wait_for(1).await[0].header("x-a"), Some("1"));
    for unset in [json!(null), json!(""), json!("false")] {
        let changed = change(json!({ "event.notification.callback.url": unset })).await;
        assert_eq!((changed.get("subscriptionId"), changed.get("eventsNotificationCallbackUrl")), (None, None));
        assert_eq!(subscriptions().await, Vec::<String>::new());
    }
    hook_json(&platform, &hooked, &[], &json!({})).await.ok();
    let events = platform.get(&format!("{path}/events")).await.ok();
    assert_eq!(events[0]["status"], "CONSUMED", "it is recorded without anybody to tell");
    change(json!({ "event.notification.callback.url": second.url("/") })).await;
    platform.send("DELETE", &format!("{path}/enabled"), None).await.ok();
    assert_eq!(subscriptions().await, Vec::<String>::new());
    hook_json(&platform, &hooked, &[], &json!({})).await.ok();
    assert_eq!(platform.get(&format!("{path}/events")).await.ok().as_array().unwrap().len(), 2, "it is switched off");
    platform.send("PUT", &format!("{path}/enabled"), None).await.ok();
    assert_eq!(subscriptions().await, [second.url("/")]);
    change(json!({ "event.notification.enabled": false })).await;
    assert_eq!(subscriptions().await, Vec::<String>::new());
    change(json!({ "event.notification.enabled": "true" })).await;
    let bad = json!({ "configuration": { "event.notification.type": "email" } });
    platform.send("PATCH", &path, Some(&bad)).await.error(400);
    platform.send("DELETE", &path, None).await.ok();
    assert_eq!(subscriptions().await, Vec::<String>::new());
    assert_eq!(second.received().len(), 1);
}

#[tokio::test]
async fn what_waited_for_the_old_address_goes_to_the_new_one() {
    let platform = platform().await;
    let (broken, well) = (Receiver::start().await, Receiver::start().await);
    broken.always(Some(crate::receiver::Reply::Status(500)));
    let instance = instance(&platform, "actpremium", Some(&broken.url("/")), &json!({})).await;
    hook_json(&platform, &format!("/events/actpremium/{}", instance["id"]), &[], &json!({ "n": 1 })).await.ok();
    let id = event_id(&broken.wait_for(1).await[0]);
    let told = until_told(&platform, &id, "Error delivering event").await;
    assert!(told[0].contains("status 500"), "{told:?}");
    let body = json!({ "configuration": { "event.notification.callback.url": well.url("/") } });
    platform.send("PATCH", &format!("/instances/{}", instance["id"]), Some(&body)).await.ok();
    platform.pass(std::time::Duration::from_secs(5));
    assert_eq!(event_id(&well.wait_for(1).await[0]), id);
    until(&platform, &instance, &id, "NOTIFIED").await;
}

#[tokio::test]
async fn old_events_are_pruned_and_what_waits_stays() {
    let platform = platform().await;
    let (well, broken) = (Receiver::start().await, Receiver::start().await);
    broken.always(Some(crate::receiver::Reply::Status(500)));
    const POLICY: &str = "notification.webhook.failure.policy";
    platform.send("PATCH", "/accounts/settings", Some(&json!({ POLICY: "queue" }))).await.ok();
    let kept = instance(&platform, "actpremium", Some(&broken.url("/")), &json!({})).await;
    let pruned = instance(&platform, "actpremium", Some(&well.url("/")), &json!({})).await;
    for instance in [&kept, &pruned] {
        hook_json(&platform, &format!("/events/actpremium/{}", instance["id"]), &[], &json!({})).await.ok();
    }
    let id = event_id(&well.wait_for(1).await[0]);
    until(&platform, &pruned, &id, "NOTIFIED").await;
    until_told(&platform, &event_id(&broken.wait_for(1).await[0]), "Error delivering event").await;
    let count = async |instance: &Value| {
        let all = platform.get(&format!("/instances/{}/events", instance["id"])).await.ok();
        all.as_array().unwrap().len()
    };
    let queued =
        async || platform.get("/notifications/subscriptions/deliveries?where=status='queued'").await.ok() != json!([]);
    while !queued().await {
        tokio::task::yield_now().await;
    }
    platform.pass(std::time::Duration::from_secs(31 * 86_400));
    while count(&pruned).await > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&kept).await, 1);
    assert_eq!(platform.get(&format!("/notifications/{id}")).await.status, 404);
    platform.pass(std::time::Duration::from_secs(60 * 86_400));
    while count(&kept).await > 0 {
        tokio::task::yield_now().await;
    }
}
