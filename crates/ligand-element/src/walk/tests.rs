//! Walks over vendors of every style: each record comes once and in order, whatever the sizes of pages.

use ligand_ceql::{Condition, parse_order_by, parse_where};
use ligand_domain::Configuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Element, Inputs, folder::tests::element, paging::Work};

/// A vendor that pages in some style and caps its pages.
#[derive(Debug, Clone)]
struct Vendor {
    style: &'static str,
    count: u64,
    /// Its own largest page, whatever is asked for.
    cap: u64,
    /// Whether it says if there is more.
    says_more: bool,
}

impl Vendor {
    fn element(&self) -> Element {
        let (kind, key, parameters) = match self.style {
            "page" => ("page", "more", "{ name: page, type: query, vendorName: p, vendorType: query }"),
            "offset" => ("offset", "more", "{ name: offset, type: query, vendorName: o, vendorType: query }"),
            "cursor" => ("cursor", "body.next", "{ name: nextPage, type: query, vendorName: c, vendorType: query }"),
            _ => ("page", "", ""),
        };
        element(
            "x",
            &format!(
                "name: N\nauthentication: {{ type: none }}\nconfiguration:\n\
                 \x20 - {{ key: pagination.type, defaultValue: {kind} }}\n\
                 resources:\n  - {{ method: GET, path: /things, nextPageKey: '{key}', parameters: [{parameters}] }}\n"
            ),
        )
    }

    /// The records of a page and what the answer says of the next.
    fn answer(&self, page: &VendorPage) -> (Vec<Value>, After) {
        let size = page.size.min(self.cap);
        let (first, size) = match self.style {
            "page" => ((page.page - 1) * page.size, page.size),
            "offset" => (page.offset, size),
            "cursor" => (page.cursor.as_deref().map_or(0, |cursor| cursor.parse().unwrap()), size),
            _ => (0, self.count),
        };
        let end = (first + size).min(self.count);
        let records = (first.min(end)..end).map(|id| json!({"id": id, "even": id % 2 == 0, "down": 1000 - id}));
        let cursor = (self.style == "cursor" && end < self.count).then(|| end.to_string());
        (records.collect(), After { cursor, more: self.says_more.then_some(end < self.count) })
    }
}

/// Records as the walk takes them: every second one as text.
fn as_records(values: Vec<Value>) -> Vec<Record> {
    let record = |(place, value): (usize, Value)| {
        if place % 2 == 0 { Record::Value(value) } else { Record::Written(value.to_string().into_bytes().into()) }
    };
    values.into_iter().enumerate().map(record).collect()
}

fn configuration(max: &str) -> Configuration {
    let mut configuration = Configuration::default();
    configuration.set("pagination.max", Some(max.to_owned()));
    configuration
}

struct Caller {
    element: Element,
    configuration: Configuration,
    filter: Option<Condition>,
    order: Vec<Order>,
    vendor: Vendor,
}

impl Caller {
    fn new(vendor: &Vendor, max: u64, filter: Option<&str>, order: &str) -> Self {
        let element = vendor.element();
        let mut configuration = configuration(&max.to_string());
        let kind = element.entry("pagination.type").unwrap().default_value.clone();
        configuration.set("pagination.type", kind);
        Self {
            element,
            configuration,
            filter: filter.and_then(|text| parse_where(text).unwrap()),
            order: parse_order_by(order),
            vendor: vendor.clone(),
        }
    }

    fn page(&self, query: &[(&str, &str)]) -> Page {
        self.walked(query, false).0
    }

    /// The page, and how many records there are in all, as far as the walk has found out.
    fn walked(&self, query: &[(&str, &str)], counts: bool) -> (Page, Option<u64>) {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let inputs = Inputs { query: pairs.collect(), ..Inputs::default() };
        let work = Work { filters: self.filter.is_some(), sorts: !self.order.is_empty() };
        let resource = &self.element.resources()[0];
        let paging = Paging::read(&self.element, resource, &inputs, &self.configuration, work).unwrap();
        let mut walk = Walk::new(paging, self.filter.clone(), self.order.clone());
        if counts {
            walk = walk.counting();
        }
        for _ in 0..500 {
            let Some(page) = walk.next_page() else {
                let total = walk.total();
                return (walk.finish(), total);
            };
            let (records, after) = self.vendor.answer(&page);
            walk.feed(as_records(records), after).unwrap();
        }
        panic!("the walk never ends");
    }

    fn ids(page: &Page) -> Vec<u64> {
        page.records.iter().cloned().map(|record| record.into_value()["id"].as_u64().unwrap()).collect()
    }

    /// Follows tokens to the end, with these sizes in turn; 0 for none.
    fn all(&self, sizes: &[u64]) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut token: Option<String> = None;
        for turn in 0..400 {
            let size = sizes[turn % sizes.len()].to_string();
            let mut query = Vec::new();
            if size != "0" {
                query.push(("pageSize", size.as_str()));
            }
            if let Some(token) = &token {
                query.push(("nextPage", token.as_str()));
            }
            let page = self.page(&query);
            ids.extend(Self::ids(&page));
            match page.next {
                Some(next) => token = Some(next),
                None => return ids,
            }
        }
        panic!("the tokens never end");
    }
}

fn expected(vendor: &Vendor, filtered: bool, sorted: bool) -> Vec<u64> {
    let mut ids: Vec<u64> = (0..vendor.count).filter(|id| !filtered || id % 2 == 0).collect();
    if sorted {
        ids.reverse();
    }
    ids
}

fn vendors() -> impl Strategy<Value = Vendor> {
    let style = prop::sample::select(vec!["page", "offset", "cursor", "whole"]);
    (style, 0u64..60, any::<bool>()).prop_map(|(style, count, says_more)| Vendor { style, count, cap: 100, says_more })
}

proptest! {
    #[test]
    fn tokens_lead_through_every_record_once(
        vendor in vendors(), max in 1u64..12, size in 0u64..14, filtered: bool, sorted: bool,
    ) {
        let filter = filtered.then_some("even = true");
        let caller = Caller::new(&vendor, max, filter, if sorted { "down" } else { "" });
        prop_assert_eq!(caller.all(&[size]), expected(&vendor, filtered, sorted));
    }

    #[test]
    fn sizes_may_change_on_the_way(
        vendor in vendors(), sizes in prop::collection::vec(1u64..9, 1..4), filtered: bool, sorted: bool,
    ) {
        let filter = filtered.then_some("even = true");
        let caller = Caller::new(&vendor, 12, filter, if sorted { "down" } else { "" });
        prop_assert_eq!(caller.all(&sizes), expected(&vendor, filtered, sorted));
    }

    #[test]
    fn two_pages_are_one_of_twice_the_size(
        vendor in vendors(), size in 1u64..12, filtered: bool, sorted: bool,
    ) {
        let filter = filtered.then_some("even = true");
        let caller = Caller::new(&vendor, 50, filter, if sorted { "down" } else { "" });
        let page = |number: &str, size: u64| {
            Caller::ids(&caller.page(&[("page", number), ("pageSize", size.to_string().as_str())]))
        };
        let mut two = page("1", size);
        two.extend(page("2", size));
        prop_assert_eq!(two, page("1", 2 * size));
    }

    #[test]
    fn a_vendor_that_caps_pages_but_says_there_is_more_loses_nothing(
        cap in 1u64..5, count in 0u64..40, size in 1u64..9, cursor: bool, filtered: bool,
    ) {
        let vendor = Vendor { style: if cursor { "cursor" } else { "offset" }, count, cap, says_more: true };
        let caller = Caller::new(&vendor, 50, filtered.then_some("even = true"), "");
        prop_assert_eq!(caller.all(&[size]), expected(&vendor, filtered, false));
    }
}

#[test]
fn a_page_is_one_call_where_nothing_is_done_here() {
    for style in ["page", "offset", "cursor"] {
        let vendor = Vendor { style, count: 30, cap: 100, says_more: false };
        let caller = Caller::new(&vendor, 50, None, "");
        let page = caller.page(&[("pageSize", "10")]);
        assert_eq!(page.records.len(), 10, "{style}");
        assert!(page.next.is_some());
    }
}

#[test]
fn pages_past_the_end_are_empty_and_have_no_token() {
    for style in ["page", "offset", "cursor", "whole"] {
        let vendor = Vendor { style, count: 5, cap: 100, says_more: false };
        for (filter, order) in [(None, ""), (Some("even = true"), ""), (None, "down")] {
            let caller = Caller::new(&vendor, 50, filter, order);
            let page = caller.page(&[("pageSize", "5"), ("page", "9")]);
            assert_eq!(page, Page { records: Vec::new(), next: None }, "{style}");
        }
    }
}

/// A vendor whose pages have seven records, whatever is asked for; three of them.
fn sevens(style: &str, page: &VendorPage) -> (Vec<Value>, After) {
    let first = match style {
        "page" => (page.page - 1) * 7,
        _ => page.cursor.as_deref().map_or(0, |cursor| cursor.parse::<u64>().unwrap()),
    };
    let records = (first.min(21)..(first + 7).min(21)).map(|id| json!({"id": id})).collect();
    let cursor = (style == "cursor" && first < 14).then(|| (first + 7).to_string());
    (records, After { cursor, more: Some(first < 14) })
}

#[test]
fn a_vendor_that_sends_more_than_asked_is_cut_without_loss() {
    for style in ["page", "cursor"] {
        let vendor = Vendor { style, count: 0, cap: 0, says_more: false };
        let caller = Caller::new(&vendor, 50, None, "");
        let run = |query: &[(&str, &str)]| {
            let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let inputs = Inputs { query, ..Inputs::default() };
            let resource = &caller.element.resources()[0];
            let work = Work::default();
            let paging = Paging::read(&caller.element, resource, &inputs, &caller.configuration, work).unwrap();
            let mut walk = Walk::new(paging, None, Vec::new());
            while let Some(page) = walk.next_page() {
                let (records, after) = sevens(style, &page);
                walk.feed(as_records(records), after).unwrap();
            }
            walk.finish()
        };
        let mut ids = Vec::new();
        let mut page = run(&[("pageSize", "4")]);
        loop {
            ids.extend(Caller::ids(&page));
            let Some(token) = page.next.clone() else { break };
            page = run(&[("nextPage", &token)]);
            assert!(page.records.len() <= 4);
        }
        assert_eq!(ids, (0..21).collect::<Vec<_>>(), "{style}");
    }
}

#[test]
fn a_cursor_that_stands_still_ends_the_walk() {
    let vendor = Vendor { style: "cursor", count: 5, cap: 100, says_more: false };
    let caller = Caller::new(&vendor, 50, Some("id = 99"), "");
    let resource = &caller.element.resources()[0];
    let work = Work { filters: true, sorts: false };
    let paging = Paging::read(&caller.element, resource, &Inputs::default(), &caller.configuration, work).unwrap();
    let mut walk = Walk::new(paging, caller.filter.clone(), Vec::new());
    let mut calls = 0;
    while walk.next_page().is_some() {
        calls += 1;
        walk.feed(as_records(vec![json!({"id": 1})]), After { cursor: Some("same".to_owned()), more: None }).unwrap();
    }
    assert_eq!(calls, 2);
    assert_eq!(walk.finish(), Page { records: Vec::new(), next: None });
}

#[test]
fn lists_too_long_to_be_ordered_are_refused() {
    let vendor = Vendor { style: "whole", count: 0, cap: 0, says_more: false };
    let caller = Caller::new(&vendor, 50, None, "id");
    let resource = &caller.element.resources()[0];
    let work = Work { filters: false, sorts: true };
    let paging = Paging::read(&caller.element, resource, &Inputs::default(), &caller.configuration, work).unwrap();
    let mut walk = Walk::new(paging, None, caller.order.clone());
    let records = vec![json!({"id": 1}); MAX_SORTED + 1];
    assert!(matches!(walk.feed(as_records(records), After::default()), Err(PlanError::Invalid(_))));
}

#[test]
fn the_whole_is_counted_only_when_all_of_it_came_by() {
    let records = |count: u64| (0..count).map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let said = |more| After { cursor: None, more };
    /// How many records a page has, and what is said about more behind it.
    type Fed = (u64, Option<bool>);
    // Style, page of the caller, what is fed, and the total that follows.
    let cases: &[(&str, &str, &[Fed], Option<u64>)] = &[
        ("whole", "1", &[(7, None)], Some(3)),
        ("whole", "2", &[(7, None)], Some(3)),
        ("whole", "1", &[(5000, None)], None),
        ("whole", "1", &[(7, Some(true))], None),
        ("offset", "1", &[(3, Some(false))], Some(3)),
        ("offset", "1", &[(2, None)], None),
        ("offset", "1", &[(2, None), (0, None)], Some(2)),
        ("page", "9", &[(0, Some(false))], Some(0)),
        ("page", "1", &[(200, Some(true))], None),
    ];
    for (style, page, fed, expected) in cases {
        let vendor = Vendor { style, count: 0, cap: 0, says_more: false };
        let caller = Caller::new(&vendor, 50, Some("id < 3"), "");
        let inputs = Inputs { query: vec![("page".to_owned(), (*page).to_owned())], ..Inputs::default() };
        let work = Work { filters: true, sorts: false };
        let resource = &caller.element.resources()[0];
        let paging = Paging::read(&caller.element, resource, &inputs, &caller.configuration, work).unwrap();
        let mut walk = Walk::new(paging, caller.filter.clone(), Vec::new());
        for (count, more) in *fed {
            walk.feed(as_records(records(*count)), said(*more)).unwrap();
        }
        assert_eq!(walk.total(), *expected, "{style} {page} {fed:?}");
    }
}

#[test]
fn counting_goes_on_behind_the_page_and_changes_nothing_else() {
    for style in ["page", "offset", "cursor", "whole"] {
        for says_more in [true, style == "whole"] {
            // One that neither says how it goes on nor gives what it is asked for leads plain walks astray.
            let vendor = Vendor { style, count: 53, cap: if says_more { 7 } else { 50 }, says_more };
            let caller = Caller::new(&vendor, 10, Some("even = true"), "");
            for query in [&[("pageSize", "4")][..], &[("pageSize", "4"), ("page", "3")], &[("pageSize", "40")]] {
                let plain = caller.walked(query, false);
                let counted = caller.walked(query, true);
                assert_eq!(counted.0, plain.0, "{vendor:?} {query:?}");
                assert_eq!(counted.1, Some(27), "{vendor:?} {query:?}");
            }
            let first = caller.page(&[("pageSize", "4")]);
            let token = first.next.expect("more follows");
            let behind = caller.walked(&[("nextPage", &token)], true);
            assert_eq!(Caller::ids(&behind.0), [8, 10, 12, 14], "{vendor:?}");
        }
    }
}
