//! Which path does what to which records. Paths come in lower case.

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::odata::Options;
use super::schema::{self, Kind};
use super::store::{Record, Stamp, State};
use super::{NO_METHOD, Refusal, lookups, not_routed};
use crate::call::{Call, empty, json as json_answer};

/// A call under `/api` by a user who was let in.
pub(super) struct Visit<'a> {
    pub(super) call: &'a Call,
    pub(super) by: Stamp<'a>,
}

/// An answer, or why there is none; `None` if nothing has this path.
type Answer = Result<Option<Response>, Refusal>;

impl Visit<'_> {
    /// Answers the call; `path` is what follows `api`.
    pub(super) fn answer(&self, state: &mut State, path: &[&str]) -> Response {
        let found = match path {
            ["metadata", ..]
            | ["users", _]
            | ["activitytypes" | "historytypes", ..]
            | ["opportunities", "processes" | "stages", ..] => self.lookup(path),
            ["opportunities", id, "products", rest @ ..] => self.products(state, id, rest),
            ["activities", id, "clearactivity"] => self.clear(state, id),
            [collection] => self.collection(state, collection),
            [collection, id] => self.record(state, collection, id),
            [parent, id, children] => self.children(state, parent, id, children),
            [left, id, right, other] => self.pair(state, (left, id), (right, other)),
            _ => Ok(None),
        };
        match found {
            Ok(Some(answer)) => answer,
            Ok(None) => not_routed(self.call),
            Err(Refusal(status, text)) => super::message(status, &text),
        }
    }

    fn collection(&self, state: &mut State, collection: &str) -> Answer {
        let Some(kind) = Kind::from_path(collection) else { return Ok(None) };
        match self.call.method {
            Method::GET if kind != Kind::Note => self.listed(kind, || Ok(state.list(kind))),
            Method::POST => {
                let record = state.create(kind, &body(self.call)?, self.by)?;
                Ok(Some(json_answer(StatusCode::CREATED, &Value::Object(record))))
            }
            _ => Err(no_method()),
        }
    }

    fn record(&self, state: &mut State, collection: &str, id: &str) -> Answer {
        let Some(kind) = Kind::from_path(collection) else { return Ok(None) };
        match self.call.method {
            Method::GET => shown(state.get(kind, id)),
            Method::PUT | Method::PATCH => {
                let whole = self.call.method == Method::PUT;
                shown(state.update(kind, id, &body(self.call)?, whole, self.by))
            }
            Method::DELETE => gone(state.delete(kind, id)),
            _ => Err(no_method()),
        }
    }

    /// Records of one kind that belong to a record of another. The vendor spells two parents of
    /// notes in the singular.
    fn children(&self, state: &State, parent: &str, id: &str, children: &str) -> Answer {
        let parent = match (parent, children) {
            ("group", "notes") => Kind::Group,
            ("opportunity", "notes") => Kind::Opportunity,
            ("groups" | "opportunities", "notes") => return Ok(None),
            _ => match Kind::from_path(parent) {
                Some(kind) => kind,
                None => return Ok(None),
            },
        };
        let Some(kind) = Kind::from_path(children) else { return Ok(None) };
        let records = match (parent, kind) {
            (Kind::Contact, Kind::Activity | Kind::Company | Kind::Group | Kind::Note | Kind::History)
            | (Kind::Company | Kind::Group | Kind::Opportunity, Kind::Note | Kind::History)
            | (Kind::Activity, Kind::History) => state.linking((parent, id), kind),
            (Kind::Company | Kind::Group | Kind::Opportunity, Kind::Contact)
            | (Kind::Opportunity, Kind::Company | Kind::Group)
            | (Kind::Activity, Kind::Company | Kind::Contact) => state.linked((parent, id), kind),
            (Kind::Group, Kind::Group) => state.below(Kind::Group, id),
            _ => return Ok(None),
        };
        match self.call.method {
            Method::GET => self.listed(kind, || records),
            _ => Err(no_method()),
        }
    }

    /// Links and parts two records.
    fn pair(&self, state: &mut State, left: (&str, &str), right: (&str, &str)) -> Answer {
        let (Some(one), Some(other)) = (Kind::from_path(left.0), Kind::from_path(right.0)) else {
            return Ok(None);
        };
        let (left, right) = ((one, left.1), (other, right.1));
        // The record that holds the link, the other, and which of them is answered.
        let (from, to, answered) = match (one, other) {
            (Kind::Activity | Kind::Note | Kind::History, Kind::Contact) => (left, right, left),
            (Kind::Company | Kind::Group, Kind::Contact)
            | (Kind::Opportunity, Kind::Contact | Kind::Company | Kind::Group) => (left, right, right),
            (Kind::Contact, Kind::Group) => (right, left, left),
            (Kind::Contact, Kind::Note) if self.call.method == Method::DELETE => (right, left, left),
            _ => return Ok(None),
        };
        match self.call.method {
            Method::PUT => {
                state.link(from, to, self.by)?;
                shown(state.get(answered.0, answered.1))
            }
            Method::DELETE => gone(state.unlink(from, to, self.by)),
            Method::GET if (one, other) == (Kind::Group, Kind::Contact) => {
                let member = state.get(to.0, to.1)?;
                let members = state.linked(from, Kind::Contact)?;
                let found = members.into_iter().find(|one| one.get("id") == member.get("id"));
                let text = "The contact is not a member of the group.";
                shown(found.ok_or_else(|| Refusal(StatusCode::NOT_FOUND, text.to_owned())))
            }
            _ => Err(no_method()),
        }
    }

    fn products(&self, state: &mut State, id: &str, rest: &[&str]) -> Answer {
        match (&self.call.method, rest) {
            (&Method::GET, []) => {
                let products = state.products(id)?.into_iter().map(Value::Object).collect();
                Ok(Some(json_answer(StatusCode::OK, &Value::Array(products))))
            }
            (&Method::POST, []) => {
                let product = state.add_product(id, &body(self.call)?, self.by)?;
                Ok(Some(json_answer(StatusCode::CREATED, &Value::Object(product))))
            }
            (&Method::GET, [product]) => shown(state.product(id, product)),
            (&Method::PUT | &Method::PATCH, [product]) => {
                shown(state.change_product(id, product, &body(self.call)?, self.by))
            }
            (&Method::DELETE, [product]) => gone(state.remove_product(id, product, self.by)),
            (_, [] | [_]) => Err(no_method()),
            _ => Ok(None),
        }
    }

    /// Clears an activity, which leaves a history behind, or takes that back.
    fn clear(&self, state: &mut State, id: &str) -> Answer {
        match self.call.method {
            Method::PUT => {
                let sent = body(self.call)?;
                state.clear(id, &sent, self.by)?;
                Ok(Some(json_answer(StatusCode::OK, &Value::Object(sent))))
            }
            Method::DELETE => gone(state.unclear(id, self.by)),
            _ => Err(no_method()),
        }
    }

    /// What is there to be read only.
    fn lookup(&self, path: &[&str]) -> Answer {
        let missing = || Refusal(StatusCode::NOT_FOUND, "The requested item does not exist.".to_owned());
        let found = match path {
            ["metadata", "fields"] => Value::Array(schema::describe(self.record_type()?)),
            ["metadata", "fields", id] => {
                let found = lookups::by_id(schema::describe(self.record_type()?), id);
                Value::Array(vec![found.ok_or_else(missing)?])
            }
            ["metadata", kind, "fields"] => Value::Array(schema::describe(record_type(kind)?)),
            ["users", id] => lookups::user(id).ok_or_else(missing)?,
            ["activitytypes"] => Value::Array(lookups::activity_types()),
            ["activitytypes", wanted] => Value::Array(vec![activity_type(wanted).ok_or_else(missing)?]),
            ["activitytypes", wanted, "historytypes"] => {
                let name = activity_type(wanted).ok_or_else(missing)?["name"].clone();
                let types = lookups::history_types().into_iter();
                Value::Array(types.filter(|one| one["activityTypeName"] == name).collect())
            }
            ["historytypes"] => Value::Array(lookups::history_types()),
            ["historytypes", name] => {
                let same = |one: &Value| one["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name));
                let found: Vec<Value> = lookups::history_types().into_iter().filter(same).collect();
                Value::Array(Some(found).filter(|found| !found.is_empty()).ok_or_else(missing)?)
            }
            ["opportunities", "processes"] => Value::Array(lookups::processes()),
            ["opportunities", "processes", id, rest @ ..] => {
                let process = lookups::by_id(lookups::processes(), id).ok_or_else(missing)?;
                match rest {
                    [] => process,
                    ["stages"] => Value::Array(lookups::stages()),
                    _ => return Ok(None),
                }
            }
            ["opportunities", "stages", id] => lookups::stage(id).ok_or_else(missing)?,
            _ => return Ok(None),
        };
        if self.call.method == Method::GET { Ok(Some(json_answer(StatusCode::OK, &found))) } else { Err(no_method()) }
    }

    fn record_type(&self) -> Result<Kind, Refusal> {
        let named = self.call.query.iter().find(|(name, _)| name.eq_ignore_ascii_case("recordType"));
        record_type(named.map_or("", |(_, value)| value))
    }

    /// Records with the OData options applied.
    fn listed(&self, kind: Kind, records: impl FnOnce() -> Result<Vec<Record>, Refusal>) -> Answer {
        let options = Options::parse(self.call, kind)?;
        Ok(Some(json_answer(StatusCode::OK, &Value::Array(options.apply(records()?)))))
    }
}

fn record_type(name: &str) -> Result<Kind, Refusal> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
    kind.ok_or_else(|| Refusal(StatusCode::BAD_REQUEST, "The record type is not valid.".to_owned()))
}

/// A type of activity by its number, or by its name after `name=`.
fn activity_type(wanted: &str) -> Option<Value> {
    match wanted.strip_prefix("name=") {
        Some(name) => {
            let name = lookups::activity_type(name)?;
            lookups::activity_types().into_iter().find(|one| one["name"] == json!(name))
        }
        None => lookups::by_id(lookups::activity_types(), wanted),
    }
}

fn shown(record: Result<Record, Refusal>) -> Answer {
    Ok(Some(json_answer(StatusCode::OK, &Value::Object(record?))))
}

fn gone(done: Result<(), Refusal>) -> Answer {
    done.map(|()| Some(empty(StatusCode::NO_CONTENT)))
}

fn no_method() -> Refusal {
    Refusal(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD.to_owned())
}

fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    if call.media_type().as_deref() != Some("application/json") {
        let text = "The request entity's media type is not supported for this resource.";
        return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, text.to_owned()));
    }
    serde_json::from_slice(&call.body)
        .map_err(|_| Refusal(StatusCode::BAD_REQUEST, "The request is invalid.".to_owned()))
}
