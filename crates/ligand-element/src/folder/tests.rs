//! Definitions: the built-in ones, and everything that may be wrong in others.

use crate::{Element, File, Folder, load};

/// A built-in element, read from the folder beside the crates.
pub(crate) fn built_in(key: &str) -> Element {
    let path = format!("{}/../../elements/{key}/element.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    element(key, &text)
}

/// An element out of one text.
pub(crate) fn element(key: &str, text: &str) -> Element {
    load(&folder(key, text)).unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

/// A folder with this definition, and the scripts of the built-in element with the key, if there is one.
fn folder(key: &str, text: &str) -> Folder {
    let mut files = vec![File { path: "element.yaml".to_owned(), text: text.to_owned() }];
    let hooks = format!("{}/../../elements/{key}/hooks", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(hooks).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("hooks/{}", path.file_name().unwrap().to_str().unwrap());
        files.push(File { path: name, text: std::fs::read_to_string(&path).unwrap() });
    }
    Folder { key: key.to_owned(), files }
}

fn shown(problems: &[crate::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The problems of a definition, one a line.
fn problems(text: &str) -> String {
    shown(&load(&folder("x", text)).expect_err("the definition has problems"))
}

#[test]
fn the_built_in_elements_are_valid_and_found_by_all_their_names() {
    let ids = [
        ("servicecloud", 58, "88"),
        ("oraclesalescloud", 1948, "1948"),
        ("infobip", 37, "37"),
        ("actpremium", 750, "816"),
    ];
    for (key, id, other) in ids {
        let element = built_in(key);
        assert_eq!((element.key(), element.id().get()), (key, id));
        assert!(
            element.answers_to(other) && element.answers_to(&key.to_uppercase()) && element.answers_to(&id.to_string())
        );
        assert!(!element.answers_to("1") && !element.answers_to(""));
    }
    assert!(built_in("actpremium").answers_to("actpremiumcrm"));
    assert!(!built_in("actpremium").is_active());
}

#[test]
fn the_least_definition_is_completed() {
    let element = element("My-Vendor", "name: My Vendor\nauthentication:\n  type: basic\n");
    assert_eq!((element.key(), element.hub(), element.description()), ("my-vendor", "general", "My Vendor"));
    assert!(element.id().get() > 100_000 && element.id().get() <= i64::from(i32::MAX));
    let keys: Vec<&str> = element.configuration().iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "username",
            "password",
            "pagination.type",
            "pagination.max",
            "authentication.time",
            "event.notification.enabled",
            "event.notification.callback.url",
            "filter.response.nulls",
        ]
    );
    let nulls = element.entry("filter.response.nulls").unwrap();
    assert_eq!((nulls.default_value.as_deref(), nulls.hide_from_console), (Some("true"), true));
    assert_eq!(element.entry("username").unwrap().description, "My Vendor Username");
}

#[test]
fn reserved_keys_have_their_reserved_ids() {
    for (key, id) in [("jira", 1), ("sfdc", 23), ("clover", 5217), ("actpremiumcrm", 816)] {
        assert_eq!(element(key, "name: N\nauthentication: {type: none}").id().get(), id);
    }
    assert_ne!(
        element("a", "name: N\nauthentication: {type: none}").id(),
        element("b", "name: N\nauthentication: {type: none}").id()
    );
}

#[test]
fn oauth_elements_get_their_entries() {
    let oauth2 = element("x", "name: N\nauthentication: {type: oauth2}");
    for key in ["oauth.api.key", "oauth.user.refresh_token", "oauth.scope", "oauth.token.url"] {
        assert!(oauth2.entry(key).is_some(), "{key}");
    }
    assert!(oauth2.entry("oauth.request.url").is_none());
    assert!(element("x", "name: N\nauthentication: {type: oauth1}").entry("oauth.user.token.secret").is_some());
}

#[test]
fn paths_get_the_hub_and_defaults_follow() {
    let text = "name: N\nhub: Social\nauthentication: {type: none}\nresources:\n  \
                - {method: GET, path: '/statuses/{id}'}\n  - {method: PATCH, path: /hubs/crm/a, vendorMethod: POST, vendorPath: /b}\n";
    let element = element("x", text);
    let [one, two] = element.resources() else { panic!("two resources") };
    assert_eq!((one.path.as_str(), one.vendor_path.as_str()), ("/hubs/social/statuses/{id}", "/statuses/{id}"));
    assert_eq!((two.path.as_str(), two.vendor_method.key()), ("/hubs/crm/a", "POST"));
}

#[test]
fn hooks_come_from_files() {
    let text = "name: N\nauthentication: {type: none}\nhooks:\n  - {type: preRequest, file: hooks/a.js}\n";
    let mut folder = folder("x", text);
    folder.files.push(File { path: "hooks/a.js".to_owned(), text: "done();".to_owned() });
    assert_eq!(load(&folder).unwrap().hooks()[0].body, "done();");
}

#[test]
fn all_problems_come_at_once_with_their_places() {
    let text = r#"
key: Bad Key
colour: red
hub: "a b"
aliases: [5, x, x, -1]
authentication: { type: magic, extra: 1 }
configuration:
  - { key: a, name: A, type: TEXT }
  - { key: a, name: A }
  - { name: nameless }
  - { key: b, name: B, type: BOOLEAN, defaultValue: "maybe" }
  - { key: n, name: N, defaultValue: 5 }
parameters:
  - { name: nope, type: configuration, vendorName: X, vendorType: header }
  - { name: "${configuration.gone}", type: value, vendorName: "Y Z", vendorType: header }
  - { name: q, type: quer, vendorName: q, vendorType: query, dataType: strng }
  - { name: t, type: query, vendorType: query }
hooks:
  - { type: preRequest, file: hooks/none.js }
  - { type: never, body: x }
  - { type: event }
resources:
  - { method: FETCH, path: /a }
  - { method: GET, path: /b, nextResource: "GET:/nowhere", type: wrong }
  - { method: GET, path: "/c/{id}", vendorPath: "/c/{other}" }
  - { method: GET, path: "/c/{key}" }
  - { method: GET, path: "/d{" }
  - { path: /e, nextResource: nonsense }
  - { method: GET, path: /f, nextResource: "GET:/f" }
  - not a mapping
"#;
    insta::assert_snapshot!(problems(text));
}

#[test]
fn yaml_beyond_json_is_refused() {
    let cases = [
        ("a: &x 1", "anchors are not supported"),
        ("a: *x", "unknown anchor"),
        ("a: !!str 1", "tags are not supported"),
        ("? [a]\n: b", "a member's name must be text"),
        ("a: 1\na: 2", "the member a is there twice"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("", "the document is empty"),
        ("- a", "must be a mapping, not a list"),
        ("a: [", "not valid YAML"),
        ("\u{0}", ""),
    ];
    for (text, message) in cases {
        assert!(problems(text).contains(message), "{text:?}: {}", problems(text));
    }
}

#[test]
fn bombs_are_refused_in_time() {
    let deep = "[".repeat(100_000);
    assert!(!problems(&deep).is_empty());
    let block: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(problems(&block).contains("nested too deeply"));
    let wide = format!("a: [{}]", "1,".repeat(300_000));
    assert!(problems(&wide).contains("too many values"));
    let large = format!("a: \"{}\"", "x".repeat(5 << 20));
    assert!(problems(&large).contains("larger than"));
    let laughs = "a: &a [x]\nb: &b [*a,*a]\n";
    assert!(problems(laughs).contains("anchors are not supported"));
}

#[test]
fn problems_are_counted_beyond_a_hundred() {
    let text: String = (0..150).map(|number| format!("unknown{number}: 1\n")).collect();
    let found = load(&folder("x", &text)).unwrap_err();
    assert_eq!(found.len(), 101);
    assert_eq!(found.last().unwrap().message, "and 52 more problems");
}

#[test]
fn a_condition_of_the_definition_must_be_one() {
    let with = |name: &str| {
        format!(
            "name: N\nauthentication: {{ type: none }}\nresources: [{{ method: GET, path: '/a/{{id}}', parameters: [\
             {{ name: \"{name}\", type: value, vendorName: q, vendorType: query, converter: toAdf }}] }}]"
        )
    };
    element("x", &with("n = '{id}'"));
    for broken in ["{id}", "n = ", "  "] {
        assert!(problems(&with(broken)).contains("must be a condition"), "{broken}");
    }
}

#[test]
fn a_missing_definition_is_a_problem() {
    let found = load(&Folder { key: "x".to_owned(), files: Vec::new() }).unwrap_err();
    assert_eq!(found[0].to_string(), "x/element.yaml: the file is missing");
}

mod properties {
    use proptest::prelude::*;

    use super::{built_in, folder, load};

    const SEED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../elements/actpremium/element.yaml"));

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn any_text_gives_an_element_or_problems(text in "\\PC{0,200}") {
            if let Err(problems) = load(&folder("x", &text)) {
                prop_assert!(!problems.is_empty());
            }
        }

        #[test]
        fn yaml_like_text_gives_an_element_or_problems(text in "([a-z{}\\[\\]:,\"'|>&*!? \\n-]{0,12}(name|type|resources|: |\\n  - ))*") {
            if let Err(problems) = load(&folder("x", &text)) {
                prop_assert!(!problems.is_empty());
            }
        }

        #[test]
        fn every_mutation_gives_an_element_or_problems(at in 0..SEED.len(), length in 0usize..40, with in "\\PC{0,6}") {
            let mut text = SEED.to_owned();
            let start = (0..=at).rev().find(|index| SEED.is_char_boundary(*index)).unwrap();
            let end = (at + length..=SEED.len()).find(|index| SEED.is_char_boundary(*index)).unwrap_or(SEED.len());
            text.replace_range(start..end, &with);
            match load(&folder("actpremium", &text)) {
                Ok(element) => prop_assert!(!element.key().is_empty()),
                Err(problems) => prop_assert!(!problems.is_empty()),
            }
        }
    }

    #[test]
    fn the_seed_is_valid() {
        assert_eq!(load(&folder("actpremium", SEED)).unwrap(), built_in("actpremium"));
    }
}

#[test]
fn described_services_are_checked() {
    let definition = "name: N\nauthentication: { type: none }\nprotocolType: soap\n\
        configuration: [{ key: endpoint, name: E }]\n\
        soap: { wsdl: \"{endpoint}?wsdl\", headers: { info: { id: \"${configuration.endpoint}\" } }, lists: [L], names: { A.B: c } }\n\
        resources:\n  - { method: GET, path: /a, operation: Get, message: { id: \"{x}\", \"@when\": y } }\n  \
        - { method: GET, path: /b, describes: \"{name}\" }\n";
    let element = element("x", definition);
    let resource = &element.resources()[0];
    assert_eq!((resource.vendor_path.as_str(), resource.vendor_method.key()), ("{endpoint}?wsdl", "POST"));
    let json = element.to_json(crate::View::Full);
    assert_eq!((&json["soap"]["names"]["A.B"], &json["resources"][0]["message"]["id"]), (&"c".into(), &"{x}".into()));
    assert_eq!(
        (&json["resources"][0]["operation"], &json["resources"][1]["describes"]),
        (&"Get".into(), &"{name}".into())
    );

    let wrong = "name: N\nauthentication: { type: none }\n\
        soap: { wsdl: \"{nowhere}\", headers: [], lists: [1], names: { a: 1 }, more: 1 }\n\
        resources:\n  - method: POST\n    path: /a\n    operation: Put\n    describes: x\n    \
        message: { a: \"${configuration.none}\" }\n    \
        parameters: [{ name: body, type: body, vendorType: body }]\n  \
        - { method: GET, path: /b, message: { a: { \"@body\": 1 }, b: \"CE.b64(\" } }\n";
    let told = problems(wrong);
    for part in [
        "soap.headers: must be a mapping",
        "soap.lists[0]: must be the name of a type",
        "soap.names: the member name of a must be text",
        "\"more\" is not a known member",
        "soap: is for elements with protocolType soap",
        "soap.wsdl: there is no configuration key nowhere",
        "resources[0].describes: is for elements with soap, on resources without operation",
        "resources[0].message: there is no configuration key none",
        "resources[0].parameters[0].vendorType: a message takes the place of the body",
        "resources[1].message.a.@body: must be true",
        "resources[1].message.b: ",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let bare = "name: N\nauthentication: { type: none }\nresources:\n  \
        - { method: GET, path: /a, operation: Get }\n  - { method: GET, path: /b, message: { a: 1 } }\n";
    let told = problems(bare);
    assert!(
        told.contains("operation: the element has no soap") && told.contains("message: there is no operation"),
        "{told}"
    );
}
