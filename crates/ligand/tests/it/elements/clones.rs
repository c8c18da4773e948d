//! Clones shadow what they were made from.

use serde_json::json;

use super::scripted;
use crate::harness::Platform;

#[tokio::test]
async fn a_clone_shadows_the_platforms_element_for_its_organization() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    let (stranger, _) = platform.person(false).await;
    let original = platform.get("/elements/actpremium").await.ok();
    let clone = platform.post("/elements/actpremium/clone", &json!({ "unrelated": true })).await.ok();
    assert_ne!(clone["id"], original["id"]);
    for member in ["key", "name", "hub", "authentication"] {
        assert_eq!(clone[member], original[member], "{member}");
    }
    assert_eq!((&clone["private"], clone.get("aliases")), (&json!(true), None));
    assert_eq!(clone["resources"].as_array().map(Vec::len), original["resources"].as_array().map(Vec::len));
    assert_eq!(platform.get("/elements/actpremium").await.ok()["id"], clone["id"]);
    assert_eq!(platform.send_as(&neighbour, "GET", "/elements/actpremium", None).await.ok()["id"], clone["id"]);
    assert_eq!(platform.send_as(&stranger, "GET", "/elements/actpremium", None).await.ok()["id"], original["id"]);
    assert_eq!(platform.get(&format!("/elements/{}", original["id"])).await.ok()["id"], original["id"]);
    platform.post("/elements/actpremium/clone", &json!({})).await.error(409);
    let keys = platform.get("/elements/keys").await.ok();
    assert_eq!(keys.as_array().expect("a list").iter().filter(|key| **key == "actpremium").count(), 1);
    platform.provision("actpremium", "through the clone").await;
    let of_clone = platform.get(&format!("/elements/{}/instances", clone["id"])).await.ok();
    assert_eq!(of_clone.as_array().map(Vec::len), Some(1));
    platform.send("DELETE", "/elements/actpremium", None).await.ok();
    assert_eq!(platform.get("/elements/actpremium").await.ok()["id"], original["id"]);
    platform.post("/elements/actpremium/clone", &json!({})).await.ok();
}

#[tokio::test]
async fn a_clone_has_no_secrets_and_may_be_forbidden() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    let mut own = scripted("Own");
    own["authentication"] = json!({ "type": "oauth2" });
    own["configuration"] = json!([
        { "key": "base.url", "defaultValue": "https://a.example" },
        { "key": "oauth.api.key", "defaultValue": "planted-key" },
        { "key": "oauth.api.secret", "defaultValue": "planted-secret" },
        { "key": "app.password", "name": "P", "type": "PASSWORD", "defaultValue": "planted-password" },
    ]);
    let made = platform.make(&own).await;
    assert!(made.to_string().contains("planted-secret"), "the owner sees what it stored");
    for path in ["/elements/own", "/elements/own/configuration", "/elements/own/export"] {
        let seen = platform.send_as(&neighbour, "GET", path, None).await;
        assert_eq!(seen.status, 200);
        assert!(!seen.text.contains("planted") && seen.text.contains("********"), "{path}: {}", seen.text);
    }
    let clone = platform.send_as(&neighbour, "POST", "/elements/own/clone", Some(&json!({}))).await;
    assert_eq!(clone.status, 200, "{}", clone.text);
    assert!(!clone.text.contains("planted") && !clone.text.contains("********"), "{}", clone.text);
    platform.send("PATCH", "/elements/own", Some(&json!({ "cloneable": false }))).await.ok();
    let (third, _) = platform.person(true).await;
    platform.send_as(&third, "POST", "/elements/own/clone", Some(&json!({}))).await.error(400);
}
