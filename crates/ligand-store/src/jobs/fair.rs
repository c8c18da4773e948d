//! Who is next: organizations take turns, and within one its lanes, so that nobody's thousand jobs stand before
//! another's one. Pure.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, VecDeque},
};

#[cfg(test)]
mod tests;

/// How many organizations and lanes are remembered at most; forgetting one costs it nothing but its place.
const REMEMBERED: usize = 10_000;

/// A job that could be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: String,
    pub(crate) organization: i64,
    pub(crate) lane: String,
    pub(crate) lane_limit: usize,
    pub(crate) priority: i64,
    pub(crate) planned_at: i64,
}

/// What runs already.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Jobs of each organization in this worker.
    pub(crate) organizations: HashMap<i64, usize>,
    /// Jobs of each lane of an organization in all workers.
    pub(crate) lanes: HashMap<(i64, String), usize>,
}

/// Who had a turn when. A worker keeps it from claim to claim.
#[derive(Debug, Default)]
pub struct Turns {
    count: u64,
    organizations: HashMap<i64, u64>,
    lanes: HashMap<(i64, String), u64>,
    /// Behind which organization, and behind which lane of each, the next look at a long queue begins.
    pub(crate) organization_cursor: i64,
    pub(crate) lane_cursors: HashMap<i64, String>,
}

impl Turns {
    fn served(&mut self, organization: i64, lane: &str) {
        self.count += 1;
        self.organizations.insert(organization, self.count);
        self.lanes.insert((organization, lane.to_owned()), self.count);
        if self.lanes.len() > REMEMBERED {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let horizon = self.count.saturating_sub(REMEMBERED as u64 / 2);
        self.organizations.retain(|_, turn| *turn > horizon);
        self.lanes.retain(|_, turn| *turn > horizon);
        self.lane_cursors.retain(|organization, _| self.organizations.contains_key(organization));
    }
}

struct Lane {
    waiting: VecDeque<Candidate>,
    running: usize,
}

impl Lane {
    fn may_start(&self) -> Option<&Candidate> {
        self.waiting.front().filter(|head| self.running < head.lane_limit)
    }
}

/// Picks at most so many jobs, in the order in which they are to start: always from the organization with the fewest
/// jobs running here, of equal ones from that whose turn is longest ago; there from the lane with the most urgent head,
/// of equal ones from that with the fewest running and the turn longest ago.
pub(crate) fn choose(
    candidates: Vec<Candidate>,
    mut load: Load,
    turns: &mut Turns,
    most: usize,
    most_per_organization: usize,
) -> Vec<String> {
    let mut organizations: BTreeMap<i64, BTreeMap<String, Lane>> = BTreeMap::new();
    let mut candidates = candidates;
    candidates.sort_by(|a, b| (a.priority, a.planned_at, &a.id).cmp(&(b.priority, b.planned_at, &b.id)));
    for candidate in candidates {
        let lanes = organizations.entry(candidate.organization).or_default();
        let running = || load.lanes.get(&(candidate.organization, candidate.lane.clone())).copied().unwrap_or(0);
        let lane = lanes.entry(candidate.lane.clone());
        lane.or_insert_with(|| Lane { waiting: VecDeque::new(), running: running() }).waiting.push_back(candidate);
    }
    let mut chosen = Vec::new();
    while chosen.len() < most {
        let open = organizations.iter().filter(|(organization, lanes)| {
            load.organizations.get(organization).copied().unwrap_or(0) < most_per_organization
                && lanes.values().any(|lane| lane.may_start().is_some())
        });
        let next = open.map(|(organization, _)| *organization).min_by_key(|organization| {
            (load.organizations.get(organization).copied(), turns.organizations.get(organization).copied())
        });
        let Some(organization) = next else { break };
        let lanes = organizations.entry(organization).or_default();
        let startable = lanes.iter().filter_map(|(name, lane)| lane.may_start().map(|head| (name, lane, head)));
        let name = startable.min_by_key(|(name, lane, head)| {
            let turn = turns.lanes.get(&(organization, (*name).clone())).copied();
            (head.priority, lane.running, turn, head.planned_at, Reverse(lane.waiting.len()))
        });
        let Some(name) = name.map(|(name, ..)| name.clone()) else { break };
        let lane = lanes.get_mut(&name).and_then(|lane| lane.waiting.pop_front().map(|head| (lane, head)));
        let Some((lane, head)) = lane else { break };
        lane.running += 1;
        *load.organizations.entry(organization).or_insert(0) += 1;
        turns.served(organization, &name);
        chosen.push(head.id);
    }
    chosen
}
