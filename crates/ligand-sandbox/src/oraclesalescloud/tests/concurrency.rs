//! Change indicators, conditional requests and upserts.

use http::{Method, StatusCode};
use serde_json::json;

use super::{ROOT, get};
use crate::harness::{Answer, Harness, basic};

async fn with(sandbox: &Harness, method: Method, path: &str, header: (&str, &str), body: &str) -> Answer {
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let headers = [("authorization", user.as_str()), ("content-type", "application/json"), header];
    sandbox.send(method, &format!("{ROOT}/{path}"), &headers, body.to_owned()).await
}

#[tokio::test]
async fn a_stale_change_indicator_is_refused() {
    let sandbox = Harness::new();
    let item = get(&sandbox, "accounts/7297").await;
    let indicator = item["links"][0]["properties"]["changeIndicator"].as_str().unwrap().to_owned();
    let body = r#"{"CEOName": "x"}"#;
    let changed = with(&sandbox, Method::PATCH, "accounts/7297", ("if-match", &indicator), body).await;
    assert_eq!(changed.status, StatusCode::OK);
    let fresh = changed.header("etag").to_owned();
    for method in [Method::PATCH, Method::DELETE] {
        let stale = with(&sandbox, method, "accounts/7297", ("if-match", &indicator), body).await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
        assert!(stale.body.starts_with("JBO-25014: Another user has changed the row"), "{}", stale.body);
    }
    let many = format!("\"x\", {fresh}");
    assert_eq!(with(&sandbox, Method::PATCH, "accounts/7297", ("if-match", &many), body).await.status, StatusCode::OK);
    assert_eq!(with(&sandbox, Method::DELETE, "accounts/7297", ("if-match", "*"), "").await.status.as_u16(), 204);
}

#[tokio::test]
async fn what_did_not_change_is_not_answered_again() {
    let sandbox = Harness::new();
    let first = with(&sandbox, Method::GET, "accounts/7297", ("accept", "*/*"), "").await;
    let tag = first.header("etag").to_owned();
    let again = with(&sandbox, Method::GET, "accounts/7297", ("if-none-match", &tag), "").await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let other = with(&sandbox, Method::GET, "accounts/7297", ("if-none-match", "\"x\""), "").await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn upserts_change_what_is_there_and_add_what_is_not() {
    let sandbox = Harness::new();
    let upsert = ("upsert-mode", "true");
    let body = r#"{"PartyNumber": "7297", "OrganizationName": "Renamed"}"#;
    let changed = with(&sandbox, Method::POST, "accounts", upsert, body).await;
    assert_eq!((changed.status, &changed.json()["OrganizationName"]), (StatusCode::OK, &json!("Renamed")));
    let outside = r#"{"OrganizationName": "Out", "SourceSystem": "ERP", "SourceSystemReferenceValue": "9"}"#;
    for expected in [StatusCode::CREATED, StatusCode::OK] {
        assert_eq!(with(&sandbox, Method::POST, "accounts", upsert, outside).await.status, expected);
    }
    assert_eq!(get(&sandbox, "accounts").await["count"], 3);
    let off = with(&sandbox, Method::POST, "accounts", ("upsert-mode", "false"), body).await;
    assert!(off.body.starts_with("JBO-25013: "), "{}", off.body);
    let odd = with(&sandbox, Method::POST, "accounts", ("upsert-mode", "perhaps"), body).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
}
