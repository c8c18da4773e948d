//! OAuth proxies: one callback for many applications.

use serde_json::json;

use super::{click, configuration, parameter, platform};

#[tokio::test]
async fn proxies_and_their_addresses() {
    let platform = platform(&[]).await;
    let made = platform.post("/elements/oauthProxies", &json!({ "name": "mine" })).await.ok();
    let id = made["id"].as_i64().expect("an id");
    platform.post("/elements/oauthProxies", &json!({ "name": "mine" })).await.error(409);
    for bad in [json!({}), json!({ "name": "" }), json!({ "name": 5 }), json!({ "name": "x", "apiKey": 5 })] {
        platform.post("/elements/oauthProxies", &bad).await.error(400);
    }
    let url = |text: &str| format!("/elements/oauthProxies/{id}/applicationUrl?applicationUrl={text}");
    platform.send("POST", &url("test**.com"), Some(&json!({}))).await.ok();
    let shown = platform.send("POST", &url("https%3A%2F%2Fapp.example%2F*"), Some(&json!({}))).await.ok();
    assert_eq!(shown["applicationUrls"], json!(["test**.com", "https://app.example/*"]));
    for bad in ["", "*", "javascript:alert(1)", "ftp://x", "https%3A%2F%2F*%2F"] {
        platform.send("POST", &url(bad), Some(&json!({}))).await.error(400);
    }
    let listed = platform.get("/elements/oauthProxies").await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    platform.send("DELETE", &url("test**.com"), None).await.ok();
    platform.send("DELETE", &url("test**.com"), None).await.error(404);

    for (method, path) in [
        ("GET", "/elements/oauthProxies".to_owned()),
        ("POST", "/elements/oauthProxies".to_owned()),
        ("POST", url("a.example")),
        ("DELETE", url("a.example")),
        ("DELETE", format!("/elements/oauthProxies/{id}")),
    ] {
        platform.anonymous(method, &path, Some(&json!({ "name": "x" }))).await.error(401);
    }
    let (stranger, _) = platform.person(false).await;
    platform.send_as(&stranger, "DELETE", &format!("/elements/oauthProxies/{id}"), None).await.error(404);
    platform.send_as(&stranger, "POST", &url("a.example"), Some(&json!({}))).await.error(404);
    assert_eq!(platform.send_as(&stranger, "GET", "/elements/oauthProxies", None).await.ok(), json!([]));
    platform.send("DELETE", &format!("/elements/oauthProxies/{id}"), None).await.ok();
    platform.send("DELETE", &format!("/elements/oauthProxies/{id}"), None).await.error(404);
}

#[tokio::test]
async fn a_grant_through_a_proxy() {
    let platform = platform(&[("server__public_url", "http://localhost:9")]).await;
    let known = configuration(&platform.sandbox, "fernhill");
    let body = json!({
        "name": "mine",
        "apiKey": known["oauth.api.key"],
        "apiSecret": known["oauth.api.secret"],
        "configuration": { "site.url": known["site.url"] },
    });
    let proxy = platform.post("/elements/oauthProxies", &body).await.ok();
    assert!(!proxy.to_string().contains("fake-"), "{proxy}");
    let id = &proxy["id"];
    let allow = format!("/elements/oauthProxies/{id}/applicationUrl?applicationUrl=https%3A%2F%2F*.app.example%2Fcb");
    platform.send("POST", &allow, Some(&json!({}))).await.ok();

    let asked = json!({
        "isOAuthProxy": true, "oauthProxyName": "mine", "state": "https://one.app.example/cb?x=1",
    });
    platform.anonymous("POST", "/elements/fernhill/oauth/url", Some(&asked)).await.error(401);
    let made = platform.post("/elements/fernhill/oauth/url", &asked).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    assert!(back.as_str().starts_with(proxy["url"].as_str().expect("an address")), "{back}");
    let visit = async |query: &str| platform.raw("GET", &format!("{}?{query}", back.path()), &[], "").await;
    let passed = visit(back.query().expect("a query")).await;
    assert_eq!(passed.status, 302);
    let target = url::Url::parse(passed.header("location")).expect("an address");
    assert_eq!((target.host_str(), parameter(&target, "x").as_str()), (Some("one.app.example"), "1"));
    let body = json!({
        "name": "P", "configuration": {}, "oauthProxy": { "isOAuthProxy": true, "oauthProxyName": "mine" },
        "providerData": { "code": parameter(&target, "code") },
    });
    let instance = platform.post("/elements/fernhill/instances", &body).await.ok();
    platform.contacts(&instance).await.ok();

    for state in [
        "https://evil.example/cb",
        "https://evil.example/one.app.example/cb",
        "https://one.app.example@evil.example/cb",
        "https://one.app.example/cb%23x",
        "https://one.app.example/other",
        "http://one.app.example/cb",
        "javascript:alert(1)",
        "",
    ] {
        let refused = visit(&format!("code=c&state={state}")).await;
        assert_eq!((refused.status.as_u16(), refused.header("location")), (400, ""), "{state}");
    }
    let mut unknown = asked.clone();
    unknown["oauthProxyName"] = json!("other");
    platform.post("/elements/fernhill/oauth/url", &unknown).await.error(404);
}
