//! Housekeeping: once an hour what has expired is deleted.

use std::{sync::Arc, time::Duration};

use ligand_domain::{Error, NewJob, Timestamp, job::Ending};
use serde_json::Value;

use super::Kind;
use crate::{App, failure::of_store};

const NAME: &str = "housekeeping";
const PERIOD: Duration = Duration::from_secs(3600);
/// How long it is known that a poll has seen a record.
const MARKS_KEPT: Duration = Duration::from_secs(400 * 86_400);
const DEADLINE: Duration = Duration::from_secs(1800);

pub(super) fn job(now: Timestamp) -> NewJob {
    NewJob::new(NAME, Value::Null, now).with_key(NAME)
}

pub(super) fn kind(app: &Arc<App>) -> Kind {
    let app = Arc::clone(app);
    Kind::new(NAME, DEADLINE, move |_| clean(Arc::clone(&app))).endless()
}

async fn clean(app: Arc<App>) -> Result<Ending, Error> {
    let now = app.clock.now();
    let jobs = app.store.forget_jobs(now.minus(app.limits.job_history)).await.map_err(of_store)?;
    let usage = app.store.forget_usage(now.minus(app.limits.usage_history)).await.map_err(of_store)?;
    let (kept, queued) = (app.limits.events.retention, app.limits.events.queued_retention);
    let before = now.minus(kept);
    let events = app.store.prune_events(before, now.minus(queued).min(before)).await.map_err(of_store)?;
    let marks = app.store.forget_marks(now.minus(MARKS_KEPT)).await.map_err(of_store)?;
    let sessions = app.store.delete_expired_sessions().await.map_err(of_store)?;
    let grants = app.store.delete_expired_oauth_requests().await.map_err(of_store)?;
    tracing::debug!(jobs, usage, events, marks, sessions, grants, "expired rows were deleted");
    Ok(Ending::Again { at: now.plus(PERIOD), trouble: None })
}
