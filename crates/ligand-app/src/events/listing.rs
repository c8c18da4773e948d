//! Events as users see them: what came in, what became of it.

use ligand_domain::{Caller, Error, Event, Id, Instance, Secret, Timestamp, event::Status, notification::Outcome};
use ligand_store::{EventFilter, EventStep};
use serde_json::{Value, json};

use crate::{
    App,
    failure::of_store,
    instances::Target,
    notifications::{Page, instant, told_of},
    paging::Position,
};

/// How many bytes of payloads a page has about at most; it ends early then.
const PAGE_BYTES: usize = 8 << 20;

/// Whose events are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// The account's.
    Account,
    /// Those of the token's instance.
    Token(&'a Secret),
    /// Those of the instance with this id.
    Instance(&'a str),
}

/// Which events are asked for.
#[derive(Debug, Default)]
pub struct EventQuery {
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
    /// `pageSize`.
    pub page_size: Option<String>,
    /// `nextPage`.
    pub next_page: Option<String>,
}

impl App {
    /// Events, newest first, as the API shows them.
    ///
    /// # Errors
    /// Invalid for dates and paging that cannot be read; not found for an unknown instance.
    pub async fn list_events(
        &self,
        caller: &Caller,
        scope: Scope<'_>,
        query: &EventQuery,
    ) -> Result<Page<Value>, Error> {
        let Page { items, next_page } = self.events_page(caller, scope, query).await?;
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let (mut shown, mut bytes, count) = (Vec::with_capacity(items.len()), 0, items.len());
        for event in items {
            let (wire, size) = self.shown_event(&event).await?;
            shown.push(wire);
            bytes += size;
            if bytes > PAGE_BYTES && shown.len() < count {
                return Ok(Page { items: shown, next_page: Some(position.next(event.id.get())) });
            }
        }
        Ok(Page { items: shown, next_page })
    }

    /// What became of events, newest first.
    ///
    /// # Errors
    /// As [`App::list_events`].
    pub async fn list_dispositions(
        &self,
        caller: &Caller,
        scope: Scope<'_>,
        query: &EventQuery,
    ) -> Result<Page<Value>, Error> {
        let Page { items, next_page } = self.events_page(caller, scope, query).await?;
        let mut shown = Vec::with_capacity(items.len());
        for event in items {
            let steps = self.store.event_steps(event.id).await.map_err(of_store)?;
            let messages: Vec<Value> = steps.iter().map(|step| json!({ "message": message(event.id, step) })).collect();
            shown.push(json!({
                "eventId": event.id.to_string(),
                "elementInstanceId": event.instance_id,
                "notificationId": event.id,
                "status": event.status.key(),
                "notificationData": messages,
                "createdDate": event.created_at.to_iso_seconds(),
                "updatedDate": event.updated_at.to_iso_seconds(),
            }));
        }
        Ok(Page { items: shown, next_page })
    }

    /// One event.
    ///
    /// # Errors
    /// Not found.
    pub async fn event(&self, caller: &Caller, scope: Scope<'_>, id: &str) -> Result<Value, Error> {
        let unknown = || Error::not_found("event-not-found", format!("No event found with ID {id}"));
        let instance = self.scoped(caller, scope).await?;
        let number: Id<Event> = id.parse().map_err(|_| unknown())?;
        let event = self.store.find_event(caller.account_id, number).await.map_err(of_store)?;
        let event = event.filter(|event| instance.is_none_or(|instance| instance == event.instance_id));
        Ok(self.shown_event(&event.ok_or_else(unknown)?).await?.0)
    }

    async fn events_page(&self, caller: &Caller, scope: Scope<'_>, query: &EventQuery) -> Result<Page<Event>, Error> {
        let instance = self.scoped(caller, scope).await?;
        let position = Position::read(query.page_size.as_deref(), query.next_page.as_deref())?;
        let from = instant("from", query.from.as_deref())?;
        let to = instant("to", query.to.as_deref())?;
        let filter = EventFilter {
            account: caller.account_id,
            instance,
            from: from.unwrap_or(Timestamp::from_millis(i64::MIN)),
            to: to.unwrap_or(Timestamp::from_millis(i64::MAX)),
            before: position.after,
            limit: position.limit + 1,
        };
        let items = self.store.list_events(&filter).await.map_err(of_store)?;
        Ok(crate::notifications::page(items, position, |event| event.id.get()))
    }

    async fn scoped(&self, caller: &Caller, scope: Scope<'_>) -> Result<Option<Id<Instance>>, Error> {
        let target = match scope {
            Scope::Account => return Ok(None),
            Scope::Token(token) => Target::Token { token, element: None },
            Scope::Instance(id) => Target::Id { id, element: None },
        };
        Ok(Some(self.instance(caller, target).await?.instance.id))
    }

    /// The event, and about how many bytes it has.
    async fn shown_event(&self, event: &Event) -> Result<(Value, usize), Error> {
        let payload = self.store.event_payload(event.id).await.map_err(of_store)?.unwrap_or_default().to_string();
        let mut size = payload.len();
        let mut wire = json!({
            "id": event.id.to_string(),
            "eventDate": event.created_at.to_iso_seconds(),
            "status": event.status.key(),
            "providerData": payload,
        });
        if matches!(event.status, Status::Notified | Status::Dispatched)
            && let Some(notification) = self.store.event_notification(event).await.map_err(of_store)?
        {
            let notified = notification.to_json();
            let text = notified.to_string();
            size += 2 * text.len();
            wire["notifiedData"] = json!([notified]);
            wire["eventElementInstances"] = json!([{
                "eventId": event.id.to_string(),
                "elementInstanceId": event.instance_id,
                "notificationId": notification.id,
                "notifiedData": text,
                "createdDate": event.created_at.to_iso_seconds(),
                "updatedDate": event.updated_at.to_iso_seconds(),
            }]);
        }
        Ok((wire, size))
    }
}

fn message(event: Id<Event>, step: &EventStep) -> String {
    match step {
        EventStep::Note(note) => note.clone(),
        EventStep::Attempt { subscription, outcome: Outcome::Accepted, .. } => {
            format!("Delivered event {event} to subscription {subscription}")
        }
        EventStep::Attempt { subscription, outcome, status_code } => {
            let why = told_of(*outcome, *status_code);
            format!("Error delivering event {event} to subscription {subscription}: {why}")
        }
    }
}
