//! Who decides where a secret goes.

use serde_json::{Value, json};

use super::{super::effective_configuration, aims};
use crate::{Element, folder::tests::element};

const VENDOR: &str = "
name: V
authentication: { type: oauth2 }
configuration:
  - { key: site, name: Site, type: TEXTFIELD_128, required: true }
  - { key: region, name: Region, type: TEXTFIELD_128, defaultValue: eu }
  - { key: edge, name: Edge, type: TEXTFIELD_128, defaultValue: '{inner}' }
  - { key: inner, name: Inner, type: TEXTFIELD_128, defaultValue: edge.v.example }
  - { key: base.url, defaultValue: 'https://{site}/api' }
  - { key: oauth.authorization.url, defaultValue: 'https://{region}.v.example/authorize' }
  - { key: oauth.token.url, defaultValue: 'https://{edge}/token/{region}' }
  - { key: oauth.api.key, defaultValue: app }
  - { key: oauth.api.secret, defaultValue: s }
resources:
  - { method: GET, path: /things }
";

fn found(element: &Element, sent: &Value) -> Vec<String> {
    let known = effective_configuration(element, None, None).unwrap();
    aims(element, &known, sent.as_object().unwrap())
}

#[test]
fn what_leads_a_secret_elsewhere() {
    let element = element("v", VENDOR);
    let evil = json!({
        "oauth.token.url": "x", "oauth.token.refresh_url": "x", "oauth.token.revoke_url": "x", "base.url": "x",
        "oauth.request.url": "x", "oauth.authorization.url": "x", "oauth.signature.method": "PLAINTEXT",
        "oauth.token.parameters": "x", "edge": "x", "inner": "x",
    });
    for (key, value) in evil.as_object().unwrap() {
        assert_eq!(found(&element, &json!({ key: value })), [key.as_str()]);
    }
}

#[test]
fn what_callers_may_say() {
    let element = element("v", VENDOR);
    let good = json!({
        "site": "mine.example", "oauth.callback.url": "http://l/", "oauth.scope": "a", "oauth.pkce": "S256",
        "oauth.token.url": "https://{edge}/token/{region}", "region": "us/", "oauth.token.refresh_url": null,
        "oauth.signature.method": "", "event.notification.callback.url": "http://l/", "unknown": "x",
    });
    assert_eq!(found(&element, &good), Vec::<String>::new());
}
