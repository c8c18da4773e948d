//! What elements tell of themselves.

use serde_json::{Value, json};

use super::scripted;
use crate::harness::Platform;

#[tokio::test]
async fn events_are_told_from_the_definition() {
    let platform = Platform::start().await;
    let plain = platform.make(&scripted("Plain")).await;
    let none = platform.get("/elements/plain/metadata").await.ok();
    assert_eq!(none["events"], json!({ "supported": false, "methods": [] }));
    for member in ["id", "key", "name", "description"] {
        assert_eq!(none[member], plain[member], "{member}");
    }
    let mut polling = scripted("Polls");
    let poller = json!({ "deals": { "url": "/hubs/crm/deals", "idField": "id" } }).to_string();
    polling["configuration"] = json!([
        { "key": "event.vendor.type", "defaultValue": "polling" }, { "key": "event.poller.configuration", "defaultValue": poller },
    ]);
    platform.make(&polling).await;
    let events = platform.get("/elements/polls/metadata").await.ok()["events"].clone();
    assert_eq!((&events["supported"], &events["methods"]), (&json!(true), &json!(["polling"])));
    assert_eq!(events["polling"]["deals"]["pollUrl"], "/hubs/crm/deals");
    assert!(events["polling"]["deals"]["eventTypes"].as_array().is_some_and(|types| !types.is_empty()));
    let mut both = scripted("Both");
    let stated = json!({ "webhook": { "{objectName}": { "eventTypes": ["DELETED"] } }, "polling": { "things": { "eventTypes": ["CREATED"] } } });
    both["configuration"] =
        json!([{ "key": "event.metadata", "name": "M", "type": "TEXTAREA", "defaultValue": stated.to_string() }]);
    platform.make(&both).await;
    let told = platform.get("/elements/both/metadata?expand=true").await.ok();
    assert_eq!(told["events"], json!({ "supported": true, "methods": ["polling", "webhook"] }));
    assert_eq!(
        told["resources"][0]["events"],
        json!({ "supported": true, "methods": ["polling", "webhook"], "eventTypes": ["CREATED", "DELETED"] })
    );
    platform.get("/elements/999999999999/metadata").await.error(404);
}

#[tokio::test]
async fn expanded_metadata_has_every_member() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let all = platform.get("/elements/metadata?expand=true").await.ok();
    assert_eq!(all.as_array().map(Vec::len), Some(5));
    for told in all.as_array().expect("a list") {
        let is = |member: &str, fits: fn(&Value) -> bool| assert!(fits(&told[member]), "{member} of {told}");
        for member in ["id", "displayOrder"] {
            is(member, Value::is_i64);
        }
        for member in ["name", "key", "image", "description", "elementType", "authenticationType", "hub"] {
            is(member, Value::is_string);
        }
        for member in
            ["active", "beta", "transformations", "churros", "normalizedPaging", "swaggerValidated", "cloneable"]
        {
            is(member, Value::is_boolean);
        }
        for member in ["customFields", "customObjects", "endpointCustomFields", "endpointCustomObjects"] {
            assert!(told["discovery"][member].is_boolean(), "{member}");
        }
        assert!(told["bulk"]["upload"].is_boolean() && told["bulk"]["download"].is_boolean());
        assert!(told["api"]["type"].is_string() && told["api"]["contentType"].is_string());
        assert!(told["events"]["supported"].is_boolean() && told["events"]["methods"].is_array());
        let resources = told["resources"].as_array().expect("a list");
        assert!(!resources.is_empty(), "{told}");
        for resource in resources {
            assert!(resource["canonicalName"].is_string() && resource["operations"].is_array());
            assert!(resource["events"]["eventTypes"].is_array());
            assert!(
                resource["bulk"]["upload"]["native"].is_boolean()
                    && resource["bulk"]["download"]["supported"].is_boolean()
            );
            assert!(
                ["get", "create", "update", "delete"].iter().all(|verb| resource["customField"][verb].is_boolean())
            );
        }
    }
    let own = all.as_array().expect("a list").iter().find(|told| told["key"] == "own").expect("own");
    assert_eq!(
        (&own["resources"][0]["canonicalName"], &own["resources"][0]["operations"]),
        (&json!("things"), &json!(["SEARCH"]))
    );
}

#[tokio::test]
async fn usage_is_that_of_the_organization_and_follows_at_once() {
    let platform = Platform::start().await;
    let usage =
        async |key: &str| platform.get(&format!("/elements/{key}/metadata?expand=true")).await.ok()["usage"].clone();
    let none = json!({ "instanceCount": 0, "customerCount": 0, "traffic": 0 });
    assert_eq!(usage("infobip").await, none);
    platform.provision("infobip", "one").await;
    platform.provision("infobip", "two").await;
    let two = json!({ "instanceCount": 2, "customerCount": 1, "traffic": 0 });
    assert_eq!(usage("infobip").await, two, "what is remembered of the element does not hold its usage");
    assert!(platform.get("/elements/infobip/metadata").await.ok().get("usage").is_none());
    let all = platform.get("/elements/metadata?expand=true").await.ok();
    let told = all.as_array().expect("a list").iter().find(|told| told["key"] == "infobip").expect("it").clone();
    assert_eq!(told["usage"], two);
    let (stranger, _) = platform.person(false).await;
    let theirs = platform.send_as(&stranger, "GET", "/elements/infobip/metadata?expand=true", None).await.ok();
    assert_eq!(theirs["usage"], none, "others' instances do not count");
}

#[tokio::test]
async fn metadata_follows_a_change() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let told = async || platform.get("/elements/own/metadata?expand=true").await.ok();
    let before = told().await;
    platform.send("PATCH", "/elements/own", Some(&json!({ "description": "Another one" }))).await.ok();
    let after = told().await;
    assert_ne!(before["description"], after["description"]);
    assert_eq!((&after["description"], &after["id"]), (&json!("Another one"), &before["id"]));
}
