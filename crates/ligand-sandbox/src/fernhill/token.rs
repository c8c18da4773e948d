//! The token and the revocation endpoint of OAuth 2 (RFC 6749, sections 4.1.3, 4.4, 5 and 6; RFC 7009; RFC 7636).

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::client::{self, Client};
use super::state::{Grant, State, Token};
use super::{oauth_error, uncached};
use crate::call::{Call, empty, json as json_answer, reply};
use crate::world::World;

/// The fields of a form, each of which may come once.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// `None` when the body is no form, or says something twice.
    pub(super) fn read(call: &Call) -> Option<Self> {
        if call.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
            return None;
        }
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&call.body).into_owned().collect();
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        (!twice).then_some(Self(fields))
    }

    /// A field that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// Why there is no token: the code and what it means.
struct Refused(&'static str, &'static str);

/// Answers a request for tokens.
pub(super) fn answer(world: &World, call: &Call) -> Response {
    let now = world.now();
    let mut state = world.fernhill();
    let Some(form) = Form::read(call) else {
        let text = "The body must be a form that says nothing twice.";
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let client = match client::authenticate(call, &form, state.settings) {
        Ok(client) => client,
        Err(refusal) => {
            state.count("refusals");
            return *refusal;
        }
    };
    state.prune(now);
    let outcome = match form.get("grant_type") {
        Some("authorization_code") => exchange(&mut state, client, &form, now),
        Some("refresh_token") => renew(&mut state, client, &form, now),
        Some("client_credentials") => own(&mut state, client, &form),
        Some(_) => Err(Refused("unsupported_grant_type", "There is no such grant.")),
        None => Err(Refused("invalid_request", "grant_type is missing.")),
    };
    match outcome {
        Ok(given) => issue(world, &mut state, given, now),
        Err(Refused(code, text)) => {
            state.count("refusals");
            oauth_error(StatusCode::BAD_REQUEST, code, text)
        }
    }
}

/// What is given: tokens of a grant, and with them a refresh token or the one that stays.
struct Given {
    grant: u64,
    refresh: Refresh,
}

enum Refresh {
    None,
    New,
    Same(String),
}

fn exchange(state: &mut State, client: Client, form: &Form, now: OffsetDateTime) -> Result<Given, Refused> {
    let text = form.get("code").ok_or(Refused("invalid_request", "code is missing."))?;
    let open = Duration::seconds(state.settings.code_seconds);
    let invalid = Refused("invalid_grant", "The code is not valid.");
    let Some(code) = state.codes.get(text).cloned() else { return Err(invalid) };
    if let Some(grant) = code.used_for {
        // Somebody else has it too: what it gave ends.
        state.revoke(grant);
        state.count("codeReuses");
        return Err(Refused("invalid_grant", "The code was used before."));
    }
    if code.asked.client != client.id || now - code.asked.at >= open {
        return Err(invalid);
    }
    if form.get("redirect_uri") != Some(code.asked.redirect.as_str()) {
        return Err(Refused("invalid_grant", "redirect_uri is not that of the authorization."));
    }
    if !proves(code.asked.challenge.as_ref(), form.get("code_verifier")) {
        return Err(Refused("invalid_grant", "The proof key does not fit."));
    }
    let scope = code.asked.scope.clone();
    let grant = state.grant(Grant { client: client.id, user: Some(code.user), scope, revoked: false });
    if let Some(code) = state.codes.get_mut(text) {
        code.used_for = Some(grant);
    }
    state.count("exchanges");
    let offline = code.asked.scope.split(' ').any(|scope| scope == "offline");
    Ok(Given { grant, refresh: if offline { Refresh::New } else { Refresh::None } })
}

fn proves(challenge: Option<&(String, String)>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some((challenge, method)), Some(verifier)) if (43..=128).contains(&verifier.len()) => match method.as_str() {
            "S256" => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
            _ => challenge == verifier,
        },
        _ => false,
    }
}

fn renew(state: &mut State, client: Client, form: &Form, now: OffsetDateTime) -> Result<Given, Refused> {
    let text = form.get("refresh_token").ok_or(Refused("invalid_request", "refresh_token is missing."))?;
    let invalid = || Refused("invalid_grant", "The refresh token is not valid.");
    let token = *state.refresh.get(text).ok_or_else(invalid)?;
    let grant = state.grants.get(&token.grant).filter(|grant| grant.client == client.id).ok_or_else(invalid)?;
    if grant.revoked {
        return Err(Refused("invalid_grant", "The grant was revoked."));
    }
    if let Some(asked) = form.get("scope")
        && asked.split_whitespace().any(|scope| !grant.scope.split(' ').any(|granted| granted == scope))
    {
        return Err(Refused("invalid_scope", "The scope is wider than that of the grant."));
    }
    let grace = Duration::seconds(state.settings.reuse_grace_seconds);
    if token.used.is_some_and(|used| now - used >= grace) {
        state.revoke(token.grant);
        state.count("refreshReuses");
        return Err(Refused("invalid_grant", "The refresh token was used before; the grant has ended."));
    }
    if state.settings.end_old_access {
        state.access.retain(|_, access| access.grant != token.grant);
    }
    state.count("refreshes");
    let rotate = state.settings.rotate;
    if rotate && let Some(token) = state.refresh.get_mut(text) {
        token.used = token.used.or(Some(now));
    }
    Ok(Given { grant: token.grant, refresh: if rotate { Refresh::New } else { Refresh::Same(text.to_owned()) } })
}

fn own(state: &mut State, client: Client, form: &Form) -> Result<Given, Refused> {
    if client.secret.is_none() {
        return Err(Refused("unauthorized_client", "This application has nothing to prove itself with."));
    }
    let scope = form.get("scope").unwrap_or("contacts.read");
    if scope.split_whitespace().any(|scope| !super::authorize::SCOPES.iter().any(|(name, _)| *name == scope)) {
        return Err(Refused("invalid_scope", "There is no such scope."));
    }
    let grant = state.grant(Grant { client: client.id, user: None, scope: scope.to_owned(), revoked: false });
    state.count("clientCredentials");
    Ok(Given { grant, refresh: Refresh::None })
}

fn issue(world: &World, state: &mut State, given: Given, now: OffsetDateTime) -> Response {
    let settings = state.settings;
    let access = state.fresh("at_", &world.token_key);
    let ends = now + Duration::seconds(settings.access_seconds);
    state.access.insert(access.clone(), Token { grant: given.grant, ends, used: None });
    let refresh = match given.refresh {
        Refresh::None => None,
        Refresh::Same(token) => Some(token),
        Refresh::New => {
            let token = state.fresh("rt_", &world.token_key);
            state.refresh.insert(token.clone(), Token { grant: given.grant, ends, used: None });
            Some(token)
        }
    };
    let scope = state.grants.get(&given.grant).map(|grant| grant.scope.clone()).unwrap_or_default();
    let mut body = json!({ "access_token": access, "token_type": "bearer", "scope": scope });
    if settings.tell_expiry {
        body["expires_in"] = json!(settings.access_seconds);
    }
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
    }
    if !settings.form_answers {
        return uncached(json_answer(StatusCode::OK, &body));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = body.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), text(value)));
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
    uncached(reply(StatusCode::OK, "application/x-www-form-urlencoded; charset=utf-8", form))
}

/// Ends the grant of a token. Unknown tokens are fine: what is to be gone is gone.
pub(super) fn revoke(world: &World, call: &Call) -> Response {
    let mut state = world.fernhill();
    let token = Form::read(call).and_then(|form| Some((form.get("token")?.to_owned(), form)));
    let Some((token, form)) = token else {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "token is missing.");
    };
    let client = match client::authenticate(call, &form, state.settings) {
        Ok(client) => client,
        Err(refusal) => return *refusal,
    };
    let found = state.refresh.get(&token).or_else(|| state.access.get(&token)).map(|token| token.grant);
    let own = found.filter(|grant| state.grants.get(grant).is_some_and(|grant| grant.client == client.id));
    if let Some(grant) = own {
        state.revoke(grant);
        state.count("revocations");
    }
    uncached(empty(StatusCode::OK))
}
