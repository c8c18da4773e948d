//! Stonecrop, an invented store of notes and files that asks for another proof at each of its doors: Amazon's signatures
//! of both versions, API keys, and tokens for assertions that clients sign. Every proof is verified as its
//! specification says: `aws` from Amazon's guides, `token` from RFC 7515 and 7523.

mod aws;
mod state;
mod token;

use axum::response::Response;
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::call::{Call, empty, json as json_answer, reply};
use crate::world::World;

pub(crate) use state::State;

#[cfg(test)]
mod tests;

/// The access key that signs.
pub(crate) const ACCESS_KEY: &str = "AKIASANDBOXSTONECROP";
/// Its secret.
pub(crate) const SECRET_KEY: &str = "fake/Stone+Crop&Secret=0123456789abcdef0";
/// Where the store is.
pub(crate) const REGION: &str = "eu-central-1";
/// The API key, which goes into a header.
pub(crate) const API_KEY: &str = "fake-stonecrop-key-ü&=";
/// The account that goes with it, in the query.
pub(crate) const ACCOUNT: &str = "acct-77";
/// The client that signs assertions.
pub(crate) const CLIENT: &str = "stonecrop-robot";
/// What it signs with until a public key is registered.
pub(crate) const CLIENT_SECRET: &str = "fake-stonecrop-assertion-secret";

/// Answers a request under `/stonecrop`.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    let path = call.path();
    match path.get(1..).unwrap_or_default() {
        ["storage", ..] => match aws::storage(call, world.now()) {
            Ok(()) => storage(world, call),
            Err(refused) => in_xml(&refused),
        },
        ["signed", "notes", rest @ ..] => match aws::version_4(call, world.now(), "stonecrop") {
            Ok(()) => notes(world, call, rest),
            Err(aws::Refused(code, text)) => {
                json_answer(StatusCode::FORBIDDEN, &json!({ "__type": code, "message": text }))
            }
        },
        ["query"] => match aws::query(call, world.now()) {
            Ok(parameters) => query(world, &parameters),
            Err(refused) => in_xml(&refused),
        },
        ["keyed", "notes", rest @ ..] => {
            let key = call.headers.get("x-api-key").map(|value| value.as_bytes().to_vec());
            match key.as_deref() == Some(API_KEY.as_bytes()) && call.parameter("account") == Some(ACCOUNT) {
                true => notes(world, call, rest),
                false => error(StatusCode::UNAUTHORIZED, "bad_key", "The key or the account is not valid."),
            }
        }
        ["token"] => token::issue(world, call),
        ["borne", "notes", rest @ ..] => match token::admit(world, call) {
            true => notes(world, call, rest),
            false => error(StatusCode::UNAUTHORIZED, "bad_token", "The token is not valid."),
        },
        _ => error(StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
    }
}

/// What the vendor says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    error(status, "refused", "Stonecrop was told to refuse.")
}

/// `/_sandbox/stonecrop`: what happened how often; the public key of the client; the end of all tokens.
pub(crate) fn switch(world: &World, call: &Call, rest: &[&str]) -> Option<Response> {
    let mut state = world.stonecrop();
    Some(match (&call.method, rest) {
        (&Method::GET, []) => {
            json_answer(StatusCode::OK, &json!({ "tokens": state.issued, "notes": state.notes.len() }))
        }
        (&Method::PUT, ["key"]) => match serde_json::from_slice(&call.body).ok().and_then(|jwk| token::Key::of(&jwk)) {
            Some(key) => {
                state.key = Some(key);
                empty(StatusCode::NO_CONTENT)
            }
            None => error(StatusCode::BAD_REQUEST, "bad_key", "It must be a JSON Web Key of RSA or P-256."),
        },
        (&Method::DELETE, ["tokens"]) => {
            state.tokens.clear();
            empty(StatusCode::NO_CONTENT)
        }
        (&Method::PUT, ["lifetime"]) => match std::str::from_utf8(&call.body).ok().and_then(|text| text.parse().ok()) {
            Some(seconds) => {
                state.lifetime = seconds;
                empty(StatusCode::NO_CONTENT)
            }
            None => error(StatusCode::BAD_REQUEST, "bad_number", "It must be a number of seconds."),
        },
        _ => return None,
    })
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    json_answer(status, &json!({ "error": { "code": code, "message": message } }))
}

fn in_xml(aws::Refused(code, text): &aws::Refused) -> Response {
    let body = format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>");
    reply(StatusCode::FORBIDDEN, "application/xml", body)
}

/// Files by their names.
fn storage(world: &World, call: &Call) -> Response {
    let mut state = world.stonecrop();
    let name = call.segments[2..].join("/");
    match (call.method.clone(), name.is_empty()) {
        (Method::GET, true) => {
            let prefix = call.parameter("prefix").unwrap_or_default();
            let names: Vec<Value> = state
                .files
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, file)| json!({ "key": name, "size": file.len() }))
                .collect();
            json_answer(StatusCode::OK, &json!({ "contents": names }))
        }
        (Method::GET, false) => match state.files.get(&name) {
            Some(file) => reply(StatusCode::OK, "application/octet-stream", file.clone()),
            None => reply(StatusCode::NOT_FOUND, "application/xml", "<Error><Code>NoSuchKey</Code></Error>"),
        },
        (Method::PUT, false) if state.has_room(call.body.len()) => {
            state.files.insert(name, call.body.to_vec());
            empty(StatusCode::OK)
        }
        (Method::DELETE, false) => {
            state.files.remove(&name);
            empty(StatusCode::NO_CONTENT)
        }
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "not_allowed", "Not with this method, or there is no room."),
    }
}

/// Notes by their numbers.
fn notes(world: &World, call: &Call, rest: &[&str]) -> Response {
    let mut state = world.stonecrop();
    match (&call.method, rest) {
        (&Method::GET, []) => {
            let wanted = call.parameter("text").unwrap_or_default();
            let notes = state.notes.iter().filter(|(_, text)| text.contains(wanted));
            json_answer(StatusCode::OK, &notes.map(|(id, text)| json!({ "id": id, "text": text })).collect())
        }
        (&Method::GET, [id]) => match id.parse().ok().and_then(|id: u64| Some((id, state.notes.get(&id)?))) {
            Some((id, text)) => json_answer(StatusCode::OK, &json!({ "id": id, "text": text })),
            None => error(StatusCode::NOT_FOUND, "not_found", "There is no such note."),
        },
        (&Method::POST, []) => {
            let is_json = call.header(&header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
            let body: Option<Map<String, Value>> = serde_json::from_slice(&call.body).ok().filter(|_| is_json);
            let text = body.as_ref().and_then(|body| body.get("text")).and_then(Value::as_str);
            let made = text.filter(|text| text.len() <= 10_000).and_then(|text| state.add(text));
            match made {
                Some(id) => json_answer(StatusCode::CREATED, &json!({ "id": id, "text": text })),
                None => error(StatusCode::BAD_REQUEST, "invalid", "A note has a text of at most 10000 bytes."),
            }
        }
        _ => error(StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
    }
}

/// The same by actions.
fn query(world: &World, parameters: &[(String, String)]) -> Response {
    let mut state = world.stonecrop();
    let get = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match get("Action") {
        Some("ListNotes") => json_answer(
            StatusCode::OK,
            &state.notes.iter().map(|(id, text)| json!({ "id": id, "text": text })).collect(),
        ),
        Some("AddNote") => match get("Text").and_then(|text| state.add(text)) {
            Some(id) => json_answer(StatusCode::OK, &json!({ "id": id, "text": get("Text") })),
            None => error(StatusCode::BAD_REQUEST, "invalid", "Text is missing."),
        },
        _ => error(StatusCode::BAD_REQUEST, "invalid_action", "There is no such action."),
    }
}
