//! One job in the hands of a worker: done within its deadline, whatever the work does; and what follows from errors.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use ligand_domain::{Clock, Error, ErrorKind, Job, Rng, job::Ending, retry};

use super::Kind;

const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(900);
/// So many workers in a row may vanish with a job before it is taken for the cause.
const LOSSES: i64 = 5;
/// How long a job that kills workers rests, when it must not be given up.
const QUARANTINE: Duration = Duration::from_secs(6 * 3600);

/// What all duties of a worker share.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
}

/// Does the job and says how it goes on.
pub(super) async fn perform(means: &Means, kind: &Kind, job: &Job) -> Ending {
    if job.losses >= LOSSES {
        let why = format!("{} workers in a row vanished while they did it", job.losses);
        tracing::error!(job = %job.id, kind = kind.name, why, "a job is taken out");
        let at = means.clock.now().plus(QUARANTINE);
        return if kind.attempts.is_none() { Ending::Retry { at, why } } else { Ending::Fail(why) };
    }
    // The work runs as a task's inner future: a panic ends here and not in the worker.
    let work = AssertUnwindSafe(async { (kind.work)(job.clone()).await }).catch_unwind();
    let why = match tokio::time::timeout(kind.deadline, work).await {
        Ok(Ok(Ok(ending))) => {
            tell(kind, job, &ending);
            return ending;
        }
        Ok(Ok(Err(error))) => {
            tracing::warn!(job = %job.id, kind = kind.name, code = error.code, cause = cause(&error), "a job failed");
            if error.kind == ErrorKind::Unavailable {
                return again(means, job, error.message);
            }
            error.message
        }
        Ok(Err(_)) => {
            tracing::error!(job = %job.id, kind = kind.name, "a job panicked; the panic message precedes this line");
            "it met a fault of the platform".to_owned()
        }
        Err(_) => {
            let why = format!("it took longer than {} seconds", kind.deadline.as_secs());
            tracing::warn!(job = %job.id, kind = kind.name, why, "a job was interrupted");
            why
        }
    };
    match kind.attempts {
        Some(attempts) if job.attempts >= attempts => {
            tracing::error!(job = %job.id, kind = kind.name, attempts, "a job is given up");
            Ending::Fail(why)
        }
        _ => again(means, job, why),
    }
}

fn tell(kind: &Kind, job: &Job, ending: &Ending) {
    match ending {
        Ending::Fail(why) => tracing::warn!(job = %job.id, kind = kind.name, why, "a job is given up"),
        Ending::Retry { why, .. } => tracing::debug!(job = %job.id, kind = kind.name, why, "a job is tried again"),
        Ending::Done(_) | Ending::Again { .. } => {}
    }
}

fn again(means: &Means, job: &Job, why: String) -> Ending {
    let wait = retry::back_off(&*means.rng, job.attempts, FIRST_WAIT, LONGEST_WAIT);
    Ending::Retry { at: means.clock.now().plus(wait), why }
}

fn cause(error: &Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
