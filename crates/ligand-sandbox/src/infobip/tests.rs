//! The Infobip stand-in over HTTP.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, basic, wrong};

mod more;

async fn call(sandbox: &Harness, method: Method, path: &str, body: &str) -> Answer {
    let user = basic(&sandbox.options.credentials.infobip);
    let headers = [("authorization", user.as_str()), ("content-type", "application/json")];
    sandbox.send(method, path, &headers, body.to_owned()).await
}

async fn get(sandbox: &Harness, path: &str) -> Value {
    let answer = call(sandbox, Method::GET, path, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn both_ways_to_log_in_reach_the_balance() {
    let sandbox = Harness::new();
    let key = format!("App {}", sandbox.options.credentials.infobip_api_key);
    let user = basic(&sandbox.options.credentials.infobip);
    for authorization in [key, user] {
        let headers = [("authorization", authorization.as_str())];
        let answer = sandbox.send(Method::GET, "/account/1/balance", &headers, "").await;
        assert_eq!(answer.json(), json!({"balance": 47.79, "currency": "EUR"}));
    }
}

#[tokio::test]
async fn wrong_logins_are_refused_in_the_vendors_words() {
    let sandbox = Harness::new();
    let bad = basic(&wrong(&sandbox.options.credentials.infobip));
    for authorization in [bad.as_str(), "App nothing", "Basic", "Basic ?", "Bearer x", "x"] {
        let headers = [("authorization", authorization)];
        let answer = sandbox.send(Method::GET, "/account/1/balance", &headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization}");
        let exception = json!({"messageId": "UNAUTHORIZED", "text": "Invalid login details"});
        assert_eq!(answer.json(), json!({"requestError": {"serviceException": exception}}));
    }
    let answer = sandbox.send(Method::GET, "/account/1/balance", &[], "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_message_is_sent_reported_once_and_logged() {
    let sandbox = Harness::new();
    let body = r#"{"from": "Me", "to": "+41793026727", "text": "Hello"}"#;
    let sent = call(&sandbox, Method::POST, "/sms/1/text/single", body).await.json();
    assert!(sent.get("bulkId").is_none());
    let message = &sent["messages"][0];
    assert_eq!((&message["to"], &message["smsCount"]), (&json!("41793026727"), &json!(1)));
    assert_eq!(message["status"]["name"], "PENDING_ACCEPTED");
    let path = format!("/sms/1/reports?messageId={}", message["messageId"].as_str().unwrap());
    let report = get(&sandbox, &path).await["results"][0].clone();
    assert_eq!(report["status"]["groupName"], "DELIVERED");
    assert_eq!(report["sentAt"], "2030-01-02T03:04:05.000+0000");
    assert_eq!(get(&sandbox, &path).await, json!({"results": []}));
    for _ in 0..2 {
        let logs = get(&sandbox, "/sms/1/logs?to=41793026727").await;
        assert_eq!(logs["results"][0]["text"], "Hello");
    }
    assert_eq!(get(&sandbox, "/account/1/balance").await["balance"], 47.78);
}

#[tokio::test]
async fn rejected_messages_come_with_status_200() {
    let sandbox = Harness::new();
    let body = json!({"bulkId": "B", "messages": [
        {"from": "Me", "text": "a", "callbackData": "x", "destinations": [
            {"to": "41793026727", "messageId": "one"},
            {"to": "41793026727", "messageId": "one"},
            {"to": "nobody"},
            {"to": ""},
        ]},
    ]});
    let answer = call(&sandbox, Method::POST, "/sms/2/text/advanced", &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    assert_eq!(answer["bulkId"], "B");
    let names: Vec<&str> = answer["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["status"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["PENDING_ACCEPTED", "REJECTED_DUPLICATE_MESSAGE_ID", "REJECTED_DESTINATION", "MISSING_TO",]);
    let reports = get(&sandbox, "/sms/1/reports?bulkId=B").await;
    assert_eq!(reports["results"][0]["callbackData"], "x");
    assert_eq!(reports["results"][1]["error"]["permanent"], true);
}

#[tokio::test]
async fn scheduled_and_old_messages_are_not_reported() {
    let sandbox = Harness::new();
    let body = json!({"messages": [{"to": "41793026727", "text": "later", "sendAt": "2030-01-02T04:04:05.000+0000"}]});
    call(&sandbox, Method::POST, "/sms/1/text/multi", &body.to_string()).await;
    assert_eq!(get(&sandbox, "/sms/1/reports").await, json!({"results": []}));
    sandbox.pass(3600);
    assert_eq!(get(&sandbox, "/sms/1/logs").await["results"].as_array().unwrap().len(), 1);
    sandbox.pass(48 * 3600 + 1);
    assert_eq!(get(&sandbox, "/sms/1/logs").await, json!({"results": []}));
}

#[tokio::test]
async fn credit_runs_out() {
    let sandbox = Harness::new();
    let destinations: Vec<Value> = (0..5000).map(|at| json!({"to": format!("4179{at:07}")})).collect();
    let body = json!({"messages": [{"text": "x", "destinations": destinations}]});
    let answer = call(&sandbox, Method::POST, "/sms/1/text/advanced", &body.to_string()).await.json();
    let last = answer["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["status"]["name"], "REJECTED_NOT_ENOUGH_CREDITS");
}

#[tokio::test]
async fn wrong_requests_say_where() {
    let sandbox = Harness::new();
    for (body, place) in [
        (r#"{}"#, "messages"),
        (r#"{"messages": []}"#, "messages"),
        (r#"{"messages": [1]}"#, "messages[0]"),
        (r#"{"messages": [{"text": "x"}]}"#, "messages[0].destinations"),
        (r#"{"messages": [{"destinations": [{}]}]}"#, "messages[0].destinations[0].to"),
        (r#"{"messages": [{"destinations": [{"to": "1"}], "text": []}]}"#, "messages[0].text"),
        (r#"{"messages": [{"destinations": [{"to": "1"}], "sendAt": "now"}]}"#, "messages[0].sendAt"),
    ] {
        let answer = call(&sandbox, Method::POST, "/sms/2/text/advanced", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let exception = &answer.json()["requestError"]["serviceException"];
        assert_eq!(exception["messageId"], "BAD_REQUEST");
        assert!(exception["validationErrors"][place].is_array(), "{body}: {exception}");
    }
    for body in ["", "[]", "{", "\u{0}", r#"{"to": {}}"#, r#"{"to": []}"#, r#"{"to": [1]}"#] {
        let answer = call(&sandbox, Method::POST, "/sms/1/text/single", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    for query in ["limit=0", "limit=1001", "limit=x"] {
        let answer = call(&sandbox, Method::GET, &format!("/sms/1/reports?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let answer = call(&sandbox, Method::GET, "/sms/1/logs?sentSince=never", "").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for (method, path) in
        [(Method::GET, "/sms/1/text/single"), (Method::GET, "/sms/9/x"), (Method::POST, "/account/1/balance")]
    {
        let answer = call(&sandbox, method, path, "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["requestError"]["serviceException"]["text"], "Requested resource not found");
    }
}
