//! Failures of the lower layers, seen from the platform: which kind they are and what the caller may know.

use ligand_domain::{Error, ErrorKind};
use ligand_element::{Element, PlanError};
use ligand_engine::Failure;

/// A failure of the store. Its cause goes to the log only.
pub(crate) fn of_store(failure: ligand_store::Error) -> Error {
    match failure {
        ligand_store::Error::Unavailable(_) => {
            Error::new(ErrorKind::Unavailable, "database-unavailable", "The database is not available, try again later")
                .retry_after(1)
                .with_source(failure)
        }
        ligand_store::Error::NulCharacter => {
            Error::invalid("nul-character", "Text must not contain a NUL character").with_source(failure)
        }
        _ => Error::internal("database-failed", failure),
    }
}

/// A failure while the vendor checked credentials.
pub(crate) fn of_validation(element: &Element, failure: Failure) -> Error {
    let name = element.name();
    match failure {
        Failure::Rejected { status, provider_message, .. } => {
            let kind = if matches!(status, 401 | 403) { ErrorKind::Unauthenticated } else { ErrorKind::Invalid };
            Error::new(kind, "credentials-refused", format!("Failed to validate the credentials of {name}"))
                .with_provider_message(provider_message)
        }
        Failure::GrantEnded { provider_message } => of_ended(element, provider_message),
        Failure::VendorFault { provider_message, .. } => {
            vendor("vendor-failed", format!("{name} failed while it checked the credentials"))
                .with_provider_message(provider_message)
        }
        Failure::Unreachable => vendor("vendor-unreachable", format!("{name} could not be reached")),
        Failure::Insecure(why) => vendor("vendor-insecure", format!("{name} {why}")),
        Failure::Suspended { retry_after_seconds } => {
            vendor("vendor-suspended", format!("{name} has failed repeatedly and is not asked for now"))
                .retry_after(retry_after_seconds)
        }
        Failure::NotKept => Error::internal("configuration-not-kept", Failure::NotKept),
        Failure::TimedOut => vendor("vendor-timed-out", format!("{name} did not answer in time")),
        Failure::Malformed(why) => {
            vendor("vendor-malformed", format!("{name} gave an answer that is not understood")).with_source(why)
        }
        Failure::BeyondLimit(what) => Error::new(ErrorKind::TooMany, "limit-exceeded", what),
        Failure::TooLarge => vendor("vendor-too-large", format!("{name} gave an answer that is too large")),
        Failure::EgressRefused => Error::invalid(
            "egress-refused",
            format!("The address of {name} lies in a private or loopback network, which this server does not allow"),
        ),
        Failure::Script { status: 401 | 403, message, .. } => {
            Error::new(ErrorKind::Unauthenticated, "credentials-refused", message)
        }
        Failure::Script { message, .. } => Error::invalid("script-refused", message),
        Failure::Plan(problem) => Error::invalid("request-impossible", problem.to_string()),
    }
}

/// A failure while tokens were got for what a user's browser brought.
pub(crate) fn of_exchange(element: &Element, failure: Failure) -> Error {
    match failure {
        Failure::Rejected { status, provider_message, .. } => {
            let kind = if matches!(status, 401 | 403) { ErrorKind::Unauthenticated } else { ErrorKind::Invalid };
            Error::new(kind, "oauth-refused", format!("{} gave no OAuth token", element.name()))
                .with_provider_message(provider_message)
        }
        other => of_validation(element, other),
    }
}

/// A failure while the address was made where users grant access: something is missing in the request.
pub(crate) fn of_request(element: &Element, failure: Failure) -> Error {
    match failure {
        Failure::Plan(PlanError::MissingParameter(name)) => {
            Error::invalid("oauth-parameter-missing", format!("{name} is required"))
        }
        other => of_exchange(element, other),
    }
}

/// The access that a user granted has ended: trying again is of no use.
pub(crate) fn of_ended(element: &Element, provider_message: Option<String>) -> Error {
    let name = element.name();
    let message = format!("The access that was granted to {name} has ended: authorize the element instance again");
    Error::new(ErrorKind::Unauthenticated, "grant-ended", message).with_provider_message(provider_message)
}

fn vendor(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Vendor, code, message)
}
