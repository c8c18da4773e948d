//! Background work: what a worker makes of its jobs, and that none is lost, whatever happens to workers.

mod killed;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::pending;
use ligand_app::jobs::{Kind, Worker, WorkerOptions};
use ligand_domain::{
    Error, ErrorKind, Job, NewJob,
    job::{Ending, State},
};
use ligand_store::Store;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};

use crate::harness::Platform;

const MINUTE: Duration = Duration::from_secs(60);

/// What was done, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn write(&self, text: impl Into<String>) {
        self.0.lock().expect("no panic").push(text.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

fn job(platform: &Platform, name: &str) -> NewJob {
    NewJob::new("test", json!({ "name": name }), platform.now()).with_key(name)
}

fn name(job: &Job) -> String {
    job.payload["name"].as_str().expect("a name").to_owned()
}

/// A worker that asks `decide` what becomes of each job.
fn worker(
    platform: &Platform,
    log: &Log,
    decide: impl Fn(&Job) -> Result<Ending, Error> + Clone + Send + Sync + 'static,
) -> Worker {
    let log = log.clone();
    let kind = Kind::new("test", MINUTE, move |job| {
        let (log, decide) = (log.clone(), decide.clone());
        async move {
            log.write(format!("{} {}", name(&job), job.attempts));
            decide(&job)
        }
    });
    platform.app.worker_for(vec![kind], WorkerOptions::default())
}

async fn stored(store: &Store, key: &str) -> Option<Job> {
    store.find_job_by_key(key).await.expect("the database answers")
}

#[tokio::test]
async fn a_job_goes_on_as_its_handler_says() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let (log, now) = (Log::default(), platform.now());
    let worker = worker(&platform, &log, move |job| match (name(job).as_str(), job.attempts) {
        ("retried", 1) => Ok(Ending::Retry { at: now.plus(MINUTE), why: "not yet".into() }),
        ("failed", _) => Ok(Ending::Fail("never".into())),
        ("periodic", _) => Ok(Ending::Again { at: job.planned_at.plus(MINUTE), trouble: None }),
        _ => Ok(Ending::Done(json!("result"))),
    });
    let kept = NewJob { keep: MINUTE, ..job(&platform, "kept") };
    let jobs = ["done", "retried", "failed", "periodic"].map(|name| job(&platform, name));
    platform.app.enqueue(&[&jobs[..], &[kept]].concat()).await.expect("enqueued");
    assert_eq!(worker.drain().await, 5);
    assert_eq!(log.take().len(), 5);
    assert_eq!(worker.drain().await, 0);
    assert!(stored(&store, "done").await.is_none());
    assert_eq!(stored(&store, "kept").await.and_then(|job| job.result), Some(json!("result")));
    let failed = stored(&store, "failed").await.expect("remembered");
    assert_eq!((failed.state, failed.last_error.as_deref()), (State::Failed, Some("never")));
    platform.pass(MINUTE * 2);
    assert_eq!(worker.drain().await, 3, "one retried, one periodic that has missed a turn");
    let mut again = log.take();
    again.sort();
    assert_eq!(again, ["periodic 1", "periodic 1", "retried 2"]);
}

#[tokio::test]
async fn errors_and_panics_are_contained_and_tried_again_with_growing_waits() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let log = Log::default();
    let decide = |job: &Job| match name(job).as_str() {
        "panics" => panic!("a test's own panic"),
        "database" => Err(Error::new(ErrorKind::Unavailable, "test", "away")),
        _ => Err(Error::invalid("test", "wrong")),
    };
    let worker = worker(&platform, &log, decide);
    let jobs = ["panics", "database", "errs"].map(|name| job(&platform, name));
    platform.app.enqueue(&jobs).await.expect("enqueued");
    assert_eq!(worker.drain().await, 3);
    let waiting = stored(&store, "errs").await.expect("it waits");
    assert_eq!((waiting.state, waiting.last_error.as_deref()), (State::Waiting, Some("wrong")));
    let first = waiting.planned_at.since(platform.now());
    assert!(first <= Duration::from_millis(2_500), "{first:?}");
    for _ in 0..14 {
        platform.pass(Duration::from_secs(20 * 60));
        worker.drain().await;
    }
    for key in ["panics", "errs"] {
        let failed = stored(&store, key).await.expect("remembered");
        assert_eq!((failed.state, failed.attempts), (State::Failed, 12), "{key}");
    }
    let waiting = stored(&store, "database").await.expect("it waits");
    assert_eq!((waiting.state, waiting.attempts), (State::Waiting, 15), "the database's absence does not count");
}

#[tokio::test]
async fn what_takes_too_long_is_interrupted() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let kind = Kind::new("test", Duration::from_millis(1), |_| pending());
    let worker = platform.app.worker_for(vec![kind], WorkerOptions::default());
    platform.app.enqueue(&[job(&platform, "endless")]).await.expect("enqueued");
    assert_eq!(worker.drain().await, 1);
    let waiting = stored(&store, "endless").await.expect("it waits");
    assert!(waiting.last_error.is_some_and(|why| why.contains("longer than")));
}

#[tokio::test]
async fn a_job_that_takes_workers_down_with_it_is_taken_out() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    platform.app.enqueue(&[job(&platform, "poison")]).await.expect("enqueued");
    for number in 0..5 {
        let kind = Kind::new("test", MINUTE, |_| pending());
        let worker = platform.app.worker_for(vec![kind], WorkerOptions::default());
        let (task, mut taken) = (tokio::spawn(async move { worker.drain().await }), false);
        while !taken {
            let now = stored(&store, "poison").await.expect("it is there");
            taken = now.attempts > number && now.state == State::Running;
            tokio::task::yield_now().await;
        }
        task.abort(); // as a killed process does, it says nothing
        platform.pass(MINUTE * 2);
    }
    let log = Log::default();
    let worker = worker(&platform, &log, |_| Ok(Ending::Done(Value::Null)));
    assert_eq!(worker.drain().await, 1);
    assert_eq!(log.take(), Vec::<String>::new(), "it was not touched");
    assert_eq!(stored(&store, "poison").await.expect("remembered").state, State::Failed);
}

#[tokio::test]
async fn a_running_worker_hears_of_work_and_stops_when_asked() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let (gate, log) = (Arc::new(Semaphore::new(0)), Log::default());
    let (asked, mut started) = tokio::sync::mpsc::unbounded_channel();

    let kind = Kind::new("test", MINUTE, {
        let (gate, log) = (Arc::clone(&gate), log.clone());
        move |job| {
            let (gate, log, asked) = (Arc::clone(&gate), log.clone(), asked.clone());
            async move {
                asked.send(name(&job)).expect("the test listens");
                gate.acquire().await.expect("open").forget();
                log.write(name(&job));
                Ok(Ending::Done(Value::Null))
            }
        }
    });
    let options = WorkerOptions { jobs: 2, poll: Duration::from_secs(86_400), ..WorkerOptions::default() };
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = platform.app.worker_for(vec![kind], options);
    let running = tokio::spawn(worker.run(async {
        let _ = stopped.await;
    }));
    for name in ["a", "b", "c"] {
        platform.app.enqueue(&[job(&platform, name)]).await.expect("enqueued");
    }
    let mut first = [started.recv().await.expect("one"), started.recv().await.expect("two")];
    first.sort();
    assert_eq!(first, ["a", "b"]);
    gate.add_permits(1);
    assert_eq!(started.recv().await.as_deref(), Some("c"), "it starts when there is room");
    let later = NewJob { due_at: platform.now().plus(MINUTE * 5), ..job(&platform, "later") };
    platform.app.enqueue(&[later]).await.expect("enqueued");
    gate.add_permits(2);
    while store.count_jobs().await.expect("an answer").running > 0 {
        tokio::task::yield_now().await;
    }
    platform.pass(MINUTE * 5);
    assert_eq!(started.recv().await.as_deref(), Some("later"));
    stop.send(()).expect("it runs");
    gate.add_permits(1);
    running.await.expect("no panic");
    assert_eq!(log.take().len(), 4, "what was in progress has finished");
    assert_eq!(stored(&store, "later").await, None);
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_given_back() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let (started, begun) = oneshot::channel();
    let started = Arc::new(Mutex::new(Some(started)));
    let kind = Kind::new("test", MINUTE, move |_| {
        started.lock().expect("no panic").take().map(|started| started.send(()));
        pending()
    });
    let options = WorkerOptions { shutdown_timeout: Duration::from_millis(1), ..WorkerOptions::default() };
    platform.app.enqueue(&[job(&platform, "slow")]).await.expect("enqueued");
    let worker = platform.app.worker_for(vec![kind], options);
    worker
        .run(async {
            begun.await.expect("it begins");
        })
        .await;
    let given_back = stored(&store, "slow").await.expect("it waits");
    assert_eq!((given_back.state, given_back.attempts), (State::Waiting, 0));
}

#[tokio::test]
async fn what_a_worker_brings_after_its_lease_does_not_count() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let kind = |result: &'static str, waits: bool| {
        let (gate, begun) = (Arc::clone(&gate), begun.clone());
        Kind::new("test", MINUTE, move |_| {
            let (gate, begun) = (Arc::clone(&gate), begun.clone());
            async move {
                begun.send(()).expect("the test listens");
                if waits {
                    gate.acquire().await.expect("open").forget();
                }
                Ok(Ending::Done(json!(result)))
            }
        })
    };
    let slow = platform.app.worker_for(vec![kind("slow", true)], WorkerOptions::default());
    let fast = platform.app.worker_for(vec![kind("fast", false)], WorkerOptions::default());
    platform.app.enqueue(&[NewJob { keep: MINUTE * 60, ..job(&platform, "j") }]).await.expect("enqueued");
    let slow = tokio::spawn(async move { slow.drain().await });
    begins.recv().await.expect("it begins");
    platform.pass(MINUTE * 2);
    assert_eq!(fast.drain().await, 1);
    gate.add_permits(1);
    assert_eq!(slow.await.expect("no panic"), 1);
    let done = stored(&store, "j").await.expect("remembered");
    assert_eq!((done.state, done.result, done.attempts), (State::Done, Some(json!("fast")), 2));
}

#[tokio::test]
async fn the_platform_cleans_up_after_itself() {
    let platform = Platform::start().await;
    let store = platform.store().await;
    let done = NewJob { keep: MINUTE, ..job(&platform, "done") };
    platform.app.enqueue(&[done]).await.expect("enqueued");
    let log = Log::default();
    assert_eq!(worker(&platform, &log, |_| Ok(Ending::Done(Value::Null))).drain().await, 1);
    while stored(&store, "housekeeping")
        .await
        .is_none_or(|job| job.state == State::Running || job.planned_at < platform.now())
    {
        tokio::task::yield_now().await;
    }
    platform.pass(MINUTE * 90);
    while stored(&store, "done").await.is_some() {
        tokio::task::yield_now().await;
    }
}
