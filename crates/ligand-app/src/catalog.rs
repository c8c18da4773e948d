//! The catalog of system elements, which are the same for everybody: found by key, alias or id.

use std::{collections::HashMap, sync::Arc};

use ligand_domain::{Element as ElementId, Error, Hub, Id};
pub use ligand_element::{Element, View};

use crate::hubs;

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

pub(crate) fn not_found(what: &str, asked: &str) -> Error {
    let asked: String = asked.chars().take(REPEATED_CHARS).collect();
    Error::not_found("element-not-found", format!("No element found with {what} {asked}"))
}

fn clash(first: &Element, second: &Element, claim: String) -> Clash {
    Clash { first: first.key().to_owned(), second: second.key().to_owned(), claim }
}
