//! Act! Premium.

use serde_json::{Value, json};

use super::{Connector, Records, list};

const ELEMENT: &str = "actpremium";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn records<'a>(path: &'a str, name: &'a str, rest: Value, refused: Value) -> Records<'a> {
    Records { path, key: "id", name, rest, refused, unknown: UNKNOWN }
}

async fn kinds(connector: &Connector) -> Vec<Records<'static>> {
    let contact = connector.post("/hubs/crm/contacts", &json!({ "firstName": "Ann" })).await.ok();
    let (start, end) = ("2024-10-10T09:00:00Z", "2024-10-10T10:00:00Z");
    let activity = json!({ "startTime": start, "endTime": end, "contacts": [{ "id": contact["id"] }] });
    let history = json!({ "startTime": start, "endTime": end, "contacts": [{ "id": contact["id"] }] });
    vec![
        records(
            "/hubs/crm/contacts",
            "lastName",
            json!({ "firstName": "Ann" }),
            json!({ "isUser": {}, "lastName": {} }),
        ),
        records("/hubs/crm/companies", "name", json!({}), json!({})),
        records("/hubs/crm/accounts", "name", json!({}), json!({})),
        records("/hubs/crm/groups", "name", json!({}), json!({})),
        records("/hubs/crm/opportunities", "name", json!({}), json!({})),
        records("/hubs/crm/activities", "subject", activity, json!({ "subject": "no contact" })),
        records("/hubs/crm/history", "regarding", history, json!({ "regarding": {} })),
    ]
}

#[tokio::test]
async fn records_are_made_found_and_listed() {
    let connector = Connector::start(ELEMENT).await;
    for kind in kinds(&connector).await {
        kind.are_made_found_and_listed(&connector).await;
    }
}

#[tokio::test]
async fn records_are_read_changed_and_removed() {
    let connector = Connector::start(ELEMENT).await;
    for kind in kinds(&connector).await {
        kind.are_read_changed_and_removed(&connector, &["PATCH", "PUT"]).await;
    }
}

#[tokio::test]
async fn conditions_find_by_members_of_members_and_by_kinds_of_values() {
    let connector = Connector::start(ELEMENT).await;
    let contact = json!({ "lastName": "Zed", "businessAddress": { "city": "Chur" }, "contactType": "Contact" });
    let id = connector.post("/hubs/crm/contacts", &contact).await.ok()["id"].clone();
    let id = id.as_str().expect("an id");
    for condition in [
        "businessAddress.city='Chur'",
        "lastName='Zed' AND isUser=false",
        "lastName IN ('Zed','Nobody') AND created > 2000-01-01T00:00:00Z",
        "lastName = 'Zed' AND created > '2000-01-01T00:00:00Z'",
        &format!("id='{id}'"),
    ] {
        let found = connector.search("/hubs/crm/contacts", condition).await;
        assert_eq!(found.iter().map(|contact| &contact["id"]).collect::<Vec<_>>(), [id], "{condition}");
    }
    let company = json!({ "name": "Sized", "numberOfEmployees": 12 });
    connector.post("/hubs/crm/accounts", &company).await.ok();
    for condition in ["numberOfEmployees=12", "numberOfEmployees='12'"] {
        assert_eq!(connector.search("/hubs/crm/accounts", condition).await.len(), 1, "{condition}");
    }
}

#[tokio::test]
async fn records_are_linked_and_parted() {
    let connector = Connector::start(ELEMENT).await;
    let make = async |path: &str, body: Value| {
        let made = connector.post(path, &body).await.ok();
        made["id"].as_str().expect("an id").to_owned()
    };
    let contact = make("/hubs/crm/contacts", json!({ "lastName": "Linked" })).await;
    for kind in ["groups", "companies", "accounts", "opportunities"] {
        let other = make(&format!("/hubs/crm/{kind}"), json!({ "name": "Other" })).await;
        let members = format!("/hubs/crm/{kind}/{other}/contacts");
        let link = format!("{members}/{contact}");
        connector.send("PUT", &link, None).await.ok();
        let found = list(connector.get(&members).await.ok());
        assert_eq!(found.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&contact], "{kind}");
        connector.send("DELETE", &link, None).await.ok();
        assert_eq!(connector.get(&members).await.ok(), json!([]), "{kind}");
        connector.send("PUT", &format!("{members}/{UNKNOWN}"), None).await.error(404);
    }
}

#[tokio::test]
async fn notes_are_listed_below_what_they_are_about() {
    let connector = Connector::start(ELEMENT).await;
    let contact = connector.post("/hubs/crm/contacts", &json!({ "lastName": "Noted" })).await.ok();
    for text in ["one", "two", "three"] {
        let note = json!({ "noteText": text, "contacts": [{ "id": contact["id"] }] });
        connector.post("/hubs/crm/notes", &note).await.ok();
    }
    let path = format!("/hubs/crm/contacts/{}/notes", contact["id"].as_str().expect("an id"));
    let notes = connector.walk(&format!("{path}?orderBy=noteText")).await;
    assert_eq!(notes.iter().map(|note| &note["noteText"]).collect::<Vec<_>>(), ["one", "three", "two"]);
    let note = format!("/hubs/crm/notes/{}", notes[0]["id"].as_str().expect("an id"));
    connector.send("PATCH", &note, Some(&json!({ "noteText": "changed" }))).await.ok();
    assert_eq!(connector.get(&note).await.ok()["noteText"], "changed");
    connector.send("DELETE", &note, None).await.ok();
    connector.get(&note).await.error(404);
    connector.post("/hubs/crm/notes", &json!({})).await.error(400);
    connector.get("/hubs/crm/notes").await.error(405);
}

#[tokio::test]
async fn opportunities_have_products() {
    let connector = Connector::start(ELEMENT).await;
    let made = connector.post("/hubs/crm/opportunities", &json!({ "name": "Sale" })).await.ok();
    let path = format!("/hubs/crm/opportunities/{}/products", made["id"].as_str().expect("an id"));
    let product = connector.post(&path, &json!({ "name": "Thing", "price": 5, "quantity": 2 })).await.ok();
    assert_eq!(list(connector.get(&path).await.ok()).len(), 1);
    let product = format!("{path}/{}", product["id"].as_str().expect("an id"));
    connector.send("PATCH", &product, Some(&json!({ "name": "Better thing" }))).await.ok();
    assert_eq!(connector.get(&product).await.ok()["name"], "Better thing");
    connector.send("DELETE", &product, None).await.ok();
    connector.get(&product).await.error(404);
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_is_renewed() {
    let connector = Connector::start(ELEMENT).await;
    connector.arrange("DELETE", "/_sandbox/actpremium/tokens", &json!({})).await;
    connector.post("/hubs/crm/contacts", &json!({ "lastName": "Renewed" })).await.ok();
    assert_eq!(connector.search("/hubs/crm/contacts", "lastName='Renewed'").await.len(), 1);
}

#[tokio::test]
async fn the_element_tells_what_it_has() {
    let connector = Connector::start(ELEMENT).await;
    let ping = connector.get("/hubs/crm/ping").await.ok();
    assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!(ELEMENT), &json!(true)));
    let objects = list(connector.get("/hubs/crm/objects").await.ok());
    let names =
        ["contacts", "accounts", "companies", "opportunities", "activities", "groups", "notes", "history", "products"];
    assert_eq!(objects, names);
}

#[tokio::test]
async fn the_database_tells_its_fields() {
    let connector = Connector::start(ELEMENT).await;
    let fields = |answer: Value| list(answer["fields"].clone());
    for (kind, custom) in [("contacts", "shoe_size"), ("accounts", "fleet_size"), ("companies", "fleet_size")] {
        let all = fields(connector.get(&format!("/hubs/crm/objects/{kind}/metadata")).await.ok());
        let path = format!("customFields.{custom}");
        let own = all.iter().find(|field| field["vendorPath"] == *path).unwrap_or_else(|| panic!("{kind}: no {path}"));
        assert_eq!((&own["custom"], &own["type"], &own["createable"]), (&json!(true), &json!("number"), &json!(true)));
        let only = fields(connector.get(&format!("/objects/{kind}/metadata?customFieldsOnly=true")).await.ok());
        assert!(!only.is_empty() && only.iter().all(|field| field["custom"] == true), "{only:?}");
        let created = all.iter().find(|field| field["vendorPath"] == "created").expect("created");
        assert_eq!((&created["type"], &created["updateable"]), (&json!("date"), &json!(false)));
    }
    // What a custom field is called there is what records call it.
    let contact = json!({ "lastName": "Own", "customFields": { "shoe_size": 43 } });
    let made = connector.post("/hubs/crm/contacts", &contact).await.ok();
    assert_eq!(made["customFields"]["shoe_size"], 43);
    assert_eq!(connector.search("/hubs/crm/contacts", "customFields.shoe_size = 43").await.len(), 1);
    connector.get("/hubs/crm/objects/nosuch/metadata").await.error(404);
    connector.platform.fault(ELEMENT, &json!({ "fault": "http500" })).await;
    connector.get("/hubs/crm/objects/contacts/metadata").await.error(502);
    connector.get("/hubs/crm/objects/contacts/metadata?useModels=true").await.ok();
}

#[tokio::test]
async fn products_and_whatever_else_there_is_are_reached() {
    let connector = Connector::start(ELEMENT).await;
    records("/hubs/crm/products", "name", json!({}), json!({ "name": {} }))
        .are_read_changed_and_removed(&connector, &["PATCH", "PUT"])
        .await;
    let types = list(connector.get("/hubs/crm/activitytypes").await.ok());
    assert!(types.iter().any(|kind| kind["name"] == "Meeting"));
    connector.get("/hubs/crm/nosuch").await.error(404);
    connector.get("/hubs/crm/contacts/1/nosuch").await.error(404);
    let answer = connector.get("/hubs/crm/contacts?orderBy=nosuch").await;
    assert!(answer.header("elements-error").contains("ignored"), "{}", answer.text);
    answer.ok();
}
