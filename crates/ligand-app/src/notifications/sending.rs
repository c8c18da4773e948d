//! The job of a delivery: tries it once, keeps what came of it, and says when to try again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ligand_domain::{
    Delivery, Error, Id, Job,
    job::Ending,
    notification::{Attempt, Channel, DeliveryStatus, Outcome},
    retry,
};
use ligand_engine::{Callback, CallbackFailure};
use ligand_store::{Attempted, DELIVERY_JOB, Dispatch};
use serde_json::{Value, json};
use url::Url;

use super::{callback::Head, mail::Mail, policy::Policy};
use crate::{App, failure::of_store, jobs::Kind};

/// What a job may take beside the receiver.
const MARGIN: Duration = Duration::from_secs(30);

/// The sort of work that delivers.
pub(crate) fn kind(app: &Arc<App>) -> Kind {
    let within = app.limits.notifications.timeout + MARGIN;
    let app = Arc::clone(app);
    Kind::new(DELIVERY_JOB, within, move |job| deliver(Arc::clone(&app), job)).endless()
}

/// What one try came to.
enum Tried {
    Attempt(Attempt),
    /// The endpoint is not asked for now.
    Suspended(Duration),
    /// What it is about is gone.
    Gone,
}

async fn deliver(app: Arc<App>, job: Job) -> Result<Ending, Error> {
    let done = Ok(Ending::Done(Value::Null));
    let Some(id) = job.payload["delivery"].as_i64().and_then(Id::<Delivery>::new) else { return done };
    let Some(dispatch) = app.store.find_dispatch(id).await.map_err(of_store)? else { return done };
    let Dispatch { delivery, subscription, .. } = &dispatch;
    if !matches!(delivery.status, DeliveryStatus::Created | DeliveryStatus::Retry) || subscription.deleted {
        return done;
    }
    if !subscription.active {
        app.keep(&dispatch, DeliveryStatus::Queued, None, false).await?;
        return done;
    }
    let tried = match subscription.channel {
        Channel::Webhook => app.send_webhook(&dispatch).await?,
        Channel::Email => app.send_mail(&dispatch).await,
        Channel::Sms | Channel::Push => Tried::Attempt(app.impossible("there is no way to send it")),
    };
    let attempt = match tried {
        Tried::Attempt(attempt) => attempt,
        Tried::Suspended(wait) => {
            let at = app.clock.now().plus(retry::jittered(&*app.rng, wait));
            return Ok(Ending::Retry { at, why: "the endpoint does not answer".to_owned() });
        }
        Tried::Gone => return done,
    };
    app.conclude(&dispatch, attempt).await
}

impl App {
    /// Keeps what became of a delivery, and says how its job goes on.
    async fn conclude(&self, dispatch: &Dispatch, attempt: Attempt) -> Result<Ending, Error> {
        let done = Ok(Ending::Done(Value::Null));
        if attempt.outcome == Outcome::Accepted {
            let status = match dispatch.subscription.channel {
                Channel::Webhook => DeliveryStatus::Delivered,
                _ => DeliveryStatus::Notified,
            };
            self.keep(dispatch, status, Some(attempt), false).await?;
            return done;
        }
        let policy = self.failure_policy(dispatch.subscription.account_id).await?;
        if attempt.outcome == Outcome::Impossible || policy == Policy::Queue {
            self.keep(dispatch, DeliveryStatus::Queued, Some(attempt), false).await?;
            return done;
        }
        let now = self.clock.now();
        let first = dispatch.delivery.first_failed_at.unwrap_or(now);
        let why = format!("delivery failed: {}", attempt.outcome.key());
        match self.limits.notifications.next_try(&*self.rng, first, dispatch.delivery.failures + 1) {
            Some(at) => {
                self.keep(dispatch, DeliveryStatus::Retry, Some(attempt), false).await?;
                Ok(Ending::Retry { at: at.max(now), why })
            }
            None => {
                let (subscription, delivery) = (dispatch.subscription.id, dispatch.delivery.id);
                tracing::warn!(%subscription, %delivery, why, "a subscription is deactivated: its receiver fails");
                self.keep(dispatch, DeliveryStatus::Queued, Some(attempt), true).await?;
                done
            }
        }
    }

    async fn keep(
        &self,
        dispatch: &Dispatch,
        status: DeliveryStatus,
        attempt: Option<Attempt>,
        gives_up: bool,
    ) -> Result<(), Error> {
        let delivery = &dispatch.delivery;
        let failed = attempt.as_ref().is_some_and(|attempt| attempt.outcome != Outcome::Accepted);
        let error = match &attempt {
            Some(attempt) if failed => Some(told(attempt)),
            Some(_) => None,
            None => Some("the subscription is not active".to_owned()),
        };
        let first_failed_at = match (delivery.first_failed_at, failed) {
            (None, true) => Some(self.clock.now()),
            (before, _) => before,
        };
        let attempted = Attempted {
            id: delivery.id,
            notification_id: delivery.notification_id,
            subscription_id: delivery.subscription_id,
            status,
            failures: delivery.failures + i64::from(failed),
            first_failed_at,
            error,
            gives_up,
            attempt,
        };
        self.attempts.write(attempted).await
    }

    async fn send_webhook(&self, dispatch: &Dispatch) -> Result<Tried, Error> {
        let loaded = match dispatch.subscription.instance_id {
            Some(instance) => match self.load(instance).await? {
                Some(loaded) => Some(loaded),
                None => return Ok(Tried::Gone),
            },
            None => None,
        };
        let address = dispatch.subscription.config.get("url").and_then(Value::as_str).unwrap_or_default();
        let Ok(url) = Url::parse(address) else { return Ok(Tried::Attempt(self.impossible("its address is no URL"))) };
        let mut wire = dispatch.notification.to_json();
        // The bytes are the same whatever happens to the notification between two tries.
        wire["acknowledged"] = Value::Bool(false);
        let body = Bytes::from(wire.to_string());
        let now = self.clock.now();
        let configuration = loaded.as_ref().map(|loaded| &loaded.instance.configuration);
        let head = Head::new(&dispatch.notification.id.to_string(), now, &body, configuration);
        let callback = Callback {
            endpoint: format!("{}:{}", dispatch.subscription.organization_id, url.origin().ascii_serialization()),
            url: url.clone(),
            headers: head.headers.clone(),
            body: body.clone(),
            timeout: self.limits.notifications.timeout,
        };
        let answered = self.engine.call_back(callback).await;
        let (outcome, status_code) = match &answered {
            Ok(answer) => (meaning(answer.status), Some(answer.status)),
            Err(CallbackFailure::Suspended(wait)) => return Ok(Tried::Suspended(*wait)),
            Err(failure) => (of_failure(failure), None),
        };
        Ok(Tried::Attempt(Attempt {
            started_at: now,
            millis: millis(self.clock.now().since(now)),
            outcome,
            status_code,
            exchange: head.exchange(&url, &body, answered.as_ref().ok()),
        }))
    }

    async fn send_mail(&self, dispatch: &Dispatch) -> Tried {
        if !self.mailer.is_there() {
            return Tried::Attempt(self.impossible("there is no mail server"));
        }
        let config = &dispatch.subscription.config;
        let to = config.get("to").or_else(|| config.get("email")).unwrap_or(&Value::Null);
        let Ok(to) = super::mail::recipients(to) else {
            return Tried::Attempt(self.impossible("its address is no e-mail address"));
        };
        let notification = &dispatch.notification;
        let text = match &notification.message {
            Value::String(text) => text.clone(),
            other => serde_json::to_string_pretty(other).unwrap_or_default(),
        };
        let subject: String = notification.topic.chars().filter(|character| !character.is_control()).collect();
        let started_at = self.clock.now();
        let sent = self.mailer.send(Mail { to, from: None, subject, text }).await;
        let (outcome, exchange) = match sent {
            Ok(()) => (Outcome::Accepted, json!({})),
            Err(why) => (Outcome::Failed, json!({ "response": { "body": why } })),
        };
        let millis = millis(self.clock.now().since(started_at));
        Tried::Attempt(Attempt { started_at, millis, outcome, status_code: None, exchange })
    }

    fn impossible(&self, why: &str) -> Attempt {
        Attempt {
            started_at: self.clock.now(),
            millis: 0,
            outcome: Outcome::Impossible,
            status_code: None,
            exchange: json!({ "response": { "body": why } }),
        }
    }
}

fn meaning(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Accepted,
        300..=399 => Outcome::Redirected,
        400..=499 => Outcome::Refused,
        500..=599 => Outcome::Failed,
        _ => Outcome::Malformed,
    }
}

fn of_failure(failure: &CallbackFailure) -> Outcome {
    match failure {
        CallbackFailure::Refused => Outcome::Forbidden,
        CallbackFailure::Impossible(_) => Outcome::Impossible,
        CallbackFailure::Unreachable | CallbackFailure::Suspended(_) => Outcome::Unreachable,
        CallbackFailure::Insecure => Outcome::Insecure,
        CallbackFailure::TimedOut => Outcome::TimedOut,
        CallbackFailure::Malformed => Outcome::Malformed,
    }
}

/// One sentence about a failed attempt.
fn told(attempt: &Attempt) -> String {
    match attempt.exchange["response"]["body"].as_str().filter(|_| attempt.outcome == Outcome::Impossible) {
        Some(why) => why.to_owned(),
        None => told_of(attempt.outcome, attempt.status_code),
    }
}

/// The same, as far as it can be told without what was sent and answered.
pub(crate) fn told_of(outcome: Outcome, status_code: Option<u16>) -> String {
    let what = match outcome {
        Outcome::Accepted => "it was accepted",
        Outcome::Redirected => "the receiver redirects, which is not followed",
        Outcome::Refused => "the receiver refused it",
        Outcome::Failed => "the receiver failed",
        Outcome::Malformed => "the receiver gave no proper answer",
        Outcome::TimedOut => "the receiver did not answer in time",
        Outcome::Unreachable => "the receiver could not be reached",
        Outcome::Insecure => "no secure connection to the receiver could be made",
        Outcome::Forbidden => "the receiver's address lies in a private or reserved network",
        Outcome::Impossible => "the request cannot be made",
    };
    match status_code {
        Some(code) => format!("{what} (status {code})"),
        None => what.to_owned(),
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
