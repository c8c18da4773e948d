//! The REST API: who calls, and their contacts.

use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::client::Client;
use super::one;
use super::signature::Claims;
use super::state::{State, USERS, stamp};
use crate::call::{Call, empty, json as json_answer};
use crate::world::World;

/// Fields of a contact that callers set.
const FIELDS: [&str; 4] = ["first_name", "last_name", "email", "company"];
/// Longest text of a field, in characters.
const FIELD_MAX: usize = 500;
/// Contacts on a page unless asked otherwise, and at most.
const PAGE: (usize, usize) = (25, 100);

/// Who calls.
struct Caller {
    user: Option<&'static str>,
    scope: String,
}

/// An error in the API's own form.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    json_answer(status, &json!({ "error": { "code": code, "message": message } }))
}

/// Answers a request under `/fernhill/api/v1`.
pub(super) fn answer(world: &World, call: &Call, rest: &[&str]) -> Response {
    let now = world.now();
    let mut state = world.fernhill();
    let caller = match admit(&mut state, call, now) {
        Ok(caller) => caller,
        Err(refusal) => {
            state.count("unauthorized");
            return *refusal;
        }
    };
    state.count("calls");
    let may = |scope: &str| caller.scope.split(' ').any(|granted| granted == scope);
    let writes = call.method != Method::GET;
    if rest.first() == Some(&"contacts") && !may(if writes { "contacts.write" } else { "contacts.read" }) {
        return error(StatusCode::FORBIDDEN, "insufficient_scope", "The token does not allow this.");
    }
    match (&call.method, rest) {
        (&Method::GET, ["me"]) => {
            let user = caller.user.unwrap_or("application");
            let name = USERS.iter().find(|(id, _)| *id == user).map_or("Application", |(_, name)| *name);
            let body = json!({ "id": user, "name": name, "account_id": "acct_4711", "scope": caller.scope });
            json_answer(StatusCode::OK, &body)
        }
        (&Method::GET, ["contacts"]) => list(&state, call),
        (&Method::POST, ["contacts"]) => match fields(&call.body) {
            Ok(members) => match state.add(members, now) {
                Some(made) => json_answer(StatusCode::CREATED, &Value::Object(made)),
                None => error(StatusCode::INSUFFICIENT_STORAGE, "full", "There are too many contacts."),
            },
            Err(problem) => error(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &problem),
        },
        (method, ["contacts", id]) => one_contact(&mut state, call, method, id, &stamp(now)),
        _ => error(StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
    }
}

fn one_contact(state: &mut State, call: &Call, method: &Method, id: &str, now: &str) -> Response {
    let found = id.parse::<u64>().ok().filter(|id| state.contacts.contains_key(id));
    let Some(contact) = found.and_then(|id| state.contacts.get_mut(&id)) else {
        return error(StatusCode::NOT_FOUND, "not_found", "There is no such contact.");
    };
    match *method {
        Method::GET => json_answer(StatusCode::OK, &Value::Object(contact.clone())),
        Method::PATCH => match fields(&call.body) {
            Ok(members) => {
                contact.extend(members);
                contact.insert("updated_at".to_owned(), json!(now));
                json_answer(StatusCode::OK, &Value::Object(contact.clone()))
            }
            Err(problem) => error(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &problem),
        },
        Method::DELETE => {
            found.map(|id| state.contacts.remove(&id));
            empty(StatusCode::NO_CONTENT)
        }
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Not with this method."),
    }
}

fn list(state: &State, call: &Call) -> Response {
    let number = |name: &str, usual: usize| match call.parameter(name) {
        None => Some(usual),
        Some(text) => text.parse().ok().filter(|number| *number > 0),
    };
    let (Some(page), Some(size)) = (number("page", 1), number("per_page", PAGE.0)) else {
        return error(StatusCode::BAD_REQUEST, "invalid", "page and per_page are numbers from 1 on.");
    };
    let size = size.min(PAGE.1);
    let matches = |contact: &&Map<String, Value>| {
        FIELDS
            .iter()
            .all(|field| call.parameter(field).is_none_or(|wanted| contact.get(*field) == Some(&json!(wanted))))
    };
    let all: Vec<&Map<String, Value>> = state.contacts.values().filter(matches).collect();
    let items: Vec<_> = all.iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    let more = page.saturating_mul(size) < all.len();
    let body = json!({ "data": items, "total": all.len(), "next_page": more.then_some(page + 1) });
    json_answer(StatusCode::OK, &body)
}

fn fields(body: &[u8]) -> Result<Map<String, Value>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "The body must be a JSON object.".to_owned())?;
    checked(&body)
}

/// The fields of a contact, if they are all known and of their form.
pub(super) fn checked(body: &Value) -> Result<Map<String, Value>, String> {
    let members = body.as_object().ok_or("The body must be a JSON object.")?;
    for (name, value) in members {
        if !FIELDS.contains(&name.as_str()) {
            return Err(format!("There is no field {name}."));
        }
        if !value.is_null() && value.as_str().is_none_or(|text| text.chars().count() > FIELD_MAX) {
            return Err(format!("{name} must be a text of at most {FIELD_MAX} characters."));
        }
    }
    Ok(members.clone())
}

/// Who calls: by a bearer token, or by a signature.
fn admit(state: &mut State, call: &Call, now: time::OffsetDateTime) -> Result<Caller, Box<Response>> {
    if let Some(claims) = Claims::read(call) {
        return signed(state, call, &claims, now).map_err(|problem| Box::new(one::denied(problem)));
    }
    let token = call.header(&header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let Some(token) = token else {
        return Err(unauthorized("Bearer realm=\"fernhill\"", "There is no token."));
    };
    let grant = state.granted(token, now);
    let told = "Bearer realm=\"fernhill\", error=\"invalid_token\"";
    let grant = grant.ok_or_else(|| unauthorized(told, "The token is expired or not valid."))?;
    Ok(Caller { user: grant.user, scope: grant.scope.clone() })
}

fn signed(state: &mut State, call: &Call, claims: &Claims, now: time::OffsetDateTime) -> Result<Caller, &'static str> {
    let client = claims.get("oauth_consumer_key").and_then(Client::find).ok_or("consumer_key_unknown")?;
    let token = claims.get("oauth_token").and_then(|token| state.signed.get(token)).cloned();
    let token = token.filter(|token| token.client == client.id).ok_or("token_rejected")?;
    claims.check(call, state, (client.secret.unwrap_or_default(), &token.secret), now)?;
    Ok(Caller { user: Some(token.user), scope: "contacts.read contacts.write".to_owned() })
}

fn unauthorized(scheme: &'static str, message: &str) -> Box<Response> {
    let mut answer = error(StatusCode::UNAUTHORIZED, "unauthorized", message);
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    Box::new(answer)
}
