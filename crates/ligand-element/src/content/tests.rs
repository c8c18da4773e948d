//! Answers are what they were declared to be, or they are not.

use serde_json::json;

use super::{Shape, read_text};

#[test]
fn shapes_follow_content_types() {
    let cases = [
        ("application/json", Shape::Json),
        ("application/vnd.oracle.adf.resourceitem+json;charset=UTF-8", Shape::Json),
        ("text/xml", Shape::Xml),
        ("APPLICATION/JWT", Shape::Jwt),
        ("text/csv", Shape::Text),
    ];
    for (content_type, shape) in cases {
        assert_eq!(Shape::of(content_type), shape);
    }
}

#[test]
fn json_is_read_with_its_tolerances() {
    assert_eq!(read_text(Shape::Json, "\u{feff}{\"a\":1}\n").unwrap(), json!({"a": 1}));
    assert_eq!(read_text(Shape::Json, " ").unwrap(), json!(null));
    for text in ["<html>", "{", "{}{}", "nul"] {
        assert_eq!(read_text(Shape::Json, text).unwrap_err().to_string(), "it is not JSON");
    }
    assert!(read_text(Shape::Json, &"[".repeat(100_000)).is_err());
}

#[test]
fn tokens_are_told_from_other_texts() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJ1biI6ImJvYiJ9.c2ln-_";
    for text in [token.to_owned(), format!("\"{token}\""), format!(" {token}\r\n")] {
        assert_eq!(read_text(Shape::Jwt, &text).unwrap(), json!(token));
    }
    let unsigned = "eyJhbGciOiJub25lIn0.eyJ1biI6ImJvYiJ9.";
    assert!(read_text(Shape::Jwt, unsigned).is_ok());
    for text in ["", "a.b.c", "e30.e30", "e30..", "e30.e30.x.y", "<html>", "{\"token\":1}", "e30.e 30.x", "W10.e30.x"] {
        assert!(read_text(Shape::Jwt, text).is_err(), "{text}");
    }
}
