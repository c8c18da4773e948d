//! The record of calls of elements: written many at a time, found by the request's id, listed, counted over time.

use std::sync::{Arc, LazyLock};

use ligand_domain::{Account, Element, Id, Instance, Organization, Timestamp, User};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{
    Error, Store,
    row::{Columns, storable},
};

#[cfg(test)]
mod tests;

/// How many rows one statement writes. SQLite looks for each parameter among all of the statement's, so that many rows
/// at once take longer than a few at a time.
const ROWS_PER_STATEMENT: usize = 8;
/// How many records one statement forgets.
const FORGOTTEN_AT_ONCE: i64 = 5000;

/// The statement that writes so many.
static WHOLE_STATEMENT: LazyLock<Arc<str>> = LazyLock::new(|| insertion(ROWS_PER_STATEMENT).into());

macro_rules! usage_columns {
    () => {
        "SELECT id, at, request_id, organization_id, account_id, user_id, instance_id, element_key, hub, failed, millis,
             record FROM usage_records"
    };
}

/// One call of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecord {
    /// When it was answered.
    pub at: Timestamp,
    /// The id of the request.
    pub request_id: String,
    /// Whose call it was.
    pub organization_id: Id<Organization>,
    /// Whose call it was.
    pub account_id: Id<Account>,
    /// Whose call it was.
    pub user_id: Id<User>,
    /// The instance that was called. It may be gone.
    pub instance_id: Id<Instance>,
    /// Its element.
    pub element_key: String,
    /// The hub of that.
    pub hub: String,
    /// Whether it was answered with an error.
    pub failed: bool,
    /// How long it took, in milliseconds.
    pub millis: i64,
    /// What else is told of it, as JSON.
    pub record: String,
}

/// Which records.
#[derive(Debug, Clone)]
pub struct UsageFilter {
    /// Those of these accounts.
    pub accounts: Vec<Id<Account>>,
    /// Not before.
    pub from: Timestamp,
    /// Before.
    pub to: Timestamp,
    /// Of this hub.
    pub hub: Option<String>,
    /// Of these elements; of all if empty.
    pub element_keys: Vec<String>,
    /// Of instances with one of these tags; of all if empty.
    pub tags: Vec<String>,
    /// With an error, or without one.
    pub failed: Option<bool>,
    /// With this text in the record, in any case.
    pub search: Option<String>,
}

/// How much an organization uses elements.
#[derive(Debug, Clone, Default)]
pub struct ElementsUsed {
    /// Elements, their instances, and how many accounts have some.
    pub instances: Vec<(Id<Element>, i64, i64)>,
    /// Keys of elements, and calls.
    pub calls: Vec<(String, i64)>,
}

/// What happened in one stretch of time with one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageCount {
    /// The number of the stretch, from 0.
    pub bucket: i64,
    /// The element.
    pub element_key: String,
    /// Calls.
    pub count: i64,
    /// Of these: answered with an error.
    pub failed: i64,
    /// The shortest, in milliseconds.
    pub min: i64,
    /// The longest.
    pub max: i64,
    /// All together.
    pub sum: i64,
}

/// The statement that writes these many rows.
fn insertion(rows: usize) -> String {
    let row = |row: usize| {
        let parameters: Vec<String> = (1..=12).map(|column| format!("${}", row * 12 + column)).collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO usage_records (id, at, request_id, organization_id, account_id, user_id, instance_id, element_key,
             hub, failed, millis, record) VALUES {}",
        rows.join(", ")
    )
}

impl Store {
    /// Writes records.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails; then none is written.
    pub async fn record_usage(&self, records: &[UsageRecord]) -> Result<(), Error> {
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let mut change = self.begin().await?;
        let last = sqlx::query("UPDATE counters SET value = value + $1 WHERE name = 'usage' RETURNING value")
            .bind(count)
            .fetch_one(&mut *change)
            .await?
            .number("value")?;
        let mut id = last - count;
        for records in records.chunks(ROWS_PER_STATEMENT) {
            let mut query = match records.len() {
                ROWS_PER_STATEMENT => sqlx::query(AssertSqlSafe(Arc::clone(&WHOLE_STATEMENT))),
                rows => sqlx::query(AssertSqlSafe(insertion(rows))),
            };
            for record in records {
                id += 1;
                query = query
                    .bind(id)
                    .bind(record.at.as_millis())
                    .bind(storable(&record.request_id)?)
                    .bind(record.organization_id.get())
                    .bind(record.account_id.get())
                    .bind(record.user_id.get())
                    .bind(record.instance_id.get())
                    .bind(storable(&record.element_key)?)
                    .bind(storable(&record.hub)?)
                    .bind(i64::from(record.failed))
                    .bind(record.millis)
                    .bind(storable(&record.record)?);
            }
            query.execute(&mut *change).await?;
        }
        change.commit().await
    }

    /// A record by the id of its request, or by its own number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_usage(&self, id: &str) -> Result<Option<(i64, UsageRecord)>, Error> {
        let number = id.parse().ok().filter(|number: &i64| number.to_string() == id).unwrap_or_default();
        let query = sqlx::query(concat!(usage_columns!(), " WHERE request_id = $1 OR id = $2 ORDER BY id LIMIT 1"));
        query.bind(id).bind(number).fetch_optional(self.reader()).await?.map(|row| record(&row)).transpose()
    }

    /// Records, newest first, behind the one with this time and number, if that is given, and after so many of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_usage(
        &self,
        filter: &UsageFilter,
        before: Option<(Timestamp, i64)>,
        offset: i64,
        limit: u32,
    ) -> Result<Vec<(i64, UsageRecord)>, Error> {
        let (condition, texts) = filter.condition(5);
        // Numbers are positive: at the end of the time itself there is nothing.
        let (until, number) = before.unwrap_or((filter.to, 0));
        let sql = format!(
            "{} WHERE at >= $1 AND at <= $2 AND (at < $2 OR id < $4) AND {condition} ORDER BY at DESC, id DESC \
             LIMIT {limit} OFFSET $3",
            usage_columns!()
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = query.bind(filter.from.as_millis()).bind(until.as_millis()).bind(offset).bind(number);
        let query = bound(query, texts)?;
        query.fetch_all(self.reader()).await?.iter().map(record).collect()
    }

    /// Counts records by stretches of so many milliseconds since `from`, and by element.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_usage(&self, filter: &UsageFilter, millis: i64) -> Result<Vec<UsageCount>, Error> {
        let (condition, texts) = filter.condition(4);
        let sql = format!(
            "SELECT bucket, element_key, COUNT(*) AS calls, CAST(SUM(failed) AS BIGINT) AS failed, MIN(millis) AS least,
                 MAX(millis) AS most, CAST(SUM(millis) AS BIGINT) AS total
             FROM (SELECT (at - $1) / $3 AS bucket, element_key, failed, millis FROM usage_records
                 WHERE at >= $1 AND at < $2 AND {condition}) AS counted
             GROUP BY bucket, element_key ORDER BY bucket, element_key"
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = query.bind(filter.from.as_millis()).bind(filter.to.as_millis()).bind(millis.max(1));
        let query = bound(query, texts)?;
        let rows = query.fetch_all(self.reader()).await?;
        let count = |row: &AnyRow| {
            Ok(UsageCount {
                bucket: row.number("bucket")?,
                element_key: row.text("element_key")?,
                count: row.number("calls")?,
                failed: row.number("failed")?,
                min: row.number("least")?,
                max: row.number("most")?,
                sum: row.number("total")?,
            })
        };
        rows.iter().map(count).collect()
    }

    /// How often each instance was called, and when last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usage_by_instance(
        &self,
        filter: &UsageFilter,
    ) -> Result<Vec<(Id<Instance>, String, i64, Timestamp)>, Error> {
        let (condition, texts) = filter.condition(3);
        let sql = format!(
            "SELECT instance_id, element_key, COUNT(*) AS calls, MAX(at) AS last FROM usage_records
             WHERE at >= $1 AND at < $2 AND {condition}
             GROUP BY instance_id, element_key ORDER BY instance_id, element_key"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(filter.from.as_millis()).bind(filter.to.as_millis());
        let query = bound(query, texts)?;
        let rows = query.fetch_all(self.reader()).await?;
        let one = |row: &AnyRow| {
            Ok((row.id("instance_id")?, row.text("element_key")?, row.number("calls")?, row.instant("last")?))
        };
        rows.iter().map(one).collect()
    }

    /// How much an organization uses each element: instances, accounts that have some, and calls since an instant. Calls
    /// are recorded by key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn elements_used(&self, organization: Id<Organization>, since: Timestamp) -> Result<ElementsUsed, Error> {
        let instances = sqlx::query(
            "SELECT instances.element_id AS element, COUNT(*) AS total, COUNT(DISTINCT users.account_id) AS accounts
             FROM instances JOIN users ON users.id = instances.user_id JOIN accounts ON accounts.id = users.account_id
             WHERE accounts.organization_id = $1 GROUP BY instances.element_id",
        );
        let instances = instances.bind(organization.get()).fetch_all(self.reader()).await?;
        let instances =
            instances.iter().map(|row| Ok((row.id("element")?, row.number("total")?, row.number("accounts")?)));
        let calls = sqlx::query(
            "SELECT element_key, COUNT(*) AS calls FROM usage_records
             WHERE account_id IN (SELECT id FROM accounts WHERE organization_id = $1) AND at >= $2 GROUP BY element_key",
        );
        let calls = calls.bind(organization.get()).bind(since.as_millis()).fetch_all(self.reader()).await?;
        let calls = calls.iter().map(|row| Ok((row.text("element_key")?, row.number("calls")?)));
        Ok(ElementsUsed {
            instances: instances.collect::<Result<_, Error>>()?,
            calls: calls.collect::<Result<_, Error>>()?,
        })
    }

    /// Deletes records from before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_usage(&self, before: Timestamp) -> Result<u64, Error> {
        let mut forgotten = 0;
        loop {
            let query = sqlx::query(
                "DELETE FROM usage_records WHERE id IN (SELECT id FROM usage_records WHERE at < $1 LIMIT $2)",
            );
            let query = query.bind(before.as_millis()).bind(FORGOTTEN_AT_ONCE);
            let deleted = query.execute(self.writer()).await?.rows_affected();
            forgotten += deleted;
            if deleted < u64::try_from(FORGOTTEN_AT_ONCE).unwrap_or(u64::MAX) {
                return Ok(forgotten);
            }
        }
    }
}

impl UsageFilter {
    /// What is asked besides the time, with texts as parameters from this number on.
    fn condition(&self, first: usize) -> (String, Vec<String>) {
        let accounts: Vec<String> = self.accounts.iter().map(ToString::to_string).collect();
        let accounts = if accounts.is_empty() { "0".to_owned() } else { accounts.join(", ") };
        let (mut parts, mut texts) = (vec![format!("account_id IN ({accounts})")], Vec::new());
        let mut parameter = |text: String| {
            texts.push(text);
            format!("${}", first + texts.len() - 1)
        };
        if let Some(hub) = &self.hub {
            parts.push(format!("LOWER(hub) = {}", parameter(hub.to_lowercase())));
        }
        if !self.element_keys.is_empty() {
            let keys: Vec<String> = self.element_keys.iter().map(|key| parameter(key.clone())).collect();
            parts.push(format!("element_key IN ({})", keys.join(", ")));
        }
        if let Some(failed) = self.failed {
            parts.push(format!("failed = {}", i64::from(failed)));
        }
        if !self.tags.is_empty() {
            // The tags are the last member of the record.
            let like = |tag: &String| {
                let tag = escaped(&serde_json::Value::from(tag.as_str()).to_string());
                format!("LOWER(record) LIKE {} ESCAPE '!'", parameter(format!("%\"element!_tags\":[%{tag}%")))
            };
            let any: Vec<String> = self.tags.iter().map(like).collect();
            parts.push(format!("({})", any.join(" OR ")));
        }
        if let Some(search) = &self.search {
            parts.push(format!("LOWER(record) LIKE {} ESCAPE '!'", parameter(format!("%{}%", escaped(search)))));
        }
        (parts.join(" AND "), texts)
    }
}

type Texts<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bound(query: Texts<'_>, texts: Vec<String>) -> Result<Texts<'_>, Error> {
    texts.into_iter().try_fold(query, |query, text| Ok(query.bind(storable(&text)?.to_owned())))
}

/// A text in lower case, of which nothing means something to `LIKE`.
fn escaped(text: &str) -> String {
    text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn record(row: &AnyRow) -> Result<(i64, UsageRecord), Error> {
    let record = UsageRecord {
        at: row.instant("at")?,
        request_id: row.text("request_id")?,
        organization_id: row.id("organization_id")?,
        account_id: row.id("account_id")?,
        user_id: row.id("user_id")?,
        instance_id: row.id("instance_id")?,
        element_key: row.text("element_key")?,
        hub: row.text("hub")?,
        failed: row.flag("failed")?,
        millis: row.number("millis")?,
        record: row.text("record")?,
    };
    Ok((row.number("id")?, record))
}
