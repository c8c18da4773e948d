//! The switches under `/_sandbox`.

use http::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Harness, basic};

#[tokio::test]
async fn the_manual_names_every_fault() {
    let page = Harness::new().send(Method::GET, "/_sandbox", &[], "").await;
    assert_eq!(page.status, StatusCode::OK);
    for name in ["http500", "http503", "slow", "malformed", "disconnect", "huge", "redirect"] {
        assert!(page.body.contains(name), "{name}");
    }
}

#[tokio::test]
async fn faults_are_set_listed_and_cleared() {
    let sandbox = Harness::new();
    let body = r#"{"fault": "slow", "delayMillis": 20, "times": 3}"#;
    let set = sandbox.send(Method::PUT, "/_sandbox/faults/infobip", &[], body).await;
    assert_eq!(set.status, StatusCode::OK);
    assert_eq!(set.json(), json!({"fault": "slow", "delayMillis": 20, "times": 3}));
    let list = sandbox.send(Method::GET, "/_sandbox/faults", &[], "").await.json();
    assert_eq!(list["infobip"]["fault"], "slow");
    assert_eq!(list["servicecloud"], json!(null));
    let cleared = sandbox.send(Method::DELETE, "/_sandbox/faults/infobip", &[], "").await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    let list = sandbox.send(Method::GET, "/_sandbox/faults", &[], "").await.json();
    assert_eq!(list["infobip"], json!(null));
}

#[tokio::test]
async fn a_second_key_means_the_same_vendor() {
    let sandbox = Harness::new();
    let body = r#"{"fault": "empty"}"#;
    sandbox.send(Method::PUT, "/_sandbox/faults/actpremiumcrm", &[], body).await;
    let list = sandbox.send(Method::GET, "/_sandbox/faults", &[], "").await.json();
    assert_eq!(list["actpremium"]["fault"], "empty");
}

#[tokio::test]
async fn wrong_switches_are_refused_with_a_reason() {
    let sandbox = Harness::new();
    for body in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"fault": "nonsense"}"#,
        r#"{"fault": 1}"#,
        r#"{"fault": "slow", "delayMillis": -1}"#,
        r#"{"fault": "slow", "delayMillis": 1e99}"#,
        r#"{"fault": "slow", "delayMillis": 600001}"#,
        r#"{"fault": "slow", "times": 0}"#,
        r#"{"fault": "slow", "times": "2"}"#,
        r#"{"fault": "slow", "delay": 2}"#,
        &"[".repeat(100_000),
    ] {
        let answer = sandbox.send(Method::PUT, "/_sandbox/faults/infobip", &[], body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.json()["error"].is_string(), "{body}");
    }
    let body = r#"{"fault": "empty"}"#;
    for (method, path, expected) in [
        (Method::PUT, "/_sandbox/faults/nobody", StatusCode::NOT_FOUND),
        (Method::DELETE, "/_sandbox/faults/nobody", StatusCode::NOT_FOUND),
        (Method::GET, "/_sandbox/nothing", StatusCode::NOT_FOUND),
        (Method::GET, "/_sandbox/reset", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/_sandbox/faults/infobip", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = sandbox.send(method, path, &[], body).await;
        assert_eq!(answer.status, expected, "{path}");
        assert!(answer.json()["error"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn reset_starts_again_from_the_seed() {
    let sandbox = Harness::new();
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let headers = [("authorization", user.as_str()), ("content-type", "application/json")];
    let path = "/crmRestApi/resources/latest/accounts";
    let count = async || sandbox.send(Method::GET, path, &headers, "").await.json()["count"].clone();
    let before = count().await;
    let created = sandbox.send(Method::POST, path, &headers, r#"{"OrganizationName":"New"}"#).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_ne!(count().await, before);
    let body = r#"{"fault": "empty"}"#;
    sandbox.send(Method::PUT, "/_sandbox/faults/oraclesalescloud", &[], body).await;
    let reset = sandbox.send(Method::POST, "/_sandbox/reset", &[], "").await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn data_is_put_added_counted_and_emptied() {
    let sandbox = Harness::new();
    for (vendor, collection, one) in [
        ("oraclesalescloud", "accounts", json!({"OrganizationName": "Mine", "Note": [{"NoteTxt": "x"}]})),
        ("infobip", "inbox", json!({"from": "41793026727", "to": "41793026731", "text": "Hi"})),
        ("actpremium", "companies", json!({"name": "Mine"})),
        ("actpremiumcrm", "contacts", json!({"lastName": "Mine", "customFields": {"a": 1}})),
    ] {
        let path = format!("/_sandbox/data/{vendor}/{collection}");
        let send = async |method, body: String| sandbox.send(method, &path, &[], body).await;
        let two = json!([one, one]).to_string();
        let put = send(Method::PUT, two.clone()).await;
        assert_eq!((put.status, put.json()), (StatusCode::OK, json!({"records": 2})), "{path}: {}", put.body);
        assert_eq!(send(Method::POST, two).await.json(), json!({"records": 4}));
        assert_eq!(send(Method::POST, one.to_string()).await.json(), json!({"records": 5}));
        let counts = sandbox.send(Method::GET, &format!("/_sandbox/data/{vendor}"), &[], "").await.json();
        assert_eq!(counts[collection], 5);
        let half = json!([one, 1]).to_string();
        for method in [Method::PUT, Method::POST] {
            let refused = send(method, half.clone()).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.json()["error"].as_str().unwrap().contains("Record 1"), "{}", refused.body);
        }
        let counts = sandbox.send(Method::GET, &format!("/_sandbox/data/{vendor}"), &[], "").await.json();
        assert_eq!(counts[collection], 5, "a refused seed changes nothing");
        assert_eq!(send(Method::DELETE, String::new()).await.json(), json!({"records": 0}));
    }
}

#[tokio::test]
async fn wrong_data_is_refused() {
    let sandbox = Harness::new();
    for (method, path, body, expected) in [
        (Method::PUT, "oraclesalescloud/unicorns", "[]", 404),
        (Method::PUT, "nobody/accounts", "[]", 404),
        (Method::PUT, "servicecloud/Contact", "[]", 404),
        (Method::DELETE, "infobip/messages", "", 404),
        (Method::PUT, "oraclesalescloud/accounts/1", "[]", 404),
        (Method::GET, "oraclesalescloud/accounts", "", 405),
        (Method::PUT, "oraclesalescloud", "[]", 405),
        (Method::PUT, "oraclesalescloud/accounts", "", 400),
        (Method::PUT, "oraclesalescloud/accounts", "{}", 400),
        (Method::POST, "oraclesalescloud/accounts", "7", 400),
        (Method::PUT, "oraclesalescloud/accounts", r#"[{"Planet": 1}]"#, 400),
        (Method::PUT, "infobip/inbox", r#"[{"from": "x"}]"#, 400),
        (Method::PUT, "actpremium/contacts", r#"[{"firstName": []}]"#, 400),
    ] {
        let answer = sandbox.send(method, &format!("/_sandbox/data/{path}"), &[], body).await;
        assert_eq!(answer.status.as_u16(), expected, "{path} {body}");
        assert!(answer.json()["error"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn the_credit_can_be_set() {
    let sandbox = Harness::new();
    let set = async |body: &str| sandbox.send(Method::PUT, "/_sandbox/infobip/balance", &[], body.to_owned()).await;
    assert_eq!(set(r#"{"balance": 0.02}"#).await.json(), json!({"balance": 0.02, "currency": "EUR"}));
    for body in ["", "{}", "[]", r#"{"balance": -1}"#, r#"{"balance": 1e300}"#, r#"{"balance": 1, "x": 1}"#] {
        assert_eq!(set(body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let answer = sandbox.send(Method::GET, "/_sandbox/infobip/balance", &[], "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
