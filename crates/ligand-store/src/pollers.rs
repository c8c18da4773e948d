//! What is polled: a record for each resource of an instance, one job for all of them. How far a poll has come and the
//! events that it brought are kept in one change, so that a crash leaves neither gaps nor doubles.

use ligand_domain::{Account, Event, Id, Instance, NewJob, Poller, Timestamp};
use serde_json::Value;
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{
    Error, NewEvents, Store,
    row::{Columns, storable},
    seal::Lookup,
    store::{Change, next_id},
};

/// The kind of the jobs that poll.
pub const POLL_JOB: &str = "poll";

/// The longest error text that is kept, in characters.
const ERROR_CHARS: usize = 1_000;
/// How many marks one statement asks for.
const MARKS_AT_ONCE: usize = 200;

/// What is to be polled for an instance.
#[derive(Debug, Clone)]
pub struct PollPlan {
    /// Names and requests of the resources.
    pub resources: Vec<(String, String)>,
    /// The job that polls, with its first time. Of its payload changes are taken over.
    pub job: NewJob,
    /// Whether failures so far are forgotten.
    pub resets: bool,
}

/// A record as a poll found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What tells it from other forms of itself and from others, or its id alone.
    pub text: String,
    /// Whether it is the id alone.
    pub is_id: bool,
}

/// What a poll of one resource came to.
pub struct Polled<'a> {
    /// The resource.
    pub poller: &'a Poller,
    /// When it began.
    pub began_at: Timestamp,
    /// What it found.
    pub marks: &'a [Mark],
    /// Marks of records from before then are forgotten.
    pub forget_before: Timestamp,
    /// The events that it brought.
    pub events: Option<&'a NewEvents>,
}

const COLUMNS: &str = "id, instance_id, object_name, poll_url, last_poll_at, error_count, last_error, disabled,
    created_at, updated_at";

/// The key of the job that polls for an instance.
#[must_use]
pub fn poll_job_key(instance: Id<Instance>) -> String {
    format!("{POLL_JOB}:{instance}")
}

impl Store {
    /// Makes records and job of an instance what is wanted, as a part of the change of the instance.
    pub(crate) async fn settle_polling(
        &self,
        change: &mut Change,
        instance: &Instance,
        plan: Option<&PollPlan>,
    ) -> Result<(), Error> {
        let key = poll_job_key(instance.id);
        let Some(plan) = plan else {
            sqlx::query("DELETE FROM jobs WHERE job_key = $1").bind(&key).execute(&mut **change).await?;
            let query = sqlx::query("DELETE FROM poller_records WHERE instance_id = $1");
            query.bind(instance.id.get()).execute(&mut **change).await?;
            return Ok(());
        };
        self.settle_records(change, instance.id, plan).await?;
        let job = plan.job.clone().for_instance(instance).with_key(&key);
        if self.enqueue(change, &job).await?.is_some() {
            return Ok(());
        }
        let payload = job.payload.to_string();
        let changed = sqlx::query(
            "UPDATE jobs SET payload = $2, planned_at = $3,
                 due_at = CASE WHEN lease IS NOT NULL OR paused = 1 THEN due_at ELSE $3 END
             WHERE job_key = $1 AND payload <> $2",
        );
        let changed = changed.bind(&key).bind(&payload).bind(job.due_at.as_millis()).execute(&mut **change).await?;
        change.brings_work |= changed.rows_affected() > 0;
        if plan.resets {
            let resumed = sqlx::query(
                "UPDATE jobs SET paused = 0, planned_at = $2, due_at = CASE WHEN lease IS NULL THEN $2 ELSE due_at END
                 WHERE job_key = $1 AND paused = 1",
            );
            let resumed = resumed.bind(&key).bind(job.due_at.as_millis()).execute(&mut **change).await?;
            change.brings_work |= resumed.rows_affected() > 0;
        }
        Ok(())
    }

    async fn settle_records(&self, change: &mut Change, instance: Id<Instance>, plan: &PollPlan) -> Result<(), Error> {
        let now = self.clock().now().as_millis();
        let rows = sqlx::query("SELECT id, object_name, poll_url FROM poller_records WHERE instance_id = $1")
            .bind(instance.get())
            .fetch_all(&mut **change)
            .await?;
        let mut there = Vec::with_capacity(rows.len());
        for row in &rows {
            let (id, name, url) = (row.number("id")?, row.text("object_name")?, row.text("poll_url")?);
            match plan.resources.iter().find(|(wanted, _)| *wanted == name) {
                None => {
                    sqlx::query("DELETE FROM poller_records WHERE id = $1").bind(id).execute(&mut **change).await?;
                }
                Some((_, wanted)) => {
                    if *wanted != url || plan.resets {
                        sqlx::query(
                            "UPDATE poller_records SET poll_url = $2, updated_at = $3,
                                 error_count = CASE WHEN $4 = 1 THEN 0 ELSE error_count END,
                                 last_error = CASE WHEN $4 = 1 THEN NULL ELSE last_error END,
                                 disabled = CASE WHEN $4 = 1 THEN 0 ELSE disabled END
                             WHERE id = $1",
                        )
                        .bind(id)
                        .bind(storable(wanted)?)
                        .bind(now)
                        .bind(i64::from(plan.resets))
                        .execute(&mut **change)
                        .await?;
                    }
                    there.push(name);
                }
            }
        }
        for (name, url) in plan.resources.iter().filter(|(name, _)| !there.contains(name)) {
            let id = next_id(change, "poller_record").await?;
            sqlx::query(
                "INSERT INTO poller_records (id, instance_id, object_name, poll_url, last_poll_at, error_count,
                     disabled, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, 0, 0, $5, $5) ON CONFLICT (instance_id, object_name) DO NOTHING",
            )
            .bind(id)
            .bind(instance.get())
            .bind(storable(name)?)
            .bind(storable(url)?)
            .bind(now)
            .execute(&mut **change)
            .await?;
        }
        Ok(())
    }

    /// What is polled for an instance, in the order in which it came to be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pollers_of(&self, instance: Id<Instance>) -> Result<Vec<Poller>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM poller_records WHERE instance_id = $1 ORDER BY id");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(instance.get()).fetch_all(self.reader()).await?;
        rows.iter().map(poller).collect()
    }

    /// The instances of an account whose polling was switched off because it failed too often.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_without_polling(&self, account: Id<Account>) -> Result<Vec<Id<Instance>>, Error> {
        let rows = sqlx::query(
            "SELECT DISTINCT poller_records.instance_id AS id FROM poller_records
             JOIN instances ON instances.id = poller_records.instance_id JOIN users ON users.id = instances.user_id
             WHERE poller_records.disabled = 1 AND users.account_id = $1 ORDER BY id",
        )
        .bind(account.get())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.id("id")).collect()
    }

    /// Which of these marks a poller has seen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen_marks(&self, poller: Id<Poller>, marks: &[Mark]) -> Result<Vec<bool>, Error> {
        let hashes: Vec<String> = marks.iter().map(|mark| self.mark_hash(mark)).collect();
        let mut known = std::collections::HashSet::new();
        for some in hashes.chunks(MARKS_AT_ONCE) {
            let parameters: Vec<String> = (2..2 + some.len()).map(|number| format!("${number}")).collect();
            let sql = format!(
                "SELECT mark_hash FROM poller_marks WHERE poller_id = $1 AND mark_hash IN ({})",
                parameters.join(", ")
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(poller.get());
            let rows = some.iter().fold(query, |query, hash| query.bind(hash)).fetch_all(self.reader()).await?;
            for row in &rows {
                known.insert(row.text("mark_hash")?);
            }
        }
        Ok(hashes.iter().map(|hash| known.contains(hash)).collect())
    }

    /// Keeps what a poll came to: how far it got, what it saw, and its events with all that follows from them, in one
    /// change. Nothing is kept, and nothing given, when the resource has been polled by somebody else meanwhile, or is
    /// not polled any more.
    ///
    /// # Errors
    /// When the database fails; then nothing is kept.
    pub async fn keep_poll(&self, polled: &Polled<'_>) -> Result<Option<Vec<Id<Event>>>, Error> {
        let prepared = match polled.events {
            Some(events) => Some(self.prepare_events(std::slice::from_ref(events)).await?),
            None => None,
        };
        let mut change = self.begin().await?;
        let result = sqlx::query(
            "UPDATE poller_records SET last_poll_at = $3, error_count = 0, last_error = NULL, updated_at = $3
             WHERE id = $1 AND last_poll_at = $2",
        )
        .bind(polled.poller.id.get())
        .bind(polled.poller.last_poll_at.as_millis())
        .bind(polled.began_at.as_millis())
        .execute(&mut *change)
        .await?;
        if result.rows_affected() == 0 {
            change.rollback().await?;
            return Ok(None);
        }
        for mark in polled.marks {
            sqlx::query(
                "INSERT INTO poller_marks (poller_id, mark_hash, is_id, seen_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (poller_id, mark_hash) DO UPDATE SET seen_at = excluded.seen_at",
            )
            .bind(polled.poller.id.get())
            .bind(self.mark_hash(mark))
            .bind(i64::from(mark.is_id))
            .bind(polled.began_at.as_millis())
            .execute(&mut *change)
            .await?;
        }
        sqlx::query("DELETE FROM poller_marks WHERE poller_id = $1 AND is_id = 0 AND seen_at < $2")
            .bind(polled.poller.id.get())
            .bind(polled.forget_before.as_millis())
            .execute(&mut *change)
            .await?;
        let mut ids = Vec::new();
        if let (Some(events), Some(prepared)) = (polled.events, prepared) {
            let all = self.insert_events(&mut change, std::slice::from_ref(events), prepared).await?;
            ids = all.into_iter().flatten().collect();
        }
        change.commit().await?;
        Ok(Some(ids))
    }

    /// Keeps that a poll failed. Gives how many have failed in a row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_failed_poll(&self, poller: Id<Poller>, why: &str) -> Result<i64, Error> {
        let why: String = why.chars().filter(|character| *character != '\0').take(ERROR_CHARS).collect();
        let row = sqlx::query(
            "UPDATE poller_records SET error_count = error_count + 1, last_error = $2, updated_at = $3 WHERE id = $1
             RETURNING error_count",
        )
        .bind(poller.get())
        .bind(why)
        .bind(self.clock().now().as_millis())
        .fetch_optional(self.writer())
        .await?;
        row.map_or(Ok(0), |row| row.number("error_count"))
    }

    /// Switches the polling of an instance off, or on again with its failures forgotten; its job likewise.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_polling(&self, instance: Id<Instance>, on: bool) -> Result<(), Error> {
        let mut change = self.begin().await?;
        let records = if on {
            "UPDATE poller_records SET disabled = 0, error_count = 0 WHERE instance_id = $1"
        } else {
            "UPDATE poller_records SET disabled = 1 WHERE instance_id = $1"
        };
        sqlx::query(records).bind(instance.get()).execute(&mut *change).await?;
        if !on {
            sqlx::query(
                "UPDATE jobs SET paused = 1, due_at = CASE WHEN lease IS NULL THEN NULL ELSE due_at END
                 WHERE job_key = $1",
            )
            .bind(poll_job_key(instance))
            .execute(&mut *change)
            .await?;
        }
        change.commit().await
    }

    /// Forgets ids that no poll has seen since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_marks(&self, before: Timestamp) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM poller_marks WHERE seen_at < $1").bind(before.as_millis());
        Ok(query.execute(self.writer()).await?.rows_affected())
    }

    fn mark_hash(&self, mark: &Mark) -> String {
        let text = Value::from(vec![Value::from(mark.is_id), Value::from(mark.text.as_str())]).to_string();
        self.vault().hash(Lookup::PollerMark, &text)
    }
}

fn poller(row: &AnyRow) -> Result<Poller, Error> {
    Ok(Poller {
        id: row.id("id")?,
        instance_id: row.id("instance_id")?,
        object_name: row.text("object_name")?,
        poll_url: row.text("poll_url")?,
        last_poll_at: row.instant("last_poll_at")?,
        error_count: row.number("error_count")?,
        last_error: row.optional_text("last_error")?,
        disabled: row.flag("disabled")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}
