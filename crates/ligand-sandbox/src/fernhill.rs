//! Fernhill CRM, an invented vendor whose customers grant access: an OAuth 2 authorization server (RFC 6749, 7009, 7636)
//! and an OAuth 1.0a one (RFC 5849) with consent pages, in front of a small REST API of contacts. `authorize` and
//! `token` are OAuth 2, `one` and `signature` OAuth 1.0a, `state` knows all grants, `api` is what they open.

mod api;
mod authorize;
mod client;
mod one;
mod page;
mod settings;
mod signature;
mod state;
mod switches;
mod token;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::json;

use crate::call::{Call, json as json_answer};
use crate::world::World;

pub(crate) use state::State;
pub(crate) use switches::answer as switch;

#[cfg(test)]
mod tests;

/// Client id of the registered application.
pub(crate) const CLIENT_ID: &str = "sandbox-crm-app";
/// Its secret; full of characters that must be escaped in forms and headers.
pub(crate) const CLIENT_SECRET: &str = "fake-+%&=:/?ü-client";
/// Client id of an application without a secret, which must use proof keys.
pub(crate) const PUBLIC_CLIENT_ID: &str = "sandbox-crm-mobile";

/// Answers a request under `/fernhill`.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    let path = call.path();
    match (&call.method, path.get(1..).unwrap_or_default()) {
        (&Method::GET, ["oauth", "authorize"]) => authorize::ask(world, call),
        (&Method::POST, ["oauth", "authorize"]) => authorize::decide(world, call),
        (&Method::POST, ["oauth", "token"]) => token::answer(world, call),
        (&Method::POST, ["oauth", "revoke"]) => token::revoke(world, call),
        (&Method::POST, ["oauth1", "request_token"]) => one::request_token(world, call),
        (&Method::GET, ["oauth1", "authorize"]) => one::ask(world, call),
        (&Method::POST, ["oauth1", "authorize"]) => one::decide(world, call),
        (&Method::POST, ["oauth1", "access_token"]) => one::access_token(world, call),
        (_, ["oauth", "authorize" | "token" | "revoke"])
        | (_, ["oauth1", "request_token" | "authorize" | "access_token"]) => {
            api::error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Not with this method.")
        }
        (_, ["api", "v1", rest @ ..]) => api::answer(world, call, rest),
        _ => api::error(StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
    }
}

/// What the vendor says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    let (code, message) = match status {
        StatusCode::FORBIDDEN => ("forbidden", "You may not do this."),
        StatusCode::TOO_MANY_REQUESTS => ("rate_limited", "Too many requests."),
        _ => ("internal", "Something went wrong at Fernhill."),
    };
    api::error(status, code, message)
}

/// An error of an OAuth endpoint (RFC 6749, section 5.2).
fn oauth_error(status: StatusCode, code: &str, description: &str) -> Response {
    uncached(json_answer(status, &json!({ "error": code, "error_description": description })))
}

fn uncached(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(http::header::PRAGMA, http::HeaderValue::from_static("no-cache"));
    answer
}
