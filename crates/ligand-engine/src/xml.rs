//! XML answers as a small tree and as JSON. Document types and entities are refused, depth is bounded.

#[cfg(test)]
mod tests;

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use serde_json::{Map, Value};

/// How deep elements may nest.
const MAX_DEPTH: usize = 128;

/// An element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Name with its prefix.
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Tag>,
    /// Its own text, pieces between children put together.
    pub(crate) text: String,
}

/// A document as JSON: one member named as the root. `None` for what is not XML, or has document types or entities.
#[must_use]
pub fn document(text: &str) -> Option<Value> {
    parse(text).ok().map(|root| root.to_document())
}

/// The text is not XML that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotXml;

impl Tag {
    /// The name without its prefix.
    pub(crate) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// The first child of this local name.
    pub(crate) fn child(&self, local: &str) -> Option<&Tag> {
        self.children.iter().find(|child| child.local() == local)
    }

    /// The first element below this one, in document order, that is wanted.
    pub(crate) fn find(&self, is_wanted: &dyn Fn(&Tag) -> bool) -> Option<&Tag> {
        self.children.iter().find_map(|child| if is_wanted(child) { Some(child) } else { child.find(is_wanted) })
    }

    /// The document as JSON: one member named as the root.
    pub(crate) fn to_document(&self) -> Value {
        Value::Object(Map::from_iter([(self.name.clone(), self.to_json())]))
    }

    /// Attributes as `@name`, children as members, repeated ones as lists; text alone as text, text beside others
    /// as `#text`; null for an element without anything.
    fn to_json(&self) -> Value {
        let text = self.text.trim();
        if self.attributes.is_empty() && self.children.is_empty() {
            return if text.is_empty() { Value::Null } else { Value::from(text) };
        }
        let mut members = Map::new();
        for (name, value) in &self.attributes {
            members.insert(format!("@{name}"), Value::from(value.as_str()));
        }
        for child in &self.children {
            let value = child.to_json();
            match members.get_mut(&child.name) {
                Some(Value::Array(list)) => list.push(value),
                Some(single) => {
                    let first = single.take();
                    *single = Value::Array(vec![first, value]);
                }
                None => {
                    members.insert(child.name.clone(), value);
                }
            }
        }
        if !text.is_empty() {
            members.insert("#text".to_owned(), Value::from(text));
        }
        Value::Object(members)
    }
}

/// Parses a document.
pub(crate) fn parse(text: &str) -> Result<Tag, NotXml> {
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Tag> = Vec::new();
    let mut root = None;
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| NotXml)?;
        let namespace = match resolved {
            ResolveResult::Bound(namespace) => Some(namespace.as_ref().to_owned()),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(_) => return Err(NotXml),
        };
        match event {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH || (open.is_empty() && root.is_some()) {
                    return Err(NotXml);
                }
                open.push(tag(&start, namespace)?);
            }
            Event::Empty(start) => close(tag(&start, namespace)?, &mut open, &mut root)?,
            Event::End(_) => {
                let tag = open.pop().ok_or(NotXml)?;
                close(tag, &mut open, &mut root)?;
            }
            Event::Text(text) => put_text(&mut open, &text.xml10_content())?,
            Event::CData(text) => put_text(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => put_text(&mut open, &resolve(&reference)?)?,
            Event::DocType(_) => return Err(NotXml),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if open.is_empty() { root.ok_or(NotXml) } else { Err(NotXml) }
}

fn tag(start: &BytesStart<'_>, namespace: Option<String>) -> Result<Tag, NotXml> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| NotXml)?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| NotXml)?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Tag { name: start.name().as_ref().to_owned(), namespace, attributes, ..Tag::default() })
}

fn close(tag: Tag, open: &mut [Tag], root: &mut Option<Tag>) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(parent) => parent.children.push(tag),
        None if root.is_none() => *root = Some(tag),
        None => return Err(NotXml),
    }
    Ok(())
}

fn put_text(open: &mut [Tag], text: &str) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(tag) => tag.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(NotXml),
    }
    Ok(())
}

/// A character reference, or one of the five names that need no document type.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, NotXml> {
    if let Some(each) = reference.resolve_char_ref().map_err(|_| NotXml)? {
        return Ok(each.to_string());
    }
    let name = reference.xml10_content();
    let text = match name.as_ref() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(NotXml),
    };
    Ok(text.to_owned())
}
