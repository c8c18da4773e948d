//! Scheduling, inbound messages, previews, long and foreign texts, log filters.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{call, get};
use crate::harness::Harness;

const LATER: &str = "2030-01-02T04:04:05.000+0000";

async fn post(sandbox: &Harness, path: &str, body: &Value) -> Value {
    let answer = call(sandbox, Method::POST, path, &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

async fn schedule(sandbox: &Harness) {
    let body = json!({"bulkId": "B", "messages": [
        {"destinations": [{"to": "41793026727"}, {"to": "nobody"}], "text": "later", "sendAt": LATER},
    ]});
    post(sandbox, "/sms/2/text/advanced", &body).await;
}

async fn put(sandbox: &Harness, path: &str, body: &str) -> (u16, Value) {
    let answer = call(sandbox, Method::PUT, path, body).await;
    (answer.status.as_u16(), answer.json())
}

async fn count(sandbox: &Harness, path: &str) -> usize {
    get(sandbox, path).await["results"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_bulk_is_rescheduled_and_goes_out() {
    let sandbox = Harness::new();
    schedule(&sandbox).await;
    assert_eq!(get(&sandbox, "/sms/1/bulks?bulkId=B").await, json!({"bulkId": "B", "sendAt": LATER}));
    assert_eq!(get(&sandbox, "/sms/1/bulks/status?bulkId=B").await["status"], "PENDING");
    let (status, body) = put(&sandbox, "/sms/1/bulks?bulkId=B", r#"{"sendAt": "2030-01-02T05:04:05.000+0000"}"#).await;
    assert_eq!((status, &body["sendAt"]), (200, &json!("2030-01-02T05:04:05.000+0000")));
    sandbox.pass(3600);
    assert_eq!(count(&sandbox, "/sms/1/reports?messageId=none").await, 0);
    assert_eq!(count(&sandbox, "/sms/1/logs?generalStatus=DELIVERED").await, 0);
    sandbox.pass(3600);
    assert_eq!(count(&sandbox, "/sms/1/logs?generalStatus=DELIVERED").await, 1);
    assert_eq!(get(&sandbox, "/sms/1/bulks/status?bulkId=B").await["status"], "FINISHED");
    for (path, body) in [
        ("/sms/1/bulks?bulkId=B", r#"{"sendAt": "2031-01-02T05:04:05.000+0000"}"#),
        ("/sms/1/bulks/status?bulkId=B", r#"{"status": "CANCELED"}"#),
    ] {
        assert_eq!(put(&sandbox, path, body).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn a_bulk_is_held_and_released() {
    let sandbox = Harness::new();
    schedule(&sandbox).await;
    let status = "/sms/1/bulks/status?bulkId=B";
    assert_eq!(put(&sandbox, status, r#"{"status": "PAUSED"}"#).await.1["status"], "PAUSED");
    sandbox.pass(7200);
    assert_eq!(get(&sandbox, status).await["status"], "PAUSED");
    assert_eq!(count(&sandbox, "/sms/1/logs?to=41793026727").await, 0);
    assert_eq!(put(&sandbox, status, r#"{"status": "PENDING"}"#).await.1["status"], "FINISHED");
    let sent = get(&sandbox, "/sms/1/logs?to=41793026727").await["results"][0]["sentAt"].clone();
    assert_eq!(sent, "2030-01-02T05:04:05.000+0000");
}

#[tokio::test]
async fn a_cancelled_bulk_is_not_sent_and_paid_back() {
    let sandbox = Harness::new();
    schedule(&sandbox).await;
    assert_eq!(get(&sandbox, "/account/1/balance").await["balance"], 47.78);
    let status = "/sms/1/bulks/status?bulkId=B";
    assert_eq!(put(&sandbox, status, r#"{"status": "CANCELED"}"#).await.1["status"], "CANCELED");
    assert_eq!(get(&sandbox, "/account/1/balance").await["balance"], 47.79);
    sandbox.pass(7200);
    assert_eq!(count(&sandbox, "/sms/1/logs?to=41793026727").await, 0);
    assert_eq!(put(&sandbox, status, r#"{"status": "PENDING"}"#).await.0, 400);
}

#[tokio::test]
async fn wrong_bulk_requests() {
    let sandbox = Harness::new();
    schedule(&sandbox).await;
    for (path, body, expected) in [
        ("/sms/1/bulks", "{}", 400),
        ("/sms/1/bulks?bulkId=B", "", 400),
        ("/sms/1/bulks?bulkId=B", "{}", 400),
        ("/sms/1/bulks?bulkId=B", r#"{"sendAt": "soon"}"#, 400),
        ("/sms/1/bulks?bulkId=B", r#"{"sendAt": "2001-01-01T00:00:00.000+0000"}"#, 400),
        ("/sms/1/bulks?bulkId=C", r#"{"sendAt": "2031-01-02T05:04:05.000+0000"}"#, 404),
        ("/sms/1/bulks/status?bulkId=B", "{}", 400),
        ("/sms/1/bulks/status?bulkId=B", r#"{"status": "FINISHED"}"#, 400),
        ("/sms/1/bulks/status?bulkId=C", r#"{"status": "PAUSED"}"#, 404),
    ] {
        assert_eq!(put(&sandbox, path, body).await.0, expected, "{path} {body}");
    }
    let missing = call(&sandbox, Method::GET, "/sms/1/bulks?bulkId=C", "").await.json();
    assert_eq!(missing["requestError"]["serviceException"]["text"], "Bulk not found");
    let destinations = json!([{"to": "41793026727"}]);
    for (id, at) in [("B", LATER), ("D", "2031-01-02T04:04:05.000+0000")] {
        let body = json!({"bulkId": id, "messages": [{"destinations": destinations, "text": "x", "sendAt": at}]});
        let answer = call(&sandbox, Method::POST, "/sms/2/text/advanced", &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}");
    }
}

#[tokio::test]
async fn inbound_messages_are_answered_once() {
    let sandbox = Harness::new();
    let first = get(&sandbox, "/sms/1/inbox/reports").await;
    assert_eq!(first["results"][0]["cleanText"], "Is this on?");
    assert_eq!((&first["messageCount"], &first["pendingMessageCount"]), (&json!(1), &json!(0)));
    let path = "/_sandbox/data/infobip/inbox";
    let body = json!([
        {"from": "+41793026727", "to": "41793026731", "text": "ж".repeat(71), "callbackData": "c"},
        {"from": "41793026728", "to": "41793026731", "text": "QUIZ Paris", "keyword": "QUIZ", "messageId": "own"},
    ]);
    assert_eq!(sandbox.send(Method::POST, path, &[], body.to_string()).await.json()["records"], 3);
    let one = get(&sandbox, "/sms/1/inbox/reports?limit=1").await;
    assert_eq!((&one["messageCount"], &one["pendingMessageCount"]), (&json!(1), &json!(1)));
    assert_eq!((&one["results"][0]["smsCount"], &one["results"][0]["callbackData"]), (&json!(2), &json!("c")));
    let rest = get(&sandbox, "/sms/1/inbox/reports").await;
    assert_eq!(rest["results"][0]["messageId"], "own");
    assert_eq!(count(&sandbox, "/sms/1/inbox/reports").await, 0);
    assert_eq!(count(&sandbox, "/sms/1/inbox/logs").await, 3);
    assert_eq!(count(&sandbox, "/sms/1/inbox/logs?keyword=QUIZ&to=41793026731").await, 1);
    assert_eq!(count(&sandbox, "/sms/1/inbox/logs?receivedSince=2031-01-01T00:00:00.000%2B0000").await, 0);
    for query in ["limit=0", "limit=x", "receivedUntil=never"] {
        let answer = call(&sandbox, Method::GET, &format!("/sms/1/inbox/logs?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    sandbox.pass(48 * 3600 + 1);
    assert_eq!(count(&sandbox, "/sms/1/inbox/logs").await, 0);
}

#[tokio::test]
async fn wrong_inbound_messages_are_refused() {
    let sandbox = Harness::new();
    for record in [
        json!({}),
        json!({"from": "41793026727", "to": "41793026731"}),
        json!({"from": "me", "to": "41793026731", "text": "x"}),
        json!({"from": "41793026727", "to": "41793026731", "text": []}),
        json!({"from": "41793026727", "to": "41793026731", "text": "x", "receivedAt": "now"}),
        json!({"from": "41793026727", "to": "41793026731", "text": "x", "colour": "red"}),
    ] {
        let body = record.to_string();
        let answer = sandbox.send(Method::POST, "/_sandbox/data/infobip/inbox", &[], body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{record}");
    }
}

#[tokio::test]
async fn texts_are_previewed() {
    let sandbox = Harness::new();
    let plain = post(&sandbox, "/sms/1/preview", &json!({"text": "a".repeat(60)})).await;
    assert_eq!(plain["previews"].as_array().unwrap().len(), 1);
    assert_eq!(plain["previews"][0]["charactersRemaining"], 100);
    let both = post(&sandbox, "/sms/1/preview", &json!({"text": "Ως", "transliteration": "GREEK"})).await;
    assert_eq!(both["originalText"], "Ως");
    assert_eq!(both["previews"][1]["textPreview"], "ΩΣ");
    assert_eq!(both["previews"][1]["configuration"], json!({"transliteration": "GREEK"}));
    for body in
        ["", "{}", r#"{"text": []}"#, r#"{"text": "x", "transliteration": "x"}"#, r#"{"text": "x", "languageCode": 1}"#]
    {
        let answer = call(&sandbox, Method::POST, "/sms/1/preview", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn long_texts_cost_by_the_part() {
    let sandbox = Harness::new();
    let send = async |text: String| {
        let body = json!({"from": "Me", "to": "41793026727", "text": text});
        post(&sandbox, "/sms/1/text/single", &body).await["messages"][0].clone()
    };
    assert_eq!(send("a".repeat(307)).await["smsCount"], 3);
    assert_eq!(get(&sandbox, "/account/1/balance").await["balance"], 47.76);
    let too_long = send("ж".repeat(25 * 67 + 1)).await;
    assert_eq!(too_long["status"]["name"], "REJECTED_MESSAGE_TOO_LONG");
    assert_eq!(get(&sandbox, "/account/1/balance").await["balance"], 47.76);
}

#[tokio::test]
async fn everything_a_message_was_sent_with_is_recorded() {
    let sandbox = Harness::new();
    let body = json!({"messages": [{
        "from": "Me", "destinations": [{"to": "41793026727", "messageId": "m"}], "text": "şu", "flash": true,
        "transliteration": "TURKISH", "notifyUrl": "https://client.test/dlr", "notifyContentType": "application/json",
        "callbackData": "data", "language": {"languageCode": "TR"}, "validityPeriod": 720, "intermediateReport": true,
    }]});
    post(&sandbox, "/sms/1/text/advanced", &body).await;
    let recorded = sandbox.send(Method::GET, "/_sandbox/infobip/messages", &[], "").await.json()[0].clone();
    assert_eq!((&recorded["notifyUrl"], &recorded["flash"]), (&json!("https://client.test/dlr"), &json!(true)));
    assert_eq!((&recorded["text"], &recorded["messageId"]), (&json!("su"), &json!("m")));
}

#[tokio::test]
async fn unreachable_numbers_are_reported_as_such() {
    let sandbox = Harness::new();
    post(&sandbox, "/sms/1/text/single", &json!({"to": ["4179300000", "41793026727"], "text": "x"})).await;
    let reports = get(&sandbox, "/sms/1/reports?limit=1").await;
    assert_eq!(reports["results"][0]["status"]["name"], "UNDELIVERABLE_NOT_DELIVERED");
    assert_eq!(reports["results"][0]["error"]["name"], "EC_ABSENT_SUBSCRIBER");
    assert_eq!(count(&sandbox, "/sms/1/reports").await, 1);
    assert_eq!(count(&sandbox, "/sms/1/reports").await, 0);
}

#[tokio::test]
async fn logs_are_filtered() {
    let sandbox = Harness::new();
    for (bulk, from, to) in [("A", "One", "41793026727"), ("B", "Two", "49793026727"), ("C", "Two", "nobody")] {
        let body =
            json!({"bulkId": bulk, "messages": [{"from": from, "destinations": [{"to": to, "messageId": bulk}]}]});
        post(&sandbox, "/sms/1/text/advanced", &body).await;
        sandbox.pass(60);
    }
    for (query, expected) in [
        ("", 3),
        ("limit=2", 2),
        ("from=Two", 2),
        ("to=41793026727", 1),
        ("bulkId=A&bulkId=B", 2),
        ("bulkId=A,C", 2),
        ("messageId=B", 1),
        ("generalStatus=REJECTED", 1),
        ("mcc=228", 1),
        ("mcc=262&mnc=01", 1),
        ("mnc=99", 0),
        ("sentSince=2030-01-02T03:05:00.000%2B0000", 2),
        ("sentUntil=2030-01-02T03:05:00.000+0000", 1),
    ] {
        assert_eq!(count(&sandbox, &format!("/sms/1/logs?{query}")).await, expected, "{query}");
    }
    for query in ["generalStatus=LOST", "sentUntil=x", "limit=-1"] {
        let answer = call(&sandbox, Method::GET, &format!("/sms/1/logs?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_link_can_send() {
    let sandbox = Harness::new();
    let known = &sandbox.options.credentials.infobip;
    let login = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("username", &known.username)
        .append_pair("password", &known.password)
        .finish();
    let path = format!("/sms/1/text/query?{login}&to=41793026727,41793026728&text=Hi&from=Me");
    let sent = sandbox.send(Method::GET, &path, &[], "").await;
    assert_eq!(sent.json()["messages"].as_array().unwrap().len(), 2, "{}", sent.body);
    let wrong = sandbox.send(Method::GET, "/sms/1/text/query?username=x&password=y&to=1&text=x", &[], "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let elsewhere = sandbox.send(Method::GET, &format!("/account/1/balance?{login}"), &[], "").await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
}
