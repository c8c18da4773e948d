//! SOAP faults as the service answers them: HTTP 500, and the service's own code in the detail.

use axum::response::Response;
use http::StatusCode;
use quick_xml::escape::escape;

use super::schema::{FAULTS, MESSAGES, uri};
use super::version::Version;
use super::xml::Element;
use super::{SOAP, XML};
use crate::call::reply;

/// Which of the three detail elements a fault has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    RequestError,
    UnexpectedError,
}

impl Kind {
    fn element(self) -> &'static str {
        match self {
            Self::RequestError => "RequestErrorFault",
            Self::UnexpectedError => "UnexpectedErrorFault",
        }
    }
}

/// The service's own error codes that the stand-in uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    AccessDenied,
    InvalidField,
    InvalidLogin,
    BadId,
    MissingArgument,
    InvalidRequest,
    UnknownException,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::InvalidField => "INVALID_FIELD",
            Self::InvalidLogin => "INVALID_LOGIN",
            Self::BadId => "BAD_ID",
            Self::MissingArgument => "MISSING_ARGUMENT",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::UnknownException => "UNKNOWN_EXCEPTION",
        }
    }
}

/// A fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Local name of the SOAP fault code.
    pub(super) soap_code: &'static str,
    message: String,
    /// The service's own code; plain SOAP faults have none.
    pub(super) detail: Option<(Kind, Code)>,
}

impl Fault {
    /// A fault about what the caller asked for.
    pub(super) fn request(code: Code, message: impl Into<String>) -> Self {
        let detail = Some((Kind::RequestError, code));
        Self { soap_code: "Client", message: message.into(), detail }
    }

    /// A fault the service calls unexpected; refused logins are among them.
    pub(super) fn unexpected(code: Code, message: impl Into<String>) -> Self {
        let detail = Some((Kind::UnexpectedError, code));
        Self { soap_code: "Server", message: message.into(), detail }
    }

    /// A fault of SOAP itself, such as `VersionMismatch`.
    pub(super) fn soap(soap_code: &'static str, message: impl Into<String>) -> Self {
        Self { soap_code, message: message.into(), detail: None }
    }

    /// The fault as one of a batch's answers.
    pub(super) fn into_element(self) -> Element {
        let (kind, code) = self.detail.unwrap_or((Kind::RequestError, Code::InvalidRequest));
        let mut element = Element::new(&MESSAGES, kind.element());
        element.children.push(Element::with_text(&FAULTS, "exceptionCode", code.name()));
        element.children.push(Element::with_text(&FAULTS, "exceptionMessage", self.message));
        element
    }

    /// The answer, with HTTP 500 as SOAP 1.1 wants it.
    pub(super) fn answer(&self, version: Version) -> Response {
        self.answer_with(StatusCode::INTERNAL_SERVER_ERROR, version)
    }

    /// The answer with another status.
    pub(super) fn answer_with(&self, status: StatusCode, version: Version) -> Response {
        let message = escape(self.message.as_str());
        let detail = self.detail.map(|(kind, code)| {
            format!(
                "<detail><rnf:{kind} xmlns:rnf=\"{faults}\">\
                 <rnf:exceptionCode>{code}</rnf:exceptionCode>\
                 <rnf:exceptionMessage>{message}</rnf:exceptionMessage></rnf:{kind}></detail>",
                kind = kind.element(),
                code = code.name(),
                faults = uri("faults"),
            )
        });
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Header/><soapenv:Body>\
             <soapenv:Fault><faultcode>soapenv:{}</faultcode><faultstring>{message}</faultstring>{}\
             </soapenv:Fault></soapenv:Body></soapenv:Envelope>",
            self.soap_code,
            detail.unwrap_or_default(),
        );
        reply(status, XML, version.spell(body))
    }
}
