//! Everything Ligand remembers: all SQL, its migrations, and the encryption of stored secrets.
//! One SQL text serves SQLite and PostgreSQL. What may be done with the data is decided in the layers above.

mod bootstrap;
mod callers;
mod catalog_properties;
mod elements;
mod error;
mod hubs;
mod instances;
mod jobs;
mod key_file;
mod key_ring;
mod migrations;
mod oauth_proxies;
mod oauth_requests;
mod organizations;
mod renewals;
mod requests;
mod roles;
mod rotation;
mod row;
mod seal;
mod sessions;
mod sqlite;
mod store;
mod usage;
mod users;
mod vault;

#[cfg(any(test, feature = "testing"))]
pub mod test_people;
#[cfg(any(test, feature = "testing"))]
pub mod test_schema;
#[cfg(test)]
mod testing;

pub use bootstrap::{AdministratorSecrets, Bootstrap};
pub use catalog_properties::PropertiesOf;
pub use elements::{ElementChanges, ElementRow, ExtensionRow, NewElement, Revised, Subject, Version};
pub use error::Error;
pub use instances::{InstanceFilter, InstanceOwner, InstancePage, NewInstance};
pub use jobs::{Claim, Claimed, Hearing, JobCounts, Turns};
pub use key_ring::{KeyError, KeyRing};
pub use oauth_proxies::{OauthProxy, OauthProxyId};
pub use oauth_requests::OauthRequest;
pub use renewals::Renewer;
pub use requests::KeptRequest;
pub use rotation::Rotation;
pub use store::{Engine, Options, Store};
pub use usage::{UsageCount, UsageFilter, UsageRecord};
