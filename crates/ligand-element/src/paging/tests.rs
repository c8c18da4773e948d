//! What callers ask for, what vendors get, what answers say.

use ligand_domain::Configuration;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::folder::tests::element;

const PAGE: &str = "{ name: page, type: query, vendorName: p, vendorType: query }";
const OFFSET: &str = "{ name: offset, type: query, vendorName: o, vendorType: query }";
const NEXT: &str = "{ name: nextPage, type: query, vendorName: c, vendorType: query }";

fn definition(rest: &str, parameters: &str) -> Element {
    element(
        "x",
        &format!(
            "name: N\nauthentication: {{ type: none }}\nresources:\n\
             \x20 - {{ method: GET, path: '/users/{{id}}/comments', {rest} parameters: [{parameters}] }}\n"
        ),
    )
}

fn configured(pairs: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::default();
    pairs.iter().for_each(|(key, value)| configuration.set(key, Some((*value).to_owned())));
    configuration
}

fn read(
    element: &Element,
    query: &[(&str, &str)],
    configuration: &[(&str, &str)],
    work: Work,
) -> Result<Paging, PlanError> {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let inputs = Inputs { query, ..Inputs::default() };
    Paging::read(element, &element.resources()[0], &inputs, &configured(configuration), work)
}

/// Page, offset and size as the vendor gets them.
fn vendor(paging: &Paging) -> (u64, u64, u64) {
    let page = paging.page();
    (page.page, page.offset, page.size)
}

#[test]
fn numbers_are_counted_as_the_vendor_counts() {
    let third = [("page", "3"), ("pageSize", "10")];
    let cases = [
        (PAGE, vec![], (3, 20, 10)),
        (PAGE, vec![("pagination.page.startindex", "0")], (2, 20, 10)),
        (PAGE, vec![("pagination.page.startindex", "1")], (3, 20, 10)),
        (OFFSET, vec![("pagination.type", "offset")], (3, 20, 10)),
        (OFFSET, vec![("pagination.type", "offset"), ("pagination.page.startindex", "1")], (3, 21, 10)),
        (OFFSET, vec![("pagination.type", "page"), ("pagination.page.startindex", "0")], (3, 20, 10)),
    ];
    for (parameter, configuration, expected) in cases {
        let paging = read(&definition("", parameter), &third, &configuration, Work::default()).unwrap();
        assert_eq!(vendor(&paging), expected, "{parameter} {configuration:?}");
    }
}

#[test]
fn styles_follow_from_what_is_declared() {
    let style = |rest: &str, parameters: &str, kind: &str| {
        read(&definition(rest, parameters), &[], &[("pagination.type", kind)], Work::default()).unwrap().style
    };
    assert_eq!(style("", PAGE, "page"), Style::Page);
    assert_eq!(style("", OFFSET, "page"), Style::Offset);
    assert_eq!(style("", &format!("{PAGE}, {OFFSET}"), "offset"), Style::Offset);
    assert_eq!(style("", "", "page"), Style::Whole, "a vendor that is not told the page sends all");
    assert_eq!(style("hooks: [{ type: preRequest, body: '' }],", "", "offset"), Style::Offset);
    assert_eq!(style("nextPageKey: next,", NEXT, "page"), Style::Cursor);
    assert_eq!(style("nextPageKey: hasMore,", PAGE, "page"), Style::Page);
    assert_eq!(style("nextPageKey: 'next?c',", "", "page"), Style::Whole);
    assert_eq!(style("paginationType: VENDOR_NOT_SUPPORTED,", PAGE, "page"), Style::Whole);
    assert_eq!(style("paginationType: NO_PAGINATION,", PAGE, "page"), Style::Unpaged);
    assert_eq!(style("paginationType: supported,", PAGE, "page"), Style::Page);
    let template = "{ name: 'LIMIT {limit} OFFSET {offset}', type: value, vendorType: body }";
    assert_eq!(style("", template, "page"), Style::Offset);
}

#[test]
fn sizes_are_per_object_and_capped() {
    let sizes = r#"{"users": 50, "usersComments": "30", "default": 20}"#;
    let cases = [
        (Some(sizes), None, (30, false)),
        (Some(r#"{"users": 50, "default": 20}"#), None, (20, false)),
        (Some(r#"{"users": 50}"#), None, (200, false)),
        (Some("100"), None, (100, false)),
        (Some("100"), Some("100"), (100, false)),
        (Some("100"), Some("101"), (100, true)),
        (Some("100"), Some("7"), (7, false)),
        (Some("nonsense"), Some("3000"), (3000, false)),
        (Some("0"), None, (200, false)),
        (None, Some("6000"), (5000, true)),
        (None, Some(" "), (200, false)),
    ];
    for (maximum, asked, (size, warns)) in cases {
        let configuration: Vec<_> = maximum.map(|maximum| ("pagination.max", maximum)).into_iter().collect();
        let query: Vec<_> = asked.map(|asked| ("pageSize", asked)).into_iter().collect();
        let paging = read(&definition("", PAGE), &query, &configuration, Work::default()).unwrap();
        assert_eq!((paging.size, paging.warning.is_some()), (size, warns), "{maximum:?} {asked:?}");
    }
}

#[test]
fn bad_numbers_and_tokens_are_refused() {
    let element = definition("", PAGE);
    let bad = |name: &str, value: &str| read(&element, &[(name, value)], &[], Work::default()).unwrap_err().to_string();
    for name in ["page", "pageSize"] {
        for value in ["0", "-1", "1.5", "abc", "+1", "99999999999999999999999", "1e3", "٣"] {
            assert_eq!(bad(name, value), format!("{name} must be a positive integer"), "{value}");
        }
    }
    assert_eq!(bad("page", "9999999999999999999"), "page is too large");
    let token = |value: serde_json::Value| {
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, value.to_string())
    };
    let tokens = [
        "x".to_owned(),
        "%%%".to_owned(),
        "x".repeat(20_000),
        token(json!(1)),
        token(json!({})),
        token(json!({"limit": 0, "pageSize": 1, "page": 1})),
        token(json!({"limit": 1, "pageSize": 0, "page": 1})),
        token(json!({"limit": 1, "pageSize": 1, "page": 0})),
        token(json!({"limit": 1, "pageSize": 1, "page": -4})),
        token(json!({"limit": 1, "pageSize": 1, "page": u64::MAX})),
        token(json!({"limit": 1, "pageSize": u64::MAX, "page": 2})),
        token(json!({"limit": 9_999_999, "pageSize": 1, "page": 2})),
        token(json!({"limit": 1, "pageSize": 1, "page": 1, "skip": "x"})),
        token(json!({"limit": 1, "pageSize": 1, "cursor": 5})),
        token(json!({"limit": 1, "pageSize": 1, "cursor": "of another style"})),
        token(json!({"limit": 3, "pageSize": 4_000_000_000_u64, "page": 1, "skip": 1})),
    ];
    for token in tokens {
        assert_eq!(bad("nextPage", &token), "nextPage is not a token of an earlier answer", "{token}");
    }
}

#[test]
fn tokens_are_objects_in_base64_that_remember_the_size_and_win_over_the_page() {
    let element = definition("", PAGE);
    let mut paging = read(&element, &[("pageSize", "1")], &[], Work::default()).unwrap();
    paging.position.page = 1;
    let token = paging.token(1);
    let text = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE, &token).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), r#"{"limit":1,"pageSize":1,"page":2}"#);
    let next = |query: &[(&str, &str)]| {
        let query: Vec<_> = [("nextPage", token.as_str())].into_iter().chain(query.iter().copied()).collect();
        vendor(&read(&element, &query, &[], Work::default()).unwrap())
    };
    assert_eq!(next(&[]), (2, 1, 1));
    assert_eq!(next(&[("page", "7")]), (2, 1, 1));
    assert_eq!(next(&[("pageSize", "1")]), (2, 1, 1));
    assert_eq!(next(&[("pageSize", "5")]), (2, 1, 1), "what was returned already is not returned again");
    assert!(read(&element, &[("nextPage", "null")], &[], Work::default()).is_ok());
}

#[test]
fn answers_say_what_follows() {
    let answer = AnswerState {
        headers: vec![("x-next".to_owned(), "h1".to_owned()), ("elements-next-page-token".to_owned(), "t".to_owned())],
        vendor_body: json!({
            "next": "c1", "paging": {"cursors": {"after": 17}}, "empty": "", "none": null, "hasMore": true,
            "isLast": false, "link": "https://v/x?a=1&page%5Bafter%5D=b%20c#f", "body": {"next": "own"},
        }),
        ..AnswerState::default()
    };
    let after = |key: &str| {
        let after = After::of(&definition(&format!("nextPageKey: '{key}',"), "").resources()[0], &answer);
        (after.cursor, after.more)
    };
    let cursor = |text: &str| (Some(text.to_owned()), Some(true));
    assert_eq!(after("paging.cursors.after"), cursor("17"));
    assert_eq!(after("body.paging.cursors.after"), cursor("17"));
    assert_eq!(after("next"), cursor("c1"));
    assert_eq!(after("header.X-Next"), cursor("h1"));
    assert_eq!(after("link?page[after]"), cursor("b c"));
    assert_eq!(after("elements-next-page-token"), cursor("t"));
    assert_eq!(after("hasMore"), (None, Some(true)));
    assert_eq!(after("isLast"), (None, Some(false)));
    assert_eq!(after("empty"), (None, Some(false)));
    assert_eq!(after("none"), (None, Some(false)));
    assert_eq!(after("link?gone").0, None);
    for nothing in ["gone", "header.gone", "", "next?c"] {
        assert_eq!(after(nothing).0, None, "{nothing}");
    }
    assert_eq!(after("gone").1, None);
}

proptest! {
    #[test]
    fn no_token_makes_paging_panic(text in "\\PC{0,60}", size in 1u64..9, page: u64, skip: u64, vendor_size: u64) {
        let element = definition("", PAGE);
        let forged = json!({"limit": size, "pageSize": vendor_size, "page": page, "skip": skip}).to_string();
        let forged = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, forged);
        for token in [text, forged] {
            if let Ok(paging) = read(&element, &[("nextPage", &token)], &[], Work::default()) {
                let _ = (paging.page(), paging.token(1));
            }
        }
    }
}
