//! Earlier forms: listed, shown, gone back to.

use serde_json::json;

use super::{answering, scripted};
use crate::harness::Platform;

#[tokio::test]
async fn a_definition_goes_back_to_an_earlier_form() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    platform.send("PATCH", "/elements/own", Some(&json!({ "resources": [], "description": "emptied" }))).await.ok();
    platform.post("/elements/own/hooks", &json!({ "type": "preRequest", "body": "" })).await.ok();
    let history = platform.get("/elements/own/history").await.ok();
    let told: Vec<_> =
        history.as_array().expect("a list").iter().map(|it| (it["revision"].as_i64(), it["action"].as_str())).collect();
    assert_eq!(told, [(Some(3), Some("hook added")), (Some(2), Some("changed")), (Some(1), Some("created"))]);
    assert_eq!(history[0]["userId"], 2);
    assert!(history[0]["createdDate"].is_string());
    let first = platform.get("/elements/own/history/1").await.ok();
    assert_eq!(first["definition"]["resources"], {
        let mut resources = made["resources"].clone();
        resources[0].as_object_mut().expect("an object").remove("ownerAccountId");
        resources
    });
    let restored = platform.send("PUT", "/elements/own/history/1", None).await.ok();
    assert_eq!((&restored["id"], &restored["key"]), (&made["id"], &json!("own")));
    assert_eq!((restored["resources"].as_array().map(Vec::len), &restored["hooks"]), (Some(1), &json!([])));
    let (token, _) = platform.connected("own").await;
    platform.send_as(&token, "GET", "/things", None).await.ok();
    assert_eq!(platform.get("/elements/own/history").await.ok()[0]["action"], "went back to 1");
    for unknown in ["9", "0", "-1", "x"] {
        platform.get(&format!("/elements/own/history/{unknown}")).await.error(404);
        platform.send("PUT", &format!("/elements/own/history/{unknown}"), None).await.error(404);
    }
}

#[tokio::test]
async fn what_was_added_to_the_platforms_element_has_a_history_too() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    assert_eq!(platform.get("/elements/infobip/history").await.ok(), json!([]));
    let added = platform.post("/elements/infobip/resources", &answering("/extra", "1")).await.ok();
    platform.send("DELETE", &format!("/elements/infobip/resources/{}", added["id"]), None).await.ok();
    platform.send("PUT", "/elements/infobip/history/1", None).await.ok();
    assert_eq!(
        platform.get("/elements/infobip/resources?accountOnly=true").await.ok().as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(platform.send_as(&neighbour, "GET", "/elements/infobip/history", None).await.ok(), json!([]));
}
