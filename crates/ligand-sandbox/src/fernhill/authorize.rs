//! The authorization endpoint of OAuth 2 (RFC 6749, section 4.1.1): asks the user, and sends the browser back.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::client::Client;
use super::state::{Asked, Code, USERS};
use super::token::Form;
use super::{page, uncached};
use crate::call::{Call, empty};
use crate::world::World;

/// The scopes there are, and what they mean to a person.
pub(super) const SCOPES: [(&str, &str); 3] = [
    ("contacts.read", "read your contacts"),
    ("contacts.write", "change your contacts"),
    ("offline", "do so while you are away"),
];

/// Shows the consent page.
pub(super) fn ask(world: &World, call: &Call) -> Response {
    let bad = |text: &str| page::notice(StatusCode::BAD_REQUEST, "This link does not work", text);
    let Some(client) = call.parameter("client_id").and_then(Client::find) else {
        return bad("It names no application that is registered here.");
    };
    let Some(redirect) = call.parameter("redirect_uri").filter(|address| Client::may_return_to(address)) else {
        return bad("It would lead back to an address that is not registered for this application.");
    };
    if has_twice(call) {
        return bad("It says something twice.");
    }
    let state = call.parameter("state").map(str::to_owned);
    let back = |code: &str, text: &str| send_back(redirect, &[("error", code), ("error_description", text)], &state);
    if call.parameter("response_type") != Some("code") {
        return back("unsupported_response_type", "Only codes are given here.");
    }
    let scope = call.parameter("scope").filter(|scope| !scope.trim().is_empty()).unwrap_or("contacts.read offline");
    let scopes: Vec<&str> = scope.split_whitespace().collect();
    let meanings: Option<Vec<&str>> =
        scopes.iter().map(|scope| SCOPES.iter().find(|(name, _)| name == scope).map(|(_, text)| *text)).collect();
    let Some(meanings) = meanings else { return back("invalid_scope", "There is no such scope.") };
    let mut state_now = world.fernhill();
    let challenge = match (call.parameter("code_challenge"), call.parameter("code_challenge_method").unwrap_or("plain"))
    {
        (None, _) if client.secret.is_none() || state_now.settings.require_pkce => {
            return back("invalid_request", "This application must use a proof key.");
        }
        (None, _) => None,
        (Some(text), method @ ("S256" | "plain")) if (43..=128).contains(&text.len()) => {
            Some((text.to_owned(), method.to_owned()))
        }
        (Some(_), _) => return back("invalid_request", "The proof key is not of a known form."),
    };
    let now = world.now();
    state_now.prune(now);
    let request = state_now.fresh("ask_", &world.token_key);
    let asked =
        Asked { client: client.id, redirect: redirect.to_owned(), scope: scopes.join(" "), state, challenge, at: now };
    state_now.asked.insert(request.clone(), asked);
    page::consent("/fernhill/oauth/authorize", &request, client.name, &meanings)
}

/// Takes the user's decision and sends the browser back.
pub(super) fn decide(world: &World, call: &Call) -> Response {
    let gone =
        || page::notice(StatusCode::BAD_REQUEST, "Too late", "This question was answered already, or is too old.");
    let Some(form) = Form::read(call) else { return gone() };
    let now = world.now();
    let mut state = world.fernhill();
    let open = time::Duration::seconds(state.settings.code_seconds);
    let asked = form.get("request").and_then(|request| state.asked.remove(request));
    let Some(asked) = asked.filter(|asked| now - asked.at < open) else { return gone() };
    let user = USERS.iter().find(|(id, _)| form.get("user") == Some(id)).map(|(id, _)| *id);
    let (redirect, back) = (asked.redirect.clone(), asked.state.clone());
    match (form.get("decision"), user) {
        (Some("approve"), Some(user)) => {
            let code = state.fresh("code_", &world.token_key);
            let asked = Asked { at: now, ..asked };
            state.codes.insert(code.clone(), Code { asked, user, used_for: None });
            state.count("consents");
            send_back(&redirect, &[("code", &code)], &back)
        }
        _ => {
            state.count("denials");
            let text = "The user said no.";
            send_back(&redirect, &[("error", "access_denied"), ("error_description", text)], &back)
        }
    }
}

fn has_twice(call: &Call) -> bool {
    let mut names: Vec<&str> = call.query.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

pub(super) fn send_back(redirect: &str, pairs: &[(&str, &str)], state: &Option<String>) -> Response {
    let Ok(mut url) = Url::parse(redirect) else { return empty(StatusCode::BAD_REQUEST) };
    url.query_pairs_mut().extend_pairs(pairs);
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    let mut answer = uncached(empty(StatusCode::FOUND));
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}
