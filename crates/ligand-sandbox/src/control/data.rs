//! `/_sandbox/data`: puts a developer's own records into a vendor's collections, checked by the
//! same rules as those that come through the vendor's API.

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{error, not_allowed};
use crate::call::{Call, json as json_answer};
use crate::vendor::Vendor;
use crate::world::World;

/// Answers a request; `rest` is what follows the vendor in the path.
pub(super) fn answer(world: &World, call: &Call, vendor: Vendor, rest: &[&str]) -> Response {
    match (&call.method, rest) {
        (&Method::GET, []) => {
            let counts = counts(world, vendor).into_iter().map(|(name, count)| (name.to_owned(), json!(count)));
            json_answer(StatusCode::OK, &Value::Object(counts.collect()))
        }
        (&Method::PUT | &Method::POST | &Method::DELETE, [collection]) => {
            let records = match records(call) {
                Ok(records) => records,
                Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
            };
            let replace = call.method != Method::POST;
            seeded(seed(world, vendor, collection, &records, replace), world, vendor, collection)
        }
        (_, [] | [_]) => not_allowed(),
        _ => error(StatusCode::NOT_FOUND, "The sandbox has no such switch; GET /_sandbox."),
    }
}

fn seeded(result: Option<Result<usize, String>>, world: &World, vendor: Vendor, collection: &str) -> Response {
    match result {
        Some(Ok(count)) => json_answer(StatusCode::OK, &json!({ "records": count })),
        Some(Err(problem)) => error(StatusCode::BAD_REQUEST, &problem),
        None => {
            let known: Vec<&str> = counts(world, vendor).into_iter().map(|(name, _)| name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            error(StatusCode::NOT_FOUND, &format!("No collection `{collection}`; known are: {known}."))
        }
    }
}

/// The records of the body: an array of them, or one. A collection that is emptied gets none.
fn records(call: &Call) -> Result<Vec<Value>, String> {
    if call.method == Method::DELETE {
        return Ok(Vec::new());
    }
    let body: Value =
        serde_json::from_slice(&call.body).map_err(|problem| format!("The body is not JSON: {problem}."))?;
    match body {
        Value::Array(records) => Ok(records),
        Value::Object(_) if call.method == Method::POST => Ok(vec![body]),
        _ => Err("The body must be an array of records.".to_owned()),
    }
}

/// `None` if the vendor has no such collection.
fn seed(
    world: &World,
    vendor: Vendor,
    collection: &str,
    records: &[Value],
    replace: bool,
) -> Option<Result<usize, String>> {
    let now = world.now();
    match vendor {
        Vendor::ServiceCloud => None,
        Vendor::OracleSalesCloud => world.oraclesalescloud().seed(collection, records, replace, now),
        Vendor::Infobip => world.infobip().seed(collection, records, replace, now),
        Vendor::ActPremium => world.actpremium().seed(collection, records, replace, now),
        Vendor::Fernhill => world.fernhill().seed(collection, records, replace, now),
        Vendor::Stonecrop => world.stonecrop().seed(collection, records, replace),
    }
}

/// The collections that take records and how many they have.
fn counts(world: &World, vendor: Vendor) -> Vec<(&'static str, usize)> {
    match vendor {
        Vendor::ServiceCloud => Vec::new(),
        Vendor::OracleSalesCloud => world.oraclesalescloud().counts(),
        Vendor::Infobip => world.infobip().counts(),
        Vendor::ActPremium => world.actpremium().counts(),
        Vendor::Fernhill => vec![("contacts", world.fernhill().contacts.len())],
        Vendor::Stonecrop => vec![("notes", world.stonecrop().notes.len())],
    }
}
