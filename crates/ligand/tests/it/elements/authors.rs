//! `ligand element check` and `ligand element test`, as authors run them.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::process::run;

const DEFINITION: &str = "\
name: Acme
authentication: { type: none }
configuration: [{ key: base.url, defaultValue: 'https://acme.example.com' }]
resources:
  - method: GET
    path: /hubs/crm/things
    hooks: [{ type: preRequest, file: hooks/a.js }]
    parameters: [{ name: q, type: query, vendorName: q, vendorType: query }]
";
const TESTS: &str = "- { name: things are listed, resource: GET /hubs/crm/things, inputs: { query: { q: x } }, request: { method: GET, url: 'https://acme.example.com/things?q=x' } }\n";

fn folder(into: &Path, definition: &str, script: &str, tests: &str) -> String {
    let acme = into.join("acme");
    for directory in ["hooks", "tests"] {
        fs::create_dir_all(acme.join(directory)).expect("a directory");
    }
    for (name, text) in [("element.yaml", definition), ("hooks/a.js", script), ("tests/a.yaml", tests)] {
        fs::write(acme.join(name), text).expect("a file");
    }
    acme.display().to_string()
}

async fn element(command: &str, path: &str) -> (bool, String, String) {
    run(&["element", command, path], &[]).await
}

#[tokio::test]
async fn a_sound_element_passes() {
    let directory = TempDir::new().expect("a directory");
    let acme = folder(directory.path(), DEFINITION, "done()", TESTS);
    let file = format!("{acme}/element.yaml");
    for path in [&acme, &file, &directory.path().display().to_string()] {
        let checked = element("check", path).await;
        assert_eq!(checked, (true, "1 element checked, 0 problems, 0 remarks\n".to_owned(), String::new()));
        assert_eq!(
            element("test", path).await,
            (true, "1 test passed, 0 failed, 0 problems\n".to_owned(), String::new())
        );
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let directory = TempDir::new().expect("a directory");
    let wrong = DEFINITION.replace("type: query", "type: quary").replace("method: GET", "method: FETCH");
    let acme = folder(directory.path(), &wrong, "done()", TESTS);
    let (is_sound, summary, told) = element("check", &acme).await;
    assert!(!is_sound && summary == "1 element checked, 2 problems, 0 remarks\n", "{summary}");
    assert!(
        told.contains("acme/element.yaml:5:13: resources[0].method:") && told.contains("acme/element.yaml:8:"),
        "{told}"
    );

    folder(directory.path(), DEFINITION, "done(", "- { name: }\nx");
    let (is_sound, _, told) = element("check", &acme).await;
    assert!(!is_sound && told.contains("acme/element.yaml: resources[0].hooks[0].body: SyntaxError"), "{told}");
    assert!(told.contains("acme/tests/a.yaml:"), "{told}");

    folder(directory.path(), DEFINITION, "done()", &TESTS.replace("?q=x", "?q=y"));
    let (is_sound, summary, told) = element("test", &acme).await;
    assert!(!is_sound && summary == "0 tests passed, 1 failed, 0 problems\n", "{summary}");
    let expected = "acme/tests/a.yaml: things are listed\n  request.url\n    expected: https://acme.example.com/things?q=y\n    \
                    came:     https://acme.example.com/things?q=x\n";
    assert_eq!(told, expected);
    let (is_there, _, told) = element("check", "/nowhere/at/all").await;
    assert!(!is_there && told.contains("neither an element's folder nor a directory of some"), "{told}");
}

#[tokio::test]
async fn exports_are_checked_as_imports_read_them() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("element.json");
    let hook = r#"{ "type": "preRequest", "body": "if (" }"#;
    let sound =
        format!(r#"{{ "name": "A", "authentication": {{ "type": "basic" }}, "hooks": [{hook}], "unknown": 1 }}"#);
    fs::write(&file, format!(r#"[{sound}, {{ "name": "B" }}]"#)).expect("a file");
    let (is_sound, summary, told) = element("check", &file.display().to_string()).await;
    assert!(!is_sound && summary == "2 elements checked, 1 problems, 1 remarks\n", "{summary}");
    assert!(
        told.contains(": a: will not run: hooks[0].body: SyntaxError") && told.contains(": b: authentication"),
        "{told}"
    );
}
