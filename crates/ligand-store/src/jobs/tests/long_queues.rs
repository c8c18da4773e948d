//! Queues that are too long to be looked at as a whole, and many workers at once.

use std::collections::{BTreeMap, HashSet};

use ligand_domain::{Id, NewJob, job::Ending};
use serde_json::Value;

use super::{START, at, name, new, take};
use crate::{Claim, Turns, testing::on_each_engine};

#[tokio::test]
async fn in_a_long_queue_every_organization_and_lane_gets_its_turn() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let job = |organization: i64, lane: usize, number: usize| NewJob {
            organization_id: Id::new(organization),
            ..new(&format!("{organization}:{lane}"), i64::try_from(number).unwrap()).in_lane(format!("{lane:03}"), 50)
        };
        let mut jobs: Vec<NewJob> = (0..1_000).map(|number| job(1, number % 40, number)).collect();
        jobs.extend((0..100).map(|number| job(2, 0, number)));
        jobs.extend((0..70).map(|organization| job(organization + 3, 0, 2_000)));
        store.enqueue_jobs(&jobs).await.unwrap();
        fixture.clock.set(START + 10_000);
        let (mut turns, mut taken) = (Turns::default(), BTreeMap::<String, usize>::new());
        for _ in 0..30 {
            let until = at(100_000);
            let claim = Claim { lease: "w", until, kinds: &["test"], jobs: 12, jobs_per_organization: 1_000 };
            let claimed = store.claim_jobs(&mut turns, &claim).await.unwrap();
            assert_eq!(claimed.jobs.len(), 12);
            assert!(claimed.left);
            claimed.jobs.iter().for_each(|job| *taken.entry(name(job).to_owned()).or_default() += 1);
            let endings: Vec<_> = claimed.jobs.into_iter().map(|job| (job, Ending::Done(Value::Null))).collect();
            store.end_jobs("w", &endings).await.unwrap();
        }
        let of = |organization: i64| {
            let prefix = format!("{organization}:");
            taken.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, count)| count).sum::<usize>()
        };
        assert!((3..73).all(|organization| of(organization) == 1), "{taken:?}");
        assert!(of(1).abs_diff(of(2)) <= 60 || of(2) == 100, "{} and {}", of(1), of(2));
        assert_eq!(taken.keys().filter(|name| name.starts_with("1:")).count(), 40, "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_jobs_are_each_taken_once_by_many_workers() {
    on_each_engine(async |fixture| {
        let other = fixture.second().await;
        for thousand in 0..10 {
            let job = |number: i64| NewJob {
                organization_id: Id::new(number % 7),
                ..new(&(thousand * 1_000 + number).to_string(), 0).in_lane((number % 3).to_string(), 10_000)
            };
            fixture.store.enqueue_jobs(&(0..1_000).map(job).collect::<Vec<_>>()).await.unwrap();
        }
        let workers = (0..4).map(|number| {
            let store = if number % 2 == 0 { fixture.store.clone() } else { other.clone() };
            tokio::spawn(async move {
                let (lease, mut done) = (format!("worker {number}"), Vec::new());
                loop {
                    let jobs = take(&store, 0, &lease, 200).await;
                    if jobs.is_empty() {
                        return done;
                    }
                    done.extend(jobs.iter().map(|job| name(job).to_owned()));
                    let endings: Vec<_> = jobs.into_iter().map(|job| (job, Ending::Done(Value::Null))).collect();
                    assert!(store.end_jobs(&lease, &endings).await.unwrap().into_iter().all(|held| held));
                }
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        assert_eq!(all.len(), 10_000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 10_000);
        assert_eq!(fixture.store.count_jobs().await.unwrap().waiting, 0);
        other.close().await;
    })
    .await;
}
