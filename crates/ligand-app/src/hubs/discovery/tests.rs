//! Names of objects and their fields, from each place that a definition may have them in.

use ligand_element::{Element, File, Folder, load};
use serde_json::{Value, json};

use super::{Object, in_helium, in_hydrogen, objects, shown, with_found, with_found_fields};

fn names(element: &Element) -> Vec<String> {
    objects(element).into_iter().map(|object| object.name).collect()
}

fn fields(element: &Element, name: &str, custom_only: bool) -> Option<Value> {
    super::fields(element, name).map(|fields| shown(&fields, custom_only))
}

fn element(text: &str) -> Element {
    let text = format!("name: T\nhub: crm\nauthentication: {{ type: none }}\n{text}");
    let files = vec![File { path: "element.yaml".to_owned(), text }];
    load(&Folder { key: "t".to_owned(), files }).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn objects_are_those_defined_else_those_of_resources() {
    let defined = element("objects: [{ name: a }, { name: b }]\nresources: [{ method: GET, path: /c }]");
    assert_eq!(names(&defined), ["a", "b"]);
    let derived = element(
        "resources: [{ method: GET, path: /c }, { method: GET, path: '/c/{id}' }, { method: GET, path: /ping },
         { method: GET, path: '/{objectName}' }, { method: POST, path: /d }]",
    );
    assert_eq!(names(&derived), ["c", "d"]);
    assert_eq!(in_helium(&[Object::called("c")]), json!([{ "name": "c", "vendorName": "c", "type": "vendor" }]));
    assert_eq!(fields(&derived, "nope", false), None);
    assert_eq!(fields(&derived, "c", false), Some(json!({ "fields": [] })));
}

#[test]
fn fields_come_from_the_views_of_resources() {
    let element = element(
        r#"
objects: [{ name: contacts, vendorName: Contact }]
resources:
  - method: GET
    path: /contacts
    object:
      name: contacts
      fields:
        - { name: id, type: integer, request: false, response: true, readOnly: true }
        - { name: address, type: object, request: true, response: true,
            reference: { name: address, fields: [{ name: city, type: string, displayName: City }] } }
  - method: POST
    path: /contacts
    object: { name: contacts, fields: [{ name: id, type: integer, request: true, response: true }] }
"#,
    );
    let expected = json!({ "fields": [
        { "type": "number", "vendorPath": "id", "vendorNativeType": "integer", "vendorRequired": false,
          "vendorReadOnly": true, "hidden": false, "method": [
            { "name": "GET", "request": false, "response": true },
            { "name": "POST", "request": true, "response": true } ] },
        { "type": "string", "vendorPath": "address.city", "vendorDisplayName": "City", "vendorNativeType": "string",
          "vendorRequired": false, "vendorReadOnly": false, "hidden": false,
          "method": [{ "name": "GET", "request": true, "response": true }] },
    ] });
    assert_eq!(fields(&element, "contacts", false).as_ref(), Some(&expected));
    assert_eq!(fields(&element, "Contact", false), Some(expected), "by the vendor's name");
    assert_eq!(fields(&element, "contacts", true), Some(json!({ "fields": [] })));
}

#[test]
fn fields_of_models_are_followed_through_references() {
    let element = element(
        r##"
resources:
  - method: GET
    path: /deals
    model:
      name: list
      swagger:
        list: { type: array, items: { $ref: "#/definitions/deal" } }
        deal: { properties: { id: { type: integer }, owner: { type: owner }, tags: { type: array, items: { type: tag } } } }
        owner: { properties: { name: { type: string }, chief: { type: owner } } }
        tag: { properties: { n: { type: unknown } } }
  - method: POST
    path: /deals
    model:
      requestName: deal
      requestSwagger: { deal: { properties: { id: { type: integer } } } }
"##,
    );
    let found = fields(&element, "deals", false).unwrap();
    let found = found["fields"].as_array().unwrap();
    let paths: Vec<&str> = found.iter().map(|field| field["path"].as_str().unwrap()).collect();
    assert_eq!(paths[..2], ["id", "owner.name"]);
    assert!(paths.contains(&"tags[*].n") && paths.len() < 12, "{paths:?}");
    assert_eq!(
        found[0],
        json!({ "type": "number", "path": "id", "vendorPath": "id", "vendorNativeType": "integer", "createable": true,
            "updateable": false, "method": [
                { "name": "GET", "request": false, "response": true },
                { "name": "POST", "request": true, "response": false } ] })
    );
}

#[test]
fn objects_found_stand_behind_those_defined() {
    let element = element("objects: [{ name: agents, vendorName: Account }, { name: tasks }]");
    let answer = json!(["Tasks", { "name": "Account" }, { "vendorName": "Own_c" }]);
    let all = with_found(objects(&element), &answer).unwrap();
    assert_eq!(in_hydrogen(&all), json!(["agents", "tasks", "Own_c"]));
    assert_eq!(
        in_helium(&all),
        json!([
            { "name": "agents", "vendorName": "Account", "type": "ceCanonical" },
            { "name": "tasks", "vendorName": "tasks", "type": "vendor" },
            { "name": "Account", "vendorName": "Account", "type": "vendor" },
            { "name": "Own_c", "vendorName": "Own_c", "type": "vendor" },
        ])
    );
    let both = self::element("objects: [{ name: accounts, vendorName: companies }, { name: companies }]");
    assert_eq!(in_hydrogen(&objects(&both)), json!(["accounts", "companies"]), "defined under both names");
    assert_eq!(super::vendor_name(&element, "Agents"), "Account");
    assert_eq!(super::vendor_name(&element, "Own_c"), "Own_c");
    for other in [json!({}), json!([1]), json!([{ "id": 1 }]), json!(null), json!("a")] {
        assert_eq!(with_found(objects(&element), &other), None, "{other}");
    }
}

#[test]
fn fields_found_lie_over_those_defined() {
    let element = element(
        r#"
objects:
  - name: agents
    vendorName: Account
    fields: [{ name: login, required: true, displayName: Login }, { name: only, type: boolean }]
resources:
  - { method: GET, path: /agents }
  - { method: POST, path: /agents }
  - { method: PATCH, path: '/agents/{id}' }
"#,
    );
    let answer = json!({ "fields": [
        { "vendorPath": "login", "type": "integer", "filterable": true, "createable": true, "updateable": false },
        { "name": "own", "type": "picklist", "custom": true, "readOnly": true, "picklistValues": [{ "value": "a" }] },
        { "path": "login", "type": "again" },
    ]});
    let found = |name, custom_only| {
        let own = super::fields(&element, name);
        shown(&with_found_fields(&element, name, own, &answer).unwrap(), custom_only)
    };
    let all = found("agents", false);
    assert_eq!(
        all["fields"][0],
        json!({ "type": "number", "vendorPath": "login", "vendorDisplayName": "Login", "vendorNativeType": "integer",
            "vendorRequired": true, "vendorReadOnly": false, "hidden": false, "filterable": true, "createable": true,
            "updateable": false, "method": [
                { "name": "GET", "request": false, "response": true },
                { "name": "POST", "request": true, "response": true },
                { "name": "PATCH", "request": false, "response": true } ] })
    );
    assert_eq!(all["fields"][1]["method"][1], json!({ "name": "POST", "request": false, "response": true }));
    assert_eq!(all["fields"][2]["vendorPath"], "only");
    assert_eq!(all["fields"].as_array().unwrap().len(), 3);
    assert_eq!(found("Account", false), all, "by the vendor's name");
    let custom = found("agents", true);
    assert_eq!((custom["fields"].as_array().unwrap().len(), &custom["fields"][0]["vendorPath"]), (1, &json!("own")));
    assert_eq!(found("Unknown_c", false)["fields"][0]["method"], json!([]));
    for other in [json!(null), json!("a"), json!({ "fields": [{}] }), json!({ "fields": {} })] {
        assert!(with_found_fields(&element, "agents", None, &other).is_none(), "{other}");
    }
}
