//! Which resource a path means.

use proptest::prelude::*;

use super::*;
use crate::folder::tests::element;

const DEFINITION: &str = r#"
name: N
authentication: { type: none }
hub: crm
resources:
  - { method: GET, path: "/{objectName}" }
  - { method: POST, path: "/{objectName}" }
  - { method: GET, path: "/{objectName}/{objectId}" }
  - { method: GET, path: "/contacts/{id}" }
  - { method: PATCH, path: "/contacts/{id}" }
  - { method: GET, path: "/contacts/{id}/notes" }
  - { method: GET, path: "/contacts/search" }
  - { method: GET, path: "/contacts" }
  - { method: DELETE, path: "/hubs/other/folders/contents/" }
  - { method: GET, path: "/old", kind: java }
  - { method: GET, path: "/odd//path" }
  - { method: GET, path: /token, type: onProvision }
  - { method: GET, path: /hidden/by/chain, type: apiNoDocumentation }
"#;

fn found(method: Method, path: &str) -> Found {
    let element = element("x", DEFINITION);
    let (_, segments) = split(path).unwrap();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    find(&element, method, &segments)
}

fn shown(method: Method, path: &str) -> String {
    match found(method, path) {
        Found::Resource { index, path, generic } => {
            let path: Vec<String> = path.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{index} {}{}", path.join(","), if generic { " generic" } else { "" })
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn literals_beat_variables_and_the_hub_does_not_matter() {
    let cases = [
        (Method::Get, "/hubs/crm/contacts", "7 "),
        (Method::Get, "/hubs/crap/contacts/", "7 "),
        (Method::Get, "/contacts", "7 "),
        (Method::Get, "/contacts/search", "6 "),
        (Method::Get, "/contacts/12", "3 id=12"),
        (Method::Get, "/contacts/a%20b%2Fc", "3 id=a b/c"),
        (Method::Get, "/contacts/100%", "3 id=100%"),
        (Method::Patch, "/contacts/search", "4 id=search"),
        (Method::Get, "/contacts/1/notes", "5 id=1"),
        (Method::Get, "/leads", "0 objectName=leads generic"),
        (Method::Post, "/contacts", "1 objectName=contacts generic"),
        (Method::Get, "/leads/5", "2 objectId=5,objectName=leads generic"),
        (Method::Delete, "/folders/contents", "8 "),
        (Method::Get, "/hidden/by/chain", "12 "),
        (Method::Get, "/odd//path", "10 "),
    ];
    for (method, path, expected) in cases {
        assert_eq!(shown(method, path), expected, "{} {path}", method.key());
    }
}

#[test]
fn what_leads_nowhere_says_why() {
    assert_eq!(found(Method::Get, "/old"), Found::NotExecutable);
    assert_eq!(found(Method::Delete, "/contacts"), Found::MethodNotAllowed(vec![Method::Get, Method::Post]));
    assert_eq!(found(Method::Put, "/contacts/1"), Found::MethodNotAllowed(vec![Method::Get, Method::Patch]));
    assert_eq!(shown(Method::Get, "/token"), "0 objectName=token generic");
    for path in ["", "/", "/hubs/crm", "/contacts//notes", "/contacts/1/notes/2/3", "//", "/hubs/crm//"] {
        assert_eq!(found(Method::Get, path), Found::NotFound, "{path}");
    }
    assert_eq!(split("/a/%ff"), None);
}

#[test]
fn the_hub_is_taken_off() {
    let hub = |path: &str| split(path).unwrap().0;
    assert_eq!(hub("/hubs/crm/contacts").as_deref(), Some("crm"));
    assert_eq!(hub("/contacts/hubs"), None);
    assert_eq!(hub("/hubs"), None);
}

proptest! {
    #[test]
    fn any_path_is_answered(path in "\\PC{0,40}|(/|%|[a-f0-9]|hubs|contacts){0,12}") {
        if let Some((_, segments)) = split(&path) {
            let element = element("x", DEFINITION);
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            if let Found::Resource { path, .. } = find(&element, Method::Get, &segments) {
                prop_assert!(path.values().all(|value| !value.is_empty()));
            }
        }
    }
}
