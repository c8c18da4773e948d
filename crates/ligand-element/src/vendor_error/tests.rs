//! Vendors' words are found where vendors put them.

use serde_json::json;

use super::vendor_error_text;

#[test]
fn places_are_tried_in_order() {
    let cases = [
        (json!({"message": "a", "Message": "b"}), Some("a")),
        (json!({"error": {"message": "a"}}), Some("a")),
        (json!({"error": "invalid_grant", "error_description": "a"}), Some("a")),
        (json!({"errors": [{"detail": "a"}]}), Some("a")),
        (json!({"faultstring": "a"}), Some("a")),
        (json!({"Message": "a"}), Some("a")),
        (json!({"error": "a"}), Some("a")),
        (json!({"requestError": {"serviceException": {"messageId": "X", "text": "a"}}}), Some("a")),
        (json!({"code": 7}), Some("{\"code\":7}")),
        (json!({"message": " "}), Some("{\"message\":\" \"}")),
        (json!("a\r\nb"), Some("a  b")),
        (json!(" <!DOCTYPE html><html>"), None),
        (json!("<HTML>"), None),
        (json!(""), None),
        (json!(null), None),
    ];
    for (body, text) in cases {
        assert_eq!(vendor_error_text(&body, &|text| text).as_deref(), text, "{body}");
    }
}

#[test]
fn long_texts_are_cut() {
    assert_eq!(vendor_error_text(&json!("\u{e4}".repeat(5000)), &|text| text).unwrap().chars().count(), 2000);
}

#[test]
fn secrets_are_taken_out_before_the_cut() {
    let text = format!("{}hunter2", "x".repeat(1996));
    let clean = vendor_error_text(&json!(text), &|text| text.replace("hunter2", "****")).unwrap();
    assert!(clean.ends_with("x****"));
}
