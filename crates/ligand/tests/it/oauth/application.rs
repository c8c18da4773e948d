//! Applications that are not the caller's: their secrets go nowhere but where the element or the proxy says.

use serde_json::{Value, json};

use super::{CALLBACK, click, configuration, count, parameter, platform};
use crate::harness::Platform;

const EVIL: &str = "http://evil.example/token";

/// A copy of an element of the sandbox with an application of its own: its key.
async fn with_application(platform: &Platform, element: &str) -> String {
    let known = configuration(&platform.sandbox, element);
    let mut own = platform.get(&format!("/elements/{element}")).await.ok();
    for entry in own["configuration"].as_array_mut().expect("entries") {
        let key = entry["key"].as_str().expect("a key").to_owned();
        if matches!(key.as_str(), "oauth.api.key" | "oauth.api.secret" | "site.url") {
            entry["defaultValue"] = known[key].clone();
        }
    }
    let key = format!("{element}own");
    own["key"] = json!(key);
    own.as_object_mut().expect("an object").remove("id");
    platform.post("/elements", &own).await.ok();
    key
}

async fn demand_refused(platform: &Platform, method: &str, path: &str, body: &Value, key: &str) {
    let message = platform.send(method, path, Some(body)).await.error(400);
    assert!(message.starts_with(&format!("{key} cannot be set")), "{key}: {message}");
}

#[tokio::test]
async fn the_secret_of_the_element_goes_where_the_element_says() {
    let platform = platform(&[("server__public_url", "http://localhost:9")]).await;
    let key = with_application(&platform, "fernhill").await;
    let body = |name: &str, value: &str| {
        json!({
            "element": { "key": key }, "name": "N", "providerData": { "code": "c" },
            "configuration": { "oauth.callback.url": CALLBACK, name: value },
        })
    };
    let evil = [
        ("oauth.token.url", EVIL),
        ("oauth.token.refresh_url", EVIL),
        ("oauth.token.revoke_url", EVIL),
        ("oauth.authorization.url", "http://evil.example/{oauth.api.secret}"),
        ("oauth.token.parameters", "x={oauth.api.secret}"),
        ("oauth.signature.method", "PLAINTEXT"),
        ("base.url", EVIL),
        ("site.url", "http://evil.example"),
    ];
    for (name, value) in evil {
        demand_refused(&platform, "POST", "/instances", &body(name, value), name).await;
        let asked = json!({ "instance": body(name, value) });
        demand_refused(&platform, "POST", &format!("/elements/{key}/oauth/url"), &asked, name).await;
    }
    assert_eq!(platform.instance_count().await, 0);

    let asked = json!({ "callbackUrl": CALLBACK });
    let made = platform.post(&format!("/elements/{key}/oauth/url"), &asked).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    let mut body = body("oauth.scope", "contacts.read offline");
    body["providerData"]["code"] = json!(parameter(&back, "code"));
    let instance = platform.post("/instances", &body).await.ok();
    platform.contacts(&instance).await.ok();
    let path = format!("/instances/{}", instance["id"]);
    for (name, value) in evil {
        for mut configuration in [json!({}), json!({ "oauth.api.secret": "********" })] {
            configuration[name] = json!(value);
            demand_refused(&platform, "PATCH", &path, &json!({ "configuration": configuration }), name).await;
        }
    }
    let same = json!({ "configuration": { "oauth.token.url": instance["configuration"]["oauth.token.url"] } });
    platform.send("PATCH", &path, Some(&same)).await.ok();
    platform.send("PUT", &path, Some(&instance)).await.ok();
    platform.contacts(&instance).await.ok();
}

#[tokio::test]
async fn another_client_does_not_get_the_element_s_secret() {
    let platform = platform(&[]).await;
    let key = with_application(&platform, "fernhill1").await;
    let token = format!("/elements/{key}/oauth/token?callbackUrl=http%3A%2F%2Flocalhost%3A9%2Fcb");
    platform.get(&token).await.ok();
    platform.get(&format!("{token}&apiKey=other")).await.error(401);
    let body = json!({
        "element": { "key": key }, "name": "N",
        "configuration": { "oauth.api.key": "other", "oauth.callback.url": CALLBACK },
        "providerData": { "oauth_token": "t", "oauth_verifier": "v", "secret": "s" },
    });
    assert!(platform.post("/instances", &body).await.error(400).contains("oauth.api.secret"));
}

#[tokio::test]
async fn the_secret_of_a_proxy_goes_where_the_proxy_says() {
    let platform = platform(&[("server__public_url", "http://localhost:9")]).await;
    let known = configuration(&platform.sandbox, "fernhill");
    let proxy = json!({
        "name": "mine", "apiKey": known["oauth.api.key"], "apiSecret": known["oauth.api.secret"],
        "configuration": { "site.url": known["site.url"] },
    });
    platform.post("/elements/oauthProxies", &proxy).await.ok();
    let named = json!({ "isOAuthProxy": true, "oauthProxyName": "mine" });
    let mut body = json!({
        "name": "P", "configuration": { "oauth.token.url": EVIL }, "oauthProxy": named,
        "providerData": { "code": "c" },
    });
    let path = "/elements/fernhill/instances";
    demand_refused(&platform, "POST", path, &body, "oauth.token.url").await;
    body["configuration"]["oauth.api.secret"] = json!("mine");
    demand_refused(&platform, "POST", path, &body, "oauth.token.url").await;

    let made = platform.post("/elements/fernhill/oauth/url", &named).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    body["configuration"] = json!({});
    body["providerData"]["code"] = json!(parameter(&back, "code"));
    let instance = platform.post(path, &body).await.ok();
    let path = format!("/instances/{}", instance["id"]);
    for (name, value) in [("oauth.token.url", EVIL), ("site.url", "http://evil.example")] {
        let change = json!({ "configuration": { name: value } });
        demand_refused(&platform, "PATCH", &path, &change, name).await;
    }
    platform.contacts(&instance).await.ok();
    assert_eq!(count(&platform.sandbox, "refusals").await, 0);
}
