//! `/_sandbox`: the switches by which a person or a script makes the vendors misbehave or start
//! again. No vendor has this path.

use std::fmt::Write as _;
use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Call, empty, json as json_answer, text};
use crate::faults::{Fault, Kind};
use crate::vendor::Vendor;
use crate::world::World;

#[cfg(test)]
mod tests;

/// Longest wait of a slow answer.
const MAX_DELAY_MILLIS: u64 = 600_000;

/// Answers a request under `/_sandbox`.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    let path = call.path();
    match (&call.method, &path[1..]) {
        (&Method::GET, []) => text(StatusCode::OK, manual()),
        (&Method::GET, ["faults"]) => json_answer(StatusCode::OK, &list(world)),
        (&Method::POST, ["reset"]) => {
            world.reset();
            empty(StatusCode::NO_CONTENT)
        }
        (&Method::PUT, ["faults", key]) => set(world, key, &call.body),
        (&Method::DELETE, ["faults", key]) => match Vendor::from_key(key) {
            Some(vendor) => {
                world.faults.clear(vendor);
                empty(StatusCode::NO_CONTENT)
            }
            None => unknown_vendor(key),
        },
        (_, [] | ["faults" | "reset"] | ["faults", _]) => {
            error(StatusCode::METHOD_NOT_ALLOWED, "This method is not allowed here.")
        }
        _ => error(StatusCode::NOT_FOUND, "The sandbox has no such switch; GET /_sandbox."),
    }
}

fn set(world: &World, key: &str, body: &[u8]) -> Response {
    let Some(vendor) = Vendor::from_key(key) else { return unknown_vendor(key) };
    match parse(body) {
        Ok(fault) => {
            world.faults.set(vendor, fault);
            json_answer(StatusCode::OK, &describe(Some(fault)))
        }
        Err(problem) => error(StatusCode::BAD_REQUEST, &problem),
    }
}

/// Reads `{"fault": …, "delayMillis": …, "times": …}`.
fn parse(body: &[u8]) -> Result<Fault, String> {
    let members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|problem| format!("The body is not a JSON object: {problem}."))?;
    if let Some(name) = members.keys().find(|name| !["fault", "delayMillis", "times"].contains(&name.as_str())) {
        return Err(format!("Unknown member `{name}`; known are fault, delayMillis and times."));
    }
    let kind = members.get("fault").and_then(Value::as_str).and_then(Kind::from_name);
    let kind = kind.ok_or_else(|| format!("`fault` must be one of {}.", names()))?;
    let delay = whole(&members, "delayMillis", MAX_DELAY_MILLIS)?.unwrap_or(5_000);
    let times = whole(&members, "times", u64::MAX)?;
    if times == Some(0) {
        return Err("`times` must be at least 1.".to_owned());
    }
    Ok(Fault { kind, delay: Duration::from_millis(delay), times })
}

fn whole(members: &Map<String, Value>, name: &str, most: u64) -> Result<Option<u64>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(number) if number <= most => Ok(Some(number)),
            _ => Err(format!("`{name}` must be a whole number of at most {most}.")),
        },
    }
}

fn list(world: &World) -> Value {
    let state = |vendor: Vendor| (vendor.key().to_owned(), describe(world.faults.get(vendor)));
    Value::Object(Vendor::ALL.into_iter().map(state).collect())
}

fn describe(fault: Option<Fault>) -> Value {
    let Some(fault) = fault else { return Value::Null };
    let mut shown = json!({ "fault": fault.kind.name() });
    if fault.kind == Kind::Slow {
        shown["delayMillis"] = json!(fault.delay.as_millis() as u64);
    }
    if let Some(times) = fault.times {
        shown["times"] = json!(times);
    }
    shown
}

fn names() -> String {
    Kind::ALL.map(|(_, name, _)| name).join(", ")
}

fn unknown_vendor(key: &str) -> Response {
    let known = Vendor::ALL.map(Vendor::key).join(", ");
    error(StatusCode::NOT_FOUND, &format!("No vendor `{key}`; known are {known}."))
}

fn error(status: StatusCode, message: &str) -> Response {
    json_answer(status, &json!({ "error": message }))
}

fn manual() -> String {
    let mut page = String::from(
        "Ligand sandbox: stand-ins of four vendors, for development without a vendor account.\n\n\
         servicecloud      Oracle Service Cloud  POST /cgi-bin/sandbox.cfg/services/soap, WSDL at ?wsdl\n\
         oraclesalescloud  Oracle Sales Cloud    /crmRestApi/resources/latest/accounts\n\
         infobip           Infobip               /account/1/balance, /sms/1/text/single\n\
         actpremium        Act! Premium          /act.web.api/authorize, /act.web.api/api/contacts\n\n\
         PUT    /_sandbox/faults/{element}  {\"fault\": NAME, \"delayMillis\": N, \"times\": N}\n\
         DELETE /_sandbox/faults/{element}  switches the fault off\n\
         GET    /_sandbox/faults            lists what is on\n\
         POST   /_sandbox/reset             forgets all data and faults, starts from the seed\n\n\
         Faults:\n",
    );
    for (_, name, meaning) in Kind::ALL {
        writeln!(page, "  {name:<11} {meaning}").expect("writing to a string does not fail");
    }
    page
}
