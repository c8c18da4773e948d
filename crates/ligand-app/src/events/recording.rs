//! Events on their way into the store: cut into envelopes, each with its notification.

use ligand_domain::{Error, Event, Id, event::Source, notification::Severity};
use ligand_store::{NewEvent, NewEvents, NewNotification, event_topic};
use serde_json::{Value, json};

use super::normalise::Object;
use crate::{App, instances::Loaded};

/// How many changes an envelope has at most.
const fn most(source: Source) -> usize {
    match source {
        Source::Polling => 10,
        Source::Webhook => 20,
    }
}

impl App {
    /// Stores events with all that follows from them, together with what others record meanwhile. Everything is on disk
    /// when this returns.
    pub(crate) async fn record_events(&self, new: NewEvents) -> Result<Vec<Id<Event>>, Error> {
        if new.events.is_empty() { Ok(Vec::new()) } else { self.recordings.write(new).await }
    }

    /// The events of an instance that these changes are.
    pub(super) fn events_of(&self, loaded: &Loaded, source: Source, changes: &[Object]) -> Vec<NewEvent> {
        let bucket = self.bucket(&order(loaded, changes));
        changes
            .chunks(most(source))
            .map(|chunk| NewEvent { notification: Some(envelope(loaded, chunk, bucket)), ..event_of(loaded, source) })
            .collect()
    }
}

fn envelope(loaded: &Loaded, changes: &[Object], bucket: i64) -> NewNotification {
    let (instance, element) = (&loaded.instance, &loaded.element);
    let mut message = json!({
        "accountId": loaded.owner.account_id,
        "companyId": instance.organization_id,
        "userId": instance.user_id,
        "elementKey": element.key(),
        "eventId": null,
        "instanceId": instance.id,
        "instanceName": instance.name,
        "instanceTags": instance.tags,
        "events": changes,
    });
    let raw = instance.configuration.get("event.raw.enabled");
    if !raw.is_some_and(|text| text.eq_ignore_ascii_case("false")) {
        message["raw"] = Value::Null;
    }
    NewNotification {
        organization_id: instance.organization_id,
        account_id: loaded.owner.account_id,
        instance_id: Some(instance.id),
        from: element.key().to_owned(),
        topic: event_topic(instance.id, element.key()),
        severity: Severity::Low,
        message,
        bucket,
    }
}

/// An event of which it is not known yet what it means.
pub(super) fn event_of(loaded: &Loaded, source: Source) -> NewEvent {
    let instance = &loaded.instance;
    NewEvent {
        organization_id: instance.organization_id,
        account_id: loaded.owner.account_id,
        user_id: instance.user_id,
        instance_id: instance.id,
        element_key: loaded.element.key().to_owned(),
        source,
        notification: None,
        note: None,
        job: None,
    }
}

/// What has to stay in order: changes of one object, and what tells of several objects.
fn order(loaded: &Loaded, changes: &[Object]) -> String {
    let of = |change: &Object| (change.get("objectType").cloned(), change.get("objectId").cloned());
    let first = changes.first().map(of).filter(|(_, id)| id.as_ref().is_some_and(|id| !id.is_null()));
    match first.filter(|first| changes.iter().all(|change| of(change) == *first)) {
        Some((kind, id)) => format!("{}:{kind:?}:{id:?}", loaded.instance.id),
        None => loaded.instance.id.to_string(),
    }
}
