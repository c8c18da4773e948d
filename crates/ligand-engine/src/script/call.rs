//! One call of a script in a realm: runs it, its promises, timers and requests, until it has a result.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use rquickjs::{CatchResultExt as _, CaughtError, Function, Persistent, function::IntoArgs};
use serde_json::{Map, Value};

use super::{
    HttpResponse, Outcome, ScriptError,
    pool::{Event, Job},
    realm::Realm,
    wording,
};

/// How many jobs may be left over when a script has its result. A realm with more of them is given up.
const MAX_LEFT_OVER: usize = 100;

/// How long the text of a result may be.
const MAX_RESULT_BYTES: usize = 16 << 20;

impl Realm {
    /// Runs a script. Afterwards nothing of the call is left in the realm, or the realm is broken.
    pub(super) fn call(&mut self, job: &Job) -> Result<Outcome, ScriptError> {
        // Bodies of the older engine may run while they are compiled: from here on they can be stopped.
        self.host.begin(job.ticket.clone());
        let run = self.function(&job.script).map_err(|error| self.stopped_or(error));
        let run = run.and_then(|function| self.run(function, job));
        self.leave_nothing(job);
        let call = self.host.end().ok_or(ScriptError::Engine)?;
        self.is_broken |= matches!(run, Err(ScriptError::Deadline | ScriptError::OutOfMemory | ScriptError::Engine));
        if call.has_loaded && !self.is_broken {
            self.take_stock();
        }
        run?;
        match call.outcome {
            Some(Ok(text)) => Ok(Outcome { result: parsed(&text)?, console: call.console }),
            Some(Err(message)) => {
                let error = wording::failure(&message, |message| ScriptError::Threw { message });
                self.is_broken |= error == ScriptError::OutOfMemory;
                Err(error)
            }
            None => Err(ScriptError::NotCompleted),
        }
    }

    /// Runs until there is an outcome, or nothing that could bring one.
    fn run(&self, function: Persistent<Function<'static>>, job: &Job) -> Result<(), ScriptError> {
        let (text, is_legacy) = (job.arguments.as_str(), job.script.0.is_legacy);
        self.enter(&self.entries.start, (function, text, is_legacy))?;
        loop {
            self.run_jobs()?;
            if self.host.is_finished() {
                return Ok(());
            }
            if let Some((_, reason)) = self.host.take_rejection() {
                self.enter(&self.entries.rejected, (reason,))?;
                continue;
            }
            if !self.advance(&job.events)? {
                return Ok(());
            }
        }
    }

    /// Waits for the next timer or answer and hands it to the script; false when there is none to wait for.
    fn advance(&self, events: &Receiver<Event>) -> Result<bool, ScriptError> {
        let event = match self.host.next_timer() {
            Some((id, wait)) => match events.recv_timeout(wait) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => {
                    self.host.take_timer(id);
                    return self.enter(&self.entries.fire, (id,)).map(|()| true);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(ScriptError::Engine),
            },
            None if self.host.awaits_answers() => events.recv().map_err(|_| ScriptError::Engine)?,
            None => return Ok(false),
        };
        match event {
            Event::Stop => Err(ScriptError::Deadline),
            Event::Answer(id, answer) => self.hand_over(id, answer).map(|()| true),
        }
    }

    fn hand_over(&self, id: u32, answer: Result<HttpResponse, String>) -> Result<(), ScriptError> {
        if !self.host.take_request(id) {
            return Ok(());
        }
        match answer {
            Ok(response) => {
                let headers = serde_json::to_string(&response.headers).expect("pairs of texts have a JSON text");
                let undefined = None::<String>;
                self.enter(&self.entries.answered, (id, undefined, response.status, headers, response.body))
            }
            Err(message) => self.enter(&self.entries.answered, (id, message)),
        }
    }

    /// Runs what promises have brought up, until nothing is left.
    fn run_jobs(&self) -> Result<(), ScriptError> {
        while self.runtime.is_job_pending() {
            if self.host.is_stopped() {
                return Err(ScriptError::Deadline);
            }
            // A job's exception has rejected its promise; what is thrown here is an interrupt or want of memory.
            if let Err(thrown) = self.runtime.execute_pending_job() {
                drop(thrown);
                return Err(self.stopped_or(ScriptError::OutOfMemory));
            }
        }
        Ok(())
    }

    /// Calls a function of the realm's own code. It catches what scripts throw, but not what cannot be caught.
    fn enter<A>(&self, entry: &Persistent<Function<'static>>, arguments: A) -> Result<(), ScriptError>
    where
        A: for<'js> IntoArgs<'js>,
    {
        self.context.with(|ctx| {
            let result = entry.clone().restore(&ctx).and_then(|entry| entry.call::<_, ()>(arguments));
            result.catch(&ctx).map_err(|error| match error {
                CaughtError::Exception(exception) if !self.host.is_stopped() => {
                    let message = exception.message().unwrap_or_default();
                    wording::failure(&format!("InternalError: {message}"), |message| ScriptError::Threw { message })
                }
                _ => self.stopped_or(ScriptError::OutOfMemory),
            })
        })
    }

    fn stopped_or(&self, error: ScriptError) -> ScriptError {
        if self.host.is_stopped() { ScriptError::Deadline } else { error }
    }

    /// Ends what still goes on: later jobs find no call. They are interrupted soon, and are few, or the realm goes.
    fn leave_nothing(&mut self, job: &Job) {
        let stopped = self.enter(&self.entries.stop, ());
        self.is_broken |= stopped.is_err();
        if self.runtime.is_job_pending() {
            job.ticket.stop();
            let ran =
                (0..MAX_LEFT_OVER).take_while(|_| !matches!(self.runtime.execute_pending_job(), Ok(false))).count();
            self.is_broken |= ran == MAX_LEFT_OVER;
        }
    }
}

fn parsed(text: &str) -> Result<Map<String, Value>, ScriptError> {
    let refused = |message: &str| ScriptError::Threw { message: message.to_owned() };
    if text.len() > MAX_RESULT_BYTES {
        return Err(refused("RangeError: the result is too large"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Ok(Map::new()),
        Err(_) => Err(refused("RangeError: the result is nested too deeply, or has text that is not Unicode")),
    }
}
