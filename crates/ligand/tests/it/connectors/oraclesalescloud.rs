//! Oracle Sales Cloud.

use serde_json::{Value, json};

use super::{Connector, Records, list};

const ELEMENT: &str = "oraclesalescloud";
const UNKNOWN: &str = "999999999";

fn records<'a>(path: &'a str, key: &'a str, name: &'a str, rest: Value) -> Records<'a> {
    Records { path, key, name, rest, refused: json!({ "NoSuchAttribute": "x" }), unknown: UNKNOWN }
}

#[tokio::test]
async fn records_are_made_found_and_listed() {
    let connector = Connector::start(ELEMENT).await;
    let appointment = json!({
        "ActivityFunctionCode": "APPOINTMENT",
        "ActivityStartDate": "2024-03-20T09:00:00+00:00",
        "ActivityEndDate": "2024-03-20T10:00:00+00:00",
    });
    for kind in [
        records("/hubs/crm/accounts", "PartyNumber", "OrganizationName", json!({})),
        records("/hubs/crm/contacts", "PartyNumber", "LastName", json!({ "FirstName": "Ann" })),
        records("/hubs/crm/opportunities", "OptyNumber", "Name", json!({})),
        records("/hubs/crm/activities", "ActivityNumber", "Subject", appointment),
        records("/hubs/crm/leads", "LeadId", "Name", json!({})),
    ] {
        kind.are_made_found_and_listed(&connector).await;
    }
}

#[tokio::test]
async fn records_are_read_changed_and_removed() {
    let connector = Connector::start(ELEMENT).await;
    let call = json!({ "ActivityFunctionCode": "TASK" });
    for kind in [
        records("/hubs/crm/accounts", "PartyNumber", "OrganizationName", json!({})),
        records("/hubs/crm/contacts", "PartyNumber", "LastName", json!({ "FirstName": "Ann" })),
        records("/hubs/crm/opportunities", "OptyNumber", "Name", json!({})),
        records("/hubs/crm/activities", "ActivityNumber", "Subject", call),
    ] {
        kind.are_read_changed_and_removed(&connector, &["PATCH", "PUT"]).await;
    }
}

#[tokio::test]
async fn deals_are_made_and_listed() {
    let connector = Connector::start(ELEMENT).await;
    let contact = connector.post("/contacts", &json!({ "FirstName": "Ann", "LastName": "Lee" })).await.ok();
    let account = connector.post("/accounts", &json!({ "OrganizationName": "Lee & Sons" })).await.ok();
    let mut made = Vec::new();
    for size in [1000, 2000, 3000] {
        let deal = json!({
            "CloseDate": "2030-01-31", "ContactId": contact["PartyId"], "CustomerId": account["PartyId"],
            "DealSize": size, "DealType": "NEW",
        });
        made.push(connector.post("/hubs/crm/deals", &deal).await.ok()["DealId"].clone());
    }
    for condition in ["DealSize=2000", "DealSize = '2000'"] {
        let found = connector.search("/hubs/crm/deals", condition).await;
        assert_eq!(found.iter().map(|deal| &deal["DealId"]).collect::<Vec<_>>(), [&made[1]], "{condition}");
    }
    let walked = connector.walk("/hubs/crm/deals").await;
    assert!(made.iter().all(|id| walked.iter().filter(|deal| deal["DealId"] == *id).count() == 1));
    connector.post("/hubs/crm/deals", &json!({ "DealSize": "much" })).await.error(400);
}

#[tokio::test]
async fn notes_belong_to_their_record() {
    let connector = Connector::start(ELEMENT).await;
    let account = connector.post("/accounts", &json!({ "OrganizationName": "Noted" })).await.ok();
    let path = format!("/hubs/crm/accounts/{}/notes", account["PartyNumber"].as_str().expect("a key"));
    for text in ["one", "two", "three"] {
        connector.post(&path, &json!({ "NoteTxt": text })).await.ok();
    }
    let notes = connector.walk(&path).await;
    assert_eq!(notes.len(), 3);
    let note = format!("{path}/{}", notes[0]["NoteId"]);
    assert_eq!(connector.get(&note).await.ok()["NoteId"], notes[0]["NoteId"]);
    connector.send("PATCH", &note, Some(&json!({ "NoteTxt": "changed" }))).await.ok();
    assert_eq!(connector.get(&note).await.ok()["NoteTxt"], "changed");
    connector.send("DELETE", &note, None).await.ok();
    connector.get(&note).await.error(404);
    assert_eq!(list(connector.get(&path).await.ok()).len(), 2);
    connector.get(&format!("/hubs/crm/accounts/{UNKNOWN}/notes")).await.error(404);
}

#[tokio::test]
async fn the_count_is_told_when_it_is_asked_for() {
    let connector = Connector::start(ELEMENT).await;
    let condition = "where=OrganizationName%20LIKE%20'Counted%25'";
    for index in 0..3 {
        connector.post("/accounts", &json!({ "OrganizationName": format!("Counted {index}") })).await.ok();
    }
    let answer = connector.get(&format!("/hubs/crm/accounts?{condition}&pageSize=1&returnCount=TRUE")).await;
    assert_eq!(answer.header("elements-total-count"), "3");
    let answer = connector.get(&format!("/hubs/crm/accounts?{condition}&pageSize=1")).await;
    assert!(!answer.headers.contains_key("elements-total-count"));
}

#[tokio::test]
async fn the_element_tells_what_it_has() {
    let connector = Connector::start(ELEMENT).await;
    let ping = connector.get("/hubs/crm/ping").await.ok();
    assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!(ELEMENT), &json!(true)));
    let objects = connector.get("/hubs/crm/objects").await.ok();
    assert_eq!(objects, json!(["accounts", "contacts", "leads", "opportunities", "deals", "activities"]));
    let fields = list(connector.get("/hubs/crm/objects/leads/metadata").await.ok()["fields"].clone());
    assert!(fields.iter().any(|field| field["vendorPath"] == "Rank"));
    connector.send("DELETE", "/hubs/crm/deals/1", None).await.error(404);
}
