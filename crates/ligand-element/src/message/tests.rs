//! Messages: where values, the caller's body and conditional parts stand.

use serde_json::{Value, json};

use super::{Filling, Message};
use crate::PlanError;

fn filled(message: &Value, body: Option<&Value>, asked: &[&str]) -> Result<Value, PlanError> {
    let lookup = |name: &str, configured: bool| match (name, configured) {
        ("where", false) => Some(json!(" WHERE a = 'it''s \"{limit}\"'")),
        ("limit", false) => Some(json!("20")),
        ("list", false) => Some(json!([1, 2])),
        ("nothing", false) => Some(Value::Null),
        ("key", true) => Some(json!("configured")),
        _ => None,
    };
    let asks = |name: &str| asked.contains(&name);
    Message::compile(message).unwrap().fill(&Filling { lookup: &lookup, body, asks: &asks })
}

#[test]
fn texts_are_templates_and_values_stay_values() {
    let message = json!({
        "query": "SELECT A{where} LIMIT {limit}", "pageSize": "{limit}", "ids": "{list}", "none": "{nothing}",
        "unknown": "{unknown}", "configured": "${configuration.key}", "five": 5, "yes": true, "null": null,
    });
    let expected = json!({
        "query": "SELECT A WHERE a = 'it''s \"{limit}\"' LIMIT 20", "pageSize": "20", "ids": [1, 2],
        "configured": "configured", "five": 5, "yes": true, "null": null,
    });
    assert_eq!(filled(&message, None, &[]).unwrap(), expected);
}

#[test]
fn the_body_stands_where_it_is_marked() {
    let message = json!({ "things": [{ "@body": true, "@type": "Book", "id": { "id": "{limit}" } }] });
    let body = json!({ "title": "T", "@type": "Sheep", "subject": null, "id": 7 });
    let expected = json!({ "things": [{ "title": "T", "@type": "Book", "subject": null, "id": { "id": "20" } }] });
    assert_eq!(filled(&message, Some(&body), &[]).unwrap(), expected);
    assert_eq!(filled(&message, None, &[]).unwrap()["things"][0]["@type"], "Book");
    for wrong in [json!([]), json!("text"), json!(1)] {
        assert!(matches!(filled(&message, Some(&wrong), &[]), Err(PlanError::Invalid(_))));
    }
    assert_eq!(Message::compile(&message).unwrap().body_path().as_deref(), Some("things[0]"));
    let nested = json!([{ "a": 1 }, { "b": { "c": [[{ "@body": true }]] } }]);
    assert_eq!(Message::compile(&nested).unwrap().body_path().as_deref(), Some("[1].b.c[0][0]"));
}

#[test]
fn parts_can_depend_on_a_parameter() {
    let message = json!({ "items": [{ "a": 1 }, { "@when": "returnCount", "b": 2 }] });
    assert_eq!(filled(&message, None, &[]).unwrap(), json!({ "items": [{ "a": 1 }] }));
    assert_eq!(filled(&message, None, &["returnCount"]).unwrap(), json!({ "items": [{ "a": 1 }, { "b": 2 }] }));
}

#[test]
fn everything_wrong_is_told() {
    let message = json!({ "a": [{ "@body": 1 }], "b": "CE.b64(", "@when": true });
    let problems = Message::compile(&message).unwrap_err();
    assert_eq!(problems.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["a[0].@body", "b", "@when"]);
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(Message::compile(&deep).unwrap_err().len(), 1);
}

#[test]
fn variables_are_found_by_their_place() {
    let message = Message::compile(&json!({
        "items": [{ "a": 1 }, { "b": { "things": [{ "id": { "id": "{id}" }, "text": "x {id}" }] } }], "plain": "{other}",
    }));
    let message = message.unwrap();
    let is_variable = |place: &str| message.is_variable(place, &|name| name == "id");
    assert!(is_variable("items[1].b.things[0].id.id"));
    assert!(is_variable("items[0].b.things[0].id.id"), "parts before it may have been left out");
    for other in ["", "items", "items[1].b.things[0].id", "items[1].b.things[0].text", "plain", "items[1].a", "none.id"]
    {
        assert!(!is_variable(other), "{other}");
    }
}
