//! Which resource a call means: paths are compared without the hub, literal segments beat `{x}` from left to right,
//! so that the generic `/{objectName}` comes last. Patterns are compiled once with the element.

#[cfg(test)]
mod tests;

use std::{cmp::Ordering, collections::BTreeMap};

use crate::{Element, Method, Resource, ResourceType, definition::unprefixed, resource::Kind};

/// What a call of a resource that code of the original platform executed is answered with (400).
pub const NOT_EXECUTABLE: &str = "This API is not currently supported for this element";

/// What a verb and a path lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A resource.
    Resource {
        /// Its place in [`Element::resources`].
        index: usize,
        /// The variables of its path, decoded.
        path: BTreeMap<String, String>,
        /// Whether its path begins with a variable, as `/{objectName}` does.
        generic: bool,
    },
    /// A resource that nothing here executes; answer 400 with [`NOT_EXECUTABLE`].
    NotExecutable,
    /// The path is known under these other verbs only (405).
    MethodNotAllowed(Vec<Method>),
    /// Nothing has this path (404).
    NotFound,
}

/// Finds the resource of a verb and the decoded segments of a path without hub (see [`split`]).
#[must_use]
pub fn find(element: &Element, method: Method, segments: &[&str]) -> Found {
    let mut others = Vec::new();
    for pattern in element.routes.patterns.iter().filter(|pattern| pattern.matches(segments)) {
        let Some(resource) = element.resources.get(pattern.resource) else { continue };
        if pattern.method == method {
            if resource.executor == Some(Kind::Java) {
                return Found::NotExecutable;
            }
            return Found::Resource {
                index: pattern.resource,
                path: pattern.variables(segments),
                generic: pattern.is_generic(),
            };
        }
        if !others.contains(&pattern.method) {
            others.push(pattern.method);
        }
    }
    if others.is_empty() { Found::NotFound } else { Found::MethodNotAllowed(others) }
}

/// A path behind the API's base path (`/hubs/crm/contacts/a%20b/`): the hub, if it begins with one, and the decoded
/// segments behind it. One slash at the end is ignored. `None` when a segment is not UTF-8 once decoded.
#[must_use]
pub fn split(path: &str) -> Option<(Option<String>, Vec<String>)> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/') {
        segments.push(decode(segment)?);
    }
    if segments.first().is_some_and(|first| first == "hubs") && segments.len() > 1 {
        let hub = segments.remove(1);
        segments.remove(0);
        return Some((Some(hub), segments));
    }
    Some((None, segments))
}

/// A segment without its percent signs; `None` when it is not UTF-8 then.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high)? << 4 | hex(*low)?);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Every path that callers reach, the most literal first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Index {
    patterns: Vec<Pattern>,
}

/// A compiled path.
#[derive(Debug, Clone, PartialEq)]
struct Pattern {
    method: Method,
    resource: usize,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq)]
enum Segment {
    Literal(String),
    Variable(String),
}

impl Index {
    pub(crate) fn of(resources: &[Resource]) -> Self {
        let served =
            |resource: &Resource| matches!(resource.kind, ResourceType::Api | ResourceType::ApiNoDocumentation);
        let resources = resources.iter().enumerate().filter(|(_, resource)| served(resource));
        let mut patterns: Vec<Pattern> = resources.map(|(index, resource)| Pattern::of(resource, index)).collect();
        patterns.sort_by(Pattern::compare);
        Self { patterns }
    }
}

impl Pattern {
    fn of(resource: &Resource, index: usize) -> Self {
        let path = unprefixed(&resource.path);
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let segment = |text: &str| match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
            Some(name) => Segment::Variable(name.to_owned()),
            None => Segment::Literal(text.to_owned()),
        };
        Self { method: resource.method, resource: index, segments: path.split('/').map(segment).collect() }
    }

    /// Literal segments first, from left to right; what is equal keeps its order.
    fn compare(&self, other: &Self) -> Ordering {
        let flags = |pattern: &Self| {
            pattern.segments.iter().map(|segment| matches!(segment, Segment::Variable(_))).collect::<Vec<_>>()
        };
        flags(self).cmp(&flags(other))
    }

    fn matches(&self, segments: &[&str]) -> bool {
        self.segments.len() == segments.len()
            && self.segments.iter().zip(segments).all(|(own, given)| match own {
                Segment::Literal(text) => text == given,
                Segment::Variable(_) => !given.is_empty(),
            })
    }

    fn variables(&self, segments: &[&str]) -> BTreeMap<String, String> {
        let pairs = self.segments.iter().zip(segments).filter_map(|(own, given)| match own {
            Segment::Variable(name) => Some((name.clone(), (*given).to_owned())),
            Segment::Literal(_) => None,
        });
        pairs.collect()
    }

    fn is_generic(&self) -> bool {
        matches!(self.segments.first(), Some(Segment::Variable(_)))
    }
}

/// A resource's path without hub, as written.
#[must_use]
pub fn route_path(resource: &Resource) -> &str {
    unprefixed(&resource.path)
}

/// Segments of a resource's path without hub, as written.
pub(crate) fn segments_of(resource: &Resource) -> impl Iterator<Item = &str> {
    unprefixed(&resource.path).split('/').filter(|segment| !segment.is_empty())
}

/// The name in braces, when the segment is a variable.
pub(crate) fn variable_name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'))
}
