//! Oracle Service Cloud: the SOAP service CWSS, versions 1.2 and 1.3. This file routes and checks what HTTP
//! says; `envelope` opens requests, `operations` executes them, `description` writes the WSDL.

mod batch;
mod check;
mod custom;
mod description;
mod envelope;
mod fault;
mod menus;
mod merge;
mod metadata;
mod operations;
mod roql;
mod schema;
mod seed;
mod store;
mod version;
mod xml;

use axum::response::Response;
use http::{HeaderName, Method, StatusCode};

use crate::call::{Call, reply, text};
use crate::world::World;

use fault::{Code, Fault};
use version::Version;
use xml::Element;

pub(crate) use store::State;

#[cfg(test)]
mod tests;

/// Where the service is.
pub(crate) const PATH: &str = "/cgi-bin/sandbox.cfg/services/soap";

/// Namespace of SOAP 1.1 envelopes.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Content type of requests and answers.
const XML: &str = "text/xml; charset=utf-8";
const ACTION: HeaderName = HeaderName::from_static("soapaction");

/// Answers a request under `/cgi-bin`.
pub(crate) fn answer(world: &World, call: &Call) -> Response {
    if call.path() != ["cgi-bin", "sandbox.cfg", "services", "soap"] {
        return text(StatusCode::NOT_FOUND, "Not Found");
    }
    match call.method {
        Method::POST => serve(world, call),
        Method::GET => describe(call),
        _ => text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
    }
}

/// What the service says when it was told to refuse.
pub(crate) fn refusal(status: StatusCode) -> Response {
    match status {
        StatusCode::FORBIDDEN => {
            Fault::unexpected(Code::AccessDenied, "Access Denied").answer_with(status, Version::default())
        }
        _ => Fault::unexpected(Code::UnknownException, "An unknown error occurred.")
            .answer_with(status, Version::default()),
    }
}

/// The WSDL in any of its spellings, and the schemas it imports.
fn describe(call: &Call) -> Response {
    let address = format!("{}{PATH}", call.origin);
    let asked = call.parameter("wsdl").or_else(|| call.parameter("xsd")).unwrap_or_default();
    let version = if asked.ends_with("_v1.3") { Version::V1_3 } else { Version::V1_2 };
    let document = match (call.parameter("wsdl"), call.parameter("xsd")) {
        (Some("" | "typed" | "typed_v1.2" | "typed_v1.3"), None) => Some(description::wsdl(&address)),
        (None, Some(name)) => description::xsd(name, &address),
        _ => None,
    };
    match document {
        Some(document) => reply(StatusCode::OK, XML, version.describe(document)),
        None => text(StatusCode::NOT_FOUND, "There is no such description; ask for ?wsdl."),
    }
}

fn serve(world: &World, call: &Call) -> Response {
    if call.media_type().as_deref() != Some("text/xml") {
        let message = "The content type must be text/xml.";
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    let mut document = match envelope::read(&call.body) {
        Ok(document) => document,
        Err(fault) => return fault.answer(Version::default()),
    };
    let version = Version::settle(&mut document);
    match execute(world, call, document) {
        Ok(response) => reply(StatusCode::OK, XML, version.spell(enclose(&response))),
        Err(fault) => fault.answer(version),
    }
}

fn execute(world: &World, call: &Call, envelope: Element) -> Result<Element, Fault> {
    let operation = envelope::open(envelope, &world.credentials.servicecloud)?;
    let action = call.header(&ACTION).map(|action| action.trim().trim_matches('"'));
    if action != Some(operation.name.as_str()) {
        let message = "The header SOAPAction does not name the operation in the body.";
        return Err(Fault::soap("Client", message));
    }
    let now = world.now();
    operations::execute(&mut world.servicecloud(), &operation, now)
}

/// Puts a response into its envelope.
fn enclose(response: &Element) -> String {
    let uris = ["messages", "base", "objects", "generic", "metadata", "faults"].map(schema::uri);
    let [messages, base, objects, generic, metadata, faults] = &uris;
    let prefixes = [
        (messages.as_str(), "n0"),
        (base.as_str(), "n1"),
        (objects.as_str(), "n2"),
        (generic.as_str(), "n3"),
        (metadata.as_str(), "n4"),
        (faults.as_str(), "n5"),
        (xml::XSI, "xsi"),
    ];
    let mut content = String::new();
    xml::write(response, &prefixes, &mut content);
    let declared: Vec<String> = prefixes.iter().map(|(uri, prefix)| format!(" xmlns:{prefix}=\"{uri}\"")).collect();
    // The namespaces are declared on the response element, where the vendor declares them too.
    let name_end = content.find([' ', '/', '>']).unwrap_or(content.len());
    content.insert_str(name_end, &declared.concat());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{SOAP}\">\
         <soapenv:Header/><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
}
