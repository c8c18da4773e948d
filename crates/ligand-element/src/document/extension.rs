//! What an account adds to an element of the platform: resources, models and objects, kept as a document of their own.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Document;
use crate::{definition::unprefixed, validate::shape};

/// The document of an element as the account sees it. Its resources come last and stand before the element's own of
/// the same verb and path; so do its models and objects of the same name.
#[must_use]
pub fn extended(element: &Document, extension: &Document, account: i64) -> Document {
    let mut whole = element.clone();
    for list in ["resources", "models", "objects"] {
        let own: Vec<Value> = items(extension, list).iter().map(|item| owned(item, account)).collect();
        if own.is_empty() {
            continue;
        }
        let taken: HashSet<String> = own.iter().filter_map(|item| name_of(list, item)).collect();
        let base = items(element, list).iter();
        let base = base.filter(|item| name_of(list, item).is_none_or(|name| !taken.contains(&name)));
        let merged = base.cloned().chain(own).collect();
        whole.insert(list.to_owned(), Value::Array(merged));
    }
    whole.insert("extended".to_owned(), json!(true));
    whole
}

/// What of a list an account added.
#[must_use]
pub fn without_extension(items: &[Value]) -> Vec<Value> {
    items.iter().filter(|item| item.get("ownerAccountId").is_some()).cloned().collect()
}

fn items<'a>(document: &'a Document, list: &str) -> &'a [Value] {
    document.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn owned(item: &Value, account: i64) -> Value {
    let mut item = item.clone();
    if let Value::Object(members) = &mut item {
        members.insert("ownerAccountId".to_owned(), json!(account));
    }
    item
}

/// What makes an item stand before another: verb and path, or the name.
fn name_of(list: &str, item: &Value) -> Option<String> {
    if list != "resources" {
        return item["name"].as_str().map(str::to_owned);
    }
    let kind = item["type"].as_str().unwrap_or("api");
    if !matches!(kind, "api" | "apiNoDocumentation" | "formulaAsResource") {
        return None;
    }
    let path = item["path"].as_str()?;
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some(format!("{} {}", item["method"].as_str()?, shape(unprefixed(&whole))))
}
