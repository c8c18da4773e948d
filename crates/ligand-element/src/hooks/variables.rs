//! The variables that scripts see.

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

impl HookState<'_> {
    /// The variables by name. `done` is not among them.
    #[must_use]
    pub fn variables(&self) -> Map<String, Value> {
        let mut variables = Map::new();
        self.of_request(&mut variables);
        self.of_vendor_request(&mut variables);
        self.of_answer(&mut variables);
        let object = self.resource.object.clone().unwrap_or_default();
        let object_name = object.get("name").cloned().unwrap_or_default();
        let metadata = json!({
            "elementKey": self.element.key(),
            "objectName": object_name,
            "object": object,
        });
        variables.insert("meta_data".to_owned(), metadata);
        let configuration =
            self.configuration.iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        variables.insert("configuration".to_owned(), Value::Object(configuration.collect()));
        variables.insert("events".to_owned(), Value::Null);
        variables
    }

    fn of_request(&self, variables: &mut Map<String, Value>) {
        let body = match &self.call.body {
            CallerBody::Form(_) | CallerBody::Multipart(_) => form(self.inputs),
            _ => self.inputs.body.clone().unwrap_or_default(),
        };
        let map = if body.is_object() || body.is_array() { body.clone() } else { Value::Null };
        let path = self.inputs.path.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let expression = self.prepared.expression.as_ref().map(expression).unwrap_or_default();
        let previous = self.inputs.previous.clone().unwrap_or_default();
        let previous_headers =
            if self.inputs.previous.is_some() { lower_case(&self.inputs.previous_headers) } else { Value::Null };
        let all = [
            ("request_method", Value::from(self.call.method.key())),
            ("request_path", Value::from(self.call.path.as_str())),
            ("request_path_variables", Value::Object(path.collect())),
            ("request_parameters", self.parameters()),
            ("request_headers", lower_case(&self.inputs.headers)),
            ("request_body", body),
            ("request_body_map", map),
            ("request_expression", expression),
            ("request_previous_response", previous),
            ("request_previous_response_headers", previous_headers),
        ];
        variables.extend(all.map(|(name, value)| (name.to_owned(), value)));
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

    fn of_vendor_request(&self, variables: &mut Map<String, Value>) {
        let planned = self.planned;
        let body = match &planned.body {
            VendorBody::Text(text) => Value::from(text.as_str()),
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => Value::Null,
        };
        let map = body.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let map = map.filter(|value| value.is_object() || value.is_array()).unwrap_or_default();
        let all = [
            ("request_vendor_method", Value::from(planned.method.key())),
            ("request_vendor_path", Value::from(planned.address.path.as_str())),
            ("request_vendor_url", url_text(planned).map(Value::from).unwrap_or_default()),
            ("request_vendor_parameters", pairs(&planned.query)),
            ("request_vendor_headers", pairs(&planned.headers)),
            ("request_vendor_body", body),
            ("request_vendor_body_map", map),
            ("request_root_key", planned.roots.request_text().map(Value::from).unwrap_or_default()),
        ];
        variables.extend(all.map(|(name, value)| (name.to_owned(), value)));
    }

    fn of_answer(&self, variables: &mut Map<String, Value>) {
        let answer = self.answer;
        let of = |value: fn(&AnswerState) -> Value| answer.map(value).unwrap_or_default();
        let root = answer.and_then(|_| self.resource.roots.response_text());
        let all = [
            ("response_body", of(|answer| answer.body.clone())),
            ("response_body_raw", of(|answer| answer.raw.clone().map(Value::from).unwrap_or_default())),
            ("response_headers", of(|answer| lower_case(&answer.headers))),
            ("response_status_code", of(|answer| answer.status.into())),
            ("response_iserror", of(|answer| (!(200..=207).contains(&answer.status)).into())),
            ("response_root_key", root.map(Value::from).unwrap_or_default()),
        ];
        variables.extend(all.map(|(name, value)| (name.to_owned(), value)));
    }
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
