//! Everything Ligand remembers: all SQL, its migrations, and the encryption of stored secrets.
//! One SQL text serves SQLite and PostgreSQL. What may be done with the data is decided in the layers above.

mod account_settings;
mod bootstrap;
mod callers;
mod catalog_properties;
mod deliveries;
mod elements;
mod error;
mod event_counts;
mod events;
mod hubs;
mod instances;
mod jobs;
mod key_file;
mod key_ring;
mod migrations;
mod notifications;
mod numbers;
mod oauth_proxies;
mod oauth_requests;
mod organizations;
mod pollers;
mod pruning;
mod renewals;
mod requests;
mod roles;
mod rotation;
mod row;
mod seal;
mod sessions;
mod sqlite;
mod store;
mod subscriptions;
mod usage;
mod users;
mod vault;
mod watches;

#[cfg(any(test, feature = "testing"))]
pub mod test_people;
#[cfg(any(test, feature = "testing"))]
pub mod test_schema;
#[cfg(test)]
mod testing;

pub use bootstrap::{AdministratorSecrets, Bootstrap};
pub use catalog_properties::PropertiesOf;
pub use deliveries::{Attempted, DELIVERY_JOB, DeliveryFilter, Dispatch};
pub use elements::{ElementChanges, ElementRow, ExtensionRow, NewElement, Revised, Subject, Version};
pub use error::Error;
pub use event_counts::{CountBy, CountFilter, EventCount};
pub use events::{EVENT_JOB, EventFilter, EventStep, NewEvent, NewEvents};
pub use instances::{InstanceFilter, InstanceOwner, InstancePage, NewInstance};
pub use jobs::{Claim, Claimed, Hearing, JobCounts, Turns};
pub use key_ring::{KeyError, KeyRing};
pub use notifications::{NewNotification, NotificationFilter};
pub use oauth_proxies::{OauthProxy, OauthProxyId};
pub use oauth_requests::OauthRequest;
pub use pollers::{Mark, POLL_JOB, PollPlan, Polled, poll_job_key};
pub use renewals::Renewer;
pub use requests::KeptRequest;
pub use rotation::Rotation;
pub use store::{Engine, Options, Store};
pub use subscriptions::NewSubscription;
pub use usage::{ElementsUsed, UsageCount, UsageFilter, UsageRecord};
pub use watches::{Finder, Watch, event_topic};
