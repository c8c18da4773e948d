//! What an element's own script makes of a webhook, in the request when it wants to answer, else in a job.

use std::{sync::Arc, time::Duration};

use ligand_domain::{Error, Event, Id, Job, NewJob, event::Source, event::Status, job::Ending};
use ligand_element::HookType;
use ligand_engine::Failure;
use ligand_store::EVENT_JOB;
use serde_json::{Map, Value};

use super::{
    normalise::{Normaliser, Object},
    payload::seen,
};
use crate::{App, failure::of_store, instances::Loaded, jobs::Kind};

/// How long an event's job may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a script says that only a script can say at once: the answer to the vendor.
const ANSWERS: [&str; 2] = ["response_body", "response_status_code"];

/// What a script made of a webhook.
pub(super) struct Hooked {
    /// The changes; `None` when it wants none of it.
    pub(super) changes: Option<Vec<Object>>,
    /// The answer to the vendor, when it gives one.
    pub(super) status: Option<u16>,
    pub(super) body: Option<Value>,
}

/// Whether an element has a script for webhooks.
pub(super) fn has_hook(loaded: &Loaded) -> bool {
    loaded.element.hooks().iter().any(|hook| hook.kind == HookType::Event)
}

/// Whether that script may answer the vendor.
pub(super) fn may_answer(loaded: &Loaded) -> bool {
    let hooks = loaded.element.hooks().iter().filter(|hook| hook.kind == HookType::Event);
    hooks.into_iter().any(|hook| ANSWERS.iter().any(|word| hook.body.contains(word)))
}

/// The sort of work that runs these scripts.
pub(crate) fn kind(app: &Arc<App>) -> Kind {
    let app = Arc::clone(app);
    Kind::new(EVENT_JOB, DEADLINE, move |job| settle(Arc::clone(&app), job))
}

async fn settle(app: Arc<App>, job: Job) -> Result<Ending, Error> {
    let done = Ok(Ending::Done(Value::Null));
    let Some(id) = job.payload["event"].as_i64().and_then(Id::<Event>::new) else { return done };
    let Some((event, payload, context)) = app.store.find_unsettled_event(id).await.map_err(of_store)? else {
        return done;
    };
    if event.status != Status::Received {
        return done;
    }
    let Some(loaded) = app.load(event.instance_id).await? else { return done };
    match app.run_event_hook(&loaded, &payload, &context).await {
        Ok(hooked) => {
            let events = app.events_of(&loaded, Source::Webhook, &hooked.changes.unwrap_or_default());
            app.store.settle_event(id, &events).await.map_err(of_store)?;
            done
        }
        Err(Failure::Script { status: 429 | 500, message, .. }) => {
            Err(Error::new(ligand_domain::ErrorKind::TooMany, "script-busy", message))
        }
        Err(failure) => {
            app.store.note_event(id, &told(&failure)).await.map_err(of_store)?;
            done
        }
    }
}

/// What is told of a script that failed.
pub(super) fn told(failure: &Failure) -> String {
    format!("Error processing event: {failure}").chars().filter(|character| *character != '\0').collect()
}

/// The job that settles an event.
pub(super) fn job_of(loaded: &Loaded, now: ligand_domain::Timestamp) -> NewJob {
    NewJob::new(EVENT_JOB, Value::Null, now).for_instance(&loaded.instance)
}

impl App {
    /// Runs the scripts of an instance's element over a webhook, one after the other.
    pub(super) async fn run_event_hook(
        &self,
        loaded: &Loaded,
        payload: &Value,
        context: &Value,
    ) -> Result<Hooked, Failure> {
        let seen = seen(payload, context);
        let (element, instance) = (&*loaded.element, &loaded.instance);
        let mut result = Map::new();
        for hook in element.hooks().iter().filter(|hook| hook.kind == HookType::Event) {
            let events = Value::Object(seen.clone());
            result.extend(self.engine.event_hook(hook, element, instance.id, &instance.configuration, events).await?);
        }
        let stops = result.get("continue").is_some_and(|it| it == &Value::Bool(false) || it == "false");
        let normaliser = Normaliser::of(loaded, self.clock.now());
        let changes = match result.get("events").filter(|events| !events.is_null()) {
            _ if stops => None,
            Some(events) => Some(normaliser.of_script(events)),
            None => Some(normaliser.changes(payload)),
        };
        let status = result.get("response_status_code").and_then(|code| match code {
            Value::Number(number) => number.as_u64().and_then(|code| u16::try_from(code).ok()),
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        let body = result.shift_remove("response_body").filter(|body| !body.is_null());
        Ok(Hooked { changes, status: status.filter(|code| (200..=599).contains(code)), body })
    }
}
