//! XML documents as trees that keep what prefixes mean, so that names inside values can be resolved.
//! Document types are refused; depth, attributes and declarations are bounded.

#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

/// Namespace of `xsi:type` and `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of `xml:lang` and the like, which needs no declaration.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// How deep elements may nest.
const MAX_DEPTH: usize = 128;
/// Most attributes of an element, declarations included.
const MAX_ATTRIBUTES: usize = 256;
/// Most prefixes in scope.
const MAX_PREFIXES: usize = 256;

/// A qualified name; the namespace is empty when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The namespace.
    pub namespace: Arc<str>,
    /// The name in it.
    pub local: Arc<str>,
}

impl Name {
    /// The name `local` of a namespace.
    #[must_use]
    pub fn new(namespace: &str, local: &str) -> Self {
        Self { namespace: namespace.into(), local: local.into() }
    }

    /// Whether it is the name `local` of a namespace.
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && &*self.namespace == namespace
    }

    /// `{namespace}local`, or the local name alone.
    #[must_use]
    pub fn spelled(&self) -> String {
        if self.namespace.is_empty() { self.local.to_string() } else { format!("{{{}}}{}", self.namespace, self.local) }
    }
}

/// An element.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name.
    pub name: Name,
    /// Its attributes without declarations, in the order of the document.
    pub attributes: Vec<(Name, String)>,
    /// The elements in it.
    pub children: Vec<Node>,
    /// Its own text, pieces between children put together.
    pub text: String,
    scope: Arc<Scope>,
}

/// The document is not XML that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not XML that is accepted")]
pub struct Malformed;

/// The prefixes declared at an element and around it.
#[derive(Debug, Default)]
struct Scope {
    declared: Vec<(String, Arc<str>)>,
    outer: Option<Arc<Scope>>,
    count: usize,
}

impl Scope {
    fn find(&self, prefix: &str) -> Option<Arc<str>> {
        let own = self.declared.iter().find(|(declared, _)| declared == prefix);
        match own {
            Some((_, namespace)) => Some(namespace.clone()),
            None => self.outer.as_ref()?.find(prefix),
        }
    }
}

impl Node {
    /// An attribute without a namespace.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attribute_of("", local)
    }

    /// An attribute of a namespace.
    #[must_use]
    pub fn attribute_of(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name.is(namespace, local)).map(|(_, value)| value.as_str())
    }

    /// What a qualified name in a value means here; `None` when its prefix is not declared.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<Name> {
        let (prefix, local) = text.trim().split_once(':').unwrap_or(("", text.trim()));
        let namespace = match self.scope.find(prefix) {
            Some(namespace) => namespace,
            None if prefix.is_empty() => Arc::default(),
            None if prefix == "xml" => XML.into(),
            None => return None,
        };
        Some(Name { namespace, local: local.into() })
    }

    /// The children of a namespace.
    pub fn children_of<'n>(&'n self, namespace: &'n str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| &*child.name.namespace == namespace)
    }

    /// The children of a name.
    pub fn named<'n>(&'n self, namespace: &'n str, local: &'n str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| child.name.is(namespace, local))
    }
}

/// Parses a document.
///
/// # Errors
/// When it is not well formed, has a document type, or nests too deep.
pub fn parse(text: &str) -> Result<Node, Malformed> {
    parse_counted(text, None, &mut { usize::MAX })
}

/// Parses a document whose names without a prefix belong to a namespace, unless it declares another. Its elements,
/// attributes and declarations are taken off from how many are left; none are when there were too many.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_counted(text: &str, namespace: Option<&str>, left: &mut usize) -> Result<Node, Malformed> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut builder = Builder::default();
    if let Some(namespace) = namespace {
        let declared = vec![(String::new(), namespace.into())];
        builder.outermost = Arc::new(Scope { declared, outer: None, count: 1 });
    }
    loop {
        match reader.read_event().map_err(|_| Malformed)? {
            Event::Start(start) => builder.open(&start, left)?,
            Event::Empty(start) => {
                builder.open(&start, left)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(&referenced(&reference)?)?,
            Event::DocType(_) => return Err(Malformed),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if builder.open.is_empty() { builder.root.ok_or(Malformed) } else { Err(Malformed) }
}

#[derive(Default)]
struct Builder {
    outermost: Arc<Scope>,
    open: Vec<Node>,
    root: Option<Node>,
    strings: HashSet<Arc<str>>,
}

impl Builder {
    fn open(&mut self, start: &BytesStart<'_>, left: &mut usize) -> Result<(), Malformed> {
        if self.open.len() >= MAX_DEPTH || self.root.is_some() {
            return Err(Malformed);
        }
        let mut declared = Vec::new();
        let mut plain = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| Malformed)?;
            if count >= MAX_ATTRIBUTES {
                return Err(Malformed);
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Malformed)?.into_owned();
            match attribute.key.as_ref() {
                "xmlns" => declared.push((String::new(), self.shared(&value))),
                key => match key.strip_prefix("xmlns:") {
                    Some(_) if value.is_empty() => return Err(Malformed),
                    Some(prefix) => declared.push((prefix.to_owned(), self.shared(&value))),
                    None => plain.push((key.to_owned(), value)),
                },
            }
        }
        *left = left.saturating_sub(1 + declared.len() + plain.len());
        if *left == 0 {
            return Err(Malformed);
        }
        let scope = self.scope(declared)?;
        let name = self.name(start.name().as_ref(), &scope, true)?;
        let mut attributes = Vec::with_capacity(plain.len());
        for (key, value) in plain {
            attributes.push((self.name(&key, &scope, false)?, value));
        }
        self.open.push(Node { name, attributes, children: Vec::new(), text: String::new(), scope });
        Ok(())
    }

    fn scope(&self, declared: Vec<(String, Arc<str>)>) -> Result<Arc<Scope>, Malformed> {
        let outer = self.open.last().map_or(&self.outermost, |node| &node.scope).clone();
        if declared.is_empty() {
            return Ok(outer);
        }
        let count = declared.len() + outer.count;
        if count > MAX_PREFIXES { Err(Malformed) } else { Ok(Arc::new(Scope { declared, outer: Some(outer), count })) }
    }

    fn name(&mut self, qualified: &str, scope: &Scope, has_default: bool) -> Result<Name, Malformed> {
        let (prefix, local) = match qualified.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, qualified),
        };
        if local.is_empty() || local.contains(':') {
            return Err(Malformed);
        }
        let namespace = match prefix {
            Some("xml") => self.shared(XML),
            Some(prefix) => scope.find(prefix).ok_or(Malformed)?,
            None if has_default => scope.find("").unwrap_or_default(),
            None => Arc::default(),
        };
        Ok(Name { namespace, local: self.shared(local) })
    }

    /// One string for each text, however often it is used.
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.strings.get(text) {
            return known.clone();
        }
        let shared = Arc::<str>::from(text);
        self.strings.insert(shared.clone());
        shared
    }

    fn close(&mut self) -> Result<(), Malformed> {
        let node = self.open.pop().ok_or(Malformed)?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(Malformed),
        }
        Ok(())
    }
}

/// A character reference, or one of the five names that need no document type.
fn referenced(reference: &BytesRef<'_>) -> Result<String, Malformed> {
    if let Some(each) = reference.resolve_char_ref().map_err(|_| Malformed)? {
        return Ok(each.to_string());
    }
    let text = match &*reference.xml10_content() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(Malformed),
    };
    Ok(text.to_owned())
}
