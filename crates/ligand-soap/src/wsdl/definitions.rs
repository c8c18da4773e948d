//! The parts of WSDL documents put together: services, bindings, port types and messages become ports with operations.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{About, DescriptionError, Operation, Port, Security, SoapVersion, WSDL, documents::Loaded};
use crate::{
    document::{Name, Node},
    schema::{Element, Field, Occurs, Particle, Schema, Type, TypeId, build::MAX_FIELDS},
};

/// Namespaces of the bindings for SOAP 1.1 and 1.2.
const BINDINGS: [(&str, SoapVersion); 2] = [
    ("http://schemas.xmlsoap.org/wsdl/soap/", SoapVersion::V1_1),
    ("http://schemas.xmlsoap.org/wsdl/soap12/", SoapVersion::V1_2),
];
/// Most operations of all ports together.
const MAX_OPERATIONS: usize = 20_000;

/// The parts of all WSDL documents, by name.
#[derive(Default)]
pub(super) struct Definitions<'n> {
    parts: HashMap<(&'static str, Name), &'n Node>,
    services: Vec<&'n Node>,
    bindings: Vec<&'n Node>,
    /// Whether what refers to nothing is left out.
    is_lenient: bool,
}

impl<'n> Definitions<'n> {
    pub(super) fn collect(documents: &'n [Loaded], is_lenient: bool) -> Self {
        let mut found = Self { is_lenient, ..Self::default() };
        for document in documents {
            let root = &document.root;
            let namespace = root.attribute("targetNamespace").unwrap_or_default();
            found.services.extend(root.named(WSDL, "service"));
            found.bindings.extend(root.named(WSDL, "binding"));
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

    pub(super) fn about(&self, documents: &[Loaded]) -> About {
        let root = documents.first().map(|document| &document.root);
        let service = || self.services.first().copied().and_then(documentation);
        About {
            namespace: root.and_then(|root| root.attribute("targetNamespace")).unwrap_or_default().to_owned(),
            documentation: root.and_then(documentation).or_else(service),
            security: Security::of(documents),
            ..About::default()
        }
    }

    /// The ports of all services; where there is no service, each binding is a port without an address.
    pub(super) fn ports(&self, schema: &mut Schema) -> Result<Vec<Port>, DescriptionError> {
        let mut known = Known::default();
        let mut ports = Vec::new();
        for service in &self.services {
            for port in service.named(WSDL, "port") {
                let binding = match self.find("binding", port, port.attribute("binding").unwrap_or_default()) {
                    Err(_) if self.is_lenient => continue,
                    binding => binding?,
                };
                ports.extend(self.port(service, port, binding, schema, &mut known)?);
            }
        }
        if self.services.is_empty() && self.is_lenient {
            for binding in &self.bindings {
                ports.extend(self.port(binding, binding, binding, schema, &mut known)?);
            }
        }
        Ok(ports)
    }

    /// A port; `None` when it does not speak SOAP.
    fn port(
        &self,
        service: &Node,
        port: &Node,
        binding: &'n Node,
        schema: &mut Schema,
        known: &mut Known,
    ) -> Result<Option<Port>, DescriptionError> {
        let mut soap = BINDINGS.iter();
        let soap = soap.find(|(namespace, _)| binding.named(namespace, "binding").next().is_some());
        let Some((soap, version)) = soap else { return Ok(None) };
        let address = port.named(soap, "address").find_map(|address| address.attribute("location"));
        let interface = binding.attribute("type").and_then(|name| binding.resolve(name)).unwrap_or_default();
        let place = std::ptr::from_ref(binding).addr();
        if !known.offers.contains_key(&place) {
            let (operations, refused) = self.operations(binding, soap, schema, known)?;
            known.offers.insert(place, (Arc::new(operations), refused));
        }
        let (operations, refused) = known.offers[&place].clone();
        Ok(Some(Port {
            service: service.attribute("name").unwrap_or_default().to_owned(),
            name: port.attribute("name").unwrap_or_default().to_owned(),
            address: address.unwrap_or_default().trim().to_owned(),
            version: *version,
            interface: interface.spelled(),
            operations,
            refused,
        }))
    }

    fn operations(
        &self,
        binding: &Node,
        soap: &str,
        schema: &mut Schema,
        known: &mut Known,
    ) -> Result<(BTreeMap<String, Operation>, Refused), DescriptionError> {
        let port_type = match self.find("portType", binding, binding.attribute("type").unwrap_or_default()) {
            Err(_) if self.is_lenient => return Ok(Default::default()),
            found => found?,
        };
        let usual = binding.named(soap, "binding").find_map(|node| node.attribute("style"));
        let abstracts: HashMap<&str, &Node> = port_type
            .named(WSDL, "operation")
            .filter_map(|operation| Some((operation.attribute("name")?, operation)))
            .collect();
        let (mut operations, mut refused) = (BTreeMap::new(), Vec::new());
        for node in binding.named(WSDL, "operation") {
            known.count += 1;
            if known.count > MAX_OPERATIONS {
                return Err(DescriptionError::TooLarge);
            }
            let name = node.attribute("name").unwrap_or_default();
            let bound = Bound { node, soap, usual, interface: abstracts.get(name).copied() };
            match self.operation(&bound, schema, known) {
                Ok(Ok(operation)) => _ = operations.entry(name.to_owned()).or_insert(operation),
                Ok(Err(why)) => refused.push((name.to_owned(), why.to_owned())),
                Err(error @ DescriptionError::Unresolved { .. }) if self.is_lenient => {
                    refused.push((name.to_owned(), error.to_string()))
                }
                Err(error) => return Err(error),
            }
        }
        Ok((operations, refused))
    }

    /// An operation, or why it cannot be called.
    fn operation(
        &self,
        bound: &Bound<'_>,
        schema: &mut Schema,
        known: &mut Known,
    ) -> Result<Result<Operation, &'static str>, DescriptionError> {
        let Bound { node, soap, usual, interface } = *bound;
        let name = node.attribute("name").unwrap_or_default();
        let details = node.named(soap, "operation").next();
        let style = details.and_then(|details| details.attribute("style")).or(usual);
        let is_rpc = style == Some("rpc");
        let Some(interface) = interface else { return Ok(Err("its port type does not have it")) };
        let Some(input) = interface.named(WSDL, "input").next() else { return Ok(Err("it is no answer to a request")) };
        let mut sides = [None, None];
        for (side, local) in sides.iter_mut().zip(["input", "output"]) {
            let Some(message) = interface.named(WSDL, local).next() else { continue };
            let wire = Wire::of(node, soap, local);
            if wire.is_encoded {
                return Ok(Err("its messages are encoded, not literal"));
            }
            let made = if is_rpc {
                let ending = if local == "output" { "Response" } else { "" };
                self.wrapper(message, &format!("{name}{ending}"), &wire, schema, known)?.map(Some)
            } else {
                self.document(message, &wire, schema)?
            };
            match made {
                Ok(element) => *side = element,
                Err(_) if local == "output" => {}
                Err(why) => return Ok(Err(why)),
            }
        }
        let action = details.and_then(|details| details.attribute("soapAction")).unwrap_or_default().to_owned();
        let headers = self.headers(node, soap, schema)?;
        let documentation = documentation(interface).or_else(|| documentation(input));
        let [input, output] = sides;
        Ok(Ok(Operation { name: name.to_owned(), action, documentation, input, output, is_rpc, headers }))
    }

    /// The parts of a message that stand in bodies.
    fn parts(&self, from: &Node, wire: &Wire<'_>) -> Result<Vec<&'n Node>, DescriptionError> {
        let Some(message) = from.attribute("message") else { return Ok(Vec::new()) };
        let message_name = from.resolve(message);
        let message = self.find("message", from, message)?;
        let in_header = |part: &str| {
            wire.headers.iter().any(|(name, header)| *header == part && name.is_some() && *name == message_name)
        };
        let is_in_body = |node: &&Node| {
            let name = node.attribute("name").unwrap_or_default();
            match wire.parts {
                Some(parts) => parts.split_whitespace().any(|part| part == name),
                None => !in_header(name),
            }
        };
        Ok(message.named(WSDL, "part").filter(is_in_body).collect())
    }

    /// The element that a document stands in: the only one; none for an empty body.
    fn document(
        &self,
        from: &Node,
        wire: &Wire<'_>,
        schema: &Schema,
    ) -> Result<Result<Option<Element>, &'static str>, DescriptionError> {
        let parts = self.parts(from, wire)?;
        Ok(match parts.as_slice() {
            [] => Ok(None),
            [part] => match part.attribute("element") {
                Some(text) => Ok(Some(schema.elements[&element(part, text, schema)?].clone())),
                None => Err("its message is a type, not an element"),
            },
            _ => Err("its body has several parts"),
        })
    }

    /// The element around the parts of a message of the style rpc.
    fn wrapper(
        &self,
        from: &Node,
        name: &str,
        wire: &Wire<'_>,
        schema: &mut Schema,
        known: &mut Known,
    ) -> Result<Result<Element, &'static str>, DescriptionError> {
        let once = Occurs { least: 1, most: Some(1) };
        let parts = self.parts(from, wire)?;
        schema.count(parts.len())?;
        let element = |kind| {
            let name = Name::new(wire.namespace.unwrap_or_default(), name);
            Ok(Ok(Element { name, kind, is_nillable: false, is_abstract: false }))
        };
        let places: Vec<usize> = parts.iter().map(|part| std::ptr::from_ref(*part).addr()).collect();
        if let Some(kind) = known.wrappers.get(&places) {
            return element(*kind);
        }
        if parts.len() > MAX_FIELDS {
            return Err(DescriptionError::TooLarge);
        }
        let mut described = Type::default();
        for part in parts {
            let Some(text) = part.attribute("type") else { return Ok(Err("its parts are elements, not types")) };
            let kind = part.resolve(text).and_then(|name| schema.by_name.get(&name)).copied();
            let unresolved = || DescriptionError::Unresolved { what: "type", name: text.to_owned() };
            let name = Name::new("", part.attribute("name").unwrap_or_default());
            let kind = kind.ok_or_else(unresolved)?;
            let field = Field { member: String::new(), name, kind, is_nillable: false, is_many: false };
            described.content.push(Particle::Field(described.fields.len(), once));
            described.fields.push(field);
        }
        let kind = schema.add(described);
        known.wrappers.insert(places, kind);
        element(kind)
    }

    /// The types of all declared faults, and those that they extend and that are called faults or errors too. What of
    /// it cannot be resolved is left out.
    pub(super) fn faults(&self, schema: &Schema) -> HashSet<TypeId> {
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
            match element(node, text, schema) {
                Err(_) if self.is_lenient => {}
                name => elements.push(name?),
            }
        }
        Ok(elements)
    }
}

/// The operations of the bindings that were met, which ports share.
#[derive(Default)]
struct Known {
    offers: HashMap<usize, Offered>,
    /// The operations that were met, repeated names included.
    count: usize,
    /// The types around the parts of messages of the style rpc, by the places of the parts.
    wrappers: HashMap<Vec<usize>, TypeId>,
}

/// Operations by name, and those that cannot be called, with why.
type Offered = (Arc<BTreeMap<String, Operation>>, Refused);

/// Operations that cannot be called, and why.
type Refused = Vec<(String, String)>;

/// An operation of a binding with what it is an operation of.
struct Bound<'n> {
    node: &'n Node,
    soap: &'n str,
    /// The style of the binding.
    usual: Option<&'n str>,
    interface: Option<&'n Node>,
}

/// How a message is bound to the wire.
#[derive(Default)]
struct Wire<'n> {
    is_encoded: bool,
    namespace: Option<&'n str>,
    /// The names of the parts that stand in the body; all that are not in headers when absent.
    parts: Option<&'n str>,
    /// Messages and parts in headers.
    headers: Vec<(Option<Name>, &'n str)>,
}

impl<'n> Wire<'n> {
    fn of(operation: &'n Node, soap: &'n str, side: &'static str) -> Self {
        let mut wire = Self::default();
        for side in operation.named(WSDL, side) {
            if let Some(body) = side.named(soap, "body").next() {
                wire.is_encoded = body.attribute("use") == Some("encoded");
                wire.namespace = body.attribute("namespace");
                wire.parts = body.attribute("parts");
            }
            let header = |node: &'n Node| Some((node.resolve(node.attribute("message")?), node.attribute("part")?));
            wire.headers.extend(side.named(soap, "header").filter_map(header));
        }
        wire
    }
}

/// The global element that a part names.
fn element(part: &Node, text: &str, schema: &Schema) -> Result<Name, DescriptionError> {
    let name = part.resolve(text).filter(|name| schema.elements.contains_key(name));
    name.ok_or_else(|| DescriptionError::Unresolved { what: "element", name: text.to_owned() })
}

/// What a part says of itself in words.
fn documentation(node: &Node) -> Option<String> {
    let text = node.named(WSDL, "documentation").next()?.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text).filter(|text| !text.is_empty())
}
