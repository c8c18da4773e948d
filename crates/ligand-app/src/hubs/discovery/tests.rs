//! Names of objects and their fields, from each place that a definition may have them in.

use ligand_element::{Element, File, Folder, load};
use serde_json::json;

use super::{fields, in_helium, names};

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
    assert_eq!(in_helium(&["c".to_owned()]), json!([{ "name": "c", "vendorName": "c", "type": "vendor" }]));
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
