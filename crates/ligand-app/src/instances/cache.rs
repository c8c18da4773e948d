//! Instances in memory, so that a call with a known token needs no SQL.

use std::sync::Arc;

use ligand_domain::{Id, Instance, Secret, Timestamp};
use quick_cache::{Weighter, sync::Cache as Bounded};
use std::sync::Mutex;

use super::{Loaded, provision::size_of_configuration};
use crate::callers::Freshness;

/// About how many instances are remembered, and how many bytes they may take together.
const REMEMBERED: usize = 20_000;
const REMEMBERED_BYTES: u64 = 64 << 20;
/// What an instance takes besides its configuration and the answers made of it, in bytes.
const BASE_BYTES: u64 = 8 << 10;

/// Weighs an instance with the answers that will be kept with it.
#[derive(Clone)]
struct Bytes;

impl Weighter<Id<Instance>, (Timestamp, Arc<Loaded>)> for Bytes {
    fn weight(&self, _: &Id<Instance>, (_, loaded): &(Timestamp, Arc<Loaded>)) -> u64 {
        BASE_BYTES + 4 * size_of_configuration(&loaded.instance.configuration) as u64
    }
}

/// Loaded instances by id, and ids by token hash.
pub(crate) struct Cache {
    by_id: Bounded<Id<Instance>, (Timestamp, Arc<Loaded>), Bytes>,
    by_token: Bounded<[u8; 32], Id<Instance>>,
    /// Counts what was forgotten. Held while remembering and forgetting, so that what was read before a
    /// change is never remembered after it.
    epoch: Mutex<u64>,
    freshness: Freshness,
}

/// Taken before reading from the database, shown when the result is to be remembered.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    epoch: u64,
    read_at: Timestamp,
}

impl Cache {
    pub(crate) fn new(freshness: Freshness) -> Self {
        let by_id = Bounded::with_weighter(REMEMBERED, REMEMBERED_BYTES, Bytes);
        Self { by_id, by_token: Bounded::new(REMEMBERED), epoch: Mutex::new(0), freshness }
    }

    pub(crate) fn find(&self, id: Id<Instance>) -> Option<Arc<Loaded>> {
        self.by_id.get(&id).filter(|(read_at, _)| self.freshness.holds(*read_at)).map(|(_, loaded)| loaded)
    }

    pub(crate) fn find_by_token(&self, token: &Secret) -> Option<Arc<Loaded>> {
        self.by_token.get(&hash(token)).and_then(|id| self.find(id))
    }

    pub(crate) fn ticket(&self) -> Ticket {
        Ticket { epoch: *self.lock(), read_at: self.freshness.now() }
    }

    /// Remembers an instance, whose element is as it was at the moment that `element_at` tells.
    pub(crate) fn remember(&self, ticket: Ticket, loaded: &Arc<Loaded>, element_at: Timestamp) {
        let read_at = ticket.read_at.min(element_at);
        let epoch = self.lock();
        if *epoch == ticket.epoch {
            self.by_token.insert(hash(&loaded.instance.token), loaded.instance.id);
            self.by_id.insert(loaded.instance.id, (read_at, Arc::clone(loaded)));
        }
    }

    /// Forgets the instances of an element that changed.
    pub(crate) fn forget_element(&self, id: Id<ligand_domain::Element>) {
        let mut epoch = self.lock();
        *epoch += 1;
        self.by_id.retain(|_, (_, loaded)| loaded.instance.element_id != id);
    }

    pub(crate) fn forget(&self, instance: &Instance) {
        let mut epoch = self.lock();
        *epoch += 1;
        self.by_id.remove(&instance.id);
        self.by_token.remove(&hash(&instance.token));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u64> {
        self.epoch.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn hash(token: &Secret) -> [u8; 32] {
    *blake3::hash(token.expose().as_bytes()).as_bytes()
}
