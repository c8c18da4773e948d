//! XML as JSON, and what is not accepted.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NotXml, parse};

fn json_of(text: &str) -> Value {
    parse(text).unwrap().to_document()
}

#[test]
fn elements_attributes_and_repetitions() {
    let cases = [
        ("<a/>", json!({"a": null})),
        ("<a> x &amp; &#65;&lt;<![CDATA[<b>]]> </a>", json!({"a": "x & A<<b>"})),
        ("<a b='1' c=\"&quot;\"/>", json!({"a": {"@b": "1", "@c": "\""}})),
        ("<a b='1'>t</a>", json!({"a": {"@b": "1", "#text": "t"}})),
        ("<a><b>1</b><b>2</b><b><c/></b><d>x</d></a>", json!({"a": {"b": ["1", "2", {"c": null}], "d": "x"}})),
        ("<?xml version='1.0'?><!-- c --><s:a xmlns:s='urn:x' xmlns='y'><b>1</b></s:a>\n", json!({"s:a": {"b": "1"}})),
    ];
    for (text, expected) in cases {
        assert_eq!(json_of(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_accepted() {
    let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
    let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    let texts = [
        "",
        "x",
        "<a>",
        "</a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a>&nbsp;</a>",
        "<a>&#xZZ;</a>",
        "<s:a/>",
        "<a b='1' b='2'/>",
        "<a b=\"&x;\"/>",
        "{}",
        bomb,
        external,
        deep.as_str(),
    ];
    for text in texts {
        assert_eq!(parse(text), Err(NotXml), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,80}|(<|>|/|a|b|=|'|\"|&|;|!|\\[|\\]|-|\\?| |xmlns|CDATA){0,40}") {
        if let Ok(tag) = parse(&text) {
            prop_assert!(tag.to_document().is_object());
        }
    }
}
