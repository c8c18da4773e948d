//! The hubs: named groups of elements that share their resources' names, and the calls that go through them.

mod call;
mod discovery;
mod failure;
mod keeper;
mod operation;
pub(crate) mod responses;
mod select;

use std::{collections::BTreeSet, sync::Arc};

use ligand_domain::{Caller, Error, Id};
pub use ligand_element::{CallerBody, CallerPart, CallerRequest, PartContent};
use ligand_element::{Element, ResourceType};
pub use ligand_engine::{Download, Upload};

pub use call::{Answer, Body};
pub(crate) use discovery::names as object_names;
pub use operation::Operation;

use crate::{App, elements::Item};

/// A hub of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// Its number, stable for the built-in ones.
    pub id: Id<Hub>,
    /// The path segment.
    pub key: String,
    /// Display name.
    pub name: String,
    /// One sentence.
    pub description: String,
}

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
];

/// All hubs for a catalog: the built-in ones, then those that only an element names.
pub(crate) fn of_elements(elements: &[Arc<Element>]) -> Vec<Hub> {
    let mut hubs: Vec<Hub> = BUILT_IN.iter().enumerate().map(|(index, (key, name))| hub(index, key, name)).collect();
    for element in elements {
        if !hubs.iter().any(|hub| hub.key == element.hub()) {
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
    Hub { id, key: key.to_owned(), name: name.to_owned(), description }
}

impl App {
    /// All hubs that a caller sees: those of the platform by id, then those that only elements of users name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hubs(&self, caller: Option<&Caller>) -> Result<Vec<Hub>, Error> {
        let mut hubs = self.catalog.hubs().to_vec();
        for item in self.listed_elements(caller).await? {
            if !hubs.iter().any(|hub| hub.key == item.hub()) {
                hubs.push(named_by_user(item.hub()));
            }
        }
        Ok(hubs)
    }

    /// One hub by key, compared without regard to case.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`].
    pub async fn hub(&self, caller: Option<&Caller>, key: &str) -> Result<Hub, Error> {
        let hubs = self.hubs(caller).await?;
        let found = hubs.into_iter().find(|hub| hub.key.eq_ignore_ascii_case(key));
        found.ok_or_else(|| Error::not_found("hub-not-found", format!("No hub found with key {key}")))
    }

    /// The elements of a hub that a caller sees in lists, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_elements(&self, caller: Option<&Caller>, hub: &Hub) -> Result<Vec<Item>, Error> {
        let mut items = self.listed_elements(caller).await?;
        items.retain(|item| item.hub() == hub.key);
        Ok(items)
    }

    /// The names of the resources that elements of a hub offer, each once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_resources(&self, caller: Option<&Caller>, hub: &Hub) -> Result<Vec<String>, Error> {
        let mut names = BTreeSet::new();
        let mut add = |element: &Element| {
            let resources = element.resources_of(ResourceType::Api);
            names.extend(resources.filter_map(|it| it.path.split('/').nth(3)).map(str::to_owned));
        };
        self.catalog.elements().iter().filter(|element| element.hub() == hub.key).for_each(|element| add(element));
        for item in self.hub_elements(caller, hub).await? {
            add(&*self.compiled(item.found(), caller).await?);
        }
        Ok(names.into_iter().collect())
    }
}
