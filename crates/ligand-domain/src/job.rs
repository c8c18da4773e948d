//! Background work: what is to be done later, by whichever worker is free, at least once.

use std::time::Duration;

use serde_json::Value;

use crate::{Id, Instance, Organization, Timestamp, User};

/// How many jobs of one lane run at a time unless a job says otherwise.
const LANE_LIMIT: u32 = 4;

/// How long a failed job is remembered at least.
pub const FAILED_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A job to be enqueued. Its payload names what to do; it is stored as it is, so secrets and customers' data do not
/// belong into it, only the ids of sealed rows that hold them.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// What sort of work it is; a worker that does not know the kind leaves the job to others.
    pub kind: &'static str,
    /// What the handler needs, small.
    pub payload: Value,
    /// What makes it one job however often it is enqueued: while a job with this key is remembered, no second one is
    /// made. Unique over all kinds, so begin it with the kind.
    pub key: Option<String>,
    /// Whose work it is: organizations take turns. `None` for the platform's own.
    pub organization_id: Option<Id<Organization>>,
    /// The user on whose behalf; the job goes with the user.
    pub user_id: Option<Id<User>>,
    /// The instance it is about; the job goes with the instance.
    pub instance_id: Option<Id<Instance>>,
    /// Within an organization lanes take turns; jobs of one lane start in the order of priority, due time, and
    /// enqueuing.
    pub lane: String,
    /// At most so many jobs of the lane run at a time, over all processes, when this one starts. With 1 they run one
    /// after the other.
    pub lane_limit: u32,
    /// Less comes first, within an organization. 0 unless set.
    pub priority: i64,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// How long it is remembered, with its key and result, after it was done. Zero: not at all.
    pub keep: Duration,
    /// Shown to its user in lists of jobs, when it has a name.
    pub name: Option<String>,
    /// What the user is told of it.
    pub description: String,
}

impl NewJob {
    /// A job of the platform's own.
    #[must_use]
    pub fn new(kind: &'static str, payload: Value, due_at: Timestamp) -> Self {
        Self {
            kind,
            payload,
            key: None,
            organization_id: None,
            user_id: None,
            instance_id: None,
            lane: format!("platform:{kind}"),
            lane_limit: LANE_LIMIT,
            priority: 0,
            due_at,
            keep: Duration::ZERO,
            name: None,
            description: String::new(),
        }
    }

    /// The same job on behalf of an instance, in that instance's lane.
    #[must_use]
    pub fn for_instance(self, instance: &Instance) -> Self {
        Self {
            organization_id: Some(instance.organization_id),
            user_id: Some(instance.user_id),
            instance_id: Some(instance.id),
            lane: format!("instance:{}", instance.id),
            ..self
        }
    }

    /// The same job in another lane.
    #[must_use]
    pub fn in_lane(self, lane: impl Into<String>, lane_limit: u32) -> Self {
        Self { lane: lane.into(), lane_limit, ..self }
    }

    /// The same job under a key that makes it unique.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its time, or for a free worker.
    Waiting,
    /// It waits until it is switched on again.
    Paused,
    /// A worker holds it.
    Running,
    /// It was done.
    Done,
    /// It was given up.
    Failed,
}

/// A stored job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// 24 hexadecimal digits, ordered by time.
    pub id: String,
    /// As [`NewJob::kind`].
    pub kind: String,
    /// As [`NewJob::payload`].
    pub payload: Value,
    /// As [`NewJob::key`].
    pub key: Option<String>,
    /// As [`NewJob::organization_id`].
    pub organization_id: Option<Id<Organization>>,
    /// As [`NewJob::user_id`].
    pub user_id: Option<Id<User>>,
    /// As [`NewJob::instance_id`].
    pub instance_id: Option<Id<Instance>>,
    /// As [`NewJob::priority`].
    pub priority: i64,
    /// As [`NewJob::name`].
    pub name: Option<String>,
    /// As [`NewJob::description`].
    pub description: String,
    /// Where it stands.
    pub state: State,
    /// The instant it was planned for: that of [`NewJob`], of the last repetition, or of the next turn.
    pub planned_at: Timestamp,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When a worker took it last.
    pub started_at: Option<Timestamp>,
    /// How often it was started since it last succeeded; 1 while it runs for the first time.
    pub attempts: i64,
    /// How many workers in a row have vanished with it.
    pub losses: i64,
    /// What the last attempt said.
    pub last_error: Option<String>,
    /// What it left, when it was done and is remembered.
    pub result: Option<Value>,
}

/// How a job that was taken goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It is done, with what it leaves.
    Done(Value),
    /// This turn is over and the next one is due then: periodic work. `trouble` says what went wrong in this turn.
    Again {
        /// The next turn.
        at: Timestamp,
        /// What went wrong.
        trouble: Option<String>,
    },
    /// It did not succeed and is to be tried again then.
    Retry {
        /// The next try.
        at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// It is given up.
    Fail(String),
}

/// One finished attempt at a job that has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: Id<Run>,
    /// The job.
    pub job_id: String,
    /// The job's kind.
    pub kind: String,
    /// The job's name.
    pub name: String,
    /// The job's description.
    pub description: String,
    /// On whose behalf.
    pub user_id: Option<Id<User>>,
    /// About which instance.
    pub instance_id: Option<Id<Instance>>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What went wrong; `None` for a success.
    pub error: Option<String>,
}
