//! Notifications, subscriptions, deliveries: the routes, and what becomes of deliveries when receivers fail.

mod email;
mod failures;

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Platform},
    receiver::Receiver,
};

/// A platform that may call receivers on this machine.
pub(crate) async fn platform(pairs: &[(&str, &str)]) -> Platform {
    let allowed = ("egress__allow", "127.0.0.0/8");
    Platform::with(&[&[allowed], pairs].concat()).await
}

pub(crate) async fn subscribe(platform: &Platform, url: &str, topic: &str) -> i64 {
    let body = json!({ "channel": "webhook", "topics": [topic], "config": { "url": url } });
    let made = platform.post("/notifications/subscriptions", &body).await.ok();
    assert_eq!(made["active"], true);
    made["id"].as_i64().expect("a number")
}

pub(crate) async fn publish(platform: &Platform, topic: &str) -> i64 {
    let body = json!({ "topic": topic, "message": "hello", "severity": "high", "from": "me" });
    platform.post("/notifications", &body).await.ok()["id"].as_i64().expect("a number")
}

/// A delivery with its notification, subscription and attempts.
pub(crate) async fn delivery(platform: &Platform, notification: i64, subscription: i64) -> Value {
    let path = format!("/notifications/{notification}/subscriptions/{subscription}/deliveries?hydrate=true");
    platform.get(&path).await.ok()
}

/// The delivery once it stands so.
pub(crate) async fn until(platform: &Platform, notification: i64, subscription: i64, status: &str) -> Value {
    loop {
        let now = delivery(platform, notification, subscription).await;
        if now["status"] == status {
            return now;
        }
        tokio::task::yield_now().await;
    }
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.json().as_array().expect("a list").iter().map(|item| item["id"].as_i64().expect("a number")).collect()
}

#[tokio::test]
async fn notifications_are_published_listed_acknowledged_and_deleted() {
    let platform = Platform::start().await;
    for (body, told) in [
        (json!({}), "topic"),
        (json!({ "topic": null, "message": "m" }), "topic"),
        (json!({ "topic": " ", "message": "m" }), "topic"),
        (json!({ "topic": 7, "message": "m" }), "topic"),
        (json!({ "topic": "t", "message": null }), "message"),
        (json!({ "topic": "t", "message": "m", "severity": "grave" }), "severity"),
        (json!({ "topic": "t".repeat(501), "message": "m" }), "topic"),
        (json!({ "topic": "t", "message": "m".repeat(300_000) }), "message"),
        (json!({ "topic": "a\u{0}b", "message": "m" }), "NUL"),
    ] {
        let message = platform.post("/notifications", &body).await.error(400);
        assert!(message.contains(told), "{message}");
    }
    let first = platform.post("/notifications", &json!({ "topic": "a", "message": "m" })).await.ok();
    assert_eq!(
        (&first["severity"], &first["active"], &first["acknowledged"], &first["from"], &first["message"]),
        (&json!("low"), &json!(true), &json!(false), &json!("admin@example.com"), &json!("m"))
    );
    assert!(first["createdDate"].as_str().is_some_and(|date| date.ends_with('Z')));
    let second = publish(&platform, "b").await;
    let third = platform.post("/notifications", &json!({ "topic": "a", "message": { "raw": 1 } })).await.ok();
    assert_eq!(third["message"], json!({ "raw": 1 }));
    let (first, third) = (first["id"].as_i64().unwrap(), third["id"].as_i64().unwrap());
    assert_eq!(ids(&platform.get("/notifications?topics[]=a&topics%5B%5D=b").await), [third, second, first]);
    assert_eq!(ids(&platform.get("/notifications?topics[]=a,b&severity=high").await), [second]);
    assert_eq!(platform.get("/notifications?topics[]=nobody").await.ok(), json!([]));
    let message = platform.get("/notifications").await.error(400);
    assert!(message.contains("topic"), "{message}");
    platform.get("/notifications?severity=grave").await.error(400);
    platform.get("/notifications?topics[]=a&from=yesterday").await.error(400);
    let page = platform.get("/notifications?topics[]=a&pageSize=1").await;
    assert_eq!(ids(&page), [third]);
    let next = page.header("elements-next-page-token").to_owned();
    let page = platform.get(&format!("/notifications?topics[]=a&nextPage={next}")).await;
    assert_eq!(ids(&page), [first]);
    assert_eq!(page.header("elements-next-page-token"), "");

    for body in [None, Some(json!({ "unrelated": true }))] {
        let path = format!("/notifications/{first}/acknowledge");
        assert_eq!(platform.send("PUT", &path, body.as_ref()).await.ok()["acknowledged"], true);
    }
    assert_eq!(ids(&platform.get("/notifications?topics[]=a&acknowledged=true").await), [first]);
    for id in ["-1", "999999999999", "undefined", "0"] {
        platform.get(&format!("/notifications/{id}")).await.error(404);
        platform.send("PUT", &format!("/notifications/{id}/acknowledge"), None).await.error(404);
        platform.send("DELETE", &format!("/notifications/{id}"), None).await.error(404);
    }
    platform.send("DELETE", &format!("/notifications/{first}"), None).await.ok();
    platform.get(&format!("/notifications/{first}")).await.error(404);
}

#[tokio::test]
async fn subscriptions_are_made_listed_and_ended() {
    let platform = platform(&[]).await;
    for body in [
        json!({}),
        json!({ "channel": "webhook", "topics": ["t"], "config": { "url": null } }),
        json!({ "channel": "webhook", "topics": ["t"], "config": {} }),
        json!({ "channel": "webhook", "topics": ["t"], "config": { "url": "ftp://a/b" } }),
        json!({ "channel": "webhook", "topics": ["t"], "config": { "url": "http://10.0.0.1/" } }),
        json!({ "channel": "webhook", "topics": [], "config": { "url": "https://example.com" } }),
        json!({ "channel": "webhook", "topics": [7], "config": { "url": "https://example.com" } }),
        json!({ "channel": "pigeon", "topics": ["t"], "config": { "url": "https://example.com" } }),
        json!({ "channel": "email", "topics": ["t"], "config": { "to": "nobody" } }),
        json!({ "channel": "email", "topics": ["t"] }),
        json!({ "channel": "webhook", "topics": ["t"], "config": { "url": "https://example.com", "x": "y".repeat(20_000) } }),
    ] {
        platform.post("/notifications/subscriptions", &body).await.error(400);
    }
    let first = subscribe(&platform, "https://example.com/hook", "t").await;
    let second = subscribe(&platform, "https://example.com/hook", "t").await;
    assert_ne!(first, second, "the same may be wanted twice");
    let shown = platform.get(&format!("/notifications/subscriptions/{first}")).await.ok();
    assert_eq!(shown["config"], json!({ "url": "https://example.com/hook" }));
    assert_eq!(shown["topics"], json!(["t"]));
    assert_eq!(ids(&platform.get("/notifications/subscriptions").await), [first, second]);
    assert_eq!(ids(&platform.get("/notifications/subscriptions?pageSize=1").await), [first]);
    assert_eq!(
        ids(&platform.get("/notifications/subscriptions?where=topic%3D%27t%27%20and%20channel='webhook'").await),
        [first, second]
    );
    assert_eq!(platform.get("/notifications/subscriptions?where=topic='u'").await.ok(), json!([]));
    platform.get("/notifications/subscriptions?where=nonsense='u'").await.error(400);
    platform.send("DELETE", &format!("/notifications/subscriptions/{first}"), None).await.ok();
    for id in [first.to_string(), "-1".to_owned(), "999999999999".to_owned(), "x".to_owned()] {
        platform.get(&format!("/notifications/subscriptions/{id}")).await.error(404);
        platform.send("DELETE", &format!("/notifications/subscriptions/{id}"), None).await.error(404);
    }
}

#[tokio::test]
async fn every_subscription_to_a_topic_gets_its_delivery() {
    let platform = platform(&[]).await;
    let receiver = Receiver::start().await;
    let first = subscribe(&platform, &receiver.url("/one?token=planted"), "t").await;
    let second = subscribe(&platform, &receiver.url("/two"), "t").await;
    subscribe(&platform, &receiver.url("/other"), "T").await;
    let notification = publish(&platform, "t").await;
    let of = platform.get(&format!("/notifications/{notification}/subscriptions/deliveries")).await.ok();
    let to: Vec<&Value> = of.as_array().unwrap().iter().map(|item| &item["subscriptionId"]).collect();
    assert_eq!(to, [&json!(first), &json!(second)], "they exist when the notification is answered");
    let received = receiver.wait_for(2).await;
    let mut paths: Vec<&str> = received.iter().map(|request| request.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/one?token=planted", "/two"]);
    let shown = platform.get(&format!("/notifications/{notification}")).await.ok();
    for request in &received {
        assert_eq!(request.json(), shown);
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("elements-webhook-id"), Some(notification.to_string().as_str()));
        assert_eq!(request.header("webhook-id"), Some(notification.to_string().as_str()));
        assert!(request.header("webhook-timestamp").is_some_and(|time| time.parse::<i64>().is_ok()));
        assert_eq!(request.header("elements-webhook-signature"), None, "there is no key");
    }
    let delivered = until(&platform, notification, first, "delivered").await;
    assert_eq!(delivered["notification"]["id"], notification);
    assert_eq!(delivered["subscription"]["id"], first);
    assert_eq!(delivered["attempts"][0]["statusCode"], 200);
    assert_eq!(delivered["attempts"][0]["outcome"], "accepted");
    assert_eq!(delivered["attempts"][0]["request"]["url"], receiver.url("/one?token=********"));
    assert_eq!(delivered["attempts"][0]["response"]["body"], "{\"received\":true}");
    until(&platform, notification, second, "delivered").await;
    let all = platform.get("/notifications/subscriptions/deliveries?where=status%20=%20'delivered'").await;
    assert_eq!(all.json().as_array().unwrap().len(), 2);
    assert!(all.json()[0].get("notification").is_none());
    for (condition, count) in [
        (format!("config.url='{}'", receiver.url("/two")), 1),
        ("channel='webhook' and status='delivered' and topic='t'".to_owned(), 2),
        ("channel='email'".to_owned(), 0),
        (format!("subscriptionId={first} or subscriptionId={second}"), 2),
        ("status='queued'".to_owned(), 0),
    ] {
        let encoded: String = condition.replace(' ', "%20").replace('=', "%3D");
        let found = platform.get(&format!("/notifications/subscriptions/deliveries?where={encoded}")).await.ok();
        assert_eq!(found.as_array().unwrap().len(), count, "{condition}");
    }
    platform.get("/notifications/subscriptions/deliveries?where=secret='x'").await.error(400);
    platform.get("/notifications/subscriptions/deliveries?where=status=").await.error(400);
    platform.get(&format!("/notifications/{notification}/subscriptions/999/deliveries")).await.error(404);
    platform.get("/notifications/-1/subscriptions/deliveries").await.error(404);
}

#[tokio::test]
async fn credentials_are_needed_and_others_things_are_not_found() {
    let platform = platform(&[]).await;
    let subscription = subscribe(&platform, "https://example.com/", "nobody-publishes").await;
    let notification = publish(&platform, "t").await;
    let body = json!({ "to": "a@example.com", "topic": "t", "message": "m" });
    let routes = [
        ("GET", "/notifications?topics[]=t".to_owned()),
        ("POST", "/notifications".to_owned()),
        ("POST", "/notifications/emails".to_owned()),
        ("GET", format!("/notifications/{notification}")),
        ("DELETE", format!("/notifications/{notification}")),
        ("PUT", format!("/notifications/{notification}/acknowledge")),
        ("GET", "/notifications/subscriptions".to_owned()),
        ("POST", "/notifications/subscriptions".to_owned()),
        ("GET", format!("/notifications/subscriptions/{subscription}")),
        ("DELETE", format!("/notifications/subscriptions/{subscription}")),
        ("GET", format!("/notifications/{notification}/subscriptions/{subscription}/deliveries")),
        ("GET", format!("/notifications/{notification}/subscriptions/deliveries")),
        ("GET", "/notifications/subscriptions/deliveries".to_owned()),
        ("PUT", "/notifications/subscriptions/deliveries".to_owned()),
        ("GET", "/accounts/settings".to_owned()),
        ("PATCH", "/accounts/settings".to_owned()),
    ];
    let (other, account) = platform.person(true).await;
    for (method, path) in &routes {
        platform.anonymous(method, path, Some(&body)).await.error(401);
        if path.contains(&notification.to_string()) || path.contains(&format!("/{subscription}")) {
            platform.send_as(&other, method, path, None).await.error(404);
        }
    }
    assert_eq!(platform.send_as(&other, "GET", "/notifications?topics[]=t", None).await.ok(), json!([]));
    assert_eq!(platform.send_as(&other, "GET", "/notifications/subscriptions", None).await.ok(), json!([]));
    platform.get(&format!("/accounts/{account}/settings")).await.ok();
    let (stranger, foreign) = platform.person(false).await;
    platform.get(&format!("/accounts/{foreign}/settings")).await.error(403);
    platform.send_as(&stranger, "PATCH", "/accounts/999999/settings", Some(&body)).await.error(404);
    platform.get("/notifications/emails").await.error(405);
    platform.get(&format!("/notifications/subscriptions/{subscription}")).await.ok();
}

#[tokio::test]
async fn the_policy_of_an_account_is_shown_and_changed() {
    let platform = Platform::start().await;
    const KEY: &str = "notification.webhook.failure.policy";
    assert_eq!(platform.get("/accounts/settings").await.ok(), json!({ KEY: "retry" }));
    let changed = platform.send("PATCH", "/accounts/settings", Some(&json!({ KEY: "queue" }))).await.ok();
    assert_eq!(changed, json!({ KEY: "queue" }));
    for body in [json!({}), json!({ KEY: "never" }), json!({ KEY: 1 }), json!({ "other": "x" }), json!([])] {
        platform.send("PATCH", "/accounts/settings", Some(&body)).await.error(400);
    }
    let account = platform.get("/accounts/settings").await.ok();
    assert_eq!(account, json!({ KEY: "queue" }));
}
