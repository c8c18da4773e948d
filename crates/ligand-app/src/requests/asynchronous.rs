//! Calls of elements that are answered at once and executed in the background: when there is an answer, it is kept, and
//! somebody is told of it until they accept it. Either can happen twice, when a process ends in between.

use std::{sync::Arc, time::Duration};

use ligand_domain::{Error, ErrorKind, Job, NewJob, Timestamp, job::Ending};
use ligand_engine::Notice;
use serde_json::{Value, json};
use tokio::time::sleep;
use url::Url;

use super::{Front, Request, callback};
use crate::{App, failure::of_store, instances::Loaded, jobs::Kind};

const NAME: &str = "asynchronous-request";
/// How long execution and telling may take at a time.
const DEADLINE: Duration = Duration::from_secs(3700);
/// How often a callback is repeated, four times as long after the first failure each time.
const REPETITIONS: u32 = 9;
/// How many of an instance's calls run at a time.
const AT_ONCE: u32 = 8;
/// How many of an instance's calls wait at a time.
const WAITING: u32 = 1000;
/// After how many seconds a call beyond that may be tried again.
const WAIT: u64 = 60;
/// How often keeping an answer is repeated while the database is away, and after how long.
const KEEP_TRIES: u32 = 60;
const BEAT: Duration = Duration::from_secs(1);
/// A platform that cannot serve is no answer to a request.
const UNAVAILABLE: u16 = 503;

impl App {
    /// Takes a call of an instance's element on, to be executed in the background, and gives its number.
    ///
    /// # Errors
    /// Invalid without an address to tell of the answer, or for one that may not be called; too many while a thousand of
    /// the instance's calls wait; when the database fails.
    pub async fn call_later(&self, loaded: &Loaded, request: Request, callback: Option<&str>) -> Result<i64, Error> {
        let url = callback::address(callback, &loaded.instance.configuration)?;
        self.engine.egress().check_url(&url).map_err(|refused| {
            Error::invalid("callback-refused", format!("The callback URL is not allowed: {refused}"))
        })?;
        let instance = &loaded.instance;
        if self.store.count_jobs_of_instance(NAME, instance.id, WAITING).await.map_err(of_store)? >= WAITING {
            let message = format!("{WAITING} asynchronous requests of this element instance wait already");
            return Err(Error::new(ErrorKind::TooMany, "asynchronous-too-many", message).retry_after(WAIT));
        }
        let request = request.told_to(url.into());
        let kept = serde_json::to_string(&request).expect("texts are valid JSON");
        let lane = format!("asynchronous:{}", loaded.instance.id);
        let job = NewJob::new(NAME, json!({}), self.clock.now()).for_instance(&loaded.instance).in_lane(lane, AT_ONCE);
        self.store.keep_request(job, &kept).await.map(|(number, _)| number).map_err(of_store)
    }

    /// The answer to the call and the notification's number, after it was executed if it was not yet.
    async fn answered(&self, front: &Front, job: &Job) -> Result<Option<Answered>, Error> {
        let Some(kept) = self.kept(job).await? else { return Ok(None) };
        let callback = kept.request.callback.clone().unwrap_or_default();
        let number = kept.number;
        let answered = |(notification, response)| Some(Answered { callback, number, notification, response });
        if let Some(answer) = kept.answer {
            return Ok(answered(answer));
        }
        let Some(request) = self.authorized(job, kept.request).await? else { return Ok(None) };
        let response = front(request).await;
        if response.status == UNAVAILABLE {
            return Err(Error::new(ErrorKind::Unavailable, "not-executed", "the platform cannot serve"));
        }
        let value = response.value();
        match self.keep_surely(number, &value.to_string()).await? {
            Some(notification) => Ok(answered((notification, value))),
            // Another worker was quicker, or the job is gone: the next look at it tells.
            None => Err(Error::new(ErrorKind::Unavailable, "answered-twice", "it was executed twice")),
        }
    }

    /// Keeps an answer, also while the database is away for a minute: without it the call would be executed once more.
    async fn keep_surely(&self, number: i64, answer: &str) -> Result<Option<i64>, Error> {
        repeated(|| self.store.keep_answer(number, answer)).await.map_err(of_store)
    }

    async fn tell(&self, job: &Job, answered: Answered) -> Result<(), String> {
        let Answered { callback, number, notification, response } = answered;
        let instance = job.instance_id.ok_or_else(|| "it has no instance".to_owned())?;
        let found = self.store.find_instance(instance).await.map_err(|_| "the database failed".to_owned())?;
        let configuration = found.ok_or_else(|| "the instance is gone".to_owned())?.configuration;
        let url = Url::parse(&callback).map_err(|_| "the callback URL is no address".to_owned())?;
        let body = json!({
            "eventId": number, "instanceId": instance, "response": response, "notificationId": notification,
        });
        let body = body.to_string().into_bytes();
        let headers = callback::headers(&configuration, &body);
        match self.engine.notify(Notice { url, headers, body }).await {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(format!("the callback was answered with {status}")),
            Err(failure) => Err(format!("the callback failed: {failure}")),
        }
    }
}

/// Does what must not be lost again and again, about a minute long, until the database does it.
async fn repeated<T, F>(keep: impl Fn() -> F) -> Result<T, ligand_store::Error>
where
    F: Future<Output = Result<T, ligand_store::Error>>,
{
    let mut tries = 0;
    loop {
        match keep().await {
            Err(failed) if tries < KEEP_TRIES => {
                tries += 1;
                tracing::warn!(%failed, "an answer could not be kept yet");
                sleep(BEAT).await;
            }
            outcome => return outcome,
        }
    }
}

struct Answered {
    callback: String,
    number: i64,
    notification: i64,
    response: Value,
}

pub(crate) fn kind(app: &Arc<App>, front: &Front) -> Kind {
    let (app, front) = (Arc::clone(app), Arc::clone(front));
    Kind::new(NAME, DEADLINE, move |job| run(Arc::clone(&app), Arc::clone(&front), job))
}

async fn run(app: Arc<App>, front: Front, job: Job) -> Result<Ending, Error> {
    let Some(answered) = app.answered(&front, &job).await? else {
        return Ok(Ending::Fail("the request, its user or its instance is gone".to_owned()));
    };
    match app.tell(&job, answered).await {
        Ok(()) => Ok(Ending::Done(Value::Null)),
        Err(why) => Ok(again(app.clock.now(), &job, why)),
    }
}

/// The n-th repetition comes 4 to the power of n seconds after the first try.
fn again(now: Timestamp, job: &Job, why: String) -> Ending {
    let tries = u32::try_from(job.attempts.max(1)).unwrap_or(u32::MAX);
    if tries > REPETITIONS {
        return Ending::Fail(why);
    }
    let before = if tries == 1 { 0 } else { 4_u64.pow(tries - 1) };
    Ending::Retry { at: now.plus(Duration::from_secs(4_u64.pow(tries) - before)), why }
}

#[cfg(test)]
mod tests {
    use std::{
        future::ready,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_must_not_be_lost_is_repeated_for_a_minute() {
        let kept_after = async |failures: u32| {
            let tries = AtomicU32::new(0);
            let keep = || match tries.fetch_add(1, Ordering::SeqCst) {
                done if done >= failures => ready(Ok(done)),
                _ => ready(Err(ligand_store::Error::Conflict)),
            };
            (repeated(keep).await.ok(), tries.load(Ordering::SeqCst))
        };
        assert_eq!(kept_after(0).await, (Some(0), 1));
        assert_eq!(kept_after(60).await, (Some(60), 61));
        assert_eq!(kept_after(u32::MAX).await, (None, 61));
    }
}
