//! `q` and its neighbours, good and bad.

use serde_json::{Value, json};

use super::{conditions, like, order, split};
use crate::oraclesalescloud::resource::Resource;

fn holds(q: &str) -> bool {
    let item: Value = json!({
        "OrganizationName": "Ben & Jerry's; Inc", "PartyId": 42, "EmployeesTotal": 7.5,
        "NamedFlag": true, "CreationDate": "2030-01-02T03:04:05.000+00:00",
    });
    let parsed = conditions(q, Resource::named("accounts").unwrap());
    let parsed = parsed.unwrap_or_else(|problem| panic!("{q}: {problem:?}"));
    parsed.iter().all(|condition| condition.holds(item.as_object().unwrap()))
}

#[test]
fn conditions_that_hold() {
    for q in [
        "OrganizationName='Ben & Jerry''s; Inc'",
        "OrganizationName=\"Ben & Jerry's; Inc\"",
        "OrganizationName LIKE 'Ben*Inc'",
        "OrganizationName='%Jerry%'",
        "PartyId=42;EmployeesTotal>7;EmployeesTotal<=7.5",
        "PartyId != 41",
        "NamedFlag=true",
        "CreationDate>'2030-01-02T04:04:04+01:00'",
        "CEOName=null",
    ] {
        assert!(holds(q), "{q}");
    }
}

#[test]
fn conditions_that_do_not_hold() {
    for q in ["PartyId=41", "PartyId=42;PartyId=41", "CEOName='x'", "CEOName>'a'", "OrganizationName=ben*"] {
        assert!(!holds(q), "{q}");
    }
}

#[test]
fn unusable_conditions_are_refused() {
    let accounts = Resource::named("accounts").unwrap();
    for q in [
        "",
        ";",
        "Planet='Earth'",
        "PartyId",
        "PartyId=",
        "PartyId=x",
        "PartyId LIKE '4%'",
        "OrganizationName='x",
        "OrganizationName='x' or PartyId=1",
        "PartyId=1 and PartyId=2",
        "PrimaryAddress=1",
        "CreationDate>yesterday",
        "OrganizationName='a'b'",
        "=1",
        "(PartyId=1)",
    ] {
        assert!(conditions(q, accounts).is_err(), "{q}");
    }
    for text in ["PartyId:up", "Planet", "PartyId:asc,", "PrimaryAddress"] {
        assert!(order(text, accounts).is_err(), "{text}");
    }
}

#[test]
fn patterns() {
    for (text, pattern) in [("abc", "a*c"), ("abc", "*"), ("abc", "%b%"), ("abc", "abc"), ("aXbXc", "a*X*c")] {
        assert!(like(text, pattern), "{pattern}");
    }
    for (text, pattern) in [("abc", "a*d"), ("abc", "b*"), ("abc", ""), ("a", "a*a"), ("abc", "ab")] {
        assert!(!like(text, pattern), "{pattern}");
    }
}

#[test]
fn semicolons_in_quotes_do_not_split() {
    assert_eq!(split("a='x;y';b=1"), Some(vec!["a='x;y'", "b=1"]));
    assert_eq!(split("a='x;y"), None);
}
