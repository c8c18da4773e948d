//! Deliveries: how they stand, what became of each attempt, and the release of those that wait.

use ligand_domain::{
    Account, Delivery, Id, NewJob, Notification, Organization, Subscription, Timestamp,
    notification::{Attempt, DeliveryStatus, Outcome},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{Error, Store, row::Columns, seal::Cell, store::Change};

/// The kind of the jobs that deliver.
pub const DELIVERY_JOB: &str = "delivery";

/// The longest error text that is kept, in characters.
const ERROR_CHARS: usize = 500;

/// The job of a delivery: in the lane of its bucket at its endpoint, one after the other.
pub(crate) fn delivery_job(
    organization: Id<Organization>,
    endpoint: &str,
    bucket: i64,
    delivery: Id<Delivery>,
    due_at: Timestamp,
) -> NewJob {
    let job = NewJob::new(DELIVERY_JOB, json!({ "delivery": delivery }), due_at);
    NewJob { organization_id: Some(organization), ..job.in_lane(format!("endpoint:{endpoint}:{bucket}"), 1) }
}

/// All that a delivery needs to be tried.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// The delivery.
    pub delivery: Delivery,
    /// What is delivered.
    pub notification: Notification,
    /// To whom.
    pub subscription: Subscription,
}

/// What an attempt made of a delivery.
#[derive(Clone)]
pub struct Attempted {
    /// The delivery.
    pub id: Id<Delivery>,
    /// What it is about; an event, when the notification is one's.
    pub notification_id: Id<Notification>,
    /// To whom.
    pub subscription_id: Id<Subscription>,
    /// How it stands from now on.
    pub status: DeliveryStatus,
    /// Failures so far.
    pub failures: i64,
    /// When it first failed.
    pub first_failed_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whether the subscription is not tried any more from now on.
    pub gives_up: bool,
    /// The attempt itself; `None` when none was made.
    pub attempt: Option<Attempt>,
}

/// Which deliveries of an account are looked at.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Of this notification.
    pub notification: Option<Id<Notification>>,
    /// To one of these subscriptions; any, when absent.
    pub subscriptions: Option<Vec<i64>>,
    /// That stand so.
    pub status: Option<DeliveryStatus>,
    /// With a smaller number, if it is not 0.
    pub before: i64,
    /// At most so many.
    pub limit: u32,
}

const COLUMNS: &str = "id, notification_id, subscription_id, status, created_at, updated_at, failures,
    first_failed_at, error, (SELECT topic FROM notifications WHERE notifications.id = notification_id) AS topic";

impl Store {
    /// A delivery with what it needs. `None` when it, or what it needs, is gone.
    ///
    /// # Errors
    /// When the database fails or something cannot be opened.
    pub async fn find_dispatch(&self, id: Id<Delivery>) -> Result<Option<Dispatch>, Error> {
        let sql = format!("SELECT account_id, {COLUMNS} FROM deliveries WHERE id = $1");
        let row = sqlx::query(AssertSqlSafe(sql)).bind(id.get()).fetch_optional(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let (account, delivery) = (row.id("account_id")?, delivery(&row)?);
        let Some(notification) = self.find_notification(account, delivery.notification_id).await? else {
            return Ok(None);
        };
        let found = sqlx::query(
            "SELECT id, organization_id, account_id, user_id, instance_id, channel, topics, endpoint, active, deleted,
                 created_at, config
             FROM subscriptions WHERE id = $1",
        )
        .bind(delivery.subscription_id.get())
        .fetch_optional(self.reader())
        .await?;
        let subscription = found.map(|row| self.subscription(&row)).transpose()?;
        Ok(subscription.map(|subscription| Dispatch { delivery, notification, subscription }))
    }

    /// Keeps what attempts came to, all in one change. An event of which somebody was told is `NOTIFIED`.
    ///
    /// # Errors
    /// When the database fails; then nothing is kept.
    pub async fn keep_attempts(&self, attempts: &[Attempted]) -> Result<(), Error> {
        let numbers = self.take_numbers(attempts.len()).await?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        for (number, attempted) in (numbers..).zip(attempts) {
            self.keep_attempt(&mut change, &key, number, attempted).await?;
        }
        change.commit().await
    }

    async fn keep_attempt(&self, change: &mut Change, key: &str, number: i64, kept: &Attempted) -> Result<(), Error> {
        let now = self.clock().now();
        sqlx::query(
            "UPDATE deliveries SET status = $2, updated_at = $3, failures = $4, first_failed_at = $5, error = $6
             WHERE id = $1",
        )
        .bind(kept.id.get())
        .bind(kept.status.key())
        .bind(now.as_millis())
        .bind(kept.failures)
        .bind(kept.first_failed_at.map(Timestamp::as_millis))
        .bind(kept.error.as_deref().map(shortened))
        .execute(&mut **change)
        .await?;
        if kept.gives_up {
            let query = sqlx::query("UPDATE subscriptions SET active = 0 WHERE id = $1");
            query.bind(kept.subscription_id.get()).execute(&mut **change).await?;
        }
        let Some(attempt) = &kept.attempt else { return Ok(()) };
        sqlx::query(
            "INSERT INTO delivery_attempts (id, delivery_id, millis, outcome, status_code, exchange)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(number)
        .bind(kept.id.get())
        .bind(attempt.millis)
        .bind(attempt.outcome.key())
        .bind(attempt.status_code.map(i64::from))
        .bind(self.vault().seal(key, cell(number), &json!([attempt.started_at, attempt.exchange]).to_string())?)
        .execute(&mut **change)
        .await?;
        let event = if attempt.outcome == Outcome::Accepted {
            "UPDATE events SET status = 'NOTIFIED', updated_at = $2 WHERE id = $1"
        } else {
            "UPDATE events SET failed = 1, updated_at = $2 WHERE id = $1"
        };
        sqlx::query(event).bind(kept.notification_id.get()).bind(now.as_millis()).execute(&mut **change).await?;
        Ok(())
    }

    /// Deliveries of an account, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_deliveries(&self, account: Id<Account>, filter: &DeliveryFilter) -> Result<Vec<Delivery>, Error> {
        let wanted = filter.subscriptions.as_deref().unwrap_or_default();
        if filter.subscriptions.is_some() && wanted.is_empty() {
            return Ok(Vec::new());
        }
        let parameters: Vec<String> = (6..6 + wanted.len()).map(|number| format!("${number}")).collect();
        let of = match parameters.is_empty() {
            true => String::new(),
            false => format!("AND subscription_id IN ({})", parameters.join(", ")),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries
             WHERE account_id = $1 AND id < $2 AND ($3 = 0 OR notification_id = $3) AND ($4 = '' OR status = $4) {of}
             ORDER BY id DESC LIMIT $5"
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(account.get())
            .bind(if filter.before > 0 { filter.before } else { i64::MAX })
            .bind(filter.notification.map_or(0, Id::get))
            .bind(filter.status.map_or("", DeliveryStatus::key))
            .bind(i64::from(filter.limit));
        let rows = wanted.iter().fold(query, |query, id| query.bind(*id)).fetch_all(self.reader()).await?;
        rows.iter().map(delivery).collect()
    }

    /// The attempts at a delivery, in their order.
    ///
    /// # Errors
    /// When the database fails or one cannot be opened.
    pub async fn delivery_attempts(&self, id: Id<Delivery>) -> Result<Vec<Attempt>, Error> {
        let query = sqlx::query(
            "SELECT id, millis, outcome, status_code, exchange FROM delivery_attempts WHERE delivery_id = $1 ORDER BY id",
        );
        let rows = query.bind(id.get()).fetch_all(self.reader()).await?;
        rows.iter().map(|row| self.attempt(row)).collect()
    }

    fn attempt(&self, row: &AnyRow) -> Result<Attempt, Error> {
        let cell = cell(row.number("id")?);
        let text = self.vault().open(cell, &row.text("exchange")?)?;
        let (started_at, exchange) = serde_json::from_str(&text).map_err(|_| cell.corrupt("not the expected JSON"))?;
        Ok(Attempt {
            started_at,
            millis: row.number("millis")?,
            outcome: Outcome::from_key(&row.text("outcome")?)
                .ok_or_else(|| Error::corrupt("delivery_attempts.outcome", "unknown value"))?,
            status_code: row.optional_number("status_code")?.and_then(|code| u16::try_from(code).ok()),
            exchange,
        })
    }

    /// Releases deliveries that wait: they are tried now, as if for the first time, and their subscriptions are active
    /// again. What does not wait stays as it is. Gives the numbers of those that were released.
    ///
    /// # Errors
    /// When the database fails; then none is released.
    pub async fn release_deliveries(&self, account: Id<Account>, ids: &[Id<Delivery>]) -> Result<Vec<i64>, Error> {
        let now = self.clock().now();
        let mut change = self.begin().await?;
        let mut released = Vec::new();
        for id in ids {
            let row = sqlx::query(
                "UPDATE deliveries SET status = 'created', updated_at = $3, failures = 0, first_failed_at = NULL,
                     error = NULL
                 WHERE id = $1 AND account_id = $2 AND status = 'queued'
                     AND subscription_id IN (SELECT id FROM subscriptions WHERE deleted = 0)
                 RETURNING subscription_id, bucket",
            )
            .bind(id.get())
            .bind(account.get())
            .bind(now.as_millis())
            .fetch_optional(&mut *change)
            .await?;
            let Some(row) = row else { continue };
            let subscription = row.number("subscription_id")?;
            let of =
                sqlx::query("UPDATE subscriptions SET active = 1 WHERE id = $1 RETURNING organization_id, endpoint")
                    .bind(subscription)
                    .fetch_one(&mut *change)
                    .await?;
            let (organization, endpoint) = (of.id("organization_id")?, of.text("endpoint")?);
            let job = delivery_job(organization, &endpoint, row.number("bucket")?, *id, now);
            self.enqueue(&mut change, &job).await?;
            released.push(id.get());
        }
        change.commit().await?;
        Ok(released)
    }
}

fn delivery(row: &AnyRow) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.id("id")?,
        notification_id: row.id("notification_id")?,
        subscription_id: row.id("subscription_id")?,
        status: DeliveryStatus::from_key(&row.text("status")?)
            .ok_or_else(|| Error::corrupt("deliveries.status", "unknown value"))?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
        failures: row.number("failures")?,
        first_failed_at: row.optional_number("first_failed_at")?.map(Timestamp::from_millis),
        error: row.optional_text("error")?,
        topic: row.optional_text("topic")?.unwrap_or_default(),
    })
}

fn shortened(text: &str) -> String {
    text.chars().filter(|character| *character != '\0').take(ERROR_CHARS).collect()
}

fn cell(row: i64) -> Cell {
    Cell { table: "delivery_attempts", column: "exchange", row }
}
