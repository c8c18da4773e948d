//! Stored elements at work: instances, calls through the hub, edits that take effect with the next call.

use serde_json::{Value, json};

use super::{answering, scripted};
use crate::harness::Platform;

fn call(platform: &Platform, token: &str, path: &'static str) -> impl Future<Output = crate::harness::Answer> {
    let token = token.to_owned();
    async move { platform.send_as(&token, "GET", path, None).await }
}

#[tokio::test]
async fn scripts_answer_without_a_network_and_edits_count_at_once() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let (token, instance) = platform.connected("own").await;
    assert_eq!((&instance["element"]["key"], &instance["element"]["id"]), (&json!("own"), &made["id"]));
    assert_eq!(instance["configuration"]["filter.response.nulls"], "true");
    assert_eq!(call(&platform, &token, "/hubs/general/things").await.ok(), json!({ "id": 1, "from": "script" }));
    assert_eq!(call(&platform, &token, "/things").await.ok()["from"], "script", "the hub does not matter");
    let resource = made["resources"][0]["id"].as_i64().expect("an id");
    let hook = made["resources"][0]["hooks"][1]["id"].as_i64().expect("an id");
    let path = format!("/elements/own/resources/{resource}/hooks/{hook}");
    let changed = json!({ "type": "postRequest", "body": "done({ response_body: { from: 'edited' } });" });
    let shown = platform.send("PUT", &path, Some(&changed)).await.ok();
    assert_eq!(
        (&shown["id"], &shown["resourceId"], &shown["isLegacy"]),
        (&json!(hook), &json!(resource), &json!(false))
    );
    assert_eq!(call(&platform, &token, "/things").await.ok(), json!({ "from": "edited" }));
    platform.post("/elements/own/resources", &answering("/more", "[1, 2]")).await.ok();
    assert_eq!(call(&platform, &token, "/more").await.ok(), json!([1, 2]));
    platform.send("DELETE", &format!("/elements/own/resources/{resource}"), None).await.ok();
    call(&platform, &token, "/things").await.error(404);
    platform.send("DELETE", "/elements/own", None).await.ok();
    assert_eq!(call(&platform, &token, "/more").await.ok(), json!([1, 2]), "instances outlive their element");
    let id = instance["id"].as_i64().expect("an id");
    assert_eq!(platform.get(&format!("/instances/{id}")).await.ok()["element"]["key"], "own");
    assert_eq!(platform.get("/instances/count").await.ok()["elementInstances"]["own"], 1);
    assert_eq!(platform.get("/instances?searchText=own").await.status, 404, "its key is gone from searches");
    platform.get("/elements/own/instances").await.error(404);
    platform.send("PATCH", &format!("/instances/{id}"), Some(&json!({ "name": "renamed" }))).await.ok();
    platform.send("DELETE", &format!("/instances/{id}"), None).await.ok();
}

#[tokio::test]
async fn a_hook_sees_and_removes_headers() {
    let platform = Platform::start().await;
    let mut own = scripted("Headers");
    let sees = "done({ response_body: request_vendor_headers });";
    let resource = |path: &str, before: &str| json!({ "path": path, "method": "GET", "hooks": [{ "type": "preRequest", "body": before }, { "type": "postRequest", "body": sees }] });
    own["resources"] = json!([
        resource("/all", "done({ continue: false });"),
        resource("/less", "done({ continue: false, request_vendor_headers: { 'Content-Type': null } });"),
    ]);
    platform.make(&own).await;
    let (token, _) = platform.connected("headers").await;
    let all = call(&platform, &token, "/all").await.ok();
    assert!(all["Accept"].is_string() && all["Content-Type"].is_string(), "{all}");
    let less = call(&platform, &token, "/less").await.ok();
    assert!(less["Accept"].is_string() && less["Content-Type"].is_null(), "{less}");
}

#[tokio::test]
async fn chains_pass_on_what_was_answered_and_end_after_five() {
    let platform = Platform::start().await;
    let mut own = scripted("Chain");
    let mut first = answering("/first", "{ id: 41 }");
    first["nextResource"] = json!("GET:/second");
    let mut resources = vec![first, answering("/second", "{ id: request_previous_response.id, second: true }")];
    for index in 0..6 {
        let mut link = answering(&format!("/long{index}"), "{ a: 1 }");
        link["nextResource"] = if index < 5 { json!(format!("GET:/long{}", index + 1)) } else { Value::Null };
        resources.push(link);
    }
    own["resources"] = Value::Array(resources);
    platform.make(&own).await;
    let (token, _) = platform.connected("chain").await;
    assert_eq!(call(&platform, &token, "/first").await.ok(), json!({ "id": 41, "second": true }));
    call(&platform, &token, "/long0").await.error(400);
    assert_eq!(call(&platform, &token, "/long1").await.ok(), json!({ "a": 1 }));
}

#[tokio::test]
async fn a_posted_chain_fills_the_path_from_the_answer_before() {
    let platform = Platform::start().await;
    let mut own = scripted("Posts");
    let script = |body: &str| json!([{ "type": "preRequest", "body": "done({ continue: false });" }, { "type": "postRequest", "body": body }]);
    own["resources"] = json!([
        { "path": "/make", "method": "POST", "nextResource": "POST:/then/{id}", "hooks": script("done({ response_body: { id: 'x-7', sent: request_body } });") },
        { "path": "/then/{id}", "method": "POST", "vendorPath": "/then/{itemId}",
          "parameters": [{ "name": "id", "type": "prevBodyField", "vendorName": "itemId", "vendorType": "path" }, { "name": "body", "type": "prevBody", "vendorName": "body", "vendorType": "body" }],
          "hooks": script("done({ response_body: { at: request_vendor_path, first: request_body, before: request_previous_response } });") },
    ]);
    platform.make(&own).await;
    let (token, _) = platform.connected("posts").await;
    let answer = platform.send_as(&token, "POST", "/make", Some(&json!({ "a": 1 }))).await.ok();
    assert!(answer["at"].as_str().is_some_and(|path| path.contains("x-7")), "{answer}");
    assert_eq!(answer["first"], json!({ "a": 1 }));
    assert_eq!(answer["before"]["id"], "x-7");
}

#[tokio::test]
async fn what_is_java_says_so() {
    let platform = Platform::start().await;
    let mut own = scripted("Old");
    own["resources"] = json!([{ "path": "/old", "method": "GET", "kind": "java" }]);
    platform.make(&own).await;
    let (token, _) = platform.connected("old").await;
    let message = call(&platform, &token, "/old").await.error(400);
    assert_eq!(message, "This API is not currently supported for this element");
}

#[tokio::test]
async fn a_variable_takes_the_vendors_name_on_the_way_to_the_vendor() {
    let platform = Platform::start().await;
    let mut own = scripted("Banks");
    own["configuration"][0]["defaultValue"] = json!(format!("http://{}", platform.sandbox.address()));
    own["resources"] = json!([{
        "path": "/banks/{id}", "method": "GET", "vendorPath": "/_sandbox/{bankId}",
        "parameters": [{ "name": "id", "type": "path", "vendorName": "bankId", "vendorType": "path" }],
    }]);
    platform.make(&own).await;
    let (token, _) = platform.connected("banks").await;
    call(&platform, &token, "/banks/faults").await.ok();
}

#[tokio::test]
async fn an_instance_moves_to_a_clone() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "n").await;
    let clone = platform.post("/elements/infobip/clone", &json!({ "anything": [1] })).await.ok();
    let moved = json!({ "element": { "id": clone["id"] } });
    let path = format!("/instances/{}", made["id"]);
    let moved = platform.send("PATCH", &path, Some(&moved)).await.ok();
    assert_eq!((&moved["element"]["id"], &moved["token"]), (&clone["id"], &made["token"]));
    let token = platform.with_token(made["token"].as_str().expect("a token"));
    platform.send_as(&token, "GET", "/hubs/messaging/ping", None).await.ok();
}
