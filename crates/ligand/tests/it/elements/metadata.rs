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
