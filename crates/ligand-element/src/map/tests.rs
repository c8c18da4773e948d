//! What answers bring.

use serde_json::{Value, json};

use super::{VendorResponse, map};
use crate::folder::tests::element;

const DEFINITION: &str = r#"
name: N
authentication: { type: none }
configuration:
  - { key: token, name: T }
  - { key: oauth.user.token }
  - { key: etag, name: E }
resources:
  - method: GET
    path: /list
    rootKey: "|data.items"
    parameters:
      - { type: configuration, name: token, vendorType: bodyField, vendorName: "[0].id", source: response }
      - { type: configuration, name: etag, vendorType: header, vendorName: ETag, source: response }
  - { method: GET, path: "/one/{id}", rootKey: data }
  - type: onProvision
    method: POST
    path: /token
    parameters:
      - { type: configuration, name: oauth.user.token, vendorType: bodyField, vendorName: "data[0].access_token" }
  - method: POST
    path: /plain
    parameters:
      - { type: configuration, name: token, vendorType: bodyField, vendorName: token }
"#;

fn mapped(resource: usize, body: Value) -> (Value, Vec<(String, Option<String>)>) {
    let element = element("x", DEFINITION);
    let response = VendorResponse { status: 200, headers: vec![("etag".to_owned(), "e1".to_owned())], body };
    let mapped = map(&element, &element.resources()[resource], &response);
    (mapped.body, mapped.configuration)
}

fn stored(key: &str, value: &str) -> (String, Option<String>) {
    (key.to_owned(), Some(value.to_owned()))
}

#[test]
fn roots_and_response_parameters_are_taken() {
    let (body, configuration) = mapped(0, json!({"data": {"items": [{"id": 7}]}}));
    assert_eq!(body, json!([{"id": 7}]));
    assert_eq!(configuration, [stored("token", "7"), stored("etag", "e1")]);
}

#[test]
fn missing_roots_are_empty() {
    assert_eq!(mapped(0, json!({"other": 1})).0, json!([]));
    assert_eq!(mapped(1, json!({"other": 1})).0, json!({}));
}

#[test]
fn token_storage_on_provisioning_needs_no_source() {
    let body = json!({"data": [{"access_token": "abc"}]});
    assert_eq!(mapped(2, body.clone()).1, [stored("oauth.user.token", "abc")]);
    assert!(mapped(2, json!({"data": [{"access_token": null}]})).1.is_empty());
    assert!(mapped(3, json!({"token": "abc"})).1.is_empty(), "elsewhere it is an ordinary parameter");
}
