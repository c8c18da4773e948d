//! The hubs: named groups of elements that share their resources' names, and the calls that go through them.

mod call;
mod discovery;
mod docs;
mod failure;
mod keeper;
mod operation;
mod request;
pub(crate) mod responses;
mod select;

use std::{collections::BTreeSet, sync::Arc};

use ligand_domain::{Caller, Error, ErrorKind, Hub, Id, Privilege};
pub use ligand_element::{CallerBody, CallerPart, CallerRequest, PartContent};
use ligand_element::{Element, ResourceType};
pub use ligand_engine::{Download, Upload};

pub use call::{Answer, Body};
pub(crate) use discovery::names as object_names;
pub(crate) use docs::own_object_name;
pub use operation::Operation;
pub(crate) use operation::template;
pub use request::NewHub;

use crate::{App, elements::Item, failure::of_store, paging::Position};

/// Key and display name of the built-in hubs; the place in the list is the id.
const BUILT_IN: &[(&str, &str)] = &[
    ("messaging", "Messaging"),
    ("documents", "Documents"),
    ("esignature", "E-Signature"),
    ("idmanagement", "Identity Management"),
    ("marketing", "Marketing"),
    ("pointofsale", "Point of Sale"),
    ("general", "General"),
    ("finance", "Finance"),
    ("questback", "Questback"),
    ("ocr", "OCR"),
    ("monitoring", "Monitoring"),
    ("db", "Database"),
    ("sageaccounting", "Sage Accounting"),
    ("sagepayroll", "Sage Payroll"),
    ("native", "Native"),
    ("fsa", "Field Service"),
    ("helpdesk", "Help Desk"),
    ("ecommerce", "E-Commerce"),
    ("collaboration", "Collaboration"),
    ("conferencing", "Conferencing"),
    ("payment", "Payment"),
    ("billing", "Billing"),
    ("expense", "Expense"),
    ("employee", "Employee"),
    ("scheduling", "Scheduling"),
    ("crm", "CRM"),
    ("analytics", "Analytics"),
    ("erp", "ERP"),
    ("social", "Social"),
    ("humancapital", "Human Capital"),
    ("screening", "Screening"),
    ("rewards", "Rewards"),
];

/// What every element offers, named for hubs that have none yet.
const EVERYWHERE: [&str; 3] = ["objects", "ping", "query"];

/// All hubs for a catalog: the built-in ones, then those that only an element names.
pub(crate) fn of_elements(elements: &[Arc<Element>]) -> Vec<Hub> {
    let mut hubs: Vec<Hub> = BUILT_IN.iter().enumerate().map(|(index, (key, name))| hub(index, key, name)).collect();
    for element in elements {
        if !has(&hubs, element.hub()) {
            hubs.push(hub(hubs.len(), element.hub(), element.hub()));
        }
    }
    hubs
}

/// A hub that no element of the platform names; its number follows from its key.
fn named_by_user(key: &str) -> Hub {
    let hash = blake3::hash(key.as_bytes());
    let first: [u8; 4] = hash.as_bytes()[..4].try_into().expect("a hash is longer than four bytes");
    Hub { id: Id::new(i64::from(u32::from_le_bytes(first) >> 1) | 0x10_0000).expect("positive"), ..hub(0, key, key) }
}

fn hub(index: usize, key: &str, name: &str) -> Hub {
    let id = i64::try_from(index + 1).ok().and_then(Id::new).expect("a list's length is a positive number");
    let description = format!("One API for the applications of the {name} hub");
    Hub { id, key: key.to_owned(), name: name.to_owned(), description, video_link: String::new(), active: true }
}

fn has(hubs: &[Hub], key: &str) -> bool {
    hubs.iter().any(|hub| hub.key.eq_ignore_ascii_case(key))
}

fn not_found(key: &str) -> Error {
    let key: String = key.chars().take(100).collect();
    Error::not_found("hub-not-found", format!("No hub found with key {key}"))
}

impl App {
    /// All hubs that a caller sees: those of the platform by id, then those of the organization, then those that only
    /// elements of users name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hubs(&self, caller: Option<&Caller>) -> Result<Vec<Hub>, Error> {
        let mut hubs = self.catalog.hubs().to_vec();
        if let Some(caller) = caller {
            let stored = self.store.list_hubs(caller.organization_id).await.map_err(of_store)?;
            hubs.extend(stored.into_iter().filter(|stored| !has(self.catalog.hubs(), &stored.key)));
        }
        let mut named = Vec::new();
        for item in self.listed_elements(caller).await? {
            if !has(&hubs, item.hub()) && !has(&named, item.hub()) {
                named.push(named_by_user(item.hub()));
            }
        }
        named.sort_by_key(|hub| hub.id);
        hubs.append(&mut named);
        Ok(hubs)
    }

    /// A page of the hubs that a caller sees and that are active, how many of them there are, and the token of the next
    /// page.
    ///
    /// # Errors
    /// Invalid for a bad page size or token; when the database fails.
    pub async fn page_of_hubs(
        &self,
        caller: Option<&Caller>,
        page_size: Option<&str>,
        next_page: Option<&str>,
    ) -> Result<(Vec<Hub>, i64, Option<String>), Error> {
        let position = Position::read(page_size, next_page)?;
        let mut hubs = self.hubs(caller).await?;
        hubs.retain(|hub| hub.active);
        hubs.sort_by_key(|hub| hub.id);
        let total = i64::try_from(hubs.len()).unwrap_or(i64::MAX);
        hubs.retain(|hub| hub.id.get() > position.after);
        let limit = usize::try_from(position.limit).unwrap_or(usize::MAX);
        let is_last = hubs.len() <= limit;
        hubs.truncate(limit);
        let next = hubs.last().filter(|_| !is_last).map(|last| position.next(last.id.get()));
        Ok((hubs, total, next))
    }

    /// One hub by key, compared without regard to case.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub async fn hub(&self, caller: Option<&Caller>, key: &str) -> Result<Hub, Error> {
        let hubs = self.hubs(caller).await?;
        hubs.into_iter().find(|hub| hub.key.eq_ignore_ascii_case(key)).ok_or_else(|| not_found(key))
    }

    /// Makes a hub of the caller's organization.
    ///
    /// # Errors
    /// Forbidden without the privilege; conflict when there is a hub with the key, which elements may have named
    /// before, unless it is only such a name.
    pub async fn create_hub(&self, caller: &Caller, new: &NewHub) -> Result<Hub, Error> {
        caller.demand(Privilege::CreateElements)?;
        let taken = || Error::new(ErrorKind::Conflict, "hub-exists", format!("A hub with key {} exists", new.0.key));
        if has(self.catalog.hubs(), &new.0.key) {
            return Err(taken());
        }
        self.store.create_hub(caller.organization_id, &new.0).await.map_err(|failed| match failed {
            ligand_store::Error::Conflict => taken(),
            other => of_store(other),
        })
    }

    /// Deletes a hub that the caller's organization has made. Its elements stay what they are.
    ///
    /// # Errors
    /// Forbidden without the privilege, and for a hub of the platform; conflict for one that only elements name;
    /// [`ErrorKind::NotFound`] for any other.
    pub async fn delete_hub(&self, caller: &Caller, key: &str) -> Result<(), Error> {
        caller.demand(Privilege::DeleteElements)?;
        let hub = self.hub(Some(caller), key).await?;
        if has(self.catalog.hubs(), &hub.key) {
            let message = format!("The hub {} is the platform's own and cannot be deleted", hub.key);
            return Err(Error::new(ErrorKind::Forbidden, "hub-built-in", message));
        }
        if self.store.delete_hub(caller.organization_id, hub.id).await.map_err(of_store)? {
            return Ok(());
        }
        let message = format!("The hub {} is there because elements name it, and goes with them", hub.key);
        Err(Error::new(ErrorKind::Conflict, "hub-named", message))
    }

    /// The elements of a hub that a caller sees in lists, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_elements(&self, caller: Option<&Caller>, hub: &Hub) -> Result<Vec<Item>, Error> {
        let mut items = self.listed_elements(caller).await?;
        items.retain(|item| item.hub().eq_ignore_ascii_case(&hub.key));
        Ok(items)
    }

    /// The names of the resources that elements of a hub offer, each once; of one without elements those that
    /// every element has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_resources(&self, caller: Option<&Caller>, hub: &Hub) -> Result<Vec<String>, Error> {
        let mut names = BTreeSet::new();
        let mut add = |element: &Element| {
            let resources = element.resources_of(ResourceType::Api);
            names.extend(resources.filter_map(|it| it.path.split('/').nth(3)).map(str::to_owned));
        };
        self.catalog
            .elements()
            .iter()
            .filter(|element| element.hub().eq_ignore_ascii_case(&hub.key))
            .for_each(|element| add(element));
        for item in self.hub_elements(caller, hub).await? {
            add(&*self.compiled(item.found(), caller).await?);
        }
        if names.is_empty() {
            names.extend(EVERYWHERE.map(str::to_owned));
        }
        Ok(names.into_iter().collect())
    }
}
