//! The callback of the server itself: an instance is made when the browser comes back.

use serde_json::{Value, json};
use url::Url;

use super::{click, configuration, platform};
use crate::harness::{Answer, Platform};

async fn served() -> Platform {
    // The address is what browsers see; nothing connects to it in here.
    platform(&[("server__public_url", "http://localhost:9/")]).await
}

fn waiting(platform: &Platform, element: &str) -> Value {
    let mut configuration = configuration(&platform.sandbox, element);
    configuration.as_object_mut().expect("an object").remove("oauth.callback.url");
    json!({ "instance": { "name": "Waits", "tags": ["web"], "configuration": configuration } })
}

/// The browser follows the vendor's redirect to this server.
async fn follow(platform: &Platform, back: &Url) -> Answer {
    assert!(back.as_str().starts_with("http://localhost:9/elements/api-v2/oauth/callback?"), "{back}");
    platform.raw("GET", &format!("{}?{}", back.path(), back.query().unwrap_or_default()), &[], "").await
}

#[tokio::test]
async fn the_instance_is_made_when_the_browser_comes_back() {
    let platform = served().await;
    for element in ["fernhill", "fernhill1"] {
        let path = format!("/elements/{element}/oauth/url");
        let made = platform.post(&path, &waiting(&platform, element)).await.ok();
        let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
        let page = follow(&platform, &back).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.text.contains("Waits is connected to Fernhill CRM"), "{}", page.text);
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        let found = platform.get("/instances?tags[]=web").await.ok();
        let instance = found.as_array().and_then(|found| found.last()).expect("an instance").clone();
        assert_eq!(instance["element"]["key"], element);
        platform.contacts(&instance).await.ok();
        let again = follow(&platform, &back).await;
        assert_eq!(again.status, 400);
        assert!(again.text.contains("used already"), "{}", again.text);
    }
    assert_eq!(platform.instance_count().await, 2);
}

#[tokio::test]
async fn who_may_have_an_instance_wait_and_with_what() {
    let platform = served().await;
    let body = waiting(&platform, "fernhill");
    platform.anonymous("POST", "/elements/fernhill/oauth/url", Some(&body)).await.error(401);
    let mut nameless = body.clone();
    nameless["instance"].as_object_mut().expect("an object").remove("name");
    assert!(platform.post("/elements/fernhill/oauth/url", &nameless).await.error(400).contains("name"));
    platform.post("/elements/fernhill/oauth/url", &json!({ "instance": "x" })).await.error(400);
    let mut body = body;
    body["site.url"] = json!("http://v.example");
    body["apiKey"] = json!("a");
    for configuration in [json!("text"), json!(["x"]), json!(5)] {
        body["instance"]["configuration"] = configuration;
        let message = platform.post("/elements/fernhill/oauth/url", &body).await.error(400);
        assert!(message.contains("configuration must be an object"), "{message}");
    }
    let without = super::platform(&[]).await;
    let message = without.post("/elements/fernhill/oauth/url", &waiting(&without, "fernhill")).await.error(400);
    assert!(message.contains("server.public_url"), "{message}");
}

#[tokio::test]
async fn a_browser_that_leaves_does_not_take_the_instance_along() {
    let platform = served().await;
    let made = platform.post("/elements/fernhill/oauth/url", &waiting(&platform, "fernhill")).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    platform.fault("fernhill", &json!({ "fault": "slow", "delayMillis": 400, "times": 1 })).await;
    let visit = follow(&platform, &back);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(100), visit).await.is_err(), "the vendor is slow");
    while platform.instance_count().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let found = platform.get("/instances?tags[]=web").await.ok();
    platform.contacts(&found[0]).await.ok();
}

#[tokio::test]
async fn browsers_that_bring_nothing_good() {
    let platform = served().await;
    let made = platform.post("/elements/fernhill/oauth/url", &waiting(&platform, "fernhill")).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "deny").await;
    let page = follow(&platform, &back).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("The user said no."), "{}", page.text);

    let visit =
        async |query: &str| platform.raw("GET", &format!("/elements/api-v2/oauth/callback?{query}"), &[], "").await;
    assert_eq!(visit("").await.status, 400);
    assert_eq!(visit("code=x&state=lgw.0123").await.status, 400);
    let shown = visit("code=%3Cscript%3Ealert(1)%3C/script%3E&state=fernhill").await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains("<script>") && shown.text.contains("&lt;script&gt;"), "{}", shown.text);
    let shown = visit("error=access_denied&error_description=%3Cb%3Ex").await;
    assert!(shown.status == 400 && shown.text.contains("&lt;b&gt;x"), "{}", shown.text);

    let made = platform.post("/elements/fernhill/oauth/url", &waiting(&platform, "fernhill")).await.ok();
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    platform.pass(std::time::Duration::from_secs(1801));
    assert!(follow(&platform, &back).await.text.contains("too old"));
    assert_eq!(platform.instance_count().await, 0);
}
