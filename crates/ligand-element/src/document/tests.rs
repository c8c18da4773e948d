//! Documents: nothing is lost, numbers stay, problems and remarks are told apart, and the enormous is judged in time.

use ligand_domain::Id;
use serde_json::{Value, json};

use super::{Document, Numbering, add_objects, complete, complete_resources, extended, read, shown};
use crate::{Element, Found, Method, find};

fn document(value: Value) -> Document {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}

fn exported() -> Document {
    document(json!({
        "id": 999, "name": "My DB element 7", "hub": "Social", "private": false, "createdDate": "2015-04-23T21:16:59Z",
        "authentication": { "type": "basic", "x": 1 }, "invented": { "by": ["a", "later", null] },
        "configuration": [
            { "id": 5, "key": "base.url", "name": "Base URL", "defaultValue": "https://api.example.com", "novel": true },
            { "key": "pagination.max", "defaultValue": null },
        ],
        "parameters": [{ "id": 6, "name": "application/json", "type": "value", "vendorName": "Accept", "vendorType": "header" }],
        "hooks": [{ "id": 7, "type": "preRequest", "body": "this does not { parse", "isLegacy": true }],
        "resources": [{
            "id": 8, "ownerAccountId": 1, "path": "/statuses", "method": "GET", "response": null, "kind": "eb", "old": "kept",
            "parameters": [{ "id": 9, "resourceId": 8, "name": "q", "type": "query", "vendorName": "query", "vendorType": "query", "dataType": "strange" }],
            "model": { "name": "status", "swagger": { "status": { "id": "status", "properties": { "a": { "type": null } } } } },
        }],
        "models": [{ "id": 10, "name": "status", "resources": [{ "id": 8 }], "modelFields": [{ "id": 11, "name": "a", "relatedModelId": 10 }] }],
    }))
}

fn id() -> Id<ligand_domain::Element> {
    Id::new(100_001).unwrap()
}

/// What saving does.
fn saved(mut given: Document, before: Option<&Document>, first: i64) -> (Document, Element) {
    add_objects(&mut given);
    let numbering = Numbering::of(&mut given, before);
    let found = read(&given, id()).unwrap_or_else(|problems| panic!("{problems:?}"));
    complete(&mut given, &found.element);
    let needed = i64::try_from(numbering.needed(&given)).unwrap();
    numbering.set(&mut given, first, "now");
    let mut ids = Vec::new();
    super::parts::each(&given, &mut |_, part| ids.push(part["id"].as_i64().unwrap()));
    assert!(ids.iter().all(|id| *id < first + needed), "{ids:?}");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "every part has a number of its own");
    let element = read(&given, id()).expect("what was saved can be read").element;
    (given, element)
}

/// Every member that was given is there with its value, but what the installation sets itself.
fn assert_kept(given: &Value, kept: &Value, path: &str) {
    const SET: &[&str] =
        &["id", "createdDate", "ownerAccountId", "resourceId", "relatedModelId", "path", "hub", "response"];
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => {
            for (name, value) in given.iter().filter(|(name, _)| !SET.contains(&name.as_str())) {
                assert_kept(value, &kept[name], &format!("{path}.{name}"));
            }
        }
        (Value::Array(given), Value::Array(kept)) => {
            assert!(given.len() <= kept.len(), "{path}");
            given.iter().zip(kept).for_each(|(given, kept)| assert_kept(given, kept, path));
        }
        (given, kept) => assert_eq!(given, kept, "{path}"),
    }
}

#[test]
fn every_member_survives_and_the_rest_is_completed() {
    let (kept, element) = saved(exported(), None, 500);
    assert_kept(&Value::Object(exported()), &Value::Object(kept.clone()), "");
    assert_eq!((kept["key"].as_str(), kept["hub"].as_str()), (Some("mydbelement7"), Some("social")));
    assert_eq!(kept["description"], "My DB element 7");
    assert_eq!(kept["resources"][0]["path"], "/hubs/social/statuses");
    assert_eq!(kept["resources"][0]["vendorMethod"], "GET");
    assert_eq!(kept["resources"][0]["response"]["contentType"], "application/json");
    assert_eq!(
        kept["models"][0]["resources"][0]["id"], kept["resources"][0]["id"],
        "the number of the resource follows"
    );
    assert_eq!(kept["models"][0]["modelFields"][0]["relatedModelId"], kept["models"][0]["id"]);
    let entries = kept["configuration"].as_array().unwrap();
    let of = |key: &str| entries.iter().filter(|entry| entry["key"] == key).collect::<Vec<_>>();
    assert_eq!((of("base.url").len(), of("username").len(), of("filter.response.nulls").len()), (1, 1, 1));
    assert_eq!(of("pagination.max")[0]["name"], "Max Page Size (or limit)");
    assert_eq!(of("pagination.max")[0]["defaultValue"], Value::Null, "a stated null is no default");
    assert_eq!(element.resources()[0].id, kept["resources"][0]["id"].as_i64().unwrap());
    let shown = shown(kept);
    assert!(shown["configuration"][1].get("defaultValue").is_none());
    assert_eq!(shown["resources"][0]["model"]["swagger"]["status"]["properties"]["a"], json!({ "type": null }));
}

#[test]
fn saving_what_was_shown_changes_nothing() {
    let (kept, _) = saved(exported(), None, 500);
    let (again, _) = saved(kept.clone(), Some(&kept), 900);
    assert_eq!(Value::Object(again), Value::Object(kept));
}

#[test]
fn parts_keep_their_numbers_by_number_or_by_name() {
    let (kept, _) = saved(exported(), None, 500);
    let mut sent = exported();
    sent["resources"].as_array_mut().unwrap().insert(0, json!({ "path": "/new", "method": "POST" }));
    sent["hooks"] = json!([{ "id": kept["hooks"][0]["id"], "type": "postRequest", "body": "" }]);
    let (again, _) = saved(sent, Some(&kept), 900);
    assert_eq!(again["resources"][1]["id"], kept["resources"][0]["id"]);
    assert_eq!(again["configuration"][0]["id"], kept["configuration"][0]["id"]);
    assert_eq!(again["hooks"][0]["id"], kept["hooks"][0]["id"]);
    assert!(again["resources"][0]["id"].as_i64().unwrap() >= 900);
    assert!(again["parameters"][0]["id"].as_i64().unwrap() >= 900, "a foreign number says nothing");
}

#[test]
fn what_will_not_run_is_remarked_and_what_is_broken_refused() {
    let mut given = exported();
    given["resources"] = json!([
        { "path": "/a", "method": "GET", "kind": "java", "vendorPath": "/x/{nowhere}", "nextResource": "GET:/none" },
        { "path": "/b", "method": "GET", "parameters": [{ "name": "gone", "type": "configuration", "vendorType": "query", "vendorName": "q" }] },
    ]);
    given["hooks"][0]["body"] = json!("var X = Java.type('java.util.ArrayList'); return {};");
    let told: Vec<String> = read(&given, id()).unwrap().remarks.iter().map(crate::Problem::told).collect();
    for part in [
        "resources[0].kind: ",
        "resources[0].vendorPath: {nowhere}",
        "resources[0].nextResource: there is no resource",
        "resources[1].parameters[0].name: there is no configuration key gone",
        "hooks[0].body: ",
    ] {
        assert!(told.iter().any(|told| told.starts_with(part)), "{part} in {told:#?}");
    }
    given["resources"] = json!([
        { "path": "/a", "method": "GET", "nextResource": "GET:/b" },
        { "path": "/b", "method": "GET", "nextResource": "GET:/a" },
        { "path": "/c/{id}", "method": "GET", "type": "nonsense" },
        { "path": "/c/{other}", "method": "GET" },
        { "path": "/d{", "method": "FETCH" },
        { "method": 7 },
    ]);
    given["hooks"] = json!([{ "type": "sometimes", "body": "" }, { "type": "preRequest" }, 7]);
    given.remove("name");
    let told: Vec<String> = read(&given, id()).unwrap_err().iter().map(crate::Problem::told).collect();
    for part in [
        "name is missing",
        "resources[0].nextResource: the chain never ends",
        "resources[1].nextResource: the chain never ends",
        "resources[2].type: ",
        "resources[3]: GET /hubs/social/c/{other} is there already",
        "resources[4].path: the braces",
        "resources[4].method: ",
        "resources[5]: path is missing",
        "resources[5].method: must be text",
        "hooks[0].type: ",
        "hooks[1]: body is missing",
        "hooks[2]: must be a mapping",
    ] {
        assert!(told.iter().any(|told| told.starts_with(part)), "{part} in {told:#?}");
    }
}

#[test]
fn great_definitions_are_judged_in_time() {
    let chain = |index: usize| json!({ "path": format!("/r{index}"), "method": "GET", "nextResource": format!("GET:/r{}", (index + 1) % 9000) });
    let mut given = exported();
    given["resources"] = (0..9000).map(chain).collect();
    let problems = read(&given, id()).unwrap_err();
    assert_eq!(problems.len(), 101);
    assert_eq!(problems[100].message, "and 8900 more problems");
    given["resources"] = (0..20_000).map(|index| json!({ "path": format!("/r{index}"), "method": "GET" })).collect();
    assert!(read(&given, id()).unwrap_err()[0].told().contains("at most 10000"));
    given["resources"] = json!([]);
    given["configuration"] = (0..3000).map(|index| json!({ "key": format!("k{index}"), "name": "n" })).collect();
    assert!(read(&given, id()).unwrap_err()[0].told().contains("at most 2000"));
}

#[test]
fn an_extension_stands_before_what_it_extends() {
    let base = saved(exported(), None, 500).0;
    let mut extension = document(json!({
        "resources": [
            { "path": "/statuses", "method": "GET", "vendorPath": "/mine" },
            { "path": "/added/{x}", "method": "POST", "object": { "name": "added", "fields": [{ "name": "a", "required": true, "reference": { "name": "inner", "fields": [{ "name": "b" }] } }] } },
        ],
        "models": [{ "name": "own" }],
    }));
    add_objects(&mut extension);
    assert_eq!(
        extension["objects"],
        json!([
            { "name": "inner", "fields": [{ "name": "b" }] },
            { "name": "added", "fields": [{ "name": "a", "required": true }] },
        ])
    );
    let whole = read(&extended(&base, &extension, 7), id()).unwrap().element;
    complete_resources(&mut extension, &whole);
    assert_eq!(extension["resources"][1]["path"], "/hubs/social/added/{x}");
    let Found::Resource { index, .. } = find(&whole, Method::Get, &["statuses"]) else { panic!("no resource") };
    assert_eq!(whole.resources()[index].vendor_path, "/mine");
    assert!(whole.resources()[index].is_account_owned);
    let whole = extended(&base, &extension, 7);
    assert_eq!(whole["resources"].as_array().unwrap().len(), 2);
    assert_eq!(whole["models"].as_array().unwrap().len(), 2);
    assert_eq!((&whole["extended"], &whole["resources"][0]["ownerAccountId"]), (&json!(true), &json!(7)));
}

#[test]
fn built_in_elements_survive_as_documents() {
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        let element = crate::folder::tests::built_in(key);
        let whole = document(element.to_json(crate::View::Full));
        let found = read(&whole, element.id()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut again = document(found.element.to_json(crate::View::Full));
        let mut expected = whole;
        for one in [&mut again, &mut expected] {
            one.remove("aliases");
        }
        assert_eq!(Value::Object(again), Value::Object(expected), "{key}");
        assert!(found.remarks.is_empty(), "{:?}", found.remarks);
    }
}
