//! Configuration, parameters, hooks, resources, objects, fields and models by themselves.

use serde_json::{Value, json};

use super::{answering, scripted};
use crate::harness::Platform;

fn id(value: &Value) -> i64 {
    value["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn entries_of_configuration() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let entry = json!({ "key": "site.name", "name": "Site", "type": "TEXTFIELD_32" });
    let made = platform.post("/elements/own/configuration", &entry).await.ok();
    assert_eq!(
        (&made["key"], &made["description"], &made["required"]),
        (&json!("site.name"), &json!("Own Site"), &json!(false))
    );
    let listed = platform.get("/elements/own/configuration").await.ok();
    assert!(listed["configuration"].as_array().expect("entries").iter().any(|entry| entry["key"] == "site.name"));
    platform.post("/elements/own/configuration", &entry).await.error(409);
    for reserved in ["base.url", "username", "oauth.api.key", "event.x", "bulk.y"] {
        let message =
            platform.post("/elements/own/configuration", &json!({ "key": reserved, "name": "n" })).await.error(400);
        assert!(message.contains(reserved));
    }
    assert!(
        platform
            .post("/elements/own/configuration", &json!({ "name": "n" }))
            .await
            .error(400)
            .contains("key is missing")
    );
    let changed = platform
        .send(
            "PUT",
            "/elements/own/configuration/site.name",
            Some(&json!({ "key": "site.url", "name": "S", "required": true })),
        )
        .await
        .ok();
    assert_eq!(
        (&changed["key"], &changed["id"], &changed["required"]),
        (&json!("site.url"), &made["id"], &json!(true))
    );
    platform.send("PUT", "/elements/own/configuration/site.name", Some(&entry)).await.error(404);
    let kept = platform
        .send("PUT", "/elements/own/configuration/base.url", Some(&json!({ "defaultValue": "https://b.example" })))
        .await
        .ok();
    assert_eq!(kept["defaultValue"], "https://b.example");
    platform.send("DELETE", "/elements/own/configuration/site.url", None).await.ok();
    platform.send("DELETE", "/elements/own/configuration/site.url", None).await.error(404);
}

#[tokio::test]
async fn parameters_of_the_element_and_of_a_resource() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let resource = id(&made["resources"][0]);
    for (path, owner, owner_id) in [
        ("/elements/own/parameters".to_owned(), "elementId", id(&made)),
        (format!("/elements/own/resources/{resource}/parameters"), "resourceId", resource),
    ] {
        assert_eq!(platform.get(&path).await.ok(), json!([]));
        let sent = json!({ "id": 1, "name": "q", "type": "query", "vendorName": "query", "vendorType": "query", "sampleData": null });
        let first = platform.post(&path, &sent).await.ok();
        assert_ne!(first["id"], 1);
        assert_eq!(
            (&first["source"], &first["required"], &first[owner]),
            (&json!("request"), &json!(false), &json!(owner_id))
        );
        assert!(first["createdDate"].is_string());
        let second = platform.post(&path, &sent).await.ok();
        let changed =
            json!({ "name": "r", "type": "header", "vendorName": "converter:toODataFilter", "vendorType": "query" });
        let changed = platform.send("PUT", &format!("{path}/{}", id(&first)), Some(&changed)).await.ok();
        assert_eq!(
            (id(&changed), &changed["name"], &changed["converter"]),
            (id(&first), &json!("r"), &json!("toODataFilter"))
        );
        let removed =
            platform.send("DELETE", &format!("{path}/{}", id(&first)), Some(&json!({ "ignored": true }))).await;
        assert_eq!(removed.text, "");
        let left = platform.get(&path).await.ok();
        assert_eq!(left.as_array().map(Vec::len), Some(1));
        assert_eq!(id(&left[0]), id(&second), "numbers do not move");
        let message = platform.post(&path, &json!({ "name": "x", "type": "nowhere" })).await.error(400);
        assert!(message.contains("nowhere") && message.contains("vendorType is missing"), "{message}");
        platform.send("PUT", &format!("{path}/{}", id(&first)), Some(&sent)).await.error(404);
    }
    platform.get("/elements/own/resources/99/parameters").await.error(404);
}

#[tokio::test]
async fn hooks_are_stored_whatever_they_say() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let resource = id(&made["resources"][0]);
    for path in ["/elements/own/hooks".to_owned(), format!("/elements/own/resources/{resource}/hooks")] {
        let broken = json!({ "type": "preRequest", "body": "this is {{ not a script" });
        let hook = platform.post(&path, &broken).await.ok();
        assert_eq!((&hook["isLegacy"], &hook["mimeType"]), (&json!(false), &json!("application/javascript")));
        let one = format!("{path}/{}", id(&hook));
        assert_eq!(platform.get(&one).await.ok()["body"], broken["body"]);
        let legacy = json!({ "type": "preRequest", "body": "return;", "isLegacy": true });
        platform.send("PUT", &one, Some(&legacy)).await.error(400);
        let old = platform.post(&path, &legacy).await.ok();
        let modern = json!({ "type": "preRequest", "body": "done();", "isLegacy": false });
        assert_eq!(platform.send("PUT", &format!("{path}/{}", id(&old)), Some(&modern)).await.ok()["isLegacy"], false);
        platform.send("PUT", &format!("{path}/{}", id(&old)), Some(&legacy)).await.error(400);
        platform.post(&path, &json!({ "type": "sometimes", "body": "" })).await.error(400);
        platform.send("DELETE", &one, None).await.ok();
        platform.get(&one).await.error(404);
    }
}

#[tokio::test]
async fn resources_with_their_models() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let mut sent = answering("/deals/{id}", "{}");
    sent["object"] = json!({ "name": "deals", "primaryKeyName": "id", "createdDateName": "created", "createdDateFormat": "yyyy", "fields": [{ "name": "id", "type": "integer" }] });
    let made = platform.post("/elements/own/resources", &sent).await.ok();
    let path = format!("/elements/own/resources/{}", id(&made));
    assert_eq!(
        (&made["path"], &made["type"], &made["kind"]),
        (&json!("/hubs/general/deals/{id}"), &json!("api"), &json!("eb"))
    );
    platform.post("/elements/own/resources", &sent).await.error(409);
    let objects = platform.get("/elements/own/objects").await.ok();
    assert_eq!((&objects[0]["name"], &objects[0]["primaryKeyName"]), (&json!("deals"), &json!("id")));
    let mut changed =
        json!({ "path": "/hubs/general/bargains/{id}", "method": "GET", "vendorPath": "/v2/bargains/{id}" });
    let moved = platform.send("PUT", &path, Some(&changed)).await.ok();
    assert_eq!((id(&moved), &moved["path"]), (id(&made), &changed["path"]));
    assert_eq!(moved["hooks"], made["hooks"], "what has routes of its own stays");
    changed["hooks"] = json!([]);
    assert_eq!(platform.send("PUT", &path, Some(&changed)).await.ok()["hooks"], json!([]));
    let models = format!("{path}/models");
    assert_eq!(platform.get(&models).await.ok(), json!({}));
    let model = json!({ "name": "bargain", "swagger": { "bargain": { "id": "bargain", "properties": { "id": { "type": "string" } } } }, "transform": false });
    assert_eq!(platform.send("PUT", &models, Some(&model)).await.ok(), model);
    assert_eq!(platform.get(&models).await.ok(), model);
    platform.post(&models, &json!({ "swagger": 7 })).await.error(400);
    platform.send("DELETE", &models, None).await.ok();
    assert_eq!(platform.get(&models).await.ok(), json!({}));
    let filtered = platform.get("/elements/own/resources?where=path%3D'%2Fhubs%2Fgeneral%2Fthings'").await.ok();
    assert_eq!(filtered.as_array().map(Vec::len), Some(1));
    assert_eq!(platform.get("/elements/own/resources?accountOnly=true").await.ok().as_array().map(Vec::len), Some(2));
    for unknown in ["-1", "999999999999", "undefined", "0"] {
        platform.get(&format!("/elements/own/resources/{unknown}")).await.error(404);
        platform.send("DELETE", &format!("/elements/own/resources/{unknown}"), None).await.error(404);
    }
    platform.send("DELETE", &path, None).await.ok();
    platform.get(&path).await.error(404);
}

#[tokio::test]
async fn objects_with_their_fields() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let object = platform.post("/elements/own/objects", &json!({ "name": "deals", "primaryKeyName": "id" })).await.ok();
    platform.post("/elements/own/objects", &json!({ "name": "deals" })).await.error(409);
    platform.post("/elements/own/objects", &json!({ "primaryKeyName": "id" })).await.error(400);
    let path = format!("/elements/own/objects/{}", id(&object));
    let fields = format!("{path}/fields");
    let field = platform.post(&fields, &json!({ "name": "id", "type": "integer", "primaryKey": true })).await.ok();
    assert_eq!((&field["objectId"], &field["name"]), (&object["id"], &json!("id")));
    let changed = json!({ "name": "id", "type": "string" });
    let changed = platform.send("PUT", &format!("{fields}/{}", id(&field)), Some(&changed)).await.ok();
    assert_eq!((&changed["type"], id(&changed)), (&json!("string"), id(&field)));
    let renamed = platform.send("PUT", &path, Some(&json!({ "name": "bargains" }))).await.ok();
    assert_eq!((&renamed["name"], &renamed["fields"][0]["id"]), (&json!("bargains"), &field["id"]));
    assert_eq!(platform.get(&fields).await.ok().as_array().map(Vec::len), Some(1));
    let (token, _) = platform.connected("own").await;
    assert_eq!(
        platform.send_as(&token, "GET", "/hubs/general/objects", None).await.ok(),
        json!(["bargains", "things"])
    );
    platform.send("DELETE", &format!("{fields}/{}", id(&field)), None).await.ok();
    platform.send("DELETE", &path, None).await.ok();
    platform.get(&fields).await.error(404);
}

#[tokio::test]
async fn models_are_put_and_know_each_other() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let put = async |body: Value| platform.send("PUT", "/elements/own/models", Some(&body)).await.ok();
    let field =
        |related: Option<i64>| json!({ "name": "f", "dataType": { "jsonType": "string" }, "relatedModelId": related });
    let address = put(json!({ "name": "address", "resources": [{ "id": made["resources"][0]["id"] }] })).await;
    assert_eq!(address["resources"], json!([{ "id": made["resources"][0]["id"] }]));
    let contact = put(json!({ "name": "contact", "modelFields": [field(Some(id(&address)))] })).await;
    let account = put(json!({ "name": "account", "modelFields": [field(Some(id(&contact)))] })).await;
    assert_eq!(account["childModelIds"], json!([id(&address), id(&contact)]));
    let path = format!("/elements/own/models/{}", id(&address));
    assert_eq!(platform.get(&path).await.ok()["parentModelIds"], json!([id(&contact), id(&account)]));
    let renamed = put(json!({ "id": id(&contact), "name": "person" })).await;
    assert_eq!((id(&renamed), &renamed["name"]), (id(&contact), &json!("person")));
    assert!(renamed["modelFields"][0]["id"].is_i64());
    let fields = format!("/elements/own/models/{}/fields", id(&contact));
    let cleared = platform.send("PUT", &fields, Some(&json!([]))).await.ok();
    assert_eq!(cleared["modelFields"], json!([]));
    assert_eq!(platform.get(&path).await.ok()["parentModelIds"], json!([]));
    assert_eq!(
        platform.send("PUT", &fields, Some(&json!({ "modelFields": [field(None)] }))).await.ok()["modelFields"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    platform.send("PUT", &fields, Some(&json!([{}]))).await.error(400);
    platform.send("PUT", "/elements/own/models", Some(&json!({ "id": 5, "name": "x" }))).await.error(404);
    platform.send("DELETE", &path, None).await.ok();
    assert_eq!(platform.get("/elements/own/models").await.ok().as_array().map(Vec::len), Some(2));
}
