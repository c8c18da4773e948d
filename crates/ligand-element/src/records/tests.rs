//! What is copied is what values would be written as, to the letter.

use ligand_domain::Configuration;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{AnswerState, Inputs, VendorResponse, folder::tests::element, prepare};

fn thing(members: &str) -> Element {
    element(
        "x",
        &format!(
            "name: N\nauthentication: {{ type: none }}\nresources:\n  - {{ method: GET, path: /things, {members} }}\n"
        ),
    )
}

fn call(element: &Element, query: &[(&str, &str)], keeps_nulls: bool) -> Prepared {
    let mut configuration = Configuration::default();
    configuration.set("filter.response.nulls", keeps_nulls.then(|| "false".to_owned()));
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let inputs = Inputs { query, ..Inputs::default() };
    prepare(element, &element.resources()[0], &inputs, &configuration).unwrap()
}

/// The list by way of values.
fn by_values(element: &Element, prepared: &Prepared, text: &str) -> Option<(Value, String)> {
    let resource = &element.resources()[0];
    let response = VendorResponse { status: 200, headers: Vec::new(), body: serde_json::from_str(text).ok()? };
    let answer = AnswerState::of(element, resource, response, None);
    answer.body.is_array().then(|| (answer.vendor_body, prepared.finish(answer.body).to_string()))
}

fn copied(element: &Element, prepared: &Prepared, text: &str) -> Option<(Value, String)> {
    let (rest, records) = copy_records(element, &element.resources()[0], prepared, text)?;
    Some((rest, String::from_utf8(Record::list(records).unwrap()).unwrap()))
}

const AWKWARD: &str = r#"{ "next" : 1e2, "a": { "b": [
    { "id": 1, "n": null, "t": "\u00e9\/\"\n é \ud83d\ude00", "f": 1.0, "g": 1E3, "h": -0, "i": 123456789012345678901234567890 },
    {"id":2,"deep":{"n":null,"m":[null,{"n":null}],"o":{}},"f":0.1,"x.y":1,"x":{"y":2,"z":null}}, null, 5, "text", [{"id":3,"q":1}],
    { "id" : -3 , "t\u0065xt": true, "g": 5e-324, "j": 18446744073709551615, "k": 18446744073709551616, "l": -9223372036854775808 },
    {}, {"n": null}, {"id": 1, "n": 2, "t": 3, "f": 4, "extra": 5}, {"extra": [ ], "id": 6}
  ], "c": [1, 2] }, "more": false }"#;

#[test]
fn copies_are_what_values_are_written_as() {
    let element = thing("rootKey: '|a.b', nextPageKey: next");
    let cases: &[&[(&str, &str)]] = &[
        &[],
        &[("fields", "id")],
        &[("fields", "id,t,x.y,deep.o,deep.m.n,n")],
        &[("fields", "gone")],
        &[("fields", "*")],
    ];
    for query in cases {
        for keeps_nulls in [false, true] {
            let prepared = call(&element, query, keeps_nulls);
            let found = copied(&element, &prepared, AWKWARD);
            assert!(found.is_some());
            assert_eq!(found, by_values(&element, &prepared, AWKWARD), "{query:?}");
        }
    }
    let bare = thing("nextPageKey: header.link");
    let prepared = call(&bare, &[], false);
    let text = "\u{feff} [ {\"b\":1 , \"a\": null}, 2 ]\n";
    assert_eq!(copied(&bare, &prepared, text), Some((Value::Null, r#"[{"b":1},2]"#.to_owned())));
    assert_eq!(copied(&bare, &prepared, "[]"), Some((Value::Null, "[]".to_owned())));
}

#[test]
fn what_cannot_be_copied_is_left_to_values() {
    let element = thing("rootKey: '|a.b'");
    let prepared = call(&element, &[], false);
    let many: Vec<String> = (0..=MAX_MEMBERS).map(|number| format!("\"m{number}\":0")).collect();
    let texts = [
        r#"{"a":{"b":[{"x":1,"y":2,"x":3}]}}"#.to_owned(),
        r#"{"a":{"b":[{"x":1},{"x":1,"\u0078":3}]}}"#.to_owned(),
        r#"{"a":{"b":[{"x":{"y":1,"y":2}}]}}"#.to_owned(),
        r#"{"a":{"b":[]},"a":{"b":[]}}"#.to_owned(),
        r#"{"a":{"b":[]},"a.b":[1]}"#.to_owned(),
        format!(r#"{{"a":{{"b":[{{{}}}]}}}}"#, many.join(",")),
    ];
    for text in &texts {
        assert_eq!(copied(&element, &prepared, text), None, "{text}");
        assert!(by_values(&element, &prepared, text).is_some(), "{text}");
    }
    let lists = [r#"{"a":{"b":{}}}"#, r#"{"a":{"b":null}}"#, r#"{"a":{}}"#, r#"{"a":[]}"#, "[]", "null", "{}", "7"];
    let broken = [
        "",
        r#"{"a":{"b":[1]}} x"#,
        r#"{"a":{"b":[1,]}}"#,
        r#"{"a":{"b":["\ud800"]}}"#,
        r#"{"a":{"b":[1e999]}}"#,
        r#"{"a":{"b":[{"x":1e999}]}}"#,
    ];
    for text in
        lists.into_iter().chain(broken).map(str::to_owned).chain([format!(r#"{{"a":{{"b":[{}]}}}}"#, "[".repeat(200))])
    {
        assert_eq!(copied(&element, &prepared, &text), None, "{text}");
    }
    let unwanted = call(&element, &[("fields", "y")], false);
    assert_eq!(copied(&element, &unwanted, r#"{"a":{"b":[{"x":"\ud800"}]}}"#), None, "what goes is read as strictly");
}

#[test]
fn what_is_looked_into_is_not_copied() {
    let text = r#"{"a":[{"x":1}]}"#;
    for (members, query) in [
        ("rootKey: '|a'", &[("where", "x = 1")][..]),
        ("rootKey: '|a[*]'", &[]),
        ("rootKey: '|a', nextPageKey: 'a[0].x'", &[]),
        ("rootKey: '|a', nextPageKey: '[0].x'", &[]),
        (
            "rootKey: '|a', parameters: [{ name: t, vendorName: x, type: header, vendorType: bodyField, source: response }]",
            &[],
        ),
        ("rootKey: '|a', hooks: [{ type: postRequest, body: 'done({})' }]", &[]),
    ] {
        let element = thing(members);
        assert_eq!(copied(&element, &call(&element, query, false), text), None, "{members}");
    }
}

#[test]
fn a_list_of_mixed_records_is_values() {
    let mixed = vec![Record::Written(b"{\"a\":1}"[..].into()), Record::Value(json!(2))];
    let records = Record::list(mixed).unwrap_err();
    assert_eq!(records.into_iter().map(Record::into_value).collect::<Vec<_>>(), [json!({"a": 1}), json!(2)]);
    assert_eq!(Record::list(Vec::new()).unwrap(), b"[]");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a\"\\\\\u{1}é]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[ab.é\"]{1,2}", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_list_is_copied_as_it_would_be_written(
        records in prop::collection::vec(value(), 0..5),
        fields in "[ab.,*]{0,6}",
        keeps_nulls: bool,
        is_pretty: bool,
    ) {
        let element = thing("rootKey: '|items'");
        let prepared = call(&element, &[("fields", &fields)], keeps_nulls);
        let answer = json!({ "before": [1], "items": records, "after": null });
        let text = if is_pretty { serde_json::to_string_pretty(&answer).unwrap() } else { answer.to_string() };
        let found = copied(&element, &prepared, &text);
        prop_assert!(found.is_some());
        prop_assert_eq!(found, by_values(&element, &prepared, &text));
    }

    #[test]
    fn any_text_is_copied_or_left_to_values(text in "[\\[\\]{}\":, 1ab\\\\u-]{0,24}") {
        let element = thing("rootKey: '|a'");
        let prepared = call(&element, &[], false);
        let text = format!("{{\"a\":[{text}]}}");
        if let Some(found) = copied(&element, &prepared, &text) {
            prop_assert_eq!(Some(found), by_values(&element, &prepared, &text));
        }
    }
}
