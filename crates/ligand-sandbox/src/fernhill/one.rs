//! The three steps of OAuth 1.0a (RFC 5849, section 2).

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::client::Client;
use super::signature::Claims;
use super::state::{Requested, Signed, State, USERS};
use super::token::Form;
use super::{authorize, page, uncached};
use crate::call::{Call, reply};
use crate::world::World;

/// Gives a request token.
pub(super) fn request_token(world: &World, call: &Call) -> Response {
    let now = world.now();
    let mut state = world.fernhill();
    let (claims, client) = match proven(call) {
        Ok(proven) => proven,
        Err(problem) => return denied(problem),
    };
    if let Err(problem) = claims.check(call, &mut state, (client.secret.unwrap_or_default(), ""), now) {
        return denied(problem);
    }
    let Some(callback) = claims.get("oauth_callback").filter(|address| Client::may_return_to(address)) else {
        return refused("parameter_absent");
    };
    state.prune(now);
    let token = state.fresh("req_", &world.token_key);
    let secret = state.fresh("rs_", &world.token_key);
    let requested = Requested {
        client: client.id,
        secret: secret.clone(),
        callback: callback.to_owned(),
        user: None,
        verifier: None,
        at: now,
    };
    state.requested.insert(token.clone(), requested);
    state.count("requestTokens");
    form(&[("oauth_token", &token), ("oauth_token_secret", &secret), ("oauth_callback_confirmed", "true")])
}

/// Shows the consent page.
pub(super) fn ask(world: &World, call: &Call) -> Response {
    let now = world.now();
    let state = world.fernhill();
    let token = call.parameter("oauth_token").unwrap_or_default();
    let Some(requested) = open(&state, token, now).filter(|requested| requested.verifier.is_none()) else {
        return gone();
    };
    let name = Client::find(requested.client).map_or("An application", |client| client.name);
    page::consent("/fernhill/oauth1/authorize", token, name, &["read and change your contacts"])
}

/// Takes the user's decision and sends the browser back.
pub(super) fn decide(world: &World, call: &Call) -> Response {
    let now = world.now();
    let mut state = world.fernhill();
    let Some(answered) = Form::read(call) else { return gone() };
    let token = answered.get("request").unwrap_or_default().to_owned();
    let Some(callback) = open(&state, &token, now).filter(|it| it.verifier.is_none()).map(|it| it.callback.clone())
    else {
        return gone();
    };
    let user = USERS.iter().find(|(id, _)| answered.get("user") == Some(id)).map(|(id, _)| *id);
    let (Some("approve"), Some(user)) = (answered.get("decision"), user) else {
        state.requested.remove(&token);
        state.count("denials");
        return authorize::send_back(&callback, &[("denied", &token)], &None);
    };
    let verifier = state.fresh("v", &world.token_key);
    if let Some(requested) = state.requested.get_mut(&token) {
        requested.user = Some(user);
        requested.verifier = Some(verifier.clone());
    }
    state.count("consents");
    authorize::send_back(&callback, &[("oauth_token", &token), ("oauth_verifier", &verifier)], &None)
}

/// Trades an approved request token for an access token.
pub(super) fn access_token(world: &World, call: &Call) -> Response {
    let now = world.now();
    let mut state = world.fernhill();
    let (claims, client) = match proven(call) {
        Ok(proven) => proven,
        Err(problem) => return denied(problem),
    };
    let token = claims.get("oauth_token").unwrap_or_default().to_owned();
    let Some(requested) = open(&state, &token, now).filter(|requested| requested.client == client.id).cloned() else {
        return denied("token_rejected");
    };
    let secrets = (client.secret.unwrap_or_default(), requested.secret.as_str());
    if let Err(problem) = claims.check(call, &mut state, secrets, now) {
        return denied(problem);
    }
    let (Some(user), Some(verifier)) = (requested.user, requested.verifier) else {
        return denied("permission_unknown");
    };
    if claims.get("oauth_verifier") != Some(verifier.as_str()) {
        return denied("verifier_invalid");
    }
    state.requested.remove(&token);
    let access = state.fresh("tok_", &world.token_key);
    let secret = state.fresh("ts_", &world.token_key);
    state.signed.insert(access.clone(), Signed { client: client.id, secret: secret.clone(), user });
    state.count("accessTokens");
    form(&[("oauth_token", &access), ("oauth_token_secret", &secret)])
}

fn proven(call: &Call) -> Result<(Claims, Client), &'static str> {
    let claims = Claims::read(call).ok_or("parameter_absent")?;
    let client = claims.get("oauth_consumer_key").and_then(Client::find).filter(|client| client.secret.is_some());
    Ok((claims, client.ok_or("consumer_key_unknown")?))
}

fn open<'s>(state: &'s State, token: &str, now: time::OffsetDateTime) -> Option<&'s Requested> {
    let lasts = time::Duration::seconds(state.settings.code_seconds);
    state.requested.get(token).filter(|requested| now - requested.at < lasts)
}

fn gone() -> Response {
    page::notice(StatusCode::BAD_REQUEST, "Too late", "This question was answered already, or is too old.")
}

fn form(pairs: &[(&str, &str)]) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    uncached(reply(StatusCode::OK, "application/x-www-form-urlencoded", body))
}

fn refused(problem: &str) -> Response {
    let body = format!("oauth_problem={problem}");
    uncached(reply(StatusCode::BAD_REQUEST, "application/x-www-form-urlencoded", body))
}

pub(super) fn denied(problem: &str) -> Response {
    let body = format!("oauth_problem={problem}");
    let mut answer = uncached(reply(StatusCode::UNAUTHORIZED, "application/x-www-form-urlencoded", body));
    let scheme = HeaderValue::from_static("OAuth realm=\"fernhill\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    answer
}
