//! Deliveries as the API shows them: one, those of a notification, all that a condition fits; and the release of those
//! that wait.

use std::collections::HashMap;

use ligand_ceql::{Condition, Operator};
use ligand_domain::{
    Caller, Delivery, Error, Id, Notification, Subscription,
    notification::{Attempt, DeliveryStatus},
};
use ligand_store::DeliveryFilter;
use serde_json::{Value, json};

use super::{Page, page, subscriptions};
use crate::{App, failure::of_store, paging::Position};

/// The members of a delivery that a condition may name; `config` with all that is in it.
const FIELDS: &[&str] = &[
    "notificationId",
    "subscriptionId",
    "status",
    "createdDate",
    "updatedDate",
    "channel",
    "topic",
    "active",
    "config",
];
/// How many deliveries are read at a time.
const READ_AT_ONCE: u32 = 500;

/// Which deliveries are asked for.
#[derive(Debug, Default)]
pub struct DeliveryQuery {
    /// `where`.
    pub condition: Option<String>,
    /// `hydrate`.
    pub hydrate: bool,
    /// `pageSize`.
    pub page_size: Option<String>,
    /// `nextPage`.
    pub next_page: Option<String>,
}

/// A page of deliveries, as the API shows them.
pub type Deliveries = Page<Value>;

/// Reads a condition, which may name these fields and what is below them.
pub(super) fn condition(text: Option<&str>, fields: &[&str]) -> Result<Option<Condition>, Error> {
    let parsed = ligand_ceql::parse_where(text.unwrap_or_default())
        .map_err(|broken| Error::invalid("where-invalid", broken.to_string()))?;
    let is_known = |name: &str| fields.contains(&name.split(['.', '[']).next().unwrap_or_default());
    let unknown = parsed.iter().flat_map(Condition::fields).find(|field| !is_known(field.as_str()));
    match unknown {
        Some(field) => {
            Err(Error::invalid("where-field-unknown", format!("Unknown field in where: {}", field.as_str())))
        }
        None => Ok(parsed),
    }
}

/// A condition on deliveries, and what of it the database can look for.
struct Search {
    condition: Option<Condition>,
    subscriptions: HashMap<i64, Subscription>,
    filter: DeliveryFilter,
}

impl Search {
    fn fits(&self, delivery: &Delivery) -> bool {
        let Some(subscription) = self.subscriptions.get(&delivery.subscription_id.get()) else { return false };
        self.condition.as_ref().is_none_or(|condition| condition.matches(&searchable(delivery, subscription)))
    }
}

impl App {
    /// One delivery.
    ///
    /// # Errors
    /// Not found.
    pub async fn delivery(
        &self,
        caller: &Caller,
        notification: &str,
        subscription: &str,
        hydrate: bool,
    ) -> Result<Value, Error> {
        let unknown = || {
            let message = format!("No delivery found of notification {notification} to subscription {subscription}");
            Error::not_found("delivery-not-found", message)
        };
        let told = self.notification(caller, notification).await?;
        let subscription: Id<Subscription> = subscription.parse().map_err(|_| unknown())?;
        let filter = DeliveryFilter {
            notification: Some(told.id),
            subscriptions: Some(vec![subscription.get()]),
            limit: 1,
            ..DeliveryFilter::default()
        };
        let found = self.store.list_deliveries(caller.account_id, &filter).await.map_err(of_store)?;
        let found = found.into_iter().next().ok_or_else(unknown)?;
        self.shown_delivery(caller, &found, hydrate, &self.subscriptions_by_id(caller).await?).await
    }

    /// The deliveries of a notification.
    ///
    /// # Errors
    /// Not found for an unknown notification.
    pub async fn deliveries_of(&self, caller: &Caller, notification: &str, hydrate: bool) -> Result<Vec<Value>, Error> {
        let told: Notification = self.notification(caller, notification).await?;
        let filter = DeliveryFilter { notification: Some(told.id), limit: 2000, ..DeliveryFilter::default() };
        let mut found = self.store.list_deliveries(caller.account_id, &filter).await.map_err(of_store)?;
        found.reverse();
        self.shown_deliveries(caller, &found, hydrate).await
    }

    /// The deliveries of the caller's account that a condition fits, newest first.
    ///
    /// # Errors
    /// Invalid for a condition that does not parse or names an unknown field, and for bad paging.
    pub async fn list_deliveries(&self, caller: &Caller, query: &DeliveryQuery) -> Result<Deliveries, Error> {
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let mut search = self.search(caller, query.condition.as_deref()).await?;
        search.filter.before = position.after;
        let mut found = Vec::new();
        while found.len() <= position.limit as usize {
            let some = self.store.list_deliveries(caller.account_id, &search.filter).await.map_err(of_store)?;
            let Some(last) = some.last() else { break };
            search.filter.before = last.id.get();
            let is_last = some.len() < READ_AT_ONCE as usize;
            found.extend(some.into_iter().filter(|delivery| search.fits(delivery)));
            if is_last {
                break;
            }
        }
        let Page { items, next_page } = page(found, position, |delivery| delivery.id.get());
        Ok(Page { items: self.shown_deliveries(caller, &items, query.hydrate).await?, next_page })
    }

    /// Releases the deliveries that wait and that a condition fits: they are tried now. Gives them, the newest of them
    /// when they are very many.
    ///
    /// # Errors
    /// As [`App::list_deliveries`].
    pub async fn release_deliveries(&self, caller: &Caller, query: &DeliveryQuery) -> Result<Vec<Value>, Error> {
        let position = Position::read(query.page_size.as_deref(), None)?;
        let mut search = self.search(caller, query.condition.as_deref()).await?;
        if search.filter.status.is_some_and(|status| status != DeliveryStatus::Queued) {
            return Ok(Vec::new());
        }
        search.filter.status = Some(DeliveryStatus::Queued);
        let mut released = Vec::new();
        loop {
            let some = self.store.list_deliveries(caller.account_id, &search.filter).await.map_err(of_store)?;
            let Some(last) = some.last() else { break };
            search.filter.before = last.id.get();
            // The oldest first, so that they go out in their order.
            let fitting: Vec<Id<Delivery>> =
                some.iter().rev().filter(|delivery| search.fits(delivery)).map(|delivery| delivery.id).collect();
            released.extend(self.store.release_deliveries(caller.account_id, &fitting).await.map_err(of_store)?);
        }
        released.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        released.truncate(position.limit as usize);
        let mut shown = Vec::with_capacity(released.len());
        let subscriptions = self.subscriptions_by_id(caller).await?;
        for id in released {
            let filter = DeliveryFilter { before: id + 1, limit: 1, ..DeliveryFilter::default() };
            for delivery in self.store.list_deliveries(caller.account_id, &filter).await.map_err(of_store)? {
                shown.push(self.shown_delivery(caller, &delivery, query.hydrate, &subscriptions).await?);
            }
        }
        Ok(shown)
    }

    async fn search(&self, caller: &Caller, text: Option<&str>) -> Result<Search, Error> {
        let condition = condition(text, FIELDS)?;
        let subscriptions = self.subscriptions_by_id(caller).await?;
        let of_subscription = |part: &Condition| {
            part.fields().all(|field| {
                let name = field.as_str().split(['.', '[']).next().unwrap_or_default();
                matches!(name, "channel" | "config" | "active" | "subscriptionId")
            })
        };
        let on_subscriptions = condition.as_ref().and_then(|condition| condition.split(of_subscription).0);
        let wanted = on_subscriptions.map(|part| {
            let fits = subscriptions.values().filter(|subscription| part.matches(&of(subscription)));
            fits.map(|subscription| subscription.id.get()).collect::<Vec<_>>()
        });
        // Databases take only so many parameters.
        let wanted = wanted.filter(|wanted| wanted.len() <= READ_AT_ONCE as usize);
        let status = condition.as_ref().and_then(stated_status);
        let filter = DeliveryFilter { subscriptions: wanted, status, limit: READ_AT_ONCE, ..DeliveryFilter::default() };
        Ok(Search { condition, subscriptions, filter })
    }

    async fn subscriptions_by_id(&self, caller: &Caller) -> Result<HashMap<i64, Subscription>, Error> {
        let all = self.all_subscriptions(caller).await?;
        Ok(all.into_iter().map(|subscription| (subscription.id.get(), subscription)).collect())
    }

    async fn shown_deliveries(&self, caller: &Caller, found: &[Delivery], hydrate: bool) -> Result<Vec<Value>, Error> {
        let subscriptions = if hydrate { self.subscriptions_by_id(caller).await? } else { HashMap::new() };
        let mut shown = Vec::with_capacity(found.len());
        for delivery in found {
            shown.push(self.shown_delivery(caller, delivery, hydrate, &subscriptions).await?);
        }
        Ok(shown)
    }

    async fn shown_delivery(
        &self,
        caller: &Caller,
        delivery: &Delivery,
        hydrate: bool,
        subscriptions: &HashMap<i64, Subscription>,
    ) -> Result<Value, Error> {
        let mut wire = json!({
            "notificationId": delivery.notification_id,
            "subscriptionId": delivery.subscription_id,
            "status": delivery.status.key(),
            "createdDate": delivery.created_at.to_iso_seconds(),
            "updatedDate": delivery.updated_at.to_iso_seconds(),
        });
        if let Some(error) = &delivery.error {
            wire["error"] = json!(error);
        }
        if !hydrate {
            return Ok(wire);
        }
        let notification =
            self.store.find_notification(caller.account_id, delivery.notification_id).await.map_err(of_store)?;
        if let Some(notification) = notification {
            wire["notification"] = notification.to_json();
        }
        if let Some(subscription) = subscriptions.get(&delivery.subscription_id.get()) {
            wire["subscription"] = subscriptions::shown(subscription);
        }
        let attempts = self.store.delivery_attempts(delivery.id).await.map_err(of_store)?;
        wire["attempts"] = attempts.iter().map(shown_attempt).collect();
        Ok(wire)
    }
}

fn shown_attempt(attempt: &Attempt) -> Value {
    let mut wire = json!({
        "startedDate": attempt.started_at.to_iso_millis(),
        "durationMillis": attempt.millis,
        "outcome": attempt.outcome.key(),
    });
    if let Some(code) = attempt.status_code {
        wire["statusCode"] = json!(code);
    }
    for part in ["request", "response"] {
        if let Some(value) = attempt.exchange.get(part) {
            wire[part] = value.clone();
        }
    }
    wire
}

/// What a condition sees of a subscription.
fn of(subscription: &Subscription) -> Value {
    json!({
        "subscriptionId": subscription.id,
        "channel": subscription.channel.key(),
        "active": subscription.active,
        "config": subscription.config,
    })
}

/// What a condition sees of a delivery.
fn searchable(delivery: &Delivery, subscription: &Subscription) -> Value {
    let mut record = of(subscription);
    record["notificationId"] = json!(delivery.notification_id);
    record["status"] = json!(delivery.status.key());
    record["createdDate"] = json!(delivery.created_at.to_iso_seconds());
    record["updatedDate"] = json!(delivery.updated_at.to_iso_seconds());
    record["topic"] = json!(delivery.topic);
    record
}

/// The status that a condition demands.
fn stated_status(condition: &Condition) -> Option<DeliveryStatus> {
    condition.conjuncts().iter().find_map(|part| match part {
        Condition::Compare { field, operator: Operator::Equal, value } if field.as_str() == "status" => {
            DeliveryStatus::from_key(value.text())
        }
        _ => None,
    })
}
