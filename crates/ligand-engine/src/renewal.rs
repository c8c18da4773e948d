//! New tokens for an instance whose vendor no longer takes the old ones: one renewal at a time for all callers, and
//! what came of it for everybody who waited.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::BoxFuture;
use ligand_domain::{Configuration, Id, Instance};

use crate::Failure;

/// How many instances' renewals are remembered before those that nobody waits for are forgotten.
const REMEMBERED: usize = 1024;

/// Keeps the configuration of one instance; the engine changes it only through this.
pub trait Keeper: Send + Sync {
    /// The configuration as it is now.
    ///
    /// # Errors
    /// [`Failure::NotKept`] when it cannot be read.
    fn current(&self) -> BoxFuture<'_, Result<Configuration, Failure>>;

    /// Sets values. They are durable when this returns.
    ///
    /// # Errors
    /// [`Failure::NotKept`] when they are not.
    fn keep(&self, changes: Vec<(String, Option<String>)>) -> BoxFuture<'_, Result<(), Failure>>;
}

/// The renewals under way.
#[derive(Default)]
pub(crate) struct Renewals(Mutex<HashMap<Id<Instance>, Arc<Turn>>>);

/// Whose turn it is with an instance.
#[derive(Default)]
struct Turn {
    rounds: AtomicU64,
    /// Held during a renewal; how the last one ended.
    last: tokio::sync::Mutex<Option<Failure>>,
}

impl Renewals {
    /// The configuration to try again with: another one that is there already, or the one that `renew` makes. Who
    /// waited for another caller's renewal shares its outcome.
    pub(crate) async fn renewed<F>(
        &self,
        instance: Id<Instance>,
        used: &Configuration,
        keeper: &dyn Keeper,
        renew: impl FnOnce(Configuration) -> F,
    ) -> Result<Configuration, Failure>
    where
        F: Future<Output = Result<Configuration, Failure>>,
    {
        let turn = self.turn(instance);
        let seen = turn.rounds.load(Ordering::Acquire);
        let mut last = turn.last.lock().await;
        if turn.rounds.load(Ordering::Acquire) != seen {
            return match &*last {
                Some(failure) => Err(failure.clone()),
                None => keeper.current().await,
            };
        }
        let current = keeper.current().await?;
        if current != *used {
            return Ok(current);
        }
        let outcome = renew(current).await;
        *last = outcome.as_ref().err().cloned();
        turn.rounds.fetch_add(1, Ordering::AcqRel);
        outcome
    }

    fn turn(&self, instance: Id<Instance>) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= REMEMBERED {
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(instance).or_default())
    }
}
