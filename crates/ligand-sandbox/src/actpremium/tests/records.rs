//! Every kind of record from birth to death, and what each demands.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::call;
use crate::harness::Harness;

const API: &str = "/act.web.api/api";
const START: &str = "2030-03-01T10:00:00Z";
const END: &str = "2030-03-01T11:30:00Z";

async fn post(sandbox: &Harness, path: &str, body: &Value) -> Value {
    let answer = call(sandbox, Method::POST, &format!("{API}/{path}"), &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.body);
    answer.json()
}

async fn get(sandbox: &Harness, path: &str) -> Value {
    let answer = call(sandbox, Method::GET, &format!("{API}/{path}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.json()
}

/// The identifier of the first contact.
async fn contact(sandbox: &Harness) -> String {
    get(sandbox, "contacts").await[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_kind_lives_from_post_to_delete() {
    let sandbox = Harness::new();
    let contacts = json!([{ "id": contact(&sandbox).await }]);
    for (collection, body, change) in [
        ("companies", json!({"name": "C"}), json!({"industry": "Optics"})),
        ("groups", json!({"name": "G"}), json!({"description": "D"})),
        ("opportunities", json!({"name": "O"}), json!({"status": "Won"})),
        ("products", json!({"name": "P"}), json!({"price": 7})),
        ("notes", json!({"noteText": "N", "contacts": contacts}), json!({"isPrivate": true})),
        ("history", json!({"regarding": "H", "contacts": contacts}), json!({"details": "x"})),
        ("activities", json!({"startTime": START, "endTime": END, "contacts": contacts}), json!({"subject": "A"})),
    ] {
        let created = post(&sandbox, collection, &body).await;
        let path = format!("{collection}/{}", created["id"].as_str().unwrap());
        assert_eq!(get(&sandbox, &path).await, created, "{collection}");
        if collection != "notes" {
            assert!(get(&sandbox, collection).await.as_array().unwrap().contains(&created), "{collection}");
        }
        let full = format!("{API}/{path}");
        let patched = call(&sandbox, Method::PATCH, &full, &change.to_string()).await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.body);
        for (name, value) in change.as_object().unwrap() {
            assert_eq!(&patched.json()[name], value, "{collection}");
        }
        assert_eq!(call(&sandbox, Method::PUT, &full, &body.to_string()).await.status, StatusCode::OK);
        let emptied = get(&sandbox, &path).await;
        for name in change.as_object().unwrap().keys() {
            assert_eq!(emptied[name], created[name], "{collection}");
        }
        assert_eq!(call(&sandbox, Method::DELETE, &full, "").await.status, StatusCode::NO_CONTENT);
        assert_eq!(call(&sandbox, Method::GET, &full, "").await.status, StatusCode::NOT_FOUND);
    }
    let list = call(&sandbox, Method::GET, &format!("{API}/notes"), "").await;
    assert_eq!(list.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_is_demanded() {
    let sandbox = Harness::new();
    let one = json!([{ "id": contact(&sandbox).await }]);
    let company = get(&sandbox, "companies").await[0]["id"].clone();
    for (collection, body) in [
        ("companies", json!({})),
        ("companies", json!({"name": " "})),
        ("companies", json!({"name": "x", "parentID": one[0]["id"]})),
        ("companies", json!({"name": "x", "numberOfEmployees": "many"})),
        ("groups", json!({"description": "x"})),
        ("opportunities", json!({})),
        ("opportunities", json!({"name": "x", "status": "Gone"})),
        ("opportunities", json!({"name": "x", "probability": 101})),
        ("opportunities", json!({"name": "x", "stage": {"id": "x"}})),
        ("opportunities", json!({"name": "x", "contacts": [{"id": company}]})),
        ("opportunities", json!({"name": "x", "contacts": one[0]})),
        ("opportunities", json!({"name": "x", "contacts": ["x"]})),
        ("opportunities", json!({"name": "x", "customFields": 1})),
        ("products", json!({"price": 1})),
        ("notes", json!({"contacts": one})),
        ("history", json!({"historyTypeID": 99})),
        ("history", json!({"startTime": END, "endTime": START})),
        ("activities", json!({"startTime": START, "endTime": END})),
        ("activities", json!({"startTime": START, "endTime": END, "contacts": []})),
        ("activities", json!({"startTime": START, "contacts": one})),
        ("activities", json!({"startTime": END, "endTime": START, "contacts": one})),
        ("activities", json!({"startTime": "today", "endTime": END, "contacts": one})),
        ("activities", json!({"startTime": START, "endTime": END, "contacts": one, "activityTypeName": "Nap"})),
    ] {
        let answer = call(&sandbox, Method::POST, &format!("{API}/{collection}"), &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{collection} {body}");
        assert!(answer.json()["message"].as_str().unwrap().starts_with("The request is invalid."), "{}", answer.body);
    }
    let own = format!("{API}/companies/{}", company.as_str().unwrap());
    let answer = call(&sandbox, Method::PATCH, &own, &json!({"parentID": company}).to_string()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn activities_are_cleared_into_history() {
    let sandbox = Harness::new();
    let contact = contact(&sandbox).await;
    let body = json!({
        "subject": "Fair", "details": "Hall 7", "activityTypeName": "meeting",
        "startTime": START, "endTime": END, "contacts": [{"id": contact}],
    });
    let activity = post(&sandbox, "activities", &body).await;
    assert_eq!((&activity["activityTypeName"], &activity["isCleared"]), (&json!("Meeting"), &json!(false)));
    assert_eq!(
        (&activity["seriesID"], &activity["contacts"][0]["displayName"]),
        (&activity["id"], &json!("Vera Vogel"))
    );
    let path = format!("activities/{}", activity["id"].as_str().unwrap());
    let clear = format!("{API}/{path}/clearactivity");
    for body in ["{}", r#"{"startTime": "2030-03-01T10:00:00Z"}"#, r#"{"startTime": 1, "endTime": 2}"#] {
        assert_eq!(call(&sandbox, Method::PUT, &clear, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let body = json!({ "startTime": START, "endTime": END }).to_string();
    assert_eq!(call(&sandbox, Method::PUT, &clear, &body).await.status, StatusCode::OK);
    assert_eq!(get(&sandbox, &path).await["isCleared"], true);
    assert_eq!(call(&sandbox, Method::PUT, &clear, &body).await.status, StatusCode::BAD_REQUEST);
    let histories = get(&sandbox, &format!("{path}/history")).await;
    assert_eq!((&histories[0]["regarding"], &histories[0]["details"]), (&json!("Fair"), &json!("Hall 7")));
    assert_eq!(
        (&histories[0]["historyType"]["name"], &histories[0]["duration"]),
        (&json!("Meeting Held"), &json!("01:30:00"))
    );
    let of_contact = get(&sandbox, &format!("contacts/{contact}/history?$filter=regarding%20eq%20'fair'")).await;
    assert_eq!(of_contact, histories);
    assert_eq!(call(&sandbox, Method::DELETE, &clear, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(get(&sandbox, &path).await["isCleared"], false);
    assert_eq!(call(&sandbox, Method::POST, &clear, "{}").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let nowhere = format!("{API}/activities/{contact}/clearactivity");
    assert_eq!(call(&sandbox, Method::PUT, &nowhere, &body).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn opportunities_add_up_their_products() {
    let sandbox = Harness::new();
    let known = get(&sandbox, "products").await[0]["id"].clone();
    let stage = get(&sandbox, "opportunities/processes").await[0]["id"].as_str().unwrap().to_owned();
    let stages = get(&sandbox, &format!("opportunities/processes/{stage}/stages")).await;
    let opportunity = post(&sandbox, "opportunities", &json!({"name": "O", "stage": {"id": stages[2]["id"]}})).await;
    assert_eq!((&opportunity["probability"], &opportunity["status"]), (&json!(40), &json!("Open")));
    let path = format!("opportunities/{}", opportunity["id"].as_str().unwrap());
    let products = format!("{path}/products");
    let two = post(&sandbox, &products, &json!({"productID": known, "quantity": 2})).await;
    assert_eq!((&two["name"], &two["total"]), (&json!("Spectrometer"), &json!(2000.0)));
    let one = post(&sandbox, &products, &json!({"name": "Cable", "price": 10, "cost": 4, "discountPrice": 8})).await;
    assert_eq!((&one["discount"], &one["total"]), (&json!(20.0), &json!(8.0)));
    let sums = get(&sandbox, &path).await;
    assert_eq!((&sums["productTotal"], &sums["grossMargin"]), (&json!(2008.0), &json!(604.0)));
    assert_eq!(sums["weightedTotal"], json!(803.2));
    let own = format!("{API}/{products}/{}", one["id"].as_str().unwrap());
    let changed = call(&sandbox, Method::PATCH, &own, r#"{"quantity": 3}"#).await.json();
    assert_eq!(changed["total"], json!(24.0));
    for body in [r#"{"quantity": "x"}"#, r#"{"name": ""}"#, r#"{"productID": "0a1b2c3d-0000-4000-8000-000000000001"}"#]
    {
        assert_eq!(call(&sandbox, Method::PATCH, &own, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(call(&sandbox, Method::DELETE, &own, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(get(&sandbox, &products).await.as_array().unwrap().len(), 1);
    assert_eq!(call(&sandbox, Method::GET, &own, "").await.status, StatusCode::NOT_FOUND);
    let body = json!({"status": "lost"}).to_string();
    let closed = call(&sandbox, Method::PATCH, &format!("{API}/{path}"), &body).await.json();
    assert_eq!((&closed["status"], &closed["actualCloseDate"]), (&json!("Lost"), &json!("2030-01-02T03:04:05Z")));
}

#[tokio::test]
async fn custom_fields_are_kept_and_unknown_ones_ignored() {
    let sandbox = Harness::new();
    let path = format!("contacts/{}", contact(&sandbox).await);
    let body =
        r#"{"customFields": {"SHOE_SIZE": 43.5, "planet": "Earth", "member_since": "2029-12-31T23:00:00-01:00"}}"#;
    let patched = call(&sandbox, Method::PATCH, &format!("{API}/{path}"), body).await.json();
    let expected = json!({"shoe_size": 43.5, "favorite_color": "green", "member_since": "2030-01-01T00:00:00Z"});
    assert_eq!(patched["customFields"], expected);
    let found =
        get(&sandbox, "contacts?$filter=customFields/shoe_size%20gt%2043&$orderby=customFields/shoe_size").await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    for body in [r#"{"customFields": {"shoe_size": "big"}}"#, r#"{"customFields": []}"#] {
        let answer = call(&sandbox, Method::PATCH, &format!("{API}/{path}"), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}
