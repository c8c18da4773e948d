//! JSON objects with hostile members: on creation and on change, whatever is accepted reads back as it was answered.

use serde_json::{Value, json};

use super::{ROUTES, Victim, documented, reads_body};
use crate::instances::pages;

/// Values of every type, in hostile forms.
fn values() -> Vec<Value> {
    let mut values = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(-0.0),
        json!([]),
        json!([[], {}, null, 1, true]),
        json!(["a", 1, null]),
        json!({}),
        json!({ "key": {}, "id": [] }),
        json!({ "key": "infobip\u{0}" }),
        json!({ "id": 1.5 }),
        json!({ "id": "1e3" }),
        json!({ "id": u64::MAX }),
        json!({ "a": { "b": { "c": [] } } }),
        json!({ "": "" }),
        json!({ "\u{0}": "\u{0}" }),
        json!({ "a": "\u{0}" }),
        json!({ "a\u{0}b": "x" }),
        json!(["\u{0}"]),
        json!({ "x".repeat(100_000): "y" }),
    ];
    let texts = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\u{feff}",
        "\u{202e}abc",
        "\u{ffff}",
        "\u{10ffff}",
        "a\r\nb",
        "\u{1b}[31m",
        "../../etc/passwd",
        "..\\..",
        "%00",
        "%2e%2e%2f",
        "' OR 1=1 --",
        "\"; DROP TABLE instances; --",
        "$1",
        "${configuration.password}",
        "{base.url}",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "<<script>script>",
        "<a href='",
        "<!--",
        "&lt;b&gt;",
        "undefined",
        "NaN",
        "********",
        "true",
        "1e400",
        "-0",
        "99999999999999999999999999",
    ];
    values.extend(texts.iter().map(|text| json!(text)));
    values.push(json!("<".repeat(100_000)));
    values.push(json!("<a".repeat(50_000)));
    values.push(json!("é".repeat(100_000)));
    values.push(json!("x".repeat(100_000)));
    values
}

const MEMBERS: [&str; 14] = [
    "element",
    "name",
    "tags",
    "configuration",
    "providerData",
    "externalAuthentication",
    "cachingEnabled",
    "maxCacheSize",
    "cacheTimeToLive",
    "traceLoggingEnabled",
    "retrieveObjectsAfterInstantiation",
    "id",
    "token",
    "user",
];

/// What an accepted request answered must be what is read, and a whole answer.
async fn assert_reads_back(victim: &Victim, answer: crate::harness::Answer, what: &str) {
    documented(&answer, what);
    if answer.status == 200 {
        let mut answered = answer.ok();
        answered.as_object_mut().expect("an object").remove("objects");
        let read = victim.platform.get(&format!("/instances/{}", answered["id"])).await.ok();
        assert_eq!(read, answered, "{}", what.chars().take(200).collect::<String>());
    }
}

#[tokio::test]
async fn any_value_of_any_member_on_creation() {
    let victim = Victim::start().await;
    for member in MEMBERS {
        for value in values() {
            let mut request = victim.platform.request("infobip", "hostile");
            request[member] = value;
            let what = format!("{member}: {}", request[member]);
            let answer = victim.send("POST", "/instances", request.to_string()).await;
            assert_reads_back(&victim, answer, &what).await;
        }
    }
    let list = victim.platform.get("/instances?pageSize=2000").await;
    documented(&list, "the list");
    list.ok();
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_value_of_any_member_on_change() {
    let victim = Victim::start().await;
    for member in MEMBERS {
        for value in values() {
            let body = json!({ member: value }).to_string();
            for (method, route) in [("PATCH", "/instances/{id}"), ("PUT", "/instances")] {
                let answer = victim.send(method, route, body.clone()).await;
                assert_reads_back(&victim, answer, &body).await;
            }
        }
    }
    let restored = victim.send("PUT", "/instances/{id}", victim.instance.to_string()).await.ok();
    assert_eq!(restored["token"], victim.instance["token"]);
}

#[tokio::test]
async fn any_value_of_any_entry() {
    let victim = Victim::start().await;
    for page in pages::ALL {
        let mut keys: Vec<&str> = page.required.to_vec();
        keys.extend(["event.notification.enabled", "event.notification.callback.url", "base.url", "x.y", "debug"]);
        for key in keys {
            for value in values() {
                let vendor = ["endpointurl", "site.url", "base.url", "act"].iter().any(|end| key.ends_with(end));
                let mut request = victim.platform.request(page.key, "hostile");
                request["configuration"][key] = value;
                let what = format!("{} {key}: {}", page.key, request["configuration"][key]);
                let answer = victim.send("POST", "/instances", request.to_string()).await;
                // A host that does not exist is the vendor's fault, not a mistake of the request.
                if vendor && answer.status == 502 {
                    answer.error(502);
                } else {
                    assert_reads_back(&victim, answer, &what).await;
                }
            }
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_value_of_an_entry_alone() {
    let victim = Victim::start().await;
    for value in values() {
        for body in
            [json!({ "propertyValue": value }), json!({ "id": value, "key": value, "propertyValue": "+17777777777" })]
        {
            for (method, route) in ROUTES.into_iter().filter(|(_, route)| route.ends_with("{entry}")) {
                documented(&victim.send(method, route, body.to_string()).await, &body.to_string());
            }
        }
    }
    victim
        .send("PATCH", "/instances/configuration/{entry}", json!({ "propertyValue": "+17777777777" }).to_string())
        .await
        .ok();
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_value_of_a_login() {
    let victim = Victim::start().await;
    for value in values() {
        for body in [json!({ "username": value, "password": "x" }), json!({ "username": 5, "password": value })] {
            let answer = victim.platform.raw("POST", "/elements/api-v2/authentication", &[], body.to_string()).await;
            documented(&answer, &body.to_string());
            assert!([400, 401, 429].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.text);
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn numbers_beyond_all_bounds() {
    let victim = Victim::start().await;
    let request = victim.platform.request("infobip", "numbers").to_string();
    for number in [
        "1e400",
        "-1e400",
        "-0",
        "-0.0",
        "1e-400",
        "123456789012345678901234567890",
        "9223372036854775808",
        "1.7976931348623157e309",
        "0.1e1",
    ] {
        for (from, to) in [
            (r#""configuration":{"#, format!(r#""configuration":{{"x.number":{number},"#)),
            (r#""element":{"key":"infobip"}"#, format!(r#""element":{{"id":{number}}}"#)),
            (r#""name":"numbers""#, format!(r#""name":"numbers","maxCacheSize":{number},"cacheTimeToLive":{number}"#)),
            (r#""name":"numbers""#, format!(r#""name":{number}"#)),
            (r#""name":"numbers""#, format!(r#""name":"numbers","id":{number}"#)),
        ] {
            let body = request.replace(from, &to);
            assert_ne!(body, request);
            let answer = victim.send("POST", "/instances", body).await;
            assert_reads_back(&victim, answer, &to).await;
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn a_great_many_tags_and_entries() {
    let victim = Victim::start().await;
    let mut request = victim.platform.request("infobip", "many");
    request["tags"] = (0..10_000).map(|number| Value::from(format!("tag {number}"))).collect();
    let answer = victim.send("POST", "/instances", request.to_string()).await;
    assert_reads_back(&victim, answer, "10,000 tags").await;
    request["tags"] = vec![json!("same"); 10_000].into();
    let answer = victim.send("POST", "/instances", request.to_string()).await;
    assert_reads_back(&victim, answer, "one tag 10,000 times").await;
    request["tags"] = json!([]);
    for number in 0..100_000 {
        request["configuration"][format!("my.key.{number}")] = json!("x");
    }
    let answer = victim.send("POST", "/instances", request.to_string()).await;
    assert_reads_back(&victim, answer, "100,000 entries").await;
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn all_members_hostile_on_every_route() {
    let victim = Victim::start().await;
    for (method, route) in ROUTES.into_iter().filter(|(method, route)| reads_body(method, route)) {
        for value in values() {
            let members = MEMBERS.iter().chain(&["propertyValue", "username", "password"]);
            let body: serde_json::Map<String, Value> =
                members.map(|name| ((*name).to_owned(), value.clone())).collect();
            let body = Value::from(body).to_string();
            documented(&victim.send(method, route, body.clone()).await, &format!("{method} {route} {body}"));
        }
    }
}
