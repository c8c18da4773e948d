//! The filter expressions, good and bad.

use serde_json::{Value, json};

use super::Filter;

fn record() -> Value {
    json!({
        "lastName": "O'Neil", "age": 41, "vip": true, "fax": null,
        "edited": "2030-01-02T03:04:05Z", "businessAddress": {"state": "CA"},
    })
}

fn matches(text: &str) -> bool {
    let filter = Filter::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    filter.matches(record().as_object().unwrap()).unwrap()
}

#[test]
fn true_expressions() {
    for text in [
        "lastName eq 'O''Neil'",
        "LASTNAME EQ 'o''neil'",
        "age gt 40 and age le 41.0",
        "not (age lt 41)",
        "vip eq true or lastName eq 'x'",
        "fax eq null",
        "not (fax gt 'a')",
        "edited ge 2030-01-02T04:04:05+01:00",
        "businessAddress/State eq 'ca'",
        "startswith(lastName, 'o') and endswith(lastName,'NEIL') and contains(lastName,'''')",
        "lastName eq 'x' or age eq 41 and vip eq true",
    ] {
        assert!(matches(text), "{text}");
        assert!(!matches(&format!("not ({text})")), "{text}");
    }
}

#[test]
fn bad_expressions_are_refused() {
    for text in [
        "",
        "age",
        "age eq",
        "age is 1",
        "age eq 'x",
        "age eq 1 and",
        "(age eq 1",
        "age eq 1)",
        "lower(age) eq 1",
        "contains(age)",
        "contains(age,1)",
        "age eq blue",
        "1 eq 1",
        "any()",
        "age eq 1 eq 2",
        ",",
        "'x' eq 'x'",
        "age eq nan",
        "äöü eq 1",
        "not",
        "age eq 1 or or",
    ] {
        assert!(Filter::parse(text).is_err(), "{text}");
    }
    assert!(Filter::parse(&"(".repeat(10_000)).is_err());
    assert!(Filter::parse(&"not ".repeat(5_000)).is_err());
    assert!(Filter::parse(&"x".repeat(40_000)).is_err());
}

#[test]
fn unknown_fields_are_refused() {
    let filter = Filter::parse("planet eq 'Earth'").unwrap();
    assert!(filter.matches(record().as_object().unwrap()).is_err());
}
