//! Instances of elements whose users grant access.

use serde_json::{Value, json};
use url::Url;

use super::{CALLBACK, click, configuration, count, creation, expire, granted, parameter, platform, vendor};

const CODE_MISSING: &str = "You must provide an OAuth code in order to create an instance of this element";

#[tokio::test]
async fn a_code_becomes_an_instance_that_works() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    assert_eq!((&instance["valid"], &instance["externalAuthentication"]), (&json!(true), &json!("none")));
    assert!(instance.get("providerData").is_none());
    let configuration = &instance["configuration"];
    assert_eq!(configuration["oauth.api.secret"], "********");
    assert_eq!(configuration["oauth.api.key"], "********");
    assert_eq!(configuration["oauth.user.refresh_interval"], "3600");
    assert_eq!(configuration["expires_in"], "3600");
    assert_eq!(configuration["fernhill.account"], "acct_4711", "what onProvision found");
    let made: i64 =
        configuration["oauth.user.refresh_time"].as_str().and_then(|text| text.parse().ok()).expect("a time");
    assert!((platform.now().as_millis() - made).abs() < 60_000);
    let contacts = platform.contacts(&instance).await.ok();
    assert_eq!(contacts.as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn without_a_code_there_is_no_instance() {
    let platform = platform(&[]).await;
    let mut body = creation(&platform.sandbox, "x");
    for data in
        [Value::Null, json!({}), json!({ "code": "" }), json!({ "code": {} }), json!({ "state": "x" }), json!("x")]
    {
        body["providerData"] = data.clone();
        assert_eq!(platform.post("/instances", &body).await.error(400), CODE_MISSING, "{data}");
    }
    body["configuration"] = json!({});
    let message = platform.post("/instances", &body).await.error(400);
    for key in ["site.url", "oauth.api.key", "oauth.api.secret", "oauth.callback.url"] {
        assert!(message.contains(key), "{message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn codes_that_the_vendor_does_not_take() {
    let platform = platform(&[]).await;
    let answer = platform.post("/instances", &creation(&platform.sandbox, "planted-wrong-code")).await;
    let told = answer.json()["providerMessage"].to_string();
    assert_eq!(answer.error(400), "Fernhill CRM gave no OAuth token");
    assert!(told.contains("code is not valid") && !told.contains("planted"), "{told}");

    let code = parameter(&granted(&platform.client(), &platform.sandbox, json!({})).await, "code");
    let mut body = creation(&platform.sandbox, &code);
    body["configuration"]["oauth.api.secret"] = json!("planted-wrong-secret");
    let answer = platform.post("/instances", &body).await;
    assert!(!answer.text.contains("planted"));
    answer.error(401);
    body["configuration"] = configuration(&platform.sandbox, "fernhill");
    body["configuration"]["oauth.callback.url"] = json!("http://localhost:9/other");
    platform.post("/instances", &body).await.error(400);
    body["configuration"]["oauth.callback.url"] = json!(CALLBACK);
    platform.post("/instances", &body).await.ok();
    let again = platform.post("/instances", &body).await;
    assert!(again.json()["providerMessage"].to_string().contains("used before"), "{}", again.text);
    again.error(400);
    assert_eq!(platform.instance_count().await, 1);
}

#[tokio::test]
async fn vendors_that_answer_something_else() {
    let platform = platform(&[]).await;
    for (fault, status) in [
        ("page", 502),
        ("http500", 502),
        ("http503", 502),
        ("malformed", 502),
        ("empty", 502),
        ("disconnect", 502),
        ("redirect", 502),
        ("huge", 502),
        ("forbidden", 401),
    ] {
        platform.fault("fernhill", &json!({ "fault": fault, "times": 1 })).await;
        let answer = platform.post("/instances", &creation(&platform.sandbox, "planted-code")).await;
        assert_eq!(answer.status, status, "{fault}: {}", answer.text);
        assert!(!answer.text.contains("planted") && answer.text.contains("Fernhill"), "{fault}: {}", answer.text);
    }
    platform.fault("fernhill", &json!({ "fault": "slow", "delayMillis": 60000, "times": 1 })).await;
    platform.post("/instances", &creation(&platform.sandbox, "c")).await.error(502);
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_token_endpoint_in_a_private_network_is_not_asked() {
    let platform = platform(&[]).await;
    let mut body = creation(&platform.sandbox, "c");
    for site in ["http://10.0.0.1", "http://169.254.169.254", "http://localhost:1"] {
        body["configuration"]["site.url"] = json!(site);
        let message = platform.post("/instances", &body).await.error(400);
        assert!(message.contains("private or loopback"), "{message}");
    }
}

#[tokio::test]
async fn the_ways_in_which_clients_prove_themselves() {
    let platform = platform(&[]).await;
    vendor(&platform.sandbox, "PUT", "/_sandbox/fernhill/settings", Some(json!({ "requireBasic": true }))).await;
    let code = parameter(&granted(&platform.client(), &platform.sandbox, json!({})).await, "code");
    let mut body = creation(&platform.sandbox, &code);
    platform.post("/instances", &body).await.error(401);
    body["configuration"]["oauth.basic.header"] = json!(true);
    body["configuration"]["oauth.token.parameters"] = json!("audience=x&grant_type=password");
    platform.post("/instances", &body).await.ok();
    vendor(&platform.sandbox, "PUT", "/_sandbox/fernhill/settings", Some(json!({ "formAnswers": true }))).await;
    body["providerData"]["code"] =
        json!(parameter(&granted(&platform.client(), &platform.sandbox, json!({})).await, "code"));
    let instance = platform.post("/instances", &body).await.ok();
    platform.contacts(&instance).await.ok();
}

#[tokio::test]
async fn proof_keys_and_states() {
    let platform = platform(&[]).await;
    vendor(&platform.sandbox, "PUT", "/_sandbox/fernhill/settings", Some(json!({ "requirePkce": true }))).await;
    let mut members = super::ask(&platform.sandbox, "fernhill");
    members["oauth.pkce"] = json!("S256");
    let made = platform.post("/elements/fernhill/oauth/url", &members).await.ok();
    assert!(!made.to_string().contains("code_challenge"), "proof keys are the element's to ask for: {made}");

    let mut own = platform.get("/elements/fernhill").await.ok();
    for entry in own["configuration"].as_array_mut().expect("entries") {
        if entry["key"] == "oauth.pkce" {
            entry["defaultValue"] = json!("S256");
        }
    }
    own["key"] = json!("withpkce");
    own.as_object_mut().expect("an object").remove("id");
    platform.post("/elements", &own).await.ok();
    let address = async |more: Value| {
        let mut members = super::ask(&platform.sandbox, "fernhill");
        members.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let made = platform.post("/elements/withpkce/oauth/url", &members).await.ok();
        made["oauthUrl"].as_str().expect("an address").to_owned()
    };
    let asked = Url::parse(&address(json!({})).await).expect("an address");
    assert_eq!(parameter(&asked, "code_challenge_method"), "S256");
    let back = click(asked.as_str(), "approve").await;
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    assert_ne!(state, "withpkce", "each grant has a state of its own");
    let mut body = creation(&platform.sandbox, &code);
    body["element"]["key"] = json!("withpkce");
    assert!(platform.post("/instances", &body).await.error(400).contains("providerData.state"));
    let (told, seal) = state.rsplit_once('.').expect("a seal");
    let forged = [
        format!("{told}.{}", "0".repeat(seal.len())),
        format!("{told}0.{seal}"),
        "lgs.".to_owned(),
        "lgs.x.y".to_owned(),
    ];
    for forged in forged {
        body["providerData"]["state"] = json!(forged);
        assert!(
            platform.post("/instances", &body).await.error(400).contains("none that this server has made"),
            "{forged}"
        );
    }
    assert_eq!(count(&platform.sandbox, "refusals").await, 0, "the vendor was not even asked");
    let foreign = parameter(&Url::parse(&address(json!({})).await).expect("an address"), "state");
    body["providerData"]["state"] = json!(foreign);
    platform.post("/instances", &body).await.error(400);
    body["providerData"]["state"] = json!(state);
    platform.post("/instances", &body).await.ok();
    assert!(platform.post("/instances", &body).await.json()["providerMessage"].is_string(), "state and code work once");

    // A caller may have a state of its own, and a state of ours grows old.
    let back = click(&address(json!({ "state": "mine" })).await, "approve").await;
    body["providerData"] = json!({ "code": parameter(&back, "code"), "state": "mine" });
    platform.post("/instances", &body).await.ok();
    let back = click(&address(json!({})).await, "approve").await;
    platform.pass(std::time::Duration::from_secs(1801));
    body["providerData"] = json!({ "code": parameter(&back, "code"), "state": parameter(&back, "state") });
    assert!(platform.post("/instances", &body).await.error(400).contains("too old"));
}

#[tokio::test]
async fn tokens_from_elsewhere() {
    let platform = platform(&[]).await;
    let given = platform.crm().await["configuration"].clone();
    let mut body = creation(&platform.sandbox, "");
    body.as_object_mut().expect("an object").remove("providerData");
    body["externalAuthentication"] = json!("initial");
    assert!(platform.post("/instances", &body).await.error(400).contains("oauth.user.refresh_token"));
    body["configuration"]["oauth.user.refresh_token"] = given["oauth.user.refresh_token"].clone();
    let instance = platform.post("/instances", &body).await.ok();
    assert_eq!(instance["externalAuthentication"], "initial");
    assert_eq!(count(&platform.sandbox, "refreshes").await, 1, "the first access token");
    platform.contacts(&instance).await.ok();
    platform.pass(std::time::Duration::from_secs(3601));
    expire(&platform.sandbox).await;
    platform.contacts(&instance).await.ok();
    assert_eq!(count(&platform.sandbox, "refreshes").await, 2);

    // Who does everything is left alone.
    let header = platform.with_token(instance["token"].as_str().expect("a token"));
    let held = platform.send_as(&header, "GET", "/instances/configuration", None).await.ok();
    let value = |key: &str| {
        let entries = held.as_array().expect("entries");
        entries.iter().find(|entry| entry["key"] == key).expect("an entry")["propertyValue"].clone()
    };
    body["externalAuthentication"] = json!("full");
    body["configuration"]["oauth.user.token"] = value("oauth.user.token");
    body["configuration"]["oauth.user.refresh_token"] = value("oauth.user.refresh_token");
    let instance = platform.post("/instances", &body).await.ok();
    platform.contacts(&instance).await.ok();
    platform.pass(std::time::Duration::from_secs(7200));
    expire(&platform.sandbox).await;
    platform.contacts(&instance).await.error(401);
    assert_eq!(count(&platform.sandbox, "refreshes").await, 2);
    let id = instance["id"].to_string();
    platform.send("DELETE", &format!("/instances/{id}"), None).await.ok();
    assert_eq!(count(&platform.sandbox, "revocations").await, 0, "its tokens are not ours to give back");
}

#[tokio::test]
async fn a_second_grant_takes_the_place_of_the_first() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    vendor(&platform.sandbox, "DELETE", "/_sandbox/fernhill/grants", None).await;
    let path = format!("/instances/{}", instance["id"]);
    let refused = platform.send("PATCH", &path, Some(&json!({ "providerData": { "code": "wrong" } }))).await;
    refused.error(400);
    let code = parameter(&granted(&platform.client(), &platform.sandbox, json!({})).await, "code");
    let body = json!({ "name": "Again", "providerData": { "code": code } });
    let changed = platform.send("PATCH", &path, Some(&body)).await.ok();
    assert_eq!(
        (&changed["id"], &changed["token"], &changed["name"]),
        (&instance["id"], &instance["token"], &json!("Again"))
    );
    assert!(changed.get("providerData").is_none());
    platform.contacts(&changed).await.ok();
    assert_eq!(count(&platform.sandbox, "codeReuses").await, 0);
}

#[tokio::test]
async fn tokens_are_given_back_with_the_instance() {
    let platform = platform(&[]).await;
    let instance = platform.crm().await;
    platform.send("DELETE", &format!("/instances/{}", instance["id"]), None).await.ok();
    assert_eq!(count(&platform.sandbox, "revocations").await, 1);
    let instance = platform.crm().await;
    platform.fault("fernhill", &json!({ "fault": "http500", "times": 1 })).await;
    platform.send("DELETE", &format!("/instances/{}", instance["id"]), None).await.ok();
    assert_eq!(platform.instance_count().await, 0, "a vendor that fails keeps no instance");
}

#[tokio::test]
async fn the_recorded_conversation_shows_no_secret() {
    let platform = platform(&[]).await;
    let code = parameter(&granted(&platform.client(), &platform.sandbox, json!({})).await, "code");
    let mut body = creation(&platform.sandbox, &code);
    body["providerData"]["debug"] = json!(true);
    let answer = platform.post("/instances", &body).await;
    let trace = answer.header("elements-trace-id").to_owned();
    let instance = answer.ok();
    let told = platform.get(&format!("/elements/fernhill/trace/{trace}")).await.ok();
    assert!(told["POST:/fernhill/oauth/token"]["request"].is_object(), "{told}");
    let text = told.to_string();
    for key in ["oauth.user.token", "oauth.user.refresh_token"] {
        assert!(!text.contains(instance["configuration"][key].as_str().expect("a token")), "{key}");
    }
    assert!(!text.contains(&code));
}
