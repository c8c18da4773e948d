//! Polled resources of instances, and how far their polling has come.

use crate::{Id, Instance, Timestamp};

/// A polled resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poller {
    /// Its number.
    pub id: Id<Poller>,
    /// Whose it is.
    pub instance_id: Id<Instance>,
    /// What is polled.
    pub object_name: String,
    /// With which request, date tokens and all.
    pub poll_url: String,
    /// When the last poll began that succeeded, or the resource came to be polled.
    pub last_poll_at: Timestamp,
    /// How many polls in a row have failed.
    pub error_count: i64,
    /// What went wrong in the last one.
    pub last_error: Option<String>,
    /// Whether it is polled no more because it failed too often.
    pub disabled: bool,
    /// When it came to be polled.
    pub created_at: Timestamp,
    /// When it was last polled or changed.
    pub updated_at: Timestamp,
}
