//! Oracle Sales Cloud, the REST service of the ADF framework. This file authenticates, routes and
//! decides what a call does; `shape` builds the answers, `store` keeps the items, `query` reads the
//! parameters, `describe` tells what there is, `lov` lists values, `refusal` words the errors.

mod describe;
mod lov;
mod query;
mod refusal;
mod resource;
mod shape;
mod store;

use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::basic;
use crate::call::{Call, empty, reply, text};
use crate::world::World;

use query::Query;
use refusal::Refusal;
use resource::Resource;
use shape::Target;
use store::{Item, Stamp, Stored};

pub(crate) use store::State;

#[cfg(test)]
mod tests;

const ITEM: &str = "application/vnd.oracle.adf.resourceitem+json";
const COLLECTION: &str = "application/vnd.oracle.adf.resourcecollection+json";
const DESCRIPTION: &str = "application/vnd.oracle.adf.description+json";
const PLAIN: &str = "application/json";
/// Asks for an item with the same key to be changed instead of refused.
const UPSERT: HeaderName = HeaderName::from_static("upsert-mode");

/// Answers a request under one of the three API roots.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    let Some((user, password)) = basic::credentials(call) else { return unauthorized() };
    if !world.credentials.oraclesalescloud.matches(&user, &password) {
        return unauthorized();
    }
    route(world, call, &user).unwrap_or_else(|refusal| refusal.answer(call))
}

/// What the service says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    let message = match status {
        StatusCode::FORBIDDEN => "You are not authorized to perform this operation.",
        StatusCode::TOO_MANY_REQUESTS => "Too Many Requests",
        _ => "Internal Server Error",
    };
    text(status, message)
}

fn unauthorized() -> Response {
    let page = "<html><head><title>401 Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>";
    let mut answer = reply(StatusCode::UNAUTHORIZED, "text/html; charset=utf-8", page);
    let challenge = HeaderValue::from_static("Basic realm=\"owsm\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    answer
}

fn route(world: &World, call: &Call, user: &str) -> Result<Response, Refusal> {
    let path = call.path();
    let [root, "resources", version, rest @ ..] = path.as_slice() else {
        return Err(Refusal::not_found());
    };
    let resources = served(root, version).ok_or_else(Refusal::not_found)?;
    let base = format!("{}/{root}/resources/{version}", call.origin);
    match rest {
        ["describe"] if call.method == Method::GET => {
            Ok(good(call, StatusCode::OK, DESCRIPTION, &describe::describe(&resources, &base)))
        }
        [name, rest @ ..] => {
            let resource = resources.into_iter().find(|resource| resource.name() == *name);
            let resource = resource.ok_or_else(Refusal::not_found)?;
            let target = Target { resource, owner: None, href: format!("{base}/{name}") };
            let mut state = world.oraclesalescloud();
            let by = Stamp { user, now: world.now() };
            Visit { call, by, base: &base }.answer(&mut state, &target, rest)
        }
        [] => Err(Refusal::not_found()),
    }
}

/// The resources of an API root; `None` if the root has no such version.
fn served(root: &str, version: &str) -> Option<Vec<&'static Resource>> {
    let all = Resource::top();
    let common = |resource: &&Resource| ["accounts", "contacts"].contains(&resource.name());
    match (root, version) {
        ("crmRestApi", "latest" | "11.13.18.05") => Some(all.collect()),
        ("crmCommonApi", "latest" | "11.1.11") => Some(all.filter(common).collect()),
        ("salesApi", "latest" | "11.1.11") => Some(all.filter(|resource| !common(resource)).collect()),
        _ => None,
    }
}

/// One call to a resource.
struct Visit<'a> {
    call: &'a Call,
    by: Stamp<'a>,
    /// Address of the API root.
    base: &'a str,
}

impl Visit<'_> {
    fn answer(&self, state: &mut State, target: &Target, rest: &[&str]) -> Result<Response, Refusal> {
        let call = self.call;
        match (&call.method, rest) {
            (&Method::GET, ["describe"]) => Ok(self.describe(target)),
            (_, []) => self.collection(state, target),
            (_, [key]) => self.item(state, target, key),
            (_, [key, "child", child, rest @ ..]) if target.owner.is_none() => {
                let parent = state.get(target.resource, None, key)?;
                let child = target.resource.child(child).ok_or_else(Refusal::not_found)?;
                let target = target.below(parent, child);
                self.answer(state, &target, rest)
            }
            (&Method::GET, [key, "lov", list]) => {
                let stored = state.get(target.resource, target.owner, key)?;
                let known = target.resource.attributes.iter().any(|attribute| attribute.lov == Some(list));
                let values = lov::values(list).filter(|_| known).ok_or_else(Refusal::not_found)?;
                let href = format!("{}/lov/{list}", target.item_href(stored));
                Ok(good(call, StatusCode::OK, COLLECTION, &shape::whole(&lov::items(values), &href, list)))
            }
            _ => Err(Refusal::not_found()),
        }
    }

    fn describe(&self, target: &Target) -> Response {
        let described = match target.owner {
            None => describe::describe(&[target.resource], self.base),
            Some(_) => describe::describe_child(target.resource, &target.href),
        };
        good(self.call, StatusCode::OK, DESCRIPTION, &described)
    }

    fn collection(&self, state: &mut State, target: &Target) -> Result<Response, Refusal> {
        let (call, resource) = (self.call, target.resource);
        let query = Query::parse(call, resource)?;
        match call.method {
            Method::GET => Ok(good(call, StatusCode::OK, COLLECTION, &target.page(state, &query))),
            Method::POST => {
                let sent = body(call)?;
                let existing = if upserts(call)? { state.same(resource, target.owner, &sent) } else { None };
                if let Some(key) = existing {
                    let mut changes = sent;
                    changes.remove(resource.number());
                    let stored = state.update(resource, target.owner, &key, &changes, self.by)?.clone();
                    return Ok(self.shown(state, target, &stored, &query));
                }
                let stored = state.create(resource, target.owner, &sent, self.by)?.clone();
                let item = target.created(state, &stored, &query);
                let mut answer = tagged(good(call, StatusCode::CREATED, ITEM, &item), &stored);
                if let Ok(location) = HeaderValue::try_from(target.item_href(&stored)) {
                    answer.headers_mut().insert(header::LOCATION, location);
                }
                Ok(answer)
            }
            _ => Err(not_allowed()),
        }
    }

    fn item(&self, state: &mut State, target: &Target, key: &str) -> Result<Response, Refusal> {
        let (call, resource, owner) = (self.call, target.resource, target.owner);
        let query = Query::parse(call, resource)?;
        let stored = state.get(resource, owner, key)?.clone();
        match call.method {
            Method::GET => {
                if lists(call, &header::IF_NONE_MATCH, &stored) == Some(true) {
                    return Ok(tagged(empty(StatusCode::NOT_MODIFIED), &stored));
                }
                Ok(self.shown(state, target, &stored, &query))
            }
            Method::PATCH => {
                unchanged(call, &stored)?;
                let stored = state.update(resource, owner, key, &body(call)?, self.by)?.clone();
                Ok(self.shown(state, target, &stored, &query))
            }
            Method::DELETE if resource.can_delete() => {
                unchanged(call, &stored)?;
                state.delete(resource, owner, key)?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            _ => Err(not_allowed()),
        }
    }

    fn shown(&self, state: &State, target: &Target, stored: &Stored, query: &Query) -> Response {
        tagged(good(self.call, StatusCode::OK, ITEM, &target.item(state, stored, query)), stored)
    }
}

fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Whether a new item may be an old one.
fn upserts(call: &Call) -> Result<bool, Refusal> {
    match call.header(&UPSERT).map(str::trim) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(Refusal::bad("The header Upsert-Mode must be true or false.")),
    }
}

/// Puts the state of an item into the answer's headers.
fn tagged(mut answer: Response, stored: &Stored) -> Response {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", stored.change_indicator())) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

/// Refuses a change to an item that is not in the state the caller names.
fn unchanged(call: &Call, stored: &Stored) -> Result<(), Refusal> {
    match lists(call, &header::IF_MATCH, stored) {
        Some(false) => Err(Refusal::changed(&stored.key)),
        _ => Ok(()),
    }
}

/// Whether a header lists the state of an item, with or without quotes; `None` if it is absent.
fn lists(call: &Call, name: &HeaderName, stored: &Stored) -> Option<bool> {
    let indicator = stored.change_indicator();
    let tags = call.header(name)?.split(',').map(|tag| tag.trim().trim_matches('"'));
    Some(tags.into_iter().any(|tag| tag == "*" || tag == indicator))
}

fn body(call: &Call) -> Result<Item, Refusal> {
    if !matches!(call.media_type().as_deref(), Some(ITEM | PLAIN)) {
        let message = "Unsupported Media Type";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    serde_json::from_slice(&call.body).map_err(|_| Refusal::bad("The request payload is not a valid JSON object."))
}

/// A good answer; a caller that accepts only plain JSON gets it under that name.
fn good(call: &Call, status: StatusCode, media_type: &'static str, body: &Value) -> Response {
    let accepted = call.header(&header::ACCEPT).unwrap_or("*/*");
    let plain = accepted.contains(PLAIN) && !accepted.contains(media_type);
    reply(status, if plain { PLAIN } else { media_type }, body.to_string())
}
