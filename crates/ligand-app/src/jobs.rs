//! Background work: what sorts there are, and the workers that do it. The queue itself is in the store.

mod books;
mod duty;
mod housekeeping;
mod worker;

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use ligand_domain::{Error, Job, NewJob, job::Ending};

pub use worker::{Worker, WorkerOptions};

use crate::{
    App, events,
    failure::of_store,
    notifications,
    requests::{self, Front},
};

/// How often a job is tried unless its kind says otherwise.
const ATTEMPTS: i64 = 12;

/// Does one job of a kind.
type Work = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<Ending, Error>> + Send + Sync>;

/// A sort of work. What does it must bear being done twice: a worker can vanish after the deed and before the note of
/// it.
#[derive(Clone)]
pub struct Kind {
    name: &'static str,
    deadline: Duration,
    attempts: Option<i64>,
    work: Work,
}

impl Kind {
    /// Work that is interrupted at the deadline, and tried again after that, after an error, and after a panic, with
    /// waits that grow; twelve times, unless [`Kind::endless`]. A database that is away does not count.
    pub fn new<F>(name: &'static str, deadline: Duration, work: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Ending, Error>> + Send + 'static,
    {
        Self { name, deadline, attempts: Some(ATTEMPTS), work: Arc::new(move |job| work(job).boxed()) }
    }

    /// The same kind, never given up: for periodic work.
    #[must_use]
    pub fn endless(self) -> Self {
        Self { attempts: None, ..self }
    }
}

/// Every sort of work that a worker of this program does.
fn kinds(app: &Arc<App>, front: &Front) -> Vec<Kind> {
    vec![
        housekeeping::kind(app),
        requests::scheduled(app, front),
        requests::asynchronous(app, front),
        notifications::kind(app),
        events::kind(app),
        events::polling_kind(app),
    ]
}

/// The work that is always there: made when a worker starts and finds it missing.
fn standing(app: &App) -> Vec<NewJob> {
    vec![housekeeping::job(app.clock.now())]
}

impl App {
    /// A worker for this platform, which executes kept requests this way.
    #[must_use]
    pub fn worker(self: &Arc<Self>, options: WorkerOptions, front: &Front) -> Worker {
        let store = self.store.clone();
        Worker::new(store, Arc::clone(&self.clock), Arc::clone(&self.rng), kinds(self, front), options)
            .with_standing(standing(self))
    }

    /// A worker that does these kinds of work and no other.
    #[must_use]
    pub fn worker_for(self: &Arc<Self>, kinds: Vec<Kind>, options: WorkerOptions) -> Worker {
        Worker::new(self.store.clone(), Arc::clone(&self.clock), Arc::clone(&self.rng), kinds, options)
    }

    /// Enqueues jobs that no change of the platform's own data causes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue(&self, jobs: &[NewJob]) -> Result<(), Error> {
        self.store.enqueue_jobs(jobs).await.map(|_| ()).map_err(of_store)
    }

    /// Has the workers of this process look for work now, as after moving the clock.
    pub fn wake_workers(&self) {
        self.store.ring_for_work();
    }
}
