//! Roots of answers, and what answers bring.

use serde_json::{Value, json};

use super::*;
use crate::folder::tests::element;

fn body(resource: &str, protocol: &str, vendor: Value) -> Value {
    let text = format!(
        "name: N\nauthentication: {{ type: none }}\nprotocolType: {protocol}\nresources:\n  - {{ method: GET, {resource} }}\n"
    );
    let element = element("x", &text);
    let response = VendorResponse { status: 201, headers: Vec::new(), body: vendor };
    let answer = AnswerState::of(&element, &element.resources()[0], response, None);
    assert_eq!(answer.status, 201);
    answer.body
}

#[test]
fn roots_of_every_form_are_found() {
    let vendor = json!({
        "data": [1], "d": {"results": [2]}, "items": [{"n": 1}, {"n": 2}], "soap:Envelope": {"soap:Body": {"x": 3}},
        "events": [{"data": {"worker": [4]}}],
    });
    let cases = [
        ("data", json!([1])),
        ("|data", json!([1])),
        ("ignored|data", json!([1])),
        ("ignored|", vendor.clone()),
        ("", vendor.clone()),
        ("d.results", json!([2])),
        ("items[*]", json!([{"n": 1}, {"n": 2}])),
        (".items[*].n", json!([1, 2])),
        ("events[0].data.worker", json!([4])),
        ("soap:Envelope.soap:Body", json!({"x": 3})),
        ("gone", json!([])),
        ("items[7]", json!([])),
        ("items[x]", json!([])),
        ("data.deeper", json!([])),
    ];
    for (root, expected) in cases {
        assert_eq!(body(&format!("path: /l, rootKey: '{root}'"), "http", vendor.clone()), expected, "{root}");
    }
    assert_eq!(body("path: '/l/{id}', rootKey: gone", "http", vendor), json!({}));
}

#[test]
fn a_single_object_is_a_list_of_one_only_in_xml() {
    let vendor = json!({"r": {"item": {"id": 1}}});
    assert_eq!(body("path: /l, rootKey: r.item", "http", vendor.clone()), json!({"id": 1}));
    let xml = "response: { contentType: application/xml }, rootKey: r.item";
    assert_eq!(body(&format!("path: /l, {xml}"), "http", vendor.clone()), json!([{"id": 1}]));
    assert_eq!(body(&format!("path: '/l/{{id}}', {xml}"), "http", vendor.clone()), json!({"id": 1}));
    assert_eq!(body("path: /l, rootKey: r.item", "soap", vendor), json!([{"id": 1}]));
}

const ASKING: &str = r#"
name: N
authentication: { type: none }
configuration: [{ key: token, name: T }]
resources:
  - method: GET
    path: /l
    rootKey: data.items
    parameters:
      - { type: header, name: Elements-Total-Count, vendorType: bodyField, vendorName: data.total, source: response }
      - { type: configuration, name: token, vendorType: bodyField, vendorName: "data.items[0].t", source: response }
  - { method: GET, path: /m, rootKey: data.items, nextPageKey: data.next }
  - { method: GET, path: /n, rootKey: data.items, nextPageKey: next }
"#;

#[test]
fn what_is_asked_of_an_answer_is_not_lost_with_its_root() {
    let element = element("x", ASKING);
    let vendor = json!({"data": {"items": [{"t": "secret"}], "total": 17, "next": "c1"}, "next": "c2"});
    let answer = |index: usize| {
        let response = VendorResponse { status: 200, headers: Vec::new(), body: vendor.clone() };
        AnswerState::of(&element, &element.resources()[index], response, None)
    };
    let stored = [("token".to_owned(), Some("secret".to_owned()))];
    assert_eq!(answer(0).header("elements-total-count"), Some("17"));
    assert_eq!(brought(&element, &element.resources()[0], &answer(0)), stored);
    for (index, cursor) in [(1, "c1"), (2, "c2")] {
        let after = crate::After::of(&element.resources()[index], &answer(index));
        assert_eq!(after.cursor.as_deref(), Some(cursor));
        assert_eq!(answer(index).body, json!([{"t": "secret"}]));
    }
    assert!(!format!("{:?}", answer(0)).contains("secret"));
}
