//! Requests with a schedule: made, looked at, switched, deleted, and executed when it is time. Every job that has a name
//! is shown beside them, whatever it does.

use std::{sync::Arc, time::Duration};

use ligand_domain::{
    Caller, Cron, Error, ErrorKind, Id, Instance, Job, NewJob, Secret, Timestamp,
    job::{Ending, Run},
};
use serde_json::{Map, Value, json};

use super::{Front, NewSchedule, Response, request::trigger};
use crate::{
    App,
    failure::of_store,
    instances::{Loaded, Target},
    jobs::Kind,
    paging::{self, Position},
};

const NAME: &str = "scheduled-request";
/// How long one execution may take.
const DEADLINE: Duration = Duration::from_secs(3700);
/// How long a request that is executed once is remembered after that.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many of a user's scheduled requests are executed at a time.
const AT_ONCE: u32 = 8;
/// How many of a user's jobs are there at a time.
const JOBS: u32 = 1000;
/// After how many seconds another one may be tried.
const WAIT: u64 = 60;
/// With which statuses the platform does not execute a request, and how often that is repeated.
const NOT_EXECUTED: [u16; 2] = [429, 503];
const REPETITIONS: u32 = 9;
/// How many runs are looked at in one go.
const RUNS: u32 = 500;
/// How many runs are looked through at most for those that a filter wants.
const RUNS_SEEN: usize = 20_000;

/// A job as it is shown.
pub struct JobView {
    /// The job.
    pub job: Job,
    /// The element of its instance.
    pub element_key: Option<String>,
}

impl JobView {
    /// When it fires, if it is a scheduled request.
    #[must_use]
    pub fn cron(&self) -> Option<&str> {
        self.job.payload["cron"].as_str()
    }
}

/// A run as it is shown.
pub struct History {
    /// The run.
    pub run: Run,
    /// The element of its instance.
    pub element_key: Option<String>,
}

/// Which executions to list.
#[derive(Debug, Default)]
pub struct Executions {
    /// Keeps those of one job.
    pub job: Option<String>,
    /// Keeps those of instances of these elements.
    pub element_keys: Vec<String>,
    /// Keeps those that began then or later.
    pub from: Option<Timestamp>,
    /// Keeps those that began before.
    pub to: Option<Timestamp>,
    /// `pageSize` as it was sent.
    pub page_size: Option<String>,
    /// `nextPage` as it was sent.
    pub next_page: Option<String>,
}

impl App {
    /// Makes a job of a request: executed when its schedule says, or once without one. The instance is that of the
    /// body's `instanceId`, else that of the token among the request's headers, else that of the caller's own token.
    ///
    /// # Errors
    /// As [`App::instance`]; invalid for a schedule that never fires, and for credentials of somebody else; too many for
    /// a user with a thousand jobs.
    pub async fn schedule(&self, caller: &Caller, token: Option<&Secret>, new: NewSchedule) -> Result<JobView, Error> {
        let loaded = self.instance_of_schedule(caller, token, &new).await?;
        let due_at = match &new.cron {
            Some(cron) => self.next_firing(cron)?,
            None => self.clock.now(),
        };
        if self.store.count_jobs_of_user(NAME, caller.user_id, JOBS).await.map_err(of_store)? >= JOBS {
            let message = format!("A user has {JOBS} jobs at most");
            return Err(Error::new(ErrorKind::TooMany, "jobs-too-many", message).retry_after(WAIT));
        }
        let payload = json!({
            "cron": new.cron.as_ref().map(ToString::to_string),
            "method": new.request.method,
            "uri": new.request.path(),
        });
        let kept = serde_json::to_string(&new.request).expect("texts are valid JSON");
        let job = NewJob {
            organization_id: Some(caller.organization_id),
            user_id: Some(caller.user_id),
            instance_id: loaded.as_ref().map(|loaded| loaded.instance.id),
            name: Some(new.name),
            description: new.description,
            keep: KEPT,
            ..NewJob::new(NAME, payload, due_at)
        };
        let job = job.in_lane(format!("requests:{}", caller.user_id), AT_ONCE);
        let (_, id) = self.store.keep_request(job, &kept).await.map_err(of_store)?;
        self.job(caller, &id).await
    }

    async fn instance_of_schedule(
        &self,
        caller: &Caller,
        token: Option<&Secret>,
        new: &NewSchedule,
    ) -> Result<Option<Arc<Loaded>>, Error> {
        if let Some(id) = &new.instance {
            return self.instance(caller, Target::Id { id, element: None }).await.map(Some);
        }
        let among_headers = match &new.authorization {
            Some(header) => Some(self.identify(Some(header.as_bytes())).await?),
            None => None,
        };
        if among_headers.as_ref().is_some_and(|identity| identity.user().user_id != caller.user_id) {
            let message = "headers.Authorization must be that of the user who makes the job";
            return Err(Error::invalid("job-of-another", message));
        }
        let token = among_headers.as_ref().and_then(|identity| identity.element_token().ok()).or(token);
        match token {
            Some(token) => self.instance(caller, Target::Token { token, element: None }).await.map(Some),
            None => Ok(None),
        }
    }

    fn next_firing(&self, cron: &Cron) -> Result<Timestamp, Error> {
        let never = || Error::invalid("schedule-never", "The schedule never fires again");
        cron.next_after(self.clock.now()).ok_or_else(never)
    }

    /// A page of the caller's jobs, oldest first, and the token of the next one.
    ///
    /// # Errors
    /// Invalid for a bad page size or token; when the database fails.
    pub async fn jobs(
        &self,
        caller: &Caller,
        page_size: Option<&str>,
        next_page: Option<&str>,
    ) -> Result<(Vec<JobView>, Option<String>), Error> {
        let (after, limit) = paging::behind(page_size, next_page)?;
        let mut jobs = self.store.list_jobs(caller.user_id, &after, limit + 1).await.map_err(of_store)?;
        let count = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = jobs.len() > count;
        jobs.truncate(count);
        let next = jobs.last().filter(|_| more).map(|job| paging::next_behind(&job.id, limit));
        let mut views = Vec::with_capacity(jobs.len());
        for job in jobs {
            let element_key = self.element_of_job(job.instance_id).await?;
            views.push(JobView { job, element_key });
        }
        Ok((views, next))
    }

    /// One of the caller's jobs.
    ///
    /// # Errors
    /// Not found for any other.
    pub async fn job(&self, caller: &Caller, id: &str) -> Result<JobView, Error> {
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(not_found(id));
        }
        let found = self.store.find_job(id).await.map_err(of_store)?;
        let own = found.filter(|job| job.user_id == Some(caller.user_id) && job.name.is_some());
        let job = own.ok_or_else(|| not_found(id))?;
        let element_key = self.element_of_job(job.instance_id).await?;
        Ok(JobView { job, element_key })
    }

    /// Deletes one of the caller's jobs; it fires no more.
    ///
    /// # Errors
    /// As [`App::job`].
    pub async fn delete_job(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        self.job(caller, id).await?;
        if self.store.delete_job(id).await.map_err(of_store)? { Ok(()) } else { Err(not_found(id)) }
    }

    /// Switches one of the caller's jobs off.
    ///
    /// # Errors
    /// As [`App::job`].
    pub async fn disable_job(&self, caller: &Caller, id: &str) -> Result<JobView, Error> {
        self.job(caller, id).await?;
        self.store.pause_job(id).await.map_err(of_store)?;
        self.job(caller, id).await
    }

    /// Switches one of the caller's jobs on. It fires when its schedule says next, not for the times that it missed.
    ///
    /// # Errors
    /// As [`App::job`]; invalid for a schedule that never fires again.
    pub async fn enable_job(&self, caller: &Caller, id: &str) -> Result<JobView, Error> {
        let at = match self.job(caller, id).await?.cron().and_then(|cron| cron.parse().ok()) {
            Some(cron) => self.next_firing(&cron)?,
            None => self.clock.now(),
        };
        self.store.resume_job(id, at).await.map_err(of_store)?;
        self.job(caller, id).await
    }

    /// Gives one of the caller's scheduled requests another schedule.
    ///
    /// # Errors
    /// As [`App::job`]; invalid for a body without a schedule, and for a job that follows no cron expression.
    pub async fn reschedule_job(&self, caller: &Caller, id: &str, body: &Map<String, Value>) -> Result<JobView, Error> {
        let view = self.job(caller, id).await?;
        let cron = trigger(body).unwrap_or_else(|| Err("trigger.cron is required".to_owned()));
        let cron = cron.map_err(|problem| Error::invalid("job-invalid", problem))?;
        if view.job.kind != NAME {
            let message = "This job is the platform's own and follows what it was made for";
            return Err(Error::invalid("job-not-scheduled", message));
        }
        let at = self.next_firing(&cron)?;
        let mut payload = view.job.payload.clone();
        payload["cron"] = Value::from(cron.to_string());
        if !self.store.replan_job(id, &payload, at).await.map_err(of_store)? {
            return Err(Error::invalid("job-ended", "The job has ended"));
        }
        self.job(caller, id).await
    }

    /// A page of finished executions of the caller's jobs, newest first, and the token of the next one.
    ///
    /// # Errors
    /// Not found for an unknown job; invalid for a bad page size or token; when the database fails.
    pub async fn executions(
        &self,
        caller: &Caller,
        wanted: &Executions,
    ) -> Result<(Vec<History>, Option<String>), Error> {
        if let Some(id) = &wanted.job {
            self.job(caller, id).await?;
        }
        let position = Position::read(wanted.page_size.as_deref(), wanted.next_page.as_deref())?;
        let limit = usize::try_from(position.limit).unwrap_or(usize::MAX);
        let mut before = Id::new(position.after);
        let (mut found, mut seen) = (Vec::new(), 0);
        loop {
            let runs = self.store.list_job_runs(caller.user_id, wanted.job.as_deref(), before, RUNS).await;
            let runs = runs.map_err(of_store)?;
            let is_last = runs.len() < usize::try_from(RUNS).unwrap_or(usize::MAX);
            seen += runs.len();
            for run in runs {
                before = Some(run.id);
                let in_time = wanted.from.is_none_or(|from| run.started_at >= from)
                    && wanted.to.is_none_or(|to| run.started_at < to);
                let element_key = self.element_of_job(run.instance_id).await?;
                let of_element = wanted.element_keys.is_empty()
                    || element_key.as_ref().is_some_and(|key| wanted.element_keys.contains(key));
                if in_time && of_element {
                    if found.len() == limit {
                        let next = found.last().map(|last: &History| position.next(last.run.id.get()));
                        return Ok((found, next));
                    }
                    found.push(History { run, element_key });
                }
            }
            if is_last || seen >= RUNS_SEEN {
                // What was not looked through yet is on the next page.
                let next = before.filter(|_| !is_last).map(|before| position.next(before.get()));
                return Ok((found, next));
            }
        }
    }

    /// One finished execution of a job of the caller's.
    ///
    /// # Errors
    /// Not found for any other.
    pub async fn execution(&self, caller: &Caller, job: &str, run: &str) -> Result<History, Error> {
        self.job(caller, job).await?;
        let unknown = || {
            let run: String = run.chars().take(100).collect();
            Error::not_found("job-run-not-found", format!("No history found with ID {run}"))
        };
        let number: i64 = run.parse().ok().filter(|number| *number > 0).ok_or_else(unknown)?;
        let before = number.checked_add(1).and_then(Id::new);
        let runs = self.store.list_job_runs(caller.user_id, Some(job), before, 1).await.map_err(of_store)?;
        let run = runs.into_iter().find(|found| found.id.get() == number).ok_or_else(unknown)?;
        let element_key = self.element_of_job(run.instance_id).await?;
        Ok(History { run, element_key })
    }

    async fn element_of_job(&self, instance: Option<Id<Instance>>) -> Result<Option<String>, Error> {
        let Some(id) = instance else { return Ok(None) };
        Ok(self.load(id).await?.map(|loaded| loaded.element.key().to_owned()))
    }
}

fn not_found(id: &str) -> Error {
    let id: String = id.chars().take(100).collect();
    Error::not_found("job-not-found", format!("No job found with ID {id}"))
}

pub(crate) fn kind(app: &Arc<App>, front: &Front) -> Kind {
    let (app, front) = (Arc::clone(app), Arc::clone(front));
    Kind::new(NAME, DEADLINE, move |job| fire(Arc::clone(&app), Arc::clone(&front), job)).endless()
}

/// One execution. Whatever it is answered, the next one comes at the latest when the schedule says; times that were missed are made
/// up for by one.
async fn fire(app: Arc<App>, front: Front, job: Job) -> Result<Ending, Error> {
    let request = match app.kept(&job).await? {
        Some(kept) => app.authorized(&job, kept.request).await?,
        None => None,
    };
    let Some(request) = request else {
        return Ok(Ending::Fail("the request, its user or its instance is gone".to_owned()));
    };
    let response = front(request).await;
    // It may have got another schedule meanwhile.
    let job = app.store.find_job(&job.id).await.map_err(of_store)?.unwrap_or(job);
    Ok(ending(&job, &response, app.clock.now()))
}

/// What comes of an execution. When the platform cannot serve, or too much is called at once, nothing was executed: it
/// is tried again after 4 to the power of n seconds, unless the schedule comes first.
fn ending(job: &Job, response: &Response, now: Timestamp) -> Ending {
    let trouble = response.trouble();
    let cron: Option<Cron> = job.payload["cron"].as_str().and_then(|cron| cron.parse().ok());
    let next = cron.and_then(|cron| cron.next_after(now));
    let tries = u32::try_from(job.attempts.max(1)).unwrap_or(u32::MAX);
    if NOT_EXECUTED.contains(&response.status) && tries <= REPETITIONS {
        let at = now.plus(Duration::from_secs(4_u64.pow(tries)));
        if next.is_none_or(|next| at < next) {
            return Ending::Retry { at, why: trouble.unwrap_or_default() };
        }
    }
    match (next, trouble) {
        (Some(at), trouble) => Ending::Again { at, trouble },
        (None, None) => Ending::Done(json!({ "status": response.status })),
        (None, Some(trouble)) => Ending::Fail(trouble),
    }
}

#[cfg(test)]
mod tests {
    use ligand_domain::job::State;

    use super::*;

    fn job(cron: Option<&str>, attempts: i64) -> Job {
        Job {
            id: "1".to_owned(),
            kind: NAME.to_owned(),
            payload: json!({ "cron": cron }),
            key: None,
            organization_id: None,
            user_id: None,
            instance_id: None,
            priority: 0,
            name: None,
            description: String::new(),
            state: State::Running,
            planned_at: Timestamp::from_millis(0),
            created_at: Timestamp::from_millis(0),
            started_at: None,
            attempts,
            losses: 0,
            last_error: None,
            result: None,
        }
    }

    #[test]
    fn what_was_not_executed_is_tried_again() {
        let ends = |cron, attempts, status| {
            let response = Response { status, body: Vec::new() };
            ending(&job(cron, attempts), &response, Timestamp::from_millis(0))
        };
        let hourly = Some("0 0 * * * ?");
        for status in [429, 503] {
            let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
            let again = |ending, seconds| matches!(ending, Ending::Retry { at: when, .. } if when == at(seconds));
            assert!(again(ends(None, 1, status), 4) && again(ends(hourly, 3, status), 64));
            assert!(again(ends(None, 9, status), 4 << 16));
            assert!(matches!(ends(None, 10, status), Ending::Fail(_)), "not for ever");
            let next = ends(hourly, 6, status);
            assert!(matches!(next, Ending::Again { at: when, trouble: Some(_) } if when == at(3600)), "{next:?}");
        }
        assert!(matches!(ends(None, 1, 404), Ending::Fail(_)));
        assert!(matches!(ends(None, 1, 502), Ending::Fail(_)));
        assert!(matches!(ends(None, 1, 200), Ending::Done(_)));
        assert!(matches!(ends(hourly, 1, 500), Ending::Again { trouble: Some(_), .. }));
    }
}
