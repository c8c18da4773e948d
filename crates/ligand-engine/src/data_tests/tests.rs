//! The built-in elements do what their tests say, and tests that are wrong are told from elements that are.

use std::{fs, path::Path};

use ligand_element::{Element, File, Folder, load};

use super::{run, untested};

fn read(folder: &Path) -> Folder {
    let mut files = Vec::new();
    for directory in ["", "hooks", "tests"] {
        for entry in fs::read_dir(folder.join(directory)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push(File { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    Folder { key: folder.file_name().unwrap().to_str().unwrap().to_owned(), files }
}

#[test]
fn every_element_does_what_its_tests_say() {
    let elements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../elements");
    for folder in fs::read_dir(elements).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let folder = read(&folder);
        let element = load(&folder).unwrap();
        let outcomes = run(&element, &folder).unwrap();
        assert!(!outcomes.is_empty(), "{} has tests", folder.key);
        let untested = untested(&element, &outcomes);
        assert!(untested.is_empty(), "{} has no tests of these: {untested:#?}", folder.key);
        for outcome in outcomes {
            let told = outcome.differences.join("\n");
            assert!(told.is_empty(), "{}/{}: {}\n{told}", folder.key, outcome.file, outcome.name);
        }
    }
}

fn small(tests: &str) -> (Element, Folder) {
    let definition = "name: N\nauthentication: { type: none }\nconfiguration: [{ key: base.url, defaultValue: 'https://h' }]\n\
                      resources:\n  - { method: GET, path: /a, parameters: [{ name: q, type: query, vendorName: q, vendorType: query, required: true }] }\n\
                      \x20 - { method: POST, path: /a, parameters: [{ name: body, type: body, vendorType: body }] }\n";
    let files = [("element.yaml", definition), ("tests/a.yaml", tests)];
    let files = files.map(|(path, text)| File { path: path.to_owned(), text: text.to_owned() }).to_vec();
    let folder = Folder { key: "x".to_owned(), files };
    (load(&folder).unwrap(), folder)
}

fn differences(test: &str) -> String {
    let (element, folder) = small(test);
    let outcomes = run(&element, &folder).unwrap();
    outcomes.into_iter().flat_map(|outcome| outcome.differences).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_came_stands_beside_what_was_expected() {
    let get = "- { name: one, resource: GET /hubs/general/a, inputs: { query: { q: x } }, request: { method: GET, url: 'https://h/a?q=y' } }";
    assert_eq!(differences(get), "request.url\n  expected: https://h/a?q=y\n  came:     https://h/a?q=x");
    let post = "- { name: one, resource: POST /hubs/general/a, inputs: { body: { a: 1, b: 2 } }, request: { method: POST, url: 'https://h/a', body: '{\"a\":1,\"b\":3}' } }";
    assert_eq!(
        differences(post),
        "request.body (- expected, + came)\n    {\n      \"a\": 1,\n  -   \"b\": 3\n  +   \"b\": 2\n    }"
    );
    let failed =
        "- { name: one, resource: POST /hubs/general/a, answer: { status: 404, body: '' }, outcome: { body: 1 } }";
    assert!(differences(failed).starts_with("failure"), "{}", differences(failed));
    let succeeded = "- { name: one, resource: POST /hubs/general/a, answer: { status: 200, headers: { content-type: application/json }, body: '{}' }, failure: { kind: rejected } }";
    assert!(differences(succeeded).contains("+"), "{}", differences(succeeded));
    let refused = "- { name: one, resource: GET /hubs/general/a, refused: something else }";
    assert_eq!(
        differences(refused),
        "refused\n  expected: something else\n  came:     The required parameter q is missing"
    );
    let made = "- { name: one, resource: GET /hubs/general/a, inputs: { query: { q: x } }, refused: something }";
    assert!(differences(made).contains("a request: GET https://h/a?q=x"));
}

#[test]
fn tests_that_are_wrong_say_so() {
    for (test, told) in [
        ("- { name: a, resorce: GET /a }", "resorce is no member of tests"),
        ("- { name: a }", "resource is missing"),
        ("- { name: a, resource: GET /b }", "there is no resource GET /b"),
        ("- { name: a, resource: onProvision }", "there is no resource onProvision"),
        ("- { name: a, resource: GET /hubs/general/a, inputs: { query: { q: 1 } } }", "inputs.query.q must be text"),
        ("- { name: a, resource: POST /hubs/general/a, answer: {} }", "answer.status must be a number"),
        ("- { name: a, resource: GET /hubs/general/a }", "no request can be made: The required parameter q is missing"),
        ("- just text", "a test must be a mapping"),
    ] {
        let found = differences(test);
        assert!(found.starts_with(told), "{test}: {found}");
    }
    for (file, told) in
        [("a: 1", "x/tests/a.yaml: must be a list of tests"), ("- {", "x/tests/a.yaml:2:1: not valid YAML")]
    {
        let (element, folder) = small(file);
        let problems = run(&element, &folder).unwrap_err();
        assert!(problems[0].to_string().starts_with(told), "{}", problems[0]);
    }
}
