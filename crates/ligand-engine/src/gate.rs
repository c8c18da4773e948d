//! The gate in front of one vendor's host for one instance, shared by all of the instance's callers: closed while the
//! vendor asks to wait and while it fails again and again, opened by degrees afterwards.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ligand_domain::{Id, Instance};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

use crate::pace::now;

/// How many failures in a row close the gate.
const FAILURES: u32 = 5;
/// How long it is closed after them; each further time twice as long.
const CLOSED_FIRST: Duration = Duration::from_secs(2);
/// The longest time that failures close it.
const CLOSED_LONGEST: Duration = Duration::from_secs(60);
/// After a closure one call may pass at a time, with each success one more, until from here on all may.
const WIDE: u32 = 32;
/// How many gates are remembered before those that nothing depends on are forgotten.
const REMEMBERED: usize = 4096;

/// Why a call may not pass now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The vendor asks to wait this long, which is longer than the caller can.
    Throttled(Duration),
    /// The vendor has failed again and again; it is asked again after this time.
    Failing(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Throttled,
    Failing,
}

#[derive(Default)]
struct State {
    closed: Option<(Instant, Reason)>,
    /// How many may be inside; all, when it says nothing.
    width: Option<u32>,
    inside: u32,
    failures: u32,
    closures: u32,
}

/// A gate. See the module.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

/// An instance, and an origin that it calls; no instance, and an endpoint of callbacks.
type Way = (Option<Id<Instance>>, String);

/// All gates.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<Way, Arc<Gate>>>);

impl Gates {
    /// The gate of an instance in front of an origin.
    pub(crate) fn of(&self, instance: Id<Instance>, origin: String) -> Arc<Gate> {
        self.on((Some(instance), origin))
    }

    /// The gate in front of an endpoint of callbacks.
    pub(crate) fn of_callbacks(&self, endpoint: String) -> Arc<Gate> {
        self.on((None, endpoint))
    }

    fn on(&self, way: Way) -> Arc<Gate> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() >= REMEMBERED {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.is_idle());
        }
        Arc::clone(gates.entry(way).or_default())
    }
}

/// The right to make one call; given back when dropped. A call that ends without a verdict, because its caller went
/// away, says nothing about the vendor.
pub(crate) struct Pass(Arc<Gate>);

impl Gate {
    /// Waits for the right to call: as long as the vendor asked for, but never beyond `patience`.
    pub(crate) async fn enter(self: &Arc<Self>, patience: Instant) -> Result<Pass, Closed> {
        loop {
            let changed = self.changed.notified();
            match self.try_enter(patience)? {
                Turn::Pass => return Ok(Pass(Arc::clone(self))),
                Turn::Later(opens) => sleep_until(opens).await,
                Turn::Crowded => {
                    let waited = timeout_at(patience, changed).await;
                    waited.map_err(|_| Closed::Throttled(CLOSED_FIRST))?;
                }
            }
        }
    }

    fn try_enter(&self, patience: Instant) -> Result<Turn, Closed> {
        let mut state = self.lock();
        if let Some((opens, reason)) = state.closed {
            let wait = opens.saturating_duration_since(now());
            match reason {
                _ if wait.is_zero() => state.closed = None,
                Reason::Failing => return Err(Closed::Failing(wait)),
                Reason::Throttled if opens > patience => return Err(Closed::Throttled(wait)),
                Reason::Throttled => return Ok(Turn::Later(opens)),
            }
        }
        if state.width.is_some_and(|width| state.inside >= width) {
            return Ok(Turn::Crowded);
        }
        state.inside += 1;
        Ok(Turn::Pass)
    }

    /// Closes the gate for as long as the vendor asks.
    fn close(state: &mut State, wait: Duration, reason: Reason) {
        let opens = now() + wait;
        if state.closed.is_none_or(|(other, _)| other < opens) {
            state.closed = Some((opens, reason));
        }
        state.width = Some(1);
    }

    fn is_idle(&self) -> bool {
        let state = self.lock();
        state.closed.is_none() && state.width.is_none() && state.inside == 0 && state.failures == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Turn {
    Pass,
    Later(Instant),
    Crowded,
}

impl Pass {
    /// The vendor answered.
    pub(crate) fn succeeded(&self) {
        let mut state = self.0.lock();
        state.failures = 0;
        state.closures = 0;
        state.width = state.width.map(|width| width + 1).filter(|width| *width < WIDE);
    }

    /// The vendor asked to wait.
    pub(crate) fn throttled(&self, wait: Duration) {
        Gate::close(&mut self.0.lock(), wait, Reason::Throttled);
    }

    /// The vendor failed, or could not be reached.
    pub(crate) fn failed(&self) {
        let mut state = self.0.lock();
        state.failures += 1;
        let probing = state.closures > 0;
        if state.failures >= FAILURES || probing {
            let wait = CLOSED_FIRST.saturating_mul(1 << state.closures.min(16)).min(CLOSED_LONGEST);
            state.closures += 1;
            state.failures = 0;
            Gate::close(&mut state, wait, Reason::Failing);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.lock().inside -= 1;
        self.0.changed.notify_waiters();
    }
}
