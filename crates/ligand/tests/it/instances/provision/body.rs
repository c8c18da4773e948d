//! What the members of a provisioning request mean.

use serde_json::{Value, json};

use crate::{
    harness::Platform,
    instances::{names, pages},
};

#[tokio::test]
async fn tags_default_to_the_name() {
    let platform = Platform::start().await;
    let tagged = async |tags: Option<Value>| -> Value {
        let mut request = platform.request("infobip", "My <b>name</b>");
        match tags {
            Some(tags) => request["tags"] = tags,
            None => drop(request.as_object_mut().expect("an object").remove("tags")),
        }
        platform.post("/instances", &request).await.ok()["tags"].clone()
    };
    assert_eq!(tagged(None).await, json!(["My name"]));
    assert_eq!(tagged(Some(Value::Null)).await, json!(["My name"]));
    assert_eq!(tagged(Some(json!([]))).await, json!([]));
    assert_eq!(tagged(Some(json!(["b", "a"]))).await, json!(["b", "a"]));
    assert_eq!(tagged(Some(json!(["<i>x</i>", "a@b.c"]))).await, json!(["x", "a@b.c"]));
    for item in platform.get("/instances?tags[]=My%20name").await.ok().as_array().expect("a list") {
        assert_eq!(item["tags"][0], "My name");
    }
}

#[tokio::test]
async fn html_is_stripped_from_names_and_tags_and_the_text_kept() {
    let platform = Platform::start().await;
    for (given, kept) in [
        (r##"<a href="#" onClick="window.location='http://x'">abc</a>"##, "abc"),
        ("someone@example.com", "someone@example.com"),
        ("<img src=x onerror=alert(1)>picture", "picture"),
        ("a <b>bold</b> name", "a bold name"),
        ("Grüße 日本 🎉", "Grüße 日本 🎉"),
        ("R&D \"quoted\" 'x'", "R&D \"quoted\" 'x'"),
    ] {
        let mut request = platform.request("infobip", given);
        request["tags"] = json!([given]);
        let instance = platform.post("/instances", &request).await.ok();
        assert_eq!((&instance["name"], &instance["tags"]), (&json!(kept), &json!([kept])), "{given}");
    }
    for script in ["<script>alert(1)</script>abc", "<SCRIPT src='x'></SCRIPT >abc", "<script\n>x</script\n>abc"] {
        let name = platform.provision("infobip", script).await["name"].clone();
        let name = name.as_str().expect("a name");
        assert!(name.ends_with("abc") && !name.contains(['<', '>']), "{name}");
    }
    let nested = platform.provision("infobip", "<<b>script>alert(1)<</b>/script>").await;
    let name = nested["name"].as_str().expect("a name");
    assert!(!name.contains("<script") && !name.contains("</script"), "{name}");
}

#[tokio::test]
async fn values_that_are_not_texts_become_texts() {
    let platform = Platform::start().await;
    let mut request = platform.request("oraclesalescloud", "texts");
    for (key, value) in [
        ("x.true", json!(true)),
        ("x.false", json!(false)),
        ("x.whole", json!(15)),
        ("x.negative", json!(-7)),
        ("x.fraction", json!(1.5)),
        ("x.big", json!(12_345_678_901_234_567_890_u64)),
        ("x.object", json!({ "b": [1, null, "c"], "a": {} })),
        ("x.list", json!([1, "b", true])),
        ("x.null", Value::Null),
        ("x.empty", json!("")),
        ("pagination.max", json!(50)),
        ("event.poller.configuration", json!({ "contacts": { "url": "/hubs/crm/contacts" } })),
        ("event.notification.enabled", json!(true)),
        ("event.notification.callback.url", Value::Null),
    ] {
        request["configuration"][key] = value;
    }
    let instance = platform.post("/instances", &request).await.ok();
    let shown = &instance["configuration"];
    for (key, text) in [
        ("x.true", "true"),
        ("x.false", "false"),
        ("x.whole", "15"),
        ("x.negative", "-7"),
        ("x.fraction", "1.5"),
        ("x.big", "12345678901234567890"),
        ("x.object", r#"{"b":[1,null,"c"],"a":{}}"#),
        ("x.list", r#"[1,"b",true]"#),
        ("x.empty", ""),
        ("pagination.max", "50"),
        ("event.poller.configuration", r#"{"contacts":{"url":"/hubs/crm/contacts"}}"#),
        ("event.notification.enabled", "true"),
    ] {
        assert_eq!(shown[key], text, "{key}");
    }
    assert!(shown["x.null"].is_null() && shown["event.notification.callback.url"].is_null());
    assert_eq!(instance["eventsEnabled"], true);
}

#[tokio::test]
async fn numbers_are_written_as_short_as_they_can_be() {
    let platform = Platform::start().await;
    let request = platform.request("infobip", "numbers").to_string();
    let given = r#""configuration":{"x.a":15.0,"x.b":1e3,"x.c":1.50,"x.d":0.1,"x.e":1E-2,"#;
    let text = request.replace(r#""configuration":{"#, given);
    let headers = [("authorization", &*platform.authorization())];
    let path = format!("{}/instances", crate::harness::API);
    let shown = platform.raw("POST", &path, &headers, text).await.ok()["configuration"].clone();
    for (key, text) in [("x.a", "15"), ("x.b", "1000"), ("x.c", "1.5"), ("x.d", "0.1"), ("x.e", "0.01")] {
        assert_eq!(shown[key], text, "{key}");
    }
}

#[tokio::test]
async fn unknown_entries_are_kept_and_secret_ones_masked() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let mut request = platform.request(page.key, "unknown");
        for (key, value) in [
            ("my.own.key", "my own value"),
            ("name", "not the name"),
            ("oauth.api.key", "planted-1"),
            ("oauth.api.secret", "planted-2"),
            ("some.password", "planted-3"),
            ("client.secret", "planted-4"),
            ("oauth.user.token.secret", "planted-5"),
            ("event.notification.basic.password", "planted-6"),
            ("short.secret", "x"),
        ] {
            request["configuration"][key] = json!(value);
        }
        request["configuration"]["null.secret"] = Value::Null;
        let answer = platform.post("/instances", &request).await;
        assert!(!answer.text.contains("planted"), "{}", answer.text);
        let instance = answer.ok();
        let shown = &instance["configuration"];
        assert_eq!((&shown["my.own.key"], &shown["name"]), (&json!("my own value"), &json!("not the name")));
        for masked in [
            page.password,
            "oauth.api.key",
            "oauth.api.secret",
            "some.password",
            "client.secret",
            "oauth.user.token.secret",
            "event.notification.basic.password",
            "short.secret",
        ] {
            assert_eq!(shown[masked], "********", "{masked}");
        }
        assert!(shown["null.secret"].is_null());
        for key in page.required.iter().filter(|key| **key != page.password) {
            assert_eq!(shown[*key], request["configuration"][*key], "{key} is not secret");
        }
        for path in [
            format!("/instances/{}", instance["id"]),
            format!("/instances/{}/configuration", instance["id"]),
            "/instances".to_owned(),
        ] {
            let text = platform.get(&path).await.text;
            assert!(!text.contains("planted") && text.contains("********"), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn yes_and_no_entries_are_checked() {
    let platform = Platform::start().await;
    for (given, stored) in [
        (json!("yes"), "true"),
        (json!("YES"), "true"),
        (json!("True"), "true"),
        (json!(true), "true"),
        (json!("no"), "false"),
        (json!("No"), "false"),
        (json!("FALSE"), "false"),
        (json!(false), "false"),
    ] {
        let mut request = platform.request("servicecloud", "flag");
        request["configuration"]["event.notification.enabled"] = given.clone();
        let instance = platform.post("/instances", &request).await.ok();
        assert_eq!(instance["configuration"]["event.notification.enabled"], stored, "{given}");
        assert_eq!(instance["eventsEnabled"], json!(stored == "true"), "{given}");
    }
    let before = platform.instance_count().await;
    for given in [json!("maybe"), json!("1"), json!(1), json!({}), json!("truee"), json!("yes\u{0}")] {
        let mut request = platform.request("servicecloud", "flag");
        request["configuration"]["event.notification.enabled"] = given.clone();
        let message = platform.post("/instances", &request).await.error(400);
        assert!(message.contains("event.notification.enabled"), "{given}: {message}");
    }
    assert_eq!(platform.instance_count().await, before);
}

#[tokio::test]
async fn texts_have_the_length_their_type_allows() {
    let platform = Platform::start().await;
    for (element, key, most) in [
        ("servicecloud", "helpdesk.servicecloud.username", 128),
        ("oraclesalescloud", "username", 128),
        ("oraclesalescloud", "site.url", 1000),
        ("infobip", "messaging.sms.infobip.sender", 128),
        ("infobip", "messaging.sms.infobip.callback.url", 1000),
        ("actpremium", "database", 128),
    ] {
        let mut request = platform.request(element, "long");
        request["configuration"][key] = json!("x".repeat(most + 1));
        let message = platform.post("/instances", &request).await.error(400);
        assert!(names(&message, key), "{message}");
    }
    let mut request = platform.request("infobip", "characters, not bytes");
    request["configuration"]["messaging.sms.infobip.sender"] = json!("ü".repeat(128));
    platform.post("/instances", &request).await.ok();
    let mut request = platform.request("infobip", "a password of any length");
    request["configuration"]["messaging.sms.infobip.password"] = json!("x".repeat(2000));
    platform.post("/instances", &request).await.error(401);
    request = platform.request("infobip", "unknown keys of any length");
    request["configuration"]["my.own"] = json!("x".repeat(20_000));
    platform.post("/instances", &request).await.ok();
}

#[tokio::test]
async fn provider_data_is_ignored_where_there_is_no_oauth() {
    let platform = Platform::start().await;
    for data in [
        json!({ "code": "planted-code" }),
        json!({ "code": { "a": ["planted-code"] } }),
        json!({ "code": null, "realmId": 5, "secret": "planted-code" }),
        json!("planted-code"),
        json!(["planted-code"]),
        json!(5),
        json!(false),
        Value::Null,
    ] {
        let mut request = platform.request("oraclesalescloud", "data");
        request["providerData"] = data.clone();
        let answer = platform.post("/instances", &request).await;
        assert!(!answer.text.contains("planted-code"), "{}", answer.text);
        assert!(answer.ok().get("providerData").is_none(), "{data}");
    }
}

#[tokio::test]
async fn external_authentication_has_three_values() {
    let platform = Platform::start().await;
    for value in ["none", "initial", "full"] {
        let mut request = platform.request("infobip", "external");
        request["externalAuthentication"] = json!(value);
        assert_eq!(platform.post("/instances", &request).await.ok()["externalAuthentication"], value);
    }
    for value in [json!("sometimes"), json!(""), json!("NONE "), json!(1), json!({}), json!(true)] {
        let mut request = platform.request("infobip", "external");
        request["externalAuthentication"] = value.clone();
        let message = platform.post("/instances", &request).await.error(400);
        assert!(message.contains("externalAuthentication"), "{value}: {message}");
    }
    assert_eq!(platform.instance_count().await, 3);
}

#[tokio::test]
async fn caching_and_tracing_are_taken_from_the_request() {
    let platform = Platform::start().await;
    let mut request = platform.request("infobip", "caching");
    for (member, value) in [
        ("cachingEnabled", json!(true)),
        ("maxCacheSize", json!(10)),
        ("cacheTimeToLive", json!(3600)),
        ("traceLoggingEnabled", json!(true)),
    ] {
        request[member] = value;
    }
    let instance = platform.post("/instances", &request).await.ok();
    for member in ["cachingEnabled", "maxCacheSize", "cacheTimeToLive", "traceLoggingEnabled"] {
        assert_eq!(instance[member], request[member], "{member}");
    }
    assert_eq!(platform.get(&format!("/instances/{}", instance["id"])).await.ok(), instance);
}

#[tokio::test]
async fn read_only_and_unknown_members_are_ignored() {
    let platform = Platform::start().await;
    let first = platform.provision("infobip", "first").await;
    let mut request = platform.request("infobip", "echo");
    for (member, value) in [
        ("id", json!(first["id"])),
        ("token", json!(first["token"])),
        ("user", json!({ "id": 1, "emailAddress": "x@y" })),
        ("createdDate", json!("1999-01-01T00:00:00Z")),
        ("valid", json!(false)),
        ("disabled", json!(true)),
        ("provisionInteractions", json!([1])),
        ("eventsEnabled", json!(true)),
        ("elementId", json!(58)),
        ("anything", json!({ "else": [] })),
    ] {
        request[member] = value;
    }
    let instance = platform.post("/instances", &request).await.ok();
    assert_eq!(instance["id"], json!(first["id"].as_i64().expect("an id") + 1));
    assert_ne!(instance["token"], first["token"]);
    assert_eq!(instance["user"], first["user"]);
    assert_ne!(instance["createdDate"], "1999-01-01T00:00:00Z");
    assert_eq!((&instance["valid"], &instance["disabled"]), (&json!(true), &json!(false)));
    assert_eq!((&instance["provisionInteractions"], &instance["eventsEnabled"]), (&json!([]), &json!(false)));
    assert_eq!(instance["elementId"], 37);
    assert!(instance.get("anything").is_none());
}

#[tokio::test]
async fn members_of_a_wrong_type_are_refused_by_name() {
    let platform = Platform::start().await;
    for (member, wrong) in [
        ("name", json!(["x"])),
        ("name", json!({ "a": 1 })),
        ("tags", json!("x")),
        ("tags", json!({ "a": "b" })),
        ("tags", json!(5)),
        ("configuration", json!("x")),
        ("configuration", json!([])),
        ("configuration", json!(5)),
        ("cachingEnabled", json!({})),
        ("maxCacheSize", json!("many")),
        ("maxCacheSize", json!({})),
        ("cacheTimeToLive", json!([])),
        ("traceLoggingEnabled", json!([])),
    ] {
        let mut request = platform.request("infobip", "wrong");
        request[member] = wrong.clone();
        let message = platform.post("/instances", &request).await.error(400);
        assert!(names(&message, member), "{member} {wrong}: {message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn large_configurations_are_refused_by_name() {
    let platform = Platform::start().await;
    let mut request = platform.request("infobip", "large");
    request["configuration"]["my.large"] = json!("x".repeat(65_537));
    assert!(platform.post("/instances", &request).await.error(400).contains("my.large"));
    request["configuration"]["my.large"] = json!("x".repeat(60_000));
    let made = platform.post("/instances", &request).await.ok();
    for more in ["a", "b", "c"] {
        let grown = json!({ "configuration": { more: "x".repeat(60_000) } });
        platform.send("PATCH", &format!("/instances/{}", made["id"]), Some(&grown)).await.ok();
    }
    let grown = json!({ "configuration": { "d": "x".repeat(60_000) } });
    let refused = platform.send("PATCH", &format!("/instances/{}", made["id"]), Some(&grown)).await.error(400);
    assert!(refused.contains("configuration"), "{refused}");
}
