//! Requests, answers and times of OAuth 2, and addresses that must not be.

use ligand_domain::{Configuration, Timestamp};

use super::{answer, authorize, callback, keys, pkce, token, validity};
use crate::{PlanError, VendorBody, VendorRequest};

fn configuration(pairs: &[(&str, &str)]) -> Configuration {
    let usual = [
        (keys::CLIENT_ID, "my app"),
        (keys::CLIENT_SECRET, "s+e/c:ret"),
        (keys::CALLBACK, "http://localhost/cb?x=1"),
        (keys::AUTHORIZATION_URL, "https://{subdomain}.example.com/authorize?access_type=offline"),
        (keys::TOKEN_URL, "https://{subdomain}.example.com/token?v=2"),
        ("subdomain", "acme"),
    ];
    let mut made = Configuration::default();
    for (key, value) in usual.iter().chain(pairs) {
        made.set(key, (!value.is_empty()).then(|| (*value).to_owned()));
    }
    made
}

fn body(request: &VendorRequest) -> &str {
    match &request.body {
        VendorBody::Text(text) => text,
        _ => panic!("no text"),
    }
}

#[test]
fn the_address_of_a_grant_keeps_what_is_configured_and_encodes_the_rest() {
    let ask = authorize::Ask { state: "a&b=c", challenge: None };
    let url = authorize::two(&configuration(&[(keys::SCOPE, "read write")]), ask).expect("an address");
    assert_eq!(
        url.as_str(),
        "https://acme.example.com/authorize?access_type=offline&response_type=code&client_id=my+app\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fcb%3Fx%3D1&state=a%26b%3Dc&scope=read+write"
    );
    let own = configuration(&[
        (keys::AUTHORIZATION_URL, "https://v.example/a?response_type=code&scope=all"),
        (keys::SCOPE, "x"),
    ]);
    let url = authorize::two(&own, ask).expect("an address").to_string();
    assert_eq!(url.matches("scope=").count(), 1);
    assert_eq!(url.matches("response_type=").count(), 1);
}

#[test]
fn the_address_of_a_grant_shows_the_challenge_and_not_the_verifier() {
    // The pair of RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let ask = authorize::Ask { state: "s", challenge: Some((pkce::Method::S256, verifier)) };
    let url = authorize::two(&configuration(&[]), ask).expect("an address").to_string();
    assert!(
        url.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"),
        "{url}"
    );
    assert!(!url.contains(verifier));
}

#[test]
fn an_address_says_what_is_missing() {
    let ask = authorize::Ask { state: "s", challenge: None };
    let lacks = |key: &str| authorize::two(&configuration(&[(key, "")]), ask).expect_err("no address");
    assert_eq!(lacks(keys::CLIENT_ID), PlanError::MissingParameter("apiKey".to_owned()));
    assert_eq!(lacks(keys::CALLBACK), PlanError::MissingParameter("callbackUrl".to_owned()));
    assert_eq!(lacks("subdomain"), PlanError::Unresolved("subdomain".to_owned()));
    assert_eq!(lacks(keys::AUTHORIZATION_URL), PlanError::Unresolved(keys::AUTHORIZATION_URL.to_owned()));
    let evil = configuration(&[("subdomain", "evil.test/#")]);
    assert_eq!(authorize::two(&evil, ask), Err(PlanError::BadUrl(keys::AUTHORIZATION_URL.to_owned())));
    let script = configuration(&[(keys::AUTHORIZATION_URL, "javascript:alert(1)")]);
    assert!(authorize::two(&script, ask).is_err());
}

#[test]
fn clients_prove_themselves_in_the_form_or_with_basic() {
    let request = token::exchange(&configuration(&[]), "c/d+e", Some("v")).expect("a request");
    assert_eq!(request.url.as_str(), "https://acme.example.com/token?v=2");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(
        body(&request),
        "grant_type=authorization_code&code=c%2Fd%2Be&redirect_uri=http%3A%2F%2Flocalhost%2Fcb%3Fx%3D1\
         &code_verifier=v&client_id=my+app&client_secret=s%2Be%2Fc%3Aret"
    );
    assert_eq!(request.header("authorization"), None);
    let request = token::exchange(&configuration(&[(keys::BASIC_HEADER, "True")]), "c", None).expect("a request");
    // my+app:s%2Be%2Fc%3Aret
    assert_eq!(request.header("authorization"), Some("Basic bXkrYXBwOnMlMkJlJTJGYyUzQXJldA=="));
    assert!(!body(&request).contains("client"), "{}", body(&request));
    let public = configuration(&[(keys::CLIENT_SECRET, ""), (keys::BASIC_HEADER, "true")]);
    let request = token::exchange(&public, "c", None).expect("a request");
    assert!(body(&request).ends_with("&client_id=my+app"), "{}", body(&request));
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn further_fields_come_along_and_replace_nothing() {
    let more =
        configuration(&[(keys::TOKEN_PARAMETERS, "audience=https%3A%2F%2Fa&grant_type=password&tenant={subdomain}")]);
    let request = token::exchange(&more, "c", None).expect("a request");
    assert!(body(&request).ends_with("&audience=https%3A%2F%2Fa&tenant=acme"), "{}", body(&request));
    assert!(!body(&request).contains("password"));
}

#[test]
fn renewals_and_revocations_have_their_own_addresses() {
    let held = [(keys::REFRESH_TOKEN, "r1"), (keys::TOKEN, "a1")];
    let request = token::refresh(&configuration(&held)).expect("a request");
    assert_eq!(request.url.path(), "/token");
    assert!(body(&request).starts_with("grant_type=refresh_token&refresh_token=r1&"), "{}", body(&request));
    let elsewhere = [held[0], held[1], (keys::REFRESH_URL, "https://b.example/renew")];
    assert_eq!(token::refresh(&configuration(&elsewhere)).expect("a request").url.as_str(), "https://b.example/renew");
    assert_eq!(token::revoke(&configuration(&held)), Ok(None));
    let revocable = configuration(&[held[0], held[1], (keys::REVOKE_URL, "https://b.example/revoke")]);
    let request = token::revoke(&revocable).expect("possible").expect("a request");
    assert!(body(&request).starts_with("token=r1&token_type_hint=refresh_token&"), "{}", body(&request));
    assert!(
        matches!(token::refresh(&configuration(&[])), Err(PlanError::Unresolved(key)) if key == keys::REFRESH_TOKEN)
    );
}

#[test]
fn a_debugged_request_shows_no_secret() {
    let request =
        token::exchange(&configuration(&[(keys::BASIC_HEADER, "true")]), "the-code", None).expect("a request");
    let shown = format!("{request:?}");
    assert!(!shown.contains("the-code") && !shown.contains("Basic"), "{shown}");
}

#[test]
fn answers_are_json_or_forms() {
    let read = |text: &str| answer::read(text).expect("tokens");
    let json = read(r#"{"access_token":"a","refresh_token":"r","expires_in":3599,"token_type":"Bearer"}"#);
    assert_eq!((json.access.as_str(), json.refresh.as_deref(), json.expires_in_seconds), ("a", Some("r"), Some(3599)));
    let form = read("access_token=a&expires=60&scope=x%20y\n");
    assert_eq!((form.access.as_str(), form.refresh, form.expires_in_seconds), ("a", None, Some(60)));
    assert_eq!(read(r#"{"access_token":"a","expires_in":"120"}"#).expires_in_seconds, Some(120));
    for never in ["0", "-5", "null", "\"soon\"", "1e300"] {
        let text = format!(r#"{{"access_token":"a","expires_in":{never}}}"#);
        assert_eq!(read(&text).expires_in_seconds, None, "{never}");
    }
}

#[test]
fn answers_that_are_no_tokens() {
    let failed = |text: &str| answer::read(text).err().expect("no tokens").to_string();
    assert_eq!(failed(r#"{"error":"bad_verification_code"}"#), "it is an error: bad_verification_code");
    assert_eq!(failed("error=invalid_grant"), "it is an error: invalid_grant");
    assert_eq!(failed("<html><a href=\"?access_token=x\">"), "it is neither JSON nor a form");
    assert_eq!(failed(""), "it is neither JSON nor a form");
    assert_eq!(failed(r#"{"token":"a"}"#), "it has no access_token");
    assert_eq!(failed(r#"{"access_token":""}"#), "it has no access_token");
    assert_eq!(failed(r#"{"access_token":["a"]}"#), "it has no access_token");
    assert!(failed("{\"access_token\":\"a\\r\\nX-Evil: 1\"}").contains("no plain text"));
    assert!(failed(&format!(r#"{{"access_token":"{}"}}"#, "a".repeat(40_000))).contains("too long"));
    assert!(failed(r#"{"error":"<script>alert(1)</script>"}"#).contains("no access_token"));
}

#[test]
fn only_some_refusals_are_final() {
    for text in [
        r#"{"error":"invalid_grant"}"#,
        r#"{"error":{"code":"x"}}"#,
        "error=invalid_client&error_description=x",
        r#"{"error":"A made-up reason, at length"}"#,
    ] {
        for status in [400, 401, 403] {
            assert!(answer::is_final(status, text), "{status} {text}");
        }
        assert!(!answer::is_final(429, text) && !answer::is_final(503, text) && !answer::is_final(404, text));
    }
    let page = "<html><body>Request blocked, reference id=4711</body></html>";
    for text in [
        "",
        page,
        "{}",
        "[]",
        "Forbidden",
        r#"{"error":"temporarily_unavailable"}"#,
        r#"{"error":null}"#,
        r#"{"error":""}"#,
    ] {
        assert!([400, 401, 403].iter().all(|status| !answer::is_final(*status, text)), "{text}");
    }
}

#[test]
fn what_tokens_change() {
    let tokens = answer::Tokens { access: "a".to_owned(), refresh: None, expires_in_seconds: Some(60) };
    let changes = tokens.changes(Timestamp::from_millis(5_000));
    let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, [keys::TOKEN, keys::REFRESH_TIME, keys::EXPIRES_IN, keys::REFRESH_INTERVAL]);
}

#[test]
fn tokens_are_due_when_their_time_is_over() {
    let due = |pairs: &[(&str, &str)], millis: i64| {
        let mut held = vec![(keys::REFRESH_TOKEN, "r"), (keys::TOKEN, "a"), (keys::REFRESH_TIME, "1000000")];
        held.extend(pairs);
        validity::is_due(&configuration(&held), Timestamp::from_millis(millis))
    };
    assert!(!due(&[], 1_000_000 + 3_599_999));
    assert!(due(&[], 1_000_000 + 3_600_000));
    assert!(due(&[(keys::REFRESH_INTERVAL, "60")], 1_060_000));
    assert!(!due(&[(keys::REFRESH_INTERVAL, "60")], 1_059_999));
    assert!(!due(&[(keys::REFRESH_INTERVAL, "0")], 1_060_000), "nonsense counts as the usual hour");
    assert!(!due(&[(keys::REFRESH_INTERVAL, "9223372036854775807")], 2_000_000));
    assert!(!due(&[(keys::REFRESH_TIME, "")], i64::MAX), "nobody knows how old it is");
    assert!(due(&[(keys::REFRESH_TIME, ""), (keys::TOKEN, "")], 0));
    assert!(!due(&[(keys::REFRESH_TOKEN, "")], i64::MAX));
}

#[test]
fn callbacks() {
    for fine in ["http://localhost/cb", "https://a.example/cb?x=1", "myapp://done", "com.example.app:/oauth"] {
        assert_eq!(callback::check(fine), Ok(()), "{fine}");
    }
    let bad = [
        ("https://a.example/cb#x", callback::CallbackError::Fragment),
        ("/cb", callback::CallbackError::NotAbsolute),
        ("", callback::CallbackError::NotAbsolute),
        ("https://", callback::CallbackError::NotAbsolute),
        ("http://a.example/\r\nx", callback::CallbackError::NotAbsolute),
        ("javascript:alert(1)", callback::CallbackError::Scheme),
        ("data:text/html,x", callback::CallbackError::Scheme),
    ];
    for (address, problem) in bad {
        assert_eq!(callback::check(address), Err(problem), "{address}");
    }
    assert_eq!(
        callback::check(&format!("https://a.example/{}", "x".repeat(3000))),
        Err(callback::CallbackError::TooLong)
    );
}
