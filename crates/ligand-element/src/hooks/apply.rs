//! What the results of scripts change.

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    AnswerState, Element, Inputs, Method, PlanError, Planned, Resource, ResourceType, VendorBody, root_key::RootKey,
    template::text_of,
};

/// What a result asks for beyond the request or the answer. Its `Debug` shows no configuration value.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Effect {
    /// Whether there is to be no vendor call. What the caller gets until a later script changes it is in the answer
    /// that [`apply_pre`] was given.
    pub skips_vendor: bool,
    /// Configuration values to set and to keep, null values to clear.
    pub configuration: Vec<(String, Option<String>)>,
}

impl fmt::Debug for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Effect").field("skips_vendor", &self.skips_vendor).finish_non_exhaustive()
    }
}

/// Why a call ends at a script's result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The script says so.
    #[error("{message}")]
    Script {
        /// Status for the caller, 400 or above.
        status: u16,
        /// What the caller is told.
        message: String,
        /// Whether the status is the script's own word.
        stated: bool,
    },
    /// The script asked for a request that cannot be made (400).
    #[error(transparent)]
    Request(#[from] PlanError),
}

/// Applies the result of a script before the vendor call. Parameters that it replaces are seen by later scripts; an
/// answer that it gives is taken when it also keeps the call from the vendor.
///
/// # Errors
/// When the script fails the call, or asks for a request that cannot be made.
pub fn apply_pre(
    resource: &Resource,
    planned: &mut Planned,
    inputs: &mut Inputs,
    answer: &mut AnswerState,
    mut result: Map<String, Value>,
) -> Result<Effect, Refusal> {
    refusal(&result)?;
    if let Some(Value::Object(parameters)) = result.get("request_parameters") {
        inputs.query = query(parameters);
    }
    if let Some(Value::Object(parameters)) = result.get("request_vendor_parameters") {
        planned.query = query(parameters);
    }
    if let Some(Value::Object(headers)) = result.get("request_vendor_headers") {
        for (name, value) in headers {
            let text = (!value.is_null()).then(|| text_of(value));
            planned.set_header(name, text.as_deref())?;
        }
    }
    if let Some(Value::String(path)) = result.get("request_vendor_path") {
        planned.redirect(path);
    }
    if let Some(method) = result.get("request_vendor_method").and_then(Value::as_str) {
        let known = Method::from_key(&method.to_ascii_uppercase());
        planned.method = known.ok_or_else(|| PlanError::Unsupported("the request_vendor_method".to_owned()))?;
    }
    body(planned, &result);
    let skips_vendor = result.get("continue").is_some_and(|go| go == &Value::Bool(false) || go == "false");
    if skips_vendor {
        *answer = AnswerState::skipped();
        answered(answer, &mut result);
    }
    let is_call = matches!(resource.kind, ResourceType::Api | ResourceType::ApiNoDocumentation);
    let configuration = if is_call { Vec::new() } else { configuration(&result) };
    Ok(Effect { skips_vendor, configuration })
}

/// Applies the result of a script behind the vendor call.
///
/// # Errors
/// When the script fails the call.
pub fn apply_post(
    element: &Element,
    resource: &Resource,
    answer: &mut AnswerState,
    mut result: Map<String, Value>,
) -> Result<Effect, Refusal> {
    refusal(&result)?;
    if let Some(Value::String(root)) = result.get("response_root_key") {
        answer.take_root(element, resource, &RootKey::of_response(root));
    }
    answered(answer, &mut result);
    Ok(Effect { skips_vendor: false, configuration: configuration(&result) })
}

/// The failure that a result asks for: `response_error`, with `response_status_code` when that is one of errors.
fn refusal(result: &Map<String, Value>) -> Result<(), Refusal> {
    let stated = |name: &str| result.get(name).filter(|value| !value.is_null() && **value != "" && **value != false);
    let Some(message) = stated("response_error").or_else(|| stated("response_error_message")) else { return Ok(()) };
    let message = if *message == true {
        stated("response_error_message").map_or_else(|| "Request failed".to_owned(), text_of)
    } else {
        text_of(message)
    };
    let own = status(result).filter(|status| *status >= 400);
    Err(Refusal::Script { status: own.unwrap_or(400), message, stated: own.is_some() })
}

fn status(result: &Map<String, Value>) -> Option<u16> {
    let value = result.get("response_status_code")?;
    let number = value.as_u64().or_else(|| value.as_f64().map(|number| number as u64));
    let number = number.or_else(|| value.as_str()?.trim().parse().ok())?;
    u16::try_from(number).ok().filter(|status| (100..=599).contains(status))
}

/// Pairs of a map: null values are left out, lists repeat the name.
fn query(parameters: &Map<String, Value>) -> Vec<(String, String)> {
    let mut query = Vec::new();
    for (name, value) in parameters {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        query.extend(values.iter().filter(|value| !value.is_null()).map(|value| (name.clone(), text_of(value))));
    }
    query
}

/// Another body, or the same under another root.
fn body(planned: &mut Planned, result: &Map<String, Value>) {
    let member = |name: &str| result.get(name);
    match member("request_vendor_body").or_else(|| member("request_vendor_body_map")) {
        Some(Value::Null) => planned.body = VendorBody::Empty,
        Some(value) => planned.body = VendorBody::Text(text_of(value)),
        None => {
            let Some(Value::String(root)) = member("request_root_key") else { return };
            planned.roots = RootKey::of_request(root);
            if let Some(bare) = &planned.bare {
                planned.body = VendorBody::Text(planned.roots.wrap(bare.clone()).to_string());
            }
        }
    }
}

/// Takes the members of an answer that a result states.
fn answered(answer: &mut AnswerState, result: &mut Map<String, Value>) {
    if let Some(Value::String(raw)) = result.get("response_body_raw") {
        answer.body = serde_json::from_str(raw).unwrap_or_else(|_| Value::from(raw.as_str()));
        answer.raw = Some(raw.clone());
        answer.is_scripted = true;
    }
    if let Some(body) = result.get_mut("response_body") {
        answer.body = body.take();
        answer.is_scripted = true;
    }
    if let Some(Value::Object(headers)) = result.get("response_headers") {
        let plain = |text: &str| !text.chars().any(char::is_control);
        let kept = headers.iter().filter(|(_, value)| !value.is_null());
        let kept = kept.map(|(name, value)| (name.to_ascii_lowercase(), text_of(value)));
        answer.headers = kept.filter(|(name, value)| plain(name) && plain(value)).collect();
    }
    if let Some(status) = status(result) {
        answer.status = status;
    }
}

fn configuration(result: &Map<String, Value>) -> Vec<(String, Option<String>)> {
    let Some(Value::Object(values)) = result.get("configuration") else { return Vec::new() };
    let value = |value: &Value| (!value.is_null()).then(|| text_of(value));
    values.iter().map(|(key, given)| (key.clone(), value(given))).collect()
}
