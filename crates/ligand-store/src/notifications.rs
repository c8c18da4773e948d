//! Notifications: stored together with their deliveries, one for each subscription to the topic, and the jobs of those.

use ligand_domain::{Account, Id, Instance, Notification, Organization, Timestamp, notification::Severity};
use serde_json::Value;
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{
    Error, Store,
    deliveries::delivery_job,
    row::{Columns, storable},
    seal::Cell,
    store::Change,
};

/// A notification to be stored.
#[derive(Debug, Clone)]
pub struct NewNotification {
    /// Whose.
    pub organization_id: Id<Organization>,
    /// The account whose subscriptions count.
    pub account_id: Id<Account>,
    /// The instance it is about.
    pub instance_id: Option<Id<Instance>>,
    /// Who says it.
    pub from: String,
    /// What it is about.
    pub topic: String,
    /// How grave it is.
    pub severity: Severity,
    /// What it says.
    pub message: Value,
    /// Deliveries of the same bucket to the same endpoint go one after the other.
    pub bucket: i64,
}

/// Which notifications of an account are listed.
#[derive(Debug, Clone, Default)]
pub struct NotificationFilter {
    /// Of these topics.
    pub topics: Vec<String>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// Acknowledged or not.
    pub acknowledged: Option<bool>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Until then.
    pub to: Option<Timestamp>,
    /// With a smaller number, if it is not 0.
    pub before: i64,
    /// At most so many.
    pub limit: u32,
}

const COLUMNS: &str = "notifications.id, notifications.organization_id, notifications.account_id,
    notifications.instance_id, notifications.payload_id, notifications.sender, notifications.topic,
    notifications.severity, notifications.acknowledged, notifications.created_at, notifications.message,
    event_payloads.payload
    FROM notifications LEFT JOIN event_payloads ON event_payloads.id = notifications.payload_id";

impl Store {
    /// Stores a notification with its deliveries.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails.
    pub async fn create_notification(&self, new: &NewNotification) -> Result<Notification, Error> {
        let id = self.take_numbers(1).await?;
        let subscriptions = self.subscriptions_to(new.account_id, &new.topic).await?;
        let deliveries = self.take_numbers(subscriptions.len()).await?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        self.insert_notification(&mut change, &key, id, None, new).await?;
        self.insert_deliveries(&mut change, id, deliveries, new, &subscriptions).await?;
        change.commit().await?;
        let found = self.find_notification(new.account_id, Id::new(id).ok_or_else(not_positive)?).await?;
        found.ok_or_else(|| Error::corrupt("notifications", "a new row is missing"))
    }

    pub(crate) async fn insert_notification(
        &self,
        change: &mut Change,
        key: &str,
        id: i64,
        payload: Option<i64>,
        new: &NewNotification,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO notifications (id, organization_id, account_id, instance_id, payload_id, sender, topic,
                 severity, acknowledged, created_at, message)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)",
        )
        .bind(id)
        .bind(new.organization_id.get())
        .bind(new.account_id.get())
        .bind(new.instance_id.map(Id::get))
        .bind(payload)
        .bind(storable(&new.from)?)
        .bind(storable(&new.topic)?)
        .bind(new.severity.key())
        .bind(self.clock().now().as_millis())
        .bind(self.vault().seal(key, cell(id), &new.message.to_string())?)
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    /// The subscriptions of an account to a topic, by number: as much as deliveries need.
    pub(crate) async fn subscriptions_to(&self, account: Id<Account>, topic: &str) -> Result<Vec<Recipient>, Error> {
        let rows = sqlx::query(
            "SELECT subscriptions.id AS id, active, endpoint
             FROM subscription_topics JOIN subscriptions ON subscriptions.id = subscription_id
             WHERE subscription_topics.account_id = $1 AND topic = $2 AND deleted = 0 ORDER BY subscriptions.id",
        )
        .bind(account.get())
        .bind(storable(topic)?)
        .fetch_all(self.reader())
        .await?;
        let recipient = |row: &AnyRow| {
            Ok(Recipient { id: row.number("id")?, active: row.flag("active")?, endpoint: row.text("endpoint")? })
        };
        rows.iter().map(recipient).collect()
    }

    pub(crate) async fn insert_deliveries(
        &self,
        change: &mut Change,
        notification: i64,
        first_number: i64,
        new: &NewNotification,
        recipients: &[Recipient],
    ) -> Result<(), Error> {
        let now = self.clock().now();
        for (number, recipient) in (first_number..).zip(recipients) {
            sqlx::query(
                "INSERT INTO deliveries (id, account_id, notification_id, subscription_id, status, created_at,
                     updated_at, bucket, failures)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 0)",
            )
            .bind(number)
            .bind(new.account_id.get())
            .bind(notification)
            .bind(recipient.id)
            .bind(if recipient.active { "created" } else { "queued" })
            .bind(now.as_millis())
            .bind(new.bucket)
            .execute(&mut **change)
            .await?;
            if recipient.active {
                let delivery = Id::new(number).ok_or_else(not_positive)?;
                let job = delivery_job(new.organization_id, &recipient.endpoint, new.bucket, delivery, now);
                self.enqueue(change, &job).await?;
            }
        }
        Ok(())
    }

    /// A notification of an account.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn find_notification(
        &self,
        account: Id<Account>,
        id: Id<Notification>,
    ) -> Result<Option<Notification>, Error> {
        let sql = format!("SELECT {COLUMNS} WHERE notifications.id = $1 AND notifications.account_id = $2");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(id.get()).bind(account.get());
        query.fetch_optional(self.reader()).await?.map(|row| self.notification(&row)).transpose()
    }

    /// Notifications of an account, newest first.
    ///
    /// # Errors
    /// When the database fails or one cannot be opened.
    pub async fn list_notifications(
        &self,
        account: Id<Account>,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, Error> {
        let topics: Vec<String> = (8..8 + filter.topics.len()).map(|number| format!("${number}")).collect();
        let of_topics = if topics.is_empty() { String::new() } else { format!("AND topic IN ({})", topics.join(", ")) };
        let sql = format!(
            "SELECT {COLUMNS}
             WHERE account_id = $1 AND notifications.id < $2 AND ($3 = '' OR severity = $3)
                 AND ($4 < 0 OR acknowledged = $4) AND created_at >= $5 AND created_at <= $6 {of_topics}
             ORDER BY notifications.id DESC LIMIT $7"
        );
        let before = if filter.before > 0 { filter.before } else { i64::MAX };
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(account.get())
            .bind(before)
            .bind(filter.severity.map_or("", Severity::key))
            .bind(filter.acknowledged.map_or(-1, i64::from))
            .bind(filter.from.map_or(i64::MIN, Timestamp::as_millis))
            .bind(filter.to.map_or(i64::MAX, Timestamp::as_millis))
            .bind(i64::from(filter.limit));
        for topic in &filter.topics {
            query = query.bind(storable(topic)?.to_owned());
        }
        query.fetch_all(self.reader()).await?.iter().map(|row| self.notification(row)).collect()
    }

    /// Marks a notification of an account as acknowledged. False when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledge_notification(&self, account: Id<Account>, id: Id<Notification>) -> Result<bool, Error> {
        let query = sqlx::query("UPDATE notifications SET acknowledged = 1 WHERE id = $1 AND account_id = $2");
        Ok(query.bind(id.get()).bind(account.get()).execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Deletes a notification of an account with its deliveries. False when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_notification(&self, account: Id<Account>, id: Id<Notification>) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let query = sqlx::query("DELETE FROM notifications WHERE id = $1 AND account_id = $2");
        let deleted = query.bind(id.get()).bind(account.get()).execute(&mut *change).await?.rows_affected() > 0;
        if deleted {
            for sql in [
                "DELETE FROM delivery_attempts
                 WHERE delivery_id IN (SELECT id FROM deliveries WHERE notification_id = $1)",
                "DELETE FROM deliveries WHERE notification_id = $1",
            ] {
                sqlx::query(sql).bind(id.get()).execute(&mut *change).await?;
            }
        }
        change.commit().await?;
        Ok(deleted)
    }

    pub(crate) fn notification(&self, row: &AnyRow) -> Result<Notification, Error> {
        let id: Id<Notification> = row.id("id")?;
        let unreadable = |_| cell(id.get()).corrupt("not the expected JSON");
        let text = self.vault().open(cell(id.get()), &row.text("message")?)?;
        let mut message: Value = serde_json::from_str(&text).map_err(unreadable)?;
        if let (Some(payload), Some(sealed)) = (row.optional_number("payload_id")?, row.optional_text("payload")?)
            && message.get("raw").is_some()
        {
            message["raw"] = self.payload(payload, &sealed)?;
        }
        Ok(Notification {
            id,
            organization_id: row.id("organization_id")?,
            account_id: row.id("account_id")?,
            instance_id: row.optional_number("instance_id")?.and_then(Id::new),
            from: row.text("sender")?,
            topic: row.text("topic")?,
            severity: Severity::from_key(&row.text("severity")?)
                .ok_or_else(|| Error::corrupt("notifications.severity", "unknown value"))?,
            message,
            acknowledged: row.flag("acknowledged")?,
            created_at: row.instant("created_at")?,
        })
    }

    /// A payload, opened.
    pub(crate) fn payload(&self, id: i64, sealed: &str) -> Result<Value, Error> {
        let cell = payload_cell(id);
        serde_json::from_str(&self.vault().open(cell, sealed)?).map_err(|_| cell.corrupt("not the expected JSON"))
    }
}

/// Whom a delivery goes to.
pub(crate) struct Recipient {
    pub(crate) id: i64,
    pub(crate) active: bool,
    pub(crate) endpoint: String,
}

fn cell(row: i64) -> Cell {
    Cell { table: "notifications", column: "message", row }
}

pub(crate) fn payload_cell(row: i64) -> Cell {
    Cell { table: "event_payloads", column: "payload", row }
}

fn not_positive() -> Error {
    Error::corrupt("counters.value of number_block", "not positive")
}
