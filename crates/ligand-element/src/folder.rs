//! From an element's folder, given as texts, to a compiled element or the list of everything wrong with it.

#[cfg(test)]
pub(crate) mod tests;

use crate::{
    Element, Problem,
    definition::{self, Files, Known},
    node::{Node, Place},
    problem::Problems,
    validate,
};

/// The definition's file.
const DEFINITION: &str = "element.yaml";

/// A file of an element's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path inside the folder with `/`: `hooks/list.js`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// An element's folder as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The folder's name, which is the element's key unless the definition states one.
    pub key: String,
    /// Its files; `element.yaml` must be among them.
    pub files: Vec<File>,
}

/// Parses, validates and compiles the definition in a folder.
///
/// # Errors
/// Every problem of the definition at once (at most 100, then their count), in the order of the file.
pub fn load(folder: &Folder) -> Result<Element, Vec<Problem>> {
    let problems = Problems::new(format!("{}/{DEFINITION}", folder.key));
    let files: Files<'_> = folder.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let root = match files.get(DEFINITION) {
        Some(text) => Node::read(text, &problems),
        None => {
            problems.add(Place::default(), "", "the file is missing");
            None
        }
    };
    let Some(root) = root else { return Err(problems.finish()) };
    let mut element = definition::read(&root, &Known::Folder(&folder.key), &files, &problems);
    validate::check(&mut element, &root, &problems);
    if problems.is_empty() { Ok(element) } else { Err(problems.finish()) }
}
