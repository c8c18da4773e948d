//! Background work: enqueued in the change that causes it, looked up, switched, moved, forgotten. Taking jobs is in
//! `claim`, what becomes of them in `ending`.

use std::time::Duration;

use ligand_domain::{
    Id, Instance, Job, NewJob, Timestamp, User,
    job::{Run, State},
};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{
    Error, Store,
    row::{Columns, storable},
    store::Change,
};

mod bell;
mod claim;
mod ending;
mod fair;
#[cfg(test)]
mod tests;

pub(crate) use bell::Bell;
pub use bell::Hearing;
pub use claim::{Claim, Claimed};
pub use fair::Turns;

/// How many ended jobs or runs one statement forgets.
const FORGOTTEN_AT_ONCE: i64 = 500;

macro_rules! job_columns {
    () => {
        "id, kind, payload, job_key, organization_id, user_id, instance_id, priority, name, description, paused, \
         due_at, planned_at, created_at, started_at, attempts, losses, lease, ending, last_error, result"
    };
}
use job_columns;

/// How many jobs stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting for their time, or for a worker.
    pub waiting: i64,
    /// Of these: due.
    pub due: i64,
    /// In the hands of a worker.
    pub running: i64,
    /// Given up and not yet forgotten.
    pub failed: i64,
}

impl Store {
    /// Enqueues jobs, all or none. Says for each whether it is new; one whose key is remembered is not.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the user or the instance does not exist or the database fails.
    pub async fn enqueue_jobs(&self, jobs: &[NewJob]) -> Result<Vec<bool>, Error> {
        let mut change = self.begin().await?;
        let mut new = Vec::with_capacity(jobs.len());
        for job in jobs {
            new.push(self.enqueue(&mut change, job).await?.is_some());
        }
        change.commit().await?;
        Ok(new)
    }

    /// Enqueues a job as a part of a change, and gives its id, unless its key is remembered. Workers are woken when the
    /// change is made.
    pub(crate) async fn enqueue(&self, change: &mut Change, job: &NewJob) -> Result<Option<String>, Error> {
        let payload = job.payload.to_string();
        for text in [Some(payload.as_str()), job.key.as_deref(), job.name.as_deref(), Some(&job.lane)] {
            text.map(storable).transpose()?;
        }
        storable(&job.description)?;
        let id = self.next_job_id();
        let result = sqlx::query(
            "INSERT INTO jobs (id, kind, payload, job_key, organization_id, user_id, instance_id, lane, lane_limit,
                 priority, name, description, paused, due_at, planned_at, created_at, attempts, losses, keep_millis)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $13, $14, 0, 0, $15)
             ON CONFLICT (job_key) DO NOTHING",
        )
        .bind(&id)
        .bind(job.kind)
        .bind(payload)
        .bind(job.key.as_deref())
        .bind(job.organization_id.map_or(0, Id::get))
        .bind(job.user_id.map(Id::get))
        .bind(job.instance_id.map(Id::get))
        .bind(&job.lane)
        .bind(i64::from(job.lane_limit.max(1)))
        .bind(job.priority)
        .bind(job.name.as_deref())
        .bind(&job.description)
        .bind(job.due_at.as_millis())
        .bind(self.clock().now().as_millis())
        .bind(millis(job.keep))
        .execute(&mut **change)
        .await?;
        let new = result.rows_affected() > 0;
        change.brings_work |= new;
        Ok(new.then_some(id))
    }

    /// A job by its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_job(&self, id: &str) -> Result<Option<Job>, Error> {
        let query = sqlx::query(concat!("SELECT ", job_columns!(), " FROM jobs WHERE id = $1")).bind(id);
        query.fetch_optional(self.reader()).await?.map(|row| job(&row)).transpose()
    }

    /// A job by its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_job_by_key(&self, key: &str) -> Result<Option<Job>, Error> {
        let query = sqlx::query(concat!("SELECT ", job_columns!(), " FROM jobs WHERE job_key = $1")).bind(key);
        query.fetch_optional(self.reader()).await?.map(|row| job(&row)).transpose()
    }

    /// The jobs of a user that have a name and have not ended, oldest first, from behind an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_jobs(&self, user: Id<User>, after: &str, limit: u32) -> Result<Vec<Job>, Error> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            job_columns!(),
            " FROM jobs WHERE user_id = $1 AND name IS NOT NULL AND ending IS NULL AND id > $2 ORDER BY id LIMIT $3"
        ))
        .bind(user.get())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(job).collect()
    }

    /// When the next job is due that is not due yet, or the next lease ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_job_due(&self) -> Result<Option<Timestamp>, Error> {
        let query = sqlx::query("SELECT MIN(due_at) AS due_at FROM jobs WHERE due_at > $1");
        let row = query.bind(self.clock().now().as_millis()).fetch_one(self.reader()).await?;
        Ok(row.optional_number("due_at")?.map(Timestamp::from_millis))
    }

    /// Moves a job that waits, found by its key, to another time, unless it is due before. False when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hasten_job(&self, key: &str, due_at: Timestamp) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let result = sqlx::query(
            "UPDATE jobs SET due_at = $2, planned_at = $2
             WHERE job_key = $1 AND lease IS NULL AND paused = 0 AND due_at > $2",
        )
        .bind(key)
        .bind(due_at.as_millis())
        .execute(&mut *change)
        .await?;
        moved(change, result.rows_affected()).await
    }

    /// Gives a job another payload and, while no worker holds it, another time. A worker that holds it has taken the
    /// old payload. False when there is no such job, or it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replan_job(&self, id: &str, payload: &Value, due_at: Timestamp) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let result = sqlx::query(
            "UPDATE jobs SET payload = $2, planned_at = $3,
                 due_at = CASE WHEN lease IS NOT NULL OR paused = 1 THEN due_at ELSE $3 END
             WHERE id = $1 AND ending IS NULL",
        )
        .bind(id)
        .bind(storable(&payload.to_string())?)
        .bind(due_at.as_millis())
        .execute(&mut *change)
        .await?;
        moved(change, result.rows_affected()).await
    }

    /// Switches a job off; a turn that runs comes to its end. False when there is no such job, or it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_job(&self, id: &str) -> Result<bool, Error> {
        let result = sqlx::query(
            "UPDATE jobs SET paused = 1, due_at = CASE WHEN lease IS NULL THEN NULL ELSE due_at END
             WHERE id = $1 AND ending IS NULL",
        );
        Ok(result.bind(id).execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Switches a job on that was off; it is due then. One that was on stays as it is. False when there is no such
    /// job, or it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_job(&self, id: &str, due_at: Timestamp) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let result = sqlx::query(
            "UPDATE jobs SET paused = 0,
                 planned_at = CASE WHEN paused = 1 THEN $2 ELSE planned_at END,
                 due_at = CASE WHEN paused = 1 AND lease IS NULL THEN $2 ELSE due_at END
             WHERE id = $1 AND ending IS NULL",
        )
        .bind(id)
        .bind(due_at.as_millis())
        .execute(&mut *change)
        .await?;
        moved(change, result.rows_affected()).await
    }

    /// Deletes a job with its history. A worker that holds it is told to stop, and what it brings is not taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_job(&self, id: &str) -> Result<bool, Error> {
        let query = sqlx::query("DELETE FROM jobs WHERE id = $1").bind(id);
        Ok(query.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// As [`Store::delete_job`], by the job's key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_job_by_key(&self, key: &str) -> Result<bool, Error> {
        let query = sqlx::query("DELETE FROM jobs WHERE job_key = $1").bind(key);
        Ok(query.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Deletes all jobs of a user that have a name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_jobs_of_user(&self, user: Id<User>) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM jobs WHERE user_id = $1 AND name IS NOT NULL").bind(user.get());
        Ok(query.execute(self.writer()).await?.rows_affected())
    }

    /// Deletes ended jobs whose time has come, and runs that ended before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_jobs(&self, runs_before: Timestamp) -> Result<u64, Error> {
        let now = self.clock().now();
        let mut forgotten = 0;
        for (sql, instant) in [(FORGET_JOBS, now), (FORGET_RUNS, runs_before)] {
            loop {
                let query = sqlx::query(sql).bind(instant.as_millis()).bind(FORGOTTEN_AT_ONCE);
                let deleted = query.execute(self.writer()).await?.rows_affected();
                forgotten += deleted;
                if deleted < u64::try_from(FORGOTTEN_AT_ONCE).unwrap_or(u64::MAX) {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    /// How many jobs stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_jobs(&self) -> Result<JobCounts, Error> {
        let row = sqlx::query(
            "SELECT COALESCE(SUM(CASE WHEN ending IS NULL AND lease IS NULL THEN 1 ELSE 0 END), 0) AS waiting,
                 COALESCE(SUM(CASE WHEN lease IS NULL AND due_at <= $1 THEN 1 ELSE 0 END), 0) AS due,
                 COALESCE(SUM(CASE WHEN lease IS NOT NULL THEN 1 ELSE 0 END), 0) AS running,
                 COALESCE(SUM(CASE WHEN ending = 'failed' THEN 1 ELSE 0 END), 0) AS failed
             FROM jobs",
        );
        let row = row.bind(self.clock().now().as_millis()).fetch_one(self.reader()).await?;
        Ok(JobCounts {
            waiting: row.number("waiting")?,
            due: row.number("due")?,
            running: row.number("running")?,
            failed: row.number("failed")?,
        })
    }

    /// How many jobs of a kind a user has that have not ended; counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_jobs_of_user(&self, kind: &str, user: Id<User>, most: u32) -> Result<u32, Error> {
        let query = sqlx::query(
            "SELECT COUNT(*) AS jobs FROM (SELECT 1 AS one FROM jobs
             WHERE user_id = $1 AND kind = $2 AND ending IS NULL LIMIT $3) AS live",
        );
        let row = query.bind(user.get()).bind(kind).bind(i64::from(most)).fetch_one(self.reader()).await?;
        Ok(u32::try_from(row.number("jobs")?).unwrap_or(most))
    }

    /// How many jobs of a kind there are about an instance that have not ended; counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_jobs_of_instance(&self, kind: &str, instance: Id<Instance>, most: u32) -> Result<u32, Error> {
        let query = sqlx::query(
            "SELECT COUNT(*) AS jobs FROM (SELECT 1 AS one FROM jobs
             WHERE instance_id = $1 AND kind = $2 AND ending IS NULL LIMIT $3) AS live",
        );
        let row = query.bind(instance.get()).bind(kind).bind(i64::from(most)).fetch_one(self.reader()).await?;
        Ok(u32::try_from(row.number("jobs")?).unwrap_or(most))
    }

    /// Finished attempts at the jobs of a user that have a name, newest first, with a smaller number than `before` if
    /// that is given; of one job only, if that is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_job_runs(
        &self,
        user: Id<User>,
        job_id: Option<&str>,
        before: Option<Id<Run>>,
        limit: u32,
    ) -> Result<Vec<Run>, Error> {
        let rows = sqlx::query(
            "SELECT job_runs.id, job_id, kind, name, description, user_id, instance_id, job_runs.started_at, ended_at,
                 error
             FROM job_runs JOIN jobs ON jobs.id = job_id
             WHERE user_id = $1 AND name IS NOT NULL AND ($2 = '' OR job_id = $2) AND job_runs.id < $3
             ORDER BY job_runs.id DESC LIMIT $4",
        )
        .bind(user.get())
        .bind(job_id.unwrap_or_default())
        .bind(before.map_or(i64::MAX, Id::get))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(run).collect()
    }
}

const FORGET_JOBS: &str = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE forget_at <= $1 LIMIT $2)";
const FORGET_RUNS: &str = "DELETE FROM job_runs WHERE id IN (SELECT id FROM job_runs WHERE ended_at < $1 LIMIT $2)";

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Ends a change that gave jobs another time, and wakes workers if there were any.
async fn moved(mut change: Change, jobs: u64) -> Result<bool, Error> {
    change.brings_work = jobs > 0;
    change.commit().await?;
    Ok(jobs > 0)
}

fn job(row: &AnyRow) -> Result<Job, Error> {
    let id = row.text("id")?;
    let read = |column: &'static str, text: &str| {
        let place = || format!("jobs.{column} of row {id}");
        serde_json::from_str(text).map_err(|_| Error::corrupt(place(), "not JSON"))
    };
    Ok(Job {
        kind: row.text("kind")?,
        payload: read("payload", &row.text("payload")?)?,
        key: row.optional_text("job_key")?,
        organization_id: Id::new(row.number("organization_id")?),
        user_id: row.optional_number("user_id")?.and_then(Id::new),
        instance_id: row.optional_number("instance_id")?.and_then(Id::new),
        priority: row.number("priority")?,
        name: row.optional_text("name")?,
        description: row.text("description")?,
        state: state(row)?,
        planned_at: row.instant("planned_at")?,
        created_at: row.instant("created_at")?,
        started_at: row.optional_number("started_at")?.map(Timestamp::from_millis),
        attempts: row.number("attempts")?,
        losses: row.number("losses")?,
        last_error: row.optional_text("last_error")?,
        result: row.optional_text("result")?.map(|text| read("result", &text)).transpose()?,
        id,
    })
}

fn state(row: &AnyRow) -> Result<State, Error> {
    Ok(match row.optional_text("ending")?.as_deref() {
        Some("done") => State::Done,
        Some("failed") => State::Failed,
        Some(_) => return Err(Error::corrupt("jobs.ending", "unknown value")),
        None if row.optional_text("lease")?.is_some() => State::Running,
        None if row.flag("paused")? => State::Paused,
        None => State::Waiting,
    })
}

fn run(row: &AnyRow) -> Result<Run, Error> {
    Ok(Run {
        id: row.id("id")?,
        job_id: row.text("job_id")?,
        kind: row.text("kind")?,
        name: row.text("name")?,
        description: row.text("description")?,
        user_id: row.optional_number("user_id")?.and_then(Id::new),
        instance_id: row.optional_number("instance_id")?.and_then(Id::<Instance>::new),
        started_at: row.instant("started_at")?,
        ended_at: row.instant("ended_at")?,
        error: row.optional_text("error")?,
    })
}
