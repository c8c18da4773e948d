//! What a vendor's answer means: the body under the response root, and what goes into configuration.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{
    Element, Method, Parameter, Resource, ResourceType, Source, SourceType, VendorType, json_path, template::text_of,
};

/// A vendor's successful answer, its body already read as what the resource declares.
#[derive(Clone, Default, PartialEq)]
pub struct VendorResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// JSON (XML answers converted), a JSON string for other text, null when empty.
    pub body: Value,
}

/// What an answer means.
#[derive(Clone, Default, PartialEq)]
pub struct Mapped {
    /// The body under the response root.
    pub body: Value,
    /// Configuration values that the answer brought, in the order of the parameters.
    pub configuration: Vec<(String, Option<String>)>,
}

/// Maps a successful answer.
#[must_use]
pub fn map(element: &Element, resource: &Resource, response: &VendorResponse) -> Mapped {
    let body = resource.roots.unwrap(response.body.clone(), is_list(resource));
    let mut configuration = Vec::new();
    for parameter in element.parameters.iter().chain(&resource.parameters) {
        if parameter.source != Source::Response && !stores_answer(resource, parameter) {
            continue;
        }
        if let Some(value) = taken(parameter, response, &body) {
            configuration.push((parameter.name.clone(), Some(value)));
        }
    }
    Mapped { body, configuration }
}

/// Whether a parameter that is written as one of the request means the answer: token storage on resources that run
/// with provisioning is often written as `configuration` → `bodyField` without a source.
pub(crate) fn stores_answer(resource: &Resource, parameter: &Parameter) -> bool {
    let provisions = matches!(
        resource.kind,
        ResourceType::OnProvision | ResourceType::OnRefresh | ResourceType::ProvisionAuthValidation
    );
    provisions
        && parameter.source == Source::Request
        && parameter.kind == SourceType::Configuration
        && parameter.vendor_kind == VendorType::BodyField
}

fn taken(parameter: &Parameter, response: &VendorResponse, body: &Value) -> Option<String> {
    let name = parameter.vendor_name.as_str();
    if parameter.vendor_kind == VendorType::Header {
        let header = response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        return header.map(|(_, value)| value.clone());
    }
    let path = if parameter.vendor_kind == VendorType::Body { "" } else { name };
    let value = json_path::get(body, path).or_else(|| json_path::get(&response.body, path))?;
    (!value.is_null()).then(|| text_of(&value))
}

/// Whether the resource lists: a GET whose path does not end in a variable.
fn is_list(resource: &Resource) -> bool {
    resource.method == Method::Get && !resource.path.trim_end_matches('/').ends_with('}')
}
