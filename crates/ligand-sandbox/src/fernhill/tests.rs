//! A browser, a client and a thief at the authorization servers.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::{CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID};
use crate::harness::{Answer, Harness, START};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const CALLBACK: &str = "http://localhost:9/cb?a=1";

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A part of a page between two texts.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map(|(found, _)| found).expect("a form")
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).expect("an address");
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl Harness {
    async fn page(&self, pairs: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, &format!("/fernhill/oauth/authorize?{}", encoded(pairs)), &[], "").await
    }

    /// Clicks on the page; where the browser goes then.
    async fn click(&self, page: &Answer, decision: &str) -> String {
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let request = between(&page.body, "name=\"request\" value=\"", "\"");
        let action = between(&page.body, "action=\"", "\"");
        let form = encoded(&[("request", request), ("user", "kim"), ("decision", decision)]);
        let answer = self.send(Method::POST, action, &[FORM], form).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
        answer.header("location").to_owned()
    }

    async fn code(&self, more: &[(&str, &str)]) -> String {
        let mut pairs = vec![("response_type", "code"), ("client_id", CLIENT_ID), ("redirect_uri", CALLBACK)];
        pairs.extend(more);
        let page = self.page(&pairs).await;
        parameter(&self.click(&page, "approve").await, "code").expect("a code")
    }

    async fn token(&self, pairs: &[(&str, &str)]) -> Answer {
        let mut all = vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
        all.extend(pairs);
        self.send(Method::POST, "/fernhill/oauth/token", &[FORM], encoded(&all)).await
    }

    async fn traded(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)]).await
    }

    async fn renewed(&self, token: &Value) -> Answer {
        let token = token.as_str().expect("a token");
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn me(&self, token: &Value) -> Answer {
        let header = format!("Bearer {}", token.as_str().expect("a token"));
        self.send(Method::GET, "/fernhill/api/v1/me", &[("authorization", &header)], "").await
    }

    async fn set(&self, settings: &Value) {
        let answer = self.send(Method::PUT, "/_sandbox/fernhill/settings", &[], settings.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }

    async fn counted(&self, what: &str) -> u64 {
        let answer = self.send(Method::GET, "/_sandbox/fernhill", &[], "").await.json();
        answer["counts"][what].as_u64().unwrap_or_default()
    }
}

fn refused(answer: &Answer) -> String {
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["error"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn a_grant_from_the_page_to_the_api() {
    let sandbox = Harness::new();
    let pairs = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", CALLBACK),
        ("state", "<x>&y"),
        ("scope", "contacts.read contacts.write offline"),
    ];
    let page = sandbox.page(&pairs).await;
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert!(page.body.contains("change your contacts"), "{}", page.body);
    let back = sandbox.click(&page, "approve").await;
    assert!(back.starts_with(CALLBACK), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("<x>&y"));
    let given = sandbox.traded(&parameter(&back, "code").expect("a code")).await.json();
    assert_eq!((&given["token_type"], &given["expires_in"]), (&json!("bearer"), &json!(3600)));
    let me = sandbox.me(&given["access_token"]).await.json();
    assert_eq!(me["id"], "kim");
    sandbox.pass(3600);
    let late = sandbox.me(&given["access_token"]).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.header("www-authenticate").contains("invalid_token"));
    let renewed = sandbox.renewed(&given["refresh_token"]).await.json();
    assert_ne!(renewed["refresh_token"], given["refresh_token"]);
    assert_eq!(sandbox.me(&renewed["access_token"]).await.status, StatusCode::OK);
    // The page can be answered once.
    let request = between(&page.body, "name=\"request\" value=\"", "\"");
    let form = encoded(&[("request", request), ("user", "kim"), ("decision", "approve")]);
    let again = sandbox.send(Method::POST, "/fernhill/oauth/authorize", &[FORM], form).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_user_can_say_no() {
    let sandbox = Harness::new();
    let page = sandbox
        .page(&[("response_type", "code"), ("client_id", CLIENT_ID), ("redirect_uri", CALLBACK), ("state", "s")])
        .await;
    let back = sandbox.click(&page, "deny").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("s"));
}

#[tokio::test]
async fn links_that_must_not_lead_back() {
    let sandbox = Harness::new();
    let bad = [
        vec![("client_id", "nobody"), ("redirect_uri", CALLBACK)],
        vec![("client_id", CLIENT_ID)],
        vec![("client_id", CLIENT_ID), ("redirect_uri", "https://evil.example/cb")],
        vec![("client_id", CLIENT_ID), ("redirect_uri", "http://localhost/cb#x")],
        vec![("client_id", CLIENT_ID), ("redirect_uri", "javascript:alert(1)")],
        vec![("client_id", CLIENT_ID), ("redirect_uri", CALLBACK), ("scope", "a"), ("scope", "b")],
    ];
    for pairs in bad {
        let answer = sandbox.page(&pairs).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{pairs:?}");
        assert_eq!(answer.header("location"), "");
    }
    let told = [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code"), ("scope", "everything")], "invalid_scope"),
        (vec![("response_type", "code"), ("code_challenge", "short")], "invalid_request"),
    ];
    for (more, code) in told {
        let mut pairs = vec![("client_id", CLIENT_ID), ("redirect_uri", CALLBACK)];
        pairs.extend(more);
        let answer = sandbox.page(&pairs).await;
        assert_eq!(parameter(answer.header("location"), "error").as_deref(), Some(code));
    }
}

#[tokio::test]
async fn codes_work_once_for_who_asked() {
    let sandbox = Harness::new();
    let code = sandbox.code(&[]).await;
    let elsewhere =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "http://localhost/")];
    assert_eq!(refused(&sandbox.token(&elsewhere).await), "invalid_grant");
    let given = sandbox.traded(&code).await.json();
    assert_eq!(refused(&sandbox.traded(&code).await), "invalid_grant");
    assert_eq!(sandbox.me(&given["access_token"]).await.status, StatusCode::UNAUTHORIZED, "what it gave has ended");
    assert_eq!(sandbox.counted("codeReuses").await, 1);
    let old = sandbox.code(&[]).await;
    sandbox.pass(600);
    assert_eq!(refused(&sandbox.traded(&old).await), "invalid_grant");
    assert_eq!(refused(&sandbox.traded("invented").await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_grant() {
    let sandbox = Harness::new();
    let first = sandbox.traded(&sandbox.code(&[]).await).await.json();
    let second = sandbox.renewed(&first["refresh_token"]).await.json();
    assert_eq!(sandbox.me(&first["access_token"]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused(&sandbox.renewed(&first["refresh_token"]).await), "invalid_grant");
    assert_eq!(refused(&sandbox.renewed(&second["refresh_token"]).await), "invalid_grant");
    assert_eq!((sandbox.counted("refreshes").await, sandbox.counted("refreshReuses").await), (1, 1));
    sandbox.set(&json!({ "reuseGraceSeconds": 30 })).await;
    let first = sandbox.traded(&sandbox.code(&[]).await).await.json();
    sandbox.renewed(&first["refresh_token"]).await;
    sandbox.pass(29);
    assert_eq!(sandbox.renewed(&first["refresh_token"]).await.status, StatusCode::OK);
    sandbox.pass(1);
    assert_eq!(refused(&sandbox.renewed(&first["refresh_token"]).await), "invalid_grant");
    sandbox.set(&json!({ "rotate": false })).await;
    let first = sandbox.traded(&sandbox.code(&[]).await).await.json();
    for _ in 0..2 {
        assert_eq!(sandbox.renewed(&first["refresh_token"]).await.json()["refresh_token"], first["refresh_token"]);
    }
}

#[tokio::test]
async fn proof_keys_are_checked() {
    let sandbox = Harness::new();
    let verifier = "v".repeat(43);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let shown = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = sandbox.code(&shown).await;
    assert_eq!(refused(&sandbox.traded(&code).await), "invalid_grant");
    let with = |code: &str, verifier: &str| {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    for (verifier, good) in [("w".repeat(43), false), (verifier.clone(), true)] {
        let pairs = with(&code, &verifier);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(sandbox.token(&pairs).await.status == StatusCode::OK, good);
    }
    let answer =
        sandbox.page(&[("response_type", "code"), ("client_id", PUBLIC_CLIENT_ID), ("redirect_uri", CALLBACK)]).await;
    assert_eq!(parameter(answer.header("location"), "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn clients_prove_themselves_in_one_way() {
    let sandbox = Harness::new();
    let own = encoded(&[("grant_type", "client_credentials")]);
    let escape = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{}:{secret}", escape(CLIENT_ID))));
    let ask = async |header: Option<String>, body: String| {
        let mut headers = vec![FORM];
        headers.extend(header.as_deref().map(|header| ("authorization", header)));
        sandbox.send(Method::POST, "/fernhill/oauth/token", &headers, body).await
    };
    let good = ask(Some(basic(&escape(CLIENT_SECRET))), own.clone()).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.body);
    assert!(good.json().get("refresh_token").is_none());
    let unescaped = ask(Some(basic(CLIENT_SECRET)), own.clone()).await;
    assert_eq!((unescaped.status, refused(&unescaped).as_str()), (StatusCode::UNAUTHORIZED, "invalid_client"));
    assert!(unescaped.header("www-authenticate").starts_with("Basic"));
    let both = format!("{own}&client_secret=x");
    assert_eq!(refused(&ask(Some(basic(&escape(CLIENT_SECRET))), both).await), "invalid_request");
    assert_eq!(refused(&ask(None, own.clone()).await), "invalid_client");
    assert_eq!(refused(&ask(None, format!("{own}&client_id={PUBLIC_CLIENT_ID}")).await), "unauthorized_client");
    sandbox.set(&json!({ "requireBasic": true })).await;
    assert_eq!(refused(&sandbox.token(&[("grant_type", "client_credentials")]).await), "invalid_client");
}

#[tokio::test]
async fn token_requests_that_are_none() {
    let sandbox = Harness::new();
    assert_eq!(refused(&sandbox.token(&[("grant_type", "password")]).await), "unsupported_grant_type");
    assert_eq!(refused(&sandbox.token(&[]).await), "invalid_request");
    assert_eq!(
        refused(&sandbox.token(&[("grant_type", "refresh_token"), ("grant_type", "x")]).await),
        "invalid_request"
    );
    let json = sandbox.send(Method::POST, "/fernhill/oauth/token", &[("content-type", "application/json")], "{}").await;
    assert_eq!(refused(&json), "invalid_request");
    let get = sandbox.send(Method::GET, "/fernhill/oauth/token", &[], "").await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn revocation_and_the_user_s_own_end() {
    let sandbox = Harness::new();
    let given = sandbox.traded(&sandbox.code(&[]).await).await.json();
    let token = given["refresh_token"].as_str().expect("a token");
    let stranger = encoded(&[("token", token), ("client_id", PUBLIC_CLIENT_ID)]);
    sandbox.send(Method::POST, "/fernhill/oauth/revoke", &[FORM], stranger).await;
    assert_eq!(sandbox.me(&given["access_token"]).await.status, StatusCode::OK, "not the stranger's token");
    let form = encoded(&[("token", token), ("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
    assert_eq!(sandbox.send(Method::POST, "/fernhill/oauth/revoke", &[FORM], form).await.status, StatusCode::OK);
    assert_eq!(sandbox.me(&given["access_token"]).await.status, StatusCode::UNAUTHORIZED);
    let other = sandbox.traded(&sandbox.code(&[]).await).await.json();
    sandbox.send(Method::DELETE, "/_sandbox/fernhill/access", &[], "").await;
    assert_eq!(sandbox.me(&other["access_token"]).await.status, StatusCode::UNAUTHORIZED);
    let other = sandbox.renewed(&other["refresh_token"]).await.json();
    sandbox.send(Method::DELETE, "/_sandbox/fernhill/grants", &[], "").await;
    assert_eq!(refused(&sandbox.renewed(&other["refresh_token"]).await), "invalid_grant");
}

#[tokio::test]
async fn the_api_asks_for_scopes_and_keeps_contacts() {
    let sandbox = Harness::new();
    let reader = sandbox.traded(&sandbox.code(&[]).await).await.json();
    let writer = sandbox.traded(&sandbox.code(&[("scope", "contacts.read contacts.write")]).await).await.json();
    assert!(writer.get("refresh_token").is_none(), "it did not ask for offline access");
    let send = async |token: &Value, method: Method, path: &str, body: &str| {
        let header = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
        sandbox.send(method, &format!("/fernhill/api/v1{path}"), &[("authorization", &header)], body.to_owned()).await
    };
    let denied = send(&reader, Method::POST, "/contacts", r#"{"last_name":"X"}"#).await;
    assert_eq!(
        (denied.status, denied.json()["error"]["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("insufficient_scope"))
    );
    let page = send(&reader, Method::GET, "/contacts?per_page=2&page=3", "").await.json();
    assert_eq!(
        (page["data"].as_array().map(Vec::len), &page["total"], &page["next_page"]),
        (Some(1), &json!(5), &Value::Null)
    );
    let made = send(&writer, Method::POST, "/contacts", r#"{"last_name":"X"}"#).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let path = format!("/contacts/{}", made.json()["id"]);
    let changed = send(&writer, Method::PATCH, &path, r#"{"email":"x@x.example"}"#).await.json();
    assert_eq!((&changed["last_name"], &changed["email"]), (&json!("X"), &json!("x@x.example")));
    for bad in ["[]", "{", r#"{"id":1}"#, r#"{"email":5}"#] {
        assert_eq!(send(&writer, Method::PATCH, &path, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(send(&writer, Method::DELETE, &path, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(send(&writer, Method::GET, &path, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&reader, Method::GET, "/contacts?page=0", "").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(sandbox.send(Method::GET, "/fernhill/api/v1/me", &[], "").await.status, StatusCode::UNAUTHORIZED);
}

/// Signs by hand, apart from the code that checks.
fn signed(method: &str, path: &str, secrets: &str, pairs: &[(&str, &str)], seconds: i64, nonce: &str) -> String {
    let escape = |text: &str| {
        let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        text.bytes()
            .map(|byte| if keep(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") })
            .collect::<String>()
    };
    let seconds = seconds.to_string();
    let mut all = vec![
        ("oauth_consumer_key", CLIENT_ID),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", seconds.as_str()),
    ];
    all.extend(pairs);
    let mut sorted: Vec<String> =
        all.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    sorted.sort();
    let base = format!("{method}&{}&{}", escape(&format!("http://vendor.test:8443{path}")), escape(&sorted.join("&")));
    let (client, token) = secrets.rsplit_once('&').expect("two secrets");
    let key = format!("{}&{}", escape(client), escape(token));
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("a key").chain_update(base);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    all.push(("oauth_signature", &signature));
    let fields: Vec<String> = all.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
    format!("OAuth {}", fields.join(", "))
}

#[tokio::test]
async fn the_steps_of_oauth_one() {
    let sandbox = Harness::new();
    let post =
        async |path: &str, header: String| sandbox.send(Method::POST, path, &[("authorization", &header)], "").await;
    let form = |answer: &Answer, name: &str| {
        let found = url::form_urlencoded::parse(answer.body.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_else(|| panic!("{name}: {}", answer.body))
    };
    let client = format!("{CLIENT_SECRET}&");
    let path = "/fernhill/oauth1/request_token";
    let callback = [("oauth_callback", CALLBACK)];
    let requested = post(path, signed("POST", path, &client, &callback, START, "1")).await;
    let (token, secret) = (form(&requested, "oauth_token"), form(&requested, "oauth_token_secret"));
    let replayed = post(path, signed("POST", path, &client, &callback, START, "1")).await;
    assert_eq!((replayed.status, form(&replayed, "oauth_problem").as_str()), (StatusCode::UNAUTHORIZED, "nonce_used"));
    let forged = post(path, signed("POST", path, "guess&", &callback, START, "2")).await;
    assert_eq!(form(&forged, "oauth_problem"), "signature_invalid");
    let stale = post(path, signed("POST", path, &client, &callback, START - 301, "3")).await;
    assert_eq!(form(&stale, "oauth_problem"), "timestamp_refused");

    let page = sandbox.send(Method::GET, &format!("/fernhill/oauth1/authorize?oauth_token={token}"), &[], "").await;
    let trade = "/fernhill/oauth1/access_token";
    let both = format!("{CLIENT_SECRET}&{secret}");
    let early = post(trade, signed("POST", trade, &both, &[("oauth_token", &token)], START, "4")).await;
    assert_eq!(form(&early, "oauth_problem"), "permission_unknown");
    let back = sandbox.click(&page, "approve").await;
    let verifier = parameter(&back, "oauth_verifier").expect("a verifier");
    let wrong = [("oauth_token", token.as_str()), ("oauth_verifier", "x")];
    assert_eq!(
        form(&post(trade, signed("POST", trade, &both, &wrong, START, "5")).await, "oauth_problem"),
        "verifier_invalid"
    );
    let right = [("oauth_token", token.as_str()), ("oauth_verifier", verifier.as_str())];
    let given = post(trade, signed("POST", trade, &both, &right, START, "6")).await;
    let (access, secret) = (form(&given, "oauth_token"), form(&given, "oauth_token_secret"));
    assert_eq!(
        form(&post(trade, signed("POST", trade, &both, &right, START, "7")).await, "oauth_problem"),
        "token_rejected"
    );

    let me = "/fernhill/api/v1/me";
    let both = format!("{CLIENT_SECRET}&{secret}");
    let header = signed("GET", me, &both, &[("oauth_token", &access)], START, "8");
    let answer = sandbox.send(Method::GET, me, &[("authorization", &header)], "").await;
    assert_eq!((answer.status, answer.json()["id"].as_str()), (StatusCode::OK, Some("kim")));
    let changed = sandbox.send(Method::GET, &format!("{me}?x=1"), &[("authorization", &header)], "").await;
    assert_eq!(changed.status, StatusCode::UNAUTHORIZED, "the query is signed too");
}

#[tokio::test]
async fn settings_are_checked() {
    let sandbox = Harness::new();
    for bad in ["{", "[]", r#"{"rotate":1}"#, r#"{"accessSeconds":0}"#, r#"{"speed":1}"#] {
        let answer = sandbox.send(Method::PUT, "/_sandbox/fernhill/settings", &[], bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    sandbox.set(&json!({ "formAnswers": true, "tellExpiry": false })).await;
    let answer = sandbox.token(&[("grant_type", "client_credentials")]).await;
    assert!(answer.body.starts_with("access_token=at_") && !answer.body.contains("expires_in"), "{}", answer.body);
    let reset = sandbox.send(Method::POST, "/_sandbox/reset", &[], "").await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert!(sandbox.token(&[("grant_type", "client_credentials")]).await.body.starts_with('{'));
}
