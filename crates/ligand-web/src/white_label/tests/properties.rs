//! Properties of the body rewriting over generated documents and bytes.

use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{noun, route, to_standard, to_variant};

fn member_name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("your_mom".to_owned()),
        Just("your_moms".to_owned()),
        "your_mom[A-Z][a-z]{0,4}",
        "your_mom[a-z_]{1,3}",
        Just("configuration".to_owned()),
        Just("name".to_owned()),
        Just("typeOauth".to_owned()),
        "[a-d\"\\\\é]{0,3}",
    ]
}

fn document(names: BoxedStrategy<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-c\"\\\\\u{0}é ]{0,6}".prop_map(Value::from),
        Just(json!("Your_mom and your_moms")),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn data_map() -> impl Strategy<Value = Value> {
    let names = prop_oneof!["element[A-Z]?", "elements", "your_mom[A-Z]?", "[a-c]{1,3}"].boxed();
    document(names).prop_map(|value| if value.is_object() { value } else { json!({ "element": value }) })
}

proptest! {
    #[test]
    fn there_and_back_is_the_same_text(body in document(member_name().boxed())) {
        for text in [body.to_string(), serde_json::to_string_pretty(&body).unwrap()] {
            let standard = to_standard("/instances", &text);
            prop_assert_eq!(to_variant("/instances", &standard), text);
        }
    }

    #[test]
    fn a_body_without_vocabulary_is_untouched(body in document("[a-dE_]{0,4}".boxed())) {
        let text = body.to_string();
        prop_assert_eq!(noun().variant_body(route("/formulas"), text.as_bytes()), None);
        prop_assert_eq!(noun().standard_body(route("/formulas"), text.as_bytes()), None);
    }

    #[test]
    fn user_data_never_changes(name in ".{0,12}", tags in prop::collection::vec("(elements?|your_mom| ){0,3}", 0..3),
        map in data_map(), prefer_name in any::<bool>()) {
        let name = if prefer_name { "Element element".to_owned() } else { name };
        let body = json!({"element": {"typeOauth": false}, "name": name, "tags": tags, "configuration": map, "user": map});
        let answer: Value = serde_json::from_str(&to_variant("/instances", &body.to_string())).unwrap();
        for member in ["name", "tags", "configuration", "user"] {
            prop_assert_eq!(&answer[member], &body[member]);
        }
        prop_assert!(answer.get("your_mom").is_some() && answer.get("element").is_none());
        let back: Value = serde_json::from_str(&to_standard("/instances", &answer.to_string())).unwrap();
        prop_assert_eq!(back, body);
    }

    #[test]
    fn every_answer_stays_json(body in document(prop_oneof!["(element|your_mom)[A-C]?", "[a-c]"].boxed())) {
        let text = body.to_string();
        for changed in [to_standard("/formulas", &text), to_variant("/formulas", &text)] {
            prop_assert!(serde_json::from_str::<Value>(&changed).is_ok(), "{changed}");
        }
    }

    #[test]
    fn bytes_never_panic(body in prop::collection::vec(prop::sample::select(b"{}[]\":,\\ u0e1tyour_mom\xff\xc3".to_vec()), 0..60),
        path in "(/(your_moms|elements|hubs|accounts|usage|metrics|\\?|=|%|[a-z]{0,3})){0,6}") {
        let _ = noun().standard_body(route("/instances"), &body);
        let _ = noun().variant_body(route("/formulas"), &body);
        let standard = noun().standard_path(&path).unwrap_or(path);
        let _ = super::Route::of(&standard, &HeaderMap::new());
    }
}
