//! The types of a description, ready for encoding and decoding: flattened over inheritance, with the member names
//! that JSON uses. `build` makes them from documents.

pub(super) mod build;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{document::Name, simple::Simple, wsdl::DescriptionError};

/// Most fields, attributes and groups of all types together, inherited and repeated ones included.
const MAX_PARTS: usize = 500_000;

/// Namespace of XML Schema.
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Place of a type in its schema.
pub(super) type TypeId = usize;

/// All types and global elements.
#[derive(Debug, Clone, Default)]
pub(super) struct Schema {
    pub(super) types: Vec<Type>,
    pub(super) elements: HashMap<Name, Element>,
    pub(super) by_name: HashMap<Name, TypeId>,
    by_local: HashMap<Arc<str>, Vec<TypeId>>,
    pub(super) any_type: TypeId,
    /// Fields, attributes, groups and steps between them that were counted.
    parts: usize,
}

/// A global element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) kind: TypeId,
    pub(super) is_nillable: bool,
    pub(super) is_abstract: bool,
}

/// A type with everything that it inherits.
#[derive(Debug, Clone, Default)]
pub(super) struct Type {
    /// None of anonymous types.
    pub(super) name: Option<Name>,
    pub(super) base: Option<TypeId>,
    pub(super) is_abstract: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) fields: Vec<Field>,
    /// The order of the fields.
    pub(super) content: Vec<Particle>,
    /// What its text is; `None` if it has none.
    pub(super) text: Option<Simple>,
    /// Whether it has room for elements of any name.
    pub(super) has_any: bool,
    /// Whether JSON shows the list that it consists of in its place.
    pub(super) is_bare_list: bool,
    /// Members of the text and of elements of any name.
    pub(super) text_member: String,
    pub(super) any_member: String,
}

/// An element inside of a type.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) member: String,
    pub(super) name: Name,
    pub(super) kind: TypeId,
    pub(super) is_nillable: bool,
    /// Whether JSON has a list.
    pub(super) is_many: bool,
}

/// An attribute of a type.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) member: String,
    pub(super) name: Name,
    pub(super) simple: Simple,
    pub(super) is_required: bool,
}

/// How often something may occur; no greatest number means without end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occurs {
    pub(super) least: usize,
    pub(super) most: Option<usize>,
}

/// A part of the order of a type.
#[derive(Debug, Clone)]
pub(super) enum Particle {
    /// The field of this number.
    Field(usize, Occurs),
    /// Elements of any name.
    Any,
    /// All of the parts, in order.
    Sequence(Vec<Particle>, Occurs),
    /// One of the parts.
    Choice(Vec<Particle>, Occurs),
}

impl Type {
    /// Whether JSON has its value without members around it.
    pub(super) fn is_simple(&self) -> bool {
        self.text.is_some() && self.attributes.is_empty() && self.fields.is_empty() && !self.has_any
    }
}

impl Schema {
    /// Counts what a description makes of its declarations, and says when that is too much.
    pub(super) fn count(&mut self, parts: usize) -> Result<(), DescriptionError> {
        self.parts = self.parts.saturating_add(parts);
        if self.parts > MAX_PARTS { Err(DescriptionError::TooLarge) } else { Ok(()) }
    }

    /// Adds a type and gives its place.
    pub(super) fn add(&mut self, described: Type) -> TypeId {
        let id = self.types.len();
        if let Some(name) = &described.name {
            self.by_name.insert(name.clone(), id);
            self.by_local.entry(name.local.clone()).or_default().push(id);
        }
        self.types.push(described);
        id
    }

    /// Whether a type is another one or derived from it.
    pub(super) fn derives(&self, id: TypeId, from: TypeId) -> bool {
        let mut reached = Some(id);
        from == self.any_type
            || std::iter::from_fn(|| {
                let here = reached?;
                reached = self.types[here].base;
                Some(here)
            })
            .any(|here| here == from)
    }

    /// The type of a name (local, or `{namespace}local`) that may stand for another type. `None` when there is none,
    /// or when several have the local name.
    pub(super) fn substitute(&self, name: &str, declared: TypeId) -> Option<TypeId> {
        if let Some((namespace, local)) = name.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let id = *self.by_name.get(&Name::new(namespace, local))?;
            return self.derives(id, declared).then_some(id);
        }
        let named = self.by_local.get(name)?;
        let mut fitting = named.iter().copied().filter(|id| self.derives(*id, declared));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// How JSON names a type: by its local name where that is enough.
    pub(super) fn spelled(&self, id: TypeId) -> Option<String> {
        let name = self.types[id].name.as_ref()?;
        let is_alone = self.by_local.get(&name.local).is_some_and(|all| all.len() == 1);
        Some(if is_alone { name.local.to_string() } else { name.spelled() })
    }

    /// Has JSON show lists in the place of the types of these local names, which consist of one.
    pub(super) fn bare_lists(&mut self, names: &[String]) {
        for described in &mut self.types {
            let is_named = described.name.as_ref().is_some_and(|name| names.iter().any(|one| **one == *name.local));
            let is_list = matches!(described.fields.as_slice(), [only] if only.is_many);
            described.is_bare_list = is_named
                && is_list
                && described.attributes.is_empty()
                && described.text.is_none()
                && !described.has_any;
        }
    }

    /// Gives every part the member name it has in JSON. Overrides are found as `Type.Name`, else as `Name`.
    pub(super) fn name_members(&mut self, overrides: &BTreeMap<String, String>) {
        for described in &mut self.types {
            described.name_members(overrides);
        }
    }
}

impl Type {
    /// Elements come first, then attributes; a name that is taken already falls back to the spelling of the schema,
    /// then to that with `@` before it.
    fn name_members(&mut self, overrides: &BTreeMap<String, String>) {
        let own = self.name.as_ref().map(|name| name.local.clone()).unwrap_or_default();
        let (mut taken, mut numbers) = (HashSet::new(), HashMap::new());
        let mut give = |local: &str| {
            let overridden = overrides.get(&format!("{own}.{local}")).or_else(|| overrides.get(local));
            let usual = overridden.cloned().unwrap_or_else(|| member_name(local));
            let mut candidates = [usual, local.to_owned(), format!("@{local}")].into_iter();
            let free = candidates.find(|name| taken.insert(name.clone()));
            free.unwrap_or_else(|| numbered(local, &mut taken, numbers.entry(local.to_owned()).or_insert(2)))
        };
        for field in &mut self.fields {
            field.member = give(&field.name.local);
        }
        for attribute in &mut self.attributes {
            attribute.member = give(&attribute.name.local);
        }
        self.text_member = give("value");
        self.any_member = give("any");
    }
}

/// Elements of one local name and different namespaces; the number is the next one to try.
fn numbered(local: &str, taken: &mut HashSet<String>, next: &mut usize) -> String {
    let mut names = (*next..).map(|number| (number, format!("@{local}{number}")));
    let (number, name) = names.find(|(_, name)| taken.insert(name.clone())).unwrap_or_default();
    *next = number + 1;
    name
}

/// The member name of an element or attribute: its capitals at the beginning are written small, as Jackson names
/// bean properties (`LookupName` → `lookupName`, `ID` → `id`, `CRMModules` → `crmmodules`).
pub(super) fn member_name(local: &str) -> String {
    let rest = local.trim_start_matches(char::is_uppercase);
    let capitals = &local[..local.len() - rest.len()];
    format!("{}{rest}", capitals.to_lowercase())
}
