//! The same API under another product noun, beside the standard one.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Platform},
    instances::{assert_within, id, names, pages, token},
};

const YOUR_MOMS: &str = "/your_moms/api-v2";

async fn your_mom() -> Platform {
    Platform::with(&[("white_label__noun", "your_mom"), ("white_label__plural", "your_moms")]).await
}

/// A request under the other noun.
async fn send(platform: &Platform, method: &str, path: &str, body: &str) -> Answer {
    let authorization = platform.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    platform.raw(method, &format!("{YOUR_MOMS}{path}"), &headers, body.to_owned()).await
}

/// An error under the other noun: no word of the standard one in it.
#[track_caller]
fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["requestId"], answer.header("your_moms-request-id"), "{body}");
    let message = body["message"].as_str().expect("a message").to_owned();
    assert!(!message.to_lowercase().contains("element"), "{message}");
    message
}

/// The second documentation page: the request in its own words.
fn page_request(platform: &Platform) -> String {
    let request = pages::SERVICECLOUD.request(platform);
    request.replacen("\"element\"", "\"your_mom\"", 1)
}

/// The answer of the page, without `id` and `token`.
fn page_answer(platform: &Platform) -> Value {
    let mut answer = pages::SERVICECLOUD.answer(platform);
    let members = answer.as_object_mut().expect("an object");
    let mut element = members.remove("element").expect("an element");
    let description = element["description"].as_str().expect("a text").replace("Cloud Elements", "Cloud Your_moms");
    element["description"] = json!(description);
    element["image"] = json!("your_moms/provider_servicecloud.png");
    members.insert("your_mom".to_owned(), element);
    answer
}

#[tokio::test]
async fn the_second_documentation_page_holds_literally() {
    let platform = your_mom().await;
    let answer = send(&platform, "POST", "/instances", &page_request(&platform)).await;
    assert!(answer.header("your_moms-request-id").len() == 24);
    assert_eq!(answer.header("elements-request-id"), "");
    let instance = answer.ok();
    assert_within(&page_answer(&platform), &instance);
    assert!(instance.get("element").is_none() && instance.get("elementId").is_none(), "{instance}");
    assert_eq!(instance["your_momId"], 58);
    assert_eq!(instance["tags"], json!(["the tag"]));
    assert_eq!(token(&instance).len(), 44);
}

#[tokio::test]
async fn the_standard_api_stays_beside_it() {
    let platform = your_mom().await;
    for page in pages::ALL {
        let request: Value = serde_json::from_str(&page.request(&platform)).expect("JSON");
        let answer = platform.post("/instances", &request).await;
        assert_eq!(answer.header("elements-request-id").len(), 24);
        assert_eq!(answer.header("your_moms-request-id"), "");
        let instance = answer.ok();
        assert_within(&page.answer(&platform), &instance);
        assert!(instance.get("your_mom").is_none() && !instance.to_string().to_lowercase().contains("your_mom"));
        let under = send(&platform, "GET", &format!("/instances/{}", id(&instance)), "").await.ok();
        assert_eq!((id(&under), token(&under)), (id(&instance), token(&instance)));
        assert_eq!(under["your_mom"]["key"], page.key);
        assert_eq!(under["configuration"], instance["configuration"]);
        assert!(under.get("element").is_none());
    }
    let made = send(&platform, "POST", "/instances", &page_request(&platform)).await.ok();
    let standard = platform.get(&format!("/instances/{}", id(&made))).await.ok();
    assert_within(&pages::SERVICECLOUD.answer(&platform), &standard);
    platform.post("/instances", &json!({ "your_mom": { "key": "infobip" }, "name": "x" })).await.error(400);
}

#[tokio::test]
async fn either_member_names_the_element_and_the_nouns_own_wins() {
    let platform = your_mom().await;
    let standard = platform.request("infobip", "synonym").to_string();
    let made = send(&platform, "POST", "/instances", &standard).await.ok();
    assert_eq!(made["your_mom"]["key"], "infobip");
    let mut both = platform.request("infobip", "both");
    both["your_mom"] = both["element"].clone();
    both["element"] = json!({ "key": "servicecloud" });
    let made = send(&platform, "POST", "/instances", &both.to_string()).await.ok();
    assert_eq!(made["your_mom"]["key"], "infobip");
    let mut turned = serde_json::Map::new();
    for (name, value) in both.as_object().expect("an object").iter().rev() {
        turned.insert(name.clone(), value.clone());
    }
    let made = send(&platform, "POST", "/instances", &Value::from(turned).to_string()).await.ok();
    assert_eq!(made["your_mom"]["key"], "infobip");
}

#[tokio::test]
async fn the_catalog_speaks_the_noun() {
    let platform = your_mom().await;
    let list = platform.raw("GET", &format!("{YOUR_MOMS}/your_moms"), &[], "").await;
    let standard = platform.raw("GET", "/elements/api-v2/elements", &[], "").await;
    assert_eq!(list.header("your_moms-returned-count"), standard.header("elements-returned-count"));
    assert_eq!(list.header("your_moms-total-count"), standard.header("elements-total-count"));
    assert!(!list.headers.keys().any(|name| name.as_str().starts_with("elements-")), "{:?}", list.headers);
    let (list, standard) = (list.ok(), standard.ok());
    assert_eq!(list.as_array().map(Vec::len), standard.as_array().map(Vec::len));
    let keys = send(&platform, "GET", "/your_moms/keys", "").await.ok();
    assert_eq!(keys, platform.get("/elements/keys").await.ok());
    for asked in ["servicecloud", "58", "88"] {
        let shown = send(&platform, "GET", &format!("/your_moms/{asked}"), "").await.ok();
        assert_within(&page_answer(&platform)["your_mom"], &shown);
    }
    send(&platform, "GET", "/your_moms/infobip/configuration", "").await.ok();
    let hubs = send(&platform, "GET", "/hubs/crm/your_moms", "").await.ok();
    assert_eq!(hubs.as_array().map(Vec::len), platform.get("/hubs/crm/elements").await.ok().as_array().map(Vec::len));
    let message = error(&send(&platform, "GET", "/your_moms/nosuchkey", "").await, 404);
    assert!(message.contains("nosuchkey") && message.to_lowercase().contains("your_mom"), "{message}");
}

#[tokio::test]
async fn instances_are_managed_under_the_noun() {
    let platform = your_mom().await;
    let request = json!({ "configuration": platform.configuration("infobip"), "name": "my element" }).to_string();
    let made = send(&platform, "POST", "/your_moms/infobip/instances", &request).await.ok();
    let path = format!("/your_moms/37/instances/{}", id(&made));
    assert_eq!(send(&platform, "GET", &path, "").await.ok(), made);
    assert_eq!(send(&platform, "PUT", &path, &made.to_string()).await.ok(), made);
    let list = send(&platform, "GET", "/your_moms/infobip/instances", "").await;
    assert_eq!(list.header("your_moms-returned-count"), "1");
    assert_eq!(list.ok(), json!([made]));
    let counts = send(&platform, "GET", "/instances/count", "").await.ok();
    assert_eq!(counts, json!({ "totalInstances": 1, "your_momInstances": { "infobip": 1 } }));
    let light = send(&platform, "GET", "/instances?hydrate=false", "").await.ok();
    assert_eq!(light[0]["your_mom"]["key"], "infobip");
    send(&platform, "DELETE", &format!("{path}/enabled"), "").await.ok();
    send(&platform, "DELETE", &path, "").await.ok();
    let message = error(&send(&platform, "GET", &path, "").await, 404);
    assert!(message.contains(&id(&made).to_string()), "{message}");
    let message = error(&send(&platform, "GET", "/instances", "").await, 404);
    assert!(message.starts_with("No ") && message.ends_with(" found"), "{message}");
}

#[tokio::test]
async fn the_token_goes_under_the_nouns_scheme() {
    let platform = your_mom().await;
    let made = platform.provision("infobip", "scheme").await;
    let call = async |base: &str, authorization: &str| {
        let headers = [("authorization", authorization), ("content-type", "application/json")];
        platform.raw("PATCH", &format!("{base}/instances"), &headers, "{}").await
    };
    let (standard, own) =
        (platform.with_token(token(&made)), format!("{}, Your_mom {}", platform.authorization(), token(&made)));
    assert_eq!(id(&call(YOUR_MOMS, &own).await.ok()), id(&made));
    assert_eq!(
        id(&call(YOUR_MOMS, &format!("your_mom {}, User {}", token(&made), platform.user)).await.ok()),
        id(&made)
    );
    assert_eq!(id(&call("/elements/api-v2", &standard).await.ok()), id(&made));
    call("/elements/api-v2", &own).await.error(400);
    let message = error(&call(YOUR_MOMS, &platform.authorization()).await, 400);
    assert!(message.to_lowercase().contains("your_mom token"), "{message}");
    error(&call(YOUR_MOMS, &format!("{}, Your_mom nope", platform.authorization())).await, 401);
    error(&call(YOUR_MOMS, "").await, 401);
    let headers = [("authorization", own.as_str())];
    let hub = platform.raw("GET", &format!("{YOUR_MOMS}/hubs/messaging/messages"), &headers, "").await;
    assert_ne!(hub.status, 401);
    assert_eq!(hub.header("your_moms-your_mom-instance-id"), id(&made).to_string());
}

#[tokio::test]
async fn headers_and_errors_speak_the_noun() {
    let platform = your_mom().await;
    let origin = [("origin", "https://a.example")];
    let answer = platform.raw("GET", &format!("{YOUR_MOMS}/your_moms"), &origin, "").await;
    let exposed = "Your_moms-Returned-Count, Your_moms-Total-Count, Your_moms-Request-Id, Your_moms-Next-Page-Token, \
                   Your_moms-Trace-Id, Your_moms-Error, Content-Disposition";
    assert_eq!(answer.header("access-control-expose-headers"), exposed);
    error(&send(&platform, "GET", "/formulas/nowhere", "").await, 404);
    error(&send(&platform, "DELETE", "/your_moms", "").await, 405);
    let message = error(&send(&platform, "POST", "/instances", "{").await, 400);
    assert!(message.contains("JSON"), "{message}");
    let message = error(&send(&platform, "POST", "/instances", "{}").await, 400);
    assert!(message.to_lowercase().contains("your_mom"), "{message}");
    let message =
        error(&send(&platform, "POST", "/instances", r#"{"your_mom":{"key":"servicecloud"},"name":"x"}"#).await, 400);
    assert!(pages::SERVICECLOUD.required.iter().all(|key| names(&message, key)), "{message}");
    let message =
        error(&send(&platform, "POST", "/instances", r#"{"your_mom":{"key":"unknownone"},"name":"x"}"#).await, 404);
    assert!(message.contains("unknownone"), "{message}");
    let mut wrong = platform.request("infobip", "x");
    wrong["configuration"]["messaging.sms.infobip.password"] = json!("wrong");
    let answer = send(&platform, "POST", "/instances", &wrong.to_string()).await;
    assert!(answer.json().get("providerMessage").is_some());
    error(&answer, 401);
    let mut debug = platform.request("infobip", "x");
    debug["providerData"] = json!({ "debug": true });
    let answer = send(&platform, "POST", "/instances", &debug.to_string()).await;
    let trace = answer.header("your_moms-trace-id").to_owned();
    assert!(!trace.is_empty());
    send(&platform, "GET", &format!("/your_moms/infobip/trace/{trace}"), "").await.ok();
    let next = send(&platform, "GET", "/your_moms?pageSize=1", "").await.header("your_moms-next-page-token").to_owned();
    assert!(!next.is_empty());
}

#[tokio::test]
async fn what_users_and_vendors_wrote_is_left_alone() {
    let platform = your_mom().await;
    let mut request = platform.request("servicecloud", "Elements of my element");
    request["tags"] = json!(["element", "Element", "elements"]);
    for (key, value) in [
        ("element", "element"),
        ("my.elements", "https://api.cloud-elements.com/elements/api-v2"),
        ("your_mom", "your_mom"),
        ("elementId", "elementRequest"),
    ] {
        request["configuration"][key] = json!(value);
    }
    let body = request.to_string();
    let made = send(&platform, "POST", "/instances", &body).await.ok();
    let standard = platform.get(&format!("/instances/{}", id(&made))).await.ok();
    for instance in [&made, &standard] {
        assert_eq!(instance["name"], "Elements of my element");
        assert_eq!(instance["tags"], json!(["element", "Element", "elements"]));
        for key in ["element", "my.elements", "your_mom", "elementId"] {
            assert_eq!(instance["configuration"][key], request["configuration"][key], "{key}");
        }
    }
    let entries = send(&platform, "GET", &format!("/instances/{}/configuration", id(&made)), "").await.ok();
    let entry =
        entries.as_array().expect("a list").iter().find(|entry| entry["key"] == "my.elements").expect("an entry");
    assert_eq!(entry["propertyValue"], "https://api.cloud-elements.com/elements/api-v2");
    let found = send(&platform, "GET", "/instances?tags[]=element&searchText=my%20element", "").await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let keeps = &made["your_mom"];
    assert_eq!((&keeps["name"], &keeps["key"]), (&json!("Oracle ServiceCloud"), &json!("servicecloud")));
    assert_eq!(keeps["signupURL"], "https://go.oracle.com/LP=674");
}

#[tokio::test]
async fn forms_of_a_noun_are_derived() {
    let platform = Platform::with(&[("white_label__noun", "widget")]).await;
    let request = pages::SERVICECLOUD.request(&platform).replacen("\"element\"", "\"widget\"", 1);
    let authorization = platform.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let answer = platform.raw("POST", "/widgets/api-v2/instances", &headers, request).await;
    assert_eq!(answer.header("widgets-request-id").len(), 24);
    let made = answer.ok();
    assert_eq!((&made["widget"]["key"], &made["widgetId"]), (&json!("servicecloud"), &json!(58)));
    assert_eq!(made["widget"]["image"], "widgets/provider_servicecloud.png");
    assert!(made["widget"]["description"].as_str().expect("a text").ends_with("using Cloud Widgets"));
    let own = format!("{authorization}, Widget {}", token(&made));
    let headers = [("authorization", own.as_str())];
    platform.raw("GET", "/widgets/api-v2/instances/configuration", &headers, "").await.ok();
    platform.raw("GET", "/widgets/api-v2/widgets/keys", &[], "").await.ok();
    platform.raw("GET", "/your_moms/api-v2/your_moms", &[], "").await.error(404);
}

#[tokio::test]
async fn display_forms_can_be_set() {
    let settings = [
        ("white_label__noun", "part"),
        ("white_label__plural", "parts"),
        ("white_label__display", "Spare Part"),
        ("white_label__display_plural", "Spare Parts"),
    ];
    let platform = Platform::with(&settings).await;
    let shown = platform.raw("GET", "/parts/api-v2/parts/servicecloud", &[], "").await.ok();
    assert!(shown["description"].as_str().expect("a text").ends_with("using Cloud Spare Parts"), "{shown}");
    assert_eq!(shown["image"], "parts/provider_servicecloud.png");
}

#[tokio::test]
async fn without_the_setting_there_is_no_other_noun() {
    let platform = Platform::start().await;
    platform.raw("GET", &format!("{YOUR_MOMS}/your_moms"), &[], "").await.error(404);
    let headers = [("authorization", &*platform.authorization())];
    platform.raw("POST", &format!("{YOUR_MOMS}/instances"), &headers, page_request(&platform)).await.error(404);
}

#[tokio::test]
async fn hostile_requests_under_the_noun_are_refused_as_usual() {
    let platform = your_mom().await;
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{\"your_mom\":",
        "{\"your_mom\":{\"key\":\"\\ud800\"}}",
        &deep,
        "{\"your_mom\":{},\"your_mom\":{}}",
    ] {
        error(&send(&platform, "POST", "/instances", body).await, 400);
    }
    for path in ["/your_moms/..%2f..", "/your_moms/%00", "/your_moms/%ff", "/instances/-1", "/your_moms//keys"] {
        error(&send(&platform, "GET", path, "").await, 404);
    }
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(8 << 20));
    error(&send(&platform, "POST", "/instances", &huge).await, 413);
    let bytes: &[u8] = b"{\"name\":\"\xff\xfe\"}";
    let headers = [("authorization", &*platform.authorization()), ("content-type", "application/json")];
    error(&platform.raw("POST", &format!("{YOUR_MOMS}/instances"), &headers, bytes.to_vec()).await, 400);
    send(&platform, "POST", "/instances", &page_request(&platform)).await.ok();
}
