//! A document as Swagger 2.0.

use serde_json::{Map, Value, json};

use crate::document::{Authorization, Body, Document, Operation, Parameter, Place};

/// What the first parameter of every operation that takes credentials says.
const AUTHORIZATION: &str =
    "The authorization tokens. The format for the header value is 'Element <token>, User <user secret>'";

pub(crate) fn write(document: &Document) -> Value {
    let mut root = Map::new();
    let mut info = json!({
        "title": document.title,
        "version": document.version,
        "contact": { "email": document.contact },
    });
    if let Some(description) = &document.description {
        info["description"] = json!(description);
    }
    root.insert("swagger".to_owned(), json!("2.0"));
    root.insert("info".to_owned(), info);
    if let Some(host) = &document.host {
        root.insert("host".to_owned(), json!(host));
    }
    root.insert("basePath".to_owned(), json!(document.base_path));
    root.insert("schemes".to_owned(), json!(document.schemes));
    let tag = |tag: &crate::Tag| json!({ "name": tag.name, "description": tag.description });
    root.insert("tags".to_owned(), document.tags.iter().map(tag).collect());
    let mut paths: Map<String, Value> = Map::new();
    for operation in &document.operations {
        let item = paths.entry(operation.path.as_str()).or_insert_with(|| json!({}));
        item[operation.method.to_ascii_lowercase()] = written(operation);
    }
    root.insert("paths".to_owned(), Value::Object(paths));
    root.insert("definitions".to_owned(), Value::Object(document.schemas.clone()));
    Value::Object(root)
}

fn written(operation: &Operation) -> Value {
    let mut json = Map::new();
    json.insert("operationId".to_owned(), json!(operation.id));
    json.insert("summary".to_owned(), json!(operation.summary));
    if let Some(description) = &operation.description {
        json.insert("description".to_owned(), json!(description));
    }
    json.insert("tags".to_owned(), json!(operation.tags));
    if let Some(media_type) = consumes(operation) {
        json.insert("consumes".to_owned(), json!([media_type]));
    }
    let mut produces: Vec<&str> = Vec::new();
    for (media_type, _) in operation.responses.iter().filter_map(|response| response.content.as_ref()) {
        if !produces.contains(&media_type.as_str()) {
            produces.push(media_type);
        }
    }
    if !produces.is_empty() {
        json.insert("produces".to_owned(), json!(produces));
    }
    let mut parameters = Vec::new();
    if operation.authorization != Authorization::None {
        parameters.push(json!({
            "name": "Authorization",
            "in": "header",
            "type": "string",
            "required": operation.authorization != Authorization::Optional,
            "description": AUTHORIZATION,
        }));
    }
    parameters.extend(operation.parameters.iter().map(parameter));
    parameters.extend(operation.body.iter().flat_map(body));
    json.insert("parameters".to_owned(), Value::Array(parameters));
    let mut responses = Map::new();
    for response in &operation.responses {
        let mut told = json!({ "description": response.description });
        if let Some((_, schema)) = &response.content {
            told["schema"] = schema.clone();
        }
        let header = |(name, description): &(String, String)| {
            (name.clone(), json!({ "type": "string", "description": description }))
        };
        if !response.headers.is_empty() {
            told["headers"] = Value::Object(response.headers.iter().map(header).collect());
        }
        responses.insert(response.status.to_string(), told);
    }
    json.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(json)
}

fn consumes(operation: &Operation) -> Option<&str> {
    if let Some(body) = &operation.body {
        return Some(&body.media_type);
    }
    let mut fields = operation.parameters.iter().filter(|parameter| parameter.place == Place::Form).peekable();
    fields.peek()?;
    let has_file = fields.any(|field| field.schema["type"] == "file");
    Some(if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" })
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Form => "formData",
    };
    let mut json = json!({ "name": parameter.name, "in": place, "required": parameter.required });
    if let Some(description) = &parameter.description {
        json["description"] = json!(description);
    }
    for (name, value) in parameter.schema.as_object().into_iter().flatten() {
        json[name] = value.clone();
    }
    if json["type"] == "array" {
        json["collectionFormat"] = json!("multi");
    }
    json
}

/// The parameter that a body is; a form's fields are parameters each.
fn body(body: &Body) -> Vec<Value> {
    let is_form = ["multipart/form-data", "application/x-www-form-urlencoded"].contains(&body.media_type.as_str());
    if is_form {
        let required = body.schema["required"].as_array().cloned().unwrap_or_default();
        let fields = body.schema["properties"].as_object().into_iter().flatten();
        let field = |(name, schema): (&String, &Value)| {
            let field = Parameter::of(name.as_str(), Place::Form, required.contains(&json!(name)), schema.clone());
            parameter(&field)
        };
        return fields.map(field).collect();
    }
    let mut json = json!({ "name": body.name, "in": "body", "required": body.required, "schema": body.schema });
    if let Some(description) = &body.description {
        json["description"] = json!(description);
    }
    vec![json]
}
