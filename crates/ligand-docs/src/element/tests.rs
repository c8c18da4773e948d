//! Documents of definitions: what operations have, which schemas there are, and that nothing breaks them.

use ligand_domain::Id;
use ligand_element::{Element, document};
use serde_json::{Map, Value, json};

use super::{Only, Unavailable, Wanted, of_element, of_hub, operations};
use crate::{Base, Format, FoundObject, problems};

fn element(definition: &Value) -> Element {
    let mut document = Map::clone(definition.as_object().expect("an object"));
    document.entry("authentication").or_insert_with(|| json!({ "type": "none" }));
    let id = Id::new(200_000).expect("positive");
    document::read(&document, id).unwrap_or_else(|problems| panic!("{problems:?}")).element
}

fn whole(element: &Element) -> Value {
    described(element, Only::All, &[])
}

/// The document of a part, which holds together in both formats.
fn described(element: &Element, only: Only<'_>, found: &[FoundObject]) -> Value {
    let mut document = of_element(element, &Wanted { only, found }).expect("a document");
    document.at(&Base::of_request(None, None));
    for format in [Format::Swagger, Format::Openapi] {
        assert_eq!(problems(&document.write(format)), Vec::<String>::new(), "{format:?}");
    }
    document.write(Format::Swagger)
}

/// Eleven models, one of them a list of another one, on the operations of contacts.
fn modelled() -> Element {
    let models = json!({
        "contactsList": { "id": "contactsList", "type": "array", "items": { "$ref": "contacts" } },
        "contacts": { "id": "contacts", "properties": {
            "id": { "type": "integer", "required": true }, "owner": { "type": "owner" },
            "tags": { "type": "array", "items": { "type": "tag" } }, "address": { "$ref": "#/definitions/address" },
        } },
        "owner": { "id": "owner", "properties": { "boss": { "type": "owner" }, "city": { "type": "city" } } },
        "tag": { "id": "tag", "properties": { "n": { "type": "unknown" } } },
        "address": { "id": "address", "properties": { "city": { "type": "city" } } },
        "city": { "id": "city", "properties": { "name": { "type": "string", "x-nullable": true } } },
    });
    let made = json!({
        "contactsPost": { "properties": { "name": { "type": "string" }, "phone": { "type": "phone" } } },
        "phone": { "properties": { "n": { "type": "string" } } },
    });
    let change = json!({ "contactsPatch": { "properties": { "name": { "type": "string" } } } });
    let answers = json!({ "contactsMade": { "properties": { "id": { "type": "long" } } }, "contactsChanged": { "properties": {} } });
    let with = |name: &str, swagger: &Value| json!({ "name": name, "swagger": swagger });
    let both = |name: &str, request: &str, requests: &Value| json!({ "name": name, "swagger": answers, "requestName": request, "requestSwagger": requests });
    element(&json!({
        "name": "Modelled", "hub": "crm", "resources": [
            { "method": "GET", "path": "/hubs/crm/contacts", "model": with("contactsList", &models) },
            { "method": "POST", "path": "/hubs/crm/contacts", "model": both("contactsMade", "contactsPost", &made) },
            { "method": "GET", "path": "/hubs/crm/contacts/{id}", "model": with("contacts", &models) },
            { "method": "PATCH", "path": "/hubs/crm/contacts/{id}",
              "model": both("contactsChanged", "contactsPatch", &change) },
            { "method": "GET", "path": "/hubs/crm/others" },
        ],
    }))
}

fn found() -> FoundObject {
    let field = |path: &str, custom: bool| json!({ "path": path, "type": "string", "custom": custom });
    FoundObject {
        name: "contacts".to_owned(),
        fields: vec![field("flat__c", true), field("parent.child__c", true), field("name", false)],
    }
}

#[test]
fn an_object_has_the_schemas_that_its_operations_lead_to() {
    let element = modelled();
    let plain = described(&element, Only::Object("contacts"), &[]);
    assert_eq!(plain["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/contacts", "/contacts/{id}"]);
    assert_eq!(plain["definitions"].as_object().unwrap().len(), 10, "a list of another model is none itself");
    let list = &plain["paths"]["/contacts"]["get"]["responses"]["200"]["schema"];
    assert_eq!(*list, json!({ "type": "array", "items": { "$ref": "#/definitions/contacts" } }));
    let contacts = &plain["definitions"]["contacts"];
    assert_eq!(contacts["required"], json!(["id"]));
    assert_eq!(contacts["properties"]["tags"]["items"], json!({ "$ref": "#/definitions/tag" }));
    assert_eq!(plain["definitions"]["tag"]["properties"]["n"]["type"], "string");
    assert_eq!(plain["definitions"]["contactsPost"]["x-vendor-objectname"], "contacts");

    let found = [found()];
    let discovered = described(&element, Only::Object("contacts"), &found);
    let definitions = discovered["definitions"].as_object().unwrap();
    assert_eq!(definitions.len(), 11);
    assert_eq!(definitions["contacts"]["properties"]["flat__c"]["type"], "string");
    assert_eq!(definitions["contacts"]["properties"]["parent"], json!({ "$ref": "#/definitions/parent" }));
    assert!(definitions["parent"]["properties"]["child__c"].is_object());
    assert!(definitions["contacts"]["properties"].get("name").is_none(), "only the user's own fields are laid over");

    let mut resolved = of_element(&element, &Wanted { only: Only::Object("contacts"), found: &found }).unwrap();
    resolved.resolve();
    assert_eq!(problems(&resolved.write(Format::Swagger)), Vec::<String>::new());
    let names: Vec<&String> = resolved.schemas.keys().collect();
    assert_eq!(names, ["contacts", "contactsPost", "contactsMade", "contactsPatch", "contactsChanged"]);
    let owner = &resolved.schemas["contacts"]["properties"]["owner"];
    assert_eq!(owner["properties"]["city"]["properties"]["name"]["type"], "string");
    assert_eq!(owner["properties"]["boss"], json!({ "type": "object", "title": "owner" }));
    assert_eq!(of_element(&element, &Wanted { only: Only::Object("nothing"), found: &[] }), Err(Unavailable::NotFound));
}

#[test]
fn operations_are_found_by_both_kinds_of_ids() {
    let element = modelled();
    for id in ["getContactById", "GET-contacts-id"] {
        let one = described(&element, Only::Operation(id), &[]);
        assert_eq!(one["paths"].as_object().unwrap().len(), 1, "{id}");
        assert_eq!(one["paths"]["/contacts/{id}"]["get"]["operationId"], "getContactById");
        assert_eq!(one["definitions"].as_object().unwrap().len(), 5);
    }
    for id in ["", "GET-contact", "get-contacts-id", "GET-contacts/id"] {
        let wanted = Wanted { only: Only::Operation(id), found: &[] };
        assert_eq!(of_element(&element, &wanted), Err(Unavailable::NotFound), "{id}");
    }
    let listed = operations(&element);
    assert_eq!(
        (listed[0].id.as_str(), listed[0].method, listed[0].object.as_deref()),
        ("getContacts", "GET", Some("contacts"))
    );
    assert!(listed.iter().any(|operation| operation.path == "/ping" && operation.object.is_none()));
}

#[test]
fn every_operation_begins_with_the_credentials_and_tells_its_failures() {
    let document = whole(&modelled());
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let first = &operation["parameters"][0];
        assert_eq!(
            (&first["name"], &first["in"], &first["required"]),
            (&json!("Authorization"), &json!("header"), &json!(true))
        );
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "400", "401", "403", "404", "405", "406", "409", "415", "500", "502"]);
        assert_eq!(operation["responses"]["200"]["description"], "OK - Everything worked as expected");
    }
    for member in ["swagger", "info", "host", "basePath", "schemes", "tags", "paths", "definitions"] {
        assert!(!document[member].is_null(), "{member}");
    }
    assert!(document["definitions"]["objectsMetadata"].is_object());
}

#[test]
fn an_object_without_a_model_stands_in_the_body() {
    let object = json!({
        "name": "orders", "vendorName": "SalesOrder", "fields": [
            { "name": "id", "type": "integer", "request": false, "response": true },
            { "name": "note", "type": "string", "request": true, "response": true, "displayName": "Note" },
            { "name": "ship", "type": "object", "request": true, "response": true,
              "reference": { "name": "address", "fields": [{ "name": "city", "type": "string" }] } },
        ],
    });
    let mut listed = object.clone();
    listed["type"] = json!("array");
    let element = element(&json!({ "name": "E", "resources": [
        { "method": "POST", "path": "/orders", "object": object,
          "parameters": [{ "name": "body", "type": "body", "vendorName": "body", "vendorType": "body", "required": true }] },
        { "method": "GET", "path": "/orders", "object": listed },
    ] }));
    let document = whole(&element);
    let parameters = document["paths"]["/orders"]["post"]["parameters"].as_array().unwrap();
    let body = parameters.iter().find(|parameter| parameter["in"] == "body").unwrap();
    assert_eq!(body["schema"]["x-vendor-objectname"], "SalesOrder");
    assert_eq!(body["schema"]["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["note", "ship"]);
    assert_eq!(body["schema"]["properties"]["ship"]["properties"]["city"]["type"], "string");
    let answer = &document["paths"]["/orders"]["get"]["responses"]["200"]["schema"];
    assert_eq!((&answer["type"], &answer["items"]["properties"]["id"]["type"]), (&json!("array"), &json!("integer")));
}

#[test]
fn only_what_callers_reach_is_described() {
    let element = element(&json!({ "name": "E", "resources": [
        { "method": "GET", "path": "/things/{id}", "description": "Theirs" },
        { "method": "PUT", "path": "/things/{other}", "description": "Replaces" },
        { "method": "GET", "path": "/things/{thing}", "description": "Formula", "type": "formulaAsResource" },
        { "method": "GET", "path": "/hidden", "type": "apiNoDocumentation" },
        { "method": "GET", "path": "/made", "type": "onProvision" },
    ] }));
    let document = whole(&element);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(document["paths"]["/things/{id}"]["get"]["summary"], "Theirs");
    assert_eq!(document["paths"]["/things/{id}"]["put"]["summary"], "Replaces");
    assert!(!paths.contains_key("/hidden") && !paths.contains_key("/made") && !paths.contains_key("/things/{other}"));
}

#[test]
fn objects_that_only_the_vendor_knows_are_described() {
    let element = element(&json!({ "name": "E", "resources": [
        { "method": "GET", "path": "/{objectName}" }, { "method": "POST", "path": "/{objectName}" },
        { "method": "GET", "path": "/{objectName}/{objectId}" },
    ] }));
    let fields = vec![json!({ "path": "Id", "type": "string" }), json!({ "path": "Site.City", "type": "string" })];
    let found = [FoundObject { name: "Machine__c/<b>".to_owned(), fields }];
    let document = described(&element, Only::All, &found);
    let path = "/Machine__c~1%3Cb%3E";
    let answer = &document["paths"][path]["get"]["responses"]["200"]["schema"];
    assert_eq!(answer["type"], "array", "{document:#}");
    assert!(document["paths"][format!("{path}/{{objectId}}")]["get"].is_object());
    assert_eq!(
        document["definitions"]["Machine__c/<b>"]["properties"]["Site"],
        json!({ "$ref": "#/definitions/Site" })
    );
    let one = described(&element, Only::Object("Machine__c/<b>"), &found);
    assert_eq!(one["paths"].as_object().unwrap().len(), 2);
}

#[test]
fn names_that_mean_different_things_do_not_become_one() {
    let model = |kind: &str| {
        json!({ "name": "x", "swagger": {
        "x": { "properties": { "y": { "type": "y" } } }, "y": { "properties": { "v": { "type": kind } } },
    } })
    };
    let element = element(&json!({ "name": "E", "resources": [
        { "method": "GET", "path": "/a/{id}", "model": model("string") },
        { "method": "GET", "path": "/b/{id}", "model": model("integer") },
        { "method": "GET", "path": "/c/{id}", "model": model("string") },
        { "method": "GET", "path": "/d/{id}", "model": model("integer") },
    ] }));
    let document = whole(&element);
    let of =
        |path: &str| document["paths"][path]["get"]["responses"]["200"]["schema"]["$ref"].as_str().unwrap().to_owned();
    assert_eq!([of("/a/{id}"), of("/b/{id}")], ["#/definitions/x", "#/definitions/x_2"]);
    assert_eq!([of("/c/{id}"), of("/d/{id}")], ["#/definitions/x", "#/definitions/x_2"]);
    assert_eq!(document["definitions"]["x_2"]["properties"]["y"], json!({ "$ref": "#/definitions/y_2" }));
    assert_eq!(document["definitions"]["y_2"]["properties"]["v"]["type"], "integer");
}

#[test]
fn whatever_a_definition_holds_the_document_holds_together() {
    let hostile = json!({ "name": "r", "swagger": {
        "r": { "type": "array", "items": [{ "$ref": "r" }, 3] },
        "<script>": { "properties": { "$ref": { "type": "string" }, "": 1, "a/b~c": { "type": "<script>" } } },
        "s": { "type": ["null", "nothing"], "enum": [null, "a", "a", {}], "required": "yes", "allOf": [] },
        "t": { "$ref": "http://elsewhere/x", "x-sample": { "$ref": "#/nowhere" }, "items": "no" },
        "u": 7, "v": { "properties": { "p": { "type": "v", "required": true }, "q": { "type": "array" } }, "required": ["p", 1] },
    } });
    let mut resources: Vec<Value> = hostile["swagger"]
        .as_object()
        .unwrap()
        .keys()
        .enumerate()
        .map(|(index, name)| {
            let mut model = hostile.clone();
            model["name"] = json!(name);
            json!({ "method": "GET", "path": format!("/h{index}/{{id}}"), "model": model })
        })
        .collect();
    resources.extend([
        json!({ "method": "GET", "path": "/x/{id}/y/{id}" }),
        json!({ "method": "GET", "path": "/p/{q}.json", "operationId": "getHId" }),
        json!({ "method": "GET", "path": "/p{q}/z?a=b#c", "operationId": "getHId" }),
        json!({ "method": "GET", "path": "//doubled//" , "description": "<img src=x onerror=alert(1)>" }),
        json!({ "method": "POST", "path": "/form", "parameters": [
            { "name": "file", "type": "multipart", "vendorName": "f", "vendorType": "multipart" },
            { "name": "body", "type": "body", "vendorName": "b", "vendorType": "body" },
            { "name": "Authorization", "type": "header", "vendorName": "A", "vendorType": "header" },
            { "name": "q", "type": "query", "vendorName": "q", "vendorType": "query", "dataType": "array" },
            { "name": "q", "type": "query", "vendorName": "q2", "vendorType": "query", "dataType": "nonsense" },
        ] }),
        json!({ "method": "POST", "path": "/fields", "parameters": [
            { "name": "a.b.c", "type": "bodyField", "vendorName": "x", "vendorType": "bodyField" },
            { "name": "a.b", "type": "bodyField", "vendorName": "y", "vendorType": "bodyField" },
            { "name": "a", "type": "bodyField", "vendorName": "z", "vendorType": "bodyField" },
        ] }),
    ]);
    let element = element(&json!({ "name": "E", "resources": resources }));
    let document = whole(&element);
    assert!(document["definitions"].as_object().unwrap().contains_key("<script>"));
    let consumes = &document["paths"]["/form"]["post"]["consumes"];
    assert_eq!(*consumes, json!(["multipart/form-data"]));
    let mut resolved = of_element(&element, &Wanted { only: Only::All, found: &[] }).unwrap();
    resolved.resolve();
    resolved.simplify();
    assert_eq!(problems(&resolved.write(Format::Openapi)), Vec::<String>::new());
}

#[test]
fn models_that_grow_without_bounds_stay_bounded_when_they_are_resolved() {
    // Each model has ten times the next one: ten to the twentieth when written out; and a chain of a thousand.
    let wide = |index: usize| {
        let next = json!({ "type": format!("w{}", index + 1) });
        (
            format!("w{index}"),
            json!({ "properties": (0..10).map(|n| (format!("p{n}"), next.clone())).collect::<Map<_, _>>() }),
        )
    };
    let mut models: Map<String, Value> = (0..20).map(wide).collect();
    models.insert("w20".to_owned(), json!({ "properties": {} }));
    models.extend((0..1000).map(|index| {
        (format!("c{index}"), json!({ "properties": { "next": { "type": format!("c{}", (index + 1) % 1000) } } }))
    }));
    let with = |root: &str| json!({ "name": root, "swagger": models });
    let element = element(&json!({ "name": "E", "resources": [
        { "method": "GET", "path": "/wide/{id}", "model": with("w0") },
        { "method": "GET", "path": "/chain/{id}", "model": with("c0") },
    ] }));
    let mut document = of_element(&element, &Wanted { only: Only::All, found: &[] }).unwrap();
    document.resolve();
    let text = document.write(Format::Swagger).to_string();
    assert!(text.len() < 20_000_000, "{}", text.len());
    let again: Value = serde_json::from_str(&text).expect("not too deep for readers");
    assert_eq!(problems(&again), Vec::<String>::new());
}

#[test]
fn too_much_to_describe_is_refused() {
    let parameter = |index: usize| json!({ "name": format!("p{index}"), "type": "query", "vendorName": "v", "vendorType": "query" });
    let resource = |index: usize| json!({ "method": "GET", "path": format!("/r{index}") });
    let element = element(&json!({
        "name": "E",
        "parameters": (0..400).map(parameter).collect::<Vec<_>>(),
        "resources": (0..499).map(resource).collect::<Vec<_>>(),
    }));
    assert_eq!(of_element(&element, &Wanted { only: Only::All, found: &[] }), Err(Unavailable::TooLarge));
    described(&element, Only::Operation("GET-r7"), &[]);
}

#[test]
fn a_hub_has_each_verb_and_path_once() {
    let with = |name: &str, path: &str| {
        element(&json!({ "name": name, "hub": "crm", "resources": [
        { "method": "GET", "path": "/accounts", "description": name }, { "method": "GET", "path": path },
    ] }))
    };
    let elements =
        [with("First", "/accounts/{id}"), with("Second", "/accounts/{key}/notes"), with("Third", "/accounts/{key}")];
    let mut document = of_hub("crm", "CRM", elements.iter()).expect("a document");
    document.behind_aws();
    let written = document.write(Format::Swagger);
    assert_eq!(problems(&written), Vec::<String>::new());
    assert_eq!(written["host"], "aws-api.cloud-elements.com");
    assert_eq!(written["basePath"], "/");
    let accounts = &written["paths"]["/accounts"]["get"];
    assert_eq!((&accounts["parameters"][1]["name"], &accounts["summary"]), (&json!("x-api-key"), &json!("First")));
    let own = written["paths"].as_object().unwrap().keys().filter(|path| path.starts_with("/accounts"));
    assert_eq!(own.collect::<Vec<_>>(), ["/accounts", "/accounts/{id}", "/accounts/{key}/notes"]);
    assert!(of_hub("none", "None", std::iter::empty()).is_ok());
}
