//! How long a large document takes: about 600 KB, made here.

use criterion::{Criterion, criterion_group, criterion_main};
use ligand_import::{Choice, Document, Kind, convert};
use serde_json::{Value, json};

/// A document with so many collections, each with five operations and models that refer to each other.
fn document(collections: usize) -> String {
    let (mut paths, mut schemas) = (json!({}), json!({}));
    for number in 0..collections {
        let reference = json!({ "$ref": format!("#/components/schemas/Thing{number}") });
        let content = |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let one = json!({ "description": "One of them", "content": content(reference.clone())["content"] });
        let parameter = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "integer" }, "description": "How it is asked for" });
        paths[format!("/things{number}")] = json!({
            "get": { "operationId": format!("list{number}"), "parameters": [parameter("page"), parameter("limit"), parameter("owner")],
                     "responses": { "200": content(json!({ "type": "array", "items": reference })) } },
            "post": { "operationId": format!("create{number}"), "requestBody": content(reference.clone()), "responses": { "200": one } },
        });
        paths[format!("/things{number}/{{id}}")] = json!({
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
            "get": { "operationId": format!("read{number}"), "responses": { "200": one } },
            "patch": { "operationId": format!("change{number}"), "requestBody": content(reference.clone()), "responses": { "200": one } },
            "delete": { "operationId": format!("delete{number}"), "responses": { "204": { "description": "Gone" } } },
        });
        let mut properties = json!({});
        for member in 0..12 {
            properties[format!("member{member}")] = json!({ "type": "string", "description": "Something about it" });
        }
        properties["next"] = json!({ "$ref": format!("#/components/schemas/Thing{}", (number * 7 + 1) % collections) });
        schemas[format!("Thing{number}")] = json!({ "type": "object", "properties": properties });
    }
    let servers = json!([{ "url": "https://api.example.com/v1" }]);
    json!({ "openapi": "3.0.3", "info": { "title": "Things", "version": "1" }, "servers": servers, "paths": paths,
            "components": { "schemas": schemas } })
    .to_string()
}

fn imports(criterion: &mut Criterion) {
    let text = document(250);
    let documents = [Document { name: String::new(), text }];
    let name = format!("import {} KB", documents[0].text.len() / 1000);
    criterion.bench_function(&name, |bencher| {
        bencher.iter(|| convert(Kind::Swagger, &documents, &Choice::default()).expect("the document is sound"));
    });
}

criterion_group!(benches, imports);
criterion_main!(benches);
