//! What links records: members, attendees, parents.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::call;
use crate::harness::Harness;

const API: &str = "/act.web.api/api";

async fn list(sandbox: &Harness, path: &str) -> Vec<Value> {
    let answer = call(sandbox, Method::GET, &format!("{API}/{path}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.json().as_array().unwrap().clone()
}

/// The identifier of a record of a collection.
async fn id(sandbox: &Harness, collection: &str, place: usize) -> String {
    list(sandbox, collection).await[place]["id"].as_str().unwrap().to_owned()
}

async fn status(sandbox: &Harness, method: Method, path: &str) -> u16 {
    call(sandbox, method, &format!("{API}/{path}"), "").await.status.as_u16()
}

#[tokio::test]
async fn links_are_made_seen_from_both_sides_and_cut() {
    let sandbox = Harness::new();
    let contact = id(&sandbox, "contacts", 1).await;
    let first = id(&sandbox, "contacts", 0).await;
    let company = id(&sandbox, "companies", 0).await;
    let group = id(&sandbox, "groups", 0).await;
    let opportunity = id(&sandbox, "opportunities", 0).await;
    let activity = id(&sandbox, "activities", 0).await;
    let history = id(&sandbox, "history", 0).await;
    let note = id(&sandbox, &format!("contacts/{first}/notes"), 0).await;
    for (link, seen, other) in [
        (format!("companies/{company}/contacts/{contact}"), format!("companies/{company}/contacts"), &contact),
        (format!("groups/{group}/contacts/{contact}"), format!("contacts/{contact}/groups"), &group),
        (format!("contacts/{contact}/groups/{group}"), format!("groups/{group}/contacts"), &contact),
        (
            format!("opportunities/{opportunity}/contacts/{contact}"),
            format!("opportunities/{opportunity}/contacts"),
            &contact,
        ),
        (
            format!("opportunities/{opportunity}/companies/{company}"),
            format!("opportunities/{opportunity}/companies"),
            &company,
        ),
        (format!("opportunities/{opportunity}/groups/{group}"), format!("opportunities/{opportunity}/groups"), &group),
        (format!("activities/{activity}/contacts/{contact}"), format!("contacts/{contact}/activities"), &activity),
        (format!("history/{history}/contacts/{contact}"), format!("contacts/{contact}/history"), &history),
        (format!("notes/{note}/contacts/{contact}"), format!("contacts/{contact}/notes"), &note),
    ] {
        let found = async || list(&sandbox, &seen).await.iter().any(|record| record["id"] == json!(other));
        assert!(!found().await, "{link}");
        for _ in 0..2 {
            assert_eq!(status(&sandbox, Method::PUT, &link).await, 200, "{link}");
        }
        assert!(found().await, "{link}");
        assert_eq!(status(&sandbox, Method::POST, &link).await, 405, "{link}");
        assert_eq!(status(&sandbox, Method::DELETE, &link).await, 204, "{link}");
        assert!(!found().await, "{link}");
        assert_eq!(status(&sandbox, Method::DELETE, &link).await, 404, "{link}");
    }
}

#[tokio::test]
async fn some_links_have_rules() {
    let sandbox = Harness::new();
    let contact = id(&sandbox, "contacts", 0).await;
    let activity = id(&sandbox, "activities", 0).await;
    let last = format!("activities/{activity}/contacts/{contact}");
    assert_eq!(status(&sandbox, Method::DELETE, &last).await, 400);
    let group = id(&sandbox, "groups", 0).await;
    let member = format!("groups/{group}/contacts/{contact}");
    assert_eq!(status(&sandbox, Method::GET, &member).await, 404);
    assert_eq!(status(&sandbox, Method::PUT, &member).await, 200);
    assert_eq!(status(&sandbox, Method::GET, &member).await, 200);
    let note = id(&sandbox, &format!("contacts/{contact}/notes"), 0).await;
    assert_eq!(status(&sandbox, Method::DELETE, &format!("contacts/{contact}/notes/{note}")).await, 204);
    for path in [
        format!("groups/{contact}/contacts/{contact}"),
        format!("groups/{group}/contacts/{group}"),
        format!("contacts/{contact}/companies/{group}"),
        format!("contacts/{contact}/contacts/{contact}"),
        format!("contacts/{contact}/unicorns"),
        format!("unicorns/{contact}/contacts"),
        format!("groups/{group}/notes"),
        format!("contacts/{contact}/groups/{group}/contacts"),
    ] {
        assert_eq!(status(&sandbox, Method::PUT, &path).await, 404, "{path}");
    }
    assert_eq!(status(&sandbox, Method::POST, &format!("contacts/{contact}/groups")).await, 405);
}

#[tokio::test]
async fn notes_are_found_below_their_four_parents() {
    let sandbox = Harness::new();
    let mut body = json!({"noteText": "Everywhere"});
    let mut paths = Vec::new();
    for (list, path) in
        [("contacts", "contacts"), ("companies", "companies"), ("groups", "group"), ("opportunities", "opportunity")]
    {
        let id = id(&sandbox, list, 0).await;
        body[list] = json!([{ "id": id }]);
        paths.push(format!("{path}/{id}/notes?$filter=noteText%20eq%20'everywhere'"));
    }
    call(&sandbox, Method::POST, &format!("{API}/notes"), &body.to_string()).await;
    for path in paths {
        assert_eq!(list(&sandbox, &path).await.len(), 1, "{path}");
    }
}

#[tokio::test]
async fn deleting_cuts_all_links() {
    let sandbox = Harness::new();
    let contact = id(&sandbox, "contacts", 0).await;
    let some = "opportunities?$filter=contacts/any(c:%20c/displayName%20eq%20'Vera%20Vogel')";
    assert_eq!(list(&sandbox, some).await.len(), 1);
    assert_eq!(status(&sandbox, Method::DELETE, &format!("contacts/{contact}")).await, 204);
    assert_eq!(list(&sandbox, some).await.len(), 0);
    assert_eq!(list(&sandbox, "opportunities?$filter=contacts/any()&$expand=contacts,stage").await.len(), 0);
}

#[tokio::test]
async fn groups_and_companies_have_levels() {
    let sandbox = Harness::new();
    for (collection, level) in [("groups", "heirarchyLevel"), ("companies", "hierarchyLevel")] {
        let parent = id(&sandbox, collection, 0).await;
        let body = json!({"name": "Below", "parentID": parent}).to_string();
        let child = call(&sandbox, Method::POST, &format!("{API}/{collection}"), &body).await.json();
        assert_eq!(child[level], 1);
    }
    let parent = id(&sandbox, "groups", 0).await;
    assert_eq!(list(&sandbox, &format!("groups/{parent}/groups")).await[0]["name"], "Below");
    assert_eq!(status(&sandbox, Method::GET, "groups/x/groups").await, 404);
}

#[tokio::test]
async fn references_show_present_names() {
    let sandbox = Harness::new();
    let contact = id(&sandbox, "contacts", 0).await;
    let body = r#"{"lastName": "Falk"}"#;
    call(&sandbox, Method::PATCH, &format!("{API}/contacts/{contact}"), body).await;
    let opportunity = list(&sandbox, "opportunities").await[0].clone();
    assert_eq!(opportunity["contacts"], json!([{"id": contact, "displayName": "Vera Falk"}]));
    assert_eq!(opportunity["contactNames"], "Vera Falk");
}
