//! Members that stay and members that go.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn projected(fields: &str, mut body: Value) -> Value {
    Projection::parse(fields).unwrap().apply(&mut body);
    body
}

#[test]
fn members_asked_for_stay() {
    let record = json!({
        "id": 1, "name": "n", "address": {"city": "c", "zip": "z"}, "phones": [{"n": 1, "k": 2}, 5], "a.b": 7,
    });
    let cases = [
        ("id", json!({"id": 1})),
        (" name , id ,, ", json!({"id": 1, "name": "n"})),
        ("id,address.city", json!({"id": 1, "address": {"city": "c"}})),
        ("address.city,address", json!({"address": {"city": "c", "zip": "z"}})),
        ("address,address.city", json!({"address": {"city": "c", "zip": "z"}})),
        ("phones[*].n", json!({"phones": [{"n": 1}, 5]})),
        ("phones.n", json!({"phones": [{"n": 1}, 5]})),
        ("a.b", json!({"a.b": 7})),
        ("unknown", json!({})),
        ("address.gone.deeper", json!({"address": {}})),
        ("id.deeper", json!({"id": 1})),
    ];
    for (fields, expected) in cases {
        assert_eq!(projected(fields, record.clone()), expected, "{fields}");
    }
    assert_eq!(projected("id", json!([record, {"x": 1}])), json!([{"id": 1}, {}]));
    assert_eq!(projected("id", json!("text")), json!("text"));
    let order = projected("c,a.b,b,a", json!({"a": 1, "a.b": 2, "b": 3, "d": 4, "c": 5}));
    assert_eq!(order.to_string(), r#"{"a":1,"a.b":2,"b":3,"c":5}"#, "the record's own order");
    for nothing in ["", " , ", "*", "id,*"] {
        assert_eq!(Projection::parse(nothing), None, "{nothing:?}");
    }
}

#[test]
fn nulls_go_at_every_depth_but_stay_in_lists() {
    let mut body = json!([{"a": null, "b": {"c": null, "d": [null, {"e": null}]}}, null]);
    without_nulls(&mut body);
    assert_eq!(body, json!([{"b": {"d": [null, {}]}}, null]));
}

proptest! {
    #[test]
    fn projecting_twice_changes_nothing(fields in "[ab.,\\[\\]* ]{0,20}") {
        let mut once = json!({"a": {"b": [{"a": 1, "b": null}], "a": 2}, "b": {"a": {"b": 1}}, "a.b": 1});
        if let Some(projection) = Projection::parse(&fields) {
            projection.apply(&mut once);
            let mut twice = once.clone();
            projection.apply(&mut twice);
            prop_assert_eq!(twice, once);
        }
    }
}
