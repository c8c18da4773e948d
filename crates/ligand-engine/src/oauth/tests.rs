//! Grants, renewals and revocations against a vendor that says what it is told to.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU32, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    routing::{any, post},
};
use futures_util::future::{BoxFuture, join_all};
use ligand_domain::{Clock, Configuration, Id, SystemRng, Timestamp};
use ligand_element::{
    Element, Hook,
    oauth::{authorize, keys},
};
use serde_json::json;

use crate::{
    Engine, Failure, Grant, HookRunner, ScriptResult,
    engine::tests::{
        calls::{Shelf, hub_call},
        configured, element, options, serve,
    },
    script::Variables,
    session::standing_in,
};

/// 2001-09-09, in milliseconds.
const NOW: i64 = 1_000_000_000_000;

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn engine_at(clock: &Arc<Hands>) -> Arc<Engine> {
    Arc::new(Engine::new(options()).with_environment(clock.clone(), Arc::new(SystemRng)))
}

fn engine() -> Arc<Engine> {
    engine_at(&Arc::new(Hands(AtomicI64::new(NOW))))
}

const VENDOR: &str = "
name: V
authentication: { type: oauth2 }
configuration:
  - key: base.url
  - { key: oauth.authorization.url, defaultValue: '{base.url}/authorize' }
  - { key: oauth.token.url, defaultValue: '{base.url}/token' }
  - { key: oauth.token.revoke_url, defaultValue: '{base.url}/revoke' }
  - { key: oauth.api.key, defaultValue: app-77 }
  - { key: oauth.api.secret, defaultValue: planted-client-secret }
  - { key: oauth.callback.url, defaultValue: 'http://localhost/cb' }
resources:
  - { method: GET, path: /things }
";

/// What a vendor was asked at its token endpoint, and how it answers.
#[derive(Clone, Default)]
struct Vendor {
    asked: Arc<Mutex<Vec<String>>>,
    calls: Arc<AtomicU32>,
}

impl Vendor {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Answers token requests like this, and takes this access token.
    async fn start(&self, status: u16, kind: &'static str, body: &'static str, taken: &'static str) -> String {
        let (asked, calls) = (self.asked.clone(), self.calls.clone());
        let token = move |bytes: Bytes| {
            asked.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
            async move { (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], body) }
        };
        let things = move |headers: HeaderMap| {
            calls.fetch_add(1, Ordering::SeqCst);
            let good = headers.get(header::AUTHORIZATION).is_some_and(|held| held == &format!("Bearer {taken}"));
            async move { if good { (StatusCode::OK, "[]") } else { (StatusCode::UNAUTHORIZED, "{\"message\":\"no\"}") } }
        };
        let router = Router::new().route("/token", post(token.clone())).route("/revoke", post(token));
        serve(router.route("/things", any(things))).await
    }
}

fn with(element: &Element, base: &str, pairs: &[(&str, &str)]) -> Configuration {
    let mut configuration = configured(element, &json!({ "base.url": base }));
    pairs.iter().for_each(|(key, value)| configuration.set(key, Some((*value).to_owned())));
    configuration
}

fn code(code: &str) -> Grant {
    Grant { code: code.to_owned(), ..Grant::default() }
}

/// Whether a failure is the one that is expected.
type Expected = fn(&Failure) -> bool;

const JSON: &str = "application/json";
const TOKENS: &str = r#"{"access_token":"new","refresh_token":"r2","expires_in":60}"#;
const HELD: [(&str, &str); 3] =
    [(keys::TOKEN, "old"), (keys::REFRESH_TOKEN, "r1"), (keys::REFRESH_TIME, "999999000000")];

#[tokio::test]
async fn a_code_becomes_tokens() {
    let (vendor, element) = (Vendor::default(), element("v", VENDOR));
    let base = vendor.start(200, JSON, TOKENS, "new").await;
    let mut configuration = with(&element, &base, &[]);
    let mut record = Vec::new();
    engine().exchange(&element, &mut configuration, &code("planted-code"), Some(&mut record)).await.unwrap();
    assert_eq!(configuration.get(keys::TOKEN), Some("new"));
    assert_eq!(configuration.get(keys::REFRESH_TOKEN), Some("r2"));
    assert_eq!(configuration.get(keys::REFRESH_INTERVAL), Some("60"));
    assert_eq!(configuration.get(keys::REFRESH_TIME), Some("1000000000000"));
    assert!(vendor.asked()[0].starts_with("grant_type=authorization_code&code=planted-code&redirect_uri="));
    assert_eq!(record[0].name(), "POST:/token");
    let shown = record[0].to_json().to_string();
    for secret in ["planted", "r2"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[tokio::test]
async fn answers_that_are_no_tokens_change_nothing() {
    let cases: [(u16, &str, &str, Expected); 7] = [
        (400, JSON, r#"{"error":"invalid_grant","error_description":"code planted-code is old"}"#, |failure| {
            matches!(failure, Failure::Rejected { status: 400, provider_message: Some(text), .. }
                if text == "code ******** is old")
        }),
        (
            401,
            JSON,
            r#"{"error":"invalid_client"}"#,
            |failure| matches!(failure, Failure::Rejected { status: 401, provider_message: Some(text), .. } if text == "invalid_client"),
        ),
        (200, JSON, r#"{"error":"bad_verification_code"}"#, |failure| {
            matches!(failure, Failure::Rejected { status: 400, provider_message: Some(text), .. }
                if text == "bad_verification_code")
        }),
        (200, "text/html", "<html>Please log in</html>", |failure| matches!(failure, Failure::Malformed(_))),
        (200, JSON, "{}", |failure| matches!(failure, Failure::Malformed(_))),
        (302, JSON, "", |failure| matches!(failure, Failure::Malformed(_))),
        (500, "text/html", "<html>oops</html>", |failure| matches!(failure, Failure::VendorFault { .. })),
    ];
    for (status, kind, body, expected) in cases {
        let (vendor, element) = (Vendor::default(), element("v", VENDOR));
        let mut configuration = with(&element, &vendor.start(status, kind, body, "new").await, &[]);
        let before = configuration.clone();
        let failure = engine().exchange(&element, &mut configuration, &code("planted-code"), None).await.unwrap_err();
        assert!(expected(&failure), "{body}: {failure:?}");
        assert!(configuration == before);
        assert_eq!(vendor.asked().len(), 1, "a code is sent once");
    }
}

#[tokio::test]
async fn an_answer_beyond_all_measure_is_none() {
    let element = element("v", VENDOR);
    let router = Router::new().route("/token", post(async || "x".repeat(300_000)));
    let mut configuration = with(&element, &serve(router).await, &[]);
    let outcome = engine().exchange(&element, &mut configuration, &code("c"), None).await;
    assert_eq!(outcome, Err(Failure::TooLarge));
}

#[tokio::test]
async fn a_token_endpoint_in_a_private_network_is_not_asked() {
    let element = element("v", VENDOR);
    for address in ["http://10.0.0.1/token", "http://169.254.169.254/latest", "http://[::1]:1/token"] {
        let mut configuration = with(&element, "http://localhost", &[(keys::TOKEN_URL, address)]);
        let engine = Engine::new(crate::Options::default());
        let outcome = engine.exchange(&element, &mut configuration, &code("c"), None).await;
        assert_eq!(outcome, Err(Failure::EgressRefused), "{address}");
    }
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_renewed_before_the_call() {
    let vendor = Vendor::default();
    let base = vendor.start(200, JSON, TOKENS, "new").await;
    let (element, engine) = (Arc::new(element("v", VENDOR)), engine());
    let configuration = with(&element, &base, &[HELD[0], HELD[1], HELD[2], (keys::REFRESH_INTERVAL, "900")]);
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let request = standing_in();
    let calls = (0..20).map(|_| engine.call(hub_call(&element, 0, &request, &configuration, &shelf)));
    assert!(join_all(calls).await.into_iter().all(|reply| reply.is_ok()));
    let asked = vendor.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("grant_type=refresh_token&refresh_token=r1&client_id=app-77"), "{}", asked[0]);
    assert_eq!(vendor.calls.load(Ordering::SeqCst), 20, "no call went out with the old token");
    assert_eq!(shelf.value(keys::REFRESH_TOKEN).as_deref(), Some("r2"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let vendor = Vendor::default();
    let base = vendor.start(200, JSON, TOKENS, "new").await;
    let clock = Arc::new(Hands(AtomicI64::new(NOW)));
    let (element, engine) = (Arc::new(element("v", VENDOR)), engine_at(&clock));
    let configuration = with(&element, &base, &HELD);
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let request = standing_in();
    engine.call(hub_call(&element, 0, &request, &configuration, &shelf)).await.map(drop).unwrap();
    assert_eq!((vendor.asked().len(), vendor.calls.load(Ordering::SeqCst)), (1, 2));

    // One that refuses every token is not asked for more and more of them.
    let vendor = Vendor::default();
    let base = vendor.start(200, JSON, TOKENS, "none of them").await;
    let configuration = with(&element, &base, &HELD);
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let mut held = configuration;
    for _ in 0..5 {
        let failure = engine.call(hub_call(&element, 0, &request, &held, &shelf)).await.map(drop).unwrap_err();
        assert!(matches!(failure, Failure::Rejected { status: 401, .. }), "{failure:?}");
        held.set(keys::TOKEN, shelf.value(keys::TOKEN));
        held.set(keys::REFRESH_TOKEN, shelf.value(keys::REFRESH_TOKEN));
        held.set(keys::REFRESH_TIME, shelf.value(keys::REFRESH_TIME));
    }
    assert_eq!(vendor.asked().len(), 1);
}

#[tokio::test]
async fn a_token_without_a_successor_ends_the_grant_with_its_time() {
    let vendor = Vendor::default();
    let base = vendor.start(200, JSON, TOKENS, "another").await;
    let (element, engine) = (Arc::new(element("v", VENDOR)), engine());
    let request = standing_in();
    for (interval, ended) in [("900", true), ("2000", false)] {
        let configuration = with(&element, &base, &[HELD[0], HELD[2], (keys::REFRESH_INTERVAL, interval)]);
        let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
        let failure = engine.call(hub_call(&element, 0, &request, &configuration, &shelf)).await.map(drop).unwrap_err();
        match failure {
            Failure::GrantEnded { provider_message } if ended => assert_eq!(provider_message.as_deref(), Some("no")),
            Failure::Rejected { status: 401, .. } if !ended => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn what_follows_a_renewal_sees_the_new_token() {
    let text = format!(
        "{VENDOR}  - type: onRefresh\n    method: GET\n    path: /after\n    vendorPath: /things\n    parameters:\n      \
         - {{ name: seen, type: configuration, vendorName: x-seen, vendorType: header, source: response }}\n"
    );
    let element =
        element("v", &text.replace("  - key: base.url\n", "  - key: base.url\n  - { key: seen, name: Seen }\n"));
    let handler = async |headers: HeaderMap| {
        let told = headers.get(header::AUTHORIZATION).cloned();
        ([("x-seen", told.unwrap_or_else(|| "nothing".parse().unwrap()))], "{}")
    };
    let base = serve(Router::new().route("/things", any(handler))).await;
    let changes = engine().after_renewal(&element, Id::new(1).unwrap(), &with(&element, &base, &HELD)).await;
    assert_eq!(changes, [("seen".to_owned(), Some("Bearer old".to_owned()))]);
}

#[tokio::test]
async fn what_a_refused_renewal_means() {
    let cases: [(u16, &str, Expected); 8] = [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"r1 was used"}"#,
            |failure| matches!(failure, Failure::GrantEnded { provider_message: Some(text) } if text == "******** was used"),
        ),
        (401, r#"{"error":"invalid_client"}"#, |failure| matches!(failure, Failure::GrantEnded { .. })),
        (200, r#"{"error":"invalid_grant"}"#, |failure| matches!(failure, Failure::GrantEnded { .. })),
        (400, r#"{"error":"temporarily_unavailable"}"#, |failure| matches!(failure, Failure::VendorFault { .. })),
        (403, "<html>Request blocked</html>", |failure| matches!(failure, Failure::VendorFault { .. })),
        (401, "{}", |failure| matches!(failure, Failure::VendorFault { .. })),
        (404, "{}", |failure| matches!(failure, Failure::VendorFault { .. })),
        (503, "{}", |failure| matches!(failure, Failure::VendorFault { .. })),
    ];
    for (status, body, expected) in cases {
        let (vendor, element) = (Vendor::default(), element("v", VENDOR));
        let configuration = with(&element, &vendor.start(status, JSON, body, "new").await, &HELD);
        let failure = engine().renew(&element, Some(Id::new(1).unwrap()), &configuration).await.unwrap_err();
        assert!(expected(&failure), "{status} {body}: {failure:?}");
        assert_eq!(vendor.asked().len(), 1, "{status} {body}");
    }
}

/// Scripts whose bodies are their results, or the status with which the script engine gives up on them.
struct Told;

impl HookRunner for Told {
    fn run<'a>(&'a self, _: u64, hook: &'a Hook, _: &dyn Variables) -> BoxFuture<'a, ScriptResult> {
        Box::pin(async {
            match hook.body.parse() {
                Ok(status) => Err(Failure::Script { status, message: "gave up".to_owned(), stated: false }),
                Err(_) => Ok(serde_json::from_str(&hook.body).unwrap()),
            }
        })
    }
}

#[tokio::test]
async fn only_a_script_that_says_so_ends_a_grant() {
    let cases: [(&str, Expected); 6] = [
        (
            "400",
            |failure| matches!(failure, Failure::VendorFault { provider_message: Some(text) } if text == "gave up"),
        ),
        ("500", |failure| matches!(failure, Failure::VendorFault { .. })),
        ("429", |failure| matches!(failure, Failure::BeyondLimit(_))),
        (r#"{"response_error":"no"}"#, |failure| matches!(failure, Failure::VendorFault { .. })),
        (r#"{"response_error":"no","response_status_code":503}"#, |failure| {
            matches!(failure, Failure::VendorFault { .. })
        }),
        (
            r#"{"response_error":"no","response_status_code":400}"#,
            |failure| matches!(failure, Failure::GrantEnded { provider_message: Some(text) } if text == "no"),
        ),
    ];
    for (script, expected) in cases {
        let resource = format!(
            "resources:\n  - {{ type: oauthOnTokenRefresh, method: POST, path: /renew, vendorPath: /renew, hooks: [{{ type: \
             preRequest, body: '{script}' }}] }}\n"
        );
        let element = element("v", &VENDOR.replace("resources:\n", &resource));
        let configuration = with(&element, "http://localhost:1", &HELD);
        let engine = Engine::new(options()).with_hooks(Arc::new(Told));
        let failure = engine.renew(&element, Some(Id::new(1).unwrap()), &configuration).await.unwrap_err();
        assert!(expected(&failure), "{script}: {failure:?}");
    }
}

#[tokio::test]
async fn tokens_are_given_back() {
    let (vendor, element) = (Vendor::default(), element("v", VENDOR));
    let base = vendor.start(200, JSON, "", "new").await;
    engine().revoke(&element, &with(&element, &base, &HELD)).await;
    assert!(vendor.asked()[0].starts_with("token=r1&token_type_hint=refresh_token"), "{:?}", vendor.asked());
    engine().revoke(&element, &with(&element, &base, &[])).await;
    assert_eq!(vendor.asked().len(), 1, "there was nothing to give back");
}

#[tokio::test]
async fn resources_take_the_place_of_steps() {
    let text = VENDOR.replace("resources:\n", "resources:
  - { type: oauthOnAuthroizeUrl, method: GET, path: /ask, vendorPath: /own-ask }
  - type: oauthOnTokenExchange
    method: POST
    path: /trade
    vendorPath: /own-trade
    parameters:
      - { name: code, type: query, vendorName: ticket, vendorType: query }
      - { name: realmId, type: query, vendorName: realm, vendorType: query }
      - { name: oauth.user.token, type: configuration, vendorName: data.key, vendorType: bodyField, source: response }
  - { type: oauthOnTokenRefresh, method: POST, path: /renew, vendorPath: /own-renew, parameters: [{ name: refresh_token, type: query, vendorName: ticket, vendorType: query }] }
");
    let element = element("v", &text);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let handler = move |request: axum::extract::Request| {
        noted.lock().unwrap().push(request.uri().to_string());
        assert!(request.headers().get(header::AUTHORIZATION).is_none(), "there is no token to show yet");
        async move {
            match request.uri().path() {
                "/own-ask" => "\"https://v.example/own?x=1\"",
                "/own-trade" => r#"{"data":{"key":"own"}}"#,
                _ => r#"{"access_token":"renewed","expires_in":5}"#,
            }
        }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let mut configuration = with(&element, &base, &[]);
    let ask = authorize::Ask { state: "s", challenge: None };
    let address = engine().authorize_url(&element, &configuration, ask, None).await;
    assert_eq!(address, Ok("https://v.example/own?x=1".to_owned()));
    let grant = Grant { brought: vec![("realmId".to_owned(), "9".to_owned())], ..code("c") };
    engine().exchange(&element, &mut configuration, &grant, None).await.unwrap();
    assert_eq!(
        (configuration.get(keys::TOKEN), configuration.get(keys::REFRESH_TIME)),
        (Some("own"), Some("1000000000000"))
    );
    configuration.set(keys::REFRESH_TOKEN, Some("r".to_owned()));
    let changes = engine().renew(&element, Some(Id::new(1).unwrap()), &configuration).await.unwrap();
    assert!(changes.contains(&(keys::TOKEN.to_owned(), Some("renewed".to_owned()))));
    assert_eq!(*seen.lock().unwrap(), ["/own-ask", "/own-trade?ticket=c&realm=9", "/own-renew?ticket=r"]);
}

const SIGNED: &str = "
name: One
authentication: { type: oauth1 }
configuration:
  - key: base.url
  - { key: oauth.request.url, defaultValue: '{base.url}/request' }
  - { key: oauth.authorization.url, defaultValue: '{base.url}/authorize' }
  - { key: oauth.token.url, defaultValue: '{base.url}/access' }
  - { key: oauth.api.key, defaultValue: client }
  - { key: oauth.api.secret, defaultValue: s }
  - { key: oauth.callback.url, defaultValue: 'http://localhost/cb' }
resources:
  - { method: GET, path: /things }
";

#[tokio::test]
async fn a_repeated_call_is_signed_anew() {
    let element = element("one", SIGNED);
    let seen = Arc::new(Mutex::new(Vec::<String>::new()));
    let noted = Arc::clone(&seen);
    let handler = move |headers: axum::http::HeaderMap| {
        let noted = Arc::clone(&noted);
        async move {
            let mut noted = noted.lock().unwrap();
            noted.push(headers[header::AUTHORIZATION].to_str().unwrap().to_owned());
            if noted.len() == 1 { (StatusCode::BAD_GATEWAY, "") } else { (StatusCode::OK, "[1]") }
        }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let configuration = with(&element, &base, &[(keys::TOKEN, "at"), (keys::TOKEN_SECRET, "as")]);
    let (request, shelf) = (standing_in(), Shelf::new(configuration.clone()));
    engine().call(hub_call(&element, 0, &request, &configuration, &shelf)).await.ok().unwrap();
    let seen = seen.lock().unwrap();
    let nonce = |header: &str| header.split("oauth_nonce=").nth(1).map(|rest| rest[..20].to_owned());
    assert_eq!(seen.len(), 2);
    assert!(nonce(&seen[0]).is_some());
    assert_ne!(nonce(&seen[0]), nonce(&seen[1]), "a vendor takes a nonce once");
}

#[tokio::test]
async fn oauth_one_from_the_request_token_to_signed_calls() {
    let element = element("one", SIGNED);
    let handler = async |request: axum::extract::Request| {
        let header = request.headers().get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
        assert!(header.starts_with("OAuth ") && header.contains("oauth_signature="), "{header}");
        match request.uri().path() {
            "/request" => "oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true",
            "/access" if header.contains("oauth_token=\"rt\"") => "oauth_token=at&oauth_token_secret=as",
            "/things" if header.contains("oauth_token=\"at\"") => "[1]",
            _ => "{}",
        }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let mut configuration = with(&element, &base, &[]);
    let token = engine().request_token(&element, &configuration, "http://localhost/cb", "one").await.ok().unwrap();
    assert_eq!((token.token.as_str(), token.secret.as_str()), ("rt", "rs"));
    let ask = authorize::Ask { state: "one", challenge: None };
    let address = engine().authorize_url(&element, &configuration, ask, Some("rt")).await.unwrap();
    let callback = "http%3A%2F%2Flocalhost%2Fcb%3Fstate%3Done";
    assert_eq!(address, format!("{base}/authorize?oauth_token=rt&oauth_callback={callback}"));
    assert!(engine().authorize_url(&element, &configuration, ask, None).await.is_err());
    let grant = Grant { token: token.token, secret: token.secret, approval: "v".to_owned(), ..Grant::default() };
    engine().exchange(&element, &mut configuration, &grant, None).await.unwrap();
    let engine = engine();
    let shelf = Shelf::new(configuration.clone());
    let request = standing_in();
    engine.call(hub_call(&element, 0, &request, &configuration, &shelf)).await.map(drop).unwrap();
}
