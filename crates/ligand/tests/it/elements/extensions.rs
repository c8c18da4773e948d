//! What an account adds to an element of the platform is its own, and is called through all of its instances.

use serde_json::{Value, json};

use super::answering;
use crate::harness::Platform;

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn an_added_resource_is_the_accounts_alone() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    let made = platform.provision("infobip", "n").await;
    let token = platform.with_token(made["token"].as_str().expect("a token"));
    let before = count(&platform.get("/elements/infobip/resources").await.ok());
    let added = platform.post("/elements/infobip/resources", &answering("/extra", "{ extra: true }")).await.ok();
    let path = format!("/elements/infobip/resources/{}", added["id"]);
    assert_eq!(platform.send_as(&token, "GET", "/hubs/messaging/extra", None).await.ok(), json!({ "extra": true }));
    assert_eq!(count(&platform.get("/elements/infobip/resources").await.ok()), before + 1);
    assert_eq!(count(&platform.get("/elements/infobip/resources?accountOnly=true").await.ok()), 1);
    let seen = platform.send_as(&neighbour, "GET", "/elements/infobip", None).await.ok();
    assert_eq!((count(&seen["resources"]), &seen["extended"]), (before, &json!(false)));
    platform.send_as(&neighbour, "GET", &path, None).await.error(404);
    platform.send_as(&neighbour, "DELETE", &path, None).await.error(404);
    let extended = platform.get("/elements?where=extended%3D'true'%20AND%20abridged%3D'true'").await.ok();
    assert_eq!(extended[0]["key"], "infobip");
    let export = platform.get("/elements/infobip/export?extendedOnly=true").await.ok();
    assert_eq!((count(&export["resources"]), &export["resources"][0]["id"]), (1, &added["id"]));
    let parameter = json!({ "name": "q", "type": "query", "vendorName": "q", "vendorType": "query" });
    let parameter = platform.post(&format!("{path}/parameters"), &parameter).await.ok();
    platform.send("DELETE", &format!("{path}/parameters/{}", parameter["id"]), None).await.ok();
    platform.send("DELETE", &path, None).await.ok();
    platform.send_as(&token, "GET", "/hubs/messaging/extra", None).await.error(404);
}

#[tokio::test]
async fn an_added_resource_stands_before_the_platforms() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "n").await;
    let token = platform.with_token(made["token"].as_str().expect("a token"));
    let list = platform.get("/elements/infobip/resources").await.ok();
    let own = list
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["method"] == "GET" && it["type"] == "api")
        .expect("a list");
    let path = own["path"].as_str().expect("a path").to_owned();
    let added = platform.post("/elements/infobip/resources", &answering(&path, "{ mine: true }")).await.ok();
    let call = path.replace("{id}", "1");
    assert_eq!(platform.send_as(&token, "GET", &call, None).await.ok(), json!({ "mine": true }));
    assert_eq!(count(&platform.get("/elements/infobip/resources").await.ok()), count(&list));
    platform.send("DELETE", &format!("/elements/infobip/resources/{}", added["id"]), None).await.ok();
    let again = platform.send_as(&token, "GET", &call, None).await;
    assert!(!again.text.contains("mine"), "{}", again.text);
    assert_eq!(platform.get("/elements/infobip/resources").await.ok(), list);
}

#[tokio::test]
async fn parts_of_the_platform_are_not_changed() {
    let platform = Platform::start().await;
    let list = platform.get("/elements/infobip/resources").await.ok();
    let resource = format!("/elements/infobip/resources/{}", list[0]["id"]);
    let parameter = json!({ "name": "q", "type": "query", "vendorName": "q", "vendorType": "query" });
    let hook = json!({ "type": "preRequest", "body": "" });
    for (path, body) in [
        ("/elements/infobip/parameters".to_owned(), &parameter),
        ("/elements/infobip/hooks".to_owned(), &hook),
        ("/elements/infobip/configuration".to_owned(), &json!({ "key": "k", "name": "n" })),
        (format!("{resource}/parameters"), &parameter),
        (format!("{resource}/hooks"), &hook),
        (format!("{resource}/models"), &json!({ "name": "m", "swagger": {} })),
    ] {
        platform.post(&path, body).await.error(404);
    }
    platform.send("DELETE", &resource, None).await.error(404);
    platform.send("PUT", &resource, Some(&answering("/x", "1"))).await.error(404);
    platform.send("DELETE", &format!("{resource}/models"), None).await.error(404);
    platform.get(&format!("{resource}/models")).await.ok();
    for method in ["PUT", "PATCH", "DELETE"] {
        platform.send(method, "/elements/infobip", Some(&json!({ "name": "x" }))).await.error(403);
    }
    platform.send("PUT", "/elements/infobip/active", None).await.error(403);
    for path in ["parameters", "hooks", "resources", "objects", "models", "accounts", "history"] {
        platform.get(&format!("/elements/infobip/{path}")).await.ok();
    }
}

#[tokio::test]
async fn models_and_objects_are_added_too() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    let model = platform.post("/elements/infobip/models", &json!({ "name": "own" })).await.ok();
    let object = platform.post("/elements/infobip/objects", &json!({ "name": "own" })).await.ok();
    for (list, item) in [("models", &model), ("objects", &object)] {
        let path = format!("/elements/infobip/{list}/{}", item["id"]);
        assert_eq!(platform.get(&path).await.ok()["name"], "own");
        platform.send_as(&neighbour, "GET", &path, None).await.error(404);
        platform.send("DELETE", &path, None).await.ok();
    }
}
