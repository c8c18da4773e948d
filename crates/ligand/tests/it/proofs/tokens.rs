//! Tokens that the platform gets by itself, by assertions that it signs and by the client's secret.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use ligand_domain::{Clock as _, SystemClock};
use ligand_sandbox::Sandbox;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Caller, definition, instance};
use crate::harness::{Client, Platform};

const RSA: &str = include_str!("rsa.pem");
const RSA_JWK: &str = include_str!("rsa.jwk.json");
const P256: &str = include_str!("p256.pem");
const P256_JWK: &str = include_str!("p256.jwk.json");

/// A platform and a sandbox whose clocks go on together.
struct Both {
    platform: Platform,
    sandbox: Sandbox,
    moved: Arc<AtomicI64>,
}

impl Both {
    async fn start() -> Self {
        let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
        let moved = Arc::new(AtomicI64::new(0));
        let seconds = Arc::clone(&moved);
        let clock: ligand_sandbox::Clock = Arc::new(move || {
            let now = SystemClock.now().as_millis() / 1000 + seconds.load(Ordering::Relaxed);
            OffsetDateTime::from_unix_timestamp(now).expect("a moment")
        });
        let sandbox = ligand_sandbox::start(ligand_sandbox::Options::new(clock)).await.expect("a sandbox");
        Self { platform, sandbox, moved }
    }

    fn pass(&self, seconds: i64) {
        self.moved.fetch_add(seconds, Ordering::Relaxed);
        self.platform.pass(Duration::from_secs(seconds.unsigned_abs()));
    }

    /// Uses a switch of Stonecrop.
    async fn switch(&self, method: &str, path: &str, body: &str) -> Value {
        let client = Client::new(self.sandbox.address(), String::new());
        let path = format!("/_sandbox/stonecrop{path}");
        let answer = client.raw(method, &path, &[("content-type", "application/json")], body.to_owned().into()).await;
        let answer = answer.expect("an answer");
        assert!(answer.status.is_success(), "{}", answer.text);
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    /// How many tokens Stonecrop has issued.
    async fn tokens(&self) -> u64 {
        self.switch("GET", "", "").await["tokens"].as_u64().expect("a number")
    }

    fn configuration(&self, changes: &[(&str, &str)]) -> Value {
        super::configuration(&self.sandbox, changes)
    }
}

/// An element that gets its tokens from Stonecrop.
fn bearing(name: &str, authentication: &Value) -> Value {
    let mut definition = definition(name, authentication, "borne");
    let entries = definition["configuration"].as_array_mut().expect("entries");
    entries.push(json!({ "key": "oauth.token.url", "defaultValue": "{base.url}/token" }));
    definition
}

#[tokio::test]
async fn an_assertion_signed_with_a_secret_opens_and_its_token_is_used_until_it_ends() {
    let both = Both::start().await;
    let authentication = json!({ "type": "jwtOauth", "assertion": { "algorithm": "HS256" } });
    let element = both.platform.make(&bearing("Robot", &authentication)).await;
    let caller = Caller::of(&both.platform, &element, &both.configuration(&[])).await;
    caller.works().await;
    assert_eq!(both.tokens().await, 1, "one token for all calls");

    both.pass(601);
    let calls = join_all((0..20).map(|_| caller.send("GET", "/notes/1", None))).await;
    assert!(
        calls.iter().all(|answer| answer.status == 200),
        "{:?}",
        calls.iter().map(|it| it.status).collect::<Vec<_>>()
    );
    assert_eq!(both.tokens().await, 2, "one renewal for all callers");

    // The vendor may end a token before its time.
    both.pass(300);
    both.switch("DELETE", "/tokens", "").await;
    assert_eq!(caller.send("GET", "/notes/1", None).await.status, 200);
    assert_eq!(both.tokens().await, 3);
}

#[tokio::test]
async fn private_keys_sign_what_a_registered_key_verifies() {
    let both = Both::start().await;
    for (algorithm, key, jwk) in [("RS256", RSA, RSA_JWK), ("PS256", RSA, RSA_JWK), ("ES256", P256, P256_JWK)] {
        both.switch("PUT", "/key", jwk).await;
        for (kind, assertion) in [
            (
                "jwtOauth",
                json!({ "algorithm": algorithm, "claims": {
                "iss": "${configuration.oauth.api.key}", "sub": "somebody", "aud": ["other", "${configuration.oauth.token.url}"] } }),
            ),
            ("oauth2ClientCredentials", json!({ "algorithm": algorithm })),
        ] {
            let name = format!("{kind} {algorithm}");
            let element = both.platform.make(&bearing(&name, &json!({ "type": kind, "assertion": assertion }))).await;
            let caller = Caller::of(&both.platform, &element, &both.configuration(&[("oauth.jwt.key", key)])).await;
            assert_eq!(caller.send("GET", "/notes/2", None).await.ok()["text"], "Prune in spring", "{name}");
        }
    }
}

#[tokio::test]
async fn what_proves_nothing_makes_no_instance() {
    let both = Both::start().await;
    let element = both.platform.make(&bearing("Robot", &json!({ "type": "jwtOauth" }))).await;
    let hmac = json!({ "type": "jwtOauth", "assertion": { "algorithm": "HS256" } });
    let symmetric = both.platform.make(&bearing("Symmetric", &hmac)).await;
    both.switch("PUT", "/key", RSA_JWK).await;
    for (element, changes, told) in [
        (
            &element,
            vec![("oauth.jwt.key", "planted-no-key")],
            "The configuration entry oauth.jwt.key is no private key",
        ),
        (
            &element,
            vec![("oauth.jwt.key", P256)],
            "The configuration entry oauth.jwt.key holds a private key that cannot sign",
        ),
        (&element, vec![("oauth.jwt.key", "")], "oauth.jwt.key"),
        (&element, vec![("oauth.jwt.key", RSA), ("oauth.api.key", "planted-other")], "The issuer is not known"),
        // An algorithm that is not the key's.
        (&symmetric, vec![("oauth.jwt.key", RSA_JWK)], "not signed by the client"),
        (&element, vec![("oauth.jwt.key", RSA), ("oauth.token.url", "http://10.0.0.1/token")], "private or loopback"),
    ] {
        let answer = instance(&both.platform, element, &both.configuration(&changes)).await;
        assert!((400..500).contains(&answer.status.as_u16()), "{told}: {}", answer.text);
        assert!(answer.text.contains(told), "{told}: {}", answer.text);
        assert!(!answer.text.contains("planted-no-key") && !answer.text.contains("PRIVATE"), "{}", answer.text);
    }
    // A place that gives no tokens is the vendor's failure, not that of who asks.
    let elsewhere = both.configuration(&[("oauth.jwt.key", RSA), ("oauth.token.url", "{base.url}/else")]);
    let answer = instance(&both.platform, &element, &elsewhere).await;
    assert!(answer.text.contains("There is nothing here"), "{}", answer.text);
    assert!(answer.error(502).contains("Robot"));
    assert_eq!(both.platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_client_that_is_no_longer_accepted_is_told_as_such() {
    let both = Both::start().await;
    let authentication = json!({ "type": "jwtOauth", "assertion": { "algorithm": "HS256" } });
    let element = both.platform.make(&bearing("Robot", &authentication)).await;
    let caller = Caller::of(&both.platform, &element, &both.configuration(&[])).await;
    // From now on the client's assertions must be signed with another key.
    both.switch("PUT", "/key", RSA_JWK).await;
    both.switch("DELETE", "/tokens", "").await;
    both.pass(700);
    for _ in 0..3 {
        let refused = caller.send("GET", "/notes/1", None).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
    }
    let instances = both.platform.get("/instances").await.ok();
    assert_eq!(instances[0]["valid"], false);
}

#[tokio::test]
async fn a_client_that_is_accepted_again_comes_back_by_itself() {
    let both = Both::start().await;
    let authentication = json!({ "type": "jwtOauth", "assertion": { "algorithm": "RS256" } });
    let element = both.platform.make(&bearing("Robot", &authentication)).await;
    both.switch("PUT", "/key", RSA_JWK).await;
    let configuration = both.configuration(&[("oauth.jwt.key", RSA)]);
    let caller = Caller::of(&both.platform, &element, &configuration).await;
    let refused = async || {
        both.switch("PUT", "/key", P256_JWK).await;
        both.switch("DELETE", "/tokens", "").await;
        both.pass(700);
        assert_eq!(caller.send("GET", "/notes/1", None).await.status, 401);
        both.switch("PUT", "/key", RSA_JWK).await;
        assert_eq!(caller.send("GET", "/notes/1", None).await.status, 401, "the vendor is not asked with each call");
    };
    refused().await;
    both.pass(61);
    assert_eq!(caller.send("GET", "/notes/1", None).await.status, 200);
    assert_eq!(both.platform.get("/instances").await.ok()[0]["valid"], true);

    refused().await;
    let path = format!("/instances/{}", both.platform.get("/instances").await.ok()[0]["id"]);
    let same = json!({ "configuration": { "oauth.jwt.key": RSA } });
    assert_eq!(both.platform.send("PATCH", &path, Some(&same)).await.ok()["valid"], true);
    assert_eq!(caller.send("GET", "/notes/1", None).await.status, 200);
}

#[tokio::test]
async fn a_client_s_secret_in_the_form_or_in_the_header() {
    let both = Both::start().await;
    let site = format!("http://{}/fernhill", both.sandbox.address());
    let known = both.sandbox.granted_configurations().remove(0).1;
    for basic in ["false", "true"] {
        let element = both
            .platform
            .make(&json!({
                "name": format!("Own {basic}"), "hub": "general", "authentication": { "type": "oauth2ClientCredentials" },
                "configuration": [{ "key": "base.url", "defaultValue": format!("{site}/api/v1") },
                    { "key": "oauth.token.url", "defaultValue": format!("{site}/oauth/token") },
                    { "key": "oauth.scope", "defaultValue": "contacts.read" },
                    { "key": "oauth.basic.header", "defaultValue": basic }],
                "resources": [{ "path": "/me", "method": "GET" }],
            }))
            .await;
        let own = json!({ "oauth.api.key": known["oauth.api.key"], "oauth.api.secret": known["oauth.api.secret"] });
        let caller = Caller::of(&both.platform, &element, &own).await;
        let me = caller.send("GET", "/me", None).await.ok();
        assert_eq!((&me["name"], &me["scope"]), (&json!("Application"), &json!("contacts.read")));
        let wrong = json!({ "oauth.api.key": known["oauth.api.key"], "oauth.api.secret": "planted-secret" });
        let refused = instance(&both.platform, &element, &wrong).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
        assert!(!refused.text.contains("planted-secret"), "{}", refused.text);
    }
}
