//! A document as OpenAPI 3.1.

use serde_json::{Map, Value, json};

use crate::document::{Authorization, Document, Operation, Parameter, Place, Response};

/// Where named schemas are.
const SCHEMAS: &str = "#/components/schemas/";

/// The credentials of a caller.
const CALLER: &str = "`User <user secret>, Organization <organization secret>`, in any order; or `Bearer <token>`";

/// The credentials of a call through an instance.
const TOKEN: &str = "`User <user secret>, Element <token of the instance>`, in any order";

pub(crate) fn write(document: &Document) -> Value {
    let mut info = json!({
        "title": document.title,
        "version": document.version,
        "contact": { "email": document.contact },
    });
    if let Some(description) = &document.description {
        info["description"] = json!(description);
    }
    let url = |scheme: &String| match &document.host {
        Some(host) => json!({ "url": format!("{scheme}://{host}{}", document.base_path) }),
        None => json!({ "url": if document.base_path.is_empty() { "/" } else { &document.base_path } }),
    };
    let mut servers: Vec<Value> = document.schemes.iter().map(url).collect();
    servers.dedup();
    let mut paths: Map<String, Value> = Map::new();
    let mut failures = Failures::default();
    for operation in &document.operations {
        let item = paths.entry(operation.path.as_str()).or_insert_with(|| json!({}));
        item[operation.method.to_ascii_lowercase()] = written(operation, &mut failures);
    }
    json!({
        "openapi": "3.1.0",
        "info": info,
        "servers": servers,
        "tags": document.tags.iter().map(|tag| json!({ "name": tag.name, "description": tag.description })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas(document),
            "responses": failures.by_name,
            "securitySchemes": {
                "caller": { "type": "apiKey", "in": "header", "name": "Authorization", "description": CALLER },
                "token": { "type": "apiKey", "in": "header", "name": "Authorization", "description": TOKEN },
            },
        },
    })
}

fn written(operation: &Operation, failures: &mut Failures) -> Value {
    let mut json = Map::new();
    json.insert("operationId".to_owned(), json!(operation.id));
    json.insert("summary".to_owned(), json!(operation.summary));
    if let Some(description) = &operation.description {
        json.insert("description".to_owned(), json!(description));
    }
    json.insert("tags".to_owned(), json!(operation.tags));
    let security = match operation.authorization {
        Authorization::Required => json!([{ "caller": [] }]),
        Authorization::Token => json!([{ "token": [] }]),
        Authorization::Optional => json!([{}, { "caller": [] }]),
        Authorization::None => json!([]),
    };
    json.insert("security".to_owned(), security);
    let (fields, others): (Vec<&Parameter>, Vec<&Parameter>) =
        operation.parameters.iter().partition(|parameter| parameter.place == Place::Form);
    // OpenAPI reserves three headers for other parts of the document.
    let is_reserved = |parameter: &&&Parameter| {
        let name = parameter.name.to_ascii_lowercase();
        parameter.place == Place::Header && ["accept", "content-type", "authorization"].contains(&name.as_str())
    };
    json.insert("parameters".to_owned(), others.iter().filter(|it| !is_reserved(it)).map(|it| parameter(it)).collect());
    if let Some(body) = &operation.body {
        let mut told = json!({
            "required": body.required,
            "content": { body.media_type.as_str(): { "schema": translated(&body.schema) } },
        });
        if let Some(description) = &body.description {
            told["description"] = json!(description);
        }
        json.insert("requestBody".to_owned(), told);
    } else if !fields.is_empty() {
        json.insert("requestBody".to_owned(), form(&fields));
    }
    let mut responses = Map::new();
    for response in &operation.responses {
        let told = self::response(response);
        let told = if response.status >= 400 { failures.named(response.status, told) } else { told };
        responses.insert(response.status.to_string(), told);
    }
    json.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(json)
}

/// Failures, which are much the same for all operations, by name.
#[derive(Default)]
struct Failures {
    by_name: Map<String, Value>,
}

impl Failures {
    /// A reference to a failure, which is kept once.
    fn named(&mut self, status: u16, response: Value) -> Value {
        let mut candidates =
            (1..).map(|number| if number == 1 { format!("{status}") } else { format!("{status}.{number}") });
        let fits = |name: &String| self.by_name.get(name).is_none_or(|known| *known == response);
        let name = candidates.find(fits).expect("there are numbers enough");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        self.by_name.entry(name).or_insert(response);
        reference
    }
}

fn response(response: &Response) -> Value {
    let mut told = json!({ "description": response.description });
    if let Some((media_type, schema)) = &response.content {
        told["content"] = json!({ media_type.as_str(): { "schema": translated(schema) } });
    }
    let header = |(name, description): &(String, String)| {
        (name.clone(), json!({ "description": description, "schema": { "type": "string" } }))
    };
    if !response.headers.is_empty() {
        told["headers"] = Value::Object(response.headers.iter().map(header).collect());
    }
    told
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Header => "header",
        Place::Query | Place::Form => "query",
    };
    let mut json = json!({ "name": parameter.name, "in": place, "required": parameter.required });
    if let Some(description) = &parameter.description {
        json["description"] = json!(description);
    }
    json["schema"] = translated(&parameter.schema);
    json
}

fn form(fields: &[&Parameter]) -> Value {
    let has_file = fields.iter().any(|field| field.schema["type"] == "file");
    let media_type = if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    let property = |field: &&Parameter| {
        let mut schema = translated(&field.schema);
        if let Some(description) = &field.description {
            schema["description"] = json!(description);
        }
        (field.name.clone(), schema)
    };
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let properties: Map<String, Value> = fields.iter().map(property).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    json!({ "required": !required.is_empty(), "content": { media_type: { "schema": schema } } })
}

/// Names of components have letters, digits, points, hyphens and underscores only; anything else becomes its number.
fn component(name: &str) -> String {
    let plain = |each: char| each.is_ascii_alphanumeric() || matches!(each, '.' | '-' | '_');
    if !name.is_empty() && !name.starts_with("__") && name.chars().all(plain) {
        return name.to_owned();
    }
    let mut component = String::from("__");
    for each in name.chars() {
        match each {
            each if plain(each) && each != '_' => component.push(each),
            each => component.push_str(&format!("_{:x}", u32::from(each))),
        }
    }
    component
}

/// The named schemas of a document alone.
pub(crate) fn schemas(document: &Document) -> Map<String, Value> {
    document.schemas.iter().map(|(name, schema)| (component(name), translated(schema))).collect()
}

/// A schema of the model in the words of JSON Schema 2020-12.
fn translated(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    if let Some(name) = crate::document::referred(schema) {
        return json!({ "$ref": format!("{SCHEMAS}{}", component(&name)) });
    }
    let mut json = Map::new();
    for (name, value) in members {
        match name.as_str() {
            "properties" | "patternProperties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties: Map<String, Value> =
                    properties.map(|(name, schema)| (name.clone(), translated(schema))).collect();
                json.insert(name.clone(), Value::Object(properties));
            }
            "items" | "additionalProperties" | "not" => {
                json.insert(name.clone(), translated(value));
            }
            "allOf" => {
                let all = value.as_array().into_iter().flatten().map(translated).collect();
                json.insert(name.clone(), Value::Array(all));
            }
            "x-nullable" => {}
            "type" if value == "file" => {
                json.insert(name.clone(), json!("string"));
                json.insert("contentMediaType".to_owned(), json!("application/octet-stream"));
            }
            _ => {
                json.insert(name.clone(), value.clone());
            }
        }
    }
    if members.get("x-nullable") == Some(&Value::Bool(true))
        && let Some(kind) = json.get_mut("type")
    {
        *kind = json!([kind.clone(), "null"]);
    }
    Value::Object(json)
}
