//! No value becomes syntax.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FillError, Syntax, fill};
use crate::template::Template;

fn filled(template: &str, syntax: Syntax, value: &Value) -> Result<String, FillError> {
    let template = Template::parse(template).unwrap();
    fill(&template, syntax, &|name: &str, _| (name == "v").then(|| value.clone()))
}

#[test]
fn syntaxes_follow_content_types() {
    let cases = [
        ("application/json", Syntax::Json),
        ("application/vnd.x+json; charset=utf-8", Syntax::Json),
        ("text/xml; charset=utf-8", Syntax::Xml),
        ("application/soap+xml", Syntax::Xml),
        ("application/x-www-form-urlencoded", Syntax::Form),
        ("text/plain", Syntax::Plain),
        ("", Syntax::Plain),
    ];
    for (content_type, syntax) in cases {
        assert_eq!(Syntax::of(content_type), syntax, "{content_type}");
    }
}

#[test]
fn values_fit_their_places() {
    let cases = [
        (r#"{"a":"{v}"}"#, Syntax::Json, json!("x\"y\\"), r#"{"a":"x\"y\\"}"#),
        (r#"{"a":{v}}"#, Syntax::Json, json!("x\"y"), r#"{"a":"x\"y"}"#),
        (r#"{"a":{v}}"#, Syntax::Json, json!("12"), r#"{"a":12}"#),
        (r#"{"a":{v}}"#, Syntax::Json, json!("{\"b\":1}"), r#"{"a":"{\"b\":1}"}"#),
        (r#"{"a":{v}}"#, Syntax::Json, json!({"b": 1}), r#"{"a":{"b":1}}"#),
        (r#"{"a\"":"{v}"}"#, Syntax::Json, json!("\""), r#"{"a\"":"\""}"#),
        (
            "<a b=\"{v}\">{v}</a>",
            Syntax::Xml,
            json!("<\"&'>"),
            "<a b=\"&lt;&quot;&amp;&apos;&gt;\">&lt;&quot;&amp;&apos;&gt;</a>",
        ),
        ("a={v}&b=1", Syntax::Form, json!("x&y=z"), "a=x%26y%3Dz&b=1"),
        ("{v} {w}", Syntax::Plain, json!("<&>"), "<&> {w}"),
    ];
    for (template, syntax, value, expected) in cases {
        assert_eq!(filled(template, syntax, &value).unwrap(), expected, "{template}");
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    assert_eq!(filled("<{v}/>", Syntax::Xml, &json!("a")), Err(FillError::InsideTag("v".to_owned())));
    assert_eq!(filled("<a>{v}</a>", Syntax::Xml, &json!("\u{1}")), Err(FillError::BadValue("v".to_owned())));
}

proptest! {
    #[test]
    fn json_keeps_its_shape(value in "\\PC{0,40}|[\"\\\\{}\\[\\],:\\n\\u{0}-\\u{1f}]{0,20}") {
        let text = filled(r#"{"s":"<{v}>","b":{v},"last":true}"#, Syntax::Json, &json!(value)).unwrap();
        let parsed: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&parsed["s"], &json!(format!("<{value}>")));
        prop_assert_eq!(parsed.as_object().unwrap().len(), 3);
        prop_assert_eq!(&parsed["last"], &json!(true));
        prop_assert!(!parsed["b"].is_object() && !parsed["b"].is_array());
    }

    #[test]
    fn xml_gets_no_markup(value in "\\PC{0,40}|[<>&\"'/a\\]\\[!-]{0,30}") {
        let Ok(text) = filled("<a b='{v}' c=\"{v}\">{v}<![CDATA[x]]></a>", Syntax::Xml, &json!(value)) else { return Ok(()) };
        prop_assert_eq!(text.matches('<').count(), 3);
        prop_assert_eq!(text.matches('\'').count(), 2);
        prop_assert_eq!(text.matches('"').count(), 2);
        prop_assert_eq!(text.matches('>').count(), 3);
    }

    #[test]
    fn forms_get_no_fields(value in "\\PC{0,40}|[&=;#?+% ]{0,20}") {
        let text = filled("a={v}&b=1", Syntax::Form, &json!(value)).unwrap();
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        prop_assert_eq!(pairs, vec![("a".to_owned(), value), ("b".to_owned(), "1".to_owned())]);
    }
}
