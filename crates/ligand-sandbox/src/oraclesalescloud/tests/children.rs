//! Rows below items, lists of values, custom attributes.

use http::{Method, StatusCode};
use serde_json::json;

use super::{ROOT, call, get};
use crate::harness::Harness;

#[tokio::test]
async fn rows_live_from_post_to_delete() {
    let sandbox = Harness::new();
    let lead = get(&sandbox, "leads").await["items"][0]["links"][0]["href"].as_str().unwrap().to_owned();
    let lead = lead.rsplit('/').next().unwrap().to_owned();
    let contact = r#"{"PERPartyId": 1}"#;
    let note = r#"{"NoteTxt": "Called."}"#;
    let opportunity = get(&sandbox, "opportunities").await["items"][0]["OptyNumber"].as_str().unwrap().to_owned();
    let activity = get(&sandbox, "activities").await["items"][0]["ActivityNumber"].as_str().unwrap().to_owned();
    for (parent, child, body) in [
        ("accounts/7297".to_owned(), "Note", note),
        ("accounts/7297".to_owned(), "Address", r#"{"Country": "DE"}"#),
        ("contacts/7301".to_owned(), "Note", note),
        (format!("leads/{lead}"), "Note", note),
        (format!("opportunities/{opportunity}"), "Note", note),
        (format!("opportunities/{opportunity}"), "OpportunityContact", contact),
        (format!("activities/{activity}"), "ActivityAssignee", r#"{"AssigneeId": 1}"#),
        (format!("activities/{activity}"), "ActivityContact", r#"{"ContactId": 1}"#),
    ] {
        let path = format!("{ROOT}/{parent}/child/{child}");
        let before = get(&sandbox, &format!("{parent}/child/{child}")).await["count"].as_u64().unwrap();
        let created = call(&sandbox, Method::POST, &path, body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{path}: {}", created.body);
        let own = created.header("location").strip_prefix("http://vendor.test:8443").unwrap().to_owned();
        assert_eq!(call(&sandbox, Method::GET, &own, "").await.json(), created.json());
        assert_eq!(get(&sandbox, &format!("{parent}/child/{child}")).await["count"], before + 1);
        assert_eq!(call(&sandbox, Method::PATCH, &own, body).await.status, StatusCode::OK);
        let empty = call(&sandbox, Method::POST, &path, "{}").await;
        assert!(empty.body.contains("JBO-27014"), "{path}: {}", empty.body);
        assert_eq!(call(&sandbox, Method::DELETE, &own, "").await.status, StatusCode::NO_CONTENT);
        assert_eq!(call(&sandbox, Method::GET, &own, "").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn rows_can_be_queried_and_are_answered_with_the_item() {
    let sandbox = Harness::new();
    let notes = format!("{ROOT}/accounts/7297/child/Note");
    for title in ["b", "a"] {
        let body = json!({ "NoteTxt": "x", "NoteTitle": title }).to_string();
        call(&sandbox, Method::POST, &notes, &body).await;
    }
    let found = get(&sandbox, "accounts/7297/child/Note?q=NoteTitle=a&onlyData=true&fields=NoteTitle").await;
    assert_eq!(found["items"], json!([{"NoteTitle": "a"}]));
    let sorted = get(&sandbox, "accounts/7297/child/Note?orderBy=NoteTitle:desc&limit=1").await;
    assert_eq!((&sorted["items"][0]["NoteTitle"], &sorted["hasMore"]), (&json!("b"), &json!(true)));
    let item = get(&sandbox, "accounts/7297?expand=Note,PrimaryAddress").await;
    assert_eq!(item["Note"].as_array().unwrap().len(), 3);
    assert_eq!(item["PrimaryAddress"][0]["FormattedAddress"], "1 Example Street, Sampleton, DE");
    let item = get(&sandbox, "accounts/7297?fields=OrganizationName;PrimaryAddress:City,Country&onlyData=true").await;
    let address = json!([{"City": "Sampleton", "Country": "DE"}]);
    assert_eq!(item, json!({"OrganizationName": "Vogel Instruments", "PrimaryAddress": address}));
    let all = get(&sandbox, "accounts?expand=all&limit=1").await;
    for child in ["PrimaryAddress", "Address", "Note"] {
        assert!(all["items"][0][child].is_array(), "{child}");
    }
    let other = get(&sandbox, "accounts").await["items"][1]["PartyNumber"].as_str().unwrap().to_owned();
    assert_eq!(get(&sandbox, &format!("accounts/{other}/child/Note")).await["count"], 0);
    for bad in ["fields=Planet:City", "fields=Note:City", "fields=Note:", "fields=,", "expand=City"] {
        let answer = call(&sandbox, Method::GET, &format!("{ROOT}/accounts?{bad}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn a_request_with_a_bad_row_changes_nothing() {
    let sandbox = Harness::new();
    for rows in [json!([{"Country": "DE"}, {"Country": "FR"}]), json!([{}]), json!([1]), json!([{"Planet": 1}])] {
        let body = json!({"OrganizationName": "Half", "PrimaryAddress": rows}).to_string();
        let answer = call(&sandbox, Method::POST, &format!("{ROOT}/accounts"), &body).await;
        let second_of_one = rows.as_array().unwrap().len() == 2;
        assert_eq!(answer.status.is_success(), second_of_one, "{}", answer.body);
    }
    assert_eq!(get(&sandbox, "accounts").await["count"], 3);
    let body = json!({"CEOName": "x", "Note": [{"NoteTxt": "good"}, {"NoteTxt": ""}]}).to_string();
    let answer = call(&sandbox, Method::PATCH, &format!("{ROOT}/accounts/7297"), &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let item = get(&sandbox, "accounts/7297?expand=Note").await;
    assert_eq!((&item["CEOName"], item["Note"].as_array().unwrap().len()), (&json!(null), 1));
    let address = format!("{ROOT}/accounts/7297/child/PrimaryAddress");
    let second = call(&sandbox, Method::POST, &address, r#"{"Country": "FR"}"#).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn rows_sent_with_a_change_are_found_by_their_key() {
    let sandbox = Harness::new();
    let id = get(&sandbox, "accounts/7297/child/Note").await["items"][0]["NoteId"].clone();
    let body = json!({
        "Note": [{"NoteId": id, "NoteTitle": "changed"}, {"NoteTxt": "new"}],
        "PrimaryAddress": [{"City": "Elsewhere"}],
    });
    let answer = call(&sandbox, Method::PATCH, &format!("{ROOT}/accounts/7297"), &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let item = get(&sandbox, "accounts/7297?expand=all").await;
    assert_eq!(item["Note"].as_array().unwrap().len(), 2);
    assert_eq!(item["Note"][0]["NoteTitle"], "changed");
    assert_eq!(item["PrimaryAddress"][0]["City"], "Elsewhere");
    assert_eq!(item["PrimaryAddress"][0]["Country"], "DE");
}

#[tokio::test]
async fn lists_of_values_belong_to_an_attribute() {
    let sandbox = Harness::new();
    let list = get(&sandbox, "accounts/7297/lov/AccountTypeLOV").await;
    assert_eq!(list["items"][0], json!({"LookupCode": "ZCA_CUSTOMER", "Meaning": "Customer"}));
    for path in ["accounts/7297/lov/LeadRankLOV", "accounts/7297/lov/x", "accounts/0/lov/AccountTypeLOV"] {
        let answer = call(&sandbox, Method::GET, &format!("{ROOT}/{path}"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn custom_attributes_are_kept() {
    let sandbox = Harness::new();
    let path = format!("{ROOT}/accounts/7297");
    let body = r#"{"LoyaltyTier_c": "SILVER", "Seats_c": 3.5, "Vip_c": false, "RenewalDate_c": "2032-01-01"}"#;
    let item = call(&sandbox, Method::PATCH, &path, body).await.json();
    assert_eq!((&item["Seats_c"], &item["Vip_c"]), (&json!(3.5), &json!(false)));
    assert_eq!(get(&sandbox, "accounts?q=LoyaltyTier_c=SILVER;Seats_c%3E3").await["count"], 1);
    assert_eq!(get(&sandbox, "leads?q=TitleName_c='Captain'").await["count"], 1);
}

#[tokio::test]
async fn paths_that_lead_nowhere() {
    let sandbox = Harness::new();
    for path in [
        "accounts/7297/child",
        "accounts/7297/child/Planet",
        "accounts/0/child/Note",
        "accounts/7297/child/Note/1",
        "accounts/7297/child/Note/1/child/Note",
        "accounts/7297/parent",
        "deals/1/child/Note",
    ] {
        let answer = call(&sandbox, Method::GET, &format!("{ROOT}/{path}"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let note = format!("{ROOT}/accounts/7297/child/Note");
    assert_eq!(call(&sandbox, Method::PUT, &note, "{}").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
