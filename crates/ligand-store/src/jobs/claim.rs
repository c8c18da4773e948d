//! Taking jobs: under a lease, fairly, within the limits of lanes and organizations, one claim after the other over all
//! processes, so that limits hold exactly.

use std::collections::HashMap;

use ligand_domain::{Job, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    fair::{self, Candidate, Load, Turns},
    job, job_columns,
};
use crate::{Engine, Error, Store, row::Columns, store::Change};

/// Up to so many due jobs are looked at as a whole. A longer queue is looked at lane by lane.
const WINDOW: i64 = 512;
/// How many organizations and lanes one look at a long queue takes in.
const LOOK: usize = 64;
/// How many lanes of one organization.
const LOOK_LANES: usize = 16;
/// A process that stops in the middle of a claim must not stop all others.
const PATIENCE: &str = "SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// What a worker asks for.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The name of the worker, unique over all processes and their lives.
    pub lease: &'a str,
    /// Until when it holds what it takes, unless it extends that.
    pub until: Timestamp,
    /// The kinds that it can do.
    pub kinds: &'a [&'static str],
    /// How many jobs it takes at most.
    pub jobs: usize,
    /// How many jobs of one organization it runs at most, with those it holds.
    pub jobs_per_organization: usize,
}

/// What a worker got.
#[derive(Debug, Default)]
pub struct Claimed {
    /// In the order in which they are to start.
    pub jobs: Vec<Job>,
    /// Whether due jobs were left: there were too many, or a limit was in the way.
    pub left: bool,
}

impl Store {
    /// Takes due jobs, and such as were taken by a worker that has vanished. A job is held by one worker at a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_jobs(&self, turns: &mut Turns, claim: &Claim<'_>) -> Result<Claimed, Error> {
        let now = self.clock().now();
        if claim.jobs == 0 || claim.kinds.is_empty() || !self.is_job_due(now).await? {
            return Ok(Claimed::default());
        }
        let mut change = self.begin().await?;
        if self.engine() == Engine::Postgres {
            sqlx::query(PATIENCE).execute(&mut *change).await?;
        }
        sqlx::query("UPDATE counters SET value = value + 1 WHERE name = 'job_claim'").execute(&mut *change).await?;
        let mut look = Look { change: &mut change, kinds: claim.kinds, now };
        let mut candidates = look.window().await?;
        let long = i64::try_from(candidates.len()).is_ok_and(|count| count >= WINDOW);
        if long {
            candidates = look.by_lane(turns, claim.jobs).await?;
        }
        let load = look.load(claim.lease).await?;
        let count = candidates.len();
        let chosen = fair::choose(candidates, load, turns, claim.jobs, claim.jobs_per_organization);
        let left = long || chosen.len() < count;
        if chosen.is_empty() {
            change.rollback().await?;
            return Ok(Claimed { jobs: Vec::new(), left });
        }
        let mut jobs = take(&mut change, claim, now, &chosen).await?;
        change.commit().await?;
        let place: HashMap<&str, usize> = chosen.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        jobs.sort_by_key(|job| place.get(job.id.as_str()).copied());
        Ok(Claimed { jobs, left })
    }

    async fn is_job_due(&self, now: Timestamp) -> Result<bool, Error> {
        let query = sqlx::query("SELECT id FROM jobs WHERE due_at <= $1 LIMIT 1").bind(now.as_millis());
        Ok(query.fetch_optional(self.reader()).await?.is_some())
    }
}

async fn take(change: &mut Change, claim: &Claim<'_>, now: Timestamp, ids: &[String]) -> Result<Vec<Job>, Error> {
    let sql = format!(
        "UPDATE jobs SET lease = $1, due_at = $2, started_at = $3, attempts = attempts + 1,
             losses = CASE WHEN lease IS NULL THEN 0 ELSE losses + 1 END
         WHERE id IN ({}) RETURNING {}",
        parameters(4, ids.len()),
        job_columns!()
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(claim.lease.to_owned());
    let query = query.bind(claim.until.as_millis()).bind(now.as_millis());
    let rows = ids.iter().fold(query, |query, id| query.bind(id.clone())).fetch_all(&mut **change).await?;
    rows.iter().map(job).collect()
}

/// `$first, …` for so many parameters.
pub(super) fn parameters(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// One look at the queue, inside of a claim.
struct Look<'a> {
    change: &'a mut Change,
    kinds: &'a [&'static str],
    now: Timestamp,
}

impl Look<'_> {
    /// The jobs that have been due longest.
    async fn window(&mut self) -> Result<Vec<Candidate>, Error> {
        let sql = format!(
            "SELECT id, organization_id, lane, lane_limit, priority, planned_at FROM jobs
             WHERE due_at <= $1 AND kind IN ({}) ORDER BY due_at LIMIT {WINDOW}",
            parameters(2, self.kinds.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(self.now.as_millis());
        let query = self.kinds.iter().fold(query, |query, kind| query.bind(*kind));
        query.fetch_all(&mut **self.change).await?.iter().map(candidate).collect()
    }

    /// The heads of some lanes of some organizations, others with each look.
    async fn by_lane(&mut self, turns: &mut Turns, jobs: usize) -> Result<Vec<Candidate>, Error> {
        let organizations = self.organizations(turns.organization_cursor).await?;
        turns.organization_cursor = organizations.last().copied().filter(|_| organizations.len() >= LOOK).unwrap_or(-1);
        let mut candidates = Vec::new();
        for organization in organizations {
            let cursor = turns.lane_cursors.remove(&organization).unwrap_or_default();
            let lanes = self.lanes(organization, &cursor).await?;
            if lanes.len() >= LOOK_LANES
                && let Some(last) = lanes.last()
            {
                turns.lane_cursors.insert(organization, last.clone());
            }
            for lane in lanes {
                candidates.extend(self.lane(organization, &lane, jobs).await?);
            }
        }
        Ok(candidates)
    }

    /// Organizations with due jobs behind the cursor, then those up to it.
    async fn organizations(&mut self, cursor: i64) -> Result<Vec<i64>, Error> {
        let mut found = Vec::new();
        for (after, up_to) in [(cursor, i64::MAX), (-1, cursor)] {
            let query = sqlx::query(ORGANIZATIONS).bind(after).bind(up_to).bind(self.now.as_millis());
            let rows = query.bind(number(LOOK - found.len())).fetch_all(&mut **self.change).await?;
            found.extend(rows.iter().map(|row| row.number("organization_id")).collect::<Result<Vec<_>, _>>()?);
            if found.len() >= LOOK {
                break;
            }
        }
        Ok(found)
    }

    /// An organization's lanes with due jobs behind the cursor, or from the first when there are none.
    async fn lanes(&mut self, organization: i64, cursor: &str) -> Result<Vec<String>, Error> {
        for after in [cursor, ""] {
            let query = sqlx::query(LANES).bind(organization).bind(after).bind(self.now.as_millis());
            let rows = query.bind(number(LOOK_LANES)).fetch_all(&mut **self.change).await?;
            if !rows.is_empty() || after.is_empty() {
                return rows.iter().map(|row| row.text("lane")).collect();
            }
        }
        Ok(Vec::new())
    }

    async fn lane(&mut self, organization: i64, lane: &str, jobs: usize) -> Result<Vec<Candidate>, Error> {
        let sql = format!(
            "SELECT id, organization_id, lane, lane_limit, priority, planned_at FROM jobs
             WHERE organization_id = $1 AND lane = $2 AND due_at <= $3 AND kind IN ({})
             ORDER BY priority, planned_at, id LIMIT $4",
            parameters(5, self.kinds.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(organization).bind(lane.to_owned());
        let query = query.bind(self.now.as_millis()).bind(number(jobs));
        let query = self.kinds.iter().fold(query, |query, kind| query.bind(*kind));
        query.fetch_all(&mut **self.change).await?.iter().map(candidate).collect()
    }

    async fn load(&mut self, own: &str) -> Result<Load, Error> {
        let rows = sqlx::query(
            "SELECT organization_id, lane, lease, COUNT(*) AS running FROM jobs
             WHERE lease IS NOT NULL AND due_at > $1 GROUP BY organization_id, lane, lease",
        )
        .bind(self.now.as_millis())
        .fetch_all(&mut **self.change)
        .await?;
        let mut load = Load::default();
        for row in &rows {
            let running = usize::try_from(row.number("running")?).unwrap_or(usize::MAX);
            let organization = row.number("organization_id")?;
            *load.lanes.entry((organization, row.text("lane")?)).or_insert(0) += running;
            if row.text("lease")? == own {
                *load.organizations.entry(organization).or_insert(0) += running;
            }
        }
        Ok(load)
    }
}

/// Steps from one organization to the next through the index, however many jobs each has.
const ORGANIZATIONS: &str = "
    WITH RECURSIVE found (organization_id) AS (
        SELECT MIN(organization_id) FROM jobs WHERE due_at IS NOT NULL AND organization_id > $1
        UNION ALL
        SELECT (SELECT MIN(jobs.organization_id) FROM jobs
                WHERE jobs.due_at IS NOT NULL AND jobs.organization_id > found.organization_id)
        FROM found WHERE found.organization_id IS NOT NULL
    )
    SELECT organization_id FROM found
    WHERE organization_id IS NOT NULL AND organization_id <= $2
        AND EXISTS (SELECT 1 FROM jobs WHERE jobs.organization_id = found.organization_id AND jobs.due_at <= $3)
    LIMIT $4";

/// The same for the lanes of one organization.
const LANES: &str = "
    WITH RECURSIVE found (lane) AS (
        SELECT MIN(lane) FROM jobs WHERE due_at IS NOT NULL AND organization_id = $1 AND lane > $2
        UNION ALL
        SELECT (SELECT MIN(jobs.lane) FROM jobs
                WHERE jobs.due_at IS NOT NULL AND jobs.organization_id = $1 AND jobs.lane > found.lane)
        FROM found WHERE found.lane IS NOT NULL
    )
    SELECT lane FROM found
    WHERE lane IS NOT NULL AND EXISTS (
        SELECT 1 FROM jobs WHERE jobs.organization_id = $1 AND jobs.lane = found.lane AND jobs.due_at <= $3)
    LIMIT $4";

fn candidate(row: &AnyRow) -> Result<Candidate, Error> {
    Ok(Candidate {
        id: row.text("id")?,
        organization: row.number("organization_id")?,
        lane: row.text("lane")?,
        lane_limit: usize::try_from(row.number("lane_limit")?).unwrap_or(1),
        priority: row.number("priority")?,
        planned_at: row.number("planned_at")?,
    })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
