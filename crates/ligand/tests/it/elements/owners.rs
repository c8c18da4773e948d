//! Who sees and who changes what.

use serde_json::json;

use super::{answering, scripted};
use crate::harness::Platform;

#[tokio::test]
async fn an_account_keeps_its_elements_unless_it_shares_them() {
    let platform = Platform::start().await;
    let (owner, _) = platform.person(true).await;
    let (friend, friend_account) = platform.person(true).await;
    let (stranger, stranger_account) = platform.person(false).await;
    let made = platform.send_as(&owner, "POST", "/elements", Some(&scripted("Own"))).await.ok();
    let by_id = format!("/elements/{}", made["id"]);
    let hook = json!({ "type": "preRequest", "body": "" });
    for other in [&friend, &stranger, &platform.authorization()] {
        for path in ["/elements/own", by_id.as_str()] {
            platform.send_as(other, "GET", path, None).await.error(404);
            platform.send_as(other, "PUT", path, Some(&json!({ "name": "x" }))).await.error(404);
            platform.send_as(other, "DELETE", path, None).await.error(404);
            platform.send_as(other, "POST", &format!("{path}/clone"), Some(&json!({}))).await.error(404);
            platform.send_as(other, "POST", &format!("{path}/hooks"), Some(&hook)).await.error(404);
            platform.send_as(other, "GET", &format!("{path}/history"), None).await.error(404);
            platform
                .send_as(other, "POST", &format!("{path}/instances"), Some(&json!({ "name": "n" })))
                .await
                .error(404);
        }
        platform.send_as(other, "PUT", &format!("{by_id}/accounts/{friend_account}"), None).await.error(404);
    }
    let accounts = format!("{by_id}/accounts");
    assert_eq!(platform.send_as(&owner, "GET", &accounts, None).await.ok(), json!([]));
    platform.send_as(&owner, "PUT", &format!("{accounts}/{friend_account}"), None).await.ok();
    assert_eq!(platform.send_as(&owner, "GET", &accounts, None).await.ok(), json!([friend_account]));
    platform.send_as(&owner, "PUT", &format!("{accounts}/999999999999"), None).await.error(404);
    platform.send_as(&owner, "PUT", &format!("{accounts}/{stranger_account}"), None).await.error(403);
    assert_eq!(platform.send_as(&friend, "GET", "/elements/own", None).await.ok()["id"], made["id"]);
    let body = json!({ "name": "n", "configuration": { "username": "u", "password": "p" } });
    let instance = platform.send_as(&friend, "POST", "/elements/own/instances", Some(&body)).await.ok();
    let token = format!("{friend}, Element {}", instance["token"].as_str().expect("a token"));
    platform.send_as(&token, "GET", "/things", None).await.ok();
    for (method, path) in [
        ("PUT", by_id.clone()),
        ("DELETE", by_id.clone()),
        ("POST", format!("{by_id}/hooks")),
        ("PUT", format!("{by_id}/active")),
    ] {
        platform.send_as(&friend, method, &path, Some(&hook)).await.error(403);
    }
    platform.send_as(&friend, "POST", &format!("{by_id}/resources"), Some(&answering("/x", "1"))).await.error(403);
    platform.send_as(&owner, "DELETE", &format!("{accounts}/{friend_account}"), None).await.ok();
    platform.send_as(&friend, "GET", "/elements/own", None).await.error(404);
    platform.send_as(&token, "GET", "/things", None).await.ok();
    platform.send_as(&friend, "POST", "/elements", Some(&scripted("Own"))).await.ok();
}

#[tokio::test]
async fn elements_of_the_default_account_are_the_organizations() {
    let platform = Platform::start().await;
    let (neighbour, _) = platform.person(true).await;
    let made = platform.make(&scripted("Own")).await;
    assert_eq!(platform.send_as(&neighbour, "GET", "/elements/own", None).await.ok()["id"], made["id"]);
    platform.send_as(&neighbour, "PUT", "/elements/own", Some(&json!({ "name": "x" }))).await.error(403);
    platform.send_as(&neighbour, "DELETE", "/elements/own", None).await.error(403);
    platform.send("DELETE", "/elements/own/active", None).await.ok();
    let listed = platform.send_as(&neighbour, "GET", "/elements?where=private%3D'true'", None).await.ok();
    assert_eq!(listed, json!([]), "switched off it is only the owner's to see in lists");
    let own = platform.send_as(&neighbour, "POST", "/elements", Some(&scripted("Own"))).await.ok();
    assert_eq!(
        platform.send_as(&neighbour, "GET", "/elements/own", None).await.ok()["id"],
        own["id"],
        "the nearest one counts"
    );
}

#[tokio::test]
async fn nothing_is_done_without_credentials() {
    let platform = Platform::start().await;
    let made = platform.make(&scripted("Own")).await;
    let resource = made["resources"][0]["id"].clone();
    let own = |path: &str| format!("/elements/own{path}");
    let under = |path: &str| format!("/elements/own/resources/{resource}{path}");
    for (methods, path) in [
        (&["POST"][..], "/elements".to_owned()),
        (&["PUT", "PATCH", "DELETE"], own("")),
        (&["PUT", "DELETE"], own("/active")),
        (&["POST"], own("/clone")),
        (&["GET"], own("/export")),
        (&["GET"], own("/metadata")),
        (&["GET"], "/elements/metadata".to_owned()),
        (&["GET"], own("/accounts")),
        (&["PUT", "DELETE"], own("/accounts/2")),
        (&["GET"], own("/history")),
        (&["GET", "PUT"], own("/history/1")),
        (&["GET", "POST"], own("/configuration")),
        (&["GET", "PUT", "DELETE"], own("/configuration/base.url")),
        (&["GET", "POST"], own("/parameters")),
        (&["GET", "PUT", "DELETE"], own("/parameters/1")),
        (&["GET", "POST"], own("/hooks")),
        (&["GET", "PUT", "DELETE"], own("/hooks/1")),
        (&["GET", "POST"], own("/resources")),
        (&["GET", "PUT", "DELETE"], under("")),
        (&["GET", "POST"], under("/parameters")),
        (&["GET", "PUT", "DELETE"], under("/parameters/1")),
        (&["GET", "POST"], under("/hooks")),
        (&["GET", "PUT", "DELETE"], under("/hooks/1")),
        (&["GET", "POST", "PUT", "DELETE"], under("/models")),
        (&["GET", "POST"], own("/objects")),
        (&["GET", "PUT", "DELETE"], own("/objects/1")),
        (&["GET", "POST"], own("/objects/1/fields")),
        (&["GET", "PUT", "DELETE"], own("/objects/1/fields/1")),
        (&["GET", "POST", "PUT"], own("/models")),
        (&["GET", "PUT", "DELETE"], own("/models/1")),
        (&["PUT"], own("/models/1/fields")),
        (&["GET", "PUT"], "/catalog-properties".to_owned()),
    ] {
        for method in methods {
            platform.anonymous(method, &path, Some(&json!({}))).await.error(401);
        }
    }
}
