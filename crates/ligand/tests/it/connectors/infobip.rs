//! Infobip.

use serde_json::json;

use super::{Connector, list};
use crate::harness::Platform;

const MESSAGES: &str = "/hubs/messaging/messages";
const TO: &str = "41793026727";

async fn start() -> Connector {
    Connector::start("infobip").await
}

#[tokio::test]
async fn a_message_is_sent_by_the_configured_sender() {
    let connector = start().await;
    let sender = connector.platform.configuration("infobip")["messaging.sms.infobip.sender"].clone();
    let sent = connector.post(MESSAGES, &json!({ "to": TO, "message": "Hello" })).await.ok();
    assert_eq!(sent["messages"][0]["to"], TO);
    assert_eq!(sent["messages"][0]["status"]["groupName"], "PENDING");
    let id = sent["id"].as_str().expect("an id");
    let expected = json!({
        "providerName": "INFOBIP", "providerId": id, "messageId": id, "message": "Hello", "from": sender, "to": TO,
        "status": "sent", "direction": "OUTBOUND", "sent": true, "received": false, "smsCount": 1,
    });
    for (member, value) in expected.as_object().expect("an object") {
        assert_eq!(sent[member], *value, "{member}");
    }
    let time = sent["sentTime"].as_str().expect("a time");
    assert!(time.len() == 20 && time.ends_with('Z') && sent["createdDate"] == time, "{time}");
    let own = json!({ "from": "Other", "to": TO, "text": "Grüße, Ж 😀", "message": "not this" });
    connector.post(MESSAGES, &own).await.ok();
    let log = list(connector.get(MESSAGES).await.ok());
    assert_eq!((&log[0]["from"], &log[0]["text"]), (&json!("Other"), &json!("Grüße, Ж 😀")));
    assert_eq!((&log[1]["from"], &log[1]["text"]), (&sender, &json!("Hello")));
}

#[tokio::test]
async fn texts_go_to_many_in_every_form() {
    let connector = start().await;
    for to in
        [json!([TO, "41793026731"]), json!("41793026727, 41793026731"), json!([41_793_026_727_u64, "+41793026731"])]
    {
        let sent = connector.post(MESSAGES, &json!({ "to": to, "message": "Hi" })).await.ok();
        let numbers: Vec<_> = list(sent["messages"].clone()).iter().map(|message| message["to"].clone()).collect();
        assert_eq!(numbers, [TO, "41793026731"], "{to}");
    }
    let sent = connector.post(MESSAGES, &json!({ "to": 41_793_026_727_u64, "body": "Hi" })).await.ok();
    assert_eq!(sent["to"], TO);
    let own = json!({ "destinations": [{ "to": TO, "messageId": "own" }], "message": "Hi" });
    assert_eq!(connector.post(MESSAGES, &own).await.ok()["id"], "own");
    let own = json!({ "to": [TO], "text": "Hi", "from": "Other" });
    connector.post(MESSAGES, &own).await.ok();
    let newest = list(connector.get(MESSAGES).await.ok());
    assert_eq!(newest[0]["from"], "Other");
    let advanced = json!({ "bulkId": "b1", "messages": [
        { "from": "A", "destinations": [{ "to": TO, "messageId": "m1" }, { "to": "41793026731" }], "text": "one" },
        { "from": "B", "destinations": [{ "to": TO }], "text": "x".repeat(400) },
    ]});
    let sent = connector.post("/hubs/messaging/messages/advanced", &advanced).await.ok();
    assert_eq!(sent["bulkId"], "b1");
    assert_eq!(sent["messages"][0]["messageId"], "m1");
    assert_eq!(list(sent["messages"].clone()).len(), 3);
    let log = connector.search(MESSAGES, "bulkId='b1' AND smsCount > 1").await;
    assert_eq!((log.len(), &log[0]["smsCount"]), (1, &json!(3)));
    let multi =
        json!({ "messages": [{ "from": "A", "to": TO, "text": "1" }, { "from": "A", "to": [TO], "text": "2" }] });
    let sent = connector.post("/hubs/messaging/messages/multi", &multi).await.ok();
    assert_eq!(list(sent["messages"].clone()).len(), 2);
    let preview = json!({ "text": "x".repeat(200) });
    let preview = connector.post("/hubs/messaging/messages/preview", &preview).await.ok();
    assert_eq!(preview["previews"][0]["messageCount"], 2);
}

#[tokio::test]
async fn refusals_of_messages_are_answers_and_refusals_of_requests_are_errors() {
    let connector = start().await;
    let sent = connector.post(MESSAGES, &json!({ "to": "nobody", "message": "Hello" })).await.ok();
    assert_eq!(sent["messages"][0]["status"]["groupName"], "REJECTED");
    assert_eq!((&sent["status"], &sent["sent"]), (&json!("failed"), &json!(false)));
    let both = connector.post(MESSAGES, &json!({ "to": [TO, "nobody"], "message": "Hello" })).await.ok();
    let groups: Vec<_> = list(both["messages"].clone()).iter().map(|one| one["status"]["groupName"].clone()).collect();
    assert_eq!(groups, ["PENDING", "REJECTED"]);
    for (body, missing) in [
        (json!({}), "to"),
        (json!({ "message": "x" }), "to"),
        (json!({ "to": "", "message": "x" }), "to"),
        (json!({ "to": [], "message": "x" }), "to"),
        (json!({ "to": [" , "], "message": "x" }), "to"),
        (json!({ "to": TO }), "message"),
        (json!({ "to": TO, "message": "" }), "message"),
    ] {
        let message = connector.post(MESSAGES, &body).await.error(400);
        assert_eq!(message, format!("The required parameter {missing} is missing"), "{body}");
    }
    for to in [json!({ "a": 1 }), json!(true), json!([[true]])] {
        connector.post(MESSAGES, &json!({ "to": to, "message": "x" })).await.error(400);
    }
    for body in [json!([]), json!("x"), json!(1), json!(null)] {
        connector.post(MESSAGES, &body).await.error(400);
    }
    connector.send("POST", MESSAGES, None).await.error(400);
    connector.post(MESSAGES, &json!({ "to": TO, "text": "x", "flash": "maybe" })).await.error(400);
    connector.get("/hubs/messaging/messages?generalStatus=GOOD").await.error(400);
    connector.get("/hubs/messaging/nothing").await.error(404);
}

#[tokio::test]
async fn lists_are_filtered_and_paged_here() {
    let connector = start().await;
    for index in 0..5 {
        connector.post(MESSAGES, &json!({ "to": TO, "message": format!("Walked {index}") })).await.ok();
    }
    let walked = connector.walk(&format!("{MESSAGES}?orderBy=text")).await;
    let texts: Vec<_> = walked.iter().filter_map(|message| message["text"].as_str()).collect();
    assert_eq!(texts, ["Walked 0", "Walked 1", "Walked 2", "Walked 3", "Walked 4"]);
    assert_eq!(connector.search(MESSAGES, "text='Walked 2' OR text='Walked 3'").await.len(), 2);
    assert_eq!(connector.walk(MESSAGES).await.len(), 5);
}

#[tokio::test]
async fn sent_messages_are_listed_and_read_in_the_classic_form() {
    let connector = start().await;
    for (to, text) in [(TO, "first"), ("41793000000", "never"), ("nobody", "bad"), (TO, "last")] {
        connector.post(MESSAGES, &json!({ "to": to, "message": text, "from": "Me" })).await.ok();
    }
    let all = list(connector.get(MESSAGES).await.ok());
    assert_eq!((&all[0]["message"], &all[0]["text"]), (&json!("last"), &json!("last")));
    for message in &all {
        assert_eq!((&message["providerName"], &message["direction"]), (&json!("INFOBIP"), &json!("OUTBOUND")));
        assert_eq!((&message["id"], &message["sentTime"]), (&message["messageId"], &message["createdDate"]));
        assert!(message["providerStatus"]["groupName"].is_string(), "{message}");
    }
    for (condition, count) in [
        ("status='failed'", 1),
        ("status='undeliverable' AND sent=true", 1),
        ("to='41793026727' AND from='Me'", 2),
        ("sentTime >= '2024-01-01T00:00:00Z'", 4),
        ("sentTime < '2024-01-01T00:00:00Z'", 0),
        ("nosuch='x'", 0),
    ] {
        assert_eq!(connector.search(MESSAGES, condition).await.len(), count, "{condition}");
    }
    let counted = connector.get(&format!("{MESSAGES}?pageSize=1&where=from%3D'Me'")).await;
    assert_eq!((counted.header("elements-total-count"), counted.header("elements-returned-count")), ("4", "1"));
    let id = all[0]["id"].as_str().expect("an id");
    assert_eq!(connector.get(&format!("{MESSAGES}/{id}")).await.ok(), all[0]);
    let chosen = connector.get(&format!("{MESSAGES}/{id}?fields=status,providerStatus.name")).await.ok();
    assert_eq!(chosen, json!({ "status": "delivered", "providerStatus": { "name": "DELIVERED_TO_HANDSET" } }));
    for unknown in ["nope", &format!("{id},{id}"), "%00", "a%2Fb"] {
        connector.get(&format!("{MESSAGES}/{unknown}")).await.error(404);
    }
}

#[tokio::test]
async fn reports_come_once_each_whatever_the_size_of_pages() {
    let connector = start().await;
    let mut ids = Vec::new();
    for index in 0..5 {
        let sent = connector.post(MESSAGES, &json!({ "to": TO, "message": format!("{index}") })).await.ok();
        ids.push(sent["messages"][0]["messageId"].clone());
    }
    let path = "/hubs/messaging/messages/reports";
    let one = format!("messageId={}", ids[4]);
    assert_eq!(connector.search(path, &one).await.len(), 1);
    let walked: Vec<_> = connector.walk(path).await.iter().map(|report| report["messageId"].clone()).collect();
    assert_eq!(walked, ids[..4]);
    assert_eq!(connector.get(path).await.ok(), json!([]));
    connector.get(&format!("{path}?where=a%3D1%20OR%20b%3D2")).await.error(400);
}

#[tokio::test]
async fn what_came_in_is_listed_as_often_as_it_is_asked_for() {
    let connector = start().await;
    let inbox =
        json!([{ "from": TO, "to": "41793020001", "text": "one" }, { "from": TO, "to": "41793020002", "text": "two" }]);
    connector.arrange("POST", "/_sandbox/data/infobip/inbox", &inbox).await;
    for _ in 0..2 {
        let found = connector.search("/hubs/messaging/messages/inbound", "text='two'").await;
        assert_eq!((found.len(), &found[0]["to"]), (1, &json!("41793020002")));
    }
    assert_eq!(list(connector.get("/hubs/messaging/messages/inbound?to=41793020001").await.ok()).len(), 1);
}

#[tokio::test]
async fn scheduled_bulks_are_moved_and_cancelled() {
    let connector = start().await;
    let later = "2024-10-10T10:00:00.000+0000";
    let scheduled = json!({ "bulkId": "later", "to": TO, "message": "Hi", "sendAt": later });
    connector.post(MESSAGES, &scheduled).await.ok();
    assert_eq!(connector.get("/hubs/messaging/bulks/later").await.ok()["bulkId"], "later");
    let status = json!({ "status": "CANCELED" });
    connector.send("PUT", "/hubs/messaging/bulks/later/status", Some(&status)).await.ok();
    assert_eq!(connector.get("/hubs/messaging/bulks/later/status").await.ok()["status"], "CANCELED");
    connector.get("/hubs/messaging/bulks/unknown").await.error(404);
    let another = json!({ "bulkId": "another", "to": TO, "message": "Hi", "sendAt": later });
    connector.post(MESSAGES, &another).await.ok();
    connector.send("DELETE", "/hubs/messaging/bulks/another", None).await.ok();
    assert_eq!(connector.get("/hubs/messaging/bulks/another/status").await.ok()["status"], "CANCELED");
    connector.send("DELETE", "/hubs/messaging/bulks/unknown", None).await.error(404);
}

#[tokio::test]
async fn reports_are_sent_to_the_configured_address() {
    let platform = Platform::start().await;
    let mut configuration = platform.configuration("infobip");
    configuration["messaging.sms.infobip.callback.url"] = json!("https://example.com/reports");
    let connector = Connector::provision(platform, "infobip", &configuration).await;
    connector.post(MESSAGES, &json!({ "to": TO, "message": "Hi" })).await.ok();
    connector.post(MESSAGES, &json!({ "to": TO, "message": "Hi", "notifyUrl": "https://example.com/own" })).await.ok();
    let client = crate::harness::Client::new(connector.platform.sandbox.address(), String::new());
    let read = || client.raw("GET", "/_sandbox/infobip/messages", &[], String::new().into());
    let newest = read().await.expect("an answer").json()[0].clone();
    assert_eq!(
        (&newest["notifyUrl"], &newest["notifyContentType"]),
        (&json!("https://example.com/own"), &json!("application/json"))
    );
    let kept = client.raw("GET", "/_sandbox/infobip/messages", &[], String::new().into()).await.expect("an answer");
    assert!(kept.text.contains("https://example.com/reports") && kept.text.contains("https://example.com/own"));
}

#[tokio::test]
async fn the_element_tells_what_it_has() {
    let connector = start().await;
    let ping = connector.get("/hubs/messaging/ping").await.ok();
    assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!("infobip"), &json!(true)));
    assert_eq!(connector.get("/hubs/messaging/objects").await.ok(), json!(["messages"]));
    let balance = connector.get("/hubs/messaging/balance").await.ok();
    assert_eq!(balance["currency"], "EUR");
}
