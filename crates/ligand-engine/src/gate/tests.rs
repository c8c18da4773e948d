//! The gate by itself: who waits, who is told, who probes.

use std::{sync::Arc, time::Duration};

use super::{CLOSED_FIRST, Closed, FAILURES, Gate, Gates, Pass, REMEMBERED, WIDE};
use crate::pace::now;

const SECOND: Duration = Duration::from_secs(1);

async fn enter(gate: &Arc<Gate>) -> Result<Pass, Closed> {
    gate.enter(now() + 10 * SECOND).await
}

async fn fail(gate: &Arc<Gate>, times: u32) {
    for _ in 0..times {
        enter(gate).await.unwrap().failed();
    }
}

#[tokio::test(start_paused = true)]
async fn all_callers_wait_for_what_one_was_told() {
    let gate = Arc::new(Gate::default());
    enter(&gate).await.unwrap().throttled(3 * SECOND);
    let began = now();
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move {
                let pass = enter(&gate).await.unwrap();
                pass.succeeded();
                now()
            })
        })
        .collect();
    for each in waiting {
        assert!(each.await.unwrap() - began >= 3 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn who_cannot_wait_is_told_at_once_how_long() {
    let gate = Arc::new(Gate::default());
    enter(&gate).await.unwrap().throttled(30 * SECOND);
    let began = now();
    assert_eq!(enter(&gate).await.err(), Some(Closed::Throttled(30 * SECOND)));
    assert_eq!(now(), began);
}

#[tokio::test(start_paused = true)]
async fn after_a_closure_calls_pass_one_by_one_first() {
    let gate = Arc::new(Gate::default());
    enter(&gate).await.unwrap().throttled(SECOND);
    let first = enter(&gate).await.unwrap();
    assert!(matches!(gate.enter(now() + SECOND).await.err(), Some(Closed::Throttled(_))), "one at a time");
    first.succeeded();
    drop(first);
    let (second, third) = (enter(&gate).await.unwrap(), enter(&gate).await.unwrap());
    drop((second, third));
    for _ in 0..WIDE {
        enter(&gate).await.unwrap().succeeded();
    }
    let mut inside = Vec::new();
    for _ in 0..100 {
        inside.push(enter(&gate).await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_close_the_gate_and_probes_open_it() {
    let gate = Arc::new(Gate::default());
    fail(&gate, FAILURES - 1).await;
    enter(&gate).await.unwrap().succeeded();
    fail(&gate, FAILURES).await;
    assert_eq!(enter(&gate).await.err(), Some(Closed::Failing(CLOSED_FIRST)));
    tokio::time::advance(CLOSED_FIRST).await;
    fail(&gate, 1).await;
    assert_eq!(enter(&gate).await.err(), Some(Closed::Failing(2 * CLOSED_FIRST)), "the probe failed");
    tokio::time::advance(2 * CLOSED_FIRST).await;
    enter(&gate).await.unwrap().succeeded();
    fail(&gate, FAILURES - 1).await;
    enter(&gate).await.unwrap().succeeded();
}

#[tokio::test(start_paused = true)]
async fn calls_that_nobody_waits_for_count_for_nothing() {
    let gate = Arc::new(Gate::default());
    fail(&gate, FAILURES - 1).await;
    drop(enter(&gate).await.unwrap());
    enter(&gate).await.unwrap().succeeded();
    assert!(gate.is_idle());
}

#[test]
fn idle_gates_are_forgotten() {
    let gates = Gates::default();
    let instance = |index: usize| ligand_domain::Id::new(i64::try_from(index).unwrap() + 1).unwrap();
    let kept = gates.of(instance(0), "http://a".to_owned());
    for index in 1..=REMEMBERED {
        gates.of(instance(index), "http://a".to_owned());
    }
    assert!(gates.0.lock().unwrap().len() < 10);
    assert!(Arc::ptr_eq(&kept, &gates.of(instance(0), "http://a".to_owned())));
    assert!(!Arc::ptr_eq(&kept, &gates.of(instance(0), "http://b".to_owned())));
}
