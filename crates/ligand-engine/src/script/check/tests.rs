//! Scripts that do not parse are found, wherever they stand, and none is run.

use ligand_element::{File, Folder, load};

use super::unparsable;

fn found(hooks: &[(bool, &str)]) -> Vec<(String, String)> {
    let hook = |(is_legacy, body): &(bool, &str)| serde_json::json!({ "type": "preRequest", "isLegacy": is_legacy, "body": body });
    let hooks: Vec<_> = hooks.iter().map(hook).collect();
    let definition = serde_json::json!({
        "name": "N", "authentication": { "type": "none" }, "configuration": [{ "key": "base.url", "defaultValue": "https://h" }],
        "hooks": [hooks[0]], "resources": [{ "method": "GET", "path": "/a", "hooks": hooks }],
    });
    let file = File { path: "element.yaml".to_owned(), text: definition.to_string() };
    unparsable(&load(&Folder { key: "x".to_owned(), files: vec![file] }).unwrap())
}

#[test]
fn what_does_not_parse_is_named() {
    let places: Vec<(String, String)> =
        found(&[(false, "if ("), (false, "await 1; done()"), (true, "return {"), (true, "return 1")]);
    let names: Vec<&str> = places.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(names, ["hooks[0].body", "resources[0].hooks[0].body", "resources[0].hooks[2].body"]);
    assert!(places.iter().all(|(_, problem)| problem.starts_with("SyntaxError")), "{places:?}");
}

#[test]
fn nothing_is_run() {
    let closing = "}) ; while (true) {} (function () {";
    assert_eq!(found(&[(true, closing), (false, closing), (false, "done()")]).len(), 1, "the current engine's alone");
    assert!(found(&[(false, "while (true) {}"), (true, "for (;;) {}"), (false, &"(".repeat(100_000))]).len() <= 1);
}
