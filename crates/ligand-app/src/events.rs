//! Events of instances: what vendors tell by webhooks is taken, understood, and stored with all that follows from it.

mod analytics;
mod challenge;
mod hooks;
mod listing;
mod normalise;
mod payload;
mod polling;
mod receiving;
mod recording;
mod signature;
mod watch;

use std::{num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ligand_domain::{Error, ErrorKind, Id, Instance};

pub use analytics::{Breakdown, CountQuery};
pub use challenge::Reply;
pub(crate) use hooks::kind;
pub use listing::{EventQuery, Scope};
pub use payload::Incoming;
pub(crate) use polling::kind as polling_kind;
pub(crate) use watch::Owned;
pub use watch::callback_url;

/// Bounds on events.
#[derive(Debug, Clone)]
pub struct Options {
    /// Webhooks per second that are taken for one instance.
    pub instance_per_second: NonZeroU32,
    /// Webhooks per second that are taken for one element.
    pub element_per_second: NonZeroU32,
    /// After how many failed polls in a row an instance is polled no more.
    pub poll_failures: u32,
    /// How long events and notifications are kept.
    pub retention: Duration,
    /// How long deliveries are kept that wait to be released.
    pub queued_retention: Duration,
}

/// How many instances and elements are remembered before those without webhooks lately are forgotten.
const REMEMBERED: usize = 10_000;

/// Keeps floods of webhooks from drowning everything else.
pub(crate) struct Floods {
    instances: DefaultKeyedRateLimiter<Id<Instance>>,
    elements: DefaultKeyedRateLimiter<String>,
}

impl Floods {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            instances: RateLimiter::keyed(Quota::per_second(options.instance_per_second)),
            elements: RateLimiter::keyed(Quota::per_second(options.element_per_second)),
        }
    }

    fn admit_element(&self, key: &str) -> Result<(), Error> {
        if self.elements.len() > REMEMBERED {
            self.elements.retain_recent();
        }
        self.elements.check_key(&key.to_owned()).map_err(|_| flooded())
    }

    fn admit_instance(&self, id: Id<Instance>) -> Result<(), Error> {
        if self.instances.len() > REMEMBERED {
            self.instances.retain_recent();
        }
        self.instances.check_key(&id).map_err(|_| flooded())
    }
}

fn flooded() -> Error {
    Error::new(ErrorKind::TooMany, "webhooks-too-many", "Too many webhooks, try again later").retry_after(1)
}
