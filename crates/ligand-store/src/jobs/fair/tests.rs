//! Whose turn it is, with queues of every shape.

use std::collections::HashMap;

use super::{Candidate, Load, Turns, choose};

fn candidate(organization: i64, lane: &str, number: i64) -> Candidate {
    Candidate {
        id: format!("{organization}/{lane}/{number}"),
        organization,
        lane: lane.to_owned(),
        lane_limit: 100,
        priority: 0,
        planned_at: number,
    }
}

fn queue(organization: i64, lane: &str, count: i64) -> impl Iterator<Item = Candidate> {
    let lane = lane.to_owned();
    (0..count).map(move |number| candidate(organization, &lane, number))
}

fn shares(chosen: &[String]) -> HashMap<&str, usize> {
    chosen.iter().fold(HashMap::new(), |mut shares, id| {
        *shares.entry(id.rsplit_once('/').map_or("", |(lane, _)| lane)).or_default() += 1;
        shares
    })
}

#[test]
fn a_lane_starts_in_the_order_of_priority_time_and_enqueuing() {
    let mut jobs: Vec<Candidate> = queue(1, "a", 4).collect();
    jobs[3].priority = -1;
    jobs[0].planned_at = 9;
    let chosen = choose(jobs, Load::default(), &mut Turns::default(), 10, 10);
    assert_eq!(chosen, ["1/a/3", "1/a/1", "1/a/2", "1/a/0"]);
}

#[test]
fn organizations_share_alike_however_long_their_queues_are() {
    let jobs = queue(1, "a", 400).chain(queue(1, "b", 90)).chain(queue(2, "a", 20)).chain(queue(3, "x", 2));
    let chosen = choose(jobs.collect(), Load::default(), &mut Turns::default(), 20, 100);
    let shares = shares(&chosen);
    assert_eq!((shares["3/x"], shares["2/a"], shares["1/a"] + shares["1/b"]), (2, 9, 9));
    assert!(shares["1/a"].abs_diff(shares["1/b"]) <= 1, "{shares:?}");
}

#[test]
fn with_one_place_at_a_time_everybody_gets_a_turn() {
    let mut turns = Turns::default();
    let mut order = String::new();
    for _ in 0..6 {
        let jobs = queue(1, "a", 300).chain(queue(2, "a", 300)).chain(queue(3, "a", 300));
        let chosen = choose(jobs.collect(), Load::default(), &mut turns, 1, 10);
        order.push_str(&chosen[0][..1]);
    }
    assert_eq!(order, "123123");
}

#[test]
fn limits_of_lanes_and_organizations_count_what_runs_already() {
    let limited = |lane: &str, limit| {
        queue(1, lane, 9).map(move |job| Candidate { lane_limit: limit, ..job }).collect::<Vec<_>>()
    };
    let load = |here: usize| Load {
        organizations: HashMap::from([(1, here)]),
        lanes: HashMap::from([((1, "a".to_owned()), 2), ((2, "a".to_owned()), 50)]),
    };
    assert_eq!(choose(limited("a", 3), load(0), &mut Turns::default(), 9, 9).len(), 1);
    assert_eq!(choose(limited("a", 2), load(0), &mut Turns::default(), 9, 9).len(), 0);
    assert_eq!(choose(limited("b", 100), load(4), &mut Turns::default(), 9, 5).len(), 1);
    assert_eq!(choose(limited("b", 1), Load::default(), &mut Turns::default(), 9, 5), ["1/b/0"]);
}

#[test]
fn whoever_runs_much_waits_for_whoever_runs_little() {
    let load = Load { organizations: HashMap::from([(1, 5)]), ..Load::default() };
    let jobs = queue(1, "a", 50).chain(queue(2, "a", 50));
    let chosen = choose(jobs.collect(), load, &mut Turns::default(), 5, 100);
    assert!(chosen.iter().all(|id| id.starts_with("2/")), "{chosen:?}");
}

#[test]
fn what_is_remembered_of_turns_is_bounded() {
    let mut turns = Turns::default();
    for round in 0..300_i64 {
        let jobs = (0..100).map(|lane| candidate(round, &format!("lane{lane}"), 0)).collect();
        choose(jobs, Load::default(), &mut turns, 100, 100);
    }
    assert!(turns.lanes.len() <= 10_000 && turns.organizations.len() <= 10_000);
}
