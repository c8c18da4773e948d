//! Bodies of instance requests: what is taken, what is refused, all at once.

use serde_json::{Map, Value, json};

use super::{Mode, Reference, Request};

fn read(body: Value, mode: Mode) -> Result<Request, String> {
    let Value::Object(body) = body else { panic!("an object") };
    Request::read(body, mode).map_err(|error| error.message)
}

#[test]
fn an_id_wins_over_a_key_and_may_be_text() {
    for (element, expected) in [
        (json!({ "key": "a" }), Some(Reference::Key("a".into()))),
        (json!({ "key": "a", "id": 58 }), Some(Reference::Id("58".into()))),
        (json!({ "id": "58" }), Some(Reference::Id("58".into()))),
        (json!({ "key": " ", "id": null }), None),
        (json!({ "name": "x" }), None),
        (Value::Null, None),
    ] {
        let request = read(json!({ "name": "n", "element": element }), Mode::Create).unwrap();
        assert_eq!(request.element(), expected.as_ref());
    }
}

#[test]
fn every_wrong_member_is_named_in_one_message() {
    let body = json!({
        "element": 7, "tags": [1], "configuration": [], "cachingEnabled": "maybe", "maxCacheSize": -1,
        "cacheTimeToLive": 1.5, "traceLoggingEnabled": {}, "externalAuthentication": "some",
        "retrieveObjectsAfterInstantiation": 3, "name": "n",
    });
    let message = read(body.clone(), Mode::Create).unwrap_err();
    for (member, _) in body.as_object().unwrap().iter().filter(|(member, _)| *member != "name") {
        assert!(message.contains(member), "{member} in {message}");
    }
}

#[test]
fn names_are_cleaned_and_bounded() {
    let name = |name: Value| read(json!({ "name": name }), Mode::Change).map(|request| request.name);
    assert_eq!(name(json!("<a href='#'>abc</a> ")), Ok(Some("abc".into())));
    assert_eq!(name(Value::Null), Ok(None));
    for wrong in [json!(""), json!("<b></b>"), json!(5), json!("a\u{0}b"), json!("x".repeat(1001)), json!(["a"])] {
        assert!(name(wrong.clone()).unwrap_err().contains("name"), "{wrong}");
    }
    let created = read(json!({}), Mode::Create).unwrap();
    assert!(created.name_problem.is_some(), "reported later, beside missing configuration");
}

#[test]
fn tags_are_cleaned_and_bounded() {
    let tags = |tags: Value| read(json!({ "name": "n", "tags": tags }), Mode::Create).map(|request| request.tags);
    assert_eq!(tags(json!(["<i>a</i>", "b", "a", " "])), Ok(Some(vec!["a".into(), "b".into()])));
    assert_eq!(tags(Value::Null), Ok(None));
    assert_eq!(tags(json!([])), Ok(Some(vec![])));
    assert!(tags(json!("a")).is_err() && tags(json!([null])).is_err());
    assert!(tags(Value::from(vec!["x"; 201])).is_err());
}

#[test]
fn too_many_entries_are_refused() {
    let entries: Map<String, Value> = (0..2001).map(|index| (format!("k{index}"), json!("v"))).collect();
    assert!(
        read(json!({ "name": "n", "configuration": entries }), Mode::Create).unwrap_err().contains("configuration")
    );
}

#[test]
fn debug_is_asked_for_in_either_map() {
    let debug = |body: Value| read(body, Mode::Change).unwrap().debug();
    assert!(
        debug(json!({ "configuration": { "debug": true } })) && debug(json!({ "providerData": { "debug": "true" } }))
    );
    assert!(!debug(json!({ "configuration": { "debug": "no" } })) && !debug(json!({ "providerData": "debug" })));
}
