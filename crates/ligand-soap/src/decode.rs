//! XML to JSON by the schema: numbers and booleans are typed, what may repeat is a list, members are named as
//! `encode` takes them. What the schema does not know is kept, untyped.

#[cfg(test)]
mod tests;

use std::{cell::RefCell, collections::HashSet};

use serde_json::{Map, Value};

use super::{
    document::{self, Node, XSI},
    encode::TYPE_MEMBER,
    schema::{Schema, Type, TypeId, member_name},
    writer::Writer,
    wsdl::{Description, Operation},
};

/// Whether JSON says which type an object has when it is another than the declared one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeNames {
    /// Yes, by the member `@type`; the value can be encoded again.
    Keep,
    /// No.
    Drop,
}

/// Why an answer cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is not XML that is accepted.
    #[error("the answer is not readable XML")]
    Malformed,
    /// Its outermost element, or that of the body, is not declared; its name as `{namespace}local`.
    #[error("the description has no element {0}")]
    Unknown(String),
    /// It is a fault of SOAP.
    #[error("the answer is a fault")]
    Fault,
}

/// An answer. Its fault is no fault of SOAP: services that do several things at once answer those that failed in their
/// place among the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The content.
    pub value: Value,
    /// The first of the faults that the description declares, when one stands inside of the message.
    pub fault: Option<Fault>,
}

/// A fault that stands inside of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// The service's code without its prefix; empty when there is none.
    pub code: String,
    /// The service's words.
    pub message: Option<String>,
}

impl Description {
    /// The content of an element that the schema declares, or of the one in the body of an envelope; null when the
    /// body is empty. Faults are the caller's business.
    ///
    /// # Errors
    /// The text is not XML or has an unknown element outermost.
    pub fn decode(&self, text: &str, types: TypeNames) -> Result<Value, DecodeError> {
        self.decoded(None, text, types).map(|decoded| decoded.value)
    }

    /// The same for the answer of an operation, with the fault that stands inside of the message.
    ///
    /// # Errors
    /// As of [`Description::decode`].
    pub fn decode_answer(&self, operation: &str, text: &str, types: TypeNames) -> Result<Decoded, DecodeError> {
        self.decoded(self.operation(operation), text, types)
    }

    fn decoded(&self, operation: Option<&Operation>, text: &str, types: TypeNames) -> Result<Decoded, DecodeError> {
        let root = document::parse(text).map_err(|_| DecodeError::Malformed)?;
        let envelope = super::ENVELOPES.into_iter().find(|namespace| root.name.is(namespace, "Envelope"));
        let node = match envelope {
            None => &root,
            Some(namespace) => {
                let body = root.named(namespace, "Body").next().ok_or(DecodeError::Malformed)?;
                match body.children.first() {
                    Some(node) if node.name.is(namespace, "Fault") => return Err(DecodeError::Fault),
                    Some(node) => node,
                    None => return Ok(Decoded { value: Value::Null, fault: None }),
                }
            }
        };
        // What stands around the parts of an answer has no name that services agree upon.
        let own = operation.filter(|operation| operation.is_rpc).and_then(|operation| operation.output.as_ref());
        let element = own.or_else(|| self.schema.elements.get(&node.name));
        let element = element.ok_or_else(|| DecodeError::Unknown(node.name.spelled()))?;
        let decoder = Decoder { schema: &self.schema, types, faults: &self.faults, fault: RefCell::default() };
        let value = decoder.element(node, element.kind);
        Ok(Decoded { value, fault: decoder.fault.into_inner() })
    }
}

struct Decoder<'a> {
    schema: &'a Schema,
    types: TypeNames,
    faults: &'a HashSet<TypeId>,
    fault: RefCell<Option<Fault>>,
}

impl Decoder<'_> {
    fn element(&self, node: &Node, declared: TypeId) -> Value {
        if matches!(node.attribute_of(XSI, "nil").map(str::trim), Some("true" | "1")) {
            return Value::Null;
        }
        let said = node.attribute_of(XSI, "type").and_then(|name| node.resolve(name));
        let said = said.and_then(|name| self.schema.by_name.get(&name)).copied();
        let id = said.filter(|id| self.schema.derives(*id, declared)).unwrap_or(declared);
        let described = &self.schema.types[id];
        if self.faults.contains(&id) {
            self.fault.borrow_mut().get_or_insert_with(|| fault(node));
        }
        let mut members = Map::new();
        if id != declared
            && self.types == TypeNames::Keep
            && let Some(name) = self.schema.spelled(id)
        {
            members.insert(TYPE_MEMBER.to_owned(), Value::from(name));
        }
        if let Some(simple) = described.text.as_ref().filter(|_| described.is_simple()) {
            let value = simple.read(&node.text);
            if members.is_empty() {
                return value;
            }
            members.insert(described.text_member.clone(), value);
            return Value::Object(members);
        }
        self.attributes(node, described, &mut members);
        self.children(node, described, &mut members);
        if described.is_bare_list {
            let list = described.fields.first().and_then(|field| members.shift_remove(&field.member));
            return list.unwrap_or_else(|| Value::Array(Vec::new()));
        }
        if let Some(simple) = &described.text {
            let is_alone = members.is_empty() && described.fields.is_empty() && described.has_any;
            if is_alone {
                return simple.read(&node.text);
            }
            let is_content = described.fields.is_empty() && !described.has_any;
            if is_content || !node.text.trim().is_empty() {
                members.insert(described.text_member.clone(), simple.read(&node.text));
            }
        }
        Value::Object(members)
    }

    fn attributes(&self, node: &Node, described: &Type, members: &mut Map<String, Value>) {
        for (name, text) in &node.attributes {
            if &*name.namespace == XSI {
                continue;
            }
            match described.attributes.iter().find(|attribute| attribute.name == *name) {
                Some(attribute) => _ = members.insert(attribute.member.clone(), attribute.simple.read(text)),
                None => keep(members, member_name(&name.local), Value::from(text.as_str())),
            }
        }
    }

    fn children(&self, node: &Node, described: &Type, members: &mut Map<String, Value>) {
        let mut expected = 0;
        for child in &node.children {
            // Answers keep the order of the schema, so that the search seldom goes far.
            let fields = described.fields.iter().enumerate();
            let order = fields.clone().skip(expected).chain(fields.take(expected));
            let found = order.into_iter().find(|(_, field)| field.name == child.name);
            let Some((index, field)) = found else {
                self.stray(child, described, members);
                continue;
            };
            expected = index;
            let value = self.element(child, field.kind);
            match members.get_mut(&field.member) {
                Some(Value::Array(values)) if field.is_many => values.push(value),
                Some(_) => keep(members, field.member.clone(), value),
                None if field.is_many => _ = members.insert(field.member.clone(), Value::Array(vec![value])),
                None => _ = members.insert(field.member.clone(), value),
            }
        }
    }

    /// Keeps an element that the type does not name: as XML where any element may stand, else untyped.
    fn stray(&self, child: &Node, described: &Type, members: &mut Map<String, Value>) {
        if !described.has_any {
            return keep(members, member_name(&child.name.local), untyped(child));
        }
        let mut writer = Writer::default();
        if writer.node(child).is_ok() {
            let list = members.entry(described.any_member.clone()).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(Value::from(writer.finish()));
            }
        }
    }
}

/// An element without a schema.
fn untyped(node: &Node) -> Value {
    let attributes = node.attributes.iter().filter(|(name, _)| &*name.namespace != XSI);
    let mut members = Map::new();
    for (name, text) in attributes {
        keep(&mut members, member_name(&name.local), Value::from(text.as_str()));
    }
    for child in &node.children {
        keep(&mut members, member_name(&child.name.local), untyped(child));
    }
    if members.is_empty() { Value::from(node.text.as_str()) } else { Value::Object(members) }
}

/// Puts a member; a further value of the same name makes a list of it.
fn keep(members: &mut Map<String, Value>, member: String, value: Value) {
    match members.get_mut(&member) {
        None => _ = members.insert(member, value),
        Some(Value::Array(values)) => values.push(value),
        Some(single) => {
            let first = single.take();
            *single = Value::Array(vec![first, value]);
        }
    }
}

/// Reads a fault that stands inside of a message.
fn fault(node: &Node) -> Fault {
    let code = text_inside(node, "code").unwrap_or_default();
    let code = code.rsplit(':').next().unwrap_or_default().trim().to_owned();
    Fault { code, message: text_inside(node, "message").or_else(|| text_inside(node, "string")) }
}

/// The first text inside whose element's name ends like this.
fn text_inside(node: &Node, end: &str) -> Option<String> {
    node.children.iter().find_map(|child| {
        let is_named = child.name.local.to_ascii_lowercase().ends_with(end);
        let own = Some(child.text.trim()).filter(|text| is_named && !text.is_empty());
        own.map(str::to_owned).or_else(|| text_inside(child, end))
    })
}
