//! A vendor's answer on its way to the caller: under the response root, open to hooks, then read for configuration.

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Value, json};

use crate::{
    Element, HookType, Parameter, Protocol, Record, Resource, Shape, Source, SourceType, VendorType,
    hooks::hooks_of,
    json_path,
    map::{self, VendorResponse},
    root_key::RootKey,
    template::text_of,
};

/// What became of a vendor call so far. Hooks see and change it. Its `Debug` shows nothing of the content.
#[derive(Clone, Default, PartialEq)]
pub struct AnswerState {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body under the response root; null when empty.
    pub body: Value,
    /// The whole body of the vendor where scripts or parameters may ask for it, else what is left of it without the
    /// root's part.
    pub vendor_body: Value,
    /// The body as text, when it came as text.
    pub raw: Option<String>,
    /// The records of a list, when they were copied; then there is no body.
    pub records: Option<Vec<Record>>,
    /// Whether a script gave the body.
    pub is_scripted: bool,
}

impl AnswerState {
    /// The state after a successful vendor call. Where a list is expected and the vendor speaks XML, a single object
    /// is a list of one.
    #[must_use]
    pub fn of(element: &Element, resource: &Resource, response: VendorResponse, raw: Option<String>) -> Self {
        let mut state = Self {
            status: response.status,
            headers: response.headers,
            vendor_body: response.body,
            raw,
            ..Self::default()
        };
        if asks_for_all(element, resource) {
            state.take_root(element, resource, &resource.roots);
            state.take_headers(element, resource);
        } else {
            let body = resource.roots.take(&mut state.vendor_body, resource.is_list());
            state.body = listed(element, resource, body);
        }
        state
    }

    /// The state of a call that a hook kept from the vendor: status 200 and no body.
    #[must_use]
    pub fn skipped() -> Self {
        Self { status: 200, ..Self::default() }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Takes the body from under a root.
    pub(crate) fn take_root(&mut self, element: &Element, resource: &Resource, roots: &RootKey) {
        self.body = listed(element, resource, roots.unwrap(&self.vendor_body, resource.is_list()));
    }

    /// Headers that parameters make of the answer, such as `Elements-Total-Count`.
    fn take_headers(&mut self, element: &Element, resource: &Resource) {
        for parameter in of_answer(element, resource).filter(|parameter| parameter.kind == SourceType::Header) {
            if let Some(value) = taken(parameter, self) {
                let name = parameter.name.to_ascii_lowercase();
                self.headers.retain(|(known, _)| *known != name);
                self.headers.push((name, value));
            }
        }
    }
}

impl fmt::Debug for AnswerState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AnswerState").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Whether something beside the body under the root may be asked of an answer: by scripts that see it, by parameters,
/// or by a `nextPageKey` that leads under the root.
pub(crate) fn asks_for_all(element: &Element, resource: &Resource) -> bool {
    let next = resource.next_page_key.as_deref().unwrap_or_default();
    let next = next.strip_prefix("body.").unwrap_or(next);
    let root = resource.roots.response_text().map(|root| root.strip_prefix('.').unwrap_or(root));
    let is_under = root.is_some_and(|root| next.starts_with(root.split(['.', '[']).next().unwrap_or_default()));
    let is_scripted = !hooks_of(element, resource, HookType::PostRequest).is_empty();
    is_under || is_scripted || of_answer(element, resource).next().is_some()
}

/// A single object is a list of one where the vendor speaks XML.
fn listed(element: &Element, resource: &Resource, body: Value) -> Value {
    let is_single = body.is_object() && resource.is_list();
    if is_single && speaks_xml(element, resource) { json!([body]) } else { body }
}

fn speaks_xml(element: &Element, resource: &Resource) -> bool {
    element.protocol == Protocol::Soap || resource.content_type.as_deref().map(Shape::of) == Some(Shape::Xml)
}

/// The parameters that take something of an answer.
fn of_answer<'a>(element: &'a Element, resource: &'a Resource) -> impl Iterator<Item = &'a Parameter> {
    let takes =
        |parameter: &&Parameter| parameter.source == Source::Response || map::stores_answer(resource, parameter);
    element.parameters.iter().chain(&resource.parameters).filter(takes)
}

/// What an answer brings for the configuration, in the order of the parameters.
#[must_use]
pub fn brought(element: &Element, resource: &Resource, answer: &AnswerState) -> Vec<(String, Option<String>)> {
    let stores = of_answer(element, resource).filter(|parameter| parameter.kind != SourceType::Header);
    stores.filter_map(|parameter| Some((parameter.name.clone(), Some(taken(parameter, answer)?)))).collect()
}

fn taken(parameter: &Parameter, answer: &AnswerState) -> Option<String> {
    let name = parameter.vendor_name.as_str();
    if parameter.vendor_kind == VendorType::Header {
        return answer.header(name).map(str::to_owned);
    }
    let path = if parameter.vendor_kind == VendorType::Body { "" } else { name };
    let value = json_path::get(&answer.body, path).or_else(|| json_path::get(&answer.vendor_body, path))?;
    (!value.is_null()).then(|| text_of(&value))
}
