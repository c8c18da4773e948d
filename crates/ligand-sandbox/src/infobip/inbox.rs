//! Messages that came in: answered once each as reports, and again as logs. They are put there
//! through the sandbox's own interface, since nobody can write to it.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::history::{WINDOW, limit, moment};
use super::messages::{State, is_number};
use super::request::Problems;
use super::text::parts;
use super::{Refusal, stamp};
use crate::call::Call;
use crate::records::MAX_RECORDS;

/// A message that came in.
#[derive(Clone)]
pub(super) struct Inbound {
    id: String,
    from: String,
    to: String,
    text: String,
    keyword: Option<String>,
    callback_data: Option<String>,
    received: OffsetDateTime,
    /// Whether it was fetched.
    pulled: bool,
}

/// Messages not fetched before; they are not answered again.
pub(super) fn reports(state: &mut State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let mut results = Vec::new();
    let mut pending = 0;
    for message in state.inbox.iter_mut().filter(|message| !message.pulled && recent(message, now)) {
        if results.len() < limit {
            message.pulled = true;
            results.push(shown(message));
        } else {
            pending += 1;
        }
    }
    Ok(json!({ "results": results, "messageCount": results.len(), "pendingMessageCount": pending }))
}

/// All messages that came in, newest first.
pub(super) fn logs(state: &State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let (since, until) = (moment(call, "receivedSince")?, moment(call, "receivedUntil")?);
    let equal = |name: &str, value: &str| call.parameter(name).is_none_or(|wanted| wanted == value);
    let wanted = |message: &&Inbound| {
        recent(message, now)
            && equal("to", &message.to)
            && equal("keyword", message.keyword.as_deref().unwrap_or_default())
            && since.is_none_or(|since| message.received >= since)
            && until.is_none_or(|until| message.received <= until)
    };
    let found: Vec<Value> = state.inbox.iter().rev().filter(wanted).take(limit).map(shown).collect();
    Ok(json!({ "results": found }))
}

fn recent(message: &Inbound, now: OffsetDateTime) -> bool {
    message.received <= now && now - message.received <= WINDOW
}

fn shown(message: &Inbound) -> Value {
    let rest = message.keyword.as_ref().and_then(|keyword| message.text.strip_prefix(keyword.as_str()));
    let mut shown = json!({
        "messageId": message.id,
        "from": message.from,
        "to": message.to,
        "text": message.text,
        "cleanText": rest.unwrap_or(&message.text).trim_start(),
        "keyword": message.keyword,
        "receivedAt": stamp(message.received),
        "smsCount": parts(&message.text).count,
        "price": { "pricePerMessage": 0, "currency": "EUR" },
    });
    if let Some(data) = &message.callback_data {
        shown["callbackData"] = json!(data);
    }
    shown
}

impl State {
    /// Lets messages come in, besides those that are there or in their place; all of them or, if
    /// one is not valid, none. The error says what is wrong; `None` means no such collection.
    pub(crate) fn seed(
        &mut self,
        collection: &str,
        records: &[Value],
        replace: bool,
        now: OffsetDateTime,
    ) -> Option<Result<usize, String>> {
        if collection != "inbox" {
            return None;
        }
        let mut arriving = Vec::with_capacity(records.len());
        for (place, record) in records.iter().enumerate() {
            match self.inbound(record, now) {
                Ok(message) => arriving.push(message),
                Err(problem) => return Some(Err(format!("Record {place}: {problem}"))),
            }
        }
        let kept = if replace { 0 } else { self.inbox.len() };
        if kept + arriving.len() > MAX_RECORDS {
            return Some(Err("The sandbox keeps no more messages; reset it.".to_owned()));
        }
        self.inbox.truncate(kept);
        self.inbox.append(&mut arriving);
        Some(Ok(self.inbox.len()))
    }

    /// The collections that can be filled and how many records they have.
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        vec![("inbox", self.inbox.len())]
    }

    fn inbound(&mut self, record: &Value, now: OffsetDateTime) -> Result<Inbound, String> {
        const KNOWN: [&str; 7] = ["messageId", "from", "to", "text", "keyword", "callbackData", "receivedAt"];
        let record = record.as_object().ok_or("it must be an object.")?;
        if let Some(name) = record.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(format!("unknown member `{name}`; known are {}.", KNOWN.join(", ")));
        }
        let mut problems = Problems::default();
        let mut text = |name: &str| problems.text(record, "", name);
        let (from, to, written) = (text("from"), text("to"), text("text"));
        let (id, keyword, callback_data) = (text("messageId"), text("keyword"), text("callbackData"));
        let received = problems.time(record, "", "receivedAt").unwrap_or(now);
        problems.check().map_err(|refusal| format!("{refusal:?}"))?;
        let number = |name: &str, value: Option<String>| {
            let value = value.map(|value| value.strip_prefix('+').unwrap_or(&value).to_owned());
            value.filter(|value| is_number(value)).ok_or_else(|| format!("`{name}` must be a telephone number."))
        };
        Ok(Inbound {
            id: id.unwrap_or_else(|| self.fresh_id()),
            from: number("from", from)?,
            to: number("to", to)?,
            text: written.ok_or("`text` is missing.")?,
            keyword,
            callback_data,
            received,
            pulled: false,
        })
    }
}
