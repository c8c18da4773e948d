//! Provisioning: the documentation pages, which element is meant, ids and tokens.

mod answer;
mod body;
mod egress;

use serde_json::{Value, json};

use super::{assert_within, id, is_token, names, pages, token};
use crate::harness::{API, Platform};

/// Sends a documented request the way the pages' command line does.
async fn send(platform: &Platform, path: &str, text: String) -> Value {
    let authorization = platform.authorization();
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
        ("User-Agent", "curl/7.43.0"),
        ("Accept", "*/*"),
    ];
    platform.raw("POST", &format!("{API}{path}"), &headers, text).await.ok()
}

/// What every instance must have beside what its page shows.
#[track_caller]
fn assert_complete(instance: &Value) {
    assert!(is_token(token(instance)), "{instance}");
    let date = instance["createdDate"].as_str().expect("a date");
    assert!(date.len() == 20 && date.as_bytes()[10] == b'T' && date.ends_with('Z') && !date.contains('.'), "{date}");
    assert_eq!(instance["elementId"], instance["element"]["id"]);
    assert_eq!(instance["externalAuthentication"], "none");
    assert_eq!((&instance["eventsEnabled"], &instance["traceLoggingEnabled"]), (&json!(false), &json!(false)));
    assert_eq!(instance["tags"], json!(["the tag"]));
    let user = &instance["user"];
    assert!(user["id"].is_i64() && user["emailAddress"].is_string(), "{user}");
    assert!(user["firstName"].is_string() && user["lastName"].is_string(), "{user}");
    assert_eq!(instance["element"]["resources"], json!([]));
    assert!(instance["element"].get("configuration").is_none(), "definitions have no place in an instance");
    for absent in ["providerData", "objects", "eventsNotificationCallbackUrl"] {
        assert!(instance.get(absent).is_none(), "{absent}");
    }
    for (name, value) in instance.as_object().expect("an object") {
        assert!(!value.is_null(), "{name} is null");
    }
    for (name, value) in instance["element"].as_object().expect("an object") {
        assert!(!value.is_null(), "element.{name} is null");
    }
    for (key, value) in instance["configuration"].as_object().expect("an object") {
        assert!(value.is_null() || value.is_string(), "{key}: {value}");
    }
}

#[tokio::test]
async fn each_documented_request_gets_the_answer_of_its_page() {
    let platform = Platform::start().await;
    let mut last: Option<Value> = None;
    for page in pages::ALL {
        let text = page.request(&platform);
        let mut without_element: Value = serde_json::from_str(&text).expect("JSON");
        without_element.as_object_mut().expect("an object").remove("element");
        for (path, text) in [
            ("/instances".to_owned(), text),
            (format!("/elements/{}/instances", page.key), without_element.to_string()),
            (format!("/elements/{}/instances", page.ids[0]), without_element.to_string()),
            (format!("/elements/{}/instances", page.ids[1]), without_element.to_string()),
        ] {
            let instance = send(&platform, &path, text).await;
            assert_within(&page.answer(&platform), &instance);
            assert_complete(&instance);
            if let Some(last) = &last {
                assert_eq!(id(&instance), id(last) + 1);
                assert_ne!(token(&instance), token(last));
            }
            last = Some(instance);
        }
    }
}

#[tokio::test]
async fn what_was_answered_is_what_is_read() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = send(&platform, "/instances", page.request(&platform)).await;
        let by_id = format!("/instances/{}", id(&made));
        assert_eq!(platform.get(&by_id).await.ok(), made);
        for element in [page.key.to_owned(), page.ids[0].to_string(), page.ids[1].to_string()] {
            assert_eq!(platform.get(&format!("/elements/{element}{by_id}")).await.ok(), made);
        }
    }
    platform.get("/elements/infobip/instances/1").await.error(404);
}

#[tokio::test]
async fn act_shows_its_own_entries_too() {
    let platform = Platform::start().await;
    let given = platform.configuration("actpremium");
    let instance = platform.provision("actpremium", "act").await;
    let shown = &instance["configuration"];
    assert_eq!((&shown["act"], &shown["database"]), (&given["act"], &given["database"]));
    assert_eq!(shown["password"], "********");
    let other = platform
        .post("/instances", &request_for(&platform, &json!({ "key": "actpremiumcrm" }), "actpremium"))
        .await
        .ok();
    assert_eq!((&other["element"]["key"], &other["element"]["id"]), (&json!("actpremium"), &json!(750)));
}

#[tokio::test]
async fn typographic_quotes_are_not_json() {
    let platform = Platform::start().await;
    let text = pages::SERVICECLOUD.request(&platform).replacen("\"element\"", "“element”", 1);
    let headers = [("authorization", &*platform.authorization()), ("content-type", "application/json")];
    let message = platform.raw("POST", &format!("{API}/instances"), &headers, text).await.error(400);
    assert!(message.contains("JSON"), "{message}");
}

#[tokio::test]
async fn ids_follow_each_other_without_gaps_after_failures() {
    let platform = Platform::start().await;
    let first = id(&platform.provision("infobip", "first").await);
    let mut wrong = platform.request("infobip", "wrong");
    wrong["configuration"]["messaging.sms.infobip.password"] = json!("wrong");
    platform.post("/instances", &wrong).await.error(401);
    platform.post("/instances", &json!({ "element": { "key": "infobip" }, "name": "x" })).await.error(400);
    platform.post("/instances", &json!({ "element": { "key": "nope" }, "name": "x" })).await.error(404);
    assert_eq!(id(&platform.provision("servicecloud", "second").await), first + 1);
    platform.send("DELETE", &format!("/instances/{}", first + 1), None).await.ok();
    assert_eq!(id(&platform.provision("actpremium", "third").await), first + 2, "an id is never given twice");
}

/// The documented request for `configured`, with another `element` member.
fn request_for(platform: &Platform, element: &Value, configured: &str) -> Value {
    let mut request = platform.request(configured, "test");
    request["element"] = element.clone();
    request
}

#[tokio::test]
async fn the_element_is_found_by_key_id_and_other_ids() {
    let platform = Platform::start().await;
    for (element, configured, expected) in [
        (json!({ "id": 58 }), "servicecloud", 58),
        (json!({ "id": "58" }), "servicecloud", 58),
        (json!({ "id": 88 }), "servicecloud", 58),
        (json!({ "id": 816 }), "actpremium", 750),
        (json!({ "id": "816" }), "actpremium", 750),
        (json!({ "key": "actpremiumcrm" }), "actpremium", 750),
        (json!({ "id": 37, "key": "servicecloud" }), "infobip", 37),
        (json!({ "id": 1948, "key": "nope" }), "oraclesalescloud", 1948),
        (json!({ "key": "infobip", "id": null }), "infobip", 37),
        (json!({ "key": "infobip", "name": 7, "hub": [], "deleted": true }), "infobip", 37),
    ] {
        let instance = platform.post("/instances", &request_for(&platform, &element, configured)).await.ok();
        assert_eq!(instance["element"]["id"], expected, "{element}");
    }
    for path in ["servicecloud", "58", "88"] {
        let request = request_for(&platform, &json!({ "key": "infobip", "id": 37 }), "servicecloud");
        let instance = platform.post(&format!("/elements/{path}/instances"), &request).await.ok();
        assert_eq!(instance["element"]["id"], 58, "the path decides");
    }
    let request = request_for(&platform, &json!({ "key": "nope" }), "actpremium");
    let instance = platform.post("/elements/actpremiumcrm/instances", &request).await.ok();
    assert_eq!(instance["element"]["id"], 750);
}

#[tokio::test]
async fn an_unknown_element_is_404_and_none_400() {
    let platform = Platform::start().await;
    for (element, named) in [
        (json!({ "key": "nosuchelement" }), "nosuchelement"),
        (json!({ "id": 424_242 }), "424242"),
        (json!({ "id": "424242" }), "424242"),
        (json!({ "id": -1 }), "-1"),
        (json!({ "id": 999_999_999_999_i64 }), "999999999999"),
        (json!({ "id": 424_242, "key": "infobip" }), "424242"),
    ] {
        let message = platform.post("/instances", &request_for(&platform, &element, "infobip")).await.error(404);
        assert!(message.contains(named), "{message}");
    }
    for element in [json!(null), json!({}), json!({ "name": "infobip" }), json!({ "key": "" }), json!({ "key": null })]
    {
        let message = platform.post("/instances", &request_for(&platform, &element, "infobip")).await.error(400);
        assert!(message.contains("element"), "{message}");
    }
    let mut request = platform.request("infobip", "x");
    request.as_object_mut().expect("an object").remove("element");
    let message = platform.post("/instances", &request).await.error(400);
    assert!(message.contains("element") && message.contains("key") && message.contains("id"), "{message}");
    for path in ["nosuchelement", "424242", "-1"] {
        let request = platform.request("infobip", "x");
        let message = platform.post(&format!("/elements/{path}/instances"), &request).await.error(404);
        assert!(message.contains(path), "{message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn an_element_is_resolved_before_the_rest_of_the_body_is_checked() {
    let platform = Platform::start().await;
    platform.post("/instances", &json!({ "element": { "key": "nope" } })).await.error(404);
    platform.post("/instances", &json!({ "configuration": 5 })).await.error(400);
}

#[tokio::test]
async fn one_error_names_every_missing_entry() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let whole = platform.configuration(page.key);
        // Every subset of the required entries, each missing in one of the ways an entry can be.
        for present in 0..(1_u32 << page.required.len()) - 1 {
            let mut configuration = whole.clone();
            let entries = configuration.as_object_mut().expect("an object");
            for (place, key) in page.required.iter().enumerate() {
                if present & (1 << place) == 0 {
                    match (place + present as usize) % 4 {
                        0 => drop(entries.remove(*key)),
                        1 => drop(entries.insert((*key).to_owned(), json!(""))),
                        2 => drop(entries.insert((*key).to_owned(), json!(" \t "))),
                        _ => drop(entries.insert((*key).to_owned(), Value::Null)),
                    }
                }
            }
            let request = json!({ "element": { "key": page.key }, "name": "x", "configuration": configuration });
            let message = platform.post("/instances", &request).await.error(400);
            for (place, key) in page.required.iter().enumerate() {
                assert_eq!(names(&message, key), present & (1 << place) == 0, "{key}: {message}");
            }
            assert!(!message.contains("null"), "{message}");
        }
        for configuration in [json!({}), Value::Null] {
            let request = json!({ "element": { "key": page.key }, "name": "x", "configuration": configuration });
            let message = platform.post("/instances", &request).await.error(400);
            assert!(page.required.iter().all(|key| names(&message, key)), "{message}");
        }
        let message =
            platform.post("/instances", &json!({ "element": { "key": page.key }, "name": "x" })).await.error(400);
        assert!(page.required.iter().all(|key| names(&message, key)), "{message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_missing_name_is_named_together_with_missing_entries() {
    let platform = Platform::start().await;
    for name in [None, Some(Value::Null), Some(json!("")), Some(json!("  \n")), Some(json!("<b></b>"))] {
        let mut request = platform.request("infobip", "x");
        match &name {
            Some(name) => request["name"] = name.clone(),
            None => drop(request.as_object_mut().expect("an object").remove("name")),
        }
        let message = platform.post("/instances", &request).await.error(400);
        assert!(names(&message, "name"), "{name:?}: {message}");
        request["configuration"].as_object_mut().expect("an object").remove("messaging.sms.infobip.sender");
        let message = platform.post("/instances", &request).await.error(400);
        assert!(names(&message, "name") && names(&message, "messaging.sms.infobip.sender"), "{name:?}: {message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}
