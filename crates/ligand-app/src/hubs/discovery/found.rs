//! What an element's own discovery resources answer: names of objects, and fields in the platform's words or in those of
//! definitions. A field of the definition lends to the field found what that one does not state.

use ligand_element::Method;
use serde_json::{Map, Value, json};

use super::{Field, Object, kind_of, members};

/// What a field may state, under the names by which it may state it; the first one is the platform's.
const STATED: &[&[&str]] = &[
    &["vendorDisplayName", "displayName"],
    &["vendorNativeType"],
    &["vendorRequired", "required"],
    &["vendorReadOnly", "readOnly"],
    &["hidden"],
    &["custom"],
    &["filterable"],
    &["createable"],
    &["updateable"],
    &["picklistValues"],
];

/// The objects of an answer: a list of names, or of things that have one. `None` for anything else.
pub(super) fn objects(answer: &Value) -> Option<Vec<Object>> {
    let object = |item: &Value| match item {
        Value::String(name) => Some(Object::called(name)),
        item => Object::read(item).or_else(|| item["vendorName"].as_str().map(Object::called)),
    };
    answer.as_array()?.iter().map(object).collect()
}

/// The fields of an answer, `{"fields": […]}` or the list alone, each over the definition's field of the same path;
/// behind them those of the definition that the answer does not have. `None` for anything else.
pub(super) fn fields(mut own: Vec<Field>, answer: &Value, methods: &[Method]) -> Option<Vec<Field>> {
    let listed = answer.get("fields").unwrap_or(answer).as_array()?;
    let mut fields: Vec<Field> = Vec::new();
    for listed in listed {
        let path = ["vendorPath", "path", "name"].iter().find_map(|member| listed[*member].as_str())?;
        if fields.iter().any(|field| field.path == path) {
            continue;
        }
        let mut field = match own.iter().position(|field| field.path == path) {
            Some(position) => own.remove(position),
            None => Field { path: path.to_owned(), members: members(&json!({}), path), methods: Vec::new() },
        };
        state(&mut field.members, listed);
        field.methods = stated_methods(listed).unwrap_or_else(|| used(&field.members, methods));
        fields.push(field);
    }
    fields.append(&mut own);
    Some(fields)
}

/// Sets what a field states.
fn state(members: &mut Map<String, Value>, listed: &Value) {
    if let Some(native) = listed["type"].as_str() {
        members.insert("type".to_owned(), kind_of(native).into());
        members.insert("vendorNativeType".to_owned(), native.into());
    }
    for names in STATED {
        if let Some(value) = names.iter().find_map(|name| listed.get(*name)).filter(|value| !value.is_null()) {
            members.insert(names[0].to_owned(), value.clone());
        }
    }
}

/// The verbs that a field itself states.
fn stated_methods(listed: &Value) -> Option<Vec<(Method, bool, bool)>> {
    let methods = listed["method"].as_array()?.iter().filter_map(|method| {
        let flag = |name: &str| method[name].as_bool().unwrap_or(false);
        Some((Method::from_key(method["name"].as_str()?)?, flag("request"), flag("response")))
    });
    Some(methods.collect())
}

/// The verbs of the object's resources: every answer has the field, and requests as far as it can be written.
fn used(members: &Map<String, Value>, methods: &[Method]) -> Vec<(Method, bool, bool)> {
    let flag = |name: &str| members.get(name).and_then(Value::as_bool);
    let is_writable = |method: Method| match method {
        Method::Post => flag("createable"),
        Method::Patch | Method::Put => flag("updateable"),
        Method::Get | Method::Delete => Some(false),
    };
    let is_read_only = flag("vendorReadOnly").unwrap_or(false);
    methods.iter().map(|method| (*method, is_writable(*method).unwrap_or(!is_read_only), true)).collect()
}
