//! Scripts of elements that see webhooks.

use serde_json::{Value, json};

use super::{event_id, hook_json, platform, until, until_told};
use crate::{harness::Platform, receiver::Receiver};

/// An instance of an element with this script.
async fn scripted(platform: &Platform, body: &str, url: &str) -> Value {
    let definition = json!({
        "name": "Scripted", "hub": "crm", "authentication": { "type": "basic" },
        "configuration": [{ "key": "base.url", "name": "Base URL", "defaultValue": "https://vendor.invalid" }],
        "hooks": [{ "type": "event", "body": body }],
    });
    let element = platform.post("/elements", &definition).await.ok();
    let request = json!({ "name": "n", "configuration": {
        "username": "u", "password": "p", "event.notification.enabled": true, "event.notification.callback.url": url,
    } });
    platform.post(&format!("/elements/{}/instances", element["id"]), &request).await.ok()
}

#[tokio::test]
async fn a_script_says_what_happened() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let script = "const list = getArray(); \
        list.push({ event_object_type: events.kind, event_object_id: events.id, event_type: 'created', \
                    event_date: '2018-01-01', extra: events.eventHeaders['x-event'], who: configuration.username }); \
        done({ events: list });";
    let instance = scripted(&platform, script, &receiver.url("/")).await;
    let path = format!("/events/scripted/{}?kind=contacts", instance["id"]);
    assert_eq!(hook_json(&platform, &path, &[("X-Event", "e")], &json!({ "id": "7" })).await.ok(), json!({}));
    let received = receiver.wait_for(1).await.remove(0);
    let message = &received.json()["message"];
    assert_eq!(
        message["events"],
        json!([{
            "objectType": "contacts", "objectId": "7", "eventType": "CREATED", "date": "2018-01-01", "extra": "e",
            "who": "u", "elementKey": "scripted", "hubKey": "crm",
        }])
    );
    assert_eq!(message["raw"], json!({ "id": "7" }), "headers are not part of what the vendor sent");
    until(&platform, &instance, &event_id(&received), "NOTIFIED").await;
}

#[tokio::test]
async fn a_script_can_answer_refuse_and_fail() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let script = "if (events.fails) { throw new Error('no such thing'); } \
        if (events.drops) { return { continue: false, response_status_code: 403, response_body: { no: 1 } }; } \
        return { events: [{ event_object_id: 1 }, { event_object_id: 2 }], response_body: 'thanks', \
                 response_status_code: 202 };";
    let instance = scripted(&platform, script, &receiver.url("/")).await;
    let path = format!("/events/scripted/{}", instance["id"]);
    let answer = hook_json(&platform, &path, &[], &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (202, "thanks"));
    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(received.json()["message"]["events"].as_array().unwrap().len(), 2);
    let answer = hook_json(&platform, &path, &[], &json!({ "drops": true })).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (403, json!({ "no": 1 })));
    let events = platform.get(&format!("/instances/{}/events", instance["id"])).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 1, "what is dropped is no event");
    assert_eq!(hook_json(&platform, &path, &[], &json!({ "fails": true })).await.ok(), json!({}));
    let events = platform.get(&format!("/instances/{}/events", instance["id"])).await.ok();
    assert_eq!(events[0]["status"], "RECEIVED");
    let id = events[0]["id"].as_str().unwrap();
    let told = until_told(&platform, id, "Error processing event").await;
    assert!(told[0].contains("no such thing"), "{told:?}");
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn many_changes_of_a_script_are_cut_into_envelopes() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let script = "done({ events: Array.from({ length: 41 }, (_, n) => ({ event_object_id: String(n) })) });";
    let instance = scripted(&platform, script, &receiver.url("/")).await;
    hook_json(&platform, &format!("/events/scripted/{}", instance["id"]), &[], &json!({})).await.ok();
    let received = receiver.wait_for(3).await;
    let counts: Vec<usize> =
        received.iter().map(|it| it.json()["message"]["events"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [20, 20, 1]);
}

#[tokio::test]
async fn a_script_that_wants_none_of_it_leaves_a_consumed_event() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let instance = scripted(&platform, "done({ continue: false });", &receiver.url("/")).await;
    hook_json(&platform, &format!("/events/scripted/{}", instance["id"]), &[], &json!({})).await.ok();
    loop {
        let events = platform.get(&format!("/instances/{}/events", instance["id"])).await.ok();
        if events[0]["status"] == "CONSUMED" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn reports_that_infobip_posts_are_understood() {
    let platform = platform().await;
    let receiver = Receiver::start().await;
    let instance = super::instance(&platform, "infobip", Some(&receiver.url("/")), &json!({})).await;
    let report = json!({ "messageId": "m1", "to": "41793026727", "doneAt": "2018-01-01T01:00:00.000+0100" });
    let inbound = json!({ "messageId": "m2", "from": "41793026727", "receivedAt": "2018-01-01T00:00:00.000+0000" });
    let body = json!({ "results": [report, inbound] });
    hook_json(&platform, &format!("/events/infobip/{}", instance["id"]), &[], &body).await.ok();
    let message = receiver.wait_for(1).await[0].json()["message"].clone();
    let told: Vec<String> = message["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["objectType"], it["objectId"], it["date"]))
        .collect();
    assert_eq!(told, [r#""reports" "m1" "2018-01-01T00:00:00Z""#, r#""inbound" "m2" "2018-01-01T00:00:00Z""#]);
    assert_eq!(message["raw"], body);
}
