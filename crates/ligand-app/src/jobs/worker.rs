//! A worker: takes jobs when they are due, does many at a time, keeps its leases alive, and sleeps until the next one is
//! due or the bell rings.

use std::{collections::HashMap, future::Future, pin::pin, sync::Arc, time::Duration};

use ligand_domain::{Clock, NewJob, Rng, Timestamp, rng};
use ligand_store::{Claim, Store, Turns};
use tokio::{
    sync::{mpsc, oneshot},
    task::{AbortHandle, Id, JoinError, JoinHandle, JoinSet},
    time::MissedTickBehavior,
};

use super::{
    Kind,
    books::{self, Entry},
    duty::{self, Means},
};

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How often other processes are told at most that there is more to do than this one can take.
const PASS_ON_EVERY: Duration = Duration::from_secs(1);

/// How a worker behaves.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Jobs at a time; at least 1.
    pub jobs: usize,
    /// Of these: jobs of one organization.
    pub jobs_per_organization: usize,
    /// How long a job is held without a sign of life of its worker.
    pub lease: Duration,
    /// After how long at most the queue is looked at although nothing told of work.
    pub poll: Duration,
    /// How long jobs in progress may take after the wish to stop; what takes longer is given back.
    pub shutdown_timeout: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            jobs: 64,
            jobs_per_organization: 48,
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(60),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

/// Does background work.
pub struct Worker {
    store: Store,
    means: Means,
    kinds: HashMap<&'static str, Kind>,
    standing: Vec<NewJob>,
    options: WorkerOptions,
    lease: String,
}

impl Worker {
    pub(super) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        kinds: Vec<Kind>,
        options: WorkerOptions,
    ) -> Self {
        let lease = rng::bytes::<12>(&*rng).iter().map(|byte| format!("{byte:02x}")).collect();
        let kinds = kinds.into_iter().map(|kind| (kind.name, kind)).collect();
        Self { store, means: Means { clock, rng }, kinds, standing: Vec::new(), options, lease }
    }

    pub(super) fn with_standing(self, standing: Vec<NewJob>) -> Self {
        Self { standing, ..self }
    }

    /// Works until `stop` resolves, then lets jobs in progress finish, and gives back what does not finish in time.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut hearing = self.store.hear_of_work();
        let relay = tokio::spawn(relay(self.store.clone()));
        let mut shift = Shift::begin(&self);
        let mut heartbeat = tokio::time::interval(self.options.lease / 3);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = pin!(stop);
        let mut prepared = self.standing.is_empty();
        let mut look = true;
        loop {
            if !prepared {
                prepared = shift.prepare().await;
            }
            if look {
                shift.look().await;
            }
            let wait = shift.wait();
            look = tokio::select! {
                biased;
                () = &mut stop => break,
                _ = heartbeat.tick(), if !shift.held.is_empty() => {
                    shift.extend_leases().await;
                    false
                }
                Some(ended) = shift.running.join_next_with_id() => {
                    shift.ended(ended);
                    while let Some(ended) = shift.running.try_join_next_with_id() {
                        shift.ended(ended);
                    }
                    shift.hungry
                }
                () = hearing.rung() => true,
                () = tokio::time::sleep(wait) => true,
            };
        }
        relay.abort();
        shift.finish().await;
    }

    /// Does what is due, and what becomes due by it, until nothing is; says how many jobs that were. For tests that
    /// move the clock, and for tools.
    pub async fn drain(&self) -> usize {
        let mut shift = Shift::begin(self);
        shift.prepare().await;
        let mut done = 0;
        loop {
            shift.look().await;
            let Some(ended) = shift.running.join_next_with_id().await else { break };
            shift.ended(ended);
            done += 1;
        }
        shift.finish().await;
        done
    }
}

/// Rings the bell of this process when another one announces work.
async fn relay(store: Store) {
    loop {
        let Err(error) = store.relay_announcements().await;
        tracing::warn!(cause = %error, "announcements of work are not heard for now");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A worker at work.
struct Shift<'a> {
    worker: &'a Worker,
    turns: Turns,
    running: JoinSet<()>,
    held: HashMap<Id, (String, AbortHandle)>,
    /// Until when nobody else takes what is held.
    leased_until: Timestamp,
    /// Whether to look for work as soon as a job has ended.
    hungry: bool,
    /// When to look next, as far as the queue tells.
    due_at: Option<Timestamp>,
    passed_on_at: Option<Timestamp>,
    entries: mpsc::Sender<Entry>,
    books: JoinHandle<()>,
}

impl<'a> Shift<'a> {
    fn begin(worker: &'a Worker) -> Self {
        let (entries, received) = mpsc::channel(worker.options.jobs.max(1));
        let books = tokio::spawn(books::keep(worker.store.clone(), worker.lease.clone(), received));
        Self {
            worker,
            turns: Turns::default(),
            running: JoinSet::new(),
            held: HashMap::new(),
            leased_until: worker.means.clock.now(),
            hungry: false,
            due_at: None,
            passed_on_at: None,
            entries,
            books,
        }
    }

    fn now(&self) -> Timestamp {
        self.worker.means.clock.now()
    }

    /// Makes the work that is always there.
    async fn prepare(&mut self) -> bool {
        let enqueued = self.worker.store.enqueue_jobs(&self.worker.standing).await;
        enqueued.inspect_err(|error| tracing::error!(cause = %error, "standing work could not be enqueued")).is_ok()
    }

    /// Takes as many jobs as there is room for, and learns when to look again.
    async fn look(&mut self) {
        let options = &self.worker.options;
        let room = options.jobs.saturating_sub(self.held.len());
        if room == 0 {
            self.hungry = true;
            self.due_at = None;
            self.pass_on().await;
            return;
        }
        let names: Vec<&'static str> = self.worker.kinds.keys().copied().collect();
        let until = self.now().plus(options.lease);
        let claim = Claim {
            lease: &self.worker.lease,
            until,
            kinds: &names,
            jobs: room,
            jobs_per_organization: options.jobs_per_organization,
        };
        let claimed = match self.worker.store.claim_jobs(&mut self.turns, &claim).await {
            Ok(claimed) => claimed,
            Err(error) => return self.trouble(&error),
        };
        if self.held.is_empty() {
            self.leased_until = until;
        }
        let full = claimed.jobs.len() >= room;
        for job in claimed.jobs {
            self.start(job);
        }
        self.hungry = claimed.left || full;
        self.due_at = None;
        if full {
            self.pass_on().await;
        } else {
            match self.worker.store.next_job_due().await {
                Ok(due_at) => self.due_at = due_at,
                Err(error) => self.trouble(&error),
            }
        }
    }

    fn trouble(&mut self, error: &ligand_store::Error) {
        tracing::error!(cause = %error, "the queue cannot be looked at");
        self.due_at = Some(self.now().plus(PAUSE));
    }

    fn start(&mut self, job: ligand_domain::Job) {
        let Some(kind) = self.worker.kinds.get(job.kind.as_str()).cloned() else { return };
        let (means, entries, id) = (self.worker.means.clone(), self.entries.clone(), job.id.clone());
        let handle = self.running.spawn(async move {
            let ending = duty::perform(&means, &kind, &job).await;
            let (written, waiting) = oneshot::channel();
            if entries.send(Entry { job, ending, written }).await.is_ok() {
                // An error means that the books are closed: there is nothing more to wait for.
                let _ = waiting.await;
            }
        });
        self.held.insert(handle.id(), (id, handle));
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    tracing::error!("a worker's own task panicked; the panic message precedes this line");
                }
                error.id()
            }
        };
        self.held.remove(&id);
    }

    /// How long to sleep if nothing happens.
    fn wait(&self) -> Duration {
        let until_due = self.due_at.map(|due_at| due_at.since(self.now()));
        until_due.unwrap_or(self.worker.options.poll).min(self.worker.options.poll)
    }

    /// Tells other processes that there is more to do.
    async fn pass_on(&mut self) {
        let now = self.now();
        if self.passed_on_at.is_some_and(|at| now.since(at) < PASS_ON_EVERY) {
            return;
        }
        self.passed_on_at = Some(now);
        if let Err(error) = self.worker.store.pass_on_work().await {
            tracing::warn!(cause = %error, "other workers could not be woken");
        }
    }

    /// Keeps what is held, and stops work on what is held by somebody else.
    async fn extend_leases(&mut self) {
        let ids: Vec<String> = self.held.values().map(|(id, _)| id.clone()).collect();
        let until = self.now().plus(self.worker.options.lease);
        match self.worker.store.extend_leases(&self.worker.lease, &ids, until).await {
            Ok(kept) => {
                self.leased_until = until;
                let lost = self.held.values().filter(|(id, _)| !kept.contains(id));
                lost.for_each(|(_, handle)| handle.abort());
            }
            Err(error) => {
                tracing::error!(cause = %error, "leases could not be extended");
                if self.now() >= self.leased_until {
                    self.running.abort_all();
                }
            }
        }
    }

    /// Ends the shift.
    async fn finish(mut self) {
        if !self.held.is_empty() {
            self.extend_leases().await;
        }
        let rest = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.worker.options.shutdown_timeout, rest).await.is_err() {
            tracing::warn!(jobs = self.running.len(), "jobs in progress are given back");
            self.running.shutdown().await;
        }
        drop(self.entries);
        if self.books.await.is_err() {
            tracing::error!("the books of the worker broke; the panic message precedes this line");
        }
        if let Err(error) = self.worker.store.release_jobs(&self.worker.lease).await {
            tracing::error!(cause = %error, "jobs could not be given back; they are taken again after their lease");
        }
    }
}
