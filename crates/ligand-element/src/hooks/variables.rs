//! The variables that scripts see.

use std::borrow::Cow;

use ligand_ceql::Condition;
use ligand_domain::Configuration;
use serde_json::{Map, Value, json};

use crate::{
    AnswerState, CallerBody, CallerRequest, Element, Inputs, Planned, Prepared, Resource, VendorBody, VendorPage,
    plan::url_text,
};

/// A call as its scripts see it. What is not there is null for them.
#[derive(Clone, Copy)]
pub struct HookState<'a> {
    /// The element.
    pub element: &'a Element,
    /// The resource that runs; in a chain not always the one that was called.
    pub resource: &'a Resource,
    /// The caller's request.
    pub call: &'a CallerRequest,
    /// What the caller sent and what came before in a chain.
    pub inputs: &'a Inputs,
    /// What was settled for the call.
    pub prepared: &'a Prepared,
    /// The vendor's page that is asked for, when the call lists.
    pub page: Option<&'a VendorPage>,
    /// The vendor request.
    pub planned: &'a Planned,
    /// What was answered: none before the vendor call.
    pub answer: Option<&'a AnswerState>,
    /// The instance's configuration.
    pub configuration: &'a Configuration,
}

/// The names of the variables, in the order in which scripts get them. `done` follows them.
pub const HOOK_VARIABLES: &[&str] = &[
    "request_method",
    "request_path",
    "request_path_variables",
    "request_parameters",
    "request_headers",
    "request_body",
    "request_body_map",
    "request_expression",
    "request_vendor_method",
    "request_vendor_path",
    "request_vendor_url",
    "request_vendor_parameters",
    "request_vendor_headers",
    "request_vendor_body",
    "request_vendor_body_map",
    "request_root_key",
    "request_previous_response",
    "request_previous_response_headers",
    "response_body",
    "response_body_raw",
    "response_headers",
    "response_status_code",
    "response_iserror",
    "response_root_key",
    "meta_data",
    "configuration",
    "events",
];

impl<'a> HookState<'a> {
    /// All variables by name.
    #[must_use]
    pub fn variables(&self) -> Map<String, Value> {
        HOOK_VARIABLES.iter().map(|name| ((*name).to_owned(), self.variable(name).into_owned())).collect()
    }

    /// The value of a variable; null for what is not there.
    #[must_use]
    pub fn variable(&self, name: &str) -> Cow<'a, Value> {
        let value = match name {
            "meta_data" => self.metadata(),
            "configuration" => self.configuration.iter().filter_map(|(key, value)| Some((key, value?))).collect(),
            _ if name.starts_with("request_vendor_") || name == "request_root_key" => self.of_vendor_request(name),
            _ if name.starts_with("request_") => return self.of_request(name),
            _ => return self.of_answer(name),
        };
        Cow::Owned(value)
    }

    fn metadata(&self) -> Value {
        let object = self.resource.object.clone().unwrap_or_default();
        let object_name = object.get("name").cloned().unwrap_or_default();
        json!({
            "elementKey": self.element.key(),
            "objectName": object_name,
            "object": object,
        })
    }

    fn of_request(&self, name: &str) -> Cow<'a, Value> {
        let inputs = self.inputs;
        let value = match name {
            "request_method" => Value::from(self.call.method.key()),
            "request_path" => Value::from(self.call.path.as_str()),
            "request_path_variables" => {
                inputs.path.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
            }
            "request_parameters" => self.parameters(),
            "request_headers" => lower_case(&inputs.headers),
            "request_body" => return self.body(),
            "request_body_map" => match self.body() {
                body if body.is_object() || body.is_array() => return body,
                _ => Value::Null,
            },
            "request_expression" => self.prepared.expression.as_ref().map(expression).unwrap_or_default(),
            "request_previous_response" => return borrowed(inputs.previous.as_ref()),
            "request_previous_response_headers" if inputs.previous.is_some() => lower_case(&inputs.previous_headers),
            _ => Value::Null,
        };
        Cow::Owned(value)
    }

    /// The caller's body.
    fn body(&self) -> Cow<'a, Value> {
        match &self.call.body {
            CallerBody::Form(_) | CallerBody::Multipart(_) => Cow::Owned(form(self.inputs)),
            _ => borrowed(self.inputs.body.as_ref()),
        }
    }

    /// The caller's query; in a list with the page that the walk is at.
    fn parameters(&self) -> Value {
        let mut query = pairs(&self.inputs.query);
        if let (Some(page), Value::Object(query)) = (self.page, &mut query) {
            query.insert("page".to_owned(), page.number.to_string().into());
            query.insert("pageSize".to_owned(), page.size.to_string().into());
            match &page.cursor {
                Some(cursor) => query.insert("nextPage".to_owned(), cursor.as_str().into()),
                None => query.shift_remove("nextPage"),
            };
        }
        query
    }

    fn of_vendor_request(&self, name: &str) -> Value {
        let planned = self.planned;
        let body = match &planned.body {
            VendorBody::Text(text) => Some(text.as_str()),
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => None,
        };
        match name {
            "request_vendor_method" => planned.method.key().into(),
            "request_vendor_path" => planned.address.path.as_str().into(),
            "request_vendor_url" => url_text(planned).map(Value::from).unwrap_or_default(),
            "request_vendor_parameters" => pairs(&planned.query),
            "request_vendor_headers" => pairs(&planned.headers),
            "request_vendor_body" => body.map(Value::from).unwrap_or_default(),
            "request_vendor_body_map" => {
                let map = body.and_then(|text| serde_json::from_str::<Value>(text).ok());
                map.filter(|value| value.is_object() || value.is_array()).unwrap_or_default()
            }
            "request_root_key" => planned.roots.request_text().map(Value::from).unwrap_or_default(),
            _ => Value::Null,
        }
    }

    fn of_answer(&self, name: &str) -> Cow<'a, Value> {
        let Some(answer) = self.answer else { return borrowed(None) };
        let value = match name {
            "response_body" => return Cow::Borrowed(&answer.body),
            "response_body_raw" => answer.raw.as_deref().map(Value::from).unwrap_or_default(),
            "response_headers" => lower_case(&answer.headers),
            "response_status_code" => answer.status.into(),
            "response_iserror" => (!(200..=207).contains(&answer.status)).into(),
            "response_root_key" => self.resource.roots.response_text().map(Value::from).unwrap_or_default(),
            _ => Value::Null,
        };
        Cow::Owned(value)
    }
}

fn borrowed(value: Option<&Value>) -> Cow<'_, Value> {
    Cow::Borrowed(value.unwrap_or(&Value::Null))
}

/// Name and value pairs as a map; a name that is there more than once has a list.
fn pairs(pairs: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for (name, value) in pairs {
        let value = Value::from(value.as_str());
        match map.get_mut(name) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
            None => {
                map.insert(name.clone(), value);
            }
        }
    }
    Value::Object(map)
}

/// Headers as a map with names in lower case; of a name that is there more than once all values, with commas.
fn lower_case(headers: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let joined = match map.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value.clone(),
        };
        map.insert(name, joined.into());
    }
    Value::Object(map)
}

/// Fields and texts of a form.
fn form(inputs: &Inputs) -> Value {
    let parts = inputs.parts.iter().filter_map(|part| match &part.content {
        crate::PartContent::Text(text) => Some((part.name.clone(), text.clone())),
        crate::PartContent::File(_) => None,
    });
    pairs(&inputs.form.iter().cloned().chain(parts).collect::<Vec<_>>())
}

/// The comparisons of a condition in source order.
fn expression(condition: &Condition) -> Value {
    let entry = |leaf: &Condition| {
        let comparison = leaf.comparisons()?.pop()?;
        Some(json!({
            "attribute": comparison.attribute, "operator": comparison.operator, "value": comparison.value,
        }))
    };
    condition.leaves().into_iter().filter_map(entry).collect()
}
