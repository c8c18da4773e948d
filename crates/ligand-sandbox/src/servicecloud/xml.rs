//! XML documents as small trees with resolved namespaces, read strictly and within limits, and
//! written with escaping. Nothing here knows SOAP.

use std::collections::HashSet;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use quick_xml::reader::NsReader;

#[cfg(test)]
mod tests;

/// Namespace of `xsi:type` and `xsi:nil`.
pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Deepest nesting of elements.
const MAX_DEPTH: usize = 64;
/// Most elements of a document.
const MAX_ELEMENTS: usize = 300_000;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 64;

/// An element with everything in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) namespace: Arc<str>,
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// All text directly inside, joined.
    pub(super) text: String,
}

/// An attribute that is not a namespace declaration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute {
    pub(super) namespace: Arc<str>,
    pub(super) name: String,
    /// The value; of `xsi:type` the local name only, see `value_namespace`.
    pub(super) value: String,
    /// Namespace of the qualified name that an `xsi:type` holds.
    pub(super) value_namespace: Arc<str>,
}

impl Element {
    /// An element without content.
    pub(super) fn new(namespace: &Arc<str>, name: &str) -> Self {
        Self { namespace: namespace.clone(), name: name.to_owned(), ..Self::default() }
    }

    /// An element with text.
    pub(super) fn with_text(namespace: &Arc<str>, name: &str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(namespace, name) }
    }

    /// Whether it has this namespace and name.
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        &*self.namespace == namespace && self.name == name
    }

    /// First child of this namespace and name.
    pub(super) fn child(&self, namespace: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(namespace, name))
    }

    /// First child of this name in any namespace.
    pub(super) fn named(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Value of an attribute without a namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut plain = self.attributes.iter().filter(|one| one.namespace.is_empty());
        plain.find(|one| one.name == name).map(|one| one.value.as_str())
    }

    /// Sets an attribute without a namespace.
    pub(super) fn set_attribute(&mut self, name: &str, value: impl Into<String>) {
        self.attributes.retain(|one| !(one.namespace.is_empty() && one.name == name));
        let (name, value) = (name.to_owned(), value.into());
        let none = Arc::<str>::default();
        self.attributes.push(Attribute { namespace: none.clone(), name, value, value_namespace: none });
    }

    /// The type that `xsi:type` names: namespace and local name.
    pub(super) fn instance_type(&self) -> Option<(&str, &str)> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|one| &*one.namespace == XSI && one.name == "type")?;
        Some((&found.value_namespace, &found.value))
    }

    /// Whether `xsi:nil` says that there is no value.
    pub(super) fn is_nil(&self) -> bool {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|one| &*one.namespace == XSI && one.name == "nil");
        found.is_some_and(|one| ["true", "1"].contains(&one.value.trim()))
    }
}

/// Reads a document. The error says in a few words what is wrong.
pub(super) fn parse(document: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(document).map_err(|_| "the document is not UTF-8".to_owned())?;
    let mut builder = Builder::default();
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    loop {
        let event = reader.read_event().map_err(|problem| problem.to_string())?;
        match event {
            Event::Start(start) => builder.open(&start, reader.resolver())?,
            Event::Empty(start) => {
                builder.open(&start, reader.resolver())?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(&resolve(&reference)?.to_string())?,
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Decl(declaration) => check_encoding(declaration.encoding())?,
            Event::Comment(_) => {}
            Event::PI(_) => return Err("a processing instruction is not allowed".to_owned()),
            Event::Eof => return builder.finish(),
        }
    }
}

type Encoding<'a> = Option<Result<std::borrow::Cow<'a, str>, quick_xml::events::attributes::AttrError>>;

fn check_encoding(encoding: Encoding<'_>) -> Result<(), String> {
    match encoding {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err("the encoding must be UTF-8".to_owned()),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|problem| problem.to_string())? {
        return legal(character).then_some(character).ok_or_else(|| ILLEGAL.to_owned());
    }
    match &*reference.xml10_content() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err("an entity is not known".to_owned()),
    }
}

const ILLEGAL: &str = "a character is not allowed in XML";

/// Whether XML 1.0 allows a character.
fn legal(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
    namespaces: HashSet<Arc<str>>,
}

impl Builder {
    fn open(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<(), String> {
        self.count += 1;
        if self.open.len() >= MAX_DEPTH || self.count > MAX_ELEMENTS {
            return Err("the document is too deep or too large".to_owned());
        }
        if self.root.is_some() {
            return Err("the document has more than one root".to_owned());
        }
        let (namespace, local) = resolver.resolve_element(start.name());
        let namespace = self.namespace(&namespace)?;
        let mut element = Element::new(&namespace, local.into_inner());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|problem| problem.to_string())?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|problem| problem.to_string())?;
            if element.attributes.len() >= MAX_ATTRIBUTES || !value.chars().all(legal) {
                return Err("an element has too many or illegal attributes".to_owned());
            }
            let read = self.attribute(attribute.key, &value, resolver)?;
            element.attributes.push(read);
        }
        self.open.push(element);
        Ok(())
    }

    fn attribute(&mut self, key: QName<'_>, value: &str, resolver: &NamespaceResolver) -> Result<Attribute, String> {
        let (namespace, local) = resolver.resolve_attribute(key);
        let namespace = self.namespace(&namespace)?;
        let name = local.into_inner().to_owned();
        let none = Arc::<str>::default();
        if &*namespace == XSI && name == "type" {
            let (value_namespace, local) = resolver.resolve_element(QName(value.trim()));
            let value_namespace = self.namespace(&value_namespace)?;
            let value = local.into_inner().to_owned();
            return Ok(Attribute { namespace, name, value, value_namespace });
        }
        Ok(Attribute { namespace, name, value: value.to_owned(), value_namespace: none })
    }

    /// One shared string for each namespace, however often it is used.
    fn namespace(&mut self, found: &ResolveResult<'_>) -> Result<Arc<str>, String> {
        let name = match found {
            ResolveResult::Bound(namespace) => namespace.into_inner(),
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(_) => return Err("a namespace prefix is not declared".to_owned()),
        };
        if let Some(known) = self.namespaces.get(name) {
            return Ok(known.clone());
        }
        let shared = Arc::<str>::from(name);
        self.namespaces.insert(shared.clone());
        Ok(shared)
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if !text.chars().all(legal) {
            return Err(ILLEGAL.to_owned());
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("there is text outside the root element".to_owned()),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or_else(|| "an end tag has no start tag".to_owned())?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        if !self.open.is_empty() {
            return Err("the document ends in the middle".to_owned());
        }
        self.root.ok_or_else(|| "the document has no element".to_owned())
    }
}

/// Writes an element with its prefixes from a list of (namespace, prefix) pairs, which the caller
/// has declared around it. A namespace that is not listed is written without a prefix.
pub(super) fn write(element: &Element, prefixes: &[(&str, &str)], output: &mut String) {
    let name = qualified(&element.namespace, &element.name, prefixes);
    output.push('<');
    output.push_str(&name);
    for attribute in &element.attributes {
        output.push(' ');
        output.push_str(&qualified(&attribute.namespace, &attribute.name, prefixes));
        output.push_str("=\"");
        let value = qualified(&attribute.value_namespace, &attribute.value, prefixes);
        output.push_str(&escaped(&value));
        output.push('"');
    }
    if element.children.is_empty() && element.text.is_empty() {
        output.push_str("/>");
        return;
    }
    output.push('>');
    if element.children.is_empty() {
        output.push_str(&escaped(&element.text));
    }
    for child in &element.children {
        write(child, prefixes, output);
    }
    output.push_str("</");
    output.push_str(&name);
    output.push('>');
}

/// Escapes markup, and white space that a reader would change.
fn escaped(text: &str) -> String {
    escape(text).replace('\r', "&#13;").replace('\n', "&#10;").replace('\t', "&#9;")
}

fn qualified(namespace: &str, name: &str, prefixes: &[(&str, &str)]) -> String {
    match prefixes.iter().find(|(known, _)| *known == namespace) {
        Some((_, prefix)) => format!("{prefix}:{name}"),
        None => name.to_owned(),
    }
}
