//! Events: stored with their notifications and deliveries in one change, listed, and looked at as counts over time.

use ligand_domain::{
    Account, Event, Id, Instance, NewJob, Notification, Organization, Timestamp, User,
    event::{Source, Status},
    notification::Outcome,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{
    Error, NewNotification, Store,
    notifications::{Recipient, payload_cell},
    row::{Columns, storable},
    seal::Cell,
    store::Change,
};

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Whose instance it is.
    pub organization_id: Id<Organization>,
    /// The account of its owner.
    pub account_id: Id<Account>,
    /// Its owner.
    pub user_id: Id<User>,
    /// The instance.
    pub instance_id: Id<Instance>,
    /// The key of its element.
    pub element_key: String,
    /// Where it comes from.
    pub source: Source,
    /// Whom to tell what; `None` while it is not known what the event means. The member `eventId` of the message is
    /// filled in here, and its member `raw`, if it has one, with the payload when it is read.
    pub notification: Option<NewNotification>,
    /// What is to be told of it besides.
    pub note: Option<String>,
    /// The job that finds out what the event means; its payload is filled in here.
    pub job: Option<NewJob>,
}

/// What came in, and the events that were made of it.
#[derive(Debug, Clone)]
pub struct NewEvents {
    /// The JSON that came in.
    pub payload: Value,
    /// What came with it, when a job still has to see that.
    pub context: Option<Value>,
    /// The events, in their order.
    pub events: Vec<NewEvent>,
}

/// Who is to be told of events, and the first of the numbers that they take.
pub(crate) struct PreparedEvents {
    recipients: Vec<Vec<Vec<Recipient>>>,
    number: i64,
}

/// Whose events are looked at, and when they were received.
#[derive(Debug, Clone, Copy)]
pub struct EventFilter {
    /// Of this account.
    pub account: Id<Account>,
    /// Of this instance only.
    pub instance: Option<Id<Instance>>,
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
    /// With a smaller number, if it is not 0.
    pub before: i64,
    /// At most so many.
    pub limit: u32,
}

/// Something that became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventStep {
    /// What was noted.
    Note(String),
    /// An attempt to tell somebody.
    Attempt {
        /// The number of the subscription.
        subscription: i64,
        /// What it came to.
        outcome: Outcome,
        /// The status of the answer.
        status_code: Option<u16>,
    },
}

/// The kind of the jobs that find out what events mean.
pub const EVENT_JOB: &str = "event";

const COLUMNS: &str = "id, organization_id, account_id, user_id, instance_id, element_key, source, status, failed,
    created_at, updated_at";

impl Store {
    /// Stores what came in at several times, with its events, their notifications, deliveries and jobs, all in one
    /// change. Gives the numbers of the events, in their order.
    ///
    /// # Errors
    /// When the database fails; then nothing is stored.
    pub async fn record_events(&self, all: &[NewEvents]) -> Result<Vec<Vec<Id<Event>>>, Error> {
        let prepared = self.prepare_events(all).await?;
        let mut change = self.begin().await?;
        let ids = self.insert_events(&mut change, all, prepared).await?;
        change.commit().await?;
        Ok(ids)
    }

    /// What has to be known before events are inserted. To be called outside of changes.
    pub(crate) async fn prepare_events(&self, all: &[NewEvents]) -> Result<PreparedEvents, Error> {
        let mut recipients = Vec::with_capacity(all.len());
        let mut count = all.len();
        for new in all {
            let mut of_new = Vec::with_capacity(new.events.len());
            for event in &new.events {
                let found = match &event.notification {
                    Some(notification) => self.subscriptions_to(event.account_id, &notification.topic).await?,
                    None => Vec::new(),
                };
                count += 2 + found.len();
                of_new.push(found);
            }
            recipients.push(of_new);
        }
        Ok(PreparedEvents { recipients, number: self.take_numbers(count).await? })
    }

    /// Inserts events with all that follows from them, as a part of a change.
    pub(crate) async fn insert_events(
        &self,
        change: &mut Change,
        all: &[NewEvents],
        prepared: PreparedEvents,
    ) -> Result<Vec<Vec<Id<Event>>>, Error> {
        let PreparedEvents { recipients, mut number } = prepared;
        let mut take = |count: usize| {
            let first = number;
            number += i64::try_from(count).unwrap_or(i64::MAX);
            first
        };
        let key = self.sealing_key(change).await?;
        let mut ids = Vec::with_capacity(all.len());
        for (new, recipients) in all.iter().zip(&recipients) {
            let payload = take(1);
            let context = new.context.as_ref().map(ToString::to_string);
            let context = context.map(|context| self.vault().seal(&key, context_cell(payload), &context));
            sqlx::query("INSERT INTO event_payloads (id, payload, context) VALUES ($1, $2, $3)")
                .bind(payload)
                .bind(self.vault().seal(&key, payload_cell(payload), &new.payload.to_string())?)
                .bind(context.transpose()?)
                .execute(&mut **change)
                .await?;
            let mut of_new = Vec::with_capacity(new.events.len());
            for (event, recipients) in new.events.iter().zip(recipients) {
                let id = take(1);
                self.insert_event(change, id, payload, status_of(event, recipients), event).await?;
                if let Some(note) = &event.note {
                    insert_note(change, take(1), id, note).await?;
                }
                if let Some(job) = &event.job {
                    let job = NewJob { payload: json!({ "event": id }), ..job.clone() };
                    self.enqueue(change, &job).await?;
                }
                if let Some(notification) = &event.notification {
                    let filled = filled(notification, id);
                    self.insert_notification(change, &key, id, Some(payload), &filled).await?;
                    let deliveries = take(recipients.len());
                    self.insert_deliveries(change, id, deliveries, &filled, recipients).await?;
                }
                of_new.push(Id::new(id).ok_or_else(|| Error::corrupt("events.id", "not positive"))?);
            }
            ids.push(of_new);
        }
        Ok(ids)
    }

    async fn insert_event(
        &self,
        change: &mut Change,
        id: i64,
        payload: i64,
        status: Status,
        event: &NewEvent,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO events (id, organization_id, account_id, user_id, instance_id, element_key, source, status,
                 failed, payload_id, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $10)",
        )
        .bind(id)
        .bind(event.organization_id.get())
        .bind(event.account_id.get())
        .bind(event.user_id.get())
        .bind(event.instance_id.get())
        .bind(storable(&event.element_key)?)
        .bind(event.source.key())
        .bind(status.key())
        .bind(payload)
        .bind(self.clock().now().as_millis())
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    /// An event of which it is not known yet what it means, with its payload and what came with that. `None` when there
    /// is no such event.
    ///
    /// # Errors
    /// When the database fails or something cannot be opened.
    pub async fn find_unsettled_event(&self, id: Id<Event>) -> Result<Option<(Event, Value, Value)>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, payload_id, (SELECT payload FROM event_payloads WHERE event_payloads.id = payload_id) AS
             payload, (SELECT context FROM event_payloads WHERE event_payloads.id = payload_id) AS context
             FROM events WHERE id = $1 AND status = 'RECEIVED'"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(id.get()).fetch_optional(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let number = row.number("payload_id")?;
        let Some(payload) = row.optional_text("payload")? else { return Ok(None) };
        let cell = context_cell(number);
        let context = match row.optional_text("context")? {
            Some(sealed) => serde_json::from_str(&self.vault().open(cell, &sealed)?)
                .map_err(|_| cell.corrupt("not the expected JSON"))?,
            None => Value::Null,
        };
        Ok(Some((event(&row)?, self.payload(number, &payload)?, context)))
    }

    /// Makes of an event what it turned out to be: the first of these, and further ones beside it; consumed, when it
    /// turned out to be nothing. Changes nothing when that was done before.
    ///
    /// # Errors
    /// When the database fails; then nothing is changed.
    pub async fn settle_event(&self, id: Id<Event>, events: &[NewEvent]) -> Result<bool, Error> {
        let mut recipients = Vec::with_capacity(events.len());
        for event in events {
            let topic = event.notification.as_ref().map_or("", |notification| &notification.topic);
            recipients.push(self.subscriptions_to(event.account_id, topic).await?);
        }
        let count = events.len() + recipients.iter().map(Vec::len).sum::<usize>();
        let mut number = self.take_numbers(count).await?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let status = events.first().zip(recipients.first());
        let status = status.map_or(Status::Consumed, |(event, recipients)| status_of(event, recipients));
        let row = sqlx::query(
            "UPDATE events SET status = $2, updated_at = $3 WHERE id = $1 AND status = 'RECEIVED' RETURNING payload_id",
        )
        .bind(id.get())
        .bind(status.key())
        .bind(self.clock().now().as_millis())
        .fetch_optional(&mut *change)
        .await?;
        let Some(row) = row else {
            change.rollback().await?;
            return Ok(false);
        };
        let payload = row.number("payload_id")?;
        for (place, (event, recipients)) in events.iter().zip(&recipients).enumerate() {
            let own = if place == 0 { id.get() } else { number };
            if place > 0 {
                number += 1;
                self.insert_event(&mut change, own, payload, status_of(event, recipients), event).await?;
            }
            let Some(notification) = &event.notification else { continue };
            let filled = filled(notification, own);
            self.insert_notification(&mut change, &key, own, Some(payload), &filled).await?;
            self.insert_deliveries(&mut change, own, number, &filled, recipients).await?;
            number += i64::try_from(recipients.len()).unwrap_or(i64::MAX);
        }
        change.commit().await?;
        Ok(true)
    }

    /// Adds to what became of an event.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails.
    pub async fn note_event(&self, id: Id<Event>, message: &str) -> Result<(), Error> {
        let number = self.take_numbers(1).await?;
        let mut change = self.begin().await?;
        insert_note(&mut change, number, id.get(), message).await?;
        change.commit().await
    }

    /// What became of an event, in order: notes, and attempts at the deliveries of its notification.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_steps(&self, id: Id<Event>) -> Result<Vec<EventStep>, Error> {
        let rows = sqlx::query(
            "SELECT id, message, '' AS outcome, 0 AS subscription_id, NULL AS status_code
             FROM event_notes WHERE event_id = $1
             UNION ALL
             SELECT delivery_attempts.id, '', outcome, subscription_id, status_code
             FROM deliveries JOIN delivery_attempts ON delivery_attempts.delivery_id = deliveries.id
             WHERE notification_id = $1
             ORDER BY 1",
        )
        .bind(id.get())
        .fetch_all(self.reader())
        .await?;
        let step = |row: &AnyRow| {
            let Some(outcome) = Outcome::from_key(&row.text("outcome")?) else {
                return Ok(EventStep::Note(row.text("message")?));
            };
            let status_code = row.optional_number("status_code")?.and_then(|code| u16::try_from(code).ok());
            Ok(EventStep::Attempt { subscription: row.number("subscription_id")?, outcome, status_code })
        };
        rows.iter().map(step).collect()
    }

    /// An event of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_event(&self, account: Id<Account>, id: Id<Event>) -> Result<Option<Event>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE id = $1 AND account_id = $2");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(id.get()).bind(account.get());
        query.fetch_optional(self.reader()).await?.map(|row| event(&row)).transpose()
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_events(&self, filter: &EventFilter) -> Result<Vec<Event>, Error> {
        let of_instance = if filter.instance.is_some() { "AND instance_id = $6" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM events
             WHERE account_id = $1 AND id < $2 AND created_at >= $3 AND created_at < $4 {of_instance}
             ORDER BY id DESC LIMIT $5"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(filter.account.get())
            .bind(if filter.before > 0 { filter.before } else { i64::MAX })
            .bind(filter.from.as_millis())
            .bind(filter.to.as_millis())
            .bind(i64::from(filter.limit));
        if let Some(instance) = filter.instance {
            query = query.bind(instance.get());
        }
        query.fetch_all(self.reader()).await?.iter().map(event).collect()
    }

    /// What came in, of which an event was made.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn event_payload(&self, id: Id<Event>) -> Result<Option<Value>, Error> {
        let query = sqlx::query(
            "SELECT event_payloads.id AS id, payload FROM events
             JOIN event_payloads ON event_payloads.id = events.payload_id WHERE events.id = $1",
        );
        let row = query.bind(id.get()).fetch_optional(self.reader()).await?;
        row.map(|row| self.payload(row.number("id")?, &row.text("payload")?)).transpose()
    }

    /// The notification of an event.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn event_notification(&self, event: &Event) -> Result<Option<Notification>, Error> {
        let Some(id) = Id::new(event.id.get()) else { return Ok(None) };
        self.find_notification(event.account_id, id).await
    }
}

fn status_of(event: &NewEvent, recipients: &[Recipient]) -> Status {
    match (&event.notification, recipients.is_empty()) {
        (None, _) => Status::Received,
        (Some(_), true) => Status::Consumed,
        (Some(_), false) => Status::Dispatched,
    }
}

fn context_cell(row: i64) -> Cell {
    Cell { table: "event_payloads", column: "context", row }
}

/// The notification with the number of its event in its message.
fn filled(notification: &NewNotification, event: i64) -> NewNotification {
    let mut filled = notification.clone();
    filled.message["eventId"] = Value::from(event.to_string());
    filled
}

async fn insert_note(change: &mut Change, number: i64, event: i64, message: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO event_notes (id, event_id, message) VALUES ($1, $2, $3)")
        .bind(number)
        .bind(event)
        .bind(storable(message)?)
        .execute(&mut **change)
        .await?;
    Ok(())
}

fn event(row: &AnyRow) -> Result<Event, Error> {
    let unknown = |column| move || Error::corrupt(column, "unknown value");
    Ok(Event {
        id: row.id("id")?,
        organization_id: row.id("organization_id")?,
        account_id: row.id("account_id")?,
        user_id: row.id("user_id")?,
        instance_id: row.id("instance_id")?,
        element_key: row.text("element_key")?,
        source: Source::from_key(&row.text("source")?).ok_or_else(unknown("events.source"))?,
        status: Status::from_key(&row.text("status")?).ok_or_else(unknown("events.status"))?,
        failed: row.flag("failed")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}
