//! What became of the messages: delivery reports, which are answered once each, and logs.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::messages::{Message, State, price, status_json};
use super::request::parse_time;
use super::{Refusal, stamp};
use crate::call::Call;

/// How far back reports and logs go.
pub(super) const WINDOW: Duration = Duration::hours(48);
/// The general statuses, which are the names of the status groups.
const GENERAL: [&str; 6] = ["ACCEPTED", "PENDING", "UNDELIVERABLE", "DELIVERED", "EXPIRED", "REJECTED"];
/// Country prefixes and a network each: country code, network code.
const NETWORKS: [(&str, &str, &str); 5] =
    [("41", "228", "01"), ("44", "234", "15"), ("46", "240", "01"), ("49", "262", "01"), ("1", "310", "260")];

/// Reports not fetched before; they are not answered again.
pub(super) fn reports(state: &mut State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let (bulk, id) = (call.parameter("bulkId"), call.parameter("messageId"));
    let wanted = |message: &Message| {
        let asked = bulk.is_none_or(|bulk| message.bulk == bulk) && id.is_none_or(|id| message.id == id);
        asked && !message.reported && due(state, message, now)
    };
    let places: Vec<usize> = (0..state.messages.len()).filter(|at| wanted(&state.messages[*at])).take(limit).collect();
    let mut results = Vec::with_capacity(places.len());
    for at in places {
        let message = &mut state.messages[at];
        message.reported = true;
        results.push(report(message));
    }
    Ok(json!({ "results": results }))
}

/// Messages sent, newest first; asking does not use them up.
pub(super) fn logs(state: &State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let (since, until) = (moment(call, "sentSince")?, moment(call, "sentUntil")?);
    if call.parameter("generalStatus").is_some_and(|status| !GENERAL.contains(&status)) {
        return Err(Refusal::at("generalStatus", &format!("must be one of {}", GENERAL.join(", "))));
    }
    let wanted = |message: &&Message| {
        let (mcc, mnc) = network(&message.to).unwrap_or_default();
        due(state, message, now)
            && among(call, "from", &message.from)
            && among(call, "to", &message.to)
            && among(call, "bulkId", &message.bulk)
            && among(call, "messageId", &message.id)
            && among(call, "generalStatus", message.outcome.1)
            && among(call, "mcc", mcc)
            && among(call, "mnc", mnc)
            && since.is_none_or(|since| message.sent >= since)
            && until.is_none_or(|until| message.sent <= until)
    };
    let found = state.messages.iter().rev().filter(wanted).take(limit);
    let results: Vec<Value> = found.map(log).collect();
    Ok(json!({ "results": results }))
}

/// Whether a message was sent by now and is recent enough to be told of.
fn due(state: &State, message: &Message, now: OffsetDateTime) -> bool {
    state.went_out(message, now) && now - message.sent <= WINDOW
}

/// Whether a parameter is absent or lists this value, repeated or separated by commas.
fn among(call: &Call, name: &str, value: &str) -> bool {
    let mut asked = call.query.iter().filter(|(found, _)| found == name).peekable();
    asked.peek().is_none() || asked.any(|(_, list)| list.split(',').any(|one| one.trim() == value))
}

/// How many results are wanted.
pub(super) fn limit(call: &Call) -> Result<usize, Refusal> {
    match call.parameter("limit") {
        None => Ok(50),
        Some(text) => match text.parse() {
            Ok(limit @ 1..=1000) => Ok(limit),
            _ => Err(Refusal::at("limit", "must be between 1 and 1000")),
        },
    }
}

/// A time in the query string.
pub(super) fn moment(call: &Call, name: &str) -> Result<Option<OffsetDateTime>, Refusal> {
    let Some(text) = call.parameter(name) else { return Ok(None) };
    // An unescaped plus sign in a query string arrives as a blank.
    let time = parse_time(&text.replace(' ', "+"));
    time.map(Some).ok_or_else(|| Refusal::at(name, "must be yyyy-MM-dd'T'HH:mm:ss.SSSZ"))
}

/// Country and network code of a number.
fn network(number: &str) -> Option<(&'static str, &'static str)> {
    let found = NETWORKS.iter().find(|(prefix, ..)| number.starts_with(prefix));
    found.map(|(_, mcc, mnc)| (*mcc, *mnc))
}

fn report(message: &Message) -> Value {
    let network = network(&message.to).map(|(mcc, mnc)| format!("{mcc}{mnc}"));
    let mut report = json!({
        "bulkId": message.bulk,
        "messageId": message.id,
        "to": message.to,
        "sentAt": stamp(message.sent),
        "doneAt": stamp(message.sent),
        "smsCount": message.parts,
        "mccMnc": network,
        "price": price(message.parts),
        "status": status_json(message.outcome),
        "error": error(message),
    });
    if let Some(data) = &message.callback_data {
        report["callbackData"] = json!(data);
    }
    report
}

fn log(message: &Message) -> Value {
    let mut log = report(message);
    log["from"] = json!(message.from);
    log["text"] = json!(message.text);
    log
}

/// The error half of a report, which a delivered message has too.
fn error(message: &Message) -> Value {
    let (group, group_name, id, name, description, permanent) = match message.outcome.0 {
        3 => (0, "OK", 0, "NO_ERROR", "No Error", false),
        2 => (1, "HANDSET_ERRORS", 27, "EC_ABSENT_SUBSCRIBER", "The subscriber cannot be reached", false),
        _ if message.outcome.2 == 12 => {
            (2, "USER_ERRORS", 581, "EC_USER_OUT_OF_CREDIT", "The account has too little credit", true)
        }
        _ => (2, "USER_ERRORS", 351, "EC_INVALID_DESTINATION_ADDRESS", "The message cannot go there", true),
    };
    json!({
        "groupId": group, "groupName": group_name, "id": id, "name": name,
        "description": description, "permanent": permanent,
    })
}
