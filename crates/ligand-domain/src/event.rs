//! Events: what happened at a vendor, seen by polling or told by a webhook.

use crate::{Account, Id, Instance, Organization, Timestamp, User};

/// How far an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is stored.
    New,
    /// It is known whose it is, and not yet, or not at all, what it means.
    Received,
    /// Those who want to know of it are being told.
    Dispatched,
    /// Nobody wanted to know.
    Consumed,
    /// Somebody was told.
    Notified,
}

impl Status {
    /// All, in their order.
    pub const ALL: [Self; 5] = [Self::New, Self::Received, Self::Dispatched, Self::Consumed, Self::Notified];

    /// The word on the wire.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Received => "RECEIVED",
            Self::Dispatched => "DISPATCHED",
            Self::Consumed => "CONSUMED",
            Self::Notified => "NOTIFIED",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The platform asked the vendor.
    Polling,
    /// The vendor told.
    Webhook,
}

impl Source {
    /// The word for it in the store.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Webhook => "webhook",
        }
    }

    /// The source with this word.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Polling, Self::Webhook].into_iter().find(|source| source.key() == key)
    }
}

/// A stored event: up to so many changes at a vendor, of one instance, that were seen together.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number; the API shows it as text.
    pub id: Id<Event>,
    /// Whose instance it is.
    pub organization_id: Id<Organization>,
    /// The account of the instance's owner.
    pub account_id: Id<Account>,
    /// The owner.
    pub user_id: Id<User>,
    /// The instance.
    pub instance_id: Id<Instance>,
    /// The key of the instance's element.
    pub element_key: String,
    /// Where it comes from.
    pub source: Source,
    /// How far it has come.
    pub status: Status,
    /// Whether a delivery of it has failed.
    pub failed: bool,
    /// When it was received.
    pub created_at: Timestamp,
    /// When something last became of it.
    pub updated_at: Timestamp,
}
