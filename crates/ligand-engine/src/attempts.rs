//! Sends a request as often as makes sense: through the gate of its instance, again after failures that a repetition
//! may cure and cannot make worse, never beyond the caller's time.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use ligand_domain::{Clock, Id, Instance, Rng};
use ligand_element::{Method, VendorRequest};
use tokio::time::{Instant, sleep_until};

use crate::{
    Failure, Options,
    gate::{Closed, Gate, Gates, Pass},
    interpret::RawResponse,
    pace::{back_off, now},
    throttle,
    transport::{Answered, Attempt, Reach, Trouble},
};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;

/// What sending needs besides the request.
pub(crate) struct Sender<'a> {
    pub(crate) client: reqwest::Client,
    pub(crate) options: &'a Options,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) rng: &'a Arc<dyn Rng>,
    pub(crate) gates: &'a Gates,
}

/// One request, as it is to be sent.
pub(crate) struct Dispatch<'a> {
    pub(crate) request: &'a VendorRequest,
    /// Makes it anew for a repetition, where its credentials are good for one sending only.
    pub(crate) anew: Option<&'a (dyn Fn() -> Result<VendorRequest, Failure> + Sync)>,
    /// The streamed body, in place of the planned one. It can be sent only once.
    pub(crate) upload: Option<reqwest::Body>,
    /// Whose call it is. One that is nobody's, such as a first check of credentials, is sent once and through no gate.
    pub(crate) instance: Option<Id<Instance>>,
    pub(crate) deadline: Instant,
    /// Whether the vendor only reads, whatever the verb says.
    pub(crate) reads: bool,
    /// Whether the answer with this head is passed on as a stream.
    pub(crate) streams: &'a (dyn Fn(&RawResponse) -> bool + Sync),
}

/// What an attempt came to.
enum Verdict {
    /// The outcome of the call.
    Final,
    /// The gate knows how long to wait.
    Throttled,
    /// May be repeated after a while.
    Again,
}

impl Sender<'_> {
    pub(crate) async fn send(&self, dispatch: Dispatch<'_>) -> Result<Answered, Failure> {
        let Dispatch { request, anew, mut upload, instance, deadline, reads, streams } = dispatch;
        let attempt = Attempt { client: &self.client, options: self.options, request, deadline, streams };
        let Some(instance) = instance else {
            return attempt.send(upload).await.map_err(|trouble| trouble.failure);
        };
        let gate = self.gates.of(instance, request.url.origin().ascii_serialization());
        let mut run = Run {
            gate,
            request,
            once: upload.is_some(),
            reads,
            patience: deadline.min(now() + self.options.patience),
            lost: false,
        };
        let (mut last, mut repetition) = (None, 0);
        loop {
            let pass = match run.gate.enter(run.patience).await {
                Ok(pass) => pass,
                Err(closed) => return last.map_or_else(|| Err(refusal(closed)), |last| told(last, closed)),
            };
            let renewed = match anew {
                Some(anew) if repetition > 0 => Some(anew()?),
                _ => None,
            };
            let attempt = Attempt { request: renewed.as_ref().unwrap_or(request), ..attempt };
            let outcome = attempt.send(upload.take()).await;
            let wait = self.throttled(&outcome, repetition);
            let verdict = run.judge(&pass, &outcome, wait);
            drop(pass);
            repetition += 1;
            match verdict {
                Verdict::Throttled if repetition < ATTEMPTS => last = Some(outcome),
                Verdict::Throttled => return told(outcome, Closed::Throttled(wait.unwrap_or_default())),
                Verdict::Again if repetition < ATTEMPTS => {
                    let repeat_at = now() + back_off(&**self.rng, repetition - 1);
                    if repeat_at >= deadline {
                        return run.conclude(outcome);
                    }
                    sleep_until(repeat_at).await;
                }
                Verdict::Again | Verdict::Final => return run.conclude(outcome),
            }
        }
    }

    /// How long the vendor asks to wait, or how long one that only says "too many" gets.
    fn throttled(&self, outcome: &Result<Answered, Trouble>, repetition: u32) -> Option<Duration> {
        let Ok(Answered::Whole(head) | Answered::Streamed(head, _)) = outcome else { return None };
        let asked = throttle::wait(head.status, &head.headers, self.clock.now());
        let unasked = || (head.status == 429).then(|| 10 * back_off(&**self.rng, repetition));
        asked.or_else(unasked)
    }
}

/// One request on its way through the gate.
struct Run<'a> {
    gate: Arc<Gate>,
    request: &'a VendorRequest,
    /// Its body cannot be sent twice.
    once: bool,
    reads: bool,
    patience: Instant,
    /// An earlier attempt may have been acted on.
    lost: bool,
}

impl Run<'_> {
    fn judge(&mut self, pass: &Pass, outcome: &Result<Answered, Trouble>, wait: Option<Duration>) -> Verdict {
        let status = match outcome {
            Ok(Answered::Whole(head) | Answered::Streamed(head, _)) => head.status,
            Err(trouble) => return self.judge_trouble(pass, trouble),
        };
        if let Some(wait) = wait {
            pass.throttled(wait);
        }
        match status {
            429 if !self.once => Verdict::Throttled,
            503 if wait.is_some() && self.is_idempotent() => Verdict::Throttled,
            502..=504 if wait.is_none() => {
                pass.failed();
                self.lost = true;
                if self.is_idempotent() { Verdict::Again } else { Verdict::Final }
            }
            _ => {
                pass.succeeded();
                Verdict::Final
            }
        }
    }

    fn judge_trouble(&mut self, pass: &Pass, trouble: &Trouble) -> Verdict {
        match trouble.reach {
            Reach::Settled => {
                pass.succeeded();
                Verdict::Final
            }
            Reach::NotSent => {
                pass.failed();
                if self.once { Verdict::Final } else { Verdict::Again }
            }
            Reach::Lost => {
                pass.failed();
                self.lost = true;
                if self.is_idempotent() { Verdict::Again } else { Verdict::Final }
            }
        }
    }

    /// Whether sending twice does what sending once does.
    fn is_idempotent(&self) -> bool {
        !self.once && (self.reads || matches!(self.request.method, Method::Get | Method::Put | Method::Delete))
    }

    /// A deletion whose first answer was lost finds nothing to delete: it has succeeded.
    fn conclude(self, outcome: Result<Answered, Trouble>) -> Result<Answered, Failure> {
        match outcome {
            Ok(Answered::Whole(head))
                if self.lost && self.request.method == Method::Delete && matches!(head.status, 404 | 410) =>
            {
                Ok(Answered::Whole(RawResponse { status: 204, headers: Vec::new(), body: Vec::new() }))
            }
            outcome => outcome.map_err(|trouble| trouble.failure),
        }
    }
}

/// The failure of a call that was not sent.
fn refusal(closed: Closed) -> Failure {
    match closed {
        Closed::Throttled(wait) => {
            Failure::Rejected { status: 429, provider_message: None, retry_after_seconds: Some(whole_seconds(wait)) }
        }
        Closed::Failing(wait) => Failure::Suspended { retry_after_seconds: whole_seconds(wait) },
    }
}

/// The vendor's last answer, with how long to wait in whole seconds.
fn told(last: Result<Answered, Trouble>, closed: Closed) -> Result<Answered, Failure> {
    let (Closed::Throttled(wait) | Closed::Failing(wait)) = closed;
    let mut answered = last.map_err(|trouble| trouble.failure)?;
    let (Answered::Whole(head) | Answered::Streamed(head, _)) = &mut answered;
    head.headers.retain(|(name, _)| name != "retry-after");
    head.headers.push(("retry-after".to_owned(), whole_seconds(wait).to_string()));
    Ok(answered)
}

fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}
