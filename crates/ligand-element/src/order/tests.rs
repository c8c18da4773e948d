//! Records in order.

use ligand_ceql::parse_order_by;
use serde_json::json;

use super::sort;

#[test]
fn records_are_ordered_by_kind_and_value() {
    let mut records = vec![
        json!({"n": "b"}),
        json!({"n": null}),
        json!({"n": 10}),
        json!({"n": 9.5}),
        json!({"n": "a"}),
        json!({}),
        json!({"n": true}),
        json!({"n": {"x": 1}}),
    ];
    sort(&mut records, &parse_order_by("n"));
    let order: Vec<_> = records.iter().map(|record| record["n"].clone()).collect();
    assert_eq!(json!(order), json!([true, 9.5, 10, "a", "b", null, null, {"x": 1}]));
    sort(&mut records, &parse_order_by("n desc"));
    let order: Vec<_> = records.iter().map(|record| record["n"].clone()).take(5).collect();
    assert_eq!(json!(order), json!(["b", "a", 10, 9.5, true]), "what is missing stays last");
}

#[test]
fn later_fields_decide_and_equal_records_keep_their_order() {
    let mut records = vec![
        json!({"a": {"b": 1}, "c": 2, "id": 1}),
        json!({"a": {"b": 1}, "c": 3, "id": 2}),
        json!({"a": {"b": 0}, "c": 1, "id": 3}),
        json!({"a": {"b": 1}, "c": 3, "id": 4}),
    ];
    sort(&mut records, &parse_order_by("a.b, c desc'"));
    let ids: Vec<_> = records.iter().map(|record| record["id"].clone()).collect();
    assert_eq!(json!(ids), json!([3, 2, 4, 1]));
    sort(&mut records, &parse_order_by("unknown"));
    assert_eq!(records[0]["id"], 3);
}
