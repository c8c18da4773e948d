//! Notifications: made, listed, acknowledged; who is told of them and how that goes is in the modules below.

mod callback;
mod deliveries;
mod mail;
mod policy;
mod sending;
mod subscriptions;
#[cfg(test)]
mod tests;

use std::time::Duration;

use ligand_domain::{Caller, Error, Id, Notification, Timestamp, notification::Severity};
use ligand_store::{NewNotification, NotificationFilter};
use serde_json::{Map, Value};

pub use deliveries::{Deliveries, DeliveryQuery};
pub use mail::MailOptions;
pub(crate) use mail::Mailer;
pub(crate) use sending::{kind, told_of};
pub(crate) use subscriptions::{callback_config, endpoint_of};

use crate::{App, failure::of_store, paging::Position};

/// The longest topic and sender, in characters.
const NAME_CHARS: usize = 500;
/// The longest message, in bytes.
const MESSAGE_BYTES: usize = 256 << 10;
/// How many topics one request may name.
const TOPICS: usize = 200;

/// How deliveries are made.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a receiver may take.
    pub timeout: Duration,
    /// How often a failed delivery is tried again.
    pub retries: u32,
    /// The wait before try x is 2 to the power of this times x, in seconds from the first failure.
    pub exponent: u32,
    /// How many deliveries one endpoint gets at a time.
    pub per_endpoint: u32,
    /// How e-mails leave.
    pub mail: MailOptions,
}

/// What notifications are to be listed.
#[derive(Debug, Default)]
pub struct Query {
    /// `topics[]`.
    pub topics: Vec<String>,
    /// `severity`.
    pub severity: Option<String>,
    /// `acknowledged`.
    pub acknowledged: Option<String>,
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
    /// `pageSize`.
    pub page_size: Option<String>,
    /// `nextPage`.
    pub next_page: Option<String>,
}

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token of the next page, absent on the last.
    pub next_page: Option<String>,
}

impl App {
    /// Publishes a notification to the subscriptions of the caller's account. Its deliveries exist when this returns.
    ///
    /// # Errors
    /// Invalid for a body without topic or message, or with another severity.
    pub async fn publish(&self, caller: &Caller, body: &Map<String, Value>) -> Result<Notification, Error> {
        let topic = text(body, "topic")?;
        let topic =
            topic.ok_or_else(|| Error::invalid("topic-missing", "The topic of the notification is required"))?;
        let message = body.get("message").filter(|message| !message.is_null()).cloned();
        let message =
            message.ok_or_else(|| Error::invalid("message-missing", "The message of the notification is required"))?;
        if message.to_string().len() > MESSAGE_BYTES {
            let told = format!("The message must have at most {MESSAGE_BYTES} bytes");
            return Err(Error::invalid("message-too-large", told));
        }
        let severity = match text(body, "severity")? {
            None => Severity::Low,
            Some(word) => severity(&word)?,
        };
        let from = match text(body, "from")? {
            Some(from) => from,
            None => self.owner(caller.user_id).await?.email,
        };
        let new = NewNotification {
            organization_id: caller.organization_id,
            account_id: caller.account_id,
            instance_id: None,
            bucket: self.bucket(&topic),
            from,
            topic,
            severity,
            message,
        };
        self.store.create_notification(&new).await.map_err(of_store)
    }

    /// In which of the lanes of an endpoint notifications go that belong in order.
    pub(crate) fn bucket(&self, order: &str) -> i64 {
        let hash = blake3::hash(order.as_bytes());
        let first: [u8; 4] = hash.as_bytes()[..4].try_into().expect("a hash is longer than four bytes");
        i64::from(u32::from_le_bytes(first) % self.limits.notifications.per_endpoint.max(1))
    }

    /// Notifications of the caller's account, newest first.
    ///
    /// # Errors
    /// Invalid without a topic or another criterion, and for criteria that cannot be read.
    pub async fn list_notifications(&self, caller: &Caller, query: &Query) -> Result<Page<Notification>, Error> {
        let criteria = [&query.severity, &query.acknowledged, &query.from, &query.to];
        let topics: Vec<String> = query
            .topics
            .iter()
            .flat_map(|topic| topic.split(','))
            .map(str::to_owned)
            .filter(|it| !it.is_empty())
            .collect();
        if topics.is_empty() && criteria.iter().all(|criterion| criterion.is_none()) && query.next_page.is_none() {
            return Err(Error::invalid("topics-missing", "At least one topic is required: topics[]"));
        }
        if topics.len() > TOPICS {
            return Err(Error::invalid("topics-too-many", format!("At most {TOPICS} topics can be asked for")));
        }
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let filter = NotificationFilter {
            topics,
            severity: query.severity.as_deref().map(severity).transpose()?,
            acknowledged: query.acknowledged.as_deref().map(|flag| flag.eq_ignore_ascii_case("true")),
            from: instant("from", query.from.as_deref())?,
            to: instant("to", query.to.as_deref())?,
            before: position.after,
            limit: position.limit + 1,
        };
        let items = self.store.list_notifications(caller.account_id, &filter).await.map_err(of_store)?;
        Ok(page(items, position, |notification| notification.id.get()))
    }

    /// A notification of the caller's account.
    ///
    /// # Errors
    /// Not found.
    pub async fn notification(&self, caller: &Caller, id: &str) -> Result<Notification, Error> {
        let found = match id.parse() {
            Ok(id) => self.store.find_notification(caller.account_id, id).await.map_err(of_store)?,
            Err(_) => None,
        };
        found.ok_or_else(|| unknown(id))
    }

    /// Marks a notification as acknowledged.
    ///
    /// # Errors
    /// Not found.
    pub async fn acknowledge(&self, caller: &Caller, id: &str) -> Result<Notification, Error> {
        let number = id.parse().map_err(|_| unknown(id))?;
        self.store.acknowledge_notification(caller.account_id, number).await.map_err(of_store)?;
        self.notification(caller, id).await
    }

    /// Deletes a notification with its deliveries.
    ///
    /// # Errors
    /// Not found.
    pub async fn delete_notification(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let number: Id<Notification> = id.parse().map_err(|_| unknown(id))?;
        let deleted = self.store.delete_notification(caller.account_id, number).await.map_err(of_store)?;
        if deleted { Ok(()) } else { Err(unknown(id)) }
    }
}

/// Cuts what was fetched, one more than asked for, to a page.
pub(crate) fn page<T>(mut items: Vec<T>, position: Position, number: impl Fn(&T) -> i64) -> Page<T> {
    let limit = position.limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_page = items.last().filter(|_| more).map(|last| position.next(number(last)));
    Page { items, next_page }
}

/// An instant of a query.
pub(crate) fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let invalid = || Error::invalid("date-invalid", format!("{name} must be a date in an ISO 8601 form"));
    Timestamp::from_iso(text).map(Some).ok_or_else(invalid)
}

fn severity(word: &str) -> Result<Severity, Error> {
    Severity::from_key(&word.to_ascii_lowercase())
        .ok_or_else(|| Error::invalid("severity-invalid", "severity must be low, medium or high"))
}

/// A text of a body; absent, null and empty are the same.
fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > NAME_CHARS => {
            Err(Error::invalid("text-too-long", format!("{name} must have at most {NAME_CHARS} characters")))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(Error::invalid("text-expected", format!("{name} must be a text"))),
    }
}

fn unknown(id: &str) -> Error {
    Error::not_found("notification-not-found", format!("No notification found with ID {id}"))
}
