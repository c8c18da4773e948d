//! What became of the messages: delivery reports, which are answered once each, and logs.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::messages::{Message, State, parse_time, price, status_json};
use super::{Refusal, stamp};
use crate::call::Call;

/// How far back reports and logs go.
const WINDOW: Duration = Duration::hours(48);

/// Reports not fetched before; they are not answered again.
pub(super) fn reports(state: &mut State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let (bulk, id) = (call.parameter("bulkId"), call.parameter("messageId"));
    let mut results = Vec::new();
    for message in state.messages.iter_mut() {
        let wanted = bulk.is_none_or(|bulk| message.bulk == bulk) && id.is_none_or(|id| message.id == id);
        if results.len() < limit && wanted && !message.reported && due(message, now) {
            message.reported = true;
            results.push(report(message));
        }
    }
    Ok(json!({ "results": results }))
}

/// Messages sent, newest first; asking does not use them up.
pub(super) fn logs(state: &State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let limit = limit(call)?;
    let since = moment(call, "sentSince")?;
    let until = moment(call, "sentUntil")?;
    let wanted = |message: &&Message| {
        due(message, now)
            && among(call, "from", &message.from)
            && among(call, "to", &message.to)
            && among(call, "bulkId", &message.bulk)
            && among(call, "messageId", &message.id)
            && among(call, "generalStatus", message.outcome.1)
            && since.is_none_or(|since| message.sent >= since)
            && until.is_none_or(|until| message.sent <= until)
    };
    let found = state.messages.iter().rev().filter(wanted).take(limit);
    let results: Vec<Value> = found.map(log).collect();
    Ok(json!({ "results": results }))
}

/// Whether a message was sent by now and is recent enough to be told of.
fn due(message: &Message, now: OffsetDateTime) -> bool {
    message.sent <= now && now - message.sent <= WINDOW
}

/// Whether a parameter is absent or lists this value, repeated or separated by commas.
fn among(call: &Call, name: &str, value: &str) -> bool {
    let mut asked = call.query.iter().filter(|(found, _)| found == name).peekable();
    asked.peek().is_none() || asked.any(|(_, list)| list.split(',').any(|one| one.trim() == value))
}

fn limit(call: &Call) -> Result<usize, Refusal> {
    match call.parameter("limit") {
        None => Ok(50),
        Some(text) => match text.parse() {
            Ok(limit @ 1..=1000) => Ok(limit),
            _ => Err(Refusal::at("limit", "must be between 1 and 1000")),
        },
    }
}

fn moment(call: &Call, name: &str) -> Result<Option<OffsetDateTime>, Refusal> {
    let Some(text) = call.parameter(name) else { return Ok(None) };
    // An unescaped plus sign in a query string arrives as a blank.
    let time = parse_time(&text.replace(' ', "+"));
    time.map(Some).ok_or_else(|| Refusal::at(name, "must be yyyy-MM-dd'T'HH:mm:ss.SSSZ"))
}

fn report(message: &Message) -> Value {
    let mut report = json!({
        "bulkId": message.bulk,
        "messageId": message.id,
        "to": message.to,
        "sentAt": stamp(message.sent),
        "doneAt": stamp(message.sent),
        "smsCount": message.parts,
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
    log["mccMnc"] = Value::Null;
    log
}

/// The error half of a report, which a delivered message has too.
fn error(message: &Message) -> Value {
    let (group, ..) = message.outcome;
    if group == 3 {
        return json!({
            "groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR",
            "description": "No Error", "permanent": false,
        });
    }
    json!({
        "groupId": 2, "groupName": "USER_ERRORS",
        "id": 352, "name": "EC_INVALID_REQUEST_DESTINATION",
        "description": "The message cannot go to this destination", "permanent": true,
    })
}
