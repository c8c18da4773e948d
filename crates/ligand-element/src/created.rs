//! What a creation is answered with when the vendor tells where the new record is, but not what it is like.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    AnswerState, Element, Found, Inputs, Method, Resource, SourceType, VendorType,
    convert::{last_segment, path_of},
    find, route, split,
};

/// What a creation is answered with.
const CREATED: u16 = 201;

/// A record that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// Its id: the end of the address that the vendor told.
    pub id: String,
    /// The resource that reads it, by its place, and the variables of its path. None where the address is not one that
    /// this resource asks: a record of another kind may have the same id.
    pub read_by: Option<(usize, BTreeMap<String, String>)>,
}

/// What an answer tells of a new record, if it is one to a creation and has nothing but its address.
#[must_use]
pub fn created(element: &Element, resource: &Resource, path: &str, state: &AnswerState) -> Option<Created> {
    let says_nothing = is_nothing(&state.body) && is_nothing(&state.vendor_body) && !state.is_scripted;
    if resource.method != Method::Post || !says_nothing || state.status != CREATED {
        return None;
    }
    let location = state.header("location")?;
    let mut id = Some(last_segment(location)).filter(|id| !id.is_empty())?;
    let (_, mut segments) = split(path)?;
    segments.push(id.clone());
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let read_by = match find(element, Method::Get, &segments) {
        Found::Resource { index, mut path, .. } => {
            id_at(&element.resources()[index], &path, location).map(|(variable, own)| {
                id.clone_from(&own);
                path.insert(variable, own);
                (index, path)
            })
        }
        Found::NotExecutable | Found::MethodNotAllowed(_) | Found::NotFound => None,
    };
    Some(Created { id, read_by })
}

fn is_nothing(body: &Value) -> bool {
    match body {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    }
}

/// The id in an address that a resource with these variables would ask the vendor for, and the variable that it is the
/// value of. Only the collection in front of the id is compared: what is before it may be the base's or a gateway's.
fn id_at(resource: &Resource, path: &BTreeMap<String, String>, address: &str) -> Option<(String, String)> {
    let variable = resource.path.rsplit('/').next()?.strip_prefix('{')?.strip_suffix('}')?;
    let mut asked = path_of(&resource.vendor_path).rsplit('/').filter(|segment| !segment.is_empty());
    let mut told = path_of(address).rsplit('/').filter(|segment| !segment.is_empty()).map(route::decode);
    let (before, rest) = asked.next()?.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    if variable_of(resource, name) != Some(variable) {
        return None;
    }
    let id = told.next()??;
    let id = id.strip_prefix(before)?;
    let id = id.strip_suffix(behind).unwrap_or(id);
    if before.is_empty() {
        let (collection, told) = (asked.next()?, told.next()??);
        let collection = match collection.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => path.get(variable_of(resource, name)?)?.as_str(),
            None => collection,
        };
        if told != collection {
            return None;
        }
    }
    (!id.is_empty()).then(|| (variable.to_owned(), id.to_owned()))
}

/// The variable of a resource's path that fills one of its vendor path; none where it is a configuration's.
fn variable_of<'a>(resource: &'a Resource, name: &'a str) -> Option<&'a str> {
    let fills = |kind, vendor_name: &str| kind == VendorType::Path && vendor_name == name;
    match resource.parameters.iter().find(|parameter| fills(parameter.vendor_kind, &parameter.vendor_name)) {
        Some(parameter) => (parameter.kind == SourceType::Path).then_some(parameter.name.as_str()),
        None => Some(name),
    }
}

impl Created {
    /// What the reading resource is asked.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let path = self.read_by.as_ref().map(|(_, path)| path.clone()).unwrap_or_default();
        Inputs { path, ..Inputs::default() }
    }
}
