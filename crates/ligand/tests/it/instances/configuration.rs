//! The entries of an instance's configuration, one by one.

use serde_json::{Value, json};

use super::{id, pages, token};
use crate::harness::Platform;

fn entries(instance: &Value) -> String {
    format!("/instances/{}/configuration", id(instance))
}

fn entry<'a>(list: &'a Value, key: &str) -> &'a Value {
    list.as_array().expect("a list").iter().find(|entry| entry["key"] == key).expect("an entry")
}

#[tokio::test]
async fn there_is_one_entry_for_each_effective_key() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let mut request = platform.request(page.key, "entries");
        request["configuration"]["my.own"] = json!("mine");
        let made = platform.post("/instances", &request).await.ok();
        let list = platform.get(&entries(&made)).await.ok();
        let list = list.as_array().expect("a list");
        let mut seen: Vec<i64> = list.iter().map(id).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), list.len(), "ids are distinct");
        assert!(seen[0] > 0);
        let shown: serde_json::Map<String, Value> = list
            .iter()
            .map(|entry| (entry["key"].as_str().expect("a key").to_owned(), entry["propertyValue"].clone()))
            .collect();
        assert_eq!(&shown, made["configuration"].as_object().expect("an object"));
        for entry in list {
            assert!(entry["name"].is_string(), "{entry}");
            let one = format!("{}/{}", entries(&made), entry["id"]);
            assert_eq!(platform.get(&one).await.ok(), *entry);
        }
        assert_eq!(platform.get(&format!("/elements/{}{}", page.key, entries(&made))).await.ok(), json!(list));
        let own = platform.with_token(token(&made));
        assert_eq!(platform.send_as(&own, "GET", "/instances/configuration", None).await.ok(), json!(list));
    }
}

#[tokio::test]
async fn an_entry_is_changed_and_keeps_its_id() {
    let platform = Platform::start().await;
    let mut request = platform.request("servicecloud", "entries");
    request["configuration"]["my.own"] = json!("mine");
    let made = platform.post("/instances", &request).await.ok();
    let before = platform.get(&entries(&made)).await.ok();
    let own = platform.with_token(token(&made));
    for (key, sent, stored) in [
        ("my.own", json!("other"), json!("other")),
        ("my.own", json!(5), json!("5")),
        ("event.notification.enabled", json!(true), json!("true")),
        ("event.notification.enabled", json!("NO"), json!("false")),
        (
            "event.notification.callback.url",
            json!("https://www.example.com/hook"),
            json!("https://www.example.com/hook"),
        ),
        ("event.notification.callback.url", Value::Null, Value::Null),
    ] {
        let old = entry(&before, key);
        let by_id = format!("{}/{}", entries(&made), old["id"]);
        let by_token = format!("/instances/configuration/{}", old["id"]);
        let mut whole = old.clone();
        whole["propertyValue"] = sent.clone();
        for body in [json!({ "propertyValue": sent }), whole] {
            for method in ["PATCH", "PUT"] {
                for changed in [
                    platform.send(method, &by_id, Some(&body)).await.ok(),
                    platform.send_as(&own, method, &by_token, Some(&body)).await.ok(),
                ] {
                    assert_eq!(
                        (&changed["id"], &changed["key"], &changed["propertyValue"]),
                        (&old["id"], &old["key"], &stored)
                    );
                }
                assert_eq!(platform.get(&by_id).await.ok()["propertyValue"], stored);
            }
        }
        let instance = platform.get(&format!("/instances/{}", id(&made))).await.ok();
        assert_eq!(instance["configuration"][key], stored);
    }
    let after = platform.get(&entries(&made)).await.ok();
    for old in before.as_array().expect("a list") {
        assert_eq!(entry(&after, old["key"].as_str().expect("a key"))["id"], old["id"]);
    }
}

#[tokio::test]
async fn entries_are_masked_and_a_mask_means_keep() {
    let platform = Platform::start().await;
    let mut request = platform.request("oraclesalescloud", "secrets");
    request["configuration"]["oauth.api.key"] = json!("planted-key");
    request["configuration"]["oauth.api.secret"] = json!("planted-secret");
    let made = platform.post("/instances", &request).await.ok();
    let answer = platform.get(&entries(&made)).await;
    assert!(!answer.text.contains("planted") && !answer.text.contains("fake-"), "{}", answer.text);
    let list = answer.ok();
    for key in ["password", "oauth.api.key", "oauth.api.secret"] {
        let masked = entry(&list, key);
        assert_eq!(masked["propertyValue"], "********", "{key}");
        let path = format!("{}/{}", entries(&made), masked["id"]);
        assert_eq!(platform.send("PATCH", &path, Some(masked)).await.ok(), *masked);
    }
    let password = format!("{}/{}", entries(&made), entry(&list, "password")["id"]);
    platform.send("PATCH", &password, Some(&json!({ "propertyValue": "wrong" }))).await.error(401);
    let right = json!({ "propertyValue": platform.configuration("oraclesalescloud")["password"] });
    let answer = platform.send("PATCH", &password, Some(&right)).await;
    assert!(!answer.text.contains("fake-"), "{}", answer.text);
    assert_eq!(answer.ok()["propertyValue"], "********");
}

#[tokio::test]
async fn a_wrong_change_of_an_entry_is_refused_and_changes_nothing() {
    let platform = Platform::start().await;
    let made = platform.provision("servicecloud", "wrong").await;
    let list = platform.get(&entries(&made)).await.ok();
    for (key, value) in [
        ("helpdesk.servicecloud.username", json!("")),
        ("helpdesk.servicecloud.username", Value::Null),
        ("helpdesk.servicecloud.username", json!("x".repeat(129))),
        ("event.notification.enabled", json!("maybe")),
        ("event.notification.callback.url", json!("http://127.0.0.2:1/")),
        ("helpdesk.servicecloud.endpointurl", json!("http://10.0.0.1/")),
        ("helpdesk.servicecloud.endpointurl", json!("file:///etc/passwd")),
    ] {
        let path = format!("{}/{}", entries(&made), entry(&list, key)["id"]);
        platform.send("PATCH", &path, Some(&json!({ "propertyValue": value }))).await.error(400);
    }
    let path = format!("{}/{}", entries(&made), entry(&list, "helpdesk.servicecloud.username")["id"]);
    for body in [json!({}), json!([]), json!("x"), json!(null), json!({ "value": "x" })] {
        platform.send("PATCH", &path, Some(&body)).await.error(400);
    }
    assert_eq!(platform.get(&entries(&made)).await.ok(), list);
    assert_eq!(platform.get(&format!("/instances/{}", id(&made))).await.ok(), made);
}

#[tokio::test]
async fn unknown_entries_and_instances_are_404() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "one").await;
    let own = platform.with_token(token(&made));
    let body = json!({ "propertyValue": "x" });
    for unknown in
        ["0", "-1", "999999999999", "99999999999999999999999999", "undefined", "%00", "..", "%2e%2e", "1%2F1"]
    {
        for (method, body) in [("GET", None), ("PATCH", Some(&body)), ("PUT", Some(&body))] {
            if unknown != ".." {
                platform.send(method, &format!("{}/{unknown}", entries(&made)), body).await.error(404);
                platform.send_as(&own, method, &format!("/instances/configuration/{unknown}"), body).await.error(404);
            }
            platform.send(method, &format!("/instances/{unknown}/configuration/1"), body).await.error(404);
        }
        platform.get(&format!("/instances/{unknown}/configuration")).await.error(404);
    }
    platform.get("/instances/configuration").await.error(400);
    platform.send_as(&platform.with_token("unknown"), "GET", "/instances/configuration", None).await.error(401);
    platform.get(&format!("/elements/servicecloud{}", entries(&made))).await.error(404);
}
