//! `nextPageKey`: where in an answer the vendor says what follows. Its forms are a path in the body (with or without
//! `body.` before it), `header.<name>`, either with `?<parameter>` when the value is an address whose query holds the
//! token, and `elements-next-page-token` when a script sets the header of that name.

use serde_json::Value;

use super::After;
use crate::{AnswerState, Resource, json_path, template::text_of};

/// The header by which a script gives a token.
const SCRIPTED: &str = "elements-next-page-token";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NextKey {
    place: Place,
    /// The query parameter to take from an address.
    parameter: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Body(String),
    Header(String),
}

impl NextKey {
    pub(super) fn of(resource: &Resource) -> Option<Self> {
        let text = resource.next_page_key.as_deref()?.trim();
        let (place, parameter) = match text.split_once('?') {
            Some((place, parameter)) => (place, Some(parameter.trim().to_owned()).filter(|name| !name.is_empty())),
            None => (text, None),
        };
        let place = place.trim();
        let place = if place.eq_ignore_ascii_case(SCRIPTED) {
            Place::Header(SCRIPTED.to_owned())
        } else if let Some(name) = place.strip_prefix("header.") {
            Place::Header(name.to_ascii_lowercase())
        } else if place.is_empty() {
            return None;
        } else {
            Place::Body(place.to_owned())
        };
        Some(Self { place, parameter })
    }

    /// Whether what is there can only be a token, not a flag.
    pub(super) fn gives_cursor(&self) -> bool {
        self.parameter.is_some() || self.place == Place::Header(SCRIPTED.to_owned())
    }

    /// Whether it may lead to something in an item of a list.
    pub(super) fn looks_at_items(&self) -> bool {
        matches!(&self.place, Place::Body(path) if path.contains('['))
    }

    pub(super) fn read(&self, answer: &AnswerState) -> After {
        let found = match &self.place {
            Place::Header(name) => answer.header(name).map(Value::from),
            Place::Body(path) => in_body(answer, path),
        };
        let Some(found) = found else { return After::default() };
        let text = text_of(&found);
        let cursor = match &self.parameter {
            Some(name) => query_value(&text, name),
            None => Some(text).filter(|_| !matches!(found, Value::Bool(_) | Value::Null)),
        };
        let empty = matches!(&found, Value::Null | Value::Bool(false)) || found == "" || found == "false";
        After { cursor: cursor.filter(|cursor| !cursor.is_empty()), more: Some(!empty) }
    }
}

/// The value in the vendor's body, where `body.` may or may not be the name of a member; a script's body counts where
/// the vendor has none.
fn in_body(answer: &AnswerState, path: &str) -> Option<Value> {
    let paths = [path.strip_prefix("body."), Some(path)];
    let bodies = [&answer.vendor_body, &answer.body];
    bodies.into_iter().find_map(|body| paths.into_iter().flatten().find_map(|path| json_path::get(body, path)))
}

/// The value of a query parameter of an address, also of a relative one.
fn query_value(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
