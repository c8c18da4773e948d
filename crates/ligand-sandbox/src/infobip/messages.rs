//! The account and its messages: decides for each destination whether it is accepted, and keeps
//! what was sent for reports and logs.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::bulks::Schedule;
use super::inbox::Inbound;
use super::request::{Bulk, Draft};
use super::text::{parts, transliterate};
use super::{Refusal, stamp};
use crate::records::{MAX_RECORDS, guid};

/// Most destinations of one request.
const MAX_DESTINATIONS: usize = 10_000;
/// Price of one part of a message, in thousandths of a euro.
const PRICE_MILLIS: i64 = 10;
/// Most parts of a message.
const MAX_PARTS: usize = 25;
/// How far ahead a message may be scheduled.
const MAX_AHEAD: Duration = Duration::days(180);
/// Numbers that end like this are never reached.
const UNREACHABLE: &str = "00000";
/// Most messages the sandbox shows to the developer.
const MAX_SHOWN: usize = 1_000;

/// A delivery status: group, group name, id, name, description.
pub(super) type Status = (u8, &'static str, u16, &'static str, &'static str);

const ACCEPTED: Status = (1, "PENDING", 26, "PENDING_ACCEPTED", "Message sent to next instance");
const MISSING_TO: Status = (5, "REJECTED", 51, "MISSING_TO", "Destination address missing");
const BAD_DESTINATION: Status = (5, "REJECTED", 52, "REJECTED_DESTINATION", "Invalid destination address");
const DUPLICATE: Status = (5, "REJECTED", 23, "REJECTED_DUPLICATE_MESSAGE_ID", "Message id was used before");
const NO_CREDIT: Status = (5, "REJECTED", 12, "REJECTED_NOT_ENOUGH_CREDITS", "Not enough credits");
const TOO_LONG: Status = (5, "REJECTED", 25, "REJECTED_MESSAGE_TOO_LONG", "Message has too many parts");
const NOT_DELIVERED: Status = (2, "UNDELIVERABLE", 9, "UNDELIVERABLE_NOT_DELIVERED", "Message sent but not delivered");
const DELIVERED: Status = (3, "DELIVERED", 5, "DELIVERED_TO_HANDSET", "Message delivered to handset");

/// A status as it stands in answers.
pub(super) fn status_json((group, group_name, id, name, description): Status) -> Value {
    json!({
        "groupId": group, "groupName": group_name,
        "id": id, "name": name, "description": description,
    })
}

/// A message to one destination.
pub(super) struct Message {
    pub(super) bulk: String,
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) parts: usize,
    /// When it goes out, if nothing holds it back.
    pub(super) sent: OffsetDateTime,
    /// What the caller wants back with the report, and where to.
    pub(super) callback_data: Option<String>,
    notify_url: Option<String>,
    notify_content_type: Option<String>,
    flash: bool,
    /// What becomes of it in the end.
    pub(super) outcome: Status,
    /// Whether a report about it was fetched.
    pub(super) reported: bool,
}

impl Message {
    /// Whether it went out or will, and was paid for.
    pub(super) fn accepted(&self) -> bool {
        self.outcome == DELIVERED || self.outcome == NOT_DELIVERED
    }
}

/// Account, messages and what came in, oldest first.
pub(crate) struct State {
    pub(super) messages: Vec<Message>,
    /// Identifiers of all messages.
    ids: HashSet<String>,
    /// What is scheduled, by the identifier of the bulk.
    pub(super) schedules: HashMap<String, Schedule>,
    pub(super) inbox: Vec<Inbound>,
    balance_millis: i64,
    next: u64,
}

impl State {
    /// An account with some credit, nothing sent and one message received.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self {
            messages: Vec::new(),
            ids: HashSet::new(),
            schedules: HashMap::new(),
            inbox: Vec::new(),
            balance_millis: 47_790,
            next: 1,
        };
        let welcome =
            json!({"from": "41793026727", "to": "41793026731", "text": "HELLO Is this on?", "keyword": "HELLO"});
        let seeded = state.seed("inbox", &[welcome], true, now);
        seeded.expect("the inbox is known").expect("the seed is valid");
        state
    }

    /// The credit left.
    pub(crate) fn balance(&self) -> Value {
        json!({ "balance": self.balance_millis as f64 / 1000.0, "currency": "EUR" })
    }

    /// Sets the credit, in euros.
    pub(crate) fn set_balance(&mut self, euros: f64) {
        self.balance_millis = (euros * 1000.0).round() as i64;
    }

    /// Gives back what a message cost.
    pub(super) fn refund(&mut self, parts: usize) {
        self.balance_millis = self.balance_millis.saturating_add(PRICE_MILLIS * parts as i64);
    }

    /// Sends what can be sent and answers the status of each message.
    pub(super) fn send(&mut self, bulk: &Bulk, now: OffsetDateTime) -> Result<Value, Refusal> {
        let count: usize = bulk.drafts.iter().map(|draft| draft.destinations.len()).sum();
        if count > MAX_DESTINATIONS || self.messages.len() + count > MAX_RECORDS {
            return Err(Refusal::Full);
        }
        let scheduled = bulk.drafts.iter().filter_map(|draft| draft.send_at).filter(|time| *time > now).min();
        let latest = bulk.drafts.iter().filter_map(|draft| draft.send_at).max();
        if latest.is_some_and(|time| time - now > MAX_AHEAD) {
            return Err(Refusal::at("sendAt", "must not be more than 180 days ahead"));
        }
        if bulk.id.as_ref().is_some_and(|id| scheduled.is_some() && self.schedules.contains_key(id)) {
            return Err(Refusal::at("bulkId", "must not be the one of another scheduled bulk"));
        }
        let id = bulk.id.clone().unwrap_or_else(|| self.fresh_id());
        let mut results = Vec::with_capacity(count);
        for draft in &bulk.drafts {
            let text = match &draft.transliteration {
                Some(name) => transliterate(&draft.text, name),
                None => draft.text.clone(),
            };
            for (to, own_id) in &draft.destinations {
                results.push(self.send_one(&id, draft, &text, to, own_id.as_deref(), now));
            }
        }
        if let Some(time) = scheduled {
            self.schedules.insert(id.clone(), Schedule::new(time));
        }
        let mut answer = Map::new();
        if count > 1 || bulk.id.is_some() || scheduled.is_some() {
            answer.insert("bulkId".to_owned(), json!(id));
        }
        answer.insert("messages".to_owned(), Value::Array(results));
        Ok(Value::Object(answer))
    }

    fn send_one(
        &mut self,
        bulk: &str,
        draft: &Draft,
        text: &str,
        to: &str,
        own_id: Option<&str>,
        now: OffsetDateTime,
    ) -> Value {
        let id = own_id.map_or_else(|| self.fresh_id(), str::to_owned);
        let number = to.strip_prefix('+').unwrap_or(to);
        let parts = parts(text).count;
        let price = PRICE_MILLIS * parts as i64;
        let status = if number.is_empty() {
            MISSING_TO
        } else if !is_number(number) {
            BAD_DESTINATION
        } else if self.ids.contains(&id) {
            DUPLICATE
        } else if parts > MAX_PARTS {
            TOO_LONG
        } else if self.balance_millis < price {
            NO_CREDIT
        } else {
            ACCEPTED
        };
        let outcome = match status {
            ACCEPTED if number.ends_with(UNREACHABLE) => NOT_DELIVERED,
            ACCEPTED => DELIVERED,
            other => other,
        };
        if status != DUPLICATE {
            self.ids.insert(id.clone());
            self.messages.push(Message {
                bulk: bulk.to_owned(),
                id: id.clone(),
                from: draft.from.clone(),
                to: number.to_owned(),
                text: text.to_owned(),
                parts,
                sent: draft.send_at.unwrap_or(now).max(now),
                callback_data: draft.callback_data.clone(),
                notify_url: draft.notify_url.clone(),
                notify_content_type: draft.notify_content_type.clone(),
                flash: draft.flash,
                outcome,
                reported: false,
            });
        }
        if status == ACCEPTED {
            self.balance_millis -= price;
        }
        json!({ "to": number, "status": status_json(status), "smsCount": parts, "messageId": id })
    }

    /// For the developer: the latest messages with everything they were sent with.
    pub(crate) fn recorded(&self) -> Value {
        let shown = |message: &Message| {
            json!({
                "bulkId": message.bulk, "messageId": message.id, "from": message.from, "to": message.to,
                "text": message.text, "smsCount": message.parts, "sendAt": stamp(message.sent),
                "flash": message.flash, "notifyUrl": message.notify_url,
                "notifyContentType": message.notify_content_type, "callbackData": message.callback_data,
                "outcome": message.outcome.3,
            })
        };
        Value::Array(self.messages.iter().rev().take(MAX_SHOWN).map(shown).collect())
    }

    pub(super) fn fresh_id(&mut self) -> String {
        self.next += 1;
        guid(self.next)
    }
}

/// Whether this is a telephone number in international form.
pub(super) fn is_number(number: &str) -> bool {
    (5..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Price of one message in euros.
pub(super) fn price(parts: usize) -> Value {
    let amount = (PRICE_MILLIS * parts as i64) as f64 / 1000.0;
    json!({ "pricePerMessage": amount, "currency": "EUR" })
}
