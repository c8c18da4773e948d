//! `q`, good and bad, in both forms.

use serde_json::{Value, json};

use super::classic::split;
use super::{Filter, like};
use crate::oraclesalescloud::resource::Resource;
use crate::records::scatter;

fn holds(q: &str, version: u8) -> bool {
    let item: Value = json!({
        "OrganizationName": "Ben & Jerry's; Inc", "PartyId": 42, "EmployeesTotal": 7.5,
        "NamedFlag": true, "CreationDate": "2030-01-02T03:04:05.000+00:00", "RenewalDate_c": "2031-05-06",
    });
    let parsed = Filter::parse(q, Resource::named("accounts").unwrap(), version);
    parsed.unwrap_or_else(|| panic!("{q}")).matches(item.as_object().unwrap())
}

#[test]
fn classic_conditions_that_hold() {
    for q in [
        "OrganizationName='Ben & Jerry''s; Inc'",
        "OrganizationName=\"Ben & Jerry's; Inc\"",
        "OrganizationName LIKE 'Ben*Inc'",
        "OrganizationName='%Jerry%'",
        "PartyId=42;EmployeesTotal>7;EmployeesTotal<=7.5",
        "PartyId != 41",
        "NamedFlag=true",
        "CreationDate>'2030-01-02T04:04:04+01:00'",
        "CreationDate>2030-01-02",
        "CEOName=null",
        "PartyId!=null",
    ] {
        assert!(holds(q, 1), "{q}");
    }
    for q in ["PartyId=41", "PartyId=42;PartyId=41", "CEOName='x'", "CEOName>'a'", "CEOName!='x'"] {
        assert!(!holds(q, 1), "{q}");
    }
}

#[test]
fn expressions_that_hold() {
    for q in [
        "OrganizationName = 'Ben & Jerry''s; Inc'",
        "UPPER(OrganizationName) LIKE 'BEN%'",
        "OrganizationName like 'Ben*Inc'",
        "OrganizationName NOT LIKE 'ben*'",
        "PartyId=41 or PartyId=42",
        "PartyId=42 and (EmployeesTotal > 8 or NamedFlag = true)",
        "PartyId=42;EmployeesTotal>7",
        "CEOName IS NULL and PartyId is not null",
        "PartyId in (1, 42)",
        "PartyId not in (1,2)",
        "not PartyId = 41",
        "PartyId between 40 and 42 and NamedFlag = 'Y'",
        "RenewalDate_c >= '2031-05-06'",
        "CreationDate < '2030-01-03'",
        "PartyId = 1 or PartyId = 42 and NamedFlag = true",
        "CEOName = 'x' or PartyId = 42",
        "PartyId=1 and CEOName='x' or NamedFlag<>false",
        "EmployeesTotal > -1",
    ] {
        assert!(holds(q, 4), "{q}");
    }
}

#[test]
fn expressions_that_do_not_hold() {
    for q in [
        "PartyId=41",
        "CEOName <> 'x'",
        "not CEOName = 'x'",
        "not (CEOName = 'x' and PartyId = 42)",
        "CEOName not in ('x')",
        "OrganizationName = 'Ben*'",
        "PartyId between 43 and 50",
        "OrganizationName is null",
    ] {
        assert!(!holds(q, 2), "{q}");
    }
}

#[test]
fn unusable_conditions_are_refused() {
    let accounts = Resource::named("accounts").unwrap();
    let both = [
        "",
        ";",
        "Planet='Earth'",
        "PartyId",
        "PartyId=",
        "PartyId=x",
        "PartyId LIKE '4%'",
        "OrganizationName='x",
        "PrimaryAddress=1",
        "CreationDate>yesterday",
        "OrganizationName='a'b'",
        "=1",
        "PartyNumberKey='1'",
        "PartyId=1;",
        "PartyId>null",
        "partyid=1",
        "Ünit='1'",
    ];
    for q in both {
        for version in [1, 2] {
            assert_eq!(Filter::parse(q, accounts, version), None, "{version}: {q}");
        }
    }
    for q in ["OrganizationName='x' or PartyId=1", "PartyId=1 and PartyId=2", "(PartyId=1)", "PartyId in (1)"] {
        assert_eq!(Filter::parse(q, accounts, 1), None, "{q}");
    }
    for q in [
        "OrganizationName = x",
        "CEOName = null",
        "PartyId = 1 and",
        "PartyId = 1 or or PartyId = 2",
        "(PartyId = 1",
        "PartyId = 1)",
        "PartyId in ()",
        "PartyId in (1,)",
        "PartyId in 1",
        "PartyId between 1",
        "PartyId between 1 or 2",
        "PartyId is 1",
        "PartyId is not",
        "UPPER(PartyId) = 1",
        "UPPER(CEOName = 'x'",
        "LOWER(CEOName) = 'x'",
        "PartyId not = 1",
        "'x' = CEOName",
        "PartyId = 1 PartyId = 2",
        "{PartyId} = 1",
        &"(".repeat(10_000),
        &"not ".repeat(3_000),
        &"x".repeat(20_000),
    ] {
        assert_eq!(Filter::parse(q, accounts, 2), None, "{q}");
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

#[test]
fn no_mixture_of_pieces_panics() {
    const PIECES: [&str; 24] = [
        "PartyId",
        "CEOName",
        "=",
        "<>",
        "'",
        "\"",
        "x",
        "é",
        "(",
        ")",
        " ",
        " and ",
        " or ",
        " not ",
        " in ",
        " between ",
        "like",
        " is null",
        ",",
        ";",
        "42",
        "*",
        "UPPER(",
        "-",
    ];
    let accounts = Resource::named("accounts").unwrap();
    let item = json!({"PartyId": 42, "CEOName": "x"});
    for seed in 0..4_000 {
        let pieces = (0..10).map(|at| PIECES[(scatter(seed * 10 + at) % 24) as usize]);
        let q: String = pieces.collect();
        for version in [1, 2] {
            if let Some(filter) = Filter::parse(&q, accounts, version) {
                filter.matches(item.as_object().unwrap());
            }
        }
    }
}
