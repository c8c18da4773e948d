//! From a raw HTTP answer to what the resource declares, or to the failure that it means. Pure.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ligand_element::{Element, Protocol, Resource, ResourceType, Shape, VendorResponse, read_text, vendor_error_text};
use serde_json::Value;

use crate::{Failure, redact::Secrets, soap, xml};

/// An answer as it came.
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn content_type(&self) -> String {
        self.header("content-type").unwrap_or_default().to_ascii_lowercase()
    }

    /// The body as text: UTF-8, or what was Latin-1 when the vendor says so.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        let content_type = self.content_type();
        if ["iso-8859-1", "windows-1252"].iter().any(|name| content_type.contains(name)) {
            return Some(self.body.iter().copied().map(char::from).collect::<String>().into());
        }
        std::str::from_utf8(&self.body).ok().map(Cow::from)
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Interprets an answer. Texts of failures have the instance's secrets taken out.
pub(crate) fn interpret(
    element: &Element,
    resource: &Resource,
    raw: RawResponse,
    secrets: &dyn Fn() -> Secrets,
) -> Result<VendorResponse, Failure> {
    let is_soap = element.protocol() == Protocol::Soap;
    let body = if is_soap { soap_body(&raw, secrets)? } else { rest_body(resource, &raw, secrets)? };
    Ok(VendorResponse { status: raw.status, headers: raw.headers, body })
}

/// Whether what a resource answers is read as JSON.
pub(crate) fn speaks_json(element: &Element, resource: &Resource) -> bool {
    element.protocol() != Protocol::Soap && declared(resource) == Shape::Json
}

fn declared(resource: &Resource) -> Shape {
    Shape::of(resource.content_type.as_deref().unwrap_or("application/json"))
}

fn soap_body(raw: &RawResponse, secrets: &dyn Fn() -> Secrets) -> Result<Value, Failure> {
    match raw.text().map_or(soap::Answer::NotSoap, |text| soap::read(&text)) {
        soap::Answer::Fault(fault) => Err(fault.failure(raw.status, &|text| secrets().redact(text))),
        soap::Answer::Message(document) if raw.is_success() => Ok(document),
        soap::Answer::NotSoap if raw.is_success() => Err(malformed("it is not a SOAP envelope")),
        _ => Err(refusal(raw, secrets)),
    }
}

fn rest_body(resource: &Resource, raw: &RawResponse, secrets: &dyn Fn() -> Secrets) -> Result<Value, Failure> {
    if !raw.is_success() {
        return Err(refusal(raw, secrets));
    }
    let shape = declared(resource);
    let text = raw.text().ok_or_else(|| malformed("it is not UTF-8 text"))?;
    let validates = resource.kind == ResourceType::ProvisionAuthValidation;
    if shape == Shape::Json && validates {
        if text.trim().is_empty() && raw.status != 204 {
            return Err(malformed("it is empty"));
        }
        if raw.content_type().starts_with("text/html") {
            return Err(malformed("it is a web page"));
        }
    }
    if shape == Shape::Xml {
        return xml::parse(&text)
            .map(|root| root.to_document())
            .map_err(|_| malformed("Unable to convert response XML to JSON"));
    }
    read_text(shape, &text).map_err(|error| malformed(&error.to_string()))
}

fn malformed(what: &str) -> Failure {
    Failure::Malformed(what.to_owned())
}

/// The failure that an HTTP status means.
pub(crate) fn refusal(raw: &RawResponse, secrets: &dyn Fn() -> Secrets) -> Failure {
    let provider_message = raw.text().and_then(|text| {
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.into_owned()));
        vendor_error_text(&body, &|text| secrets().redact(text))
    });
    let provider_message = provider_message.or_else(|| Some(status_text(raw.status)));
    match raw.status {
        100..=199 | 300..=399 => {
            Failure::Malformed(format!("it is a redirect or an interim answer, status {}", raw.status))
        }
        500.. => Failure::VendorFault { provider_message },
        status => {
            let retry_after = raw.header("retry-after").and_then(|value| value.trim().parse().ok());
            Failure::Rejected {
                status: if matches!(status, 401 | 403 | 404 | 405 | 406 | 409 | 415 | 429) { status } else { 400 },
                provider_message,
                retry_after_seconds: retry_after.filter(|_| status == 429),
            }
        }
    }
}

/// What a vendor said that sent nothing but a status.
fn status_text(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("HTTP {status} {}", reason.unwrap_or_default()).trim_end().to_owned()
}
