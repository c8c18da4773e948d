//! What is particular to a kind of part: what may not be added twice, what may not be changed, how models relate.

use std::collections::BTreeSet;

use ligand_domain::{Error, ErrorKind};
use ligand_element::document::Document;
use serde_json::{Value, json};

use super::{parts::List, reserved};

/// Checks an item that is to be added to a list.
pub(super) fn check_new(list: List, item: &Document, items: &[Value]) -> Result<(), Error> {
    match list {
        List::Configuration => {
            let key = text(item, "key").unwrap_or_default();
            if reserved::is_key(key) {
                let message = format!("The configuration {key} is already defined: its key is reserved");
                return Err(Error::invalid("key-reserved", message));
            }
            demand_free(items, None, "key", key, "configuration")
        }
        List::Resources => demand_free_path(item, items, None),
        List::Objects | List::Fields | List::Models => {
            let name = named(item, list)?;
            if list == List::Models { Ok(()) } else { demand_free(items, None, "name", name, list.noun()) }
        }
        List::Parameters | List::Hooks => Ok(()),
    }
}

/// Checks an item that is to take the place of another, and gives it what only the other states.
pub(super) fn check_change(list: List, item: &mut Document, items: &[Value], index: usize) -> Result<(), Error> {
    let before = &items[index];
    match list {
        List::Configuration => {
            let known = before["key"].as_str().unwrap_or_default().to_owned();
            let key = text(item, "key").unwrap_or(&known).to_owned();
            if key != known && (reserved::is_key(&key) || reserved::is_key(&known)) {
                let message = format!("The configuration {known} cannot be renamed to {key}: such keys are reserved");
                return Err(Error::invalid("key-reserved", message));
            }
            if !item.contains_key("name") {
                item.insert("name".to_owned(), before["name"].clone());
            }
            demand_free(items, Some(index), "key", &key, "configuration")?;
            item.insert("key".to_owned(), json!(key));
            Ok(())
        }
        List::Hooks => {
            let is_legacy = |flag: Option<&Value>| flag.and_then(Value::as_bool).unwrap_or(false);
            if is_legacy(item.get("isLegacy")) && !is_legacy(before.get("isLegacy")) {
                let message = "A hook of the current engine cannot become one of the older engine";
                return Err(Error::invalid("hook-legacy", message));
            }
            Ok(())
        }
        List::Resources => {
            for (inner, value) in before.as_object().into_iter().flatten() {
                // What has routes of its own stays unless it is sent.
                if matches!(inner.as_str(), "parameters" | "hooks" | "model" | "object") && !item.contains_key(inner) {
                    item.insert(inner.clone(), value.clone());
                }
            }
            demand_free_path(item, items, Some(index))
        }
        List::Objects | List::Fields | List::Models => {
            let name = named(item, list)?.to_owned();
            for inner in ["fields", "modelFields"] {
                if let Some(value) = before.get(inner).filter(|_| !item.contains_key(inner)) {
                    item.insert(inner.to_owned(), value.clone());
                }
            }
            if list == List::Models { Ok(()) } else { demand_free(items, Some(index), "name", &name, list.noun()) }
        }
        List::Parameters => Ok(()),
    }
}

fn text<'a>(item: &'a Document, member: &str) -> Option<&'a str> {
    item.get(member).and_then(Value::as_str)
}

fn named(item: &Document, list: List) -> Result<&str, Error> {
    let name = text(item, "name").filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| Error::invalid("name-missing", format!("name is missing: a {} needs one", list.noun())))
}

fn demand_free(items: &[Value], own: Option<usize>, member: &str, value: &str, noun: &str) -> Result<(), Error> {
    let taken = items.iter().enumerate().any(|(index, other)| Some(index) != own && other[member] == value);
    if !taken || value.is_empty() {
        return Ok(());
    }
    let value: String = value.chars().take(200).collect();
    Err(Error::new(ErrorKind::Conflict, "part-exists", format!("A {noun} with the {member} {value} exists already")))
}

/// Checks that no other resource has the verb, the path and the type.
fn demand_free_path(item: &Document, items: &[Value], own: Option<usize>) -> Result<(), Error> {
    let same = |other: &Value| {
        let path = |path: &str| bare(path).to_owned();
        let kind = |kind: Option<&str>| kind.unwrap_or("api").to_owned();
        other["method"].as_str() == text(item, "method")
            && other["path"].as_str().map(path) == text(item, "path").map(path)
            && kind(other["type"].as_str()) == kind(text(item, "type"))
    };
    if !items.iter().enumerate().any(|(index, other)| Some(index) != own && same(other)) {
        return Ok(());
    }
    let shown: String = text(item, "path").unwrap_or_default().chars().take(200).collect();
    let message = format!("A resource {} {shown} exists already", text(item, "method").unwrap_or_default());
    Err(Error::new(ErrorKind::Conflict, "resource-exists", message))
}

/// A path without hub and without its first slash.
fn bare(path: &str) -> &str {
    let path = match path.strip_prefix("/hubs/") {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    path.strip_prefix('/').unwrap_or(path)
}

/// Adds to a model which others it contains and which contain it, however far.
pub(super) fn relate_models(whole: &Document, model: &mut Document) {
    let Some(id) = model.get("id").and_then(Value::as_i64) else { return };
    let models = whole.get("models").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let related = |model: &Value| -> Vec<i64> {
        let fields = model["modelFields"].as_array().into_iter().flatten();
        fields.filter_map(|field| field["relatedModelId"].as_i64()).collect()
    };
    let links: Vec<(i64, Vec<i64>)> =
        models.iter().filter_map(|model| Some((model["id"].as_i64()?, related(model)))).collect();
    let reached = |next: &dyn Fn(i64) -> Vec<i64>| {
        let (mut found, mut open) = (BTreeSet::new(), next(id));
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(next(at));
            }
        }
        found.into_iter().collect::<Vec<_>>()
    };
    let children = |at: i64| -> Vec<i64> {
        links.iter().filter(|(id, _)| *id == at).flat_map(|(_, inner)| inner.clone()).collect()
    };
    let parents =
        |at: i64| -> Vec<i64> { links.iter().filter(|(_, inner)| inner.contains(&at)).map(|(id, _)| *id).collect() };
    model.insert("childModelIds".to_owned(), json!(reached(&children)));
    model.insert("parentModelIds".to_owned(), json!(reached(&parents)));
}
