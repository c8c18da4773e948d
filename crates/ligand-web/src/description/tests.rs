//! The table and the router say the same, and the document is complete and kept.

use std::collections::BTreeSet;

use ligand_docs::Format;

use super::{describe, document, table};
use crate::router;

/// A path as documents have it: without the mark of a variable that takes all that follows.
fn documented(path: &str) -> String {
    path.replace("{*", "{")
}

#[test]
fn every_route_has_a_line_and_every_line_a_route() {
    let routes: BTreeSet<String> =
        router::known().iter().map(|route| format!("{} {}", route.method, documented(&route.path))).collect();
    let described: Vec<String> = table().iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    let once: BTreeSet<String> = described.iter().cloned().collect();
    let missing: Vec<_> = routes.difference(&once).collect();
    assert!(missing.is_empty(), "describe these in src/description/operations.rs: {missing:#?}");
    let stale: Vec<_> = once.difference(&routes).collect();
    assert!(stale.is_empty(), "the router has no such routes: {stale:#?}");
    assert_eq!(described.len(), once.len(), "a route is described twice");
}

#[test]
fn every_name_has_a_meaning() {
    let document = document();
    for tag in &document.tags {
        assert!(!tag.description.is_empty(), "say in parameters.rs what the group {} is", tag.name);
    }
    for operation in &document.operations {
        for parameter in &operation.parameters {
            let meaning = parameter.description.as_deref().unwrap_or_default();
            assert!(!meaning.is_empty(), "say in parameters.rs what {} of {} is", parameter.name, operation.path);
        }
    }
}

#[test]
fn both_documents_hold_together() {
    for format in [Format::Swagger, Format::Openapi] {
        let problems = ligand_docs::problems(describe(format));
        assert!(problems.is_empty(), "{format:?}: {problems:#?}");
    }
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let served = format!("{:#}\n", describe(Format::Openapi));
    if std::env::var_os("LIGAND_WRITE_DOCS").is_some() {
        std::fs::write(path, &served).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let how = "LIGAND_WRITE_DOCS=1 cargo test -p ligand-web --lib description";
    assert!(committed == served, "docs/openapi.json is out of date; write it with: {how}");
}

#[test]
fn lists_promise_what_they_keep() {
    let told = |method: &str, path: &str| {
        let line = table().into_iter().find(|line| line.method == method && line.path == path).expect("a line");
        let responses = line.responses();
        let counts = responses[0].headers.iter().any(|(name, _)| name == "Elements-Total-Count");
        (counts, responses.iter().map(|response| response.status).collect::<BTreeSet<u16>>())
    };
    for path in ["/instances", "/elements", "/hubs", "/hubs/keys", "/elements/{element}/instances"] {
        assert!(told("GET", path).0, "{path}");
    }
    for path in ["/jobs", "/jobs/executions", "/jobs/{job}/history", "/usage"] {
        let (counts, statuses) = told("GET", path);
        assert!(!counts && statuses.contains(&400), "{path}");
    }
    let (times, statuses) = ("/usage/analytics/times", "/usage/analytics/statuses");
    for (method, path) in [("GET", "/usage"), ("GET", times), ("GET", statuses), ("POST", "/jobs")] {
        let statuses = told(method, path).1;
        assert!(statuses.contains(&404) && statuses.contains(&400), "{path}");
    }
}
