//! Oracle Sales Cloud, the REST service of the ADF framework. This file authenticates, routes and
//! shapes items and collections; `store` keeps the items, `query` reads the parameters, `describe`
//! tells what there is, `refusal` words the errors.

mod describe;
mod query;
mod refusal;
mod resource;
mod store;

use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::basic;
use crate::call::{Call, empty, reply, text};
use crate::world::World;

use query::Query;
use refusal::Refusal;
use resource::{Resource, Type};
use store::{Item, Stamp, Stored};

pub(crate) use store::State;

#[cfg(test)]
mod tests;

const ITEM: &str = "application/vnd.oracle.adf.resourceitem+json";
const COLLECTION: &str = "application/vnd.oracle.adf.resourcecollection+json";
const DESCRIPTION: &str = "application/vnd.oracle.adf.description+json";
const PLAIN: &str = "application/json";

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
    let by = Stamp { user, now: world.now() };
    match rest {
        ["describe"] if call.method == Method::GET => {
            Ok(good(call, StatusCode::OK, DESCRIPTION, &describe::describe(&resources, &base)))
        }
        [name, rest @ ..] => {
            let resource = resources.into_iter().find(|resource| resource.name == *name);
            let target = Target { resource: resource.ok_or_else(Refusal::not_found)?, base };
            target.answer(world, call, rest, by)
        }
        [] => Err(Refusal::not_found()),
    }
}

/// The resources of an API root; `None` if the root has no such version.
fn served(root: &str, version: &str) -> Option<Vec<&'static Resource>> {
    let all = Resource::all().iter();
    let common = |resource: &&Resource| ["accounts", "contacts"].contains(&resource.name);
    match (root, version) {
        ("crmRestApi", "latest" | "11.13.18.05") => Some(all.collect()),
        ("crmCommonApi", "latest" | "11.1.11") => Some(all.filter(common).collect()),
        ("salesApi", "latest" | "11.1.11") => Some(all.filter(|resource| !common(resource)).collect()),
        _ => None,
    }
}

/// A resource at the address by which it was called.
struct Target {
    resource: &'static Resource,
    base: String,
}

impl Target {
    fn answer(&self, world: &World, call: &Call, rest: &[&str], by: Stamp<'_>) -> Result<Response, Refusal> {
        let resource = self.resource;
        let query = Query::parse(call, resource)?;
        match (&call.method, rest) {
            (&Method::GET, ["describe"]) => {
                let described = describe::describe(&[resource], &self.base);
                Ok(good(call, StatusCode::OK, DESCRIPTION, &described))
            }
            (&Method::GET, []) => {
                let page = self.page(&world.oraclesalescloud(), &query);
                Ok(good(call, StatusCode::OK, COLLECTION, &page))
            }
            (&Method::POST, []) => {
                let mut state = world.oraclesalescloud();
                let stored = state.create(resource, &body(call)?, by)?;
                Ok(self.created(call, stored, &query))
            }
            (&Method::GET, [key]) => {
                let state = world.oraclesalescloud();
                let item = self.item(state.get(resource, key)?, &query);
                Ok(good(call, StatusCode::OK, ITEM, &item))
            }
            (&Method::PATCH, [key]) => {
                let mut state = world.oraclesalescloud();
                let stored = state.update(resource, key, &body(call)?, by)?;
                Ok(good(call, StatusCode::OK, ITEM, &self.item(stored, &query)))
            }
            (&Method::DELETE, [key]) if resource.can_delete() => {
                world.oraclesalescloud().delete(resource, key)?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            (&Method::GET, [key, "child", child]) => self.child(world, call, key, child),
            (_, [] | [_]) => {
                let message = "Method Not Allowed";
                Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message))
            }
            _ => Err(Refusal::not_found()),
        }
    }

    fn created(&self, call: &Call, stored: &Stored, query: &Query) -> Response {
        let mut item = self.item(stored, query);
        for child in self.resource.attributes.iter().filter(|one| one.kind == Type::Child) {
            if let Some(rows) = stored.item.get(child.name) {
                item[child.name] = rows.clone();
            }
        }
        let mut answer = good(call, StatusCode::CREATED, ITEM, &item);
        if let Ok(location) = HeaderValue::try_from(self.href(stored)) {
            answer.headers_mut().insert(header::LOCATION, location);
        }
        answer
    }

    fn child(&self, world: &World, call: &Call, key: &str, child: &str) -> Result<Response, Refusal> {
        let state = world.oraclesalescloud();
        let stored = state.get(self.resource, key)?;
        let attribute = self.resource.attribute(child);
        attribute.filter(|one| one.kind == Type::Child).ok_or_else(Refusal::not_found)?;
        let rows = stored.item.get(child).cloned().unwrap_or_else(|| json!([]));
        let count = rows.as_array().map_or(0, Vec::len);
        let href = format!("{}/child/{child}", self.href(stored));
        let page = json!({
            "items": rows, "count": count, "hasMore": false, "limit": 25, "offset": 0,
            "links": [link("self", &href, child, "collection")],
        });
        Ok(good(call, StatusCode::OK, COLLECTION, &page))
    }

    fn page(&self, state: &State, query: &Query) -> Value {
        let items = state.list(self.resource).iter();
        let mut found: Vec<&Stored> = items.filter(|stored| query.matches(&stored.item)).collect();
        found.sort_by(|left, right| query.compare(&left.item, &right.item));
        let total = found.len();
        let shown = found.into_iter().skip(query.offset).take(query.limit);
        let items: Vec<Value> = shown.map(|stored| self.item(stored, query)).collect();
        let name = self.resource.name;
        let mut page = Map::new();
        page.insert("count".to_owned(), json!(items.len()));
        page.insert("hasMore".to_owned(), json!(query.offset.saturating_add(items.len()) < total));
        page.insert("limit".to_owned(), json!(query.limit));
        page.insert("offset".to_owned(), json!(query.offset));
        if query.total_results {
            page.insert("totalResults".to_owned(), json!(total));
        }
        let href = format!("{}/{name}", self.base);
        page.insert("links".to_owned(), json!([link("self", &href, name, "collection")]));
        page.shift_insert(0, "items".to_owned(), Value::Array(items));
        Value::Object(page)
    }

    /// An item with every attribute asked for, null where it has no value.
    fn item(&self, stored: &Stored, query: &Query) -> Value {
        let wanted = |name: &str| query.fields.is_empty() || query.fields.iter().any(|one| one == name);
        let mut item = Item::new();
        for attribute in &self.resource.attributes {
            let name = attribute.name;
            let value = stored.item.get(name).cloned();
            if attribute.kind == Type::Child {
                if query.expand.iter().any(|one| one == name) {
                    item.insert(name.to_owned(), value.unwrap_or_else(|| json!([])));
                }
            } else if wanted(name) {
                item.insert(name.to_owned(), value.unwrap_or_default());
            }
        }
        if !query.only_data {
            item.insert("links".to_owned(), self.links(stored));
        }
        Value::Object(item)
    }

    fn links(&self, stored: &Stored) -> Value {
        let (href, name) = (self.href(stored), self.resource.name);
        let mut own = link("self", &href, name, "item");
        own["properties"] = json!({ "changeIndicator": format!("ACED0005{:016X}", stored.version) });
        let mut links = vec![own, link("canonical", &href, name, "item")];
        for child in self.resource.attributes.iter().filter(|one| one.kind == Type::Child) {
            let href = format!("{href}/child/{}", child.name);
            links.push(link("child", &href, child.name, "collection"));
        }
        Value::Array(links)
    }

    fn href(&self, stored: &Stored) -> String {
        let key: String = url::form_urlencoded::byte_serialize(stored.key.as_bytes()).collect();
        format!("{}/{}/{}", self.base, self.resource.name, key.replace('+', "%20"))
    }
}

fn link(rel: &str, href: &str, name: &str, kind: &str) -> Value {
    json!({ "rel": rel, "href": href, "name": name, "kind": kind })
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
