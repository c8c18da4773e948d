//! Requests for tokens of every kind, and the assertions that go with them.

use ligand_domain::{Configuration, Timestamp};
use serde_json::json;

use super::{assertion, request};
use crate::{Element, PlanError, VendorBody, VendorRequest, folder::tests::element};

const NOW: Timestamp = Timestamp::from_millis(1_500_000_000_999);

fn of(authentication: &str) -> Element {
    let entries = "[{ key: oauth.token.url, defaultValue: 'https://{site}/token?v=1' }, { key: site, name: S },
        { key: tenant, name: T }, { key: empty, name: E }, { key: own.key, name: K }]";
    element("t", &format!("name: T\nauthentication: {authentication}\nconfiguration: {entries}"))
}

fn configuration(pairs: &[(&str, &str)]) -> Configuration {
    let usual = [
        ("oauth.token.url", "https://{site}/token?v=1"),
        ("site", "auth.example.com"),
        ("oauth.api.key", "client&1"),
        ("oauth.api.secret", "s=&cret"),
        ("tenant", "acme"),
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
        _ => panic!("a form"),
    }
}

#[test]
fn client_credentials_in_the_form_or_in_the_header() {
    let element = of("{ type: oauth2ClientCredentials }");
    let scoped =
        configuration(&[("oauth.scope", "a b"), ("oauth.token.parameters", "audience=https://{tenant}&scope=evil")]);
    let made = request(&element, &scoped, None).expect("a request");
    assert_eq!(made.url.as_str(), "https://auth.example.com/token?v=1");
    assert_eq!(
        body(&made),
        "grant_type=client_credentials&scope=a+b&client_id=client%261&client_secret=s%3D%26cret&audience=https%3A%2F%2Facme"
    );
    assert_eq!(made.header("authorization"), None);
    let made = request(&element, &configuration(&[("oauth.basic.header", "true")]), None).expect("a request");
    assert_eq!(body(&made), "grant_type=client_credentials");
    assert_eq!(made.header("authorization"), Some("Basic Y2xpZW50JTI2MTpzJTNEJTI2Y3JldA=="));
}

#[test]
fn a_user_s_password() {
    let element = of("{ type: oauth2password, username: tenant }");
    let made = request(&element, &configuration(&[("password", "p+&w")]), None).expect("a request");
    assert!(
        body(&made).starts_with("grant_type=password&username=acme&password=p%2B%26w&client_id="),
        "{}",
        body(&made)
    );
    let refused = request(&element, &configuration(&[]), None).expect_err("nothing to send");
    assert_eq!(refused.to_string(), "The configuration entry password has no value");
}

#[test]
fn an_assertion_that_a_definition_says_nothing_of() {
    let element = of("{ type: jwtOauth }");
    assert!(element.entry("oauth.jwt.key").is_some_and(|entry| entry.required));
    assert!(element.entry("oauth.api.key").is_some() && element.entry("oauth.api.secret").is_none());
    let made = assertion(&element, &configuration(&[]), NOW, "id-1").expect("valid").expect("one");
    assert_eq!(made.key, "oauth.jwt.key");
    assert_eq!(made.header, json!({ "typ": "JWT", "alg": "RS256" }));
    assert_eq!(
        made.claims,
        json!({ "iss": "client&1", "sub": "client&1", "aud": "https://auth.example.com/token?v=1",
            "iat": 1_500_000_000, "exp": 1_500_000_300, "jti": "id-1" })
    );
    assert!(!format!("{made:?}").contains("client"), "claims do not show");
    let sent = request(&element, &configuration(&[]), Some("a.b.c")).expect("a request");
    assert_eq!(body(&sent), "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c");
}

#[test]
fn an_assertion_as_a_definition_wants_it() {
    let element = of(
        "{ type: jwtOauth, assertion: { algorithm: ES256, key: own.key, lifetime: 60,
            header: { kid: '${configuration.tenant}', alg: none, typ: x }, claims: { iss: me, sub: '${configuration.empty}',
            aud: ['${configuration.site}'], nested: { t: 'of ${configuration.tenant}' }, exp: 5, admin: true } } }",
    );
    let made = assertion(&element, &configuration(&[]), NOW, "id").expect("valid").expect("one");
    assert_eq!(made.header, json!({ "kid": "acme", "typ": "x", "alg": "ES256" }));
    assert_eq!(
        made.claims,
        json!({ "iss": "me", "aud": ["auth.example.com"], "nested": { "t": "of acme" }, "exp": 5, "admin": true,
            "iat": 1_500_000_000, "jti": "id" }),
        "what has no value is left out, what is stated stays"
    );
    assert!(element.entry("oauth.jwt.key").is_none());
    let shown = element.to_json(crate::View::Full);
    assert_eq!(shown["authentication"]["assertion"]["algorithm"], "ES256");
}

#[test]
fn a_client_that_proves_itself_by_an_assertion() {
    let element = of("{ type: oauth2ClientCredentials, assertion: { algorithm: PS256 } }");
    assert!(element.entry("oauth.api.secret").is_none(), "nobody is asked for a secret");
    let made = request(&element, &configuration(&[]), Some("x.y.z")).expect("a request");
    assert_eq!(
        body(&made),
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion=x.y.z&client_id=client%261"
    );
    assert_eq!(assertion(&of("{ type: oauth2ClientCredentials }"), &configuration(&[]), NOW, "i"), Ok(None));
}

#[test]
fn what_cannot_be_asked_for() {
    let refused = |authentication: &str, pairs: &[(&str, &str)]| {
        request(&of(authentication), &configuration(pairs), None).expect_err("nothing to send")
    };
    let unresolved = |key: &str| PlanError::Unresolved(key.to_owned());
    assert_eq!(refused("{ type: oauth2ClientCredentials }", &[("oauth.token.url", "")]), unresolved("oauth.token.url"));
    assert_eq!(refused("{ type: oauth2ClientCredentials }", &[("site", "")]), unresolved("site"));
    assert_eq!(refused("{ type: oauth2ClientCredentials }", &[("oauth.api.key", "")]), unresolved("oauth.api.key"));
    let file = refused("{ type: oauth2ClientCredentials }", &[("oauth.token.url", "file:///etc/passwd")]);
    assert_eq!(file, unresolved("base.url"), "what is no web address is a path");
    assert!(matches!(refused("{ type: basic }", &[]), PlanError::Unsupported(_)));
}

#[test]
fn definitions_that_are_wrong() {
    let problems = |authentication: &str| {
        let text = format!("name: T\nauthentication: {authentication}");
        let files = vec![crate::File { path: "element.yaml".to_owned(), text }];
        let problems = crate::load(&crate::Folder { key: "t".to_owned(), files }).expect_err("problems");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (authentication, told) in [
        ("{ type: jwtOauth, assertion: [] }", "authentication.assertion: must be a mapping"),
        (
            "{ type: jwtOauth, assertion: { algorithm: none } }",
            "authentication.assertion.algorithm: \"none\" is not known",
        ),
        ("{ type: jwtOauth, assertion: { lifetime: 0 } }", "authentication.assertion.lifetime: must be"),
        ("{ type: jwtOauth, assertion: { claims: text } }", "authentication.assertion.claims: must be a mapping"),
        (
            "{ type: jwtOauth, assertion: { claims: { a: '${configuration.nix}' } } }",
            "authentication.assertion.claims: there is no configuration key nix",
        ),
        (
            "{ type: jwtOauth, assertion: { key: nix } }",
            "authentication.assertion.key: there is no configuration key nix",
        ),
        ("{ type: jwtOauth, assertion: { secret: x } }", "\"secret\" is not a known member"),
        ("{ type: basic, assertion: {} }", "\"assertion\" is not a known member"),
        ("{ type: basic, service: s3 }", "\"service\" is not a known member"),
    ] {
        let shown = problems(authentication);
        assert!(shown.contains(told), "{authentication}: {shown}");
    }
}
