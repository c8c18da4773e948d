//! Made, read, replaced, switched, deleted.

use serde_json::{Value, json};

use super::scripted;
use crate::harness::Platform;

#[tokio::test]
async fn an_element_lives_by_key_and_by_id() {
    let platform = Platform::start().await;
    for by_key in [true, false] {
        let mut sent = scripted("Name With 5!");
        sent["objects"] =
            json!([{ "name": "things", "primaryKeyName": "id", "fields": [{ "name": "id", "type": "integer" }] }]);
        let made = platform.make(&sent).await;
        let id = made["id"].as_i64().expect("an id");
        assert!(id > 100_000);
        assert_eq!((&made["key"], &made["description"]), (&json!("namewith5"), &json!("Name With 5!")));
        assert_eq!((&made["private"], &made["active"], &made["deleted"]), (&json!(true), &json!(true), &json!(false)));
        let bases =
            made["configuration"].as_array().expect("entries").iter().filter(|entry| entry["key"] == "base.url");
        assert_eq!(bases.count(), 1);
        assert_eq!(made["objects"][0]["fields"][0]["name"], "id");
        let path = if by_key { "/elements/NameWith5".to_owned() } else { format!("/elements/{id}") };
        assert_eq!(platform.get(&path).await.ok(), made);
        let again = platform.send("PUT", &path, Some(&made)).await.ok();
        for member in ["id", "key", "configuration", "resources", "objects", "hooks", "parameters"] {
            assert_eq!(again[member], made[member], "{member}");
        }
        let renamed = json!({ "name": "Another", "key": "other", "authentication": { "type": "custom" } });
        let renamed = platform.send("PUT", &path, Some(&renamed)).await.ok();
        assert_eq!((&renamed["name"], &renamed["key"]), (&json!("Another"), &json!("namewith5")));
        assert_eq!(renamed["resources"], made["resources"], "what is absent stays");
        let patched = platform.send("PATCH", &path, Some(&json!({ "beta": true, "description": null }))).await.ok();
        assert_eq!((&patched["beta"], &patched["description"]), (&json!(true), &json!("Another")));
        platform.post("/elements", &scripted("name with 5")).await.error(409);
        assert_eq!(platform.send("DELETE", &path, None).await.text, "");
        platform.get(&path).await.error(404);
        platform.send("PUT", &path, Some(&made)).await.error(404);
        platform.send("DELETE", &path, None).await.error(404);
    }
}

#[tokio::test]
async fn a_whole_export_is_taken_and_given_back() {
    let platform = Platform::start().await;
    let exported = json!({
        "id": 4711, "name": "Moved", "key": "moved-here", "createdDate": "2015-04-23T21:16:59Z", "hub": "Social",
        "authentication": { "type": "oauth2" }, "invented": { "later": [1, null] }, "protocolType": "http",
        "configuration": [
            { "id": 1, "key": "base.url", "name": "Base URL", "type": "TEXTFIELD_1000", "defaultValue": "https://api.example.com", "old": true },
            { "id": 2, "key": "oauth.api.secret", "name": "Secret", "defaultValue": "planted" },
        ],
        "parameters": [{ "id": 3, "elementId": 4711, "name": "application/json", "type": "value", "vendorName": "Accept", "vendorType": "header", "createdDate": "x" }],
        "hooks": [{ "id": 4, "elementId": 4711, "type": "preRequest", "mimeType": "javascript", "isLegacy": true, "body": "this is { no script" }],
        "resources": [{
            "id": 5, "ownerAccountId": 1, "path": "/statuses//x", "method": "GET", "vendorPath": "/v1/statuses", "kind": "java",
            "operationId": "getStatuses", "paginationType": "VENDOR_SUPPORTED", "nextPageKey": "", "response": { "contentType": "application/json", "sampleData": "{}" },
            "model": { "name": "status", "swagger": {} }, "object": { "name": "statuses", "type": "array", "fields": [{ "name": "id" }] },
            "parameters": [{ "id": 6, "resourceId": 5, "name": "q", "type": "query", "vendorName": "query", "vendorType": "query", "source": "request" }],
        }],
    });
    let answer = platform.post("/elements", &exported).await;
    let told = answer.header("elements-error").to_owned();
    assert!(told.contains("resources[0].kind"), "{told}");
    let made = answer.ok();
    assert_ne!(made["id"], 4711);
    let export = platform.get("/elements/moved-here/export").await;
    assert!(export.header("content-disposition").contains("moved-here.json"));
    let export = export.ok();
    for member in ["name", "key", "description", "authentication"] {
        assert!(!export[member].is_null(), "{member}");
    }
    assert_eq!(export["invented"], json!({ "later": [1, null] }));
    assert_eq!(export["hub"], "social");
    let resource = &export["resources"][0];
    assert_eq!(resource["path"], "/hubs/social/statuses//x");
    for member in ["kind", "operationId", "paginationType", "nextPageKey", "response", "model", "object", "vendorPath"]
    {
        assert_eq!(resource[member], exported["resources"][0][member], "{member}");
    }
    assert_eq!(export["configuration"][0]["old"], true);
    assert_eq!(export["configuration"][1]["defaultValue"], "planted", "the owner gets all of it back");
    assert_eq!(export["hooks"][0]["body"], "this is { no script");
    assert_ne!((&resource["id"], &export["hooks"][0]["id"]), (&json!(5), &json!(4)));
    platform.send("DELETE", "/elements/moved-here", None).await.ok();
    let again = platform.make(&export).await;
    let strip = |value: &Value| {
        value.to_string().split(',').filter(|it| !it.contains("id\":") && !it.contains("Date")).collect::<String>()
    };
    assert_eq!(strip(&again["resources"]), strip(&made["resources"]), "what was exported can be imported");
}

#[tokio::test]
async fn lists_show_own_elements_and_filters_work() {
    let platform = Platform::start().await;
    platform.make(&scripted("One")).await;
    let two = platform.make(&scripted("Two")).await;
    platform.send("DELETE", "/elements/two/active", None).await.ok();
    let matching = async |condition: &str| -> Vec<Value> {
        let encoded: String = condition.bytes().map(|byte| format!("%{byte:02X}")).collect();
        platform.get(&format!("/elements?where={encoded}")).await.ok().as_array().expect("a list").clone()
    };
    let keys = |items: Vec<Value>| {
        items.iter().map(|item| item["key"].as_str().expect("a key").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(matching("private='true' AND abridged='true'").await), ["one", "two"]);
    assert_eq!(keys(matching("key in ('one', 'sfdc')").await), ["one"]);
    assert_eq!(keys(matching("private='true' AND active='false'").await), ["two"], "its owner sees it");
    assert!(matching("extended='true' AND abridged='true' AND key in ('one')").await.is_empty());
    let whole = matching("key = 'one'").await;
    assert!(
        whole[0]["resources"].is_array() && matching("key='one' and abridged='true'").await[0]["resources"].is_null()
    );
    let public = platform.anonymous("GET", "/elements/keys", None).await.ok();
    assert!(!public.to_string().contains("\"one\""), "{public}");
    platform.anonymous("GET", "/elements/one", None).await.error(404);
    platform.anonymous("GET", &format!("/elements/{}", two["id"]), None).await.error(404);
    let shown = platform.send("PUT", "/elements/two/active", None).await.ok();
    assert_eq!(shown["active"], true);
    let hubs = platform.get("/hubs/general/elements").await.ok();
    assert_eq!(keys(hubs.as_array().expect("a list").clone()), ["one", "two"]);
    let first = platform.get("/elements?page=1&pageSize=1").await.ok();
    assert!(first[0]["resources"].as_array().is_some_and(|resources| !resources.is_empty()));
}

#[tokio::test]
async fn a_hub_is_made_by_naming_it() {
    let platform = Platform::start().await;
    let mut own = scripted("Weather");
    own["hub"] = json!("Weather-Stations");
    platform.make(&own).await;
    let hub = platform.get("/hubs/weather-stations").await.ok();
    assert!(hub["id"].as_i64().is_some_and(|id| id > 1000));
    platform.anonymous("GET", "/hubs/weather-stations", None).await.error(404);
    let hubs = platform.get("/hubs?hydrate=true").await.ok();
    let found =
        hubs.as_array().expect("a list").iter().find(|hub| hub["key"] == "weather-stations").expect("the hub").clone();
    assert_eq!(found["resources"], json!(["things"]));
}

#[tokio::test]
async fn the_catalog_is_arranged_for_oneself() {
    let platform = Platform::start().await;
    assert_eq!(platform.get("/catalog-properties").await.ok(), json!([]));
    let items = json!([{ "elementId": 37, "hidden": true, "position": 3 }, { "elementId": 37, "featured": false }]);
    let kept = platform.send("PUT", "/catalog-properties?entityType=user", Some(&items)).await.ok();
    assert_eq!(kept, json!([{ "elementId": 37, "featured": false }]));
    assert_eq!(platform.get("/catalog-properties?entityType=user").await.ok(), kept);
    assert_eq!(platform.get("/catalog-properties?entityType=account").await.ok(), json!([]));
    platform.send("PUT", "/catalog-properties?entityType=user", Some(&json!([]))).await.ok();
    assert_eq!(platform.get("/catalog-properties").await.ok(), json!([]));
    for wrong in [json!([{ "elementId": "x" }]), json!([7]), json!({}), json!([{ "elementId": 1, "hidden": "yes" }])] {
        platform.send("PUT", "/catalog-properties?entityType=user", Some(&wrong)).await.error(400);
    }
    platform.get("/catalog-properties?entityType=planet").await.error(400);
    platform.anonymous("GET", "/catalog-properties", None).await.error(401);
}
