//! Oracle Service Cloud: the SOAP service CWSS, version 1.2. This file routes and checks what HTTP
//! says; `envelope` opens requests, `operations` executes them, `description` writes the WSDL.

mod check;
mod description;
mod envelope;
mod fault;
mod menus;
mod merge;
mod operations;
mod roql;
mod schema;
mod seed;
mod store;
mod xml;

use axum::response::Response;
use http::{HeaderName, Method, StatusCode};

use crate::call::{Call, reply, text};
use crate::world::World;

use fault::{Code, Fault};
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
        StatusCode::FORBIDDEN => Fault::unexpected(Code::AccessDenied, "Access Denied").answer_with(status),
        _ => Fault::unexpected(Code::UnknownException, "An unknown error occurred.").answer_with(status),
    }
}

/// The WSDL in any of its spellings, and the schemas it imports.
fn describe(call: &Call) -> Response {
    let address = format!("{}{PATH}", call.origin);
    let document = match (call.parameter("wsdl"), call.parameter("xsd")) {
        (Some("" | "typed" | "typed_v1.2"), None) => Some(description::wsdl(&address)),
        (None, Some(name)) => description::xsd(name, &address),
        _ => None,
    };
    match document {
        Some(document) => reply(StatusCode::OK, XML, document),
        None => text(StatusCode::NOT_FOUND, "There is no such description; ask for ?wsdl."),
    }
}

fn serve(world: &World, call: &Call) -> Response {
    if call.media_type().as_deref() != Some("text/xml") {
        let message = "The content type must be text/xml.";
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    execute(world, call).unwrap_or_else(|fault| fault.answer())
}

fn execute(world: &World, call: &Call) -> Result<Response, Fault> {
    let operation = envelope::open(&call.body, &world.credentials.servicecloud)?;
    let action = call.header(&ACTION).map(|action| action.trim().trim_matches('"'));
    if action != Some(operation.name.as_str()) {
        let message = "The header SOAPAction does not name the operation in the body.";
        return Err(Fault::soap("Client", message));
    }
    let now = world.now();
    let response = operations::execute(&mut world.servicecloud(), &operation, now)?;
    Ok(reply(StatusCode::OK, XML, enclose(&response)))
}

/// Puts a response into its envelope.
fn enclose(response: &Element) -> String {
    let uris = ["messages", "base", "objects", "generic"].map(schema::uri);
    let [messages, base, objects, generic] = &uris;
    let prefixes = [
        (messages.as_str(), "n0"),
        (base.as_str(), "n1"),
        (objects.as_str(), "n2"),
        (generic.as_str(), "n3"),
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
