//! What can only be read: fields, users, types, the sales process.

use http::{Method, StatusCode};
use serde_json::json;

use super::call;
use crate::harness::Harness;

const API: &str = "/act.web.api/api";

#[tokio::test]
async fn lookups_are_answered() {
    let sandbox = Harness::new();
    let get = async |path: &str| {
        let answer = call(&sandbox, Method::GET, &format!("{API}/{path}"), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.json()
    };
    let fields = get("Metadata/Fields?recordType=contact").await;
    assert_eq!(fields, get("metadata/Contact/fields").await);
    let field = |name: &str| fields.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    assert_eq!((&field("shoe_size")["isCustom"], &field("shoe_size")["type"]), (&json!(true), &json!("Decimal")));
    assert_eq!((&field("edited")["isReadOnly"], &field("id")["isPrimary"]), (&json!(true), &json!(true)));
    let id = field("lastName")["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("metadata/fields/{id}?recordType=Contact")).await, json!([field("lastName")]));
    let types = get("activitytypes").await;
    assert_eq!(get("activitytypes/2").await, json!([types[1]]));
    assert_eq!(get("activitytypes/name=meeting").await, json!([types[1]]));
    assert_eq!(get("activitytypes/2/historytypes").await, get("activitytypes/name=Meeting/historytypes").await);
    assert_eq!(get("historytypes").await.as_array().unwrap().len(), 9);
    assert_eq!(get("historytypes/call%20completed").await[0]["id"], 2);
    let process = get("opportunities/processes").await[0].clone();
    let own = format!("opportunities/processes/{}", process["id"].as_str().unwrap());
    assert_eq!(get(&own).await, process);
    let stages = get(&format!("{own}/stages")).await;
    assert_eq!(get(&format!("opportunities/stages/{}", stages[0]["id"].as_str().unwrap())).await, stages[0]);
    let note = get(&format!("contacts/{}/notes", get("contacts").await[0]["id"].as_str().unwrap())).await;
    let user = get(&format!("users/{}", note[0]["createUserID"].as_str().unwrap())).await;
    assert_eq!(user["lastName"], "User");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let sandbox = Harness::new();
    for (path, expected) in [
        ("metadata/fields", 400),
        ("metadata/fields?recordType=Unicorn", 400),
        ("metadata/unicorn/fields", 400),
        ("metadata/fields/x?recordType=Contact", 404),
        ("metadata", 404),
        ("users/x", 404),
        ("activitytypes/99", 404),
        ("activitytypes/name=nap", 404),
        ("activitytypes/1/unicorns", 404),
        ("historytypes/nap", 404),
        ("opportunities/processes/x", 404),
        ("opportunities/stages/x", 404),
        ("opportunities/stages", 404),
    ] {
        let answer = call(&sandbox, Method::GET, &format!("{API}/{path}"), "").await;
        assert_eq!(answer.status.as_u16(), expected, "{path}: {}", answer.body);
        assert!(answer.json()["message"].is_string(), "{path}");
    }
    let answer = call(&sandbox, Method::POST, &format!("{API}/activitytypes"), "{}").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
