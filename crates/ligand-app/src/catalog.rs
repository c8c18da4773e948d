//! The catalog of system elements: found by key, alias or id.

use std::{collections::HashMap, sync::Arc};

use ligand_domain::{Caller, Element as ElementId, Error, Id, Privilege};
pub use ligand_element::{Element, View};
use serde_json::Value;

use crate::{
    App,
    hubs::{self, Hub},
    paging::Position,
};

/// Two elements claim the same key or id.
#[derive(Debug, thiserror::Error)]
#[error("the elements '{first}' and '{second}' both claim {claim}")]
pub struct Clash {
    first: String,
    second: String,
    claim: String,
}

/// All system elements, in the order of their ids.
pub struct Catalog {
    elements: Vec<Arc<Element>>,
    by_key: HashMap<String, usize>,
    by_id: HashMap<i64, usize>,
    hubs: Vec<Hub>,
}

impl Catalog {
    /// Indexes the elements.
    ///
    /// # Errors
    /// [`Clash`] when two of them claim one key or id. An alias yields to another element's own key or id.
    pub fn new(elements: Vec<Element>) -> Result<Self, Clash> {
        let mut elements: Vec<Arc<Element>> = elements.into_iter().map(Arc::new).collect();
        elements.sort_by_key(|element| element.id());
        let (mut by_key, mut by_id) = (HashMap::new(), HashMap::new());
        for (index, element) in elements.iter().enumerate() {
            let key = element.key().to_lowercase();
            if let Some(other) = by_key.insert(key.clone(), index) {
                return Err(clash(&elements[other], element, format!("the key {key}")));
            }
            if let Some(other) = by_id.insert(element.id().get(), index) {
                return Err(clash(&elements[other], element, format!("the id {}", element.id())));
            }
        }
        for (index, element) in elements.iter().enumerate() {
            for alias in element.aliases() {
                if let Ok(id) = alias.parse::<Id<ElementId>>() {
                    by_id.entry(id.get()).or_insert(index);
                } else {
                    by_key.entry(alias.to_lowercase()).or_insert(index);
                }
            }
        }
        let hubs = hubs::of_elements(&elements);
        Ok(Self { elements, by_key, by_id, hubs })
    }

    /// All elements, by id.
    #[must_use]
    pub fn elements(&self) -> &[Arc<Element>] {
        &self.elements
    }

    pub(crate) fn hubs(&self) -> &[Hub] {
        &self.hubs
    }

    /// The element with this id, or with this id as an alias.
    #[must_use]
    pub fn find(&self, id: Id<ElementId>) -> Option<&Arc<Element>> {
        self.by_id.get(&id.get()).map(|index| &self.elements[*index])
    }

    /// The element with this key or alias, compared without regard to case.
    #[must_use]
    pub fn find_by_key(&self, key: &str) -> Option<&Arc<Element>> {
        self.by_key.get(&key.to_lowercase()).map(|index| &self.elements[*index])
    }

    /// The element that a path segment names: digits are an id, anything else a key.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`] naming what was asked for.
    pub fn resolve(&self, key_or_id: &str) -> Result<&Arc<Element>, Error> {
        let digits = !key_or_id.is_empty() && key_or_id.bytes().all(|byte| byte.is_ascii_digit());
        if digits { self.resolve_id(key_or_id) } else { self.resolve_key(key_or_id) }
    }

    /// The element with this id.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`] naming the id.
    pub fn resolve_id(&self, id: &str) -> Result<&Arc<Element>, Error> {
        id.parse().ok().and_then(|id| self.find(id)).ok_or_else(|| not_found("ID", id))
    }

    /// The element with this key.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`] naming the key.
    pub fn resolve_key(&self, key: &str) -> Result<&Arc<Element>, Error> {
        self.find_by_key(key).ok_or_else(|| not_found("key", key))
    }
}

/// The longest part of what was asked for that an error repeats, in characters.
const REPEATED_CHARS: usize = 200;

fn not_found(what: &str, asked: &str) -> Error {
    let asked: String = asked.chars().take(REPEATED_CHARS).collect();
    Error::not_found("element-not-found", format!("No element found with {what} {asked}"))
}

fn clash(first: &Element, second: &Element, claim: String) -> Clash {
    Clash { first: first.key().to_owned(), second: second.key().to_owned(), claim }
}

/// What to list of the catalog.
#[derive(Debug, Default)]
pub struct Query {
    /// `where` as it was sent.
    pub condition: Option<String>,
    /// `pageSize` as it was sent.
    pub page_size: Option<String>,
    /// `nextPage` as it was sent.
    pub next_page: Option<String>,
}

/// A page of the catalog.
pub struct Page<'a> {
    /// The elements, by id.
    pub items: Vec<&'a Arc<Element>>,
    /// How many match in all.
    pub total: i64,
    /// The token of the next page, absent on the last.
    pub next_page: Option<String>,
    /// The condition asked for the short form.
    pub abridged: bool,
}

/// A field of a condition that is no property of an element, but asks for the short form.
const ABRIDGED: &str = "abridged";

impl App {
    /// The element that a path segment names.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`].
    pub fn element(&self, key_or_id: &str) -> Result<&Arc<Element>, Error> {
        self.catalog.resolve(key_or_id)
    }

    /// The elements that a caller sees in lists: those that are active, and to who runs the installation, and so
    /// owns the system elements, the others too.
    pub fn listed_elements(&self, caller: Option<&Caller>) -> impl Iterator<Item = &Arc<Element>> {
        let owner = caller.is_some_and(|caller| caller.privileges.contains(Privilege::System));
        self.catalog.elements.iter().filter(move |element| owner || element.is_active())
    }

    /// A page of the catalog; empty when nothing matches.
    ///
    /// # Errors
    /// Invalid for a condition that does not parse or names an unknown field, and for bad paging.
    pub fn list_elements(&self, caller: Option<&Caller>, query: &Query) -> Result<Page<'_>, Error> {
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let condition = ligand_ceql::parse_where(query.condition.as_deref().unwrap_or_default())
            .map_err(|broken| Error::invalid("where-invalid", broken.to_string()))?;
        if let Some(condition) = &condition {
            known_fields(condition)?;
        }
        let matching: Vec<_> = self
            .listed_elements(caller)
            .filter(|element| condition.as_ref().is_none_or(|condition| condition.matches(&searchable(element))))
            .collect();
        let rest = matching.iter().copied().skip_while(|element| element.id().get() <= position.after);
        let items: Vec<_> = rest.take(position.limit as usize).collect();
        let last = matching.last().map(|element| element.id());
        let next_page = items.last().map(|element| element.id()).filter(|id| Some(*id) != last);
        Ok(Page {
            total: i64::try_from(matching.len()).unwrap_or(i64::MAX),
            next_page: next_page.map(|id| position.next(id.get())),
            abridged: condition.is_some_and(|condition| condition.fields().any(|field| field.to_string() == ABRIDGED)),
            items,
        })
    }
}

/// The members of an element that a condition may name, with the flags that are absent when false.
fn searchable(element: &Element) -> Value {
    let mut members = element.to_json(View::Abridged);
    for flag in ["private", "extended", "beta"] {
        if members.get(flag).is_none() {
            members[flag] = Value::Bool(false);
        }
    }
    members[ABRIDGED] = Value::Bool(true);
    members
}

/// The members that a condition on elements may name.
const FIELDS: [&str; 16] = [
    "id",
    "key",
    "name",
    "description",
    "hub",
    "image",
    "active",
    "deleted",
    "private",
    "extended",
    "extendable",
    "cloneable",
    "beta",
    "typeOauth",
    "protocolType",
    ABRIDGED,
];

fn known_fields(condition: &ligand_ceql::Condition) -> Result<(), Error> {
    match condition.fields().map(|field| field.to_string()).find(|field| !FIELDS.contains(&field.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::invalid("where-field-unknown", format!("Unknown field in where: {unknown}"))),
    }
}
