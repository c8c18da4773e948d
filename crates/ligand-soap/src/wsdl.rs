//! Descriptions of SOAP services: WSDL 1.1 and the schemas in it, as far as document/literal operations need them.
//! Nothing is fetched here: the caller gives the documents, and is told which are missing.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use url::Url;

use super::{
    document::{self, Name, Node, XML},
    schema::{
        Schema, TypeId, XSD,
        build::{Source, build},
    },
};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// Namespaces of the bindings for SOAP 1.1 and 1.2.
const BINDINGS: [(&str, SoapVersion); 2] = [
    ("http://schemas.xmlsoap.org/wsdl/soap/", SoapVersion::V1_1),
    ("http://schemas.xmlsoap.org/wsdl/soap12/", SoapVersion::V1_2),
];
/// Most documents of a description.
const MAX_DOCUMENTS: usize = 128;
/// Most bytes of all documents together.
const MAX_BYTES: usize = 32 * 1024 * 1024;

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
    /// The documents are too large, too many or nest too deep.
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
    operations: Arc<BTreeMap<String, Operation>>,
}

/// A document/literal operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// The value of the header `SOAPAction`.
    pub action: String,
    pub(super) input: Name,
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
}

impl Description {
    /// Reads a WSDL (or a bare schema, which has no operations). `fetch` gives documents by location.
    ///
    /// # Errors
    /// `Missing` names all documents that are known to be needed and that `fetch` does not have.
    pub fn parse<'a>(main: &str, fetch: &dyn Fn(&str) -> Option<&'a str>) -> Result<Self, DescriptionError> {
        let documents = load(main, fetch)?;
        let mut sources = Vec::new();
        for document in &documents {
            let outer = document.namespace.as_deref();
            for node in document.schemas() {
                let namespace = node.attribute("targetNamespace").or(outer).unwrap_or_default();
                sources.push(Source { node, namespace });
            }
        }
        let mut schema = build(&sources)?;
        schema.name_members(&BTreeMap::new());
        let definitions = Definitions::collect(&documents);
        let faults = definitions.faults(&schema);
        let ports = definitions.ports(&schema)?;
        Ok(Self { schema, faults, ports })
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

    /// The version of SOAP in which an operation is called.
    #[must_use]
    pub fn version_of(&self, operation: &str) -> SoapVersion {
        let port = self.ports.iter().find(|port| port.operations.contains_key(operation));
        port.map_or(SoapVersion::V1_1, |port| port.version)
    }

    /// The operation of a name at the first port that has it.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.ports.iter().find_map(|port| port.operations.get(name))
    }
}

/// A document that was read.
struct Loaded {
    location: String,
    /// The namespace that an including schema gives to one without its own.
    namespace: Option<String>,
    root: Node,
}

impl Loaded {
    fn schemas(&self) -> impl Iterator<Item = &Node> {
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

fn load<'a>(main: &str, fetch: &dyn Fn(&str) -> Option<&'a str>) -> Result<Vec<Loaded>, DescriptionError> {
    let mut documents = vec![read(main, String::new(), None)?];
    let mut seen = HashSet::new();
    let mut missing = Vec::new();
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
    if missing.is_empty() { Ok(documents) } else { Err(DescriptionError::Missing(missing)) }
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

/// The parts of all WSDL documents, by name.
#[derive(Default)]
struct Definitions<'n> {
    parts: HashMap<(&'static str, Name), &'n Node>,
    services: Vec<&'n Node>,
}

impl<'n> Definitions<'n> {
    fn collect(documents: &'n [Loaded]) -> Self {
        let mut found = Self::default();
        for document in documents {
            let root = &document.root;
            let namespace = root.attribute("targetNamespace").unwrap_or_default();
            found.services.extend(root.named(WSDL, "service"));
            for kind in ["message", "portType", "binding"] {
                for node in root.named(WSDL, kind) {
                    let name = Name::new(namespace, node.attribute("name").unwrap_or_default());
                    found.parts.entry((kind, name)).or_insert(node);
                }
            }
        }
        found
    }

    fn find(&self, kind: &'static str, from: &Node, name: &str) -> Result<&'n Node, DescriptionError> {
        let resolved = from.resolve(name);
        let found = resolved.and_then(|name| self.parts.get(&(kind, name)).copied());
        found.ok_or_else(|| DescriptionError::Unresolved { what: kind, name: name.to_owned() })
    }

    fn ports(&self, schema: &Schema) -> Result<Vec<Port>, DescriptionError> {
        let mut ports = Vec::new();
        for service in &self.services {
            for port in service.named(WSDL, "port") {
                let binding = self.find("binding", port, port.attribute("binding").unwrap_or_default())?;
                let mut soap = BINDINGS.iter();
                let soap = soap.find(|(namespace, _)| binding.named(namespace, "binding").next().is_some());
                let Some((soap, version)) = soap else { continue };
                let address = port.named(soap, "address").find_map(|address| address.attribute("location"));
                ports.push(Port {
                    service: service.attribute("name").unwrap_or_default().to_owned(),
                    name: port.attribute("name").unwrap_or_default().to_owned(),
                    address: address.unwrap_or_default().to_owned(),
                    version: *version,
                    operations: Arc::new(self.operations(binding, soap, schema)?),
                });
            }
        }
        Ok(ports)
    }

    fn operations(
        &self,
        binding: &Node,
        soap: &str,
        schema: &Schema,
    ) -> Result<BTreeMap<String, Operation>, DescriptionError> {
        let port_type = self.find("portType", binding, binding.attribute("type").unwrap_or_default())?;
        let usual = binding.named(soap, "binding").find_map(|node| node.attribute("style"));
        let abstracts: HashMap<&str, &Node> = port_type
            .named(WSDL, "operation")
            .filter_map(|operation| Some((operation.attribute("name")?, operation)))
            .collect();
        let mut operations = BTreeMap::new();
        for operation in binding.named(WSDL, "operation") {
            let name = operation.attribute("name").unwrap_or_default();
            let details = operation.named(soap, "operation").next();
            let style = details.and_then(|details| details.attribute("style")).or(usual);
            let input = abstracts.get(name).and_then(|found| found.named(WSDL, "input").next());
            let (Some(input), true) = (input, style != Some("rpc")) else { continue };
            let Some(message) = input.attribute("message") else { continue };
            let mut elements = self.elements(input, message, None, schema)?;
            if elements.len() != 1 {
                continue;
            }
            let action = details.and_then(|details| details.attribute("soapAction")).unwrap_or_default().to_owned();
            let headers = self.headers(operation, soap, schema)?;
            let input = elements.remove(0);
            operations.insert(name.to_owned(), Operation { name: name.to_owned(), action, input, headers });
        }
        Ok(operations)
    }

    /// The types of all declared faults, and those that they extend and that are called faults or errors too. What of
    /// it cannot be resolved is left out.
    fn faults(&self, schema: &Schema) -> HashSet<TypeId> {
        let mut faults = HashSet::new();
        let port_types = self.parts.iter().filter(|((kind, _), _)| *kind == "portType").map(|(_, node)| node);
        let declared = port_types
            .flat_map(|node| node.named(WSDL, "operation"))
            .flat_map(|operation| operation.named(WSDL, "fault"))
            .filter_map(|fault| self.elements(fault, fault.attribute("message")?, None, schema).ok());
        for name in declared.flatten() {
            let mut kind = schema.elements.get(&name).map(|element| element.kind);
            while let Some(id) = kind.filter(|id| *id != schema.any_type && !schema.types[*id].is_simple()) {
                let described = &schema.types[id];
                let local = described.name.as_ref().map(|name| name.local.to_ascii_lowercase()).unwrap_or_default();
                let is_fault = ["fault", "error", "exception"].iter().any(|word| local.contains(word));
                if !(is_fault || local.is_empty()) || !faults.insert(id) {
                    break;
                }
                kind = described.base;
            }
        }
        faults
    }

    fn headers(&self, operation: &Node, soap: &str, schema: &Schema) -> Result<Vec<Name>, DescriptionError> {
        let mut headers = Vec::new();
        for header in operation.named(WSDL, "input").flat_map(|input| input.named(soap, "header")) {
            let message = header.attribute("message").unwrap_or_default();
            headers.extend(self.elements(header, message, header.attribute("part"), schema)?);
        }
        Ok(headers)
    }

    /// The elements of a message's parts; parts that have types instead are left out.
    fn elements(
        &self,
        from: &Node,
        message: &str,
        part: Option<&str>,
        schema: &Schema,
    ) -> Result<Vec<Name>, DescriptionError> {
        let message = self.find("message", from, message)?;
        let mut elements = Vec::new();
        for node in message.named(WSDL, "part") {
            if part.is_some_and(|part| node.attribute("name") != Some(part)) {
                continue;
            }
            let Some(text) = node.attribute("element") else { continue };
            let name = node.resolve(text).filter(|name| schema.elements.contains_key(name));
            elements.push(name.ok_or_else(|| DescriptionError::Unresolved { what: "element", name: text.to_owned() })?);
        }
        Ok(elements)
    }
}
