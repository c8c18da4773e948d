//! Definitions: the built-in ones, and everything that may be wrong in others.

use crate::{Element, File, Folder, load};

/// A built-in element, read from the folder beside the crates.
pub(crate) fn built_in(key: &str) -> Element {
    let path = format!("{}/../../elements/{key}/element.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    element(key, &text)
}

/// An element out of one text.
pub(crate) fn element(key: &str, text: &str) -> Element {
    load(&folder(key, text)).unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

fn folder(key: &str, text: &str) -> Folder {
    Folder { key: key.to_owned(), files: vec![File { path: "element.yaml".to_owned(), text: text.to_owned() }] }
}

fn shown(problems: &[crate::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
