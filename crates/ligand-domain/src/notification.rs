//! Notifications, those who subscribed to them, and their deliveries.

use serde_json::{Map, Value};

use crate::{Account, Id, Instance, Organization, Timestamp, User};

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($(#[$word_doc:meta])* $name:ident = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind { $($(#[$word_doc])* $name,)* }

        impl $kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// The one with this word.
            #[must_use]
            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.key() == key)
            }
        }
    };
}

words! {
    /// How grave a notification is.
    Severity {
        /// To know.
        Low = "low",
        /// To look at.
        Medium = "medium",
        /// To act on.
        High = "high",
    }
}

words! {
    /// How somebody is told.
    Channel {
        /// By an HTTP request.
        Webhook = "webhook",
        /// By e-mail.
        Email = "email",
        /// By a text message.
        Sms = "sms",
        /// By a push message.
        Push = "push",
    }
}

words! {
    /// How a delivery stands.
    DeliveryStatus {
        /// It has not been tried.
        Created = "created",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was handed over to somebody who brings it.
        Notified = "notified",
        /// It failed and is tried again.
        Retry = "retry",
        /// It failed, and waits until it is released.
        Queued = "queued",
    }
}

words! {
    /// What an attempt at a delivery came to.
    Outcome {
        /// The receiver took it.
        Accepted = "accepted",
        /// The receiver answered with a redirect, which is not followed.
        Redirected = "redirect",
        /// The receiver refused it (4xx).
        Refused = "client-error",
        /// The receiver failed (5xx).
        Failed = "server-error",
        /// The receiver answered with something that is no answer.
        Malformed = "malformed",
        /// There was no answer in time.
        TimedOut = "timeout",
        /// The receiver's name or address leads nowhere.
        Unreachable = "unreachable",
        /// No secure connection could be made.
        Insecure = "tls",
        /// The address must not be called.
        Forbidden = "address-refused",
        /// There is no way to deliver it.
        Impossible = "no-transport",
    }
}

/// What is told to those who subscribed to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Its number. That of an event's notification is the event's.
    pub id: Id<Notification>,
    /// Whose it is.
    pub organization_id: Id<Organization>,
    /// The account whose subscriptions count.
    pub account_id: Id<Account>,
    /// The instance it is about.
    pub instance_id: Option<Id<Instance>>,
    /// Who says it.
    pub from: String,
    /// What it is about.
    pub topic: String,
    /// How grave it is.
    pub severity: Severity,
    /// What it says, whole.
    pub message: Value,
    /// Whether somebody has acknowledged it.
    pub acknowledged: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Notification {
    /// What the API and receivers see of it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::json!({
            "id": self.id,
            "from": self.from,
            "topic": self.topic,
            "severity": self.severity.key(),
            "createdDate": self.created_at.to_iso_seconds(),
            "active": true,
            "acknowledged": self.acknowledged,
            "message": self.message,
        })
    }
}

/// Somebody who wants to be told.
#[derive(Clone, PartialEq)]
pub struct Subscription {
    /// Its number.
    pub id: Id<Subscription>,
    /// Whose it is.
    pub organization_id: Id<Organization>,
    /// Whose notifications it wants.
    pub account_id: Id<Account>,
    /// Who made it.
    pub user_id: Id<User>,
    /// The instance that made it of its configuration.
    pub instance_id: Option<Id<Instance>>,
    /// How to tell.
    pub channel: Channel,
    /// Of what.
    pub topics: Vec<String>,
    /// Where to. It can hold secrets.
    pub config: Map<String, Value>,
    /// Whether deliveries are tried at all.
    pub active: bool,
    /// Whether it is gone, and only its deliveries are remembered.
    pub deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Its configuration can hold secrets.
impl std::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("id", &self.id)
            .field("topics", &self.topics)
            .finish_non_exhaustive()
    }
}

/// A notification on its way to one subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its number.
    pub id: Id<Delivery>,
    /// What is delivered.
    pub notification_id: Id<Notification>,
    /// To whom.
    pub subscription_id: Id<Subscription>,
    /// The topic of what is delivered.
    pub topic: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something last became of it.
    pub updated_at: Timestamp,
    /// How often it has failed since it was made or released.
    pub failures: i64,
    /// When it failed first since then.
    pub first_failed_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// One attempt at a delivery.
#[derive(Clone, PartialEq)]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: i64,
    /// What it came to.
    pub outcome: Outcome,
    /// The status of the answer.
    pub status_code: Option<u16>,
    /// What was sent and answered, without secrets.
    pub exchange: Value,
}
