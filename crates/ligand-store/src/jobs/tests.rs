//! Jobs on both engines: taken once, in turn, and never lost.

mod claims;
mod long_queues;

use std::time::Duration;

use ligand_domain::{Caller, Job, NewJob, Timestamp, job::Ending, job::State};
use serde_json::{Value, json};

use super::{Claim, JobCounts, Turns};
use crate::{
    Error, Store,
    testing::{Fixture, new_instance, on_each_engine},
};

pub(super) const START: i64 = 1_500_000_000_000;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

pub(super) fn new(name: &str, due: i64) -> NewJob {
    NewJob::new("test", json!({ "name": name }), at(due))
}

pub(super) fn name(job: &Job) -> &str {
    job.payload["name"].as_str().unwrap_or_default()
}

pub(super) fn names(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(name).collect()
}

/// Takes jobs with a lease of a minute.
pub(super) async fn take(store: &Store, clock: i64, lease: &str, jobs: usize) -> Vec<Job> {
    let until = at(clock + 60_000);
    let claim = Claim { lease, until, kinds: &["test", "other"], jobs, jobs_per_organization: 1_000 };
    store.claim_jobs(&mut Turns::default(), &claim).await.unwrap().jobs
}

pub(super) async fn end(store: &Store, lease: &str, job: &Job, ending: Ending) -> bool {
    store.end_jobs(lease, &[(job.clone(), ending)]).await.unwrap()[0]
}

#[tokio::test]
async fn a_job_is_taken_when_it_is_due_and_once() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        assert_eq!(store.enqueue_jobs(&[new("b", 2_000), new("a", 1_000)]).await.unwrap(), [true, true]);
        assert_eq!(store.next_job_due().await.unwrap(), Some(at(1_000)));
        assert!(take(store, 0, "w", 9).await.is_empty());
        fixture.clock.set(START + 1_000);
        let jobs = take(store, 1_000, "w", 9).await;
        assert_eq!(names(&jobs), ["a"]);
        let job = &jobs[0];
        assert_eq!((job.state, job.attempts, job.losses), (State::Running, 1, 0));
        assert_eq!((job.planned_at, job.created_at, job.started_at), (at(1_000), at(0), Some(at(1_000))));
        assert!(take(store, 1_000, "v", 9).await.is_empty());
        assert_eq!(store.next_job_due().await.unwrap(), Some(at(2_000)));
        assert!(end(store, "w", job, Ending::Done(Value::Null)).await);
        assert_eq!(store.find_job(&job.id).await.unwrap(), None);
        fixture.clock.set(START + 5_000);
        assert_eq!(names(&take(store, 5_000, "v", 9).await), ["b"]);
    })
    .await;
}

#[tokio::test]
async fn a_key_makes_one_job_while_it_is_remembered() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let kept = NewJob { keep: Duration::from_secs(10), priority: -1, ..new("kept", 0) }.with_key("k");
        assert_eq!(store.enqueue_jobs(&[kept.clone(), kept.clone()]).await.unwrap(), [true, false]);
        let stores = [store.clone(), fixture.second().await];
        let racing = (0..20).map(|number| {
            let (store, job) = (stores[number % 2].clone(), new("racing", 0).with_key(format!("r{}", number / 4)));
            tokio::spawn(async move { store.enqueue_jobs(&[job]).await.unwrap()[0] })
        });
        let mut made = 0;
        for task in racing.collect::<Vec<_>>() {
            made += usize::from(task.await.unwrap());
        }
        assert_eq!(made, 5);
        let jobs = take(store, 0, "w", 9).await;
        assert_eq!(jobs.len(), 4, "the lane's limit");
        let done = jobs.iter().find(|job| name(job) == "kept").unwrap();
        assert!(end(store, "w", done, Ending::Done(json!([1]))).await);
        assert_eq!(store.enqueue_jobs(std::slice::from_ref(&kept)).await.unwrap(), [false]);
        let found = store.find_job_by_key("k").await.unwrap().unwrap();
        assert_eq!((found.state, found.result), (State::Done, Some(json!([1]))));
        fixture.clock.set(START + 10_000);
        assert_eq!(store.forget_jobs(at(0)).await.unwrap(), 1);
        assert_eq!(store.enqueue_jobs(&[kept]).await.unwrap(), [true]);
    })
    .await;
}

#[tokio::test]
async fn repetitions_turns_and_failures() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        store.enqueue_jobs(&[new("j", 0).with_key("j")]).await.unwrap();
        let first = take(store, 0, "w", 1).await.remove(0);
        assert!(end(store, "w", &first, Ending::Retry { at: at(500), why: "no\0 luck".into() }).await);
        assert!(take(store, 0, "w", 1).await.is_empty());
        fixture.clock.set(START + 500);
        let second = take(store, 500, "w", 1).await.remove(0);
        assert_eq!((second.attempts, second.last_error.as_deref()), (2, Some("no\u{fffd} luck")));
        assert!(!end(store, "w", &first, Ending::Done(Value::Null)).await, "an old attempt ends nothing");
        assert!(!end(store, "v", &second, Ending::Done(Value::Null)).await, "nor does another worker");
        assert!(end(store, "w", &second, Ending::Again { at: at(900), trouble: None }).await);
        fixture.clock.set(START + 900);
        let third = take(store, 900, "w", 1).await.remove(0);
        assert_eq!((third.attempts, third.last_error.as_deref(), third.planned_at), (1, None, at(900)));
        assert!(end(store, "w", &third, Ending::Fail("given up".into())).await);
        let failed = store.find_job(&third.id).await.unwrap().unwrap();
        assert_eq!((failed.state, failed.last_error.as_deref()), (State::Failed, Some("given up")));
        let counts = JobCounts { waiting: 0, due: 0, running: 0, failed: 1 };
        assert_eq!(store.count_jobs().await.unwrap(), counts);
        assert_eq!(store.next_job_due().await.unwrap(), None);
        fixture.clock.set(START + 8 * 24 * 3_600_000);
        assert_eq!(store.forget_jobs(at(0)).await.unwrap(), 1);
    })
    .await;
}

async fn owned(fixture: &Fixture) -> (Caller, NewJob) {
    let caller = fixture.administrator().await;
    let instance = fixture.store.create_instance(&new_instance(&caller, "i")).await.unwrap();
    let job = new("named", 0).for_instance(&instance);
    (caller, NewJob { name: Some("Poll".into()), description: "polls".into(), ..job })
}

#[tokio::test]
async fn named_jobs_are_listed_switched_and_have_a_history() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let (caller, job) = owned(fixture).await;
        store.enqueue_jobs(&[new("nameless", 0), job.clone(), job]).await.unwrap();
        let listed = store.list_jobs(caller.user_id, "", 10).await.unwrap();
        assert_eq!(names(&listed), ["named", "named"]);
        let (kind, instance) = (listed[0].kind.as_str(), listed[0].instance_id.unwrap());
        for (most, count) in [(10, 2), (1, 1)] {
            assert_eq!(store.count_jobs_of_user(kind, caller.user_id, most).await.unwrap(), count);
            assert_eq!(store.count_jobs_of_instance(kind, instance, most).await.unwrap(), count);
            assert_eq!(store.count_jobs_of_instance("other", instance, most).await.unwrap(), 0);
        }
        assert_eq!(store.list_jobs(caller.user_id, &listed[0].id, 10).await.unwrap(), listed[1..]);
        let (one, other) = (&listed[0], &listed[1]);
        assert!(store.pause_job(&one.id).await.unwrap());
        let jobs = take(store, 0, "w", 9).await;
        assert_eq!(jobs.len(), 2, "not the one that is switched off");
        let taken = jobs.iter().find(|job| job.id == other.id).unwrap();
        assert!(store.pause_job(&other.id).await.unwrap());
        assert!(end(store, "w", taken, Ending::Again { at: at(1), trouble: Some("bad day".into()) }).await);
        fixture.clock.set(START + 50);
        assert!(take(store, 50, "w", 9).await.is_empty());
        assert_eq!(store.find_job(&other.id).await.unwrap().unwrap().state, State::Paused);
        assert!(store.resume_job(&one.id, at(100)).await.unwrap());
        assert!(store.resume_job(&other.id, at(200)).await.unwrap());
        assert!(store.resume_job(&other.id, at(1)).await.unwrap(), "it is on already");
        assert!(store.replan_job(&one.id, &json!({ "name": "new" }), at(300)).await.unwrap());
        fixture.clock.set(START + 250);
        let taken = take(store, 250, "w", 9).await.remove(0);
        assert_eq!(taken.id, other.id);
        assert!(end(store, "w", &taken, Ending::Again { at: at(999), trouble: None }).await);
        let runs = store.list_job_runs(caller.user_id, Some(&other.id), None, 10).await.unwrap();
        let told: Vec<_> = runs.iter().map(|run| (run.started_at, run.ended_at, run.error.as_deref())).collect();
        assert_eq!(told, [(at(250), at(250), None), (at(0), at(0), Some("bad day"))]);
        let older = store.list_job_runs(caller.user_id, None, Some(runs[0].id), 10).await.unwrap();
        assert_eq!(older, runs[1..]);
        fixture.clock.set(START + 300);
        assert_eq!(names(&take(store, 300, "w", 9).await), ["new"]);
        assert!(store.delete_job(&other.id).await.unwrap() && !store.delete_job(&other.id).await.unwrap());
        assert_eq!(store.list_job_runs(caller.user_id, None, None, 10).await.unwrap(), []);
        assert!(!store.pause_job(&other.id).await.unwrap() && !store.resume_job("nothing", at(0)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn jobs_go_with_their_instance_and_user() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let (caller, job) = owned(fixture).await;
        store.enqueue_jobs(std::slice::from_ref(&job)).await.unwrap();
        let taken = take(store, 0, "w", 1).await.remove(0);
        store.delete_instance(job.instance_id.unwrap()).await.unwrap();
        assert_eq!(
            store.extend_leases("w", std::slice::from_ref(&taken.id), at(90_000)).await.unwrap(),
            Vec::<String>::new()
        );
        assert!(!end(store, "w", &taken, Ending::Again { at: at(1), trouble: None }).await);
        assert!(
            matches!(store.enqueue_jobs(std::slice::from_ref(&job)).await, Err(Error::Database(_))),
            "no such instance"
        );
        let job = NewJob { instance_id: None, ..job };
        store.enqueue_jobs(&[job.clone(), NewJob { name: None, ..job }]).await.unwrap();
        assert_eq!(store.delete_jobs_of_user(caller.user_id).await.unwrap(), 1);
        assert_eq!(store.count_jobs().await.unwrap().waiting, 1);
    })
    .await;
}

#[tokio::test]
async fn hostile_texts_are_refused_and_nothing_is_enqueued() {
    on_each_engine(async |fixture| {
        let bad = NewJob { description: "a\0b".into(), ..new("x", 0) };
        let refused = fixture.store.enqueue_jobs(&[new("good", 0), bad]).await;
        assert!(matches!(refused, Err(Error::NulCharacter)));
        assert_eq!(fixture.store.count_jobs().await.unwrap().waiting, 0);
    })
    .await;
}
