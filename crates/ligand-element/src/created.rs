//! What a creation is answered with when the vendor tells where the new record is, but not what it is like.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{AnswerState, Element, Found, Inputs, Method, Resource, convert::last_segment, find, split};

/// A record that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// Its id: the end of the address that the vendor told.
    pub id: String,
    /// The resource that reads it, by its place, and the variables of its path.
    pub read_by: Option<(usize, BTreeMap<String, String>)>,
}

/// What an answer tells of a new record, if it is one to a creation and has nothing but its address.
#[must_use]
pub fn created(element: &Element, resource: &Resource, path: &str, state: &AnswerState) -> Option<Created> {
    let says_nothing = match &state.body {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    };
    if resource.method != Method::Post || !says_nothing || !(200..300).contains(&state.status) {
        return None;
    }
    let id = Some(last_segment(state.header("location")?)).filter(|id| !id.is_empty())?;
    let (_, mut segments) = split(path)?;
    segments.push(id.clone());
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let read_by = match find(element, Method::Get, &segments) {
        Found::Resource { index, path, .. } => Some((index, path)),
        Found::NotExecutable | Found::MethodNotAllowed(_) | Found::NotFound => None,
    };
    Some(Created { id, read_by })
}

impl Created {
    /// What the reading resource is asked.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let path = self.read_by.as_ref().map(|(_, path)| path.clone()).unwrap_or_default();
        Inputs { path, ..Inputs::default() }
    }
}
