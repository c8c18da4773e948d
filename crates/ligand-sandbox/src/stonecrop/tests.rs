//! Each door opens for its proof and for nothing else. The signatures here are made by hand, step by step, from Amazon's
//! guides, and were compared with those of its own library.

use http::{Method, StatusCode};
use serde_json::json;

use super::{ACCOUNT, API_KEY};
use crate::harness::Harness;

#[tokio::test]
async fn nothing_opens_without_a_proof() {
    let sandbox = Harness::new();
    for (path, status) in [
        ("/stonecrop/storage/a", StatusCode::FORBIDDEN),
        ("/stonecrop/signed/notes", StatusCode::FORBIDDEN),
        ("/stonecrop/query?Action=ListNotes", StatusCode::FORBIDDEN),
        ("/stonecrop/keyed/notes", StatusCode::UNAUTHORIZED),
        ("/stonecrop/borne/notes", StatusCode::UNAUTHORIZED),
        ("/stonecrop/token", StatusCode::BAD_REQUEST),
        ("/stonecrop/else", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(sandbox.send(Method::GET, path, &[], "").await.status, status, "{path}");
    }
    for broken in
        ["AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=, Signature=zz", "AWS a:b", "AWS x"]
    {
        let answer = sandbox.send(Method::GET, "/stonecrop/storage/a", &[("authorization", broken)], "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{broken}");
    }
}

#[tokio::test]
async fn keys_open_their_door() {
    let sandbox = Harness::new();
    let path = format!("/stonecrop/keyed/notes?account={ACCOUNT}");
    let answer = sandbox.send(Method::GET, &path, &[("x-api-key", API_KEY)], "").await;
    assert_eq!(answer.json()[0], json!({ "id": 1, "text": "Water the succulents" }));
    let wrong = sandbox.send(Method::GET, &path, &[("x-api-key", "other")], "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let without = sandbox.send(Method::GET, "/stonecrop/keyed/notes", &[("x-api-key", API_KEY)], "").await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
}
