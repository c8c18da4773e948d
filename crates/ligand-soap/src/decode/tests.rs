//! Answers become typed JSON; what the schema does not know is kept.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DecodeError, TypeNames};
use crate::samples::library;

/// The first thing of an answer.
fn thing(inside: &str, types: TypeNames) -> Value {
    let text = format!(
        "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Header/><S:Body>\
         <q:StoreResponse xmlns:q='urn:library:messages' xmlns='urn:library:books' xmlns:o='urn:library:books' \
         xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:x='http://www.w3.org/2001/XMLSchema'>\
         <q:RNThings i:type='o:Book' {inside}</q:RNThings></q:StoreResponse></S:Body></S:Envelope>"
    );
    library().decode(&text, types).unwrap()["rnthings"][0].clone()
}

#[test]
fn values_are_typed_and_lists_are_lists() {
    let found = thing(
        "shelf='a b'><ID id='7'/><Title> A &amp; B </Title><Pages>12</Pages><Price>1.50</Price><InPrint>1</InPrint>\
         <Labels><LabelList xml:lang='de' action='add'/></Labels>\
         <Fields name='f'><DataValue><IDValueList id='1'/></DataValue></Fields>",
        TypeNames::Keep,
    );
    let expected = json!({
        "@type": "Book", "shelf": ["a", "b"], "id": {"id": 7}, "title": " A & B ", "pages": 12, "price": 1.5,
        "inPrint": true, "labels": {"labelList": [{"lang": "de", "action": "add"}]},
        "fields": [{"name": "f", "dataValue": {"idvalueList": [{"id": 1}]}}],
    });
    assert_eq!(found, expected);
}

#[test]
fn types_can_be_left_out() {
    let inside = "><Related i:type='o:Book'><Pages i:nil='true'/></Related>";
    assert_eq!(thing(inside, TypeNames::Drop), json!({"related": {"pages": null}}));
    assert_eq!(thing(inside, TypeNames::Keep)["related"]["@type"], "Book");
}

#[test]
fn anything_has_text_a_type_or_xml() {
    let extra = |inside: &str| {
        let found = thing(&format!("><Fields name='f'><DataValue i:nil='true'/>{inside}</Fields>"), TypeNames::Keep);
        found["fields"][0]["extra"].clone()
    };
    assert_eq!(extra("<Extra> x </Extra>"), json!(" x "));
    assert_eq!(extra("<Extra i:type='x:int'>5</Extra>"), json!({"@type": "int", "value": 5}));
    assert_eq!(extra("<Extra i:type='o:Book'><Pages>5</Pages></Extra>"), json!({"@type": "Book", "pages": 5}));
    assert_eq!(
        extra("<Extra><o:a k='1'/></Extra>"),
        json!({"any": ["<n0:a xmlns:n0=\"urn:library:books\" k=\"1\"/>"]})
    );
}

#[test]
fn what_the_schema_does_not_know_is_kept() {
    let found = thing(
        " new='1'><NewField><A>1</A><A k='2'/></NewField><Pages>many</Pages><Title>x</Title><Title>y</Title>\
         <Related i:type='o:Label'/>",
        TypeNames::Drop,
    );
    let expected = json!({
        "new": "1", "newField": {"a": ["1", {"k": "2"}]}, "pages": "many", "title": ["x", "y"], "related": {},
    });
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_answer() {
    let decode = |text: &str| library().decode(text, TypeNames::Keep);
    let envelope =
        |body: &str| format!("<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'>{body}</e:Envelope>");
    assert_eq!(decode(&envelope("<e:Body/>")), Ok(Value::Null));
    assert_eq!(decode(&envelope("")), Err(DecodeError::Malformed));
    for text in ["", "{}", "<a>", "<!DOCTYPE a><a/>"] {
        assert_eq!(decode(text), Err(DecodeError::Malformed), "{text}");
    }
    assert_eq!(decode("<a/>"), Err(DecodeError::Unknown("a".to_owned())));
    assert_eq!(decode(&envelope("<e:Body><x xmlns='u:x'/></e:Body>")), Err(DecodeError::Unknown("{u:x}x".to_owned())));
}

proptest! {
    #[test]
    fn any_text_is_decoded_or_refused(text in "(<[a-zA-Z:/ ='\"]{0,8}>|[a-z&;]{0,3}){0,12}") {
        drop(library().decode(&text, TypeNames::Keep));
        drop(library().decode(&format!("<S xmlns='urn:library:messages'>{text}</S>"), TypeNames::Keep));
    }
}
