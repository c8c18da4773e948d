//! Leases, limits, and the bell.

use ligand_domain::{Id, NewJob, job::Ending};
use serde_json::Value;

use super::{START, at, end, names, new, take};
use crate::{Claim, Turns, testing::on_each_engine};

#[tokio::test]
async fn a_lease_that_runs_out_gives_the_job_to_another_worker() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        store.enqueue_jobs(&[new("j", 0)]).await.unwrap();
        let mine = take(store, 0, "w", 1).await.remove(0);
        fixture.clock.set(START + 59_000);
        assert_eq!(
            store.extend_leases("w", std::slice::from_ref(&mine.id), at(100_000)).await.unwrap(),
            std::slice::from_ref(&mine.id)
        );
        assert_eq!(store.next_job_due().await.unwrap(), Some(at(100_000)));
        fixture.clock.set(START + 99_000);
        assert!(take(store, 99_000, "v", 1).await.is_empty());
        fixture.clock.set(START + 100_000);
        let theirs = take(store, 100_000, "v", 1).await.remove(0);
        assert_eq!((&theirs.id, theirs.attempts, theirs.losses, theirs.planned_at), (&mine.id, 2, 1, at(0)));
        assert!(store.extend_leases("w", std::slice::from_ref(&mine.id), at(900_000)).await.unwrap().is_empty());
        assert!(!end(store, "w", &mine, Ending::Done(Value::Null)).await);
        assert!(end(store, "v", &theirs, Ending::Retry { at: at(100_000), why: "once more".into() }).await);
        let again = take(store, 100_000, "w", 1).await.remove(0);
        assert_eq!((again.attempts, again.losses), (3, 0));
        assert_eq!(store.release_jobs("w").await.unwrap(), 1);
        let released = take(store, 100_000, "v", 1).await.remove(0);
        assert_eq!((released.attempts, released.losses), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn a_lane_of_one_runs_in_order_over_all_workers() {
    on_each_engine(async |fixture| {
        let second = fixture.second().await;
        let jobs: Vec<NewJob> = (0..9).map(|number| new(&number.to_string(), 0).in_lane("ordered", 1)).collect();
        fixture.store.enqueue_jobs(&jobs).await.unwrap();
        let mut order = String::new();
        for turn in 0..9 {
            let (store, other) = if turn % 2 == 0 { (&fixture.store, &second) } else { (&second, &fixture.store) };
            let taken = take(store, 0, "w", 5).await;
            assert_eq!(taken.len(), 1);
            assert!(take(other, 0, "v", 5).await.is_empty());
            order.push_str(names(&taken)[0]);
            assert!(end(store, "w", &taken[0], Ending::Done(Value::Null)).await);
        }
        assert_eq!(order, "012345678");
        second.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_left_is_told_and_unknown_kinds_are_left_alone() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let unknown = NewJob::new("from-a-newer-program", Value::Null, at(0));
        let mine: Vec<NewJob> = (0..6).map(|number| new(&number.to_string(), 0).in_lane("l", 4)).collect();
        store.enqueue_jobs(&[vec![unknown], mine].concat()).await.unwrap();
        let mut turns = Turns::default();
        let claim = |jobs| Claim { lease: "w", until: at(1_000), kinds: &["test"], jobs, jobs_per_organization: 9 };
        let claimed = store.claim_jobs(&mut turns, &claim(3)).await.unwrap();
        assert!(claimed.left && claimed.jobs.len() == 3);
        let claimed = store.claim_jobs(&mut turns, &claim(3)).await.unwrap();
        assert!(claimed.left && claimed.jobs.len() == 1, "the lane is full");
        store.end_jobs("w", &[(claimed.jobs[0].clone(), Ending::Fail(String::new()))]).await.unwrap();
        let claimed = store.claim_jobs(&mut turns, &claim(1)).await.unwrap();
        assert!(claimed.left && claimed.jobs.len() == 1);
        let per_organization = Claim { lease: "v", jobs_per_organization: 0, ..claim(9) };
        assert!(store.claim_jobs(&mut turns, &per_organization).await.unwrap().jobs.is_empty());
        let none = Claim { kinds: &[], ..claim(9) };
        assert!(store.claim_jobs(&mut turns, &none).await.unwrap().jobs.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_organization_with_one_job_does_not_stand_behind_a_thousand() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let of = |organization, number: i64| NewJob {
            organization_id: Id::new(organization),
            ..new(&format!("{organization}-{number}"), number)
        };
        let noisy: Vec<NewJob> = (0..1_000).map(|number| of(1, number).in_lane("noisy", 1_000)).collect();
        store.enqueue_jobs(&noisy).await.unwrap();
        fixture.clock.set(START + 5_000);
        store.enqueue_jobs(&[of(2, 4_000)]).await.unwrap();
        let taken = take(store, 5_000, "w", 4).await;
        assert_eq!(names(&taken), ["1-0", "2-4000", "1-1", "1-2"]);
    })
    .await;
}

#[tokio::test]
async fn the_bell_rings_after_the_change_and_in_other_processes() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let mut hearing = store.hear_of_work();
        store.enqueue_jobs(&[new("j", 0).with_key("j")]).await.unwrap();
        hearing.rung().await;
        assert_eq!(take(store, 0, "w", 1).await.len(), 1);
        store.enqueue_jobs(&[new("j", 0).with_key("j")]).await.unwrap();
        let quiet = tokio::select! {
            biased;
            () = hearing.rung() => false,
            () = tokio::task::yield_now() => true,
        };
        assert!(quiet, "nothing new");
        if store.engine() == crate::Engine::Postgres {
            let second = fixture.second().await;
            let mut hearing = second.hear_of_work();
            let relay = tokio::spawn({
                let second = second.clone();
                async move { second.relay_announcements().await }
            });
            hearing.rung().await; // it listens now
            store.enqueue_jobs(&[new("k", 0)]).await.unwrap(); // somebody hears in that process, so others are not told
            store.pass_on_work().await.unwrap();
            hearing.rung().await;
            relay.abort();
            second.close().await;
            let third = fixture.second().await;
            let relay = tokio::spawn({
                let store = store.clone();
                async move { store.relay_announcements().await }
            });
            let mut hearing = store.hear_of_work();
            hearing.rung().await;
            third.enqueue_jobs(&[new("l", 0)]).await.unwrap();
            hearing.rung().await;
            relay.abort();
            third.close().await;
        }
    })
    .await;
}
