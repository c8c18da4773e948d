//! What becomes of jobs that were taken: extended, ended, given back. Whoever has lost a job changes nothing about it.

use ligand_domain::{
    Job, Timestamp,
    job::{Ending, FAILED_KEPT},
};
use sqlx::AssertSqlSafe;

use super::{claim::parameters, millis};
use crate::{
    Error, Store,
    row::Columns,
    store::{Change, next_id},
};

/// How many ids one statement takes.
const IDS_PER_STATEMENT: usize = 500;
/// The longest error text that is kept, in characters.
const ERROR_CHARS: usize = 2_000;

impl Store {
    /// Extends the lease of jobs, and says which of them are still this worker's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_leases(&self, lease: &str, ids: &[String], until: Timestamp) -> Result<Vec<String>, Error> {
        let mut held = Vec::with_capacity(ids.len());
        for ids in ids.chunks(IDS_PER_STATEMENT) {
            let sql = format!(
                "UPDATE jobs SET due_at = $1 WHERE lease = $2 AND id IN ({}) RETURNING id",
                parameters(3, ids.len())
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(until.as_millis()).bind(lease.to_owned());
            let query = ids.iter().fold(query, |query, id| query.bind(id.clone()));
            for row in query.fetch_all(self.writer()).await? {
                held.push(row.text("id")?);
            }
        }
        Ok(held)
    }

    /// Ends jobs that this worker took, all in one change, and says for each whether it was still held; nothing is
    /// changed about one that was not.
    ///
    /// # Errors
    /// When the database fails; then none is ended.
    pub async fn end_jobs(&self, lease: &str, endings: &[(Job, Ending)]) -> Result<Vec<bool>, Error> {
        let mut change = self.begin().await?;
        let mut held = Vec::with_capacity(endings.len());
        for (job, ending) in endings {
            held.push(self.end_job(&mut change, lease, job, ending).await?);
        }
        change.commit().await?;
        Ok(held)
    }

    /// Ends a job as a part of a change; false when it is not held any more, and then the change is to be undone.
    pub(crate) async fn end_job(
        &self,
        change: &mut Change,
        lease: &str,
        job: &Job,
        ending: &Ending,
    ) -> Result<bool, Error> {
        let now = self.clock().now();
        let held = match ending {
            Ending::Done(result) => done(change, lease, job, result, now).await?,
            Ending::Again { at, trouble } => {
                change.brings_work = true;
                wait(change, lease, job, *at, 0, trouble.as_deref()).await?
            }
            Ending::Retry { at, why } => {
                change.brings_work = true;
                wait(change, lease, job, *at, job.attempts, Some(why)).await?
            }
            Ending::Fail(why) => fail(change, lease, job, why, now).await?,
        };
        let error = match ending {
            Ending::Done(_) => None,
            Ending::Again { trouble, .. } => trouble.as_deref(),
            Ending::Retry { why, .. } | Ending::Fail(why) => Some(why.as_str()),
        };
        if held && job.name.is_some() {
            record(change, job, now, error).await?;
        }
        Ok(held)
    }

    /// Gives back what a worker holds, at once and as if it had not been taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_jobs(&self, lease: &str) -> Result<u64, Error> {
        let mut change = self.begin().await?;
        let result = sqlx::query(
            "UPDATE jobs SET lease = NULL, attempts = attempts - 1,
                 due_at = CASE WHEN paused = 1 THEN NULL ELSE $2 END
             WHERE lease = $1",
        )
        .bind(lease)
        .bind(self.clock().now().as_millis())
        .execute(&mut *change)
        .await?;
        let released = result.rows_affected();
        change.brings_work = released > 0;
        change.commit().await?;
        Ok(released)
    }
}

/// Deleted, or kept for a while if that was asked for.
async fn done(
    change: &mut Change,
    lease: &str,
    job: &Job,
    result: &serde_json::Value,
    now: Timestamp,
) -> Result<bool, Error> {
    let deleted = sqlx::query("DELETE FROM jobs WHERE id = $1 AND lease = $2 AND attempts = $3 AND keep_millis = 0")
        .bind(&job.id)
        .bind(lease)
        .bind(job.attempts)
        .execute(&mut **change)
        .await?;
    if deleted.rows_affected() > 0 {
        return Ok(true);
    }
    let kept = sqlx::query(
        "UPDATE jobs SET ending = 'done', due_at = NULL, lease = NULL, last_error = NULL, result = $4,
             forget_at = $5 + keep_millis
         WHERE id = $1 AND lease = $2 AND attempts = $3",
    )
    .bind(&job.id)
    .bind(lease)
    .bind(job.attempts)
    .bind(result.to_string().replace('\0', "\u{fffd}"))
    .bind(now.as_millis())
    .execute(&mut **change)
    .await?;
    Ok(kept.rows_affected() > 0)
}

async fn wait(
    change: &mut Change,
    lease: &str,
    job: &Job,
    at: Timestamp,
    attempts: i64,
    error: Option<&str>,
) -> Result<bool, Error> {
    let result = sqlx::query(
        "UPDATE jobs SET lease = NULL, planned_at = $4, attempts = $5, last_error = $6,
             due_at = CASE WHEN paused = 1 THEN NULL ELSE $4 END
         WHERE id = $1 AND lease = $2 AND attempts = $3",
    )
    .bind(&job.id)
    .bind(lease)
    .bind(job.attempts)
    .bind(at.as_millis())
    .bind(attempts)
    .bind(error.map(kept_error))
    .execute(&mut **change)
    .await?;
    Ok(result.rows_affected() > 0)
}

async fn fail(change: &mut Change, lease: &str, job: &Job, why: &str, now: Timestamp) -> Result<bool, Error> {
    let result = sqlx::query(
        "UPDATE jobs SET ending = 'failed', due_at = NULL, lease = NULL, last_error = $4,
             forget_at = $5 + CASE WHEN keep_millis > $6 THEN keep_millis ELSE $6 END
         WHERE id = $1 AND lease = $2 AND attempts = $3",
    )
    .bind(&job.id)
    .bind(lease)
    .bind(job.attempts)
    .bind(kept_error(why))
    .bind(now.as_millis())
    .bind(millis(FAILED_KEPT))
    .execute(&mut **change)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// A job that is gone with its ending has no history.
async fn record(change: &mut Change, job: &Job, now: Timestamp, error: Option<&str>) -> Result<(), Error> {
    let id = next_id(change, "job_run").await?;
    sqlx::query(
        "INSERT INTO job_runs (id, job_id, started_at, ended_at, error)
         SELECT $1, id, $3, $4, $5 FROM jobs WHERE id = $2",
    )
    .bind(id)
    .bind(&job.id)
    .bind(job.started_at.unwrap_or(now).as_millis())
    .bind(now.as_millis())
    .bind(error.map(kept_error))
    .execute(&mut **change)
    .await?;
    Ok(())
}

fn kept_error(text: &str) -> String {
    text.chars().take(ERROR_CHARS).map(|letter| if letter == '\0' { '\u{fffd}' } else { letter }).collect()
}
