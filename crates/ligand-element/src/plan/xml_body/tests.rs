//! JSON bodies as XML.

use serde_json::json;

use super::*;

#[test]
fn one_root_is_written_with_attributes_and_lists() {
    let body = json!({"a": {"@id": "1\"", "b": [1, "x<y"], "c": null, "d": {"#text": "t&", "@k": true}}});
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <a id=\"1&quot;\"><b>1</b><b>x&lt;y</b><c></c><d k=\"true\">t&amp;</d></a>";
    assert_eq!(write(&body).unwrap(), expected);
}

#[test]
fn what_xml_cannot_hold_is_refused() {
    let bodies = [
        json!({}),
        json!({"a": 1, "b": 2}),
        json!([1]),
        json!("x"),
        json!({"a": [1, 2]}),
        json!({"a b": 1}),
        json!({"a><b": 1}),
        json!({"a": {"@x=\"": 1}}),
        json!({"a": "\u{1}"}),
        json!({"1a": 1}),
        json!({"": 1}),
    ];
    for body in bodies {
        assert!(write(&body).is_err(), "{body}");
    }
}
