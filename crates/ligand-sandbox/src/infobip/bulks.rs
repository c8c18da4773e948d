//! Scheduled bulks: when they go out, and holding, releasing and cancelling them until then.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::messages::{Message, State};
use super::request::{self, Problems};
use super::{Refusal, stamp};
use crate::call::Call;

/// What is to happen with a bulk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Send,
    Hold,
    Cancel,
}

/// A scheduled bulk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    send_at: OffsetDateTime,
    intent: Intent,
}

impl Schedule {
    /// A bulk that goes out at this time.
    pub(super) fn new(send_at: OffsetDateTime) -> Self {
        Self { send_at, intent: Intent::Send }
    }

    fn status(self, now: OffsetDateTime) -> &'static str {
        match self.intent {
            Intent::Cancel => "CANCELED",
            Intent::Hold => "PAUSED",
            Intent::Send if self.send_at <= now => "FINISHED",
            Intent::Send => "PENDING",
        }
    }

    /// Whether its messages stay where they are.
    fn holds_back(self) -> bool {
        self.intent != Intent::Send
    }
}

impl State {
    /// Whether a message went out by now.
    pub(super) fn went_out(&self, message: &Message, now: OffsetDateTime) -> bool {
        let held = self.schedules.get(&message.bulk).is_some_and(|schedule| schedule.holds_back());
        message.sent <= now && !(held && message.accepted())
    }

    fn schedule(&self, call: &Call) -> Result<(String, Schedule), Refusal> {
        let id = call.parameter("bulkId").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Refusal::at("bulkId", "must not be empty"))?;
        let found = self.schedules.get(id).ok_or(Refusal::BulkNotFound)?;
        Ok((id.to_owned(), *found))
    }

    /// A bulk that can still be changed.
    fn changeable(&self, call: &Call, now: OffsetDateTime) -> Result<(String, Schedule), Refusal> {
        let (id, schedule) = self.schedule(call)?;
        match schedule.status(now) {
            status @ ("FINISHED" | "CANCELED") => {
                Err(Refusal::at("bulkId", &format!("is {status} and cannot be changed")))
            }
            _ => Ok((id, schedule)),
        }
    }

    /// When a bulk goes out.
    pub(super) fn bulk(&self, call: &Call) -> Result<Value, Refusal> {
        let (id, schedule) = self.schedule(call)?;
        Ok(json!({ "bulkId": id, "sendAt": stamp(schedule.send_at) }))
    }

    /// Whether a bulk waits, went out or was cancelled.
    pub(super) fn bulk_status(&self, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
        let (id, schedule) = self.schedule(call)?;
        Ok(json!({ "bulkId": id, "status": schedule.status(now) }))
    }

    /// Gives a bulk another time.
    pub(super) fn reschedule(&mut self, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
        let sent = request::object(&call.body)?;
        let mut problems = Problems::default();
        let time = problems.time(&sent, "", "sendAt");
        if sent.get("sendAt").is_none_or(Value::is_null) {
            problems.add("sendAt", "must not be null");
        }
        if time.is_some_and(|time| time <= now) {
            problems.add("sendAt", "must be in the future");
        }
        problems.check()?;
        let (id, schedule) = self.changeable(call, now)?;
        let time = time.unwrap_or(now);
        self.move_messages(&id, time);
        self.schedules.insert(id, Schedule { send_at: time, ..schedule });
        self.bulk(call)
    }

    /// Holds, releases or cancels a bulk.
    pub(super) fn change_bulk(&mut self, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
        let sent = request::object(&call.body)?;
        let mut problems = Problems::default();
        let wanted = problems.one_of(&sent, "", "status", &["PENDING", "PAUSED", "CANCELED"]);
        if wanted.is_none() {
            problems.add("status", "must not be null");
        }
        problems.check()?;
        let (id, schedule) = self.changeable(call, now)?;
        let intent = match wanted.as_deref() {
            Some("PAUSED") => Intent::Hold,
            Some("CANCELED") => Intent::Cancel,
            _ => Intent::Send,
        };
        if intent == Intent::Cancel {
            let parts: usize = self.of_bulk(&id).map(|message| message.parts).sum();
            self.refund(parts);
        }
        let mut send_at = schedule.send_at;
        if intent == Intent::Send && send_at <= now {
            // It was held beyond its time.
            send_at = now;
            self.move_messages(&id, now);
        }
        self.schedules.insert(id, Schedule { send_at, intent });
        self.bulk_status(call, now)
    }

    fn of_bulk(&mut self, id: &str) -> impl Iterator<Item = &mut Message> {
        self.messages.iter_mut().filter(move |message| message.bulk == id && message.accepted())
    }

    fn move_messages(&mut self, id: &str, time: OffsetDateTime) {
        for message in self.of_bulk(id) {
            message.sent = time;
        }
    }
}
