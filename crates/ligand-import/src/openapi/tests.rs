//! Documents that are small and nasty.

use ligand_element::{File, Folder, load};
use serde_json::{Value, json};

use crate::{Choice, Document, ImportError, Imported, Kind, convert};

fn document(text: impl Into<String>) -> Document {
    Document { name: "main.yaml".to_owned(), text: text.into() }
}

/// The import of a document, after its definition has proved to be one.
fn import(text: impl Into<String>) -> Imported {
    chosen(text, &Choice::default())
}

fn chosen(text: impl Into<String>, choice: &Choice) -> Imported {
    let imported = convert(Kind::Swagger, &[document(text)], choice).unwrap();
    loads(&imported.definition);
    imported
}

fn loads(definition: &Value) {
    let file = File { path: "element.yaml".to_owned(), text: definition.to_string() };
    let element = load(&Folder { key: "imported".to_owned(), files: vec![file] });
    if let Err(problems) = element {
        panic!("{problems:#?}");
    }
}

fn v3(paths: Value, components: Value) -> String {
    let mut document = json!({
        "openapi": "3.1.0", "info": { "title": "Tiny", "version": "1", "description": "A tiny API" },
        "servers": [{ "url": "https://api.example.com/v1/" }],
    });
    document["paths"] = paths;
    document["components"] = components;
    document.to_string()
}

fn resource<'a>(imported: &'a Imported, method: &str, path: &str) -> &'a Value {
    let resources = imported.definition["resources"].as_array().unwrap();
    let found = resources.iter().find(|resource| resource["method"] == method && resource["path"] == path);
    found.unwrap_or_else(|| {
        let known: Vec<_> = resources.iter().map(|each| format!("{} {}", each["method"], each["path"])).collect();
        panic!("no {method} {path} among {known:?}")
    })
}

fn parameter<'a>(resource: &'a Value, name: &str) -> &'a Value {
    let found = resource["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == name);
    found.unwrap_or_else(|| panic!("no parameter {name} in {resource:#}"))
}

fn entry<'a>(imported: &'a Imported, key: &str) -> Option<&'a Value> {
    imported.definition["configuration"].as_array().unwrap().iter().find(|entry| entry["key"] == key)
}

fn says(imported: &Imported, words: &str) -> bool {
    imported.remarks.iter().any(|remark| remark.to_string().contains(words))
}

const SHOP: &str = r##"
swagger: "2.0"
info: { title: Shop, version: 1.0 }
host: shop.example.com
basePath: /api/
schemes: [http, https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  basic: { type: basic }
security: [{ basic: [] }]
x-paging: &paging
  - { name: offset, in: query, type: integer }
  - { name: limit, in: query, type: integer, maximum: 250, description: At most so many }
paths:
  /orders:
    parameters: *paging
    get:
      operationId: listOrders
      summary: Lists orders
      tags: [orders]
      parameters:
        - { name: status, in: query, type: string }
        - { name: where, in: query, type: string }
        - { name: X-Trace, in: header, type: string }
        - { name: Accept, in: header, type: string }
      responses:
        200:
          schema:
            type: object
            properties:
              total: { type: integer }
              orders: { type: array, items: { $ref: '#/definitions/Order' } }
    post:
      operationId: listOrders
      parameters:
        - { name: order, in: body, required: true, schema: { $ref: '#/definitions/Order' } }
      responses: { 200: { schema: { $ref: '#/definitions/Order' } } }
  /orders/{order-id}/label.pdf:
    get:
      tags: [labels]
      produces: [application/pdf]
      parameters: [{ name: order-id, in: path, required: true, type: string }]
      responses: { 200: { schema: { type: file } } }
  /orders/{order-id}/files:
    post:
      tags: [files]
      consumes: [multipart/form-data]
      parameters:
        - { name: order-id, in: path, required: true, type: string }
        - { name: upload, in: formData, required: true, type: file }
        - { name: note, in: formData, type: string }
      responses: { 200: { description: Stored } }
definitions:
  Order:
    type: object
    required: [id]
    properties:
      id: { type: integer, format: int64, example: 7 }
      lines: { type: array, items: { type: object, properties: { sku: { type: string } } } }
      replaces: { $ref: '#/definitions/Order' }
"##;

#[test]
fn swagger_becomes_resources() {
    let shop = import(SHOP);
    assert_eq!(shop.definition["name"], "Shop");
    assert_eq!(shop.definition["description"], "Shop");
    assert_eq!(shop.definition["authentication"], json!({ "type": "basic" }));
    assert_eq!(entry(&shop, "base.url").unwrap()["defaultValue"], "https://shop.example.com/api");
    assert_eq!(entry(&shop, "pagination.type").unwrap()["defaultValue"], "offset");
    assert_eq!(entry(&shop, "pagination.max").unwrap()["defaultValue"], r#"{"orders":250,"default":100}"#);

    let list = resource(&shop, "GET", "/orders");
    assert_eq!((&list["operationId"], &list["rootKey"]), (&json!("listOrders"), &json!("|orders")));
    assert_eq!(list["object"], json!({ "name": "orders", "searchConfiguration": { "fields": ["status"] } }));
    let page = |name: &str| parameter(list, name)["vendorName"].clone();
    assert_eq!((page("offset"), page("pageSize")), (json!("offset"), json!("limit")));
    assert_eq!(parameter(list, "where")["vendorName"], "converter:toQueryParameters");
    assert_eq!(parameter(list, "vendorWhere")["vendorName"], "where");
    assert_eq!(parameter(list, "X-Trace")["vendorType"], "header");
    assert!(!list["parameters"].to_string().contains("\"Accept\""));
    assert_eq!(list["model"]["swagger"][list["model"]["name"].as_str().unwrap()]["type"], "array");

    let create = resource(&shop, "POST", "/orders");
    assert_eq!(create["operationId"], "listOrders-2");
    assert_eq!(parameter(create, "body")["required"], true);
    let order = &create["model"]["requestSwagger"]["Order"]["properties"];
    assert_eq!(order["id"], json!({ "type": "integer", "format": "int64", "x-samplevalue": 7, "required": true }));
    assert_eq!(order["replaces"], json!({ "$ref": "#/definitions/Order" }));
    assert_eq!(order["lines"]["items"], json!({ "$ref": "#/definitions/Order_lines" }));

    let label = resource(&shop, "GET", "/orders/{order-id}/label.pdf");
    assert_eq!(label["response"], json!({ "contentType": "application/pdf" }));
    assert_eq!(parameter(label, "application/pdf")["vendorName"], "Accept");
    assert_eq!(label["paginationType"], "NO_PAGINATION");
    let upload = resource(&shop, "POST", "/orders/{order-id}/files");
    assert_eq!(parameter(upload, "upload")["vendorType"], "multipart");
    assert_eq!(parameter(upload, "upload")["dataType"], "file");
    assert_eq!(parameter(upload, "note")["vendorType"], "multipart");
}

#[test]
fn operations_are_chosen_by_id_tag_and_path() {
    let count = |choice: &Choice| chosen(SHOP, choice).definition["resources"].as_array().unwrap().len();
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(count(&Choice { operations: words(&["POST /orders"]), ..Choice::default() }), 1);
    assert_eq!(count(&Choice { operations: words(&["listOrders"]), ..Choice::default() }), 2);
    assert_eq!(count(&Choice { tags: words(&["labels", "files"]), ..Choice::default() }), 2);
    assert_eq!(count(&Choice { paths: words(&["/orders/"]), ..Choice::default() }), 4);
    assert_eq!(count(&Choice { paths: words(&["/orders"]), tags: words(&["files"]), ..Choice::default() }), 1);
    let nothing = Choice { paths: words(&["/order"]), ..Choice::default() };
    let refused = convert(Kind::Swagger, &[document(SHOP)], &nothing);
    assert!(matches!(refused, Err(ImportError::Empty(_))), "{refused:?}");
}

#[test]
fn schemas_may_go_in_circles_and_lead_nowhere() {
    let get = |schema: Value| json!({ "get": { "responses": { "200": { "content": { "application/json": { "schema": schema } } } } } });
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let paths = json!({
        "/a/{id}": get(reference("A")), "/b/{id}": get(reference("B")), "/c/{id}": get(reference("Circle")),
        "/d/{id}": get(json!({ "$ref": "#/nowhere" })), "/e/{id}": get(json!({ "$ref": "other.json#/x" })),
        "/f/{id}": get(json!({ "anyOf": [reference("A"), { "type": "null" }, reference("U")] })),
        "/g": get(json!({ "type": "array", "items": reference("Nest") })),
    });
    let components = json!({ "schemas": {
        "A": { "allOf": [reference("B"), { "properties": { "own": { "type": ["integer", "null"] } } }] },
        "B": { "allOf": [reference("A")], "properties": { "back": reference("A"), "map": { "additionalProperties": reference("B") } } },
        "Circle": { "$ref": "#/components/schemas/Circle" },
        "U": { "oneOf": [reference("U"), { "properties": { "u": { "const": "one" } } }] },
        "Nest": { "type": "array", "items": reference("Nest") },
        "W e/i~r%d": { "properties": { "x": { "type": "string" } } },
    } });
    let imported = import(v3(paths, components));
    let model = |path: &str| resource(&imported, "GET", path)["model"].clone();
    assert_eq!(model("/a/{id}")["swagger"]["A"]["properties"]["own"], json!({ "type": "integer", "x-nullable": true }));
    assert_eq!(model("/a/{id}")["swagger"]["A"]["properties"]["back"], json!({ "$ref": "#/definitions/A" }));
    assert_eq!(model("/b/{id}")["swagger"]["B"]["properties"]["own"]["type"], "integer");
    assert_eq!(
        model("/f/{id}")["swagger"].as_object().unwrap().values().next().unwrap()["properties"]["u"]["enum"],
        json!(["one"])
    );
    assert_eq!(model("/c/{id}"), Value::Null);
    assert!(says(&imported, "#/nowhere: the reference leads nowhere"));
    assert!(says(&imported, "other.json#/x: the reference leads nowhere"));
}

#[test]
fn documents_refer_to_each_other() {
    let main = v3(json!({ "/x/{id}": { "$ref": "./paths.yaml#/x" } }), json!({}));
    let paths = Document {
        name: "dir/paths.yaml".to_owned(),
        text: "x: { get: { responses: { 200: { content: { application/json: { schema: { $ref: '#/S' } } } } } } }\nS: { properties: { back: { $ref: '#/S' } } }".to_owned(),
    };
    let imported = convert(Kind::Swagger, &[document(main), paths], &Choice::default()).unwrap();
    loads(&imported.definition);
    let model = &resource(&imported, "GET", "/x/{id}")["model"];
    assert_eq!(model["swagger"]["S"]["properties"]["back"], json!({ "$ref": "#/definitions/S" }));
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    let refused = |text: &str| convert(Kind::Swagger, &[document(text)], &Choice::default()).unwrap_err().to_string();
    assert_eq!(refused("{\"openapi\": \"3.0.0\",\n  oops"), "main.yaml: not JSON at line 2 column 3");
    assert!(refused("a: [1, 2").starts_with("main.yaml: not valid YAML"));
    assert_eq!(refused("swagger: 1.2\npaths: {}"), "Version 1.2 is neither Swagger 2.0 nor OpenAPI 3");
    assert_eq!(refused("just: text"), "It is no OpenAPI document: neither `openapi` nor `swagger` is there");
    assert_eq!(refused("openapi: 3.0.0"), "The document has no paths");
    assert_eq!(refused("openapi: 3.0.0\npaths: {}"), "The document has no operation that is chosen");
    assert!(refused("a: &a [*a]").contains("an alias stands inside of what it means"));
    let bomb: String = (1..40).map(|level| format!("l{level}: &l{level} [*l{0}, *l{0}]\n", level - 1)).collect();
    assert!(refused(&format!("l0: &l0 [1]\n{bomb}")).contains("too many values"));
    assert!(refused(&"[".repeat(100_000)).contains("not JSON"));
    assert!(refused(&format!("a: {}", "[".repeat(5_000))).starts_with("main.yaml: not valid YAML"));
    assert!(refused(&format!("a: {}{}", "[".repeat(125), "]".repeat(125))).contains("nested too deeply"));
}

#[test]
fn hostile_documents_take_bounded_work() {
    // Every schema is made of all others: merged naively, this never ends.
    let schemas: serde_json::Map<String, Value> = (0..150)
        .map(|number| {
            let all: Vec<Value> =
                (0..150).map(|other| json!({ "$ref": format!("#/components/schemas/S{other}") })).collect();
            let property = json!({ "$ref": format!("#/components/schemas/S{}", (number + 1) % 150) });
            let member = format!("m{number}");
            (format!("S{number}"), json!({ "allOf": all, "properties": { member: property } }))
        })
        .collect();
    let schema = json!({ "$ref": "#/components/schemas/S0" });
    let get = json!({ "get": { "responses": { "200": { "content": { "application/json": { "schema": schema } } } } } });
    let paths: serde_json::Map<String, Value> =
        (0..60).map(|number| (format!("/p{number}/{{id}}"), get.clone())).collect();
    let imported = import(v3(Value::Object(paths), json!({ "schemas": schemas })));
    assert!(imported.definition.to_string().len() < 4_000_000);
    assert!(says(&imported, "models at most"));

    let odd = json!({
        "/x": { "get": { "parameters": [1, null, { "name": "", "in": "query" }, { "name": "a\nb", "in": "header" }, { "name": "c", "in": "cookie" },
                 { "$ref": "#/components/parameters/none" }], "responses": [] }, "post": { "requestBody": 7, "responses": "no" } },
        "/y": 3, "x-z": {}, "/{": { "delete": {} }, "/a{b}c{d}/{}": { "put": { "operationId": 5 } },
    });
    let imported = import(v3(odd, json!([])));
    assert!(says(&imported, "it is not a header's name"));
    assert!(says(&imported, "it goes into a cookie"));
    assert_eq!(resource(&imported, "PUT", "/a/{b}/c/{d}/{id}")["vendorPath"], "/a{b}c{d}/{id}");
}

#[test]
fn more_operations_than_fit_have_to_be_chosen() {
    let parameters: Vec<Value> = (0..20)
        .map(|number| json!({ "name": format!("parameter{number}"), "in": "query", "description": "d".repeat(400) }))
        .collect();
    let path = |number: usize| (format!("/p{number}"), json!({ "get": { "parameters": parameters, "responses": {} } }));
    let paths: serde_json::Map<String, Value> = (0..1500).map(path).collect();
    let text = v3(Value::Object(paths), json!({}));
    let refused = convert(Kind::Swagger, &[document(text.clone())], &Choice::default()).unwrap_err();
    assert!(refused.to_string().contains("1500 operations"), "{refused}");
    let few = chosen(text, &Choice { paths: vec!["/p7".to_owned()], ..Choice::default() });
    assert_eq!(few.definition["resources"].as_array().unwrap().len(), 1);
}

#[test]
fn pages_are_recognised() {
    let list = |parameters: &[(&str, &str)], schema: Value| {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|(name, kind)| json!({ "name": name, "in": "query", "schema": { "type": kind } }))
            .collect();
        let responses = json!({ "200": { "content": { "application/json": { "schema": schema } } } });
        let imported = import(v3(
            json!({ "/things": { "get": { "parameters": parameters, "responses": responses } } }),
            json!({}),
        ));
        resource(&imported, "GET", "/things").clone()
    };
    let things = json!({ "type": "array", "items": { "properties": { "id": { "type": "string" } } } });
    let wrapped = |more: Value| json!({ "properties": { "data": things, "paging": { "properties": more } } });

    let pages = list(&[("page", "integer"), ("per_page", "integer")], things.clone());
    assert_eq!(parameter(&pages, "pageSize")["vendorName"], "per_page");
    assert_eq!(parameter(&pages, "page")["required"], false);

    let cursor = list(
        &[("page_token", "string"), ("limit", "integer")],
        wrapped(json!({ "next_page_token": { "type": "string" } })),
    );
    assert_eq!(parameter(&cursor, "nextPage")["vendorName"], "page_token");
    assert_eq!((&cursor["rootKey"], &cursor["nextPageKey"]), (&json!("|data"), &json!("paging.next_page_token")));

    let address = list(&[("cursor", "string")], wrapped(json!({ "next": { "type": "string", "format": "uri" } })));
    assert_eq!(address["nextPageKey"], "paging.next?cursor");

    let flagged =
        list(&[("offset", "integer"), ("page", "integer")], wrapped(json!({ "has_more": { "type": "boolean" } })));
    assert_eq!(flagged["nextPageKey"], "paging.has_more");
    assert_eq!(parameter(&flagged, "page")["vendorName"], "page");
    assert!(!flagged["parameters"].to_string().contains("offset"));

    let blind = list(&[("cursor", "string")], things.clone());
    assert_eq!(parameter(&blind, "cursor")["vendorName"], "cursor");
    assert_eq!(blind["nextPageKey"], Value::Null);

    let none = list(&[("page", "integer")], json!({ "properties": { "name": { "type": "string" } } }));
    assert_eq!(none["paginationType"], "NO_PAGINATION");
    assert_eq!(parameter(&none, "vendorPage")["vendorName"], "page");
}

#[test]
fn security_schemes_become_authentication() {
    let with = |schemes: Value, security: Value| {
        let mut document: Value = serde_json::from_str(&v3(json!({ "/x": { "post": {} } }), json!({}))).unwrap();
        document["components"] = json!({ "securitySchemes": schemes });
        document["security"] = security;
        import(document.to_string())
    };
    let flow = json!({ "authorizationUrl": "/authorize", "tokenUrl": "https://id.example.com/token", "scopes": { "read": "", "write": "" } });
    let oauth =
        with(json!({ "o": { "type": "oauth2", "flows": { "authorizationCode": flow } } }), json!([{ "o": ["read"] }]));
    assert_eq!(oauth.definition["authentication"]["type"], "oauth2");
    assert_eq!(entry(&oauth, "oauth.authorization.url").unwrap()["defaultValue"], "https://api.example.com/authorize");
    assert_eq!(entry(&oauth, "oauth.token.url").unwrap()["defaultValue"], "https://id.example.com/token");
    assert_eq!(entry(&oauth, "oauth.scope").unwrap()["defaultValue"], "read write");

    let machine =
        with(json!({ "o": { "type": "oauth2", "flows": { "clientCredentials": flow } } }), json!([{ "o": [] }]));
    assert_eq!(machine.definition["authentication"]["type"], "oauth2ClientCredentials");
    assert!(entry(&machine, "oauth.api.key").is_some());

    let keys = json!({ "app": { "type": "apiKey", "in": "header", "name": "X-App" }, "key": { "type": "apiKey", "in": "query", "name": "key" },
                       "session": { "type": "apiKey", "in": "cookie", "name": "sid" }, "odd": { "type": "http", "scheme": "digest" } });
    let both = with(keys.clone(), json!([{ "odd": [] }, { "app": [], "key": [] }]));
    assert_eq!(both.definition["authentication"]["type"], "apiKey");
    assert_eq!(both.definition["parameters"].as_array().unwrap().len(), 2);
    assert_eq!(entry(&both, "api.key.app").unwrap()["type"], "PASSWORD");
    let cookie = with(keys, json!([{ "session": [] }]));
    assert_eq!(cookie.definition["parameters"][0]["name"], "sid=${configuration.api.key}");

    let bearer = with(json!({ "b": { "type": "http", "scheme": "Bearer" } }), Value::Null);
    assert_eq!(bearer.definition["parameters"][0]["name"], "Bearer ${configuration.access.token}");
    let none = with(json!({ "odd": { "type": "mutualTLS" } }), json!([{ "odd": [] }]));
    assert_eq!(none.definition["authentication"]["type"], "none");
    assert!(says(&none, "none of the document's ways in"));
}

#[test]
fn servers_may_have_variables_be_relative_or_belong_to_operations() {
    let with = |servers: Value| {
        let paths = json!({ "/x": { "post": {}, "put": { "servers": [{ "url": "https://upload.example.com/{v}", "variables": { "v": { "default": "v2" } } }] } } });
        import(json!({ "openapi": "3.0.0", "info": {}, "servers": servers, "paths": paths }).to_string())
    };
    let variables =
        json!({ "region": { "default": "eu", "enum": ["eu", "us"] }, "base": { "default": "v1/rest" }, "tenant": {} });
    let templated = with(json!([{ "url": "https://{region}.example.com/{base}/{tenant}/", "variables": variables }]));
    assert_eq!(
        entry(&templated, "base.url").unwrap()["defaultValue"],
        "https://{server.region}.example.com/v1/rest/{server.tenant}"
    );
    assert_eq!(entry(&templated, "server.region").unwrap()["defaultValue"], "eu");
    assert_eq!(entry(&templated, "server.tenant").unwrap()["required"], true);
    assert_eq!(templated.definition["name"], "Imported API");
    let relative = with(json!([{ "url": "/v4" }]));
    assert_eq!(entry(&relative, "base.url").unwrap().get("defaultValue"), None);
    assert_eq!(resource(&relative, "POST", "/x")["vendorPath"], "/v4/x");
    assert_eq!(resource(&relative, "PUT", "/x")["vendorPath"], "https://upload.example.com/v2/x");
    let safe = with(json!([{ "url": "http://a.example.com" }, { "url": "https://user:word@b.example.com?x=1" }]));
    assert_eq!(entry(&safe, "base.url").unwrap()["defaultValue"], "https://b.example.com");
    assert!(says(&safe, "base.url is one of several"));
}

#[test]
fn bodies_are_json_xml_forms_parts_or_files() {
    let post = |content: Value| {
        let imported = import(v3(
            json!({ "/x": { "post": { "requestBody": { "required": true, "content": content }, "responses": {} } } }),
            json!({}),
        ));
        resource(&imported, "POST", "/x").clone()
    };
    let schema = json!({ "required": ["a"], "properties": { "a": { "type": "integer" }, "f": { "type": "string", "format": "binary" } } });
    let form = post(json!({ "application/x-www-form-urlencoded": { "schema": schema } }));
    assert_eq!((&parameter(&form, "a")["type"], &parameter(&form, "a")["required"]), (&json!("form"), &json!(true)));
    let parts = post(json!({ "multipart/form-data": { "schema": schema } }));
    assert_eq!(
        (&parameter(&parts, "f")["vendorType"], &parameter(&parts, "f")["dataType"]),
        (&json!("multipart"), &json!("file"))
    );
    let xml = post(
        json!({ "application/xml; charset=utf-8": { "schema": { "xml": { "name": "order" }, "properties": {} } } }),
    );
    assert_eq!(
        (&xml["rootKey"], &parameter(&xml, "application/xml")["vendorName"]),
        (&json!("order|"), &json!("Content-Type"))
    );
    let dialect = post(json!({ "application/vnd.api+json": { "schema": schema }, "text/plain": {} }));
    assert_eq!(parameter(&dialect, "application/vnd.api+json")["vendorType"], "header");
    let file = post(json!({ "image/png": {} }));
    assert_eq!(
        (&parameter(&file, "file")["vendorType"], &parameter(&file, "file")["required"]),
        (&json!("body"), &json!(true))
    );
}

#[test]
fn lists_in_queries_are_written_as_declared() {
    let query = |name: &str, more: Value| {
        let mut json =
            json!({ "name": name, "in": "query", "schema": { "type": "array", "items": { "type": "string" } } });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json
    };
    let v3 = import(json!({
        "openapi": "3.0.0", "info": { "title": "t" },
        "paths": { "/a": { "get": { "parameters": [
            query("usual", json!({})), query("commas", json!({ "explode": false })),
            query("spaces", json!({ "style": "spaceDelimited", "explode": false })), query("pipes", json!({ "style": "pipeDelimited" })),
            { "name": "X-Ids", "in": "header", "schema": { "type": "array", "items": {} } },
            { "name": "near", "in": "query", "schema": { "type": "object", "properties": { "lat": { "type": "number" }, "long": { "type": "number" } } } },
            { "name": "loose", "in": "query", "schema": { "type": "object" } },
            { "name": "coded", "in": "query", "content": { "application/json": { "schema": { "type": "array", "items": {} } } } },
        ] } } },
    }).to_string());
    let list = resource(&v3, "GET", "/a");
    let converter = |name: &str| parameter(list, name)["converter"].clone();
    assert_eq!(converter("usual"), "toList");
    assert_eq!(
        [converter("commas"), converter("spaces"), converter("pipes"), converter("X-Ids")],
        ["toList:,", "toList: ", "toList:|", "toList:,"]
    );
    assert_eq!((converter("coded"), converter("lat")), (Value::Null, Value::Null));
    assert!(says(&v3, "GET /a: loose is an object and taken as the text"), "{:?}", v3.remarks);
    assert!(!says(&v3, "near"));
    let listed = |format: Value| {
        let mut one = json!({ "name": "x", "in": "query", "type": "array", "items": { "type": "string" } });
        if !format.is_null() {
            one["collectionFormat"] = format;
        }
        let v2 = import(json!({ "swagger": "2.0", "info": { "title": "t" }, "paths": { "/a": { "get": { "parameters": [one] } } } }).to_string());
        parameter(resource(&v2, "GET", "/a"), "x")["converter"].clone()
    };
    for (format, converter) in
        [("csv", "toList:,"), ("ssv", "toList: "), ("tsv", "toList:\t"), ("pipes", "toList:|"), ("multi", "toList")]
    {
        assert_eq!(listed(json!(format)), converter, "{format}");
    }
    assert_eq!(listed(Value::Null), "toList:,");
}
