//! The catalog as a caller sees it, by id.

use std::sync::Arc;

use ligand_ceql::Condition;
use ligand_domain::{Caller, Error, Privilege};
use ligand_element::{View, document};
use serde_json::Value;

use super::{
    access::{Found, nearness},
    registry::Index,
};
use crate::{App, paging::Position};

/// What to list of the catalog.
#[derive(Debug, Default)]
pub struct Query {
    /// `where` as it was sent.
    pub condition: Option<String>,
    /// `pageSize` as it was sent.
    pub page_size: Option<String>,
    /// `nextPage` as it was sent.
    pub next_page: Option<String>,
    /// The short form is asked for.
    pub abridged: bool,
}

/// An element of a list.
#[derive(Clone)]
pub struct Item {
    found: Found,
    /// The caller's account added something to it.
    is_extended: bool,
}

impl Item {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.found.key()
    }

    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// The hub, in lower case.
    #[must_use]
    pub fn hub(&self) -> &str {
        self.found.hub()
    }

    /// The short form.
    #[must_use]
    pub fn short(&self) -> Value {
        let mut short = match &self.found {
            Found::Platform(element) => element.to_json(View::Abridged),
            Found::Stored(stored) => Value::Object(stored.summary.clone()),
        };
        if let Found::Platform(_) = self.found {
            short["extendable"] = Value::Bool(true);
            short["extended"] = Value::Bool(self.is_extended);
        }
        short
    }

    fn is_shadowed(&self, index: &Index, caller: Option<&Caller>) -> bool {
        let Found::Platform(element) = &self.found else { return false };
        index.with_key(element.key()).any(|stored| nearness(&stored.row, caller).is_some())
    }
}

/// A page of the catalog.
pub struct Page {
    /// The elements, by id, as answers show them.
    pub items: Vec<Value>,
    /// How many match in all.
    pub total: i64,
    /// The token of the next page, absent on the last.
    pub next_page: Option<String>,
}

/// A field of a condition that is no property of an element, but asks for the short form.
const ABRIDGED: &str = "abridged";

impl App {
    /// Reads which elements there are, and gives their number: those of the platform and those of all users.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_elements(&self) -> Result<usize, Error> {
        Ok(self.catalog.elements().len() + self.registry.index().await?.all().count())
    }

    /// The elements that a caller sees in lists, by id: those that are active, and of those that are not its own
    /// account's; to who runs the installation, and so owns the elements of the platform, those of them too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listed_elements(&self, caller: Option<&Caller>) -> Result<Vec<Item>, Error> {
        let index = self.registry.index().await?;
        Ok(self.listed(&index, caller))
    }

    fn listed(&self, index: &Index, caller: Option<&Caller>) -> Vec<Item> {
        let owner = caller.is_some_and(|caller| caller.privileges.contains(Privilege::System));
        let platform = self.catalog.elements().iter().filter(|element| owner || element.is_active());
        let platform = platform.map(|element| {
            let is_extended = caller.is_some_and(|caller| index.is_extended(element.id(), caller.account_id));
            Item { found: Found::Platform(Arc::clone(element)), is_extended }
        });
        let stored = index.all().filter(|stored| {
            let is_active = stored.summary.get("active") != Some(&Value::Bool(false));
            nearness(&stored.row, caller).is_some_and(|nearness| is_active || nearness == 0)
        });
        let stored = stored.map(|stored| Item { found: Found::Stored(Arc::clone(stored)), is_extended: false });
        let mut items: Vec<Item> = platform.chain(stored).collect();
        items.sort_by_key(|item| item.found.id());
        items
    }

    /// A page of the catalog; empty when nothing matches.
    ///
    /// # Errors
    /// Invalid for a condition that does not parse or names an unknown field, and for bad paging.
    pub async fn list_elements(&self, caller: Option<&Caller>, query: &Query) -> Result<Page, Error> {
        let (items, total, next_page, abridged) = self.page(caller, query, false).await?;
        let mut shown = Vec::with_capacity(items.len());
        for item in items {
            shown.push(if abridged {
                item.short()
            } else {
                Value::Object(document::shown(self.document(&item.found, caller).await?))
            });
        }
        Ok(Page { items: shown, total, next_page })
    }

    /// A page of keys, each once.
    ///
    /// # Errors
    /// As [`App::list_elements`].
    pub async fn list_element_keys(&self, caller: Option<&Caller>, query: &Query) -> Result<Page, Error> {
        let (items, total, next_page, _) = self.page(caller, query, true).await?;
        Ok(Page { items: items.iter().map(|item| Value::from(item.key())).collect(), total, next_page })
    }

    async fn page(
        &self,
        caller: Option<&Caller>,
        query: &Query,
        each_key_once: bool,
    ) -> Result<(Vec<Item>, i64, Option<String>, bool), Error> {
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let condition = ligand_ceql::parse_where(query.condition.as_deref().unwrap_or_default())
            .map_err(|broken| Error::invalid("where-invalid", broken.to_string()))?;
        if let Some(condition) = &condition {
            known_fields(condition)?;
        }
        let index = self.registry.index().await?;
        let fits = |item: &Item| condition.as_ref().is_none_or(|condition| condition.matches(&searchable(item)));
        let mut matching = self.listed(&index, caller);
        matching.retain(|item| fits(item) && !(each_key_once && item.is_shadowed(&index, caller)));
        let total = i64::try_from(matching.len()).unwrap_or(i64::MAX);
        let last = matching.last().map(|item| item.found.id());
        let rest = matching.into_iter().skip_while(|item| item.found.id().get() <= position.after);
        let items: Vec<Item> = rest.take(position.limit as usize).collect();
        let next_page = items.last().map(|item| item.found.id()).filter(|id| Some(*id) != last);
        let asks = |condition: Condition| condition.fields().any(|field| field.to_string() == ABRIDGED);
        let abridged = query.abridged || condition.is_some_and(asks);
        Ok((items, total, next_page.map(|id| position.next(id.get())), abridged))
    }
}

/// The members of an element that a condition may name.
fn searchable(item: &Item) -> Value {
    let mut members = item.short();
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

fn known_fields(condition: &Condition) -> Result<(), Error> {
    match condition.fields().map(|field| field.to_string()).find(|field| !FIELDS.contains(&field.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::invalid("where-field-unknown", format!("Unknown field in where: {unknown}"))),
    }
}
