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
async fn leads_and_deals_are_reached_by_their_numbers() {
    let connector = Connector::start(ELEMENT).await;
    records("/hubs/crm/leads", "LeadId", "Name", json!({}))
        .are_read_changed_and_removed(&connector, &["PATCH", "PUT"])
        .await;
    let contact = connector.post("/contacts", &json!({ "FirstName": "Ann", "LastName": "Lee" })).await.ok();
    let account = connector.post("/accounts", &json!({ "OrganizationName": "Lee & Sons" })).await.ok();
    let deal = json!({
        "CloseDate": "2030-01-31", "ContactId": contact["PartyId"], "CustomerId": account["PartyId"],
        "DealSize": 1000, "DealType": "NEW",
    });
    let made = connector.post("/hubs/crm/deals", &deal).await.ok();
    let path = format!("/hubs/crm/deals/{}", made["DealId"]);
    assert_eq!(connector.get(&path).await.ok()["DealId"], made["DealId"]);
    let chosen = connector.get(&format!("{path}?fields=DealSize,nosuch")).await.ok();
    assert_eq!(chosen, json!({ "DealSize": 1000 }));
    for (verb, size) in [("PATCH", 2000), ("PUT", 3000)] {
        let changed = connector.send(verb, &path, Some(&json!({ "DealSize": size }))).await.ok();
        assert_eq!(changed["DealSize"], size, "{verb}");
        assert_eq!(connector.get(&path).await.ok()["DealSize"], size, "{verb}");
    }
    connector.send("DELETE", &path, None).await.error(405);
    connector.send("DELETE", &format!("/hubs/crm/deals/{UNKNOWN}"), None).await.error(404);
    connector.get(&path).await.ok();
    connector.send("PATCH", &path, None).await.error(400);
    connector.send("PATCH", &path, Some(&json!({ "NoSuchAttribute": 1 }))).await.error(400);
    for kind in ["leads", "deals"] {
        for (verb, body) in [("GET", None), ("PATCH", Some(json!({}))), ("PUT", Some(json!({})))] {
            for unknown in [UNKNOWN, "1%3BRank%3DHOT", "*", "%25", "1%25", "a%2Ab"] {
                let answer = connector.send(verb, &format!("/hubs/crm/{kind}/{unknown}"), body.as_ref()).await;
                assert_eq!(answer.status, 404, "{verb} {kind} {unknown}: {}", answer.text);
            }
            // What is no number is for the vendor to refuse.
            for injected in ["0%27%20or%20%27%27%3D%27", "a%22b", "%E2%98%83"] {
                let answer = connector.send(verb, &format!("/hubs/crm/{kind}/{injected}"), body.as_ref()).await;
                let status = answer.status.as_u16();
                assert!([400, 404].contains(&status), "{verb} {kind} {injected}: {}", answer.text);
            }
        }
    }
    connector.get(&format!("/hubs/crm/leads/{UNKNOWN}/itself")).await.error(404);
}

#[tokio::test]
async fn children_of_records_are_reached_too() {
    let connector = Connector::start(ELEMENT).await;
    let lead = connector.post("/leads", &json!({ "Name": "Noted" })).await.ok();
    let notes = format!("/hubs/crm/leads/{}/notes", lead["LeadId"]);
    for text in ["one", "two", "three"] {
        connector.post(&notes, &json!({ "NoteTxt": text })).await.ok();
    }
    let walked = connector.walk(&notes).await;
    assert_eq!(walked.len(), 3);
    let counted = connector.get(&format!("{notes}?pageSize=1&returnCount=true")).await;
    assert_eq!((counted.header("elements-total-count"), counted.header("elements-returned-count")), ("3", "1"));
    let note = format!("{notes}/{}", walked[1]["NoteId"]);
    connector.send("PATCH", &note, Some(&json!({ "NoteTxt": "changed" }))).await.ok();
    assert_eq!(connector.get(&note).await.ok()["NoteTxt"], "changed");
    connector.send("DELETE", &note, None).await.ok();
    connector.get(&note).await.error(404);
    connector.get(&format!("/hubs/crm/leads/{UNKNOWN}/notes")).await.error(404);
    connector.post(&format!("/hubs/crm/leads/{UNKNOWN}/notes"), &json!({ "NoteTxt": "x" })).await.error(404);

    let account = connector.post("/accounts", &json!({ "OrganizationName": "Addressed" })).await.ok();
    let path = format!("/hubs/crm/accounts/{}", account["PartyNumber"].as_str().expect("a key"));
    let address = json!({ "AddressLine1": "1 Main St", "City": "Bern", "Country": "CH" });
    let address = connector.post(&format!("{path}/addresses"), &address).await.ok();
    assert_eq!(address["City"], "Bern");
    assert_eq!(list(connector.get(&format!("{path}/addresses")).await.ok())[0]["City"], "Bern");
    // By the vendor's own name as well.
    assert_eq!(list(connector.get(&format!("{path}/Address")).await.ok()).len(), 1);
    connector.get(&format!("{path}/NoSuchChild")).await.error(404);
    assert!(list(connector.get(&format!("{path}/PrimaryAddress")).await.ok()).len() <= 1);
}

#[tokio::test]
async fn an_odd_order_does_not_fail_a_list() {
    let connector = Connector::start(ELEMENT).await;
    for path in [
        "accounts?orderBy=NoSuchAttribute%20desc",
        "accounts?orderBy=NoSuchAttribute&where=PartyType%3D'x'",
        "accounts?orderBy=NoSuchAttribute&where=PartyType%3D'ORGANIZATION'",
    ] {
        let answer = connector.get(&format!("/hubs/crm/{path}")).await;
        assert!(answer.header("elements-error").contains("ignored"), "{path}: {}", answer.text);
        answer.ok();
    }
    let answer = connector.get("/hubs/crm/accounts?orderBy=OrganizationName%20desc'").await;
    assert_eq!(answer.header("elements-error"), "");
    let names: Vec<String> =
        list(answer.ok()).iter().map(|one| one["OrganizationName"].as_str().unwrap_or_default().to_owned()).collect();
    let mut sorted = names.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    assert_eq!(names, sorted);
    connector.get("/hubs/crm/accounts?orderBy=Nope&pageSize=0").await.error(400);
}

#[tokio::test]
async fn a_total_is_right_or_not_there() {
    let connector = Connector::start(ELEMENT).await;
    for (name, kind) in [("Total 1", "ZCA_CUSTOMER"), ("Total 2", "ZCA_CUSTOMER"), ("Total 3", "ZCA_PROSPECT")] {
        connector.post("/accounts", &json!({ "OrganizationName": name, "Type": kind })).await.ok();
    }
    let some = "OrganizationName LIKE 'Total%25' AND (Type='ZCA_CUSTOMER' OR Type='x')".replace(' ', "%20");
    let whole = connector.get(&format!("/hubs/crm/accounts?where={some}&returnCount=true")).await;
    assert_eq!(whole.header("elements-total-count"), "2", "all of it came by here: {}", whole.text);
    let page = connector.get(&format!("/hubs/crm/accounts?where={some}&returnCount=true&pageSize=1")).await;
    assert_eq!(page.header("elements-total-count"), "2", "the vendor counts three");
    assert_eq!(list(page.ok()).len(), 1);
    let answer = connector.get("/hubs/crm/accounts?includeDeleted=true").await;
    assert!(answer.header("elements-error").contains("includeDeleted"));
}

#[tokio::test]
async fn any_object_of_the_site_is_reached_by_its_name() {
    let connector = Connector::start(ELEMENT).await;
    // The sandbox has no objects of its own; the vendor refuses what it does not know.
    for (verb, path) in
        [("GET", "NoSuch_c"), ("GET", "NoSuch_c/1"), ("DELETE", "NoSuch_c/1"), ("GET", "NoSuch_c/1/Note")]
    {
        connector.send(verb, &format!("/hubs/crm/{path}"), None).await.error(404);
    }
    connector.post("/hubs/crm/NoSuch_c", &json!({})).await.error(404);
    connector.send("PUT", "/hubs/crm/accounts", Some(&json!({}))).await.error(405);
}

#[tokio::test]
async fn the_site_tells_its_objects_and_fields() {
    let connector = Connector::start(ELEMENT).await;
    let ping = connector.get("/hubs/crm/ping").await.ok();
    assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!(ELEMENT), &json!(true)));
    let objects = connector.get("/hubs/crm/objects").await.ok();
    assert_eq!(objects, json!(["accounts", "contacts", "leads", "opportunities", "deals", "activities"]));
    let fields = |answer: Value| list(answer["fields"].clone());
    let all = fields(connector.get("/hubs/crm/objects/accounts/metadata").await.ok());
    let named =
        |path: &str| all.iter().find(|field| field["vendorPath"] == path).unwrap_or_else(|| panic!("no {path}"));
    let own = named("RenewalDate_c");
    assert_eq!((&own["custom"], &own["type"], &own["filterable"]), (&json!(true), &json!("date"), &json!(true)));
    let name = named("OrganizationName");
    assert_eq!((&name["vendorRequired"], &name["createable"]), (&json!(true), &json!(true)));
    assert_eq!(named("PartyId")["updateable"], json!(false));
    assert_eq!(named("CreationDate")["vendorNativeType"], "datetime");
    let names: Vec<&str> =
        name["method"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(["GET", "POST", "PATCH"].iter().all(|verb| names.contains(verb)), "{names:?}");
    let custom = fields(connector.get("/hubs/crm/objects/accounts/metadata?customFieldsOnly=TRUE").await.ok());
    assert!(custom.len() >= 5 && custom.iter().all(|field| field["custom"] == true), "{custom:?}");
    let static_ones = fields(connector.get("/objects/accounts/metadata?useModels=true").await.ok());
    assert!(static_ones.iter().all(|field| field["vendorPath"] != "RenewalDate_c"));
    connector.get("/hubs/crm/objects/nosuch/metadata").await.error(404);
    // A vendor that fails is not passed over in silence; the definition can be asked for instead.
    connector.platform.fault(ELEMENT, &json!({ "fault": "forbidden", "times": 1 })).await;
    connector.get("/hubs/crm/objects/accounts/metadata").await.error(403);
    connector.platform.fault(ELEMENT, &json!({ "fault": "http500" })).await;
    connector.get("/hubs/crm/objects").await.error(502);
    connector.get("/hubs/crm/objects/accounts/metadata?useModels=true").await.ok();
    connector.get("/hubs/crm/objects?useModels=true").await.ok();
}
