//! XML follows the schema whatever the order in JSON; what does not fit is refused with its path.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EncodeError, EncodeOptions};
use crate::{
    TypeNames,
    document::{self, Name},
    samples::{Dice, library, sample},
};

const BODY: &str = "<n0:Store xmlns:n0=\"urn:library:messages\" xmlns:n1=\"urn:library:books\" \
                    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><n0:RNThings xsi:type=\"n1:Book\"";

fn encode(value: &Value) -> Result<String, EncodeError> {
    library().encode("Store", value, &EncodeOptions::default())
}

/// The content of one book.
fn book(mut book: Value) -> Result<String, EncodeError> {
    book["@type"] = json!("Book");
    let text = encode(&json!({"rnthings": [book]}))?;
    document::parse(&text).unwrap();
    let inside = text.strip_prefix(BODY).unwrap_or_else(|| panic!("{text}"));
    Ok(inside.split("</n0:RNThings>").next().unwrap().to_owned())
}

#[test]
fn the_order_is_that_of_the_schema() {
    let text = book(json!({
        "price": 1.5, "pages": null, "inPrint": true, "shelf": ["a", "b"], "title": "A & B",
        "id": {"id": 7}, "labels": {"labelList": [{"labelText": "x", "action": "add", "lang": "de"}, {}]},
    }));
    let expected = " shelf=\"a b\"><n1:ID id=\"7\"/><n1:Title>A &amp; B</n1:Title><n1:Pages xsi:nil=\"true\"/>\
                    <n1:Price>1.5</n1:Price><n1:InPrint>true</n1:InPrint><n1:Labels>\
                    <n1:LabelList action=\"add\" xml:lang=\"de\"><n1:LabelText>x</n1:LabelText></n1:LabelList>\
                    <n1:LabelList/></n1:Labels>";
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn forms_decide_about_namespaces() {
    let text = book(json!({"parts": [{"b": "x", "a": "2014-03-18", "height": 3, "inner": {"width": 1}}]})).unwrap();
    assert_eq!(text, "><n1:Parts n1:height=\"3\"><b>x</b><a>2014-03-18</a><n1:Inner width=\"1\"/></n1:Parts>",);
}

#[test]
fn types_are_said_in_json_or_in_options() {
    let thing = json!({"rnthings": [{"title": "x"}]});
    let unknown = EncodeError::Unknown("rnthings[0].title".to_owned());
    assert_eq!(encode(&thing), Err(unknown));
    let mut options = EncodeOptions::default();
    options.types.insert("rnthings".to_owned(), "Book".to_owned());
    assert!(library().encode("Store", &thing, &options).unwrap().starts_with(BODY));
    let record = json!({"rnthings": [{"@type": "{urn:library:books}Record", "song": ["x"]}]});
    assert!(library().encode("Store", &record, &options).unwrap().contains("xsi:type=\"n1:Record\""));
    for (name, error) in [
        (json!("Label"), EncodeError::UnknownType { path: "rnthings[0]".to_owned(), name: "Label".to_owned() }),
        (json!("Medium"), EncodeError::Untyped("rnthings[0]".to_owned())),
        (json!(1), EncodeError::WrongType { path: "rnthings[0].@type".to_owned(), expected: "string".to_owned() }),
    ] {
        assert_eq!(encode(&json!({"rnthings": [{"@type": name}]})), Err(error));
    }
}

#[test]
fn groups_repeat_and_choices_exclude() {
    let record = |mut record: Value| {
        record["@type"] = json!("Record");
        encode(&json!({"rnthings": record}))
    };
    let text = record(json!({"scene": [1, 2], "song": ["x"], "act": ["a", "b"], "box": "y"})).unwrap();
    let order = "<n1:Song>x</n1:Song><n1:Act>a</n1:Act><n1:Scene>1</n1:Scene><n1:Act>b</n1:Act>\
                 <n1:Scene>2</n1:Scene><n1:Box>y</n1:Box>";
    assert!(text.contains(order), "{text}");
    let path = |name: &str| format!("rnthings.{name}");
    assert_eq!(record(json!({})), Err(EncodeError::Missing(path("song or act"))));
    assert_eq!(record(json!({"act": ["a"]})), Err(EncodeError::Missing(path("scene"))));
    assert_eq!(record(json!({"song": "x", "box": "y", "sleeve": "z"})), Err(EncodeError::Excess(path("box"))));
    let price = json!({"value": 1, "currency": "CHF"});
    assert!(
        record(json!({"song": "x", "price": [price]})).unwrap().contains("<n1:Price currency=\"CHF\">1</n1:Price>")
    );
    assert_eq!(record(json!({"song": "x", "price": [price, price, price]})), Err(EncodeError::Excess(path("price"))));
    assert_eq!(record(json!({"song": "x", "price": [1]})), Err(EncodeError::Missing(path("price[0].currency"))));
    let both = json!({"fields": [{"name": "f", "dataValue": {"stringValue": "x", "integerValue": 1}}]});
    assert_eq!(book(both), Err(EncodeError::Excess("rnthings[0].fields[0].dataValue.integerValue".to_owned())));
}

#[test]
fn xml_passes_where_any_element_may_stand_but_never_breaks_out() {
    let record = |any: Value| encode(&json!({"rnthings": [{"@type": "Record", "song": "x", "any": any}]}));
    let text = record(json!(["<q:a xmlns:q='u:q' q:k='&lt;'>1<b/></q:a>"])).unwrap();
    assert!(text.contains("<n2:a n2:k=\"&lt;\">1<b/></n2:a>") && text.contains("xmlns:n2=\"u:q\""), "{text}");
    for any in [json!("<a/>"), json!(["<a>"]), json!(["</n0:RNThings>"]), json!(["x"]), json!([1]), json!(["<a/><b/>"])]
    {
        assert!(matches!(record(any.clone()), Err(EncodeError::WrongType { .. })), "{any}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_path() {
    let wrong =
        |path: &str, expected: &str| EncodeError::WrongType { path: path.to_owned(), expected: expected.to_owned() };
    let at = |path: &str| format!("rnthings[0].{path}");
    let cases = [
        (json!({"planet": 1}), EncodeError::Unknown(at("planet"))),
        (json!({"Title": "x"}), EncodeError::Unknown(at("Title"))),
        (json!({"labels": {"labelList": [{}, {"x": 1}]}}), EncodeError::Unknown(at("labels.labelList[1].x"))),
        (json!({"lookupName": null}), EncodeError::NotNillable(at("lookupName"))),
        (json!({"pages": "many"}), wrong(&at("pages"), "integer")),
        (json!({"pages": [1]}), wrong(&at("pages"), "object")),
        (json!({"inPrint": 1}), wrong(&at("inPrint"), "boolean")),
        (json!({"createdTime": "today"}), wrong(&at("createdTime"), "dateTime")),
        (json!({"id": 7}), wrong(&at("id"), "object")),
        (json!({"id": {"id": "x"}}), wrong(&at("id.id"), "integer")),
        (json!({"labels": {"labelList": {"action": "burn"}}}), wrong(&at("labels.labelList.action"), "string")),
        (json!({"title": "a\u{0}"}), EncodeError::Unwritable(at("title"))),
        (json!({"shelf": "\u{1}"}), EncodeError::Unwritable(at("shelf"))),
        (json!({"fields": [{"dataValue": null}]}), EncodeError::Missing(at("fields[0].name"))),
        (json!({"fields": [{"name": "x"}]}), EncodeError::Missing(at("fields[0].dataValue"))),
        (json!({"parts": [{}, {}, {}, {}]}), EncodeError::Excess(at("parts"))),
    ];
    for (value, error) in cases {
        assert_eq!(book(value.clone()), Err(error), "{value}");
    }
    for value in [json!(null), json!([]), json!("x")] {
        assert!(encode(&value).is_err(), "{value}");
    }
    assert_eq!(encode(&json!({})), Err(EncodeError::Missing("rnthings".to_owned())));
    let unknown = library().encode("Burn", &json!({}), &EncodeOptions::default());
    assert_eq!(unknown, Err(EncodeError::UnknownOperation("Burn".to_owned())));
    let deep = (0..200).fold(json!({}), |inner, _| json!({"@type": "Book", "related": inner}));
    assert!(matches!(encode(&json!({"rnthings": [deep]})), Err(EncodeError::TooDeep(_))));
}

#[test]
fn unknown_members_can_be_dropped() {
    let options = EncodeOptions { drop_unknown: true, ..EncodeOptions::default() };
    let value = json!({"rnthings": [{"x": 1, "lookupName": "n"}], "y": {}});
    let text = library().encode("Store", &value, &options).unwrap();
    assert!(text.ends_with("<n0:RNThings><n1:LookupName>n</n1:LookupName></n0:RNThings></n0:Store>"), "{text}");
}

#[test]
fn envelopes_have_the_headers_sent() {
    let body = json!({"rnthings": [{}]});
    let none = EncodeOptions::default();
    let headers = json!({"clientHeader": {"appID": "x"}});
    let text = library().encode_envelope("Store", &headers, &body, &none).unwrap();
    let root = document::parse(&text).unwrap();
    assert!(root.name.is(crate::ENVELOPES[0], "Envelope"));
    assert_eq!(root.children[0].children[0].name, Name::new("urn:library:messages", "ClientHeader"));
    assert_eq!(root.children[1].children[0].name, Name::new("urn:library:messages", "Store"));
    assert!(library().encode_envelope("Store", &Value::Null, &body, &none).unwrap().contains("<e:Header></e:Header>"));
    let unknown = library().encode_envelope("Store", &json!({"other": {}}), &body, &none);
    assert_eq!(unknown, Err(EncodeError::Unknown("other".to_owned())));
}

proptest! {
    #[test]
    fn what_is_decoded_is_what_was_encoded(seed in any::<u64>(), is_renamed in any::<bool>()) {
        let names = [("RNThings", "things"), ("Book.Title", "id"), ("Price", "@price"), ("currency", "value")];
        let names = names.into_iter().filter(|_| is_renamed).map(|(from, to)| (from.to_owned(), to.to_owned()));
        let library = library().with_names(&names.collect());
        let element = &library.schema.elements[&Name::new("urn:library:messages", "Store")];
        let value = sample(&library.schema, element.kind, false, &mut Dice(seed), 0);
        let text = library.encode("Store", &value, &EncodeOptions::default());
        let text = text.unwrap_or_else(|error| panic!("{error}: {value}"));
        prop_assert_eq!(library.decode(&text, TypeNames::Keep).unwrap(), value, "{}", text);
    }

    #[test]
    fn text_never_becomes_markup(title in "\\PC{0,30}|[<>&\"'\\]]{0,9}", shelf in "[<>&\"'a-z]{1,9}") {
        let text = encode(&json!({"rnthings": [{"@type": "Book", "title": title, "shelf": [shelf]}]})).unwrap();
        let decoded = library().decode(&text, TypeNames::Drop).unwrap();
        prop_assert_eq!(decoded, json!({"rnthings": [{"title": title, "shelf": [shelf]}]}));
    }
}

#[test]
fn what_may_be_null_can_be_filled_in() {
    let options = EncodeOptions { fill_nulls: true, ..EncodeOptions::default() };
    let encoded = |field: Value| {
        let message = json!({"rnthings": [{"@type": "Book", "fields": [field]}]});
        library().encode("Store", &message, &options)
    };
    let empty = "<n1:Fields name=\"x\"><n1:DataValue xsi:nil=\"true\"/></n1:Fields>";
    assert!(encoded(json!({"name": "x"})).unwrap().contains(empty));
    assert_eq!(encoded(json!({"name": "x"})), encoded(json!({"name": "x", "dataValue": null})));
    // What may not be null is still missing.
    let missing = EncodeError::Missing("rnthings[0].fields[0].name".to_owned());
    assert_eq!(encoded(json!({"dataValue": null})), Err(missing));
}
