//! The addresses where users grant access.

use serde_json::{Value, json};
use url::Url;

use super::{CALLBACK, ask, parameter, platform};

#[tokio::test]
async fn the_address_by_key_and_id_by_query_and_body_without_credentials() {
    let platform = platform(&[]).await;
    let element = platform.get("/elements/fernhill").await.ok();
    let id = element["id"].as_i64().expect("an id").to_string();
    let query =
        "apiKey=my%20app&apiSecret=whatever&callbackUrl=http%3A%2F%2Flocalhost%3A9%2Fcb&site.url=http://v.example";
    let by_key = platform.anonymous("GET", &format!("/elements/fernhill/oauth/url?{query}"), None).await.ok();
    assert_eq!(by_key["element"], "fernhill");
    let address = by_key["oauthUrl"].as_str().expect("an address").to_owned();
    assert_eq!(
        address,
        "http://v.example/fernhill/oauth/authorize?response_type=code&client_id=my+app\
         &redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fcb&state=fernhill&scope=contacts.read+contacts.write+offline"
    );
    let by_id = platform.anonymous("GET", &format!("/elements/{id}/oauth/url?{query}"), None).await.ok();
    assert_eq!(by_id, by_key);
    let body = json!({
        "apiKey": "my app", "apiSecret": "whatever", "callbackUrl": CALLBACK, "site.url": "http://v.example",
    });
    for authorization in [String::new(), platform.authorization()] {
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let headers = if authorization.is_empty() { &headers[1..] } else { &headers[..] };
        let path = format!("/elements/api-v2/elements/{id}/oauth/url");
        assert_eq!(platform.raw("POST", &path, headers, body.to_string()).await.ok(), by_key);
    }
    let more = format!("{query}&state=a%26b&scopes=x%20y");
    let made = platform.anonymous("GET", &format!("/elements/fernhill/oauth/url?{more}"), None).await.ok();
    let address = Url::parse(made["oauthUrl"].as_str().expect("an address")).expect("an address");
    assert_eq!((parameter(&address, "state"), parameter(&address, "scope")), ("a&b".to_owned(), "x y".to_owned()));
}

#[tokio::test]
async fn what_keeps_an_address_from_being_made() {
    let platform = platform(&[]).await;
    let refused = async |path: &str, status: u16| platform.anonymous("GET", path, None).await.error(status);
    assert!(refused("/elements/nothing/oauth/url", 404).await.contains("nothing"));
    assert!(refused("/elements/999999999/oauth/url", 404).await.contains("999999999"));
    assert!(refused("/elements/infobip/oauth/url?apiKey=a&callbackUrl=http://l/", 400).await.contains("OAuth"));
    assert!(refused("/elements/infobip/oauth/token?apiKey=a&callbackUrl=http://l/", 400).await.contains("OAuth"));
    assert!(refused("/elements/fernhill/oauth/token?apiKey=a&site.url=http://v.test", 400).await.contains("1.0a"));
    assert!(refused("/elements/fernhill/oauth/url?apiKey=a&callbackUrl=http://l/", 400).await.contains("site.url"));
    let site = "site.url=http://v.example";
    let path = format!("/elements/fernhill/oauth/url?{site}&callbackUrl=http://l/");
    assert!(refused(&path, 400).await.contains("apiKey"));
    let path = format!("/elements/fernhill/oauth/url?{site}&apiKey=a");
    assert!(refused(&path, 400).await.contains("callbackUrl"));
    for bad in ["http://l/%23x", "/relative", "javascript:alert(1)", "http://l/%0d%0aX", "data:text/html,x"] {
        let path = format!("/elements/fernhill/oauth/url?{site}&apiKey=a&callbackUrl={bad}");
        assert!(refused(&path, 400).await.contains("callbackUrl"), "{bad}");
    }
    let wrong = platform.send_as("User x, Organization y", "GET", "/elements/fernhill/oauth/url", None).await;
    assert_eq!(wrong.status, 401, "credentials that are sent must be right");
    for body in [json!([]), json!("x"), Value::Null] {
        let answer = platform.anonymous("POST", "/elements/fernhill/oauth/url", Some(&body)).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn nobody_but_the_element_says_where_its_endpoints_are() {
    let platform = platform(&[]).await;
    let mut members = ask(&platform.sandbox, "fernhill");
    members["oauth.authorization.url"] = json!("http://evil.example/authorize");
    members["oauth.token.url"] = json!("http://evil.example/token");
    let made = platform.anonymous("POST", "/elements/fernhill/oauth/url", Some(&members)).await.ok();
    assert!(!made.to_string().contains("evil"), "{made}");
}

#[tokio::test]
async fn the_element_s_own_application() {
    let platform = platform(&[]).await;
    let mut own = platform.get("/elements/fernhill").await.ok();
    for entry in own["configuration"].as_array_mut().expect("entries") {
        match entry["key"].as_str() {
            Some("oauth.api.key") => entry["defaultValue"] = json!("own-app"),
            Some("oauth.api.secret") => entry["defaultValue"] = json!("planted-own-secret"),
            Some("site.url") => entry["defaultValue"] = json!("http://v.example"),
            _ => {}
        }
    }
    own["key"] = json!("ownapp");
    own.as_object_mut().expect("an object").remove("id");
    platform.post("/elements", &own).await.ok();
    let query = "apiKey=ignored&callbackUrl=http%3A%2F%2Flocalhost%3A9%2Fcb";
    let made = platform.get(&format!("/elements/ownapp/oauth/url/default?{query}")).await.ok();
    assert!(made["oauthUrl"].as_str().expect("an address").contains("client_id=own-app"), "{made}");
    assert!(made["configuration"]["secret"].is_string(), "{made}");
    assert!(!made.to_string().contains("planted"));
    let hidden = platform.anonymous("GET", &format!("/elements/ownapp/oauth/url/default?{query}"), None).await;
    assert_eq!(hidden.status, 404, "a private element is not everybody's");
}

#[tokio::test]
async fn addresses_under_another_noun() {
    let platform = platform(&[("white_label__noun", "your_mom")]).await;
    let query = "apiKey=a&callbackUrl=http%3A%2F%2Fl%2F&site.url=http%3A%2F%2Fv.example";
    let path = format!("/your_moms/api-v2/your_moms/fernhill/oauth/url?{query}");
    let made = platform.raw("GET", &path, &[], "").await.ok();
    assert_eq!(made["your_mom"], "fernhill");
    assert!(made.get("element").is_none() && made["oauthUrl"].is_string(), "{made}");
}
