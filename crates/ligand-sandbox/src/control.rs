//! `/_sandbox`: the switches by which a person or a script makes the vendors misbehave or start
//! again, and puts data into them. No vendor has this path. Rate limits are set in `limits`, data in
//! `data`.

mod data;
mod limits;

use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Call, empty, json as json_answer, text};
use crate::faults::{Fault, Kind};
use crate::vendor::Vendor;
use crate::world::World;
use crate::{fernhill, stonecrop};

#[cfg(test)]
mod tests;

/// Longest wait of a slow answer.
const MAX_DELAY_MILLIS: u64 = 600_000;
/// Highest credit of the Infobip account, in euros.
const MAX_BALANCE: f64 = 1_000_000.0;

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
        (_, ["limits", ..]) => limits::answer(world, call, &path[2..]),
        (_, ["stonecrop", rest @ ..]) => stonecrop::switch(world, call, rest).unwrap_or_else(not_allowed),
        (_, ["fernhill", rest @ ..]) => fernhill::switch(world, call, rest).unwrap_or_else(not_allowed),
        (_, ["data", key, ..]) => match Vendor::from_key(key) {
            Some(vendor) => data::answer(world, call, vendor, &path[3..]),
            None => unknown_vendor(key),
        },
        (&Method::DELETE, ["actpremium" | "actpremiumcrm", "tokens"]) => {
            world.token_generation.fetch_add(1, Ordering::Relaxed);
            empty(StatusCode::NO_CONTENT)
        }
        (&Method::PUT, ["infobip", "balance"]) => balance(world, &call.body),
        (&Method::GET, ["infobip", "messages"]) => json_answer(StatusCode::OK, &world.infobip().recorded()),
        (_, [] | ["faults" | "reset"] | ["faults", _] | ["actpremium" | "actpremiumcrm", "tokens"]) => not_allowed(),
        (_, ["infobip", "balance" | "messages"]) => not_allowed(),
        _ => error(StatusCode::NOT_FOUND, "The sandbox has no such switch; GET /_sandbox."),
    }
}

fn not_allowed() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "This method is not allowed here.")
}

/// Sets the credit of the Infobip account.
fn balance(world: &World, body: &[u8]) -> Response {
    let members: Result<Map<String, Value>, _> = serde_json::from_slice(body);
    let amount = members.ok().filter(|members| members.len() == 1).and_then(|members| members.get("balance")?.as_f64());
    match amount.filter(|amount| (0.0..=MAX_BALANCE).contains(amount)) {
        Some(amount) => {
            let mut state = world.infobip();
            state.set_balance(amount);
            json_answer(StatusCode::OK, &state.balance())
        }
        None => {
            let message = format!("The body must be {{\"balance\": N}} with N from 0 to {MAX_BALANCE}.");
            error(StatusCode::BAD_REQUEST, &message)
        }
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
        "Ligand sandbox: stand-ins of vendors, for development without a vendor account.\n\n\
         servicecloud      Oracle Service Cloud  POST /cgi-bin/sandbox.cfg/services/soap, WSDL at ?wsdl\n\
         oraclesalescloud  Oracle Sales Cloud    /crmRestApi/resources/latest/accounts\n\
         infobip           Infobip               /account/1/balance, /sms/1/text/single\n\
         actpremium        Act! Premium          /act.web.api/authorize, /act.web.api/api/contacts\n\
         fernhill          Fernhill CRM          /fernhill/oauth/authorize, /fernhill/oauth1, /fernhill/api/v1/contacts\n\
         stonecrop         Stonecrop             /stonecrop/storage, /signed/notes, /query, /keyed/notes, /token, /borne/notes\n\n\
         PUT    /_sandbox/faults/{element}  {\"fault\": NAME, \"delayMillis\": N, \"times\": N}\n\
         DELETE /_sandbox/faults/{element}  switches the fault off\n\
         GET    /_sandbox/faults            lists what is on\n\
         PUT    /_sandbox/limits/{element}  {\"requests\": N, \"perMillis\": N}\n\
         DELETE /_sandbox/limits/{element}  switches the limit off\n\
         GET    /_sandbox/limits            lists what is on\n\
         GET    /_sandbox/data/{element}                counts the records of each collection\n\
         PUT    /_sandbox/data/{element}/{collection}   [RECORD, …] takes the place of what is there\n\
         POST   /_sandbox/data/{element}/{collection}   [RECORD, …] comes on top of it\n\
         DELETE /_sandbox/data/{element}/{collection}   empties the collection\n\
         PUT    /_sandbox/infobip/balance   {\"balance\": N} sets the credit\n\
         GET    /_sandbox/infobip/messages  shows the latest messages sent, with their notifyUrl\n\
         DELETE /_sandbox/actpremium/tokens makes all tokens given out so far invalid\n\
         GET    /_sandbox/fernhill          shows settings of its authorization server, and what happened how often\n\
         PUT    /_sandbox/fernhill/settings {\"rotate\": false, …} changes settings\n\
         DELETE /_sandbox/fernhill/access   ends all access tokens, /grants all grants; /counts counts from 0\n\
         PUT    /_sandbox/stonecrop/key     {\"kty\": \"RSA\", …} registers the public key of the client\n\
         PUT    /_sandbox/stonecrop/lifetime N seconds that new tokens are valid; DELETE …/tokens ends all\n\
         POST   /_sandbox/reset             forgets all data, faults and limits, starts from the seed\n\n\
         Faults:\n",
    );
    for (_, name, meaning) in Kind::ALL {
        writeln!(page, "  {name:<11} {meaning}").expect("writing to a string does not fail");
    }
    page
}
