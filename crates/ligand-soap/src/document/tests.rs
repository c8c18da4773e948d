//! Prefixes mean what is declared around them; what is no XML is refused.

use super::{Name, parse};

#[test]
fn prefixes_are_resolved_where_they_stand() {
    let root = parse("<a xmlns='u:1' xmlns:p='u:2' p:k='p:v'><p:b xmlns:p='u:3' k='p:v'/><c xmlns=''/></a>").unwrap();
    assert_eq!(root.name, Name::new("u:1", "a"));
    assert_eq!(root.attribute_of("u:2", "k"), Some("p:v"));
    assert_eq!(root.resolve("p:v"), Some(Name::new("u:2", "v")));
    assert_eq!(root.resolve(" v "), Some(Name::new("u:1", "v")));
    assert_eq!(root.resolve("q:v"), None);
    let inner = &root.children[0];
    assert_eq!(inner.name, Name::new("u:3", "b"));
    assert_eq!(inner.resolve(inner.attribute("k").unwrap()), Some(Name::new("u:3", "v")));
    assert_eq!(root.children[1].name, Name::new("", "c"));
}

#[test]
fn text_is_unescaped_and_joined() {
    let root = parse("\u{feff}<?xml version='1.0'?><a>1 &lt;<!-- x -->&#x41;<![CDATA[&]]></a>").unwrap();
    assert_eq!(root.text, "1 <A&");
}

#[test]
fn what_is_not_accepted() {
    let deep = format!("{}{}", "<a>".repeat(129), "</a>".repeat(129));
    let wide = format!("<a{}/>", (0..300).map(|each| format!(" a{each}=''")).collect::<String>());
    let texts = [
        "",
        "x",
        "<a>",
        "<a/><b/>",
        "<a></b>",
        "<!DOCTYPE a><a/>",
        "<p:a/>",
        "<a p:k=''/>",
        "<a>&x;</a>",
        "<a/>x",
        "<a k='1' k='2'/>",
        "<a xmlns:p=''/>",
        "<a:b:c/>",
        &deep,
        &wide,
    ];
    for text in texts {
        assert!(parse(text).is_err(), "{text}");
    }
}
