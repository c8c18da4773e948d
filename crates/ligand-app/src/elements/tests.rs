//! Rules of parts that need no database.

use serde_json::{Value, json};

use super::{parts::List, rules};

fn document(value: Value) -> ligand_element::document::Document {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}

#[test]
fn resources_are_told_apart_by_verb_path_and_type() {
    let known = [json!({ "id": 1, "method": "GET", "path": "/hubs/crm/contacts", "type": "api" })];
    let new = |path: &str, method: &str, kind: Option<&str>| {
        let item = document(json!({ "path": path, "method": method, "type": kind }));
        rules::check_new(List::Resources, &item, &known).is_ok()
    };
    assert!(!new("/contacts", "GET", None) && !new("contacts", "GET", Some("api")));
    assert!(!new("/hubs/other/contacts", "GET", None), "the hub does not tell paths apart");
    assert!(
        new("/contacts", "POST", None)
            && new("/contacts", "GET", Some("onProvision"))
            && new("//contacts", "GET", None)
    );
}

#[test]
fn a_hook_never_becomes_one_of_the_older_engine() {
    for (before, after, allowed) in [
        (json!({}), json!({ "isLegacy": true }), false),
        (json!({ "isLegacy": false }), json!({ "isLegacy": true }), false),
        (json!({ "isLegacy": true }), json!({ "isLegacy": true }), true),
        (json!({ "isLegacy": true }), json!({}), true),
        (json!({}), json!({ "isLegacy": false }), true),
    ] {
        let checked = rules::check_change(List::Hooks, &mut document(after.clone()), std::slice::from_ref(&before), 0);
        assert_eq!(checked.is_ok(), allowed, "{before} to {after}");
    }
}

#[test]
fn models_know_whom_they_contain_however_far_and_in_circles() {
    let model = |id: i64, related: &[i64]| {
        let fields: Vec<Value> = related.iter().map(|id| json!({ "name": "f", "relatedModelId": id })).collect();
        json!({ "id": id, "name": format!("m{id}"), "modelFields": fields })
    };
    let whole =
        document(json!({ "models": [model(1, &[2]), model(2, &[3]), model(3, &[]), model(4, &[5]), model(5, &[4])] }));
    let related = |index: usize| {
        let mut model = document(whole["models"][index].clone());
        rules::relate_models(&whole, &mut model);
        (model["childModelIds"].clone(), model["parentModelIds"].clone())
    };
    assert_eq!(related(0), (json!([2, 3]), json!([])));
    assert_eq!(related(2), (json!([]), json!([1, 2])));
    assert_eq!(related(3), (json!([4, 5]), json!([4, 5])));
}

#[test]
fn reserved_keys_are_not_added() {
    for key in ["base.url", "oauth.user.token", "event.anything", "bulk.x", "aws.region"] {
        let item = document(json!({ "key": key, "name": "n" }));
        assert!(rules::check_new(List::Configuration, &item, &[]).is_err(), "{key}");
    }
    let item = document(json!({ "key": "site", "name": "n" }));
    assert!(rules::check_new(List::Configuration, &item, &[]).is_ok());
    let taken = rules::check_new(List::Configuration, &item, &[json!({ "key": "site" })]).unwrap_err();
    assert_eq!(taken.kind, ligand_domain::ErrorKind::Conflict);
}
