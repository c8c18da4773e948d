//! Addresses: joined, filled, and never left by a value.

use proptest::prelude::*;

use super::{Fill, build, names};
use crate::PlanError;

/// Builds with `site`, `act` … as trusted and `id` as a caller's.
fn built(base: Option<&str>, path: &str, trusted: &[(&str, &str)], id: &str) -> Result<String, PlanError> {
    let resolve = |name: &str| {
        let known = trusted.iter().find(|(key, _)| *key == name).map(|(_, value)| Fill::Trusted((*value).to_owned()));
        known.or_else(|| (name == "id").then(|| Fill::Caller(id.to_owned())))
    };
    build(base, path, &resolve).map(Into::into)
}

#[test]
fn bases_and_paths_are_joined() {
    let cases = [
        ("https://h", "/a", "https://h/a"),
        ("https://h/", "/a", "https://h/a"),
        ("https://h//", "/a/", "https://h/a/"),
        ("https://h/x", "y", "https://h/xy"),
        ("https://h", "a", "https://h/a"),
        ("https://h/x", "", "https://h/x"),
        ("https://h/x", "?a=1", "https://h/x?a=1"),
        ("https://h/x?a=1", "&b=2", "https://h/x?a=1&b=2"),
        ("https://h", "http://other/a", "http://other/a"),
        ("HTTPS://H", "/a", "https://h/a"),
    ];
    for (base, path, expected) in cases {
        assert_eq!(built(Some(base), path, &[], "").unwrap(), expected, "{base} {path}");
    }
}

#[test]
fn values_fill_the_beginning_as_they_are() {
    let cases = [
        ("https://{site}", "my.example.com", "https://my.example.com/a"),
        ("https://{site}", "http://h", "http://h/a"),
        ("https://{site}", "https://h:8443/", "https://h:8443/a"),
        ("https://{site}/api", "h/", "https://h/api/a"),
        ("https://{site}:81", "h", "https://h:81/a"),
        ("{site}", " http://h/x ", "http://h/x/a"),
        ("https://{site}.vendor.com", "acme", "https://acme.vendor.com/a"),
        ("https://h/{site}", "x/y", "https://h/x%2Fy/a"),
    ];
    for (base, site, expected) in cases {
        assert_eq!(built(Some(base), "/a", &[("site", site)], "").unwrap(), expected, "{base} {site}");
    }
    let nested = [("site", "https://{host}/x"), ("host", "h")];
    assert_eq!(built(Some("{site}"), "/a", &nested, "").unwrap(), "https://h/x/a");
}

#[test]
fn a_path_may_begin_with_a_configured_address() {
    let act = [("act", "http://h/act.web.api/")];
    assert_eq!(built(Some("http://wrong"), "{act}/authorize", &act, "").unwrap(), "http://h/act.web.api/authorize");
    let refused = built(Some("http://wrong"), "{act}/authorize", &[("act", "h")], "");
    assert_eq!(refused, Err(PlanError::BadUrl("act".to_owned())));
}

#[test]
fn a_caller_never_chooses_the_address() {
    for id in ["http://evil", "//evil", "https://evil/..", "@evil", "\\\\evil"] {
        let address = built(Some("https://h/api/"), "{id}/x", &[], id).unwrap();
        assert!(address.starts_with("https://h/api/") && address.ends_with("/x"), "{address}");
    }
}

#[test]
fn what_is_no_address_is_refused_by_name() {
    let bad = |site: &str| built(Some("https://{site}"), "/a", &[("site", site)], "");
    for site in ["a b", "user:pw@h", "h#", "h\nx", "ftp://h", "[::1", "h:99999", "%00", "http://", "https:///x"] {
        assert_eq!(bad(site), Err(PlanError::BadUrl("site".to_owned())), "{site:?}");
    }
    assert_eq!(bad(" "), Err(PlanError::Unresolved("site".to_owned())));
    assert_eq!(built(None, "/a", &[], ""), Err(PlanError::Unresolved("base.url".to_owned())));
    assert_eq!(built(Some("http://h"), "/{gone}", &[], ""), Err(PlanError::Unresolved("gone".to_owned())));
    assert_eq!(built(Some("h"), "/a", &[], ""), Err(PlanError::BadUrl("base.url".to_owned())));
    let circle = [("a", "{b}"), ("b", "{a}")];
    assert!(built(Some("{a}"), "/x", &circle, "").is_err());
}

#[test]
fn segments_do_not_climb() {
    for id in ["..", ".", "%2e%2e", ""] {
        let built = built(Some("https://h/api"), "/x/{id}", &[], id);
        assert!(
            built.is_err() || built.as_deref().is_ok_and(|url| url.starts_with("https://h/api/x/%25")),
            "{id} {built:?}"
        );
    }
}

#[test]
fn names_are_found() {
    assert_eq!(names("https://{a}/x/{b.c}/{"), ["a", "b.c"]);
}

proptest! {
    #[test]
    fn a_value_stays_in_its_segment(id in "\\PC{1,40}|[./\\\\%?#&@:;]{1,12}") {
        if let Ok(address) = built(Some("https://h/api"), "/x/{id}/y", &[], &id) {
            let url = url::Url::parse(&address).unwrap();
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 4);
            prop_assert_eq!((segments[0], segments[1], segments[3]), ("api", "x", "y"));
            prop_assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("h"), None, None));
        }
    }
}
