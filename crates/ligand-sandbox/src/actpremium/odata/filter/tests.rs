//! The filter expressions, good and bad.

use serde_json::{Value, json};

use super::Filter;
use crate::actpremium::schema::Kind;
use crate::records::scatter;

const ID: &str = "0a1b2c3d-0000-4000-8000-000000000001";

fn record() -> Value {
    json!({
        "id": ID, "name": "O'Neil's deal", "probability": 41, "isPrivate": true, "reason": null,
        "edited": "2030-01-02T03:04:05Z", "stage": {"name": "Negotiation", "process": {"name": "Cycle"}},
        "customFields": {"bid_number": "B 7"}, "groups": [],
        "contacts": [{"id": ID, "displayName": "Vera Vogel"}, {"id": "x", "displayName": "Ole Olsen"}],
    })
}

fn matches(text: &str) -> bool {
    let filter = Filter::parse(text, Kind::Opportunity).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    filter.matches(record().as_object().unwrap())
}

#[test]
fn true_expressions() {
    for text in [
        "name eq 'O''Neil''s deal'",
        "NAME EQ 'o''neil''s DEAL'",
        "probability gt 40 and probability le 41.0",
        "not (probability lt 41)",
        "isPrivate eq true or name eq 'x'",
        "reason eq null",
        "name ne null",
        "not (reason gt 'a')",
        "edited ge 2030-01-02T04:04:05+01:00",
        "edited lt 2030-01-02T03:04:06Z",
        "stage/Name eq 'negotiation'",
        "stage/process/name eq 'cycle'",
        "customFields/bid_number eq 'b 7'",
        "startswith(name, 'o') and endswith(name,'DEAL') and contains(name,'''')",
        "name eq 'x' or probability eq 41 and isPrivate eq true",
        "id eq 0A1B2C3D-0000-4000-8000-000000000001",
        "id eq '0a1b2c3d-0000-4000-8000-000000000001'",
        "contacts/any()",
        "contacts/any(c: c/displayName eq 'vera vogel')",
        "contacts/any(c:c/id eq 0a1b2c3d-0000-4000-8000-000000000001 and startswith(c/displayName,'Vera'))",
        "not groups/any() and contacts/any(x: not (x/displayName eq 'Vera Vogel'))",
    ] {
        assert!(matches(text), "{text}");
        assert!(!matches(&format!("not ({text})")), "{text}");
    }
    assert!(!matches(
        "contacts/any(c: c/displayName eq 'Vera Vogel' and c/id ne 0a1b2c3d-0000-4000-8000-000000000001)"
    ));
}

#[test]
fn bad_expressions_are_refused() {
    for text in [
        "",
        "name",
        "name eq",
        "name is 'x'",
        "name eq 'x",
        "name eq 'x' and",
        "(name eq 'x'",
        "name eq 'x')",
        "lower(name) eq 'x'",
        "contains(name)",
        "contains(name,1)",
        "contains(probability,'1')",
        "name eq blue",
        "name eq 1",
        "probability eq '41'",
        "probability eq nan",
        "isPrivate eq 'true'",
        "edited gt '2030-01-02T03:04:05Z'",
        "edited gt 2030-01-02",
        "id eq 'x'",
        "stage eq 'x'",
        "contacts eq 'x'",
        "planet eq 'Earth'",
        "stage/planet eq 'Earth'",
        "1 eq 1",
        "any()",
        "name/any()",
        "contacts/any(c)",
        "contacts/any(c: )",
        "contacts/any(c: name eq 'x')",
        "contacts/any(c: c/lastName eq 'x')",
        "contacts/any(c: c/displayName eq 'x'",
        "contacts/any(c: contacts/any(d: d/id eq null))",
        "contacts/all(c: c/displayName eq 'x')",
        "c/displayName eq 'x'",
        "probability eq 1 eq 2",
        "probability eq add 1",
        ",",
        ":",
        "'x' eq 'x'",
        "äöü eq 1",
        "not",
        "probability eq 1 or or",
    ] {
        assert!(Filter::parse(text, Kind::Opportunity).is_err(), "{text}");
    }
    for text in ["(".repeat(10_000), "not ".repeat(5_000), "x".repeat(40_000)] {
        assert!(Filter::parse(&text, Kind::Opportunity).is_err());
    }
}

#[test]
fn no_mixture_of_pieces_panics() {
    const PIECES: [&str; 24] = [
        "name",
        "probability",
        " eq ",
        " gt ",
        "'",
        "''",
        "x",
        "é",
        "(",
        ")",
        " ",
        " and ",
        " or ",
        " not ",
        "contacts/any(",
        "c",
        ":",
        "c/id",
        "contains(",
        ",",
        "42",
        "2030-01-02T03:04:05Z",
        "null",
        "/",
    ];
    for seed in 0..4_000 {
        let pieces = (0..10).map(|at| PIECES[(scatter(seed * 10 + at) % 24) as usize]);
        let text: String = pieces.collect();
        if let Ok(filter) = Filter::parse(&text, Kind::Opportunity) {
            filter.matches(record().as_object().unwrap());
        }
    }
}
