//! Infobip: balance, sending SMS, delivery reports and logs. This file authenticates, routes and
//! words the errors; `messages` accepts what is sent, `history` answers what became of it.

mod history;
mod messages;

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
    let now = world.now();
    let result = match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["account", "1", "balance"]) => Ok(world.infobip().balance()),
        (&Method::POST, ["sms", "1", "text", "single"]) => {
            messages::single(&call.body).and_then(|bulk| world.infobip().send(&bulk, now))
        }
        (&Method::POST, ["sms", "1" | "2", "text", "advanced"] | ["sms", "1", "text", "multi"]) => {
            messages::advanced(&call.body).and_then(|bulk| world.infobip().send(&bulk, now))
        }
        (&Method::GET, ["sms", "1", "reports"]) => history::reports(&mut world.infobip(), call, now),
        (&Method::GET, ["sms", "1", "logs"]) => history::logs(&world.infobip(), call, now),
        _ => Err(Refusal::NotFound),
    };
    match result {
        Ok(body) => json_answer(StatusCode::OK, &body),
        Err(refusal) => refusal.answer(),
    }
}

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
    /// The request is wrong; the place and what is wrong with it, if it can be told.
    BadRequest(Option<(String, String)>),
    /// The sandbox keeps no more messages.
    Full,
}

impl Refusal {
    /// A wrong value at a place such as `messages[0].to`.
    fn at(place: impl Into<String>, problem: &str) -> Self {
        Self::BadRequest(Some((place.into(), problem.to_owned())))
    }

    fn answer(&self) -> Response {
        match self {
            Self::NotFound => error(StatusCode::NOT_FOUND, "NOT_FOUND", "Requested resource not found"),
            Self::Full => refusal(StatusCode::TOO_MANY_REQUESTS),
            Self::BadRequest(None) => error(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Bad Request"),
            Self::BadRequest(Some((place, problem))) => {
                let mut exception = exception("BAD_REQUEST", "Bad Request");
                exception["validationErrors"] = json!({ place.as_str(): [problem] });
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
