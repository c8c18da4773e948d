//! Descriptions of APIs in an answer: where the API is, its headers and credentials, and, of the platform's own API, its
//! paths, members and sentences. What an element declares stays as it is.

use serde_json::{Map, Value};

use super::texts::capitalised;
use super::{Noun, STANDARD, paths};

/// What the paths of the API begin with.
const BASE: &str = "/elements/api-v2";

impl Noun {
    /// A description in the noun's words; `None` for what is no description.
    pub(super) fn variant_document(&self, is_own: bool, body: &[u8]) -> Option<Vec<u8>> {
        let mut document: Value = serde_json::from_slice(body).ok()?;
        if !document["swagger"].is_string() && !document["openapi"].is_string() {
            return None;
        }
        document.get_mut("basePath").into_iter().for_each(|place| self.base(place));
        for server in items(&mut document, "/servers") {
            server.get_mut("url").into_iter().for_each(|place| self.base(place));
        }
        for item in members(&mut document, "/paths") {
            item.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|operation| self.operation(operation));
        }
        members(&mut document, "/components/responses").for_each(|response| self.headers(response));
        for scheme in members(&mut document, "/components/securitySchemes") {
            scheme.get_mut("description").into_iter().for_each(|text| self.credentials(text));
        }
        if is_own {
            self.own(&mut document);
        }
        serde_json::to_vec(&document).ok()
    }

    /// The base path, also at the end of an address.
    fn base(&self, place: &mut Value) {
        if let Some(before) = place.as_str().and_then(|text| text.strip_suffix(BASE)) {
            *place = Value::from(format!("{before}/{}/api-v2", self.plural));
        }
    }

    fn operation(&self, operation: &mut Value) {
        for parameter in items(operation, "/parameters") {
            if parameter["in"] == "header" {
                if let Some(name) = parameter["name"].as_str().and_then(|name| self.header(name)) {
                    parameter["name"] = Value::from(name);
                }
                parameter.get_mut("description").into_iter().for_each(|text| self.credentials(text));
            }
        }
        members(operation, "/responses").for_each(|response| self.headers(response));
    }

    fn headers(&self, response: &mut Value) {
        let Some(Value::Object(headers)) = response.get_mut("headers") else { return };
        let renamed = |(name, value): (String, Value)| (self.header(&name).unwrap_or(name), value);
        *headers = std::mem::take(headers).into_iter().map(renamed).collect();
    }

    /// `Elements-Returned-Count` → `Your_moms-Returned-Count`.
    fn header(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix("Elements-")?;
        Some(match rest.strip_prefix("Element-") {
            Some(rest) => format!("{}-{}-{rest}", capitalised(&self.plural), capitalised(&self.singular)),
            None => format!("{}-{rest}", capitalised(&self.plural)),
        })
    }

    fn text(&self, place: &mut Value) {
        if let Some(text) = place.as_str().and_then(|text| self.texts.substituted(text)) {
            *place = Value::from(text);
        }
    }

    /// A sentence that may quote the scheme of tokens.
    fn credentials(&self, place: &mut Value) {
        self.text(place);
        if let Some(text) = place.as_str().filter(|text| text.contains("Element <token")) {
            *place = Value::from(text.replace("Element <token", &format!("{} <token", capitalised(&self.singular))));
        }
    }

    /// The platform's own paths, members and sentences.
    fn own(&self, document: &mut Value) {
        if let Some(Value::Object(items)) = document.get_mut("paths") {
            let renamed = |(path, item): (String, Value)| (self.own_path(&path).unwrap_or(path), item);
            *items = std::mem::take(items).into_iter().map(renamed).collect();
        }
        self.words_of(document);
    }

    fn own_path(&self, path: &str) -> Option<String> {
        let whole = paths::exchanged(&format!("{BASE}{path}"), STANDARD, self.words())?;
        whole.strip_prefix(&format!("/{}/api-v2", self.plural)).map(str::to_owned)
    }

    /// Names of properties and query parameters, and sentences, anywhere below a place.
    fn words_of(&self, place: &mut Value) {
        match place {
            Value::Array(items) => items.iter_mut().for_each(|item| self.words_of(item)),
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get_mut("properties") {
                    let renamed = |(name, value): (String, Value)| (self.word(&name), value);
                    *properties = std::mem::take(properties).into_iter().map(renamed).collect();
                }
                for name in members.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
                    if let Some(word) = name.as_str().map(|name| self.word(name)) {
                        *name = Value::from(word);
                    }
                }
                if members.get("in").is_some_and(|place| place == "query")
                    && let Some(word) = members.get("name").and_then(Value::as_str).map(|name| self.word(name))
                {
                    members.insert("name".to_owned(), Value::from(word));
                }
                for name in ["summary", "description"] {
                    if let Some(text) = members.get_mut(name) {
                        self.text(text);
                    }
                }
                members.values_mut().for_each(|inner| self.words_of(inner));
            }
            _ => {}
        }
    }

    fn word(&self, name: &str) -> String {
        STANDARD.renamed(name, self.words()).unwrap_or_else(|| name.to_owned())
    }
}

/// The values of the object at a place.
fn members<'v>(value: &'v mut Value, pointer: &str) -> impl Iterator<Item = &'v mut Value> {
    value.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// The items of the list at a place.
fn items<'v>(value: &'v mut Value, pointer: &str) -> impl Iterator<Item = &'v mut Value> {
    value.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}
