//! `q`, finders and the other parameters over HTTP, in both framework versions.

use http::{Method, StatusCode};
use serde_json::json;

use super::{ROOT, get};
use crate::harness::{Answer, Harness, basic};

async fn versioned(sandbox: &Harness, version: &str, path: &str) -> Answer {
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let headers = [("authorization", user.as_str()), ("rest-framework-version", version)];
    sandbox.send(Method::GET, &format!("{ROOT}/{path}"), &headers, "").await
}

#[tokio::test]
async fn the_version_decides_how_q_is_read() {
    let sandbox = Harness::new();
    let rich = "contacts?q=LastName%20=%20'Vogel'%20or%20(LastName%20LIKE%20'Ol%25'%20and%20PartyStatus%20IN%20('A'))";
    let found = versioned(&sandbox, "4", rich).await;
    assert_eq!((found.status, &found.json()["count"]), (StatusCode::OK, &json!(2)));
    assert_eq!(versioned(&sandbox, "1", rich).await.status, StatusCode::BAD_REQUEST);
    let plain = "contacts?q=LastName=Vogel";
    assert_eq!(versioned(&sandbox, "1", plain).await.json()["count"], 1);
    let refused = versioned(&sandbox, "2", plain).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.body, "URL request parameter q cannot be used in this context.");
    for version in ["0", "10", "x", ""] {
        assert_eq!(versioned(&sandbox, version, plain).await.status, StatusCode::BAD_REQUEST, "{version}");
    }
}

#[tokio::test]
async fn finders_and_links() {
    let sandbox = Harness::new();
    let lead = get(&sandbox, "leads").await["items"][0].clone();
    let found = get(&sandbox, &format!("leads?finder=PrimaryKey;LeadId={}", lead["LeadId"])).await;
    assert_eq!(found["items"], json!([lead]));
    assert_eq!(get(&sandbox, "accounts?finder=PartyNumberAltKey;PartyNumber=7297").await["count"], 1);
    assert_eq!(get(&sandbox, "accounts?finder=PartyNumberAltKey;PartyNumber=0").await["count"], 0);
    let item = get(&sandbox, "accounts/7297?links=self").await;
    assert_eq!(item["links"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_walk_through_everything_once() {
    let sandbox = Harness::new();
    let records: Vec<_> = (0..7).map(|at| json!({"OrganizationName": format!("Org {}", at / 2)})).collect();
    let body = serde_json::Value::Array(records).to_string();
    let seeded = sandbox.send(Method::PUT, "/_sandbox/data/oraclesalescloud/accounts", &[], body).await;
    assert_eq!((seeded.status, seeded.json()), (StatusCode::OK, json!({"records": 7})));
    let (mut seen, mut offset) = (Vec::new(), 0);
    loop {
        let order = "orderBy=OrganizationName:desc,PartyId:asc&totalResults=true";
        let page = get(&sandbox, &format!("accounts?limit=3&offset={offset}&{order}")).await;
        assert_eq!(page["totalResults"], 7);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["PartyId"].as_u64().unwrap()));
        offset += page["limit"].as_u64().unwrap();
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 7);
}
