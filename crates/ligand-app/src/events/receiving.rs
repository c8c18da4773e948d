//! A webhook comes in: who it is for, whether it is genuine, what it means; it is on disk before the vendor is answered.

use std::{sync::Arc, time::Duration};

use ligand_domain::{Error, ErrorKind, Id, Instance, event::Source};
use ligand_store::{NewEvent, NewEvents};
use serde_json::Value;

use super::{
    challenge::{self, Reply},
    hooks::{self, Hooked},
    normalise::Normaliser,
    payload::{self, Incoming, number_of, texts_at},
    recording::event_of,
    signature::is_genuine,
    watch::has_events,
};
use crate::{App, catalog, failure::of_store, instances::Loaded};

/// How many instances one webhook may be for.
const INSTANCES: usize = 100;
/// How many changes one webhook may tell of.
const CHANGES: usize = 10_000;
/// How long a vendor is kept waiting by a script that wants to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How the routes of poll batches end.
const BATCHES: &str = "Polling";

impl App {
    /// Takes a webhook. Everything of it is on disk when this returns.
    ///
    /// # Errors
    /// Not found for an unknown element; unauthenticated without the signature that the instance demands; too many;
    /// too large.
    pub async fn receive(&self, incoming: Incoming) -> Result<Reply, Error> {
        let element = self.known_element(&incoming.element_key).await?;
        let payload = incoming.payload();
        if let Some(reply) = challenge::answer(&incoming, &payload) {
            return Ok(reply);
        }
        self.floods.admit_element(&element)?;
        let instances = self.addressees(&element, &incoming, &payload).await?;
        if instances.is_empty() {
            tracing::debug!(element, "a webhook is for no instance with events");
            return Ok(Reply::Taken);
        }
        for loaded in &instances {
            self.floods.admit_instance(loaded.instance.id)?;
            if !is_genuine(&incoming, &loaded.instance.configuration) {
                let message = "The signature of the webhook is missing or wrong";
                return Err(Error::new(ErrorKind::Unauthenticated, "webhook-signature", message));
            }
        }
        let context = payload::context(&incoming);
        let (mut events, mut reply, mut is_waiting) = (Vec::new(), Reply::Taken, false);
        for loaded in &instances {
            if hooks::has_hook(loaded) {
                let (hooked, waits) = self.hook(loaded, &payload, &context).await;
                is_waiting |= waits;
                let (more, answer) = self.of_hook(loaded, hooked, waits);
                events.extend(more);
                reply = answer.unwrap_or(reply);
            } else {
                let changes = Normaliser::of(loaded, self.clock.now()).changes(&payload);
                if changes.len() > CHANGES {
                    let message = format!("A webhook may tell of {CHANGES} changes at most");
                    return Err(Error::new(ErrorKind::TooLarge, "changes-too-many", message));
                }
                events.extend(self.events_of(loaded, Source::Webhook, &changes));
            }
        }
        let context = is_waiting.then_some(context);
        self.record_events(NewEvents { payload, context, events }).await?;
        Ok(reply)
    }

    /// What the script of an element says of a webhook, and whether that is left to a job. A script that may answer the
    /// vendor runs at once, if it is quick.
    async fn hook(&self, loaded: &Loaded, payload: &Value, context: &Value) -> (Option<Hooked>, bool) {
        if !hooks::may_answer(loaded) {
            return (None, true);
        }
        match tokio::time::timeout(PATIENCE, self.run_event_hook(loaded, payload, context)).await {
            Ok(Ok(hooked)) => (Some(hooked), false),
            // The job tries again, or notes the error at the event.
            Ok(Err(_)) | Err(_) => (None, true),
        }
    }

    fn of_hook(&self, loaded: &Loaded, hooked: Option<Hooked>, waits: bool) -> (Vec<NewEvent>, Option<Reply>) {
        if waits {
            let job = hooks::job_of(loaded, self.clock.now());
            return (vec![NewEvent { job: Some(job), ..event_of(loaded, Source::Webhook) }], None);
        }
        let Some(Hooked { changes, status, body }) = hooked else { return (Vec::new(), None) };
        let answers = status.is_some() || body.is_some();
        let reply = answers.then(|| Reply::Scripted { status: status.unwrap_or(200), body });
        (self.events_of(loaded, Source::Webhook, &changes.unwrap_or_default()), reply)
    }

    /// The key of the element that a path names.
    async fn known_element(&self, named: &str) -> Result<String, Error> {
        let index = self.registry.index().await?;
        let found = |key: &str| {
            let known = self.catalog.resolve_key(key).or_else(|_| self.catalog.resolve_id(key)).ok();
            let known = known.map(|element| element.key().to_owned());
            let stored = || match key.parse() {
                Ok(id) => index.find(id).map(|stored| stored.row.key.clone()),
                Err(_) => index.with_key(&key.to_lowercase()).next().map(|stored| stored.row.key.clone()),
            };
            known.or_else(stored)
        };
        let of_batches = || named.strip_suffix(BATCHES).filter(|key| !key.is_empty()).and_then(found);
        found(named).or_else(of_batches).ok_or_else(|| catalog::not_found("key", named))
    }

    /// The instances that a webhook is for, with events: those that it names, else those that are found by what is in
    /// it, else the only one that there is.
    async fn addressees(&self, element: &str, incoming: &Incoming, payload: &Value) -> Result<Vec<Arc<Loaded>>, Error> {
        if let Some(named) = named(incoming, payload) {
            return self.with_events(&named).await;
        }
        for place in self.store.finder_places(element).await.map_err(of_store)? {
            let mut found = Vec::new();
            for text in texts_at(incoming, payload, &place) {
                let by_text = self.store.instances_found_by(element, &place, &text).await.map_err(of_store)?;
                found.extend(by_text.into_iter().filter(|id| !found.contains(id)).collect::<Vec<_>>());
            }
            if !found.is_empty() {
                return self.with_events(&found).await;
            }
        }
        let only = self.store.only_listener(element).await.map_err(of_store)?;
        self.with_events(&only.into_iter().collect::<Vec<_>>()).await
    }

    async fn with_events(&self, ids: &[Id<Instance>]) -> Result<Vec<Arc<Loaded>>, Error> {
        let mut instances = Vec::new();
        for id in ids.iter().take(INSTANCES) {
            let loaded = self.load(*id).await?;
            instances.extend(loaded.filter(|it| has_events(&it.instance.configuration, it.instance.disabled)));
        }
        Ok(instances)
    }
}

/// The instances that a webhook names: in its path, in a header, in its body.
fn named(incoming: &Incoming, payload: &Value) -> Option<Vec<Id<Instance>>> {
    let one = |number: i64| Some(Id::new(number).into_iter().collect());
    if let Some(number) = incoming.token.as_deref().and_then(number_of) {
        return one(number);
    }
    if let Some(list) = incoming.header("element-instances").filter(|list| !list.is_empty()) {
        let mut ids: Vec<Id<Instance>> = Vec::new();
        for id in list.split(',').filter_map(|text| text.trim().parse().ok()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        return Some(ids);
    }
    if let Some(number) = incoming.header("id").and_then(|text| text.parse().ok()) {
        return one(number);
    }
    match &payload["instance_id"] {
        Value::Number(number) => one(number.as_i64()?),
        Value::String(text) => one(text.trim().parse().ok()?),
        _ => None,
    }
}
