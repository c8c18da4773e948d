//! Templates: what they name, how they are filled, what is no template.

use serde_json::{Value, json};

use super::Template;

fn filled(text: &str) -> String {
    Template::parse(text).unwrap().expand(&|name: &str, configured| match (name, configured) {
        ("user.name", true) => Some(json!("bob")),
        ("pass", true) => Some(json!("se)cret")),
        ("id", false) => Some(json!(7)),
        ("nothing", _) => Some(Value::Null),
        _ => None,
    })
}

#[test]
fn pieces_are_filled() {
    let cases = [
        ("plain", "plain"),
        ("${configuration.user.name}!", "bob!"),
        ("Basic CE.b64(${configuration.user.name}:${configuration.pass})", "Basic Ym9iOnNlKWNyZXQ="),
        ("CE.b64((a))", "KGEp"),
        ("/x/{id}/{unknown}", "/x/7/{unknown}"),
        ("${configuration.absent}|{nothing}", "|"),
        (r#"{"a": {"b": "{id}"}}"#, r#"{"a": {"b": "7"}}"#),
        ("{}{ id }{9}", "{}{ id }{9}"),
        ("", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(filled(text), expected, "{text}");
    }
}

#[test]
fn configuration_keys_are_found_at_every_depth() {
    let template = Template::parse("${configuration.a}CE.b64(CE.b64(${configuration.b.c}))").unwrap();
    assert_eq!(template.configuration_keys(), ["a", "b.c"]);
}

#[test]
fn unclosed_pieces_are_errors() {
    for text in ["${configuration.a", "CE.b64(a", "CE.b64((a)", &"CE.b64(".repeat(10)] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
}
