//! The parts of a document that have numbers of their own, and what answers show of them.

use serde_json::Value;

use super::Document;

/// Lists of parts at the top of a document, with the list of parts inside of each.
pub(super) const LISTS: &[(&str, &[&str])] =
    &[("configuration", &[]), ("parameters", &[]), ("hooks", &[]), ("resources", &["parameters", "hooks"])];

/// Further lists whose items have numbers.
pub(super) const DESCRIPTIVE: &[(&str, &[&str])] = &[("objects", &["fields"]), ("models", &["modelFields"])];

/// Calls `visit` with the kind and the members of every part, always in the same order.
pub(super) fn each<'a>(document: &'a Document, visit: &mut dyn FnMut(&'static str, &'a Document)) {
    for (list, inner) in LISTS.iter().chain(DESCRIPTIVE) {
        for part in items(document.get(*list)) {
            visit(list, part);
            for inner in *inner {
                items(part.get(*inner)).for_each(|part| visit(inner, part));
            }
        }
    }
}

/// The same for changing them.
pub(super) fn each_mut(document: &mut Document, visit: &mut dyn FnMut(&'static str, &mut Document)) {
    for (list, inner) in LISTS.iter().chain(DESCRIPTIVE) {
        for part in items_mut(document.get_mut(*list)) {
            visit(list, part);
            for inner in *inner {
                items_mut(part.get_mut(*inner)).for_each(|part| visit(inner, part));
            }
        }
    }
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Document> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn items_mut(list: Option<&mut Value>) -> impl Iterator<Item = &mut Document> {
    list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

/// A document, or one part of it, as answers show it: members without a value are left out, in the element and in its
/// parts. What belongs to the vendor (models, samples) stays as it is.
#[must_use]
pub fn shown(mut document: Document) -> Document {
    document.retain(|_, value| !value.is_null());
    each_mut(&mut document, &mut |_, part| part.retain(|_, value| !value.is_null()));
    document
}
