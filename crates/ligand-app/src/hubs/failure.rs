//! Failures of hub calls: which kind of error they are, and what the caller may know.

use ligand_domain::{Error, ErrorKind};
use ligand_element::{Element, PlanError};
use ligand_engine::Failure;

use crate::failure::of_ended;

/// The error that a failed call of an instance's element is.
pub(super) fn of_call(element: &Element, failure: Failure) -> Error {
    let name = element.name();
    let vendor = |code, message| Error::new(ErrorKind::Vendor, code, message);
    match failure {
        Failure::Rejected { status, provider_message, retry_after_seconds } => {
            let (kind, message) = refused(status);
            let error = Error::new(kind, "vendor-refused", message).with_provider_message(provider_message);
            retry_after_seconds.into_iter().fold(error, Error::retry_after)
        }
        Failure::GrantEnded { provider_message } => of_ended(element, provider_message),
        Failure::VendorFault { provider_message } => {
            vendor("vendor-failed", "Request failed".to_owned()).with_provider_message(provider_message)
        }
        Failure::Unreachable => vendor("vendor-unreachable", format!("{name} could not be reached")),
        Failure::Insecure(why) => vendor("vendor-insecure", format!("{name} {why}")),
        Failure::Suspended { retry_after_seconds } => {
            let message = format!("{name} has failed repeatedly and is not asked for now");
            vendor("vendor-suspended", message).retry_after(retry_after_seconds)
        }
        Failure::TimedOut => vendor("vendor-timed-out", format!("{name} did not answer in time")),
        Failure::Malformed(why) => vendor("vendor-malformed", malformed(name, &why)).with_source(why),
        Failure::TooLarge => {
            let message = format!("{name} gave an answer that is larger than this server takes in");
            Error::new(ErrorKind::TooLarge, "vendor-too-large", message)
        }
        Failure::BeyondLimit(what) => Error::new(ErrorKind::TooMany, "limit-exceeded", what),
        Failure::EgressRefused => Error::invalid(
            "egress-refused",
            format!("The address of {name} lies in a private or loopback network, which this server does not allow"),
        ),
        Failure::NotKept => Error::internal("configuration-not-kept", Failure::NotKept),
        Failure::Script { status, message, .. } => Error::new(refused(status).0, "script-refused", message),
        Failure::Plan(PlanError::NotFound) => Error::not_found("vendor-record-not-found", "Not found"),
        Failure::Plan(problem) => Error::invalid("request-impossible", problem.to_string()),
    }
}

/// The kind of a vendor's refusal, and the words for it.
fn refused(status: u16) -> (ErrorKind, &'static str) {
    match status {
        401 => (ErrorKind::Unauthenticated, "Unauthorized"),
        403 => (ErrorKind::Forbidden, "Forbidden"),
        404 => (ErrorKind::NotFound, "Not found"),
        405 => (ErrorKind::MethodNotAllowed, "Method not allowed"),
        406 => (ErrorKind::NotAcceptable, "Not acceptable"),
        409 => (ErrorKind::Conflict, "Conflict"),
        415 => (ErrorKind::UnsupportedMediaType, "Unsupported media type"),
        429 => (ErrorKind::TooMany, "Too many requests"),
        500.. => (ErrorKind::Vendor, "Request failed"),
        _ => (ErrorKind::Invalid, "Bad Request"),
    }
}

/// Clients know the text for XML that is none.
fn malformed(name: &str, why: &str) -> String {
    if why.starts_with("Unable to convert") {
        why.to_owned()
    } else {
        format!("{name} gave an answer that is not understood")
    }
}
