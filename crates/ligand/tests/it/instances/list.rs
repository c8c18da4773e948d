//! Lists and counts of instances.

use serde_json::{Value, json};

use super::{id, token};
use crate::harness::{API, EMAIL, PASSWORD, Platform};

/// Whether clients take a message for an empty list: `^No (.*) found$`.
fn says_empty(message: &str) -> bool {
    message.starts_with("No ") && message.ends_with(" found") && !message.contains('\n')
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().expect("a list").iter().map(id).collect()
}

#[tokio::test]
async fn an_empty_list_is_404_in_words_clients_know() {
    let platform = Platform::start().await;
    for path in [
        "/instances",
        "/instances?hydrate=false",
        "/instances?tags[]=x&searchText=y",
        "/elements/infobip/instances",
        "/elements/88/instances",
        "/accounts/instances",
    ] {
        let message = platform.get(path).await.error(404);
        assert!(says_empty(&message), "{path}: {message}");
    }
    platform.provision("infobip", "one").await;
    for path in ["/instances?tags[]=x", "/instances?searchText=nothing", "/elements/servicecloud/instances"] {
        assert!(says_empty(&platform.get(path).await.error(404)), "{path}");
    }
    platform.get("/elements/nope/instances").await.error(404);
}

#[tokio::test]
async fn filters_combine() {
    let platform = Platform::start().await;
    let mut made = Vec::new();
    for (element, name, tags) in [
        ("servicecloud", "Alpha desk", json!(["red", "all"])),
        ("oraclesalescloud", "beta", json!(["green", "all"])),
        ("infobip", "gamma ALPHA", json!(["blue", "re"])),
        ("actpremium", "delta", json!([])),
        ("infobip", "a b&c=d@e", json!(["a b&c", "komma,ta"])),
    ] {
        let mut request = platform.request(element, name);
        request["tags"] = tags;
        made.push(id(&platform.post("/instances", &request).await.ok()));
    }
    for (query, expected) in [
        ("", &[0, 1, 2, 3, 4][..]),
        ("?", &[0, 1, 2, 3, 4]),
        ("?tags[]=red", &[0]),
        ("?tags%5B%5D=red", &[0]),
        ("?tags[]=re", &[2]),
        ("?tags[]=all", &[0, 1]),
        ("?tags[]=red&tags[]=blue", &[0, 2]),
        ("?tags%5B%5D=red&tags[]=green", &[0, 1]),
        ("?tags[]=a%20b%26c", &[4]),
        ("?tags[]=a+b%26c", &[4]),
        ("?searchText=alpha", &[0, 2]),
        ("?searchText=ALPHA", &[0, 2]),
        ("?searchText=infobip", &[2, 4]),
        ("?searchText=SALES", &[1]),
        ("?searchText=%26c%3Dd%40", &[4]),
        ("?searchText=alpha&tags[]=blue", &[2]),
        ("?hydrate=false&searchText=alpha&tags[]=all", &[0]),
    ] {
        let answer = platform.get(&format!("/instances{query}")).await;
        assert_eq!(answer.header("elements-returned-count"), expected.len().to_string(), "{query}");
        assert_eq!(answer.header("elements-total-count"), expected.len().to_string(), "{query}");
        let expected: Vec<i64> = expected.iter().map(|place| made[*place]).collect();
        assert_eq!(ids(&answer.ok()), expected, "{query}");
    }
    for (path, expected) in [
        ("/elements/infobip/instances", &[2, 4][..]),
        ("/elements/37/instances?searchText=gamma", &[2]),
        ("/elements/816/instances", &[3]),
        ("/elements/actpremiumcrm/instances?hydrate=false", &[3]),
    ] {
        let expected: Vec<i64> = expected.iter().map(|place| made[*place]).collect();
        assert_eq!(ids(&platform.get(path).await.ok()), expected, "{path}");
    }
    for query in [
        "?searchText=%25",
        "?searchText=_",
        "?searchText='",
        "?tags[]=%25",
        "?tags[]=RED",
        "?searchText=red",
        "?searchText=%5C",
    ] {
        platform.get(&format!("/instances{query}")).await.error(404);
    }
}

#[tokio::test]
async fn items_are_whole_or_light() {
    let platform = Platform::start().await;
    let mut made = Vec::new();
    for element in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        made.push(platform.provision(element, element).await);
    }
    assert_eq!(platform.get("/instances").await.ok(), json!(made));
    assert_eq!(platform.get("/instances?hydrate=true").await.ok(), json!(made));
    for path in ["/instances?hydrate=false", "/accounts/instances"] {
        let light = platform.get(path).await.ok();
        for (light, whole) in light.as_array().expect("a list").iter().zip(&made) {
            for kept in ["id", "name", "token", "tags", "valid", "disabled", "createdDate"] {
                assert_eq!(light[kept], whole[kept], "{kept}");
            }
            for kept in ["id", "name", "key", "image", "active", "deleted", "typeOauth", "trialAccount"] {
                assert_eq!(light["element"][kept], whole["element"][kept], "element.{kept}");
            }
            assert!(light.get("configuration").is_none(), "{light}");
            assert!(light["element"].get("description").is_none(), "{light}");
            assert!(light["element"].get("configDescription").is_none(), "{light}");
        }
        assert_eq!(light.as_array().map(Vec::len), Some(4), "{path}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_by_token() {
    let platform = Platform::start().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(id(&platform.provision("infobip", &format!("page {number}")).await));
    }
    for size in [1, 2, 3, 5] {
        let (mut path, mut seen) = (format!("/instances?pageSize={size}"), Vec::new());
        loop {
            let answer = platform.get(&path).await;
            assert_eq!(answer.header("elements-total-count"), "5");
            let next = answer.header("elements-next-page-token").to_owned();
            let page = ids(&answer.ok());
            assert!(page.len() <= size && !page.is_empty());
            seen.extend(page);
            if next.is_empty() {
                break;
            }
            assert!(seen.len() < 5, "a token after the last page");
            path = format!("/instances?nextPage={next}");
        }
        assert_eq!(seen, made, "{size} at a time");
    }
    let whole = platform.get("/instances").await;
    assert_eq!(whole.header("elements-next-page-token"), "");
    for first in ["nextPage=", "nextPage=null", "pageSize=2000", "pageSize=5&page=1"] {
        assert_eq!(ids(&platform.get(&format!("/instances?{first}")).await.ok()), made, "{first}");
    }
    for wrong in
        ["pageSize=0", "pageSize=-1", "pageSize=x", "pageSize=1.5", "nextPage=x", "nextPage=%00", "nextPage=eyJ"]
    {
        platform.get(&format!("/instances?{wrong}")).await.error(400);
    }
    // A page token goes on after what is deleted meanwhile, and keeps the filter it is sent with.
    let next = platform.get("/instances?pageSize=2").await.header("elements-next-page-token").to_owned();
    platform.send("DELETE", &format!("/instances/{}", made[1]), None).await.ok();
    platform.send("DELETE", &format!("/instances/{}", made[2]), None).await.ok();
    assert_eq!(ids(&platform.get(&format!("/instances?nextPage={next}")).await.ok()), made[3..]);
}

#[tokio::test]
async fn counts_are_by_element() {
    let platform = Platform::start().await;
    assert_eq!(platform.get("/instances/count").await.ok()["totalInstances"], 0);
    for element in ["infobip", "infobip", "servicecloud"] {
        platform.provision(element, "counted").await;
    }
    let counts = platform.get("/instances/count").await.ok();
    assert_eq!(counts, json!({ "totalInstances": 3, "elementInstances": { "infobip": 2, "servicecloud": 1 } }));
    let list = platform.get("/instances").await.ok();
    platform.send("DELETE", &format!("/instances/{}", id(&list[0])), None).await.ok();
    let counts = platform.get("/instances/count").await.ok();
    assert_eq!(counts, json!({ "totalInstances": 2, "elementInstances": { "infobip": 1, "servicecloud": 1 } }));
}

#[tokio::test]
async fn an_account_lists_its_own() {
    let platform = Platform::start().await;
    let login = json!({ "username": EMAIL, "password": PASSWORD }).to_string();
    let account = platform.raw("POST", &format!("{API}/authentication"), &[], login).await.ok()["accountId"].clone();
    let own = format!("/accounts/{account}/instances");
    assert!(says_empty(&platform.get(&own).await.error(404)));
    let made = platform.provision("infobip", "own").await;
    let list = platform.get(&own).await.ok();
    assert_eq!(ids(&list), [id(&made)]);
    assert_eq!(token(&list[0]), token(&made));
    assert!(list[0].get("configuration").is_none());
    assert_eq!(platform.get("/accounts/instances").await.ok(), list);
    platform.get("/accounts/1/instances").await.error(403);
    for unknown in ["424242", "-1", "0", "999999999999", "99999999999999999999999", "undefined", "%00"] {
        let message = platform.get(&format!("/accounts/{unknown}/instances")).await.error(404);
        assert!(!message.is_empty());
    }
    let message = platform.get("/accounts/123456/instances").await.error(404);
    assert_eq!(message, "No account found with ID 123456");
}
