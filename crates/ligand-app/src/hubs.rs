//! The hubs: named groups of elements that share their resources' names, and the calls that go through them.

mod call;
mod discovery;
mod failure;
mod keeper;
mod operation;
pub(crate) mod responses;
mod select;

use std::{collections::BTreeSet, sync::Arc};

use ligand_domain::{Error, Id};
pub use ligand_element::{CallerBody, CallerPart, CallerRequest, PartContent};
use ligand_element::{Element, ResourceType};
pub use ligand_engine::{Download, Upload};

pub use call::{Answer, Body};
pub use operation::Operation;

use crate::App;

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

fn hub(index: usize, key: &str, name: &str) -> Hub {
    let id = i64::try_from(index + 1).ok().and_then(Id::new).expect("a list's length is a positive number");
    let description = format!("One API for the applications of the {name} hub");
    Hub { id, key: key.to_owned(), name: name.to_owned(), description }
}

impl App {
    /// All hubs, by id.
    #[must_use]
    pub fn hubs(&self) -> &[Hub] {
        self.catalog.hubs()
    }

    /// One hub by key, compared without regard to case.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`].
    pub fn hub(&self, key: &str) -> Result<&Hub, Error> {
        let found = self.hubs().iter().find(|hub| hub.key.eq_ignore_ascii_case(key));
        found.ok_or_else(|| Error::not_found("hub-not-found", format!("No hub found with key {key}")))
    }

    /// The names of the resources that elements of a hub offer, each once.
    #[must_use]
    pub fn hub_resources(&self, hub: &Hub) -> Vec<String> {
        let elements = self.catalog.elements().iter().filter(|element| element.hub() == hub.key);
        let resources = elements.flat_map(|element| element.resources_of(ResourceType::Api));
        let names: BTreeSet<&str> = resources.filter_map(|resource| resource.path.split('/').nth(3)).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}
