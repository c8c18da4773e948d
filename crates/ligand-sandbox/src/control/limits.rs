//! `/_sandbox/limits`: switches rate limits on and off.

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use time::Duration;

use super::{error, not_allowed, unknown_vendor, whole};
use crate::call::{Call, empty, json as json_answer};
use crate::limits::Limit;
use crate::vendor::Vendor;
use crate::world::World;

/// Longest window.
const MAX_MILLIS: u64 = 86_400_000;
/// Most calls of a window.
const MAX_REQUESTS: u64 = 1_000_000;

/// Answers a request; `rest` is what follows `limits` in the path.
pub(super) fn answer(world: &World, call: &Call, rest: &[&str]) -> Response {
    let [key] = rest else {
        return match (&call.method, rest) {
            (&Method::GET, []) => json_answer(StatusCode::OK, &list(world)),
            (_, []) => not_allowed(),
            _ => error(StatusCode::NOT_FOUND, "The sandbox has no such switch; GET /_sandbox."),
        };
    };
    let Some(vendor) = Vendor::from_key(key) else { return unknown_vendor(key) };
    match call.method {
        Method::PUT => match parse(&call.body) {
            Ok(limit) => {
                world.limits.set(vendor, limit);
                json_answer(StatusCode::OK, &describe(Some(limit)))
            }
            Err(problem) => error(StatusCode::BAD_REQUEST, &problem),
        },
        Method::DELETE => {
            world.limits.clear(vendor);
            empty(StatusCode::NO_CONTENT)
        }
        _ => not_allowed(),
    }
}

/// Reads `{"requests": …, "perMillis": …}`.
fn parse(body: &[u8]) -> Result<Limit, String> {
    let members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|problem| format!("The body is not a JSON object: {problem}."))?;
    if let Some(name) = members.keys().find(|name| !["requests", "perMillis"].contains(&name.as_str())) {
        return Err(format!("Unknown member `{name}`; known are requests and perMillis."));
    }
    let requests = whole(&members, "requests", MAX_REQUESTS)?.ok_or("`requests` is missing.")?;
    let per = whole(&members, "perMillis", MAX_MILLIS)?.filter(|millis| *millis > 0);
    let per = per.ok_or("`perMillis` must be at least 1.")?;
    Ok(Limit { requests, per: Duration::milliseconds(per as i64) })
}

fn list(world: &World) -> Value {
    let state = |vendor: Vendor| (vendor.key().to_owned(), describe(world.limits.get(vendor)));
    Value::Object(Vendor::ALL.into_iter().map(state).collect())
}

fn describe(limit: Option<Limit>) -> Value {
    match limit {
        None => Value::Null,
        Some(limit) => json!({ "requests": limit.requests, "perMillis": limit.per.whole_milliseconds() as u64 }),
    }
}
