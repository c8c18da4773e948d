//! Definitions that are wrong, hostile or enormous: all that is wrong is told at once, and nothing is stored.

use serde_json::{Value, json};

use super::{answering, scripted};
use crate::harness::{API, Platform};

#[tokio::test]
async fn all_problems_come_at_once_and_nothing_is_stored() {
    let platform = Platform::start().await;
    let broken = json!({
        "authentication": { "type": "secret-handshake" }, "hub": "not a hub", "hooks": [{ "type": "sometimes", "body": "" }],
        "configuration": [{ "key": "base.url", "defaultValue": "http://169.254.169.254/latest" }, { "name": "no key" }, { "key": "a b", "name": "n" }],
        "resources": [
            { "path": "/a", "method": "GET", "nextResource": "GET:/b", "vendorPath": "http://10.0.0.1/x" },
            { "path": "/b", "method": "GET", "nextResource": "GET:/a" },
            { "path": "/c/{x}", "method": "GET" }, { "path": "/c/{y}", "method": "GET" }, { "path": "/d{", "method": "BREW" }, 7,
        ],
    });
    let message = platform.post("/elements", &broken).await.error(400);
    for part in [
        "name is missing",
        "authentication.type",
        "hub:",
        "hooks[0].type",
        "configuration[0].defaultValue: lies in a private",
        "configuration[1]: key is missing",
        "configuration[2].key",
        "resources[0].vendorPath: lies in a private",
        "resources[0].nextResource: the chain never ends",
        "resources[3]: GET /hubs/",
        "resources[4].path",
        "resources[4].method",
        "resources[5]",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(platform.get("/elements?where=private%3D'true'").await.ok(), json!([]));
    for missing in [json!({ "name": "x" }), json!({ "authentication": { "type": "basic" } }), json!({})] {
        platform.post("/elements", &missing).await.error(400);
    }
    for (wrong, status) in [
        ("[]", 400),
        ("null", 400),
        ("", 400),
        ("{", 400),
        ("{\"name\":\"a\\u0000b\",\"authentication\":{\"type\":\"none\"},\"key\":\"k\"}", 400),
    ] {
        let headers = [("authorization", platform.authorization()), ("content-type", "application/json".to_owned())];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        platform.raw("POST", &format!("{API}/elements"), &headers, wrong).await.error(status);
    }
    for key in ["keys", "metadata", "convert", "OAuthProxies", "client-sdks", "12345", "a/b"] {
        let mut own = scripted("Own");
        own["key"] = json!(key);
        platform.post("/elements", &own).await.error(400);
    }
}

#[tokio::test]
async fn a_wrong_change_leaves_the_element_as_it_was() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let cyclic = json!({ "resources": [{ "path": "/a", "method": "GET", "nextResource": "GET:/a" }] });
    platform.send("PUT", "/elements/own", Some(&cyclic)).await.error(400);
    platform.send("PATCH", "/elements/own", Some(&json!({ "name": null }))).await.error(400);
    let mut cyclic = answering("/again", "1");
    cyclic["nextResource"] = json!("GET:/again");
    platform.post("/elements/own/resources", &cyclic).await.error(400);
    let private = json!({ "key": "base.url", "defaultValue": "http://[::1]/" });
    platform.send("PUT", "/elements/own/configuration/base.url", Some(&private)).await.error(400);
    assert_eq!(platform.get("/elements/own").await.ok(), made);
    assert_eq!(platform.get("/elements/own/history").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn large_definitions_are_taken_and_deep_ones_refused() {
    let platform = Platform::start().await;
    let mut large = scripted("Large");
    large["resources"] = (0..3000).map(|index| answering(&format!("/r{index}/{{id}}"), "1")).collect();
    large["padding"] = json!("x".repeat(15 << 20));
    let made = platform.post("/elements", &large).await;
    assert_eq!(made.status, 200);
    let (token, _) = platform.connected("large").await;
    assert_eq!(platform.send_as(&token, "GET", "/r2999/7", None).await.ok(), json!(1));
    let mut deep = scripted("Deep");
    let mut nested = Value::from(1);
    for _ in 0..200 {
        nested = json!([nested]);
    }
    deep["nested"] = nested;
    assert!(platform.post("/elements", &deep).await.error(400).contains("too deeply"));
}

#[tokio::test]
async fn what_refers_to_nothing_is_told_and_fails_when_it_is_called() {
    let platform = Platform::start().await;
    let mut own = scripted("Own");
    own["resources"] =
        json!([{ "path": "/gone", "method": "GET", "vendorPath": "/{nowhere}/x", "nextResource": "GET:/none" }]);
    let answer = platform.post("/elements", &own).await;
    let told = answer.header("elements-error").to_owned();
    assert!(
        told.contains("resources[0].vendorPath: {nowhere}") && told.contains("resources[0].nextResource"),
        "{told}"
    );
    answer.ok();
    let (token, _) = platform.connected("own").await;
    platform.send_as(&token, "GET", "/gone", None).await.error(400);
}

#[tokio::test]
async fn rights_come_before_everything_else() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let headers = [("authorization", platform.authorization()), ("content-type", "text/plain".to_owned())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for path in ["/elements", "/elements/own/hooks", "/elements/own/resources"] {
        platform.raw("POST", &format!("{API}{path}"), &headers, "{}").await.error(415);
    }
    platform.post("/elements/none/hooks", &json!({ "type": 7 })).await.error(404);
    platform.send("DELETE", "/elements", None).await.error(405);
    platform.send("PATCH", "/elements/own/hooks", Some(&json!({}))).await.error(405);
}
