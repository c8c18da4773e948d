//! Polling: asks the vendor what has changed since the last time, resource by resource, and makes events of it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use ligand_domain::{
    Caller, Configuration, Error, ErrorKind, Id, Instance, Job, NewJob, Poller, Privileges, Timestamp, event::Source,
    job::Ending, notification::Severity,
};
use ligand_element::{CallerBody, CallerRequest, Method, Polled, PollingProblem, Window, polling};
use ligand_store::{Mark, NewEvents, NewNotification, POLL_JOB, PollPlan, Polled as Kept, poll_job_key};
use serde_json::{Map, Value, json};

use super::{
    normalise::Object,
    watch::{Way, has_events, way},
};
use crate::{
    App,
    failure::of_store,
    hubs::Body,
    instances::{Loaded, Target},
    jobs::Kind,
    requests::JobView,
};

/// How long all resources of an instance may take.
const DEADLINE: Duration = Duration::from_secs(1800);
/// Minutes between polls unless an instance says otherwise.
const MINUTES: f64 = 15.0;
/// Up to which time failures make the wait longer.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How many pages of a resource one poll looks at.
const PAGES: usize = 500;
/// How many changes of a resource one poll brings.
const CHANGES: usize = 20_000;
/// The topic of what is told when polling is switched off.
const SWITCHED_OFF: &str = "polling-disabled";
/// The API's base path, which requests of pollers may begin with.
const BASE: &str = "/elements/api-v2";

/// What is to be polled for an instance whose configuration is this.
pub(super) fn plan(configuration: &Configuration, disabled: bool, now: Timestamp, resets: bool) -> Option<PollPlan> {
    if !has_events(configuration, disabled) || way(configuration) != Way::Polling {
        return None;
    }
    let interval = interval(configuration);
    let found = polling(configuration);
    let polled = found.resources.into_iter().map(|polled| (polled.name, polled.url));
    let broken = found.problems.into_iter().filter(|problem| !problem.name.is_empty());
    let mut resources: Vec<(String, String)> = polled.collect();
    resources.extend(broken.map(|problem| (problem.name, String::new())));
    let mut seen = HashSet::new();
    resources.retain(|(name, _)| seen.insert(name.clone()));
    let seconds = interval.as_secs();
    let job = NewJob {
        name: Some("Event poller".to_owned()),
        description: format!("Polls for changes every {seconds} seconds"),
        ..NewJob::new(POLL_JOB, json!({ "seconds": seconds }), now.plus(interval))
    };
    Some(PollPlan { resources, job, resets })
}

/// How long an instance waits between polls: a minute at least.
fn interval(configuration: &Configuration) -> Duration {
    let stated = configuration.get("event.poller.refresh_interval").and_then(|text| text.trim().parse::<f64>().ok());
    let minutes = stated.filter(|minutes| minutes.is_finite() && *minutes > 0.0).unwrap_or(MINUTES).max(1.0);
    Duration::try_from_secs_f64((minutes * 60.0).min(1e11)).unwrap_or(Duration::from_secs(900))
}

/// The sort of work that polls.
pub(crate) fn kind(app: &Arc<App>) -> Kind {
    let app = Arc::clone(app);
    Kind::new(POLL_JOB, DEADLINE, move |job| poll(Arc::clone(&app), job)).endless()
}

async fn poll(app: Arc<App>, job: Job) -> Result<Ending, Error> {
    let done = Ok(Ending::Done(Value::Null));
    let Some(instance) = job.instance_id else { return done };
    let Some(loaded) = app.load(instance).await? else { return done };
    let configuration = &loaded.instance.configuration;
    if !has_events(configuration, loaded.instance.disabled) || way(configuration) != Way::Polling {
        return done;
    }
    let mut pollers = app.store.pollers_of(instance).await.map_err(of_store)?;
    if pollers.iter().any(|poller| poller.disabled) {
        // Somebody has switched the job on again.
        app.store.switch_polling(instance, true).await.map_err(of_store)?;
        pollers = app.store.pollers_of(instance).await.map_err(of_store)?;
    }
    let found = polling(configuration);
    let (mut trouble, mut most) = (Vec::new(), 0);
    for poller in &pollers {
        let polled = found.resources.iter().find(|polled| polled.name == poller.object_name);
        let outcome = match polled {
            Some(polled) => app.poll_resource(&loaded, poller, polled).await,
            None => Err(problem_of(&found.problems, &poller.object_name)),
        };
        if let Err(why) = outcome {
            let failed = app.store.keep_failed_poll(poller.id, &why).await.map_err(of_store)?;
            most = most.max(failed);
            trouble.push(format!("{}: {why}", poller.object_name));
        }
    }
    let trouble = (!trouble.is_empty()).then(|| trouble.join("; "));
    if most >= i64::from(app.limits.events.poll_failures) {
        app.switch_polling_off(&loaded, trouble.as_deref().unwrap_or_default()).await?;
    }
    let at = next(job.planned_at, interval(configuration), most, app.clock.now());
    Ok(Ending::Again { at, trouble })
}

/// From when on changes count that a poll at this instant may have missed: vendors tell whole seconds, so that what
/// changed in the second of the poll, behind it, bears an earlier date. What was seen already is known by its mark.
fn before(last_poll: Timestamp) -> Timestamp {
    Timestamp::from_millis((last_poll.as_millis().div_euclid(1000) - 1) * 1000)
}

fn problem_of(problems: &[PollingProblem], name: &str) -> String {
    let found = problems.iter().find(|problem| problem.name == name);
    found.map_or_else(|| "it is not configured any more".to_owned(), |problem| problem.message.clone())
}

/// The next turn: by the plan, however long this one took. Failures in a row make the wait longer, up to a quarter of
/// an hour.
fn next(planned: Timestamp, interval: Duration, failed: i64, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(failed.clamp(1, 16) - 1).unwrap_or(0);
    let longer = interval.saturating_mul(1 << doublings).min(LONGEST_WAIT).max(interval);
    let planned = planned.plus(longer);
    if planned > now { planned } else { now.plus(longer) }
}

impl App {
    /// Polls a resource once. The error says what went wrong.
    async fn poll_resource(&self, loaded: &Loaded, poller: &Poller, polled: &Polled) -> Result<(), String> {
        let began_at = self.clock.now();
        let since = before(poller.last_poll_at);
        let window = Window { last_poll: since, now: began_at };
        let mut changes = Vec::new();
        let mut next_page: Option<String> = None;
        for page in 0.. {
            if page == PAGES || changes.len() > CHANGES {
                return Err(format!("it has more than {PAGES} pages or {CHANGES} changes at a time"));
            }
            let answer = self.ask(loaded, &polled.request(since), next_page.as_deref()).await?;
            let Some((body, token)) = answer else { break };
            let batch = polled.changes(polled.records(body), window);
            changes.extend(batch.changes);
            let reached = !polled.is_dated() && polled.dates.is_some() && batch.is_old;
            match token.filter(|token| !reached && Some(token) != next_page.as_ref()) {
                Some(token) => next_page = Some(token),
                None => break,
            }
        }
        self.keep_changes(loaded, poller, polled, began_at, changes).await.map_err(|error| error.message)
    }

    /// One page; `None` when there is nothing.
    async fn ask(
        &self,
        loaded: &Loaded,
        request: &str,
        next_page: Option<&str>,
    ) -> Result<Option<(Value, Option<String>)>, String> {
        let request = request.strip_prefix(BASE).unwrap_or(request);
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        let mut query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if let Some(token) = next_page {
            query.push(("nextPage".to_owned(), token.to_owned()));
        }
        let told = |error: Error| match error.provider_message {
            Some(provider) => format!("{} ({provider})", error.message),
            None => error.message,
        };
        let caller = Caller {
            user_id: loaded.instance.user_id,
            account_id: loaded.owner.account_id,
            organization_id: loaded.instance.organization_id,
            privileges: Privileges::default(),
        };
        let call = CallerRequest {
            method: Method::Get,
            path: path.to_owned(),
            query,
            headers: Vec::new(),
            body: CallerBody::None,
        };
        let operation = self.operation(loaded, "GET", path).map_err(told)?;
        match self.hub_call(&caller, loaded, operation, call, Vec::new()).await {
            Ok(answer) => match answer.body {
                Body::Json(body) => Ok(Some((body, answer.next_page))),
                Body::List(list) => {
                    let body = serde_json::from_slice(&list.text).map_err(|_| "its answer is no JSON".to_owned())?;
                    Ok(Some((body, answer.next_page)))
                }
                Body::None | Body::File(_) => Ok(None),
            },
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    async fn keep_changes(
        &self,
        loaded: &Loaded,
        poller: &Poller,
        polled: &Polled,
        began_at: Timestamp,
        mut changes: Vec<ligand_element::Change>,
    ) -> Result<(), Error> {
        changes.sort_by_key(|change| change.date);
        let form = |change: &ligand_element::Change| {
            let text = Value::from(vec![json!(change.id), json!(change.mark)]).to_string();
            // A record without an id is told from others by all that is in it.
            let text = if change.id.is_none() { format!("{text}{}", change.record) } else { text };
            Mark { text, is_id: false }
        };
        let id = |change: &ligand_element::Change| change.id.as_ref().map(|id| Mark { text: id.clone(), is_id: true });
        let forms: Vec<Mark> = changes.iter().map(form).collect();
        let mut is_seen = self.store.seen_marks(poller.id, &forms).await.map_err(of_store)?;
        let mut this_time = HashSet::new();
        for (seen, form) in is_seen.iter_mut().zip(&forms) {
            *seen |= !this_time.insert(form.text.clone());
        }
        let mut is_seen = is_seen.into_iter();
        changes.retain(|_| !is_seen.next().unwrap_or(false));
        let ids: Vec<Mark> = changes.iter().filter_map(id).collect();
        // Without dates only the ids tell what is new.
        let compares_ids = polled.dates.is_none();
        let known =
            if compares_ids { self.store.seen_marks(poller.id, &ids).await.map_err(of_store)? } else { Vec::new() };
        let known: HashSet<&str> =
            ids.iter().zip(&known).filter(|(_, known)| **known).map(|(mark, _)| mark.text.as_str()).collect();
        let (mut objects, mut records): (Vec<Object>, Vec<Value>) = (Vec::new(), Vec::new());
        let (element, hub) = (loaded.element.key(), loaded.element.hub());
        for change in &changes {
            let is_known = change.id.as_deref().is_some_and(|id| known.contains(id));
            let kind = change.kind.unwrap_or(if is_known { "UPDATED" } else { "CREATED" });
            if let Value::Object(object) = change.to_json(&polled.name, kind, began_at, element, hub) {
                objects.push(object);
                records.push(change.record.clone());
            }
        }
        let events = (!objects.is_empty()).then(|| {
            let mut batch = Map::new();
            batch.insert("instance_id".to_owned(), json!(loaded.instance.id));
            batch.insert("objectType".to_owned(), json!(polled.name));
            batch.insert("events".to_owned(), json!(objects));
            batch.insert(polled.name.clone(), Value::from(records));
            let events = self.events_of(loaded, Source::Polling, &objects);
            NewEvents { payload: Value::Object(batch), context: None, events }
        });
        let window = began_at.since(before(poller.last_poll_at));
        let delay = Duration::from_secs(u64::try_from(polled.delay).unwrap_or(0));
        let mut marks = forms;
        if compares_ids {
            marks.extend(ids);
        }
        let kept = Kept {
            poller,
            began_at,
            marks: &marks,
            forget_before: poller.last_poll_at.minus(window + delay),
            events: events.as_ref(),
        };
        if self.store.keep_poll(&kept).await.map_err(of_store)?.is_none() {
            tracing::debug!(poller = %poller.id, "a poll came too late");
        }
        Ok(())
    }

    /// Ends the polling of an instance that fails and fails, and tells its owner.
    async fn switch_polling_off(&self, loaded: &Loaded, why: &str) -> Result<(), Error> {
        let instance = &loaded.instance;
        tracing::warn!(instance = %instance.id, "polling is switched off after too many failures");
        self.store.switch_polling(instance.id, false).await.map_err(of_store)?;
        let message = json!({
            "instanceId": instance.id,
            "instanceName": instance.name,
            "elementKey": loaded.element.key(),
            "error": why,
        });
        let new = NewNotification {
            organization_id: instance.organization_id,
            account_id: loaded.owner.account_id,
            instance_id: Some(instance.id),
            from: loaded.element.key().to_owned(),
            topic: SWITCHED_OFF.to_owned(),
            severity: Severity::High,
            message,
            bucket: self.bucket(&instance.id.to_string()),
        };
        self.store.create_notification(&new).await.map_err(of_store)?;
        let subject = format!("Polling of {} was switched off", instance.name);
        let text = format!(
            "The polling of the element instance {} ({}) failed too often and was switched off.\n\nThe last error: {why}\n",
            instance.name, instance.id
        );
        self.mail_to(&loaded.owner.email, &subject, &text).await;
        Ok(())
    }

    /// What is polled for the instance of a token.
    ///
    /// # Errors
    /// As [`App::instance`].
    pub async fn poller_records(&self, caller: &Caller, target: Target<'_>) -> Result<Vec<Value>, Error> {
        let loaded = self.instance(caller, target).await?;
        let job = self.store.find_job_by_key(&poll_job_key(loaded.instance.id)).await.map_err(of_store)?;
        let planned = job.filter(|job| job.state != ligand_domain::job::State::Paused).map(|job| job.planned_at);
        let pollers = self.store.pollers_of(loaded.instance.id).await.map_err(of_store)?;
        Ok(pollers.iter().map(|poller| shown(poller, planned)).collect())
    }

    /// Has an instance polled now.
    ///
    /// # Errors
    /// As [`App::instance`]; conflict when it is not polled at all.
    pub async fn poll_now(&self, caller: &Caller, target: Target<'_>) -> Result<(), Error> {
        let id = self.instance(caller, target).await?.instance.id;
        let key = poll_job_key(id);
        let job = self.store.find_job_by_key(&key).await.map_err(of_store)?;
        if job.is_none_or(|job| job.state == ligand_domain::job::State::Paused) {
            let message = "The element instance is not polled, or its polling is switched off";
            return Err(Error::new(ErrorKind::Conflict, "not-polled", message));
        }
        // One that runs, or is due anyway, need not be moved.
        self.store.hasten_job(&key, self.clock.now()).await.map_err(of_store)?;
        Ok(())
    }

    /// The instances of the caller's account whose polling was switched off because it failed too often.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_without_polling(&self, caller: &Caller) -> Result<Vec<Arc<Loaded>>, Error> {
        let mut found = Vec::new();
        for id in self.store.instances_without_polling(caller.account_id).await.map_err(of_store)? {
            found.extend(self.load(id).await?);
        }
        Ok(found)
    }

    /// The jobs of those instances.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_without_polling(&self, caller: &Caller) -> Result<Vec<JobView>, Error> {
        let mut found = Vec::new();
        for loaded in self.instances_without_polling(caller).await? {
            let id: Id<Instance> = loaded.instance.id;
            let job = self.store.find_job_by_key(&poll_job_key(id)).await.map_err(of_store)?;
            found.extend(job.map(|job| JobView { job, element_key: Some(loaded.element.key().to_owned()) }));
        }
        Ok(found)
    }
}

fn shown(poller: &Poller, planned: Option<Timestamp>) -> Value {
    json!({
        "id": poller.id,
        "elementInstanceId": poller.instance_id,
        "objectName": poller.object_name,
        "pollUrl": poller.poll_url,
        "lastPollDate": poller.last_poll_at.to_iso_seconds(),
        "nextPollDate": planned.filter(|_| !poller.disabled).map(Timestamp::to_iso_seconds),
        "errorCount": poller.error_count,
        "lastError": poller.last_error,
        "disabled": poller.disabled,
        "createdDate": poller.created_at.to_iso_seconds(),
        "updatedDate": poller.updated_at.to_iso_seconds(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ligand_domain::{Configuration, Timestamp};

    use super::{interval, next};

    #[test]
    fn the_interval_is_a_minute_at_least_and_may_be_absurd() {
        let of = |text: &str| {
            let entries = [("event.poller.refresh_interval".to_owned(), Some(text.to_owned()))];
            interval(&entries.into_iter().collect::<Configuration>()).as_secs()
        };
        assert_eq!(
            [of("1"), of("0.1"), of(" 2.5 "), of("15"), of("x"), of("-3"), of("")],
            [60, 60, 150, 900, 900, 900, 900]
        );
        assert_eq!(of("999999999"), 59_999_999_940);
        assert_eq!(of("1e300"), 100_000_000_000);
    }

    #[test]
    fn turns_follow_the_plan_and_failures_stretch_it() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let minute = Duration::from_secs(60);
        assert_eq!(next(at(60), minute, 0, at(65)), at(120));
        assert_eq!(next(at(60), minute, 0, at(1000)), at(1060), "what was missed is not made up for");
        assert_eq!(next(at(60), minute, 3, at(65)), at(300));
        assert_eq!(next(at(60), minute, 30, at(65)), at(960));
        assert_eq!(next(at(60), Duration::from_secs(3600), 30, at(65)), at(3660));
    }
}
