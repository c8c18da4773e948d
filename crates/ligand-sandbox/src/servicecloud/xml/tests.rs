//! Reading XML within limits, and writing it.

use super::{Element, MAX_DEPTH, parse, write};

#[test]
fn namespaces_types_and_text_are_resolved() {
    let root = parse(
        br#"<?xml version="1.0" encoding="UTF-8"?><a xmlns="urn:x" xmlns:y="urn:y" y:k="1&#10;2">
        <y:b xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="y:T">a&lt;b<![CDATA[<&]]>&#233;</y:b>
        <c xmlns=""/></a>"#,
    )
    .unwrap();
    assert!(root.is("urn:x", "a"));
    let inner = root.child("urn:y", "b").unwrap();
    assert_eq!(inner.instance_type(), Some(("urn:y", "T")));
    assert_eq!(inner.text, "a<b<&é");
    assert!(root.child("", "c").is_some());
}

#[test]
fn bad_documents_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH + 1), "</a>".repeat(MAX_DEPTH + 1));
    let wide = format!("<a{}/>", (0..100).map(|at| format!(" b{at}='1'")).collect::<String>());
    for document in [
        "",
        "text",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "<a/>text",
        "<a b='1' b='2'/>",
        "<a b=1/>",
        "<x:a/>",
        "<a x:b='1'/>",
        "<a>&unknown;</a>",
        "<a>&#0;</a>",
        "<a b='&#1;'/>",
        "<a>\u{1}</a>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<?xml version='1.0' encoding='UTF-16'?><a/>",
        "<?php ?><a/>",
        "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='z:T'/>",
        &deep,
        &wide,
    ] {
        assert!(parse(document.as_bytes()).is_err(), "{document}");
    }
    assert!(parse(b"<a>\xff</a>").is_err());
}

#[test]
fn the_number_of_elements_is_bounded() {
    let many = format!("<a>{}</a>", "<b/>".repeat(300_001));
    assert!(parse(many.as_bytes()).is_err());
}

#[test]
fn writing_escapes_and_reading_gives_the_same() {
    let namespace = "urn:x".into();
    let mut element = Element::new(&namespace, "a");
    element.set_attribute("b", "\"'<>&\n\t");
    element.children.push(Element::with_text(&namespace, "c", "]]> & <c>\r\n\u{e9}\u{1f600}"));
    element.children.push(Element::new(&namespace, "d"));
    let mut written = String::new();
    write(&element, &[("urn:x", "n0")], &mut written);
    let declared = written.replacen("<n0:a", "<n0:a xmlns:n0=\"urn:x\"", 1);
    assert_eq!(parse(declared.as_bytes()).unwrap(), element);
}
