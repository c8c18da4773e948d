//! The threads that run scripts. They are started when scripts come and end after a while without any.

#[cfg(test)]
mod tests;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use ligand_domain::{Clock, Rng};
use tokio::sync::oneshot;

use super::{
    HttpCaller, HttpResponse, Outcome, Script, ScriptError, ScriptOptions, Variables, compile,
    priority::Thread,
    queue::FairQueue,
    realm::{Kind, MAX_STACK, Realm},
};

/// How long a thread without work stays.
const LINGER: Duration = Duration::from_secs(60);

/// How long after its deadline a script counts as one that cannot be stopped. Most end within milliseconds; the rest are
/// within a function of the engine that does not ask whether it must stop.
const STUCK_AFTER: Duration = Duration::from_secs(1);

/// What a thread's stack has beyond that of scripts, for our own frames and the engine's.
const SPARE_STACK: usize = 1 << 20;

/// What scripts reach of the server.
pub(super) struct Surroundings {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    pub(super) http: Arc<dyn HttpCaller>,
}

/// What happens to a script while it waits.
pub(super) enum Event {
    /// A request is answered.
    Answer(u32, Result<HttpResponse, String>),
    /// Nobody wants its result any more.
    Stop,
}

/// What the thread that runs a script and the task that awaits it have in common.
pub(super) struct Ticket {
    pub(super) tenant: u64,
    pub(super) events: Sender<Event>,
    /// Where requests are sent from.
    pub(super) handle: tokio::runtime::Handle,
    is_stopped: AtomicBool,
    phase: Mutex<Phase>,
    /// Where it runs.
    thread: OnceLock<Thread>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    /// It runs, but nobody waits for it.
    Overdue,
    /// It has done so for long.
    Stuck,
    Ended,
}

impl Ticket {
    /// Whether the script must end.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Ends the script soon.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is to be made.
pub(super) struct Job {
    pub(super) script: Script,
    /// The values of the parameters, a JSON array.
    pub(super) arguments: String,
    pub(super) ticket: Arc<Ticket>,
    pub(super) events: Receiver<Event>,
    reply: oneshot::Sender<Result<Outcome, ScriptError>>,
}

/// Runs scripts.
pub struct Scripts {
    pool: Arc<Pool>,
}

struct Pool {
    options: ScriptOptions,
    surroundings: Arc<Surroundings>,
    state: Mutex<State>,
}

struct State {
    queue: FairQueue<Job>,
    /// Threads that wait, the one that worked last at the end.
    idle: Vec<(u64, Sender<Job>)>,
    threads: usize,
    /// Threads among them that scripts hold on to beyond their time.
    overdue: usize,
    next_thread: u64,
    is_closed: bool,
}

impl Scripts {
    /// Has no threads yet.
    #[must_use]
    pub fn new(options: ScriptOptions, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, http: Arc<dyn HttpCaller>) -> Self {
        let state = State {
            queue: FairQueue::new(options.threads_per_tenant),
            idle: Vec::new(),
            threads: 0,
            overdue: 0,
            next_thread: 0,
            is_closed: false,
        };
        let surroundings = Arc::new(Surroundings { clock, rng, http });
        Self { pool: Arc::new(Pool { options, surroundings, state: Mutex::new(state) }) }
    }

    /// Runs a script with these variables; those that hooks know and that are absent are null. `tenant` is whose
    /// script it is: tenants take turns. A call that is dropped ends soon. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Whatever kept the script from bringing a result.
    pub fn run<'s>(
        &'s self,
        tenant: u64,
        script: &Script,
        variables: &dyn Variables,
    ) -> impl Future<Output = Result<Outcome, ScriptError>> + Send + use<'s> {
        let arguments = compile::arguments(&script.0, variables);
        self.submitted(tenant, script.clone(), arguments)
    }

    async fn submitted(&self, tenant: u64, script: Script, arguments: String) -> Result<Outcome, ScriptError> {
        let (events, received) = mpsc::channel();
        let handle = tokio::runtime::Handle::current();
        let (is_stopped, phase) = (AtomicBool::new(false), Mutex::new(Phase::Waiting));
        let ticket = Arc::new(Ticket { tenant, events, handle, is_stopped, phase, thread: OnceLock::new() });
        let (reply, replied) = oneshot::channel();
        let job = Job { script, arguments, ticket: ticket.clone(), events: received, reply };
        if !self.pool.submit(job) {
            return Err(ScriptError::Busy);
        }
        let guard = Guard { pool: self.pool.clone(), ticket };
        match tokio::time::timeout(self.pool.options.deadline, replied).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(ScriptError::Engine),
            Err(_) if *guard.ticket.phase() == Phase::Waiting => Err(ScriptError::Busy),
            Err(_) => Err(ScriptError::Deadline),
        }
    }
}

impl Drop for Scripts {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        state.is_closed = true;
        state.queue.clear();
        state.idle.clear();
    }
}

/// Stops a script when nobody awaits it any more.
struct Guard {
    pool: Arc<Pool>,
    ticket: Arc<Ticket>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut phase = self.ticket.phase();
        self.ticket.stop();
        if *phase == Phase::Running {
            *phase = Phase::Overdue;
            drop(self.ticket.events.send(Event::Stop));
            // The phase is held until this is counted, so that the thread cannot take back what is not there yet.
            let mut state = self.pool.state();
            state.overdue += 1;
            Pool::dispatch(&self.pool, &mut state);
            let (pool, ticket) = (Arc::downgrade(&self.pool), Arc::clone(&self.ticket));
            self.ticket.handle.spawn(async move {
                tokio::time::sleep(STUCK_AFTER).await;
                if let Some(pool) = pool.upgrade() {
                    pool.contain(&ticket);
                }
            });
        }
    }
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// If a script that was to end is still running: takes its thread out of the way of others, and gives its tenant no
    /// turn until it ends.
    fn contain(&self, ticket: &Ticket) {
        let mut phase = ticket.phase();
        if *phase != Phase::Overdue {
            return;
        }
        *phase = Phase::Stuck;
        self.state().queue.stuck(ticket.tenant);
        tracing::warn!(tenant = ticket.tenant, "a script cannot be stopped; its thread gets the lowest priority");
        if let Some(thread) = ticket.thread.get() {
            thread.give_way();
        }
    }

    fn submit(self: &Arc<Self>, job: Job) -> bool {
        let mut state = self.state();
        let is_accepted = !state.is_closed && state.queue.push(job.ticket.tenant, job);
        Self::dispatch(self, &mut state);
        is_accepted
    }

    /// How many threads there may be now.
    fn limit(&self, state: &State) -> usize {
        let threads = self.options.threads.max(1);
        threads + state.overdue.min(threads)
    }

    /// Hands jobs to threads that wait, or to new ones.
    fn dispatch(pool: &Arc<Self>, state: &mut State) {
        while !state.idle.is_empty() || state.threads < pool.limit(state) {
            let Some((tenant, job)) = state.queue.pop() else { return };
            let is_taken = match state.idle.pop() {
                Some((_, thread)) => thread.send(job).is_ok(),
                None => pool.start_thread(state, job),
            };
            if !is_taken {
                // The job is gone, and its caller learns that.
                state.queue.finished(tenant);
                return;
            }
        }
    }

    fn start_thread(self: &Arc<Self>, state: &mut State, job: Job) -> bool {
        let id = state.next_thread;
        state.next_thread += 1;
        let pool = Arc::clone(self);
        let stack = self.options.stack_bytes.min(MAX_STACK) + SPARE_STACK;
        let builder = thread::Builder::new().name(format!("script-{id}")).stack_size(stack);
        let started =
            builder.spawn(move || Worker { id, thread: Thread::current(), pool, shared: None, spare: None }.work(job));
        if let Err(error) = &started {
            tracing::error!(%error, "a thread for scripts could not be started");
        }
        state.threads += usize::from(started.is_ok());
        started.is_ok()
    }
}

/// A thread that runs scripts.
struct Worker {
    id: u64,
    thread: Thread,
    pool: Arc<Pool>,
    /// The realm that calls share.
    shared: Option<Realm>,
    /// A realm for the next call that needs its own, made while there was nothing else to do; only the kind, when
    /// it has been used.
    spare: Option<(Kind, Option<Realm>)>,
}

impl Worker {
    fn work(mut self, first: Job) {
        let mut next = Some(first);
        while let Some(job) = next {
            next = self.serve(job);
        }
    }

    /// Runs a job; the next one, or `None` when the thread is no longer needed.
    fn serve(&mut self, job: Job) -> Option<Job> {
        let is_wanted = {
            let mut phase = job.ticket.phase();
            let is_wanted = !job.ticket.is_stopped();
            *phase = if is_wanted { Phase::Running } else { Phase::Ended };
            is_wanted
        };
        job.ticket.thread.get_or_init(|| self.thread);
        let result = if is_wanted { self.run(&job) } else { Err(ScriptError::Busy) };
        let before = std::mem::replace(&mut *job.ticket.phase(), Phase::Ended);
        let waiting = self.next_or_wait(job.ticket.tenant, before);
        // Nobody may be waiting for it any more.
        drop(job.reply.send(result));
        match waiting {
            Next::Job(job) => Some(*job),
            Next::Wait(jobs) => {
                self.prepare();
                self.wait(&jobs)
            }
            Next::Leave => None,
        }
    }

    fn run(&mut self, job: &Job) -> Result<Outcome, ScriptError> {
        let run = || {
            let kind = job.script.0.kind;
            let (options, surroundings) = (&self.pool.options, &self.pool.surroundings);
            let ready = match kind {
                Kind::Hardened => self.shared.take(),
                Kind::Own | Kind::Legacy => {
                    let spare = self.spare.replace((kind, None));
                    spare.and_then(|(made, realm)| realm.filter(|_| made == kind))
                }
            };
            let mut realm = match ready {
                Some(realm) => realm,
                None => Realm::new(kind, options, Arc::clone(surroundings))?,
            };
            let result = realm.call(job);
            if !realm.is_broken {
                self.shared = Some(realm);
            }
            result
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
            tracing::error!("a script's thread panicked");
            Err(ScriptError::Engine)
        })
    }

    /// Makes another realm of the kind that was used up.
    fn prepare(&mut self) {
        if let Some((kind, spare @ None)) = &mut self.spare {
            *spare = Realm::new(*kind, &self.pool.options, Arc::clone(&self.pool.surroundings)).ok();
        }
    }

    /// Gives back the turn and takes the next, or lines up with the threads that wait.
    fn next_or_wait(&self, tenant: u64, phase: Phase) -> Next {
        let mut state = self.pool.state();
        let is_slow = phase == Phase::Stuck;
        state.overdue -= usize::from(is_slow || phase == Phase::Overdue);
        if is_slow {
            state.queue.loose(tenant);
        }
        state.queue.finished(tenant);
        if is_slow || state.is_closed || state.threads > self.pool.limit(&state) {
            state.threads -= 1;
            // A slow thread leaves while others may still wait for one.
            Pool::dispatch(&self.pool, &mut state);
            return Next::Leave;
        }
        if let Some((_, job)) = state.queue.pop() {
            return Next::Job(Box::new(job));
        }
        let (sender, receiver) = mpsc::channel();
        state.idle.push((self.id, sender));
        Next::Wait(receiver)
    }

    fn wait(&self, jobs: &Receiver<Job>) -> Option<Job> {
        match jobs.recv_timeout(LINGER) {
            Ok(job) => return Some(job),
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return self.leave(),
        }
        let mut state = self.pool.state();
        let before = state.idle.len();
        state.idle.retain(|(id, _)| *id != self.id);
        let was_listed = state.idle.len() < before;
        drop(state);
        // A thread that is no longer listed has a job on its way, unless the pool was closed.
        let job = if was_listed { None } else { jobs.recv().ok() };
        if job.is_some() { job } else { self.leave() }
    }

    fn leave(&self) -> Option<Job> {
        self.pool.state().threads -= 1;
        None
    }
}

/// What a thread does next.
enum Next {
    Job(Box<Job>),
    Wait(Receiver<Job>),
    Leave,
}
