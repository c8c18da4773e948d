//! What becomes of deliveries whose receiver fails, hangs, redirects and recovers.

use std::time::Duration;

use serde_json::json;

use super::{delivery, platform, publish, subscribe, until};
use crate::receiver::{Receiver, Reply};

const POLICY: &str = "notification.webhook.failure.policy";
const RELEASE: &str = "/notifications/subscriptions/deliveries";

#[tokio::test]
async fn a_failed_delivery_is_tried_again_by_schedule_until_it_is_accepted() {
    let platform = platform(&[]).await;
    let receiver = Receiver::start().await;
    let subscription = subscribe(&platform, &receiver.url("/"), "t").await;
    receiver.next([Reply::Status(502), Reply::Status(404), Reply::Redirect(receiver.url("/elsewhere"))]);
    let notification = publish(&platform, "t").await;
    let failed = until(&platform, notification, subscription, "retry").await;
    assert_eq!(failed["error"], "the receiver failed (status 502)");
    platform.pass(Duration::from_secs(3));
    assert_eq!(delivery(&platform, notification, subscription).await["attempts"].as_array().unwrap().len(), 1);
    for (wait, count) in [(2, 2), (13, 3), (52, 4)] {
        platform.pass(Duration::from_secs(wait));
        receiver.wait_for(count).await;
        // The books are closed before time goes on: a try is planned from what they say.
        while delivery(&platform, notification, subscription).await["attempts"].as_array().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }
    let delivered = until(&platform, notification, subscription, "delivered").await;
    assert!(delivered.get("error").is_none());
    let outcomes: Vec<&str> =
        delivered["attempts"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["server-error", "client-error", "redirect", "accepted"]);
    let received = receiver.received();
    assert_eq!(received.len(), 4, "a redirect is not followed");
    assert!(received.iter().all(|request| request.bytes == received[0].bytes), "the same bytes each time");
    let ids: Vec<_> = received.iter().map(|request| request.header("elements-webhook-id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[tokio::test]
async fn after_the_last_try_the_subscription_waits_for_a_release() {
    let platform = platform(&[("notifications__retries", "1")]).await;
    let receiver = Receiver::start().await;
    let subscription = subscribe(&platform, &receiver.url("/"), "t").await;
    receiver.always(Some(Reply::Status(500)));
    let first = publish(&platform, "t").await;
    until(&platform, first, subscription, "retry").await;
    platform.pass(Duration::from_secs(5));
    until(&platform, first, subscription, "queued").await;
    let shown = platform.get(&format!("/notifications/subscriptions/{subscription}")).await.ok();
    assert_eq!(shown["active"], false);
    assert_eq!(platform.get("/accounts/settings").await.ok()[POLICY], "retry", "the account's policy stays");
    let second = publish(&platform, "t").await;
    assert_eq!(delivery(&platform, second, subscription).await["status"], "queued", "it is not even tried");
    platform.pass(Duration::from_secs(500_000));
    assert_eq!(receiver.received().len(), 2);

    receiver.always(None);
    let released =
        platform.send("PUT", &format!("{RELEASE}?where=channel='webhook'%20and%20status='queued'"), None).await;
    assert_eq!(released.json().as_array().unwrap().len(), 2);
    for notification in [first, second] {
        until(&platform, notification, subscription, "delivered").await;
    }
    let order: Vec<i64> = receiver.received()[2..].iter().map(|it| it.json()["id"].as_i64().unwrap()).collect();
    assert_eq!(order, [first, second], "in their order");
    let shown = platform.get(&format!("/notifications/subscriptions/{subscription}")).await.ok();
    assert_eq!(shown["active"], true);
}

#[tokio::test]
async fn with_the_other_policy_a_failed_delivery_waits_for_a_release() {
    let platform = platform(&[]).await;
    let receiver = Receiver::start().await;
    platform.send("PATCH", "/accounts/settings", Some(&json!({ POLICY: "queue" }))).await.ok();
    let subscription = subscribe(&platform, &receiver.url("/"), "t").await;
    let other = subscribe(&platform, &receiver.url("/other"), "t").await;
    receiver.next([Reply::Status(500), Reply::Status(500)]);
    let notification = publish(&platform, "t").await;
    until(&platform, notification, subscription, "queued").await;
    until(&platform, notification, other, "queued").await;
    platform.pass(Duration::from_secs(500_000));
    let at = format!("{RELEASE}?where=config.url='{}'", receiver.url("/"));
    let (stranger, _) = platform.person(true).await;
    assert_eq!(platform.send_as(&stranger, "PUT", RELEASE, None).await.ok(), json!([]));
    assert_eq!(receiver.received().len(), 2);
    let released = platform.send("PUT", &at, None).await.ok();
    assert_eq!(released[0]["subscriptionId"], subscription);
    until(&platform, notification, subscription, "delivered").await;
    assert_eq!(delivery(&platform, notification, other).await["status"], "queued", "it was not meant");
    assert_eq!(platform.send("PUT", &at, None).await.ok(), json!([]), "what is delivered is not delivered again");
    platform.send("PUT", &format!("{RELEASE}?where=nonsense='x'"), None).await.error(400);
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_only_itself() {
    let platform = platform(&[("notifications__timeout_seconds", "1"), ("notifications__per_endpoint", "2")]).await;
    let (hanging, prompt) = (Receiver::start().await, Receiver::start().await);
    hanging.always(Some(Reply::Hang));
    let slow = subscribe(&platform, &hanging.url("/"), "slow").await;
    let quick = subscribe(&platform, &prompt.url("/"), "quick").await;
    let mut stuck = Vec::new();
    for _ in 0..8 {
        stuck.push(publish(&platform, "slow").await);
    }
    let notification = publish(&platform, "quick").await;
    prompt.wait_for(1).await;
    until(&platform, notification, quick, "delivered").await;
    let first = until(&platform, stuck[0], slow, "retry").await;
    assert_eq!(first["attempts"][0]["outcome"], "timeout");
    hanging.always(None);
    for _ in 0..200 {
        platform.pass(Duration::from_secs(90));
        tokio::task::yield_now().await;
    }
    // What hung is delivered once the receiver is well; the circuit opens again by real time.
    for notification in stuck {
        loop {
            platform.pass(Duration::from_secs(60));
            if delivery(&platform, notification, slow).await["status"] == "delivered" {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_delivered_says_why() {
    let platform = platform(&[]).await;
    let closed = Receiver::start().await;
    let url = closed.url("/");
    drop(closed);
    let unreachable = subscribe(&platform, &url, "t").await;
    let insecure = Receiver::start().await;
    let tls = subscribe(&platform, &insecure.url("/").replace("http:", "https:"), "t").await;
    let inside = subscribe(&platform, "http://inside.localhost:1/", "t").await;
    let sms = {
        let body = json!({ "channel": "sms", "topics": ["t"], "config": { "phone": "1" } });
        platform.post("/notifications/subscriptions", &body).await.ok()["id"].as_i64().unwrap()
    };
    let notification = publish(&platform, "t").await;
    for (subscription, status, outcome) in [
        (unreachable, "retry", "unreachable"),
        (tls, "retry", "tls"),
        (inside, "retry", "unreachable"),
        (sms, "queued", "no-transport"),
    ] {
        let found = until(&platform, notification, subscription, status).await;
        assert_eq!(found["attempts"][0]["outcome"], outcome, "{found}");
    }
}

#[tokio::test]
async fn an_address_that_comes_to_lie_inside_is_not_called() {
    let guarded = crate::harness::Platform::start().await;
    let body = json!({ "channel": "webhook", "topics": ["t"], "config": { "url": "http://127.0.0.1:1/" } });
    let message = guarded.post("/notifications/subscriptions", &body).await.error(400);
    assert!(message.contains("private or loopback"), "{message}");
}

#[tokio::test]
async fn an_ended_subscription_gets_nothing_more() {
    let platform = platform(&[]).await;
    let receiver = Receiver::start().await;
    let subscription = subscribe(&platform, &receiver.url("/"), "t").await;
    receiver.always(Some(Reply::Status(500)));
    let notification = publish(&platform, "t").await;
    until(&platform, notification, subscription, "retry").await;
    platform.send("DELETE", &format!("/notifications/subscriptions/{subscription}"), None).await.ok();
    platform.pass(Duration::from_secs(500_000));
    let later = publish(&platform, "t").await;
    platform.get(&format!("/notifications/{later}/subscriptions/{subscription}/deliveries")).await.error(404);
    assert_eq!(platform.send("PUT", RELEASE, None).await.ok(), json!([]));
    assert_eq!(receiver.received().len(), 1);
}
