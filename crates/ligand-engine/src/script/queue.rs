//! A queue that is fair to tenants: they take turns, and each has only so much under way at once.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

/// How many items of one tenant wait at the most.
pub(super) const MAX_WAITING: usize = 1_000;

/// The queue.
pub(super) struct FairQueue<T> {
    tenants: HashMap<u64, Tenant<T>>,
    /// Those that have something to do and may do it.
    turns: VecDeque<u64>,
    at_once: usize,
}

struct Tenant<T> {
    waiting: VecDeque<T>,
    running: usize,
    /// How many of those under way do not end when they should.
    stuck: usize,
    has_turn: bool,
}

impl<T> FairQueue<T> {
    /// A queue in which each tenant has up to `at_once` items under way.
    pub(super) fn new(at_once: usize) -> Self {
        Self { tenants: HashMap::new(), turns: VecDeque::new(), at_once: at_once.max(1) }
    }

    /// Adds an item; false when the tenant has too many.
    pub(super) fn push(&mut self, tenant: u64, item: T) -> bool {
        let entry = self.tenants.entry(tenant).or_insert_with(|| Tenant {
            waiting: VecDeque::new(),
            running: 0,
            stuck: 0,
            has_turn: false,
        });
        if entry.waiting.len() >= MAX_WAITING {
            return false;
        }
        entry.waiting.push_back(item);
        self.give_turn(tenant);
        true
    }

    /// The next item; [`FairQueue::finished`] must follow.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        while let Some(tenant) = self.turns.pop_front() {
            let Some(entry) = self.tenants.get_mut(&tenant) else { continue };
            entry.has_turn = false;
            if entry.stuck > 0 {
                continue;
            }
            let Some(item) = entry.waiting.pop_front() else { continue };
            entry.running += 1;
            self.give_turn(tenant);
            return Some((tenant, item));
        }
        None
    }

    /// An item of this tenant is no longer under way.
    pub(super) fn finished(&mut self, tenant: u64) {
        let Some(entry) = self.tenants.get_mut(&tenant) else { return };
        entry.running = entry.running.saturating_sub(1);
        if entry.running == 0 && entry.waiting.is_empty() {
            self.tenants.remove(&tenant);
        } else {
            self.give_turn(tenant);
        }
    }

    /// An item of this tenant does not end when it should: until it does, the tenant gets no turn.
    pub(super) fn stuck(&mut self, tenant: u64) {
        if let Some(entry) = self.tenants.get_mut(&tenant) {
            entry.stuck += 1;
        }
    }

    /// An item that was stuck goes on. [`FairQueue::finished`] must follow.
    pub(super) fn loose(&mut self, tenant: u64) {
        if let Some(entry) = self.tenants.get_mut(&tenant) {
            entry.stuck = entry.stuck.saturating_sub(1);
        }
    }

    /// Drops what waits.
    pub(super) fn clear(&mut self) {
        self.turns.clear();
        self.tenants.values_mut().for_each(|tenant| {
            tenant.waiting.clear();
            tenant.has_turn = false;
        });
    }

    fn give_turn(&mut self, tenant: u64) {
        let Some(entry) = self.tenants.get_mut(&tenant) else { return };
        let may = entry.stuck == 0 && !entry.has_turn;
        if may && !entry.waiting.is_empty() && entry.running < self.at_once {
            entry.has_turn = true;
            self.turns.push_back(tenant);
        }
    }
}
