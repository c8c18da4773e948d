//! OAuth 1.0a from the request token to signed calls.

use serde_json::{Value, json};

use super::{ask, click, configuration, count, parameter, platform, vendor};
use crate::harness::Platform;

/// An approved request token: what the browser brings back, and the secret.
async fn approved(platform: &Platform) -> Value {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            ask(&platform.sandbox, "fernhill1")
                .as_object()
                .expect("an object")
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())),
        )
        .finish();
    let token = platform.anonymous("GET", &format!("/elements/fernhill1/oauth/token?{query}"), None).await.ok();
    let asked =
        format!("/elements/fernhill1/oauth/url?{query}&requestToken={}", token["token"].as_str().expect("a token"));
    let made = platform.anonymous("GET", &asked, None).await.ok();
    assert_eq!(made["element"], "fernhill1");
    let back = click(made["oauthUrl"].as_str().expect("an address"), "approve").await;
    assert_eq!(parameter(&back, "state"), "fernhill1", "the callback carries the state");
    assert_eq!(parameter(&back, "oauth_token"), token["token"]);
    json!({
        "oauth_token": token["token"],
        "oauth_verifier": parameter(&back, "oauth_verifier"),
        "secret": token["secret"],
    })
}

fn creation(platform: &Platform, data: &Value) -> Value {
    let configuration = configuration(&platform.sandbox, "fernhill1");
    json!({ "element": { "key": "fernhill1" }, "name": "One", "configuration": configuration, "providerData": data })
}

#[tokio::test]
async fn signed_calls_in_every_way() {
    let platform = platform(&[]).await;
    for (method, placement) in
        [("HMAC-SHA1", "header"), ("HMAC-SHA1", "query"), ("HMAC-SHA256", "header"), ("PLAINTEXT", "header")]
    {
        let mut body = creation(&platform, &approved(&platform).await);
        body["configuration"]["oauth.signature.method"] = json!(method);
        body["configuration"]["oauth.request.authorization.type"] = json!(placement);
        let instance = platform.post("/instances", &body).await.ok();
        assert_eq!(instance["configuration"]["oauth.user.token.secret"], "********");
        assert_eq!(instance["configuration"]["fernhill.account"], "acct_4711");
        let header = platform.with_token(instance["token"].as_str().expect("a token"));
        let path = "/hubs/crm/contacts?where=last_name%3D'Keller'&pageSize=2";
        let found = platform.send_as(&header, "GET", path, None).await.ok();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{method} {placement}: {found}");
        let made = json!({ "last_name": "Ü & co", "email": "a+b@c.example" });
        platform.send_as(&header, "POST", "/hubs/crm/contacts", Some(&made)).await.ok();
    }
}

#[tokio::test]
async fn what_a_grant_lacks() {
    let platform = platform(&[]).await;
    let data = approved(&platform).await;
    for (member, text) in [("oauth_verifier", "OAuth code"), ("oauth_token", "oauth_token"), ("secret", "secret")] {
        let mut data = data.clone();
        data[member] = Value::Null;
        let message = platform.post("/instances", &creation(&platform, &data)).await.error(400);
        assert!(message.contains(text), "{message}");
    }
    let mut wrong = data.clone();
    wrong["oauth_verifier"] = json!("planted-guess");
    let refused = platform.post("/instances", &creation(&platform, &wrong)).await;
    assert!(refused.json()["providerMessage"].to_string().contains("verifier_invalid"), "{}", refused.text);
    refused.error(401);
    platform.post("/instances", &creation(&platform, &data)).await.ok();
    platform.post("/instances", &creation(&platform, &data)).await.error(401);
    let missing = "/elements/fernhill1/oauth/url?apiKey=a&callbackUrl=http://l/&site.url=http://v.example";
    assert!(platform.anonymous("GET", missing, None).await.error(400).contains("requestToken"));
    assert_eq!(platform.instance_count().await, 1);
}

#[tokio::test]
async fn request_tokens_that_the_vendor_refuses() {
    let platform = platform(&[]).await;
    let site = configuration(&platform.sandbox, "fernhill1")["site.url"].as_str().expect("a site").to_owned();
    let path = format!(
        "/elements/fernhill1/oauth/token?apiKey=nobody&apiSecret=planted&callbackUrl=http://localhost/&site.url={site}"
    );
    let refused = platform.anonymous("GET", &path, None).await;
    assert!(refused.json()["providerMessage"].to_string().contains("consumer_key_unknown"), "{}", refused.text);
    assert!(!refused.text.contains("planted"));
    refused.error(401);
    for site in ["http://10.0.0.1", "http://[::1]:1"] {
        let path =
            format!("/elements/fernhill1/oauth/token?apiKey=a&apiSecret=b&callbackUrl=http://l/&site.url={site}");
        assert!(platform.anonymous("GET", &path, None).await.error(400).contains("private or loopback"));
    }
}

#[tokio::test]
async fn the_user_ends_the_access() {
    let platform = platform(&[]).await;
    let instance = platform.post("/instances", &creation(&platform, &approved(&platform).await)).await.ok();
    vendor(&platform.sandbox, "DELETE", "/_sandbox/fernhill/grants", None).await;
    platform.contacts(&instance).await.error(401);
    assert_eq!(count(&platform.sandbox, "unauthorized").await, 1, "nothing is tried again");
}
