//! Infobip: balance, sending SMS, delivery reports and logs, scheduling, inbound messages. This file
//! authenticates, routes and words the errors; `request` reads what is sent, `messages` accepts it,
//! `text` counts parts, `bulks` keeps what is scheduled, `history` answers what became of the
//! messages, `inbox` those that came in.

mod bulks;
mod history;
mod inbox;
mod messages;
mod request;
mod text;

use std::collections::BTreeMap;

use axum::response::Response;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::basic;
use crate::call::{Call, json as json_answer};
use crate::world::World;

pub(crate) use messages::State;

#[cfg(test)]
mod tests;

/// Answers a request under `/account` or `/sms`.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    if !authenticated(world, call) {
        return error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Invalid login details");
    }
    match route(&mut world.infobip(), call, world.now()) {
        Ok(body) => json_answer(StatusCode::OK, &body),
        Err(refusal) => refusal.answer(),
    }
}

fn route(state: &mut State, call: &Call, now: OffsetDateTime) -> Result<Value, Refusal> {
    let path = call.path();
    match (&call.method, path.as_slice()) {
        (&Method::GET, ["account", "1", "balance"]) => Ok(state.balance()),
        (&Method::POST, ["sms", "1", "text", "single"]) => state.send(&request::single(&call.body)?, now),
        (&Method::POST, ["sms", "1", "text", "multi"]) => state.send(&request::multi(&call.body)?, now),
        (&Method::POST, ["sms", "1" | "2", "text", "advanced"]) => state.send(&request::advanced(&call.body)?, now),
        (&Method::GET, TEXT_QUERY) => state.send(&request::query(call)?, now),
        (&Method::POST, ["sms", "1", "preview"]) => text::preview(&call.body),
        (&Method::GET, ["sms", "1", "reports"]) => history::reports(state, call, now),
        (&Method::GET, ["sms", "1", "logs"]) => history::logs(state, call, now),
        (&Method::GET, ["sms", "1", "bulks"]) => state.bulk(call),
        (&Method::PUT, ["sms", "1", "bulks"]) => state.reschedule(call, now),
        (&Method::GET, ["sms", "1", "bulks", "status"]) => state.bulk_status(call, now),
        (&Method::PUT, ["sms", "1", "bulks", "status"]) => state.change_bulk(call, now),
        (&Method::GET, ["sms", "1", "inbox", "reports"]) => inbox::reports(state, call, now),
        (&Method::GET, ["sms", "1", "inbox", "logs"]) => inbox::logs(state, call, now),
        _ => Err(Refusal::NotFound),
    }
}

/// Sends by a link, which carries the login too.
const TEXT_QUERY: &[&str] = &["sms", "1", "text", "query"];

/// What the vendor says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    match status {
        StatusCode::FORBIDDEN => error(status, "UNAUTHORIZED", "Unauthorized access"),
        StatusCode::TOO_MANY_REQUESTS => error(status, "TOO_MANY_REQUESTS", "Too many requests"),
        _ => {
            let text = "Something went wrong. Please contact support.";
            error(status, "GENERAL_ERROR", text)
        }
    }
}

fn authenticated(world: &World, call: &Call) -> bool {
    let known = &world.credentials;
    if let Some((username, password)) = basic::credentials(call) {
        return known.infobip.matches(&username, &password);
    }
    if call.path() == TEXT_QUERY && call.header(&header::AUTHORIZATION).is_none() {
        let given = |name| call.parameter(name).unwrap_or_default();
        return known.infobip.matches(given("username"), given("password"));
    }
    let authorization = call.header(&header::AUTHORIZATION).unwrap_or_default().trim();
    match authorization.split_once(' ') {
        Some((scheme, key)) => scheme.eq_ignore_ascii_case("app") && key.trim() == known.infobip_api_key,
        None => false,
    }
}

/// Why a call is refused as a whole. A message that cannot be sent is not a refusal: it is
/// answered with 200 and a status of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such path or method.
    NotFound,
    /// No scheduled bulk has this identifier.
    BulkNotFound,
    /// The request is wrong; what is wrong, by place, if it can be told.
    BadRequest(BTreeMap<String, Vec<String>>),
    /// The sandbox keeps no more messages.
    Full,
}

impl Refusal {
    /// A wrong value at a place such as `messages[0].to`.
    fn at(place: impl Into<String>, problem: &str) -> Self {
        Self::BadRequest(BTreeMap::from([(place.into(), vec![problem.to_owned()])]))
    }

    fn answer(&self) -> Response {
        match self {
            Self::NotFound => error(StatusCode::NOT_FOUND, "NOT_FOUND", "Requested resource not found"),
            Self::Full => refusal(StatusCode::TOO_MANY_REQUESTS),
            Self::BulkNotFound => error(StatusCode::NOT_FOUND, "NOT_FOUND", "Bulk not found"),
            Self::BadRequest(problems) => {
                let mut exception = exception("BAD_REQUEST", "Bad Request");
                if !problems.is_empty() {
                    exception["validationErrors"] = json!(problems);
                }
                let body = json!({ "requestError": { "serviceException": exception } });
                json_answer(StatusCode::BAD_REQUEST, &body)
            }
        }
    }
}

fn error(status: StatusCode, id: &str, text: &str) -> Response {
    json_answer(status, &json!({ "requestError": { "serviceException": exception(id, text) } }))
}

fn exception(id: &str, text: &str) -> Value {
    json!({ "messageId": id, "text": text })
}

/// A time as Infobip writes it: milliseconds, and an offset without a colon.
fn stamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000");
    time.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}
