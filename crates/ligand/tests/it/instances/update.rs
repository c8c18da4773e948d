//! Changing instances: PUT, PATCH, validation anew, another element.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{assert_within, id, names, pages, token};
use crate::harness::{API, Platform};

fn path(instance: &Value) -> String {
    format!("/instances/{}", id(instance))
}

/// The instance as it is read now.
async fn now(platform: &Platform, instance: &Value) -> Value {
    platform.get(&path(instance)).await.ok()
}

/// Proves that the stored credentials still are the sandbox's: a change of one entry makes them be checked again.
async fn assert_credentials_work(platform: &Platform, instance: &Value) {
    let key = instance["element"]["key"].as_str().expect("a key");
    let entry = match key {
        "servicecloud" => "helpdesk.servicecloud.username",
        "infobip" => "messaging.sms.infobip.username",
        _ => "username",
    };
    let wrong = json!({ "configuration": { entry: "somebody.else" } });
    platform.send("PATCH", &path(instance), Some(&wrong)).await.error(401);
    let right = json!({ "configuration": { entry: platform.configuration(key)[entry] } });
    platform.send("PATCH", &path(instance), Some(&right)).await.ok();
    let page = pages::ALL.into_iter().find(|page| page.key == key).expect("a page");
    let password = json!({ "configuration": { page.password: "wrong" } });
    platform.send("PATCH", &path(instance), Some(&password)).await.error(401);
}

#[tokio::test]
async fn what_was_read_can_be_put_back() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = platform.provision(page.key, "echo").await;
        for prefix in [String::new(), format!("/elements/{}", page.key), format!("/elements/{}", page.ids[1])] {
            let put = platform.send("PUT", &format!("{prefix}{}", path(&made)), Some(&made)).await.ok();
            assert_eq!(put, made);
        }
        assert_eq!(now(&platform, &made).await, made);
        assert_credentials_work(&platform, &made).await;
        assert_eq!(now(&platform, &made).await, made);
    }
}

#[tokio::test]
async fn tags_are_replaced_as_a_whole() {
    let platform = Platform::start().await;
    let made = platform.provision("oraclesalescloud", "tags").await;
    for method in ["PUT", "PATCH"] {
        for tags in [json!(["test"]), json!([]), json!(["a", "b"]), json!(["<b>c</b>"])] {
            let mut body = now(&platform, &made).await;
            body["tags"] = tags.clone();
            let expected = if tags == json!(["<b>c</b>"]) { json!(["c"]) } else { tags };
            assert_eq!(platform.send(method, &path(&made), Some(&body)).await.ok()["tags"], expected);
            assert_eq!(now(&platform, &made).await["tags"], expected);
            let alone = json!({ "id": 764, "tags": expected });
            assert_eq!(platform.send(method, &path(&made), Some(&alone)).await.ok()["tags"], expected);
        }
    }
    assert_credentials_work(&platform, &made).await;
}

#[tokio::test]
async fn absent_members_stay_as_they_are() {
    let platform = Platform::start().await;
    let mut request = platform.request("servicecloud", "before");
    request["configuration"]["my.own"] = json!("kept");
    request["cachingEnabled"] = json!(true);
    request["maxCacheSize"] = json!(7);
    for method in ["PUT", "PATCH"] {
        let made = platform.post("/instances", &request).await.ok();
        assert_eq!(platform.send(method, &path(&made), Some(&json!({}))).await.ok(), made);
        let renamed = platform.send(method, &path(&made), Some(&json!({ "name": "<i>after</i>@x" }))).await.ok();
        let mut expected = made.clone();
        expected["name"] = json!("after@x");
        assert_eq!(renamed, expected, "{method}");
        let configured = json!({ "name": "before", "configuration": { "my.second": 2 } });
        let configured = platform.send(method, &path(&made), Some(&configured)).await.ok();
        expected["name"] = json!("before");
        expected["configuration"]["my.second"] = json!("2");
        assert_eq!(configured, expected, "{method}");
        let removed = json!({ "configuration": { "my.second": null } });
        let removed = platform.send(method, &path(&made), Some(&removed)).await.ok();
        assert!(removed["configuration"]["my.second"].is_null());
        let again =
            json!({ "configuration": { "my.own": "kept" }, "maxCacheSize": 7, "id": 5, "token": "x", "valid": false });
        let again = platform.send(method, &path(&made), Some(&again)).await.ok();
        assert_within(&made, &again);
    }
}

#[tokio::test]
async fn a_blank_name_is_refused_on_change() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "named").await;
    for name in ["", "  ", "<b></b>"] {
        for method in ["PUT", "PATCH"] {
            let message = platform.send(method, &path(&made), Some(&json!({ "name": name }))).await.error(400);
            assert!(names(&message, "name"), "{message}");
        }
    }
    assert_eq!(now(&platform, &made).await, made);
}

#[tokio::test]
async fn a_failed_change_leaves_everything_as_it_was() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = platform.provision(page.key, "kept").await;
        for method in ["PUT", "PATCH"] {
            for (key, value, status) in [
                (page.password, json!("planted-wrong-password"), 401),
                (page.required[0], json!(""), 400),
                (page.required[0], Value::Null, 400),
                ("event.notification.enabled", json!("maybe"), 400),
                ("event.notification.callback.url", json!("http://10.1.1.1/"), 400),
            ] {
                let body =
                    json!({ "name": "changed", "tags": ["changed"], "configuration": { key: value, "my.own": "x" } });
                let answer = platform.send(method, &path(&made), Some(&body)).await;
                assert!(!answer.text.contains("planted-wrong-password"), "{}", answer.text);
                answer.error(status);
                assert_eq!(now(&platform, &made).await, made, "{key}");
            }
        }
        platform.fault(page.key, &json!({ "fault": "http500", "times": 20 })).await;
        let body = json!({ "name": "changed", "configuration": { page.password: "another" } });
        platform.send("PATCH", &path(&made), Some(&body)).await.error(502);
        platform.fault(page.key, &json!({ "fault": "slow", "delayMillis": 0 })).await;
        assert_eq!(now(&platform, &made).await, made);
        assert_credentials_work(&platform, &made).await;
    }
}

#[tokio::test]
async fn validation_anew_keeps_id_and_token() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = platform.provision(page.key, "again").await;
        let again = json!({ "configuration": platform.configuration(page.key), "name": "renamed" });
        for method in ["PUT", "PATCH"] {
            let changed = platform.send(method, &path(&made), Some(&again)).await.ok();
            assert_eq!((id(&changed), token(&changed)), (id(&made), token(&made)));
            assert_eq!((&changed["valid"], &changed["name"]), (&json!(true), &json!("renamed")));
            assert_eq!(changed["createdDate"], made["createdDate"]);
        }
        assert_credentials_work(&platform, &made).await;
    }
}

#[tokio::test]
async fn a_mask_means_keep() {
    let platform = Platform::start().await;
    let mut request = platform.request("servicecloud", "masked");
    request["configuration"]["my.secret"] = json!("planted");
    let made = platform.post("/instances", &request).await.ok();
    let body = json!({ "configuration": {
        "helpdesk.servicecloud.password": "********", "my.secret": "********", "helpdesk.servicecloud.username": "********" } });
    // The user name is not masked: eight asterisks are a wrong name.
    platform.send("PATCH", &path(&made), Some(&body)).await.error(401);
    let body = json!({ "configuration": { "helpdesk.servicecloud.password": "********", "my.secret": "********" } });
    assert_eq!(platform.send("PATCH", &path(&made), Some(&body)).await.ok(), made);
    let body = json!({ "configuration": { "helpdesk.servicecloud.password": "*******" } });
    platform.send("PATCH", &path(&made), Some(&body)).await.error(401);
    assert_credentials_work(&platform, &made).await;
}

#[tokio::test]
async fn the_token_names_the_instance_where_no_id_does() {
    let platform = Platform::start().await;
    let first = platform.provision("infobip", "first").await;
    let second = platform.provision("infobip", "second").await;
    let (three, two) =
        (platform.with_token(token(&second)), format!("User {}, Element {}", platform.user, token(&second)));
    for (method, authorization, name) in
        [("PUT", &three, "a"), ("PATCH", &two, "b"), ("PUT", &two, "c"), ("PATCH", &three, "d")]
    {
        let changed = platform.send_as(authorization, method, "/instances", Some(&json!({ "name": name }))).await.ok();
        assert_eq!((id(&changed), changed["name"].as_str()), (id(&second), Some(name)));
    }
    assert_eq!(now(&platform, &first).await, first);
    for method in ["PUT", "PATCH", "DELETE"] {
        let message = platform.send(method, "/instances", Some(&json!({ "name": "x" }))).await.error(400);
        assert!(message.to_lowercase().contains("element token"), "{message}");
        let unknown = platform.with_token("cuED0/DezalhhzK2OtO6kMP7NvPnMyNcRDZc=");
        platform.send_as(&unknown, method, "/instances", Some(&json!({ "name": "x" }))).await.error(401);
        let alone = format!("Element {}", token(&second));
        platform.send_as(&alone, method, "/instances", Some(&json!({ "name": "x" }))).await.error(401);
    }
    assert_eq!(platform.send_as(&three, "GET", "/instances", None).await.ok().as_array().map(Vec::len), Some(2));
    platform.send_as(&two, "GET", "/instances", None).await.error(401);
    assert_eq!(platform.send_as(&three, "DELETE", "/instances", None).await.text, "");
    platform.send_as(&three, "PATCH", "/instances", Some(&json!({ "name": "x" }))).await.error(401);
    assert_eq!(platform.instance_count().await, 1);
}

#[tokio::test]
async fn a_change_through_another_element_or_of_nothing_is_404() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "here").await;
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let body = (method != "GET").then(|| json!({ "name": "x" }));
        for path in [
            format!("/elements/servicecloud/instances/{}", id(&made)),
            format!("/elements/58/instances/{}", id(&made)),
            format!("/elements/nope/instances/{}", id(&made)),
            format!("/instances/{}", id(&made) + 1),
            "/instances/0".to_owned(),
            "/instances/-1".to_owned(),
            "/instances/999999999999".to_owned(),
            "/instances/99999999999999999999999999".to_owned(),
            "/instances/undefined".to_owned(),
        ] {
            let message = platform.send(method, &path, body.as_ref()).await.error(404);
            assert!(!message.is_empty());
        }
        let message = platform.send(method, "/instances/4242", body.as_ref()).await.error(404);
        assert_eq!(message, "No element instance found with ID 4242");
    }
    assert_eq!(now(&platform, &made).await, made);
}

#[tokio::test]
async fn concurrent_changes_of_different_entries_lose_nothing() {
    let platform = Arc::new(Platform::start().await);
    let made = platform.provision("infobip", "many").await;
    let mut changes = JoinSet::new();
    for number in 0..24 {
        let (platform, path) = (platform.clone(), path(&made));
        changes.spawn(async move {
            let body = json!({ "configuration": { format!("my.key{number}"): number } });
            let changed = platform.send("PATCH", &path, Some(&body)).await.ok();
            assert_eq!(changed["configuration"][format!("my.key{number}")], number.to_string());
        });
    }
    while let Some(change) = changes.join_next().await {
        change.expect("a change");
    }
    let after = now(&platform, &made).await;
    for number in 0..24 {
        assert_eq!(after["configuration"][format!("my.key{number}")], number.to_string());
    }
    assert_within(&made, &after);
}

#[tokio::test]
async fn concurrent_changes_with_and_without_the_vendor_lose_nothing() {
    let platform = Arc::new(Platform::start().await);
    let made = platform.provision("actpremium", "many").await;
    platform.fault("actpremium", &json!({ "fault": "slow", "delayMillis": 200, "times": 1 })).await;
    let validated = {
        let (platform, path) = (platform.clone(), path(&made));
        tokio::spawn(async move {
            let username = platform.configuration("actpremium")["username"].clone();
            let body = json!({ "configuration": { "username": username, "password": platform.configuration("actpremium")["password"], "my.first": "1" } });
            platform.send("PATCH", &path, Some(&body)).await.ok()
        })
    };
    for number in 2..6 {
        let body = json!({ "tags": [number.to_string()], "configuration": { format!("my.key{number}"): number } });
        platform.send("PATCH", &path(&made), Some(&body)).await.ok();
    }
    validated.await.expect("a change");
    let after = now(&platform, &made).await;
    assert_eq!(after["configuration"]["my.first"], "1");
    for number in 2..6 {
        assert_eq!(after["configuration"][format!("my.key{number}")], number.to_string());
    }
}

/// A catalog directory with a copy of an element under another key and id.
fn clone_of(element: &str, key: &str, id: i64, directory: &Path) {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../elements").join(element);
    let text = fs::read_to_string(built_in.join("element.yaml")).expect("a definition");
    let lines = text.lines().filter(|line| !line.starts_with("aliases:")).map(|line| {
        if line.starts_with("id:") {
            format!("id: {id}")
        } else if line.starts_with("key:") {
            format!("key: {key}")
        } else if line == "configuration:" {
            "configuration:\n  - { key: clone.entry, name: Clone, type: TEXTFIELD_128, defaultValue: of the clone }"
                .to_owned()
        } else {
            line.to_owned()
        }
    });
    let folder = directory.join(key);
    fs::create_dir_all(folder.join("hooks")).expect("a folder");
    for script in fs::read_dir(built_in.join("hooks")).into_iter().flatten() {
        let script = script.expect("a script").path();
        fs::copy(&script, folder.join("hooks").join(script.file_name().expect("a name"))).expect("a copy");
    }
    fs::write(folder.join("element.yaml"), lines.collect::<Vec<_>>().join("\n")).expect("a file");
}

#[tokio::test]
async fn an_instance_is_switched_to_a_copy_of_its_element() {
    let catalog = tempfile::TempDir::new().expect("a directory");
    clone_of("infobip", "infobipclone", 9001, catalog.path());
    let platform = Platform::with(&[("catalog__directories", &catalog.path().display().to_string())]).await;
    let made = platform.provision("infobip", "switched").await;
    let switched = platform.send("PATCH", &path(&made), Some(&json!({ "element": { "id": 9001 } }))).await.ok();
    assert_eq!((&switched["element"]["id"], &switched["elementId"]), (&json!(9001), &json!(9001)));
    assert_eq!(switched["element"]["key"], "infobipclone");
    assert_eq!((id(&switched), token(&switched), &switched["tags"]), (id(&made), token(&made), &made["tags"]));
    assert_within(&made["configuration"], &switched["configuration"]);
    assert_eq!(switched["configuration"]["clone.entry"], "of the clone");
    assert_eq!(now(&platform, &made).await, switched);
    platform.get(&format!("/elements/infobipclone{}", path(&made))).await.ok();
    platform.get(&format!("/elements/infobip{}", path(&made))).await.error(404);
    let entries = platform.get(&format!("{}/configuration", path(&made))).await.ok();
    assert!(entries.as_array().expect("a list").iter().any(|entry| entry["key"] == "clone.entry"));
    let password = json!({ "configuration": { "messaging.sms.infobip.password": "wrong" } });
    platform.send("PATCH", &path(&made), Some(&password)).await.error(401);
    let back = platform.send("PATCH", &path(&made), Some(&json!({ "element": { "id": 37 } }))).await.ok();
    assert_eq!((back["element"]["id"].as_i64(), token(&back)), (Some(37), token(&made)));
}

#[tokio::test]
async fn a_switch_needs_the_same_hub_and_the_new_elements_entries() {
    let platform = Platform::start().await;
    let made = platform.provision("oraclesalescloud", "switch").await;
    for wrong in [
        json!({ "id": 58 }),
        json!({ "id": 37 }),
        json!({ "key": "infobip" }),
        json!({ "id": 424_242 }),
        json!({ "id": -1 }),
        json!({ "key": "nope" }),
    ] {
        let answer = platform.send("PATCH", &path(&made), Some(&json!({ "element": wrong }))).await;
        let status = answer.status;
        answer.error(status.as_u16());
        assert_eq!(status, 400, "{wrong}");
    }
    let message = platform.send("PATCH", &path(&made), Some(&json!({ "element": { "id": 750 } }))).await.error(400);
    assert!(names(&message, "act") && names(&message, "database") && !names(&message, "username"), "{message}");
    assert_eq!(now(&platform, &made).await, made);
    for same in [json!({ "id": 1948 }), json!({ "key": "oraclesalescloud" }), json!({ "id": "1948" })] {
        assert_eq!(platform.send("PATCH", &path(&made), Some(&json!({ "element": same }))).await.ok(), made);
    }
    let mut body =
        json!({ "element": { "key": "actpremiumcrm" }, "configuration": platform.configuration("actpremium") });
    body["configuration"]["password"] = json!("wrong");
    platform.send("PATCH", &path(&made), Some(&body)).await.error(401);
    assert_eq!(now(&platform, &made).await, made);
    body["configuration"] = platform.configuration("actpremium");
    let switched = platform.send("PATCH", &path(&made), Some(&body)).await.ok();
    assert_eq!(
        (switched["element"]["id"].as_i64(), id(&switched), token(&switched)),
        (Some(750), id(&made), token(&made))
    );
    assert_eq!(switched["configuration"]["database"], platform.configuration("actpremium")["database"]);
}

#[tokio::test]
async fn changes_are_checked_like_provisioning() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "checked").await;
    for (member, wrong) in [
        ("name", json!([])),
        ("tags", json!("x")),
        ("configuration", json!([1])),
        ("configuration", json!("x")),
        ("externalAuthentication", json!("sometimes")),
        ("maxCacheSize", json!({})),
        ("cachingEnabled", json!([])),
    ] {
        for method in ["PUT", "PATCH"] {
            let message = platform.send(method, &path(&made), Some(&json!({ member: wrong }))).await.error(400);
            assert!(names(&message, member), "{member}: {message}");
        }
    }
    let long = json!({ "configuration": { "messaging.sms.infobip.sender": "x".repeat(129) } });
    let message = platform.send("PATCH", &path(&made), Some(&long)).await.error(400);
    assert!(names(&message, "messaging.sms.infobip.sender"), "{message}");
    let changed =
        json!({ "cachingEnabled": true, "maxCacheSize": 5, "cacheTimeToLive": 60, "providerData": { "x": 1 } });
    let changed = platform.send("PUT", &path(&made), Some(&changed)).await.ok();
    assert_eq!(
        (&changed["cachingEnabled"], &changed["maxCacheSize"], &changed["cacheTimeToLive"]),
        (&json!(true), &json!(5), &json!(60))
    );
    assert!(changed.get("providerData").is_none());
    let flag = json!({ "configuration": { "event.notification.enabled": true } });
    assert_eq!(platform.send("PATCH", &path(&made), Some(&flag)).await.ok()["eventsEnabled"], true);
}

#[tokio::test]
async fn checks_follow_their_order() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "order").await;
    let (dead, alive) = (platform.with_token("cuED0/DezalhhzK2OtO6kMP7NvPnMyNcRDZc="), platform.authorization());
    // Credentials, then the media type, then the id, then the body.
    let mut wrong = Vec::new();
    for method in ["PUT", "PATCH"] {
        for (route, authorization, kind, status) in [
            ("/instances", &dead, "text/plain", 401),
            ("/instances", &dead, "application/json", 401),
            ("/instances/configuration/1", &dead, "text/plain", 401),
            ("/instances/configuration/1", &dead, "application/json", 401),
            ("/instances/4242", &alive, "text/plain", 415),
            ("/instances/4242", &alive, "application/json", 404),
            ("/elements/nope/instances/4242", &alive, "application/json", 404),
            ("/instances/4242/configuration/1", &alive, "text/plain", 415),
            ("/instances/4242/configuration/1", &alive, "application/json", 404),
        ] {
            let headers = [("authorization", authorization.as_str()), ("content-type", kind)];
            let answer = platform.raw(method, &format!("{API}{route}"), &headers, "{").await;
            if answer.status != status {
                wrong.push(format!("{method} {route} {kind}: expected {status}, got {}", answer.status));
            }
        }
    }
    for (route, kind, status) in [
        ("/elements/nope/instances", "text/plain", 415),
        ("/elements/nope/instances", "application/json", 404),
        ("/instances", "application/json", 400),
    ] {
        let headers = [("authorization", alive.as_str()), ("content-type", kind)];
        let answer = platform.raw("POST", &format!("{API}{route}"), &headers, "{").await;
        if answer.status != status {
            wrong.push(format!("POST {route} {kind}: expected {status}, got {}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(now(&platform, &made).await, made);
}
