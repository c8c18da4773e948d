//! The documents of a description: read one after the other as they refer to each other, within bounds.

use std::collections::HashSet;

use url::Url;

use super::{DescriptionError, WSDL};
use crate::{
    document::{self, Node, XML},
    schema::XSD,
};

/// Most documents of a description.
const MAX_DOCUMENTS: usize = 128;
/// Most bytes of all documents together.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A document that was read.
pub(super) struct Loaded {
    location: String,
    /// The namespace that an including schema gives to one without its own.
    pub(super) namespace: Option<String>,
    pub(super) root: Node,
}

impl Loaded {
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Node> {
        let itself = Some(&self.root).filter(|root| root.name.is(XSD, "schema"));
        let inside = self.root.named(WSDL, "types").flat_map(|types| types.named(XSD, "schema"));
        itself.into_iter().chain(inside)
    }

    /// Locations of other documents, with the namespace that they get if they have none.
    fn references(&self) -> Vec<(String, Option<String>)> {
        let mut found = Vec::new();
        for import in self.root.named(WSDL, "import") {
            found.extend(import.attribute("location").map(|location| (self.absolute(location), None)));
        }
        for schema in self.schemas() {
            let own = schema.attribute("targetNamespace").map(str::to_owned).or_else(|| self.namespace.clone());
            for node in schema.children_of(XSD) {
                let given = match &*node.name.local {
                    "import" => None,
                    "include" | "redefine" => own.clone(),
                    _ => continue,
                };
                let is_known = matches!(node.attribute("namespace"), Some(XML | XSD));
                if let Some(location) = node.attribute("schemaLocation").filter(|_| !is_known) {
                    found.push((self.absolute(location), given));
                }
            }
        }
        found
    }

    /// A location as seen from the main document.
    fn absolute(&self, location: &str) -> String {
        const NOWHERE: &str = "relative://description/";
        let base = Url::parse(NOWHERE).and_then(|nowhere| nowhere.join(&self.location));
        match base.and_then(|base| base.join(location)) {
            Ok(joined) => {
                let joined = String::from(joined);
                joined.strip_prefix(NOWHERE).map(str::to_owned).unwrap_or(joined)
            }
            Err(_) => location.to_owned(),
        }
    }
}

/// Reads a document, a text with its location, and those that it refers to; puts down which of them are missing.
pub(super) fn load<'a>(
    (main, location): (&str, &str),
    fetch: &dyn Fn(&str) -> Option<&'a str>,
    missing: &mut Vec<String>,
) -> Result<Vec<Loaded>, DescriptionError> {
    let mut documents = vec![read(main, location.to_owned(), None)?];
    let mut seen = HashSet::new();
    let (mut at, mut bytes) = (0, main.len());
    while at < documents.len() {
        for (location, namespace) in documents[at].references() {
            if !seen.insert((location.clone(), namespace.clone())) {
                continue;
            }
            let Some(text) = fetch(&location) else {
                if !missing.contains(&location) {
                    missing.push(location);
                }
                continue;
            };
            bytes += text.len();
            if bytes > MAX_BYTES || documents.len() >= MAX_DOCUMENTS {
                return Err(DescriptionError::TooLarge);
            }
            documents.push(read(text, location, namespace)?);
        }
        if missing.len() > MAX_DOCUMENTS {
            return Err(DescriptionError::TooLarge);
        }
        at += 1;
    }
    Ok(documents)
}

fn read(text: &str, location: String, namespace: Option<String>) -> Result<Loaded, DescriptionError> {
    if text.len() > MAX_BYTES {
        return Err(DescriptionError::TooLarge);
    }
    let root = document::parse_within(text, namespace.as_deref()).ok();
    let root = root.filter(|root| root.name.is(WSDL, "definitions") || root.name.is(XSD, "schema"));
    match root {
        Some(root) => Ok(Loaded { location, namespace, root }),
        None => Err(DescriptionError::Malformed { location }),
    }
}
