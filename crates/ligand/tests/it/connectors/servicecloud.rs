//! Oracle Service Cloud: records, comments and lookups through the vendor's own description.

use serde_json::{Value, json};

use super::{Connector, Records, encoded, list, next_page};

const ELEMENT: &str = "servicecloud";
const UNKNOWN: &str = "999999999";

fn records<'a>(path: &'a str, name: &'a str, rest: Value) -> Records<'a> {
    Records { path, key: "id", name, rest, refused: json!({ "noSuchMember": "x" }), unknown: UNKNOWN }
}

/// What an agent needs but a login.
fn agent() -> Value {
    json!({
        "attributes": { "accountLocked": false, "viewsReportsDisabled": false },
        "newPassword": "Secret-1", "name": { "first": "Ann", "last": "Lee" },
        "profile": { "id": { "id": 2 } }, "staffGroup": { "id": { "id": 100_002 } },
    })
}

fn incident() -> Value {
    json!({ "primaryContact": { "contact": { "id": { "id": 1 } } } })
}

#[tokio::test]
async fn records_are_made_found_and_listed() {
    let connector = Connector::start(ELEMENT).await;
    for kind in [
        records("/hubs/helpdesk/agents", "login", agent()),
        records("/hubs/helpdesk/contacts", "login", json!({ "name": { "first": "Ann", "last": "Lee" } })),
        records("/hubs/helpdesk/incidents", "subject", incident()),
        records("/hubs/helpdesk/accounts", "name", json!({})),
        records("/hubs/helpdesk/organizations", "name", json!({})),
    ] {
        kind.are_made_found_and_listed(&connector).await;
    }
}

#[tokio::test]
async fn records_are_read_changed_and_removed() {
    let connector = Connector::start(ELEMENT).await;
    for kind in [
        records("/hubs/helpdesk/agents", "login", agent()),
        records("/hubs/helpdesk/contacts", "login", json!({})),
        records("/hubs/helpdesk/incidents", "subject", incident()),
        records("/hubs/helpdesk/accounts", "name", json!({})),
        records("/hubs/helpdesk/organizations", "name", json!({})),
    ] {
        kind.are_read_changed_and_removed(&connector, &["PATCH", "PUT"]).await;
    }
}

#[tokio::test]
async fn a_site_of_another_version_works_alike() {
    let platform = crate::harness::Platform::start().await;
    let mut configuration = platform.configuration(ELEMENT);
    let endpoint = configuration["helpdesk.servicecloud.endpointurl"].as_str().expect("text").replace("?wsdl", "");
    configuration["helpdesk.servicecloud.endpointurl"] = format!("{endpoint}?wsdl=typed_v1.3").into();
    let connector = Connector::provision(platform, ELEMENT, &configuration).await;
    records("/hubs/helpdesk/incidents", "subject", incident()).are_made_found_and_listed(&connector).await;
    records("/agents", "login", agent()).are_read_changed_and_removed(&connector, &["PATCH"]).await;
}

#[tokio::test]
async fn records_look_as_the_vendors_objects() {
    let connector = Connector::start(ELEMENT).await;
    let mut sent = agent();
    sent["login"] = "ann.lee".into();
    let made = connector.post("/agents", &sent).await.ok();
    let id = made["id"]["id"].as_i64().expect("a number");
    assert_eq!(made["profile"], json!({ "id": { "id": 2 }, "name": "Agent" }));
    assert_eq!(made["name"], json!({ "first": "Ann", "last": "Lee" }));
    assert_eq!(made["attributes"]["accountLocked"], false);
    assert!(made["createdTime"].as_str().expect("a time").ends_with('Z'));
    assert!(made.get("newPassword").is_none() && made.get("@type").is_none(), "{made}");
    assert_eq!(connector.get(&format!("/agents/{id}")).await.ok(), made);
    let found = connector.search("/agents", "login='ann.lee'").await;
    assert_eq!(
        (found.len(), &found[0]["staffGroup"]["name"], &found[0]["id"]["id"]),
        (1, &json!("Support"), &json!(id))
    );
}

#[tokio::test]
async fn incident_types_are_kept_by_their_labels() {
    let connector = Connector::start(ELEMENT).await;
    let label = json!({ "action": "add", "labelText": "Damage", "language": { "id": { "id": 1 } } });
    let made = connector.post("/incident-types", &json!({ "names": { "labelList": [label] } })).await.ok();
    assert_eq!((&made["names"]["labelList"][0]["labelText"], &made["name"]), (&json!("Damage"), &json!("Damage")));
    let path = format!("/incident-types/{}", made["id"]["id"]);
    let changed = connector.send("PATCH", &path, Some(&json!({ "displayOrder": 789 }))).await.ok();
    assert_eq!((&changed["displayOrder"], &changed["name"]), (&json!(789), &json!("Damage")));
    let updated = changed["updatedTime"].as_str().expect("a time").to_owned();
    for condition in [format!("lastModifiedDate = `{updated}`"), format!("lastModifiedDate='{updated}'")] {
        let found = connector.search("/incident-types", &condition).await;
        assert!(found.iter().any(|one| one["id"] == made["id"]), "{condition}");
    }
    assert!(connector.search("/incident-types", "lastModifiedDate > '2099-01-01T00:00:00Z'").await.is_empty());
    let ordered = connector.walk("/incident-types?orderBy=lastModifiedDate%20desc").await;
    assert!(ordered.len() >= 4);
    connector.send("DELETE", &path, None).await.ok();
    connector.get(&path).await.error(404);
}

#[tokio::test]
async fn comments_are_added_to_an_incident() {
    let connector = Connector::start(ELEMENT).await;
    let made = connector.post("/incidents", &incident()).await.ok();
    let path = format!("/hubs/helpdesk/incidents/{}/comments", made["id"]["id"]);
    assert!(list(connector.get(&path).await.ok()).is_empty());
    let comment = |text: &str| json!({ "text": text, "entryType": { "name": "Customer", "id": { "id": 3 } } });
    for (verb, text) in [("PUT", "one"), ("PUT", "two"), ("POST", "three")] {
        let added = connector.send(verb, &path, Some(&comment(text))).await.ok();
        assert_eq!((&added["text"], &added["entryType"]["name"]), (&json!(text), &json!("Customer")));
    }
    let comments = connector.walk(&path).await;
    assert_eq!(comments.iter().map(|one| &one["text"]).collect::<Vec<_>>(), ["one", "two", "three"]);
    let since = format!("createdTime>='{}'", comments[0]["createdTime"].as_str().expect("a time"));
    assert_eq!(connector.search(&path, &since).await.len(), 3);
    assert_eq!(connector.search(&path, "createdTime>='2099-04-02T18:28:30+0000'").await.len(), 0);
    assert_eq!(connector.search(&path, "text = 'two'").await.len(), 1);
    let unknown = format!("/hubs/helpdesk/incidents/{UNKNOWN}/comments");
    connector.get(&unknown).await.error(404);
    connector.send("PUT", &unknown, Some(&comment("x"))).await.error(404);
    connector.send("PUT", &path, Some(&json!({ "words": "x" }))).await.error(400);
    connector.send("PUT", &path, None).await.error(400);
}

#[tokio::test]
async fn custom_fields_go_both_ways() {
    let connector = Connector::start(ELEMENT).await;
    let custom = |name: &str, kind: &str, value: Value| {
        let field = json!({ "name": name, "dataType": kind, "dataValue": value });
        json!({ "genericFields": [
            { "name": "c", "dataType": "OBJECT", "dataValue": { "objectValue": { "genericFields": [field] } } },
        ] })
    };
    let fields = |record: &Value| {
        let package = record["customFields"]["genericFields"][0].clone();
        assert_eq!(package["name"], "c", "{record}");
        list(package["dataValue"]["objectValue"]["genericFields"].clone())
    };
    let mut sent = incident();
    sent["customFields"] = custom("order_number", "STRING", json!({ "stringValue": "A-17" }));
    let made = connector.post("/incidents", &sent).await.ok();
    let order = |record: &Value| {
        let field = fields(record).into_iter().find(|one| one["name"] == "order_number").expect("the field");
        field["dataValue"]["stringValue"].clone()
    };
    assert_eq!(order(&made), "A-17");
    let path = format!("/incidents/{}", made["id"]["id"]);
    let score = json!({ "customFields": custom("score", "INTEGER", json!({ "integerValue": 5 })) });
    let changed = connector.send("PATCH", &path, Some(&score)).await.ok();
    assert_eq!(order(&changed), "A-17", "a change of one leaves the others");
    let found = connector.search("/incidents", "customFields.c.order_number = 'A-17'").await;
    assert_eq!(found.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&made["id"]]);
    let cleared = json!({ "customFields": custom("order_number", "STRING", Value::Null) });
    let changed = connector.send("PATCH", &path, Some(&cleared)).await.ok();
    assert!(order(&changed).is_null());
    let wrong = json!({ "customFields": custom("nonsense", "STRING", json!({ "stringValue": "x" })) });
    let answer = connector.send("PATCH", &path, Some(&wrong)).await;
    assert!(answer.json()["providerMessage"].as_str().expect("the vendor's words").contains("nonsense"));
    answer.error(400);
}

#[tokio::test]
async fn changes_are_partial_and_null_clears() {
    let connector = Connector::start(ELEMENT).await;
    let mut sent = incident();
    sent["subject"] = "Lost <&> found".into();
    sent["severity"] = json!({ "id": { "id": 3 } });
    let made = connector.post("/incidents", &sent).await.ok();
    let path = format!("/incidents/{}", made["id"]["id"]);
    let changed = connector.send("PATCH", &path, Some(&json!({ "severity": null }))).await.ok();
    assert_eq!((&changed["subject"], changed.get("severity")), (&json!("Lost <&> found"), None));
    // By name, and what cannot be null.
    let changed = connector.send("PATCH", &path, Some(&json!({ "severity": { "name": "Low" } }))).await.ok();
    assert_eq!(changed["severity"], json!({ "id": { "id": 1 }, "name": "Low" }));
    connector.send("PATCH", &path, Some(&json!({ "referenceNumber": null }))).await.error(400);
    // A record as it was read can be sent back.
    let mut whole = connector.get(&path).await.ok();
    whole["subject"] = "Found".into();
    let changed = connector.send("PUT", &path, Some(&whole)).await.ok();
    assert_eq!(changed["subject"], "Found");
}

#[tokio::test]
async fn conditions_are_right_whoever_evaluates_them() {
    let connector = Connector::start(ELEMENT).await;
    let mut made = Vec::new();
    for index in 0..4 {
        let mut sent = incident();
        sent["subject"] = format!("Search {index}").into();
        sent["severity"] = json!({ "id": { "id": index % 3 + 1 } });
        made.push(connector.post("/incidents", &sent).await.ok());
    }
    let created = made[0]["createdTime"].as_str().expect("a time");
    for (condition, count) in [
        (format!("subject LIKE 'Search%' AND createdTime = `{created}`"), 4),
        ("subject LIKE 'Search%' AND severity.id.id = 1".to_owned(), 2),
        // The names of references are compared here.
        ("subject LIKE 'Search%' AND severity.name = 'Medium'".to_owned(), 1),
        ("severity.name = 'Medium' AND (subject = 'Search 1' OR subject = 'Search 2')".to_owned(), 1),
        ("subject IN ('Search 0', 'Search 3') AND id.id > 0".to_owned(), 2),
        ("subject = 'x'' OR Subject LIKE ''%'".to_owned(), 0),
        ("createdTime < '2014-03-18T13:39:05+0000'".to_owned(), 0),
        ("statusWithType.status.id.id = 1 AND subject LIKE 'Search%'".to_owned(), 4),
    ] {
        assert_eq!(connector.search("/incidents", &condition).await.len(), count, "{condition}");
    }
    let condition = encoded("subject LIKE 'Search%' AND severity.name != 'High'");
    let walked = connector.walk(&format!("/incidents?where={condition}&orderBy=subject%20desc")).await;
    assert_eq!(walked.iter().map(|one| &one["subject"]).collect::<Vec<_>>(), ["Search 3", "Search 1", "Search 0"]);
    let unknown = connector.walk("/incidents?orderBy=nonsense%20desc'").await;
    assert!(unknown.len() >= 4, "an order by what there is not is no error");
    let answer = connector.get("/hubs/helpdesk/incidents?orderBy=nonsense").await;
    assert!(answer.header("elements-error").contains("ignored"), "{}", answer.text);
    connector.get("/incidents?where=subject%20=").await.error(400);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let connector = Connector::start(ELEMENT).await;
    for index in 0..5 {
        connector.post("/accounts", &json!({ "name": format!("Page {index}") })).await.ok();
    }
    let ids = |records: Value| list(records).iter().map(|one| one["id"]["id"].as_i64()).collect::<Vec<_>>();
    let page = async |query: &str| ids(connector.get(&format!("/accounts?{query}")).await.ok());
    let (first, second) = (page("pageSize=2&page=1").await, page("pageSize=2&page=2").await);
    assert_eq!([first, second].concat(), page("pageSize=4&page=1").await);
    assert!(page("pageSize=2&page=99").await.is_empty());
    let answer = connector.get("/accounts?pageSize=100000").await;
    assert!(answer.header("elements-error").contains("capped"), "{:?}", answer.headers);
    let answer = connector.get("/accounts?pageSize=2&returnCount=true&where=name%20LIKE%20'Page%25'").await;
    assert_eq!((answer.header("elements-total-count"), answer.header("elements-returned-count")), ("5", "2"));
    assert!(!next_page(&answer.headers).is_empty());
    let here = "/accounts?pageSize=2&returnCount=TRUE&where=name%20LIKE%20'Page%25'%20AND%20lookupName.x%20IS%20NULL";
    let answer = connector.get(here).await;
    assert_eq!((answer.header("elements-total-count"), answer.header("elements-returned-count")), ("5", "2"));
    let rest = connector
        .get(&format!(
            "/accounts?nextPage={}&where={}",
            next_page(&answer.headers),
            "name%20LIKE%20'Page%25'%20AND%20lookupName.x%20IS%20NULL"
        ))
        .await;
    assert_eq!(list(rest.ok()).len(), 2, "counting does not move the next page");
    let answer = connector.get("/accounts?pageSize=2").await;
    assert!(!answer.headers.contains_key("elements-total-count"));
    let chosen = connector.get("/accounts?pageSize=1&fields=id.id,name").await.ok();
    assert_eq!(list(chosen)[0].as_object().expect("an object").len(), 2);
    for wrong in ["pageSize=0", "page=x", "nextPage=nonsense"] {
        connector.get(&format!("/accounts?{wrong}")).await.error(400);
    }
}

#[tokio::test]
async fn what_references_can_be_is_listed() {
    let connector = Connector::start(ELEMENT).await;
    for (path, name) in [
        ("priorities", "High"),
        ("statuses", "Solved"),
        ("status-types", "Waiting"),
        ("queues", "Escalations"),
        ("channels", "Phone"),
        ("comment-types", "Customer"),
        ("groups", "Support"),
        ("profiles", "Agent"),
        ("countries", "CH"),
        ("languages", "de_DE"),
        ("industries", "Retail"),
    ] {
        let entries = list(connector.get(&format!("/hubs/helpdesk/{path}")).await.ok());
        let found = entries.iter().find(|entry| entry["name"] == name);
        assert!(found.is_some_and(|entry| entry["id"]["id"].is_number()), "{path}: {entries:?}");
        let found = connector.search(&format!("/{path}"), &format!("name = '{name}'")).await;
        assert_eq!(found.len(), 1, "{path}");
    }
    let categories = list(connector.get("/categories").await.ok());
    let inner = categories.iter().find(|one| one["name"] == "Lost parcel").expect("the category");
    assert_eq!(inner["parentID"], 1);
    assert_eq!(connector.walk("/priorities?orderBy=name").await[0]["name"], "High");
}

#[tokio::test]
async fn queries_name_objects_as_the_hub_or_the_vendor_does() {
    let connector = Connector::start(ELEMENT).await;
    let query = async |text: &str| list(connector.get(&format!("/query?q={}", encoded(text))).await.ok());
    let agents = query("select * from agents").await;
    assert!(agents.iter().any(|one| one["login"] == "Admin1"));
    assert_eq!(query("SELECT * FROM Account").await, agents);
    assert_eq!(query("select login from Account where login = 'Admin1'").await, [json!({ "login": "Admin1" })]);
    assert_eq!(query("select id.id from ServiceCategory limit 2").await.len(), 2);
    assert!(!query("select * from `incident-types` order by displayOrder desc").await.is_empty());
    connector.get("/query?q=select%20*%20from%20Sheep").await.error(400);
    connector.get("/query?q=select%20*%20agents").await.error(400);
}

#[tokio::test]
async fn the_element_tells_what_it_has() {
    let connector = Connector::start(ELEMENT).await;
    let ping = connector.get("/hubs/helpdesk/ping").await.ok();
    assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!(ELEMENT), &json!(true)));
    let objects = list(connector.get("/hubs/helpdesk/objects").await.ok());
    for name in ["agents", "contacts", "incidents", "incident-types", "accounts", "organizations"] {
        assert!(objects.contains(&json!(name)), "{objects:?}");
    }
    assert!(!objects.contains(&json!("Account")), "what has a name here is not listed again: {objects:?}");
    assert!(!objects.contains(&json!("GenericObject")), "{objects:?}");
    for name in ["agents", "Account"] {
        let fields = list(connector.get(&format!("/objects/{name}/metadata")).await.ok()["fields"].clone());
        let field = |path: &str| fields.iter().find(|field| field["vendorPath"] == path).cloned().unwrap_or_default();
        assert_eq!((&field("login")["type"], &field("name.first")["type"]), (&json!("string"), &json!("string")));
        assert_eq!((&field("id.id")["type"], &field("createdTime")["type"]), (&json!("number"), &json!("date")));
        assert_eq!(field("attributes.accountLocked")["type"], "boolean");
        assert_eq!(field("emails.emailList[*].address")["vendorNativeType"], "string");
    }
    let fields = list(connector.get("/objects/incidents/metadata?customFieldsOnly=true").await.ok()["fields"].clone());
    let paths: Vec<&Value> = fields.iter().map(|field| &field["vendorPath"]).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert!(paths.contains(&&json!("customFields.c.order_number")), "{paths:?}");
    let promised = fields.iter().find(|field| field["vendorPath"] == "customFields.c.promised_by").expect("a field");
    assert_eq!((&promised["type"], &promised["vendorNativeType"]), (&json!("date"), &json!("dateTime")));
    // A class without custom fields.
    let fields = list(connector.get("/objects/incident-types/metadata").await.ok()["fields"].clone());
    assert!(fields.iter().any(|field| field["vendorPath"] == "names.labelList[*].labelText"));
    connector.get("/objects/sheep/metadata").await.error(404);
}

#[tokio::test]
async fn the_vendors_refusals_are_told() {
    let connector = Connector::start(ELEMENT).await;
    let mut wrong = agent();
    wrong["login"] = "x".into();
    wrong["profile"] = json!({ "id": { "id": 999 } });
    let answer = connector.post("/agents", &wrong).await;
    assert!(answer.json()["providerMessage"].as_str().expect("the vendor's words").contains("Profile"));
    answer.error(400);
    let answer = connector.post("/agents", &json!({ "login": "x" })).await;
    assert!(answer.json()["providerMessage"].as_str().expect("the vendor's words").contains("MISSING_ARGUMENT"));
    answer.error(400);
    let told = connector.post("/agents", &json!({ "emails": { "emailList": [{ "adress": "x" }] } })).await.error(400);
    assert!(told.contains("emails.emailList[0].adress"), "{told}");
    for verb in ["GET", "PATCH", "PUT", "DELETE"] {
        for none in ["abc", "1%20OR%201=1", "9999999999999999999999", "1.5", "%F0%9F%92%A9", "%01"] {
            let body = ["PATCH", "PUT"].contains(&verb).then(|| json!({ "displayName": "x" }));
            let answer = connector.send(verb, &format!("/agents/{none}"), body.as_ref()).await;
            assert_eq!(answer.error(404), "Not found", "{verb} {none}");
        }
    }
    let told = connector.send("PATCH", "/agents/1", Some(&json!({ "displayOrder": "abc" }))).await.error(400);
    assert!(told.contains("displayOrder"), "what is wrong with the body is no matter of ids: {told}");
    connector.send("POST", "/agents", None).await.error(400);
    connector.send("DELETE", "/agents", None).await.error(405);
    for (fault, status) in [("forbidden", 403), ("http500", 502), ("malformed", 502), ("empty", 502)] {
        connector.platform.fault(ELEMENT, &json!({ "fault": fault, "times": 1 })).await;
        connector.get("/agents?pageSize=1").await.error(status);
    }
}

#[tokio::test]
async fn a_description_that_cannot_be_had_fails_the_call_and_nothing_else() {
    let platform = crate::harness::Platform::start().await;
    let request = platform.request(ELEMENT, "later");
    for (fault, status) in [("http500", 502), ("forbidden", 401), ("malformed", 502), ("huge", 502), ("empty", 502)] {
        platform.fault(ELEMENT, &json!({ "fault": fault, "times": 1 })).await;
        let answer = platform.post("/instances", &request).await;
        assert!(!answer.text.contains("fake-"), "{}", answer.text);
        assert_eq!(answer.status, status, "{fault}: {}", answer.text);
    }
    let configuration = platform.configuration(ELEMENT);
    let connector = Connector::provision(platform, ELEMENT, &configuration).await;
    for fault in ["http500", "forbidden"] {
        connector.platform.fault(ELEMENT, &json!({ "fault": fault, "times": 1 })).await;
        let answer = connector.get("/agents").await;
        assert!([403, 502].contains(&answer.status.as_u16()), "{fault}: {}", answer.text);
        assert!(!answer.text.contains("fake-"), "{}", answer.text);
    }
    assert!(list(connector.get("/agents").await.ok()).len() >= 2);
}

#[tokio::test]
async fn classes_of_the_site_are_objects_too() {
    let connector = Connector::start(ELEMENT).await;
    let accounts = list(connector.get("/hubs/helpdesk/Account?pageSize=2&orderBy=login").await.ok());
    assert_eq!(accounts.iter().map(|one| &one["login"]).collect::<Vec<_>>(), ["Admin1", "agent.smith"]);
    assert_eq!(connector.search("/Account", "login = 'Admin1'").await.len(), 1);
    let made = connector.post("/Organization", &json!({ "name": "Generic" })).await.ok();
    let path = format!("/Organization/{}", made["id"]["id"]);
    let changed = connector.send("PATCH", &path, Some(&json!({ "numberOfEmployees": 3 }))).await.ok();
    assert_eq!((&changed["name"], &changed["numberOfEmployees"]), (&json!("Generic"), &json!(3)));
    connector.send("DELETE", &path, None).await.ok();
    connector.get(&path).await.error(404);
    for wrong in ["/Sheep", "/RNObject", "/Account%20a,Contact%20b", "/Account%7BlimitI"] {
        connector.get(wrong).await.error(400);
    }
}
