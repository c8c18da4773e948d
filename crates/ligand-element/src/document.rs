//! Definitions as JSON documents, as the API takes them, the store keeps them and exports give them back: every member
//! survives, known here or not; what is known is checked and completed.

mod extension;
mod numbers;
mod objects;
mod parts;
#[cfg(test)]
mod tests;

use ligand_domain::Id;
use serde_json::{Map, Value};

use crate::{
    Element, Problem, View,
    definition::{self, Files, Known},
    node::Node,
    problem::{Origin, Problems},
    validate,
};

pub use extension::{extended, without_extension};
pub use numbers::Numbering;
pub use objects::add_objects;
pub use parts::shown;

/// The members of a definition.
pub type Document = Map<String, Value>;

/// A document that was understood.
#[derive(Debug)]
pub struct Read {
    /// The element that it makes.
    pub element: Element,
    /// What of it will not run here, and why.
    pub remarks: Vec<Problem>,
}

/// Reads a document. Members that are not known are kept in it and mean nothing; parts have the numbers that it states.
///
/// # Errors
/// Every problem at once (at most 100, then their count).
pub fn read(document: &Document, id: Id<ligand_domain::Element>) -> Result<Read, Vec<Problem>> {
    let problems = Problems::of(Origin::Document, "definition");
    let root = Node::from_members(document);
    let mut element = definition::read(&root, &Known::Number(id), &Files::new(), &problems);
    validate::check(&mut element, &root, &problems);
    let remarks = problems.take_remarks();
    if problems.is_empty() { Ok(Read { element, remarks }) } else { Err(problems.finish()) }
}

/// The key that a document states, else the one that follows from its name.
#[must_use]
pub fn key_of(document: &Document) -> String {
    let text = |member| document.get(member).and_then(Value::as_str);
    let from_name = || definition::key_of_name(text("name").unwrap_or_default());
    text("key").map_or_else(from_name, str::to_lowercase)
}

/// Puts into a document what the element that was read from it has beyond it: key and description, the defaults of
/// entries, parameters, hooks and resources, the entries that every element has, whole paths.
pub fn complete(document: &mut Document, element: &Element) {
    let Value::Object(mut whole) = element.to_json(View::Full) else { return };
    for (name, _) in parts::LISTS {
        let stated = document.entry(*name).or_insert_with(|| Value::Array(Vec::new()));
        if let (Value::Array(stated), Some(Value::Array(known))) = (stated, whole.remove(*name)) {
            complete_list(name, stated, known);
        }
    }
    for name in ["key", "hub"] {
        document.insert(name.to_owned(), whole.remove(name).unwrap_or_default());
    }
    whole.remove("id");
    fill(document, whole);
}

/// The same for a document that has only resources, which are the last of the element's.
pub fn complete_resources(document: &mut Document, element: &Element) {
    let Some(Value::Array(stated)) = document.get_mut("resources") else { return };
    let Value::Object(mut whole) = element.to_json(View::Full) else { return };
    if let Some(Value::Array(mut known)) = whole.remove("resources") {
        let own = known.split_off(known.len().saturating_sub(stated.len()));
        complete_list("resources", stated, own);
    }
}

/// Completes parts, of which the document has the first, and adds those that it lacks.
fn complete_list(list: &str, stated: &mut Vec<Value>, known: Vec<Value>) {
    for (index, known) in known.into_iter().enumerate() {
        let Value::Object(mut known) = known else { continue };
        known.remove("id");
        let Some(Value::Object(part)) = stated.get_mut(index) else {
            stated.push(Value::Object(known));
            continue;
        };
        if list == "resources" {
            for inner in ["parameters", "hooks"] {
                if let (Some(Value::Array(stated)), Some(Value::Array(known))) =
                    (part.get_mut(inner), known.remove(inner))
                {
                    complete_list(inner, stated, known);
                } else {
                    part.insert(inner.to_owned(), Value::Array(Vec::new()));
                }
            }
            part.insert("path".to_owned(), known.remove("path").unwrap_or_default());
        }
        fill(part, known);
    }
}

/// Adds the members that are missing or null. A stated null stays where it means something: an entry without default.
fn fill(stated: &mut Document, known: Document) {
    for (name, value) in known {
        let is_missing = match stated.get(&name) {
            None => true,
            Some(Value::Null) => name != "defaultValue",
            Some(_) => false,
        };
        if is_missing {
            stated.insert(name, value);
        }
    }
}
