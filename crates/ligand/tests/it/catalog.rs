//! Hubs and elements.

use serde_json::{Value, json};

use crate::harness::{API, Platform};

#[tokio::test]
async fn the_catalog_is_public_and_whole_to_its_owner() {
    let platform = Platform::start().await;
    let public = platform.raw("GET", &format!("{API}/elements/keys"), &[], "").await;
    assert_eq!((public.header("elements-returned-count"), public.header("elements-total-count")), ("3", "3"));
    assert_eq!(public.ok(), json!(["infobip", "servicecloud", "oraclesalescloud"]), "actpremium is not active");
    let elements = platform.get("/elements").await.ok();
    let ids: Vec<i64> =
        elements.as_array().expect("a list").iter().filter_map(|element| element["id"].as_i64()).collect();
    assert_eq!(ids, [37, 58, 750, 1948]);
    for element in elements.as_array().expect("a list") {
        for member in [
            "key",
            "name",
            "hub",
            "active",
            "description",
            "configuration",
            "parameters",
            "resources",
            "authentication",
        ] {
            assert!(!element[member].is_null(), "{member} of {}", element["key"]);
        }
    }
    let keys = platform.get("/elements/keys").await.ok();
    assert_eq!(keys, json!(["infobip", "servicecloud", "actpremium", "oraclesalescloud"]));
}

#[tokio::test]
async fn elements_are_found_by_key_id_and_alias() {
    let platform = Platform::start().await;
    for (asked, key) in [
        ("58", "servicecloud"),
        ("88", "servicecloud"),
        ("ServiceCloud", "servicecloud"),
        ("1948", "oraclesalescloud"),
        ("37", "infobip"),
        ("750", "actpremium"),
        ("816", "actpremium"),
        ("actpremiumcrm", "actpremium"),
    ] {
        assert_eq!(platform.get(&format!("/elements/{asked}")).await.ok()["key"], key, "{asked}");
    }
    for unknown in ["nope", "-1", "999999999999", "99999999999999999999999999", "0", "undefined", "%00", "%ff", "a%2Fb"]
    {
        platform.get(&format!("/elements/{unknown}")).await.error(404);
        platform.get(&format!("/elements/{unknown}/configuration")).await.error(404);
    }
    assert!(platform.get("/elements/nope").await.error(404).contains("nope"));
}

#[tokio::test]
async fn the_configuration_of_an_element_is_an_object_of_entries() {
    let platform = Platform::start().await;
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        let body = platform.get(&format!("/elements/{key}/configuration")).await.ok();
        let entries = body["configuration"].as_array().expect("entries");
        assert!(entries.len() > 4);
        for entry in entries {
            assert!(entry["id"].is_i64() && entry["key"].is_string() && entry["name"].is_string(), "{entry}");
            assert!(entry.as_object().expect("an object").values().all(|value| !value.is_null()), "{entry}");
        }
    }
}

#[tokio::test]
async fn lists_page_and_filter() {
    let platform = Platform::start().await;
    let (mut path, mut seen) = ("/elements?pageSize=1&page=1".to_owned(), Vec::new());
    loop {
        let answer = platform.get(&path).await;
        let token = answer.header("elements-next-page-token").to_owned();
        let items = answer.ok();
        assert_eq!(items.as_array().map(Vec::len), Some(1));
        seen.push(items[0]["key"].as_str().expect("a key").to_owned());
        if token.is_empty() {
            break;
        }
        path = format!("/elements?nextPage={token}");
    }
    assert_eq!(seen.len(), 4);
    let matching = async |condition: &str| -> Vec<Value> {
        let encoded: String = condition.bytes().map(|byte| format!("%{byte:02X}")).collect();
        platform.get(&format!("/elements?where={encoded}")).await.ok().as_array().expect("a list").clone()
    };
    assert_eq!(matching("key = 'infobip'").await.len(), 1);
    assert_eq!(matching("hub='crm' AND abridged='true'").await.len(), 2);
    assert_eq!(matching("key in ('infobip','servicecloud','x')").await.len(), 2);
    assert!(matching("private='true' AND abridged='true'").await.is_empty());
    assert!(matching("key='x'").await.is_empty());
    for wrong in ["where=key%20%3D", "where=nosuchfield%3D1", "pageSize=0", "pageSize=x", "nextPage=x"] {
        platform.get(&format!("/elements?{wrong}")).await.error(400);
    }
    let abridged = platform.get("/elements?abridged=true").await.ok();
    assert!(abridged[0]["configuration"].is_null() && abridged[0]["key"].is_string());
}

#[tokio::test]
async fn hubs_are_listed() {
    let platform = Platform::start().await;
    let hubs = platform.raw("GET", &format!("{API}/hubs"), &[], "").await.ok();
    let crm = hubs.as_array().expect("a list").iter().find(|hub| hub["key"] == "crm").expect("crm");
    for member in ["id", "name", "key", "description"] {
        assert!(!crm[member].is_null());
    }
    assert_eq!(platform.get("/hubs/CRM").await.ok(), *crm);
    platform.get("/hubs/nope").await.error(404);
    let elements = platform.get("/hubs/crm/elements").await.ok();
    let keys: Vec<&str> =
        elements.as_array().expect("a list").iter().filter_map(|element| element["key"].as_str()).collect();
    assert_eq!(keys, ["actpremium", "oraclesalescloud"]);
}

#[tokio::test]
async fn hubs_are_made_read_and_deleted() {
    let platform = Platform::start().await;
    let hub = json!({
        "name": "My <b>Hub</b>", "key": "MyHub-1", "description": "mine", "videoLink": "https://films.example.com/1",
        "active": true, "unknown": 1,
    });
    let made = platform.post("/hubs", &hub).await.ok();
    assert!(made["id"].as_i64().is_some_and(|id| id > 100_000), "{made}");
    let expected = json!({
        "id": made["id"], "name": "My Hub", "key": "MyHub-1", "description": "mine",
        "videoLink": "https://films.example.com/1", "active": true,
    });
    assert_eq!(made, expected);
    assert_eq!(platform.get("/hubs/myhub-1").await.ok(), expected);
    assert_eq!(platform.get("/hubs/MyHub-1/elements").await.ok(), json!([]));
    assert!(platform.get("/hubs/keys").await.ok().as_array().expect("a list").contains(&json!("MyHub-1")));
    assert!(platform.post("/hubs", &hub).await.error(409).contains("MyHub-1"));
    platform.post("/hubs", &json!({ "name": "x", "key": "CRM" })).await.error(409);
    let hidden = json!({ "name": "Hidden", "key": "hidden", "active": false });
    platform.post("/hubs", &hidden).await.ok();
    assert!(!platform.get("/hubs/keys").await.ok().as_array().expect("a list").contains(&json!("hidden")));
    assert_eq!(platform.get("/hubs/hidden").await.ok()["active"], false);
    for (body, named) in [
        (json!({}), "name is required"),
        (json!({ "name": "x" }), "key is required"),
        (json!({ "name": 1, "key": "a" }), "name must be a text"),
        (json!({ "name": "x", "key": "a/b" }), "key must"),
        (json!({ "name": "x", "key": "Keys" }), "key must"),
        (json!({ "name": "x", "key": "k".repeat(65) }), "key must"),
        (json!({ "name": "x", "key": "k", "active": "yes" }), "active"),
        (json!({ "name": "x", "key": "k", "videoLink": {} }), "videoLink"),
    ] {
        assert!(platform.post("/hubs", &body).await.error(400).contains(named), "{body}");
    }
    platform.anonymous("POST", "/hubs", Some(&hub)).await.error(401);
    platform.anonymous("DELETE", "/hubs/MyHub-1", None).await.error(401);
    let (foreign, _) = platform.person(false).await;
    platform.send_as(&foreign, "GET", "/hubs/MyHub-1", None).await.error(404);
    platform.send_as(&foreign, "DELETE", "/hubs/MyHub-1", None).await.error(404);
    platform.anonymous("GET", "/hubs/MyHub-1", None).await.error(404);
    assert_eq!(platform.send_as(&foreign, "POST", "/hubs", Some(&hub)).await.ok()["key"], "MyHub-1", "each its own");
    platform.send("DELETE", "/hubs/crm", None).await.error(403);
    platform.send("DELETE", "/hubs/nope", None).await.error(404);
    assert_eq!(platform.send("DELETE", "/hubs/myhub-1", None).await.ok(), Value::Null);
    platform.get("/hubs/MyHub-1").await.error(404);
    platform.send("DELETE", "/hubs/MyHub-1", None).await.error(404);
}

#[tokio::test]
async fn hubs_page_and_say_what_they_offer() {
    let platform = Platform::start().await;
    let all = platform.get("/hubs?hydrate=true").await.ok();
    let all = all.as_array().expect("a list");
    assert!(all.iter().all(|hub| hub["resources"].as_array().is_some_and(|names| !names.is_empty())), "{all:?}");
    let crm = all.iter().find(|hub| hub["key"] == "crm").expect("crm");
    assert!(crm["resources"].as_array().expect("names").contains(&json!("opportunities")), "{crm}");
    let (mut path, mut keys) = ("/hubs/keys?pageSize=7".to_owned(), Vec::new());
    loop {
        let answer = platform.get(&path).await;
        assert_eq!(answer.header("elements-total-count"), all.len().to_string());
        let token = answer.header("elements-next-page-token").to_owned();
        keys.extend(answer.ok().as_array().expect("a list").clone());
        if token.is_empty() {
            break;
        }
        path = format!("/hubs/keys?nextPage={token}");
    }
    assert_eq!(keys, all.iter().map(|hub| hub["key"].clone()).collect::<Vec<_>>());
    for key in ["messaging", "helpdesk", "crm", "screening", "rewards"] {
        assert!(keys.contains(&json!(key)), "{key}");
    }
    platform.get("/hubs?pageSize=0").await.error(400);
    platform.get("/hubs?nextPage=x").await.error(400);
}
