//! Webhooks: who they are for, what their bodies mean, what challenges are answered with, and what is refused.

use serde_json::{Value, json};

use super::{event_id, hook, hook_json, instance, platform};
use crate::{
    harness::{API, Platform},
    receiver::Receiver,
};

async fn events(platform: &Platform, instance: &Value) -> Vec<Value> {
    let all = platform.get(&format!("/instances/{}/events", instance["id"])).await.ok();
    all.as_array().expect("a list").clone()
}

fn base64(number: &Value) -> String {
    // Two known pairs are enough: the numbers of instances in a fresh platform are small.
    let pairs = [("1", "MQ=="), ("2", "Mg=="), ("3", "Mw=="), ("4", "NA==")];
    let text = number.to_string();
    pairs.iter().find(|(plain, _)| *plain == text).map(|(_, encoded)| (*encoded).to_owned()).expect("a small number")
}

#[tokio::test]
async fn a_webhook_finds_the_instance_that_it_names() {
    let platform = platform().await;
    let first = instance(&platform, "actpremium", None, &json!({})).await;
    let second = instance(&platform, "actpremium", None, &json!({})).await;
    let (a, b) = (first["id"].to_string(), second["id"].to_string());
    let body = json!({ "x": 1 });
    let json_kind = ("content-type", "application/json");
    let encoded = base64(&first["id"]);
    let mut expected = 0;
    for path in [
        format!("/events/actpremium/{encoded}"),
        format!("/events/actpremium/{}", encoded.trim_end_matches('=')),
        format!("/events/actpremium/{a}/"),
        format!("/events/servicecloud/{encoded}"),
        format!("/events/actpremiumPolling/{encoded}"),
    ] {
        hook_json(&platform, &path, &[("element-instances", &b)], &body).await.ok();
        expected += 1;
        assert_eq!(events(&platform, &first).await.len(), expected, "{path}");
    }
    for headers in [("element-instances", a.as_str()), ("id", a.as_str())] {
        hook_json(&platform, "/events/actpremium/", &[headers], &body).await.ok();
        expected += 1;
        assert_eq!(events(&platform, &first).await.len(), expected, "{headers:?}");
    }
    for named in [json!({ "instance_id": first["id"] }), json!({ "instance_id": a })] {
        hook_json(&platform, "/events/actpremium", &[], &named).await.ok();
        expected += 1;
    }
    hook(&platform, "PUT", "/events/actpremium", &[json_kind, ("id", &a)], body.to_string()).await.ok();
    hook(&platform, "GET", &format!("/events/actpremium/{a}?what=happened"), &[], "").await.ok();
    expected += 2;
    let all = events(&platform, &first).await;
    assert_eq!(all.len(), expected);
    assert_eq!(all[0]["providerData"], r#"{"what":"happened"}"#);
    assert_eq!(events(&platform, &second).await.len(), 0, "the first rule wins");
    let both = format!("{a}, {b}, {a}, 999999, x");
    hook_json(&platform, "/events/actpremium", &[("element-instances", &both)], &body).await.ok();
    assert_eq!((events(&platform, &first).await.len(), events(&platform, &second).await.len()), (expected + 1, 1));
    // Nobody, because there are two of them, or because there is none.
    for path in
        ["/events/actpremium", "/events/actpremium/autopilot123", "/events/actpremium/999999", "/events/infobip"]
    {
        assert_eq!(hook_json(&platform, path, &[], &body).await.ok(), json!({}), "{path}");
    }
    assert_eq!(events(&platform, &second).await.len(), 1);
    platform.send("DELETE", &format!("/instances/{b}"), None).await.ok();
    hook_json(&platform, "/events/actpremium", &[], &body).await.ok();
    assert_eq!(events(&platform, &first).await.len(), expected + 2, "there is only one");
    for path in ["/events/nonsense", "/events/Polling", "/events/nonsensePolling/1"] {
        let message = hook_json(&platform, path, &[], &body).await.error(404);
        assert!(message.contains("No element found"), "{message}");
    }
}

#[tokio::test]
async fn a_webhook_finds_the_instance_by_what_is_in_it() {
    let platform = platform().await;
    let finder = |site: &str| json!({ "event.notification.instance.finder": "site.id|data.site_id;other.id|header.x-site", "site.id": site });
    let first = instance(&platform, "actpremium", None, &finder("s1")).await;
    let second = instance(&platform, "actpremium", None, &finder("s2")).await;
    let by_token = json!({ "event.notification.instance.finder": "autopilot123" });
    let third = instance(&platform, "actpremium", None, &by_token).await;
    let user = instance(&platform, "actpremium", None, &json!({ "oauth.user.id": "U1", "other.id": "o" })).await;
    hook_json(&platform, "/events/actpremium", &[], &json!({ "data": { "site_id": "s2" } })).await.ok();
    hook_json(&platform, "/events/actpremium/autopilot123", &[], &json!({})).await.ok();
    hook(&platform, "GET", "/events/actpremium?any=autopilot123", &[], "").await.ok();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    hook(&platform, "POST", "/events/actpremium", &form, "userId=%5B%22U1%22%5D&n=1").await.ok();
    hook_json(&platform, "/events/actpremium", &[], &json!({ "data": { "site_id": "s3" } })).await.ok();
    let mut counts = Vec::new();
    for instance in [&first, &second, &third, &user] {
        counts.push(events(&platform, instance).await.len());
    }
    assert_eq!(counts, [0, 1, 2, 1]);
    let raw: Value = serde_json::from_str(events(&platform, &user).await[0]["providerData"].as_str().unwrap()).unwrap();
    assert_eq!(raw, json!({ "userId": ["U1"], "n": "1" }));
    let polling = json!({ "configuration": { "event.vendor.type": "polling" } });
    platform.send("PATCH", &format!("/instances/{}", second["id"]), Some(&polling)).await.ok();
    hook_json(&platform, "/events/actpremium", &[], &json!({ "data": { "site_id": "s2" } })).await.ok();
    assert_eq!(events(&platform, &second).await.len(), 1, "it asks, it is not told");
}

#[tokio::test]
async fn one_ingestion_is_cut_into_envelopes_and_bodies_of_all_kinds_are_read() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let watched = instance(&platform, "actpremium", Some(&receiver.url("/")), &json!({})).await;
    let path = format!("/events/actpremium/{}", watched["id"]);
    let objects: Vec<Value> = (0..45).map(|number| json!({ "Id": number, "attributes": { "type": "T" } })).collect();
    let body = json!({ "objects": objects, "action": "create" });
    hook_json(&platform, &path, &[], &body).await.ok();
    let received = receiver.wait_for(3).await;
    let counts: Vec<usize> =
        received.iter().map(|it| it.json()["message"]["events"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [20, 20, 5], "in their order, since they may be about the same");
    assert!(received.iter().all(|it| it.json()["message"]["raw"] == body));
    let mut ids: Vec<String> = received.iter().map(event_id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);

    let batch = json!({
        "objectType": "accounts", "idField": "key", "accounts": [{ "key": "lead_1", "name": "Acme" }],
        "events": [{ "objectType": "accounts", "objectId": "lead_1", "eventType": "CREATED", "pollDate": "p", "date": "d" }],
    });
    hook_json(&platform, &format!("/events/actpremiumPolling/{}", watched["id"]), &[], &batch).await.ok();
    let sent = receiver.wait_for(4).await[3].json();
    assert_eq!(sent["message"]["raw"], batch);
    assert_eq!(sent["message"]["events"][0]["pollDate"], "p");
    assert_eq!(sent["message"]["events"][0]["hubKey"], "crm");

    let boundary = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: \
                    form-data; name=\"f\"; filename=\"f\"\r\n\r\nfile\r\n--x--\r\n";
    for (kind, body, raw) in [
        ("text/xml", "<n><id>1</id></n>", json!({ "n": { "id": "1" } })),
        ("text/plain", "hello", json!({ "body": "hello" })),
        ("application/json", "{broken", json!({ "body": "{broken" })),
        ("application/json", "[1]", json!([1])),
        ("multipart/form-data; boundary=x", boundary, json!({ "a": "1" })),
    ] {
        hook(&platform, "POST", &path, &[("content-type", kind)], body).await.ok();
        let all = events(&platform, &watched).await;
        let shown: Value = serde_json::from_str(all[0]["providerData"].as_str().unwrap()).unwrap();
        assert_eq!(shown, raw, "{kind}");
    }
    let raw = json!({ "configuration": { "event.raw.enabled": false } });
    platform.send("PATCH", &format!("/instances/{}", watched["id"]), Some(&raw)).await.ok();
    hook_json(&platform, &path, &[], &json!({ "x": 1 })).await.ok();
    let received = receiver.wait_for(10).await;
    let without = received.iter().filter(|it| it.json()["message"].get("raw").is_none()).count();
    assert_eq!(without, 1);
}

#[tokio::test]
async fn challenges_are_answered() {
    let platform = platform().await;
    let get = async |path: &str| hook(&platform, "GET", path, &[], "").await;
    let text = async |path: &str| {
        let answer = get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.header("content-type").starts_with("text/plain"), "{path}");
        answer.text
    };
    let hub = "/events/actpremium?hub.mode=subscribe&hub.challenge=abc&hub.verify_token=";
    assert_eq!(text(&format!("{hub}CloudElements%40123")).await, "abc");
    get(&format!("{hub}other")).await.error(403);
    assert_eq!(text("/events/actpremium/tok?challenge=%3Cb%3E").await, "<b>");
    assert_eq!(text("/events/actpremium?validationToken=v").await, "v");
    let answer = hook(&platform, "POST", "/events/actpremium?validationToken=v", &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "v"));
    let body = json!({ "type": "url_verification", "challenge": "c" });
    assert_eq!(hook_json(&platform, "/events/actpremium", &[], &body).await.ok(), json!({ "challenge": "c" }));
    let answer = hook_json(&platform, "/events/actpremium", &[("x-hook-secret", "s3")], &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-hook-secret")), (200, "s3"));
    for path in ["/events/actpremium", "/events/actpremium/", "/events/actpremium/MQ=="] {
        let answer = get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""), "{path}");
    }
    let head = platform.raw("HEAD", &format!("{API}/events/actpremium"), &[], "").await;
    assert_eq!(head.status, 200);
    get("/events/nonsense").await.error(404);
    let answer = hook(&platform, "DELETE", "/events/actpremium", &[], "").await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn what_is_too_large_too_much_or_not_genuine_is_refused() {
    let pairs =
        [("egress__allow", "127.0.0.0/8"), ("limits__body_bytes", "2000"), ("events__instance_per_second", "3")];
    let platform = Platform::with(&pairs).await;
    let signed = json!({
        "event.webhook.signature.header": "X-Sig", "event.webhook.signature.key": "Jefe",
        "event.webhook.signature.prefix": "v=",
    });
    let guarded = instance(&platform, "actpremium", None, &signed).await;
    assert_eq!(guarded["configuration"]["event.webhook.signature.key"], "********");
    let path = format!("/events/actpremium/{}", guarded["id"]);
    let message = hook_json(&platform, &path, &[], &json!({ "x": "y".repeat(3000) })).await.error(413);
    assert!(message.contains("2000"), "{message}");
    for headers in [&[][..], &[("x-sig", "v=00")][..]] {
        hook_json(&platform, &path, headers, &json!({})).await.error(401);
    }
    assert_eq!(events(&platform, &guarded).await.len(), 0);
    let text = "what do ya want for nothing?";
    let signature = "v=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    hook(&platform, "POST", &path, &[("x-sig", signature)], text).await.ok();
    assert_eq!(events(&platform, &guarded).await.len(), 1);
    let other = instance(&platform, "actpremium", None, &json!({})).await;
    let flood = format!("/events/actpremium/{}", other["id"]);
    let mut refused = 0;
    for _ in 0..8 {
        let answer = hook_json(&platform, &flood, &[], &json!({})).await;
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "1");
            refused += 1;
        }
    }
    assert!(refused >= 1, "a flood is bounded");
    assert_eq!(events(&platform, &other).await.len(), 8 - refused, "what was taken is there, what was refused is not");
}

#[tokio::test]
async fn hundreds_at_once_are_hundreds_of_events() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let watched = instance(&platform, "actpremium", Some(&receiver.url("/")), &json!({})).await;
    let path = format!("/events/actpremium/{}", watched["id"]);
    let sends = (0..200).map(|number| {
        let (platform, path) = (&platform, &path);
        async move { hook_json(platform, path, &[], &json!({ "n": number })).await.ok() }
    });
    futures_util::future::join_all(sends).await;
    let received = receiver.wait_for(200).await;
    let ids: std::collections::HashSet<String> = received.iter().map(event_id).collect();
    assert_eq!(ids.len(), 200);
    let numbers: std::collections::HashSet<i64> =
        received.iter().map(|it| it.json()["message"]["raw"]["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers.len(), 200);
}
