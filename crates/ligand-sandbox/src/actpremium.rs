//! Act! Premium: the Act! Web API. This file authorizes; `token` signs and checks the bearer tokens,
//! `routes` decides what a call does, `schema` knows the fields, `store` the records, `lookups` what
//! nobody changes, `odata` the query options.

mod lookups;
mod odata;
mod routes;
mod schema;
mod store;
mod token;

use axum::response::Response;
use http::{HeaderName, Method, StatusCode, header};
use serde_json::json;

use crate::basic;
use crate::call::{Call, json as json_answer, reply, text};
use crate::world::World;

use routes::Visit;
use store::Stamp;

pub(crate) use store::State;

#[cfg(test)]
mod tests;

/// Names the database a token is asked for.
const DATABASE: HeaderName = HeaderName::from_static("act-database-name");

/// Answers a request under `/act.web.api`. The server does not look at the case of paths.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    let lower: Vec<String> = call.segments.iter().map(|part| part.to_lowercase()).collect();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match path.get(1..).unwrap_or_default() {
        [] => text(StatusCode::OK, "Act! Web API"),
        ["authorize"] => match call.method {
            Method::GET => authorize(world, call),
            _ => message(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD),
        },
        ["api", "system"] => match call.method {
            Method::GET => system(),
            _ => message(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD),
        },
        ["api", rest @ ..] => match admit(world, call) {
            Ok(user) => {
                let by = Stamp { user: &user, now: world.now() };
                Visit { call, by }.answer(&mut world.actpremium(), rest)
            }
            Err(Denied::NoToken) => stumble(),
            Err(Denied::BadToken) => message(StatusCode::UNAUTHORIZED, NOT_AUTHORIZED),
        },
        _ => not_routed(call),
    }
}

/// What the server says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    match status {
        StatusCode::FORBIDDEN => {
            let body = json!({
                "message": "The user does not have permission to use the API.",
                "errorCode": 4032,
            });
            json_answer(status, &body)
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let mut answer = message(status, "The call limit is reached. Try again later.");
            let headers = answer.headers_mut();
            for (name, value) in [("limit", "60"), ("remaining", "0"), ("reset", "1")] {
                let name = HeaderName::try_from(format!("x-ratelimit-{name}"));
                headers.insert(name.expect("the names are plain"), http::HeaderValue::from_static(value));
            }
            answer
        }
        _ => message(status, "An error has occurred."),
    }
}

const NOT_AUTHORIZED: &str = "Authorization has been denied for this request.";
const NO_METHOD: &str = "The requested resource does not support this http method.";

/// Trades name, password and database, or a token still good, for a fresh token.
fn authorize(world: &World, call: &Call) -> Response {
    let now = world.now();
    let user = if let Some(claims) = bearer(call).and_then(|token| token::check(world, token, now)) {
        claims
    } else {
        let known = &world.credentials;
        let Some((username, password)) = basic::credentials(call) else { return challenge() };
        if !known.actpremium.matches(&username, &password) {
            return challenge();
        }
        let database = call.header(&DATABASE).map(str::trim).unwrap_or_default();
        if database.is_empty() {
            return message(StatusCode::BAD_REQUEST, "The header Act-Database-Name is missing.");
        }
        if !database.eq_ignore_ascii_case(&known.act_database) {
            return message(StatusCode::UNAUTHORIZED, "The database is not available.");
        }
        username
    };
    reply(StatusCode::OK, "text/html; charset=utf-8", token::issue(world, &user, now))
}

/// Why a call to the records is turned away.
enum Denied {
    /// It carries no token.
    NoToken,
    /// Its token is not ours, for another database, or too old.
    BadToken,
}

/// Lets a bearer of a good token pass and gives the name of the user.
fn admit(world: &World, call: &Call) -> Result<String, Denied> {
    let token = bearer(call).ok_or(Denied::NoToken)?;
    token::check(world, token, world.now()).ok_or(Denied::BadToken)
}

fn bearer(call: &Call) -> Option<&str> {
    let (scheme, token) = call.header(&header::AUTHORIZATION)?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn challenge() -> Response {
    let mut answer = message(StatusCode::UNAUTHORIZED, "Authorization has been denied for this request.");
    let scheme = http::HeaderValue::from_static("Basic realm=\"Act.Web.API\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    answer
}

/// The real server does not ask whether there is a token before it uses it.
fn stumble() -> Response {
    let body = json!({
        "message": "An error has occurred.",
        "exceptionMessage": "Object reference not set to an instance of an object.",
        "exceptionType": "System.NullReferenceException",
        "stackTrace": "",
    });
    json_answer(StatusCode::INTERNAL_SERVER_ERROR, &body)
}

fn system() -> Response {
    json_answer(StatusCode::OK, &json!({ "apiVersion": "1.0.0.0", "sdkVersion": "20.1.0.0" }))
}

/// Why a call is refused: the status and the message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal(StatusCode, String);

fn message(status: StatusCode, text: &str) -> Response {
    json_answer(status, &json!({ "message": text }))
}

fn not_routed(call: &Call) -> Response {
    let path = call.segments.join("/");
    let text = format!("No HTTP resource was found that matches the request URI '{}/{path}'.", call.origin);
    message(StatusCode::NOT_FOUND, &text)
}
