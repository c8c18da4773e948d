//! Descriptions of SOAP services: WSDL 1.1 and the schemas in it, as far as literal operations need them.
//! Nothing is fetched here: the caller gives the documents, and is told which are missing.

mod definitions;
mod documents;
mod security;
#[cfg(test)]
mod tests;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    document::Name,
    schema::{
        Element, Schema, TypeId,
        build::{Source, Unresolved, build},
    },
};
use definitions::Definitions;
use documents::{Loaded, Loader, MAX_DOCUMENTS, MAX_GIVEN};
pub use security::Security;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// Why a description cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// Documents that are needed; fetch them and parse again. Relative locations are relative to the main document.
    #[error("documents are missing: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// A document is not XML that is accepted, or has another root than expected. Empty for the main document.
    #[error("the document {location:?} is not readable")]
    Malformed {
        /// Where the document is.
        location: String,
    },
    /// The documents are too large or too many, nest too deep, or what they declare takes too many steps to put together.
    #[error("the description is too large")]
    TooLarge,
    /// Something is referred to that no document declares.
    #[error("there is no {what} {name}")]
    Unresolved {
        /// Type, element, group, message and so on.
        what: &'static str,
        /// Its name as `{namespace}local`.
        name: String,
    },
    /// A type is derived from itself.
    #[error("the type {name} is derived from itself")]
    Circular {
        /// Its name as `{namespace}local`.
        name: String,
    },
    /// A declaration is wrong.
    #[error("the description has {0}")]
    Invalid(&'static str),
}

/// The version of SOAP that a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1.
    V1_1,
    /// SOAP 1.2.
    V1_2,
}

/// What a service offers and how its messages look.
#[derive(Debug, Clone)]
pub struct Description {
    pub(super) schema: Schema,
    /// The types of what operations declare as their faults.
    pub(super) faults: HashSet<TypeId>,
    ports: Vec<Port>,
    about: About,
}

/// What a description says beside its operations.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The namespace of its definitions.
    pub namespace: String,
    /// What it says of itself in words.
    pub documentation: Option<String>,
    /// How its policies want callers to show who they are.
    pub security: Option<Security>,
    /// What it refers to and nobody declares, where that is forgiven.
    pub unresolved: Vec<String>,
    /// The documents that it refers to and that were not given, where that is forgiven.
    pub missing: Vec<String>,
}

/// An address at which operations are offered.
#[derive(Debug, Clone)]
pub struct Port {
    /// Name of its service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Where it is, as the description says; empty if it does not.
    pub address: String,
    /// What it speaks.
    pub version: SoapVersion,
    /// Name of the operations together, whatever they are bound to.
    pub interface: String,
    /// Operations that cannot be called, and why.
    pub refused: Vec<(String, String)>,
    operations: Arc<BTreeMap<String, Operation>>,
}

/// A literal operation, of the style document or rpc.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// The value of the header `SOAPAction`.
    pub action: String,
    /// What it is for, in words.
    pub documentation: Option<String>,
    /// The element in the body of requests; none when that is empty.
    pub(super) input: Option<Element>,
    /// The element in the body of answers, as far as the description says.
    pub(super) output: Option<Element>,
    /// Whether the elements are made of parts (rpc) and the name of the answer's is the service's business.
    pub(super) is_rpc: bool,
    pub(super) headers: Vec<Name>,
}

impl Operation {
    /// The local names of the header elements that requests have.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|name| &*name.local)
    }
}

impl Port {
    /// Its operations, in the order of their names.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// Whether it is meant by its name, alone or behind that of its service.
    fn is_named(&self, name: &str) -> bool {
        self.name == name || name.split_once('/').is_some_and(|pair| pair == (&self.service, &self.name))
    }
}

impl Description {
    /// Reads a WSDL (or a bare schema, which has no operations). `fetch` gives documents by location.
    ///
    /// # Errors
    /// `Missing` names all documents that are known to be needed and that `fetch` does not have.
    pub fn parse<'a>(main: &str, fetch: &dyn Fn(&str) -> Option<&'a str>) -> Result<Self, DescriptionError> {
        let mut loader = Loader::new(fetch, MAX_DOCUMENTS);
        loader.load(main, "")?;
        let (documents, missing) = loader.finish();
        if missing.is_empty() {
            Self::of(&documents, Vec::new(), false)
        } else {
            Err(DescriptionError::Missing(missing))
        }
    }

    /// Reads a WSDL out of documents that are all there is: names with texts, the WSDL first. They are found by name,
    /// by its last segment, or because nobody refers to them. What refers to nothing is of any type, and an operation
    /// of which too little is known is refused alone.
    ///
    /// Each is read once, and the bounds hold for all of them together: 256 documents, 32 MB, 1.2 million elements and
    /// attributes, half of them in one document.
    ///
    /// # Errors
    /// What is not readable, too large or contradicts itself.
    pub fn parse_given(documents: &[(&str, &str)]) -> Result<Self, DescriptionError> {
        let malformed = || DescriptionError::Malformed { location: String::new() };
        let (main_name, main) = documents.first().copied().ok_or_else(malformed)?;
        if documents.len() > MAX_GIVEN {
            return Err(DescriptionError::TooLarge);
        }
        let used = RefCell::new(BTreeSet::new());
        let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let (mut by_name, mut by_last) = (HashMap::new(), HashMap::new());
        for (index, (name, _)) in documents.iter().enumerate() {
            by_name.entry(*name).or_insert(index);
            by_last.entry(last(name)).or_insert(index);
        }
        let fetch = |location: &str| {
            let wanted = last(location);
            let by_last = by_last.get(&wanted).filter(|_| !wanted.is_empty());
            let found = *by_name.get(location).or(by_last)?;
            used.borrow_mut().insert(found);
            Some(documents[found].1)
        };
        let mut loader = Loader::new(&fetch, MAX_GIVEN);
        loader.load(main, main_name)?;
        for (index, (name, text)) in documents.iter().enumerate().skip(1) {
            if !used.borrow().contains(&index) {
                loader.load(text, name)?;
            }
        }
        let (loaded, missing) = loader.finish();
        Self::of(&loaded, missing, true)
    }

    fn of(documents: &[Loaded], missing: Vec<String>, is_lenient: bool) -> Result<Self, DescriptionError> {
        let mut sources = Vec::new();
        for document in documents {
            let outer = document.namespace.as_deref();
            for node in document.schemas() {
                let namespace = node.attribute("targetNamespace").or(outer).unwrap_or_default();
                sources.push(Source { node, namespace });
            }
        }
        let mut unresolved = if is_lenient { Unresolved::Forgiven(BTreeSet::new()) } else { Unresolved::Refused };
        let mut schema = build(&sources, &mut unresolved)?;
        let definitions = Definitions::collect(documents, is_lenient);
        let faults = definitions.faults(&schema);
        let ports = definitions.ports(&mut schema)?;
        schema.name_members(&BTreeMap::new());
        let unresolved = unresolved.into_names();
        let about = About { unresolved, missing, ..definitions.about(documents) };
        Ok(Self { schema, faults, ports, about })
    }

    /// The description with other member names: overrides map the name of an element or attribute, alone or as
    /// `Type.Name`, to the member that JSON has instead of the usual one.
    #[must_use]
    pub fn with_names(mut self, overrides: &BTreeMap<String, String>) -> Self {
        self.schema.name_members(overrides);
        self
    }

    /// The description with lists in the place of the types of these names that consist of nothing but one.
    #[must_use]
    pub fn with_lists(mut self, types: &[String]) -> Self {
        self.schema.bare_lists(types);
        self
    }

    /// The ports, in the order of the description.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// What it says beside its operations.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The version of SOAP in which an operation is called.
    #[must_use]
    pub fn version_of(&self, operation: &str) -> SoapVersion {
        self.find(operation).map_or(SoapVersion::V1_1, |(port, _)| port.version)
    }

    /// The operation of a name at the first port that has it, or at the one named before it: `Port/Operation` or
    /// `Service/Port/Operation`.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.find(name).map(|(_, operation)| operation)
    }

    /// The name by which an operation of a port is found, the shortest one.
    #[must_use]
    pub fn spelled(&self, port: &Port, operation: &str) -> Option<String> {
        let Port { service, name, .. } = port;
        let spelled = [operation.to_owned(), format!("{name}/{operation}"), format!("{service}/{name}/{operation}")];
        spelled.into_iter().find(|spelled| self.find(spelled).is_some_and(|(found, _)| std::ptr::eq(found, port)))
    }

    fn find(&self, name: &str) -> Option<(&Port, &Operation)> {
        let (port_name, name) = name.rsplit_once('/').map_or((None, name), |(port, name)| (Some(port), name));
        let mut ports = self.ports.iter().filter(|port| port_name.is_none_or(|wanted| port.is_named(wanted)));
        ports.find_map(|port| Some((port, port.operations.get(name)?)))
    }
}
