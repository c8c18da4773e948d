//! The documents of a description: read one after the other as they refer to each other, within bounds.

use std::collections::HashSet;

use url::Url;

use super::{DescriptionError, WSDL};
use crate::{
    document::{self, Node, XML},
    schema::XSD,
};

/// Most documents that are fetched for a description, and most that may be missing.
pub(super) const MAX_DOCUMENTS: usize = 128;
/// Most documents that are given at once; one counts again for each namespace that includes it.
pub(super) const MAX_GIVEN: usize = 256;
/// Most references from one document to another, and most bytes of where they lead and of namespaces.
const MAX_REFERENCES: usize = 10_000;
const MAX_LOCATION: usize = 2048;
/// Most elements, attributes and declarations of one document, and of all together: a tree takes up to forty times the
/// bytes of its text.
const MAX_NODES_OF_ONE: usize = 600_000;
const MAX_NODES: usize = 1_200_000;
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

/// Reads documents and those that they refer to, within bounds that hold for all of them together.
pub(super) struct Loader<'f, 'a> {
    fetch: &'f dyn Fn(&str) -> Option<&'a str>,
    most: usize,
    documents: Vec<Loaded>,
    /// The texts that were read, by their places in memory, each once for a namespace however it is called.
    read: HashSet<(usize, Option<String>)>,
    seen: HashSet<(String, Option<String>)>,
    missing: Vec<String>,
    references: usize,
    bytes: usize,
    nodes: usize,
}

impl<'f, 'a> Loader<'f, 'a> {
    /// A loader of so many documents at most.
    pub(super) fn new(fetch: &'f dyn Fn(&str) -> Option<&'a str>, most: usize) -> Self {
        Self {
            fetch,
            most,
            documents: Vec::new(),
            read: HashSet::new(),
            seen: HashSet::new(),
            missing: Vec::new(),
            references: 0,
            bytes: 0,
            nodes: MAX_NODES,
        }
    }

    /// Reads a document, a text with its location, and those that it refers to; puts down which of them are missing.
    pub(super) fn load(&mut self, text: &str, location: &str) -> Result<(), DescriptionError> {
        let mut at = self.documents.len();
        self.read(text, location.to_owned(), None)?;
        while at < self.documents.len() {
            let references = self.documents[at].references();
            self.references += references.len();
            if self.references > MAX_REFERENCES {
                return Err(DescriptionError::TooLarge);
            }
            for (location, namespace) in references {
                if !self.seen.insert((location.clone(), namespace.clone())) {
                    continue;
                }
                match (self.fetch)(&location) {
                    Some(text) => self.read(text, location, namespace)?,
                    None if self.missing.contains(&location) => {}
                    None if self.missing.len() >= MAX_DOCUMENTS => return Err(DescriptionError::TooLarge),
                    None => self.missing.push(location),
                }
            }
            at += 1;
        }
        Ok(())
    }

    /// The documents, and the locations of those that are missing.
    pub(super) fn finish(self) -> (Vec<Loaded>, Vec<String>) {
        (self.documents, self.missing)
    }

    fn read(&mut self, text: &str, location: String, namespace: Option<String>) -> Result<(), DescriptionError> {
        if !self.read.insert((text.as_ptr().addr(), namespace.clone())) {
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MAX_BYTES || self.documents.len() >= self.most || location.len() > MAX_LOCATION {
            return Err(DescriptionError::TooLarge);
        }
        let mut left = self.nodes.min(MAX_NODES_OF_ONE);
        let granted = left;
        let root = document::parse_counted(text, namespace.as_deref(), &mut left);
        self.nodes -= granted - left;
        let root = root.map_err(|_| match left {
            0 => DescriptionError::TooLarge,
            _ => DescriptionError::Malformed { location: location.clone() },
        })?;
        if !root.name.is(WSDL, "definitions") && !root.name.is(XSD, "schema") {
            return Err(DescriptionError::Malformed { location });
        }
        let loaded = Loaded { location, namespace, root };
        let is_long = |schema: &Node| schema.attribute("targetNamespace").is_some_and(|name| name.len() > MAX_LOCATION);
        if is_long(&loaded.root) || loaded.schemas().any(is_long) {
            return Err(DescriptionError::TooLarge);
        }
        self.documents.push(loaded);
        Ok(())
    }
}
