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
