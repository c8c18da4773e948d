//! What a vendor's answer means: the body under the response root, and what goes into configuration.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{AnswerState, Element, Parameter, Resource, ResourceType, Source, SourceType, VendorType, answer::brought};

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

/// Maps a successful answer that no hook sees.
#[must_use]
pub fn map(element: &Element, resource: &Resource, response: &VendorResponse) -> Mapped {
    let answer = AnswerState::of(element, resource, response.clone(), None);
    let configuration = brought(element, resource, &answer);
    Mapped { body: answer.body, configuration }
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
