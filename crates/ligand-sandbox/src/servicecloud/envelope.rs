//! The SOAP envelope: opened strictly, with the two headers the service wants. Login is checked
//! here, the operation is not.

use super::SOAP;
use super::fault::{Code, Fault};
use super::schema::MESSAGES;
use super::xml::{self, Element};
use crate::options::Account;

#[cfg(test)]
mod tests;

/// Namespace of `wsse:Security`.
pub(super) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";

/// Reads the document.
pub(super) fn read(document: &[u8]) -> Result<Element, Fault> {
    xml::parse(document).map_err(|problem| Fault::soap("Client", format!("The request is not XML: {problem}.")))
}

/// Opens an envelope and gives the operation's element.
pub(super) fn open(envelope: Element, account: &Account) -> Result<Element, Fault> {
    if envelope.name != "Envelope" {
        return Err(Fault::soap("Client", "The request is not a SOAP envelope."));
    }
    if &*envelope.namespace != SOAP {
        return Err(Fault::soap("VersionMismatch", "The envelope is not one of SOAP 1.1."));
    }
    let (header, body) = parts(envelope)?;
    let header = header.unwrap_or_default();
    understand(&header)?;
    log_in(&header, account)?;
    identify(&header)?;
    let mut operations = body.children.into_iter();
    match (operations.next(), operations.next()) {
        (Some(operation), None) => Ok(operation),
        _ => Err(Fault::soap("Client", "The body must hold exactly one operation.")),
    }
}

fn parts(envelope: Element) -> Result<(Option<Element>, Element), Fault> {
    let misplaced = || Fault::soap("Client", "The envelope must hold a header and a body.");
    let (mut header, mut body) = (None, None);
    for child in envelope.children {
        match child.name.as_str() {
            _ if &*child.namespace != SOAP => return Err(misplaced()),
            "Header" if header.is_none() && body.is_none() => header = Some(child),
            "Body" if body.is_none() => body = Some(child),
            _ => return Err(misplaced()),
        }
    }
    Ok((header, body.ok_or_else(misplaced)?))
}

/// Refuses a header entry that must be understood and is not.
fn understand(header: &Element) -> Result<(), Fault> {
    for entry in &header.children {
        let known = entry.is(WSSE, "Security") || entry.is(&MESSAGES, "ClientInfoHeader");
        let must = entry
            .attributes
            .iter()
            .any(|one| &*one.namespace == SOAP && one.name == "mustUnderstand" && one.value.trim() == "1");
        if must && !known {
            let message = format!("The header {} is not understood.", entry.name);
            return Err(Fault::soap("MustUnderstand", message));
        }
    }
    Ok(())
}

fn log_in(header: &Element, account: &Account) -> Result<(), Fault> {
    let missing = |what| Fault::unexpected(Code::AccessDenied, format!("Access Denied: {what} is missing."));
    let security = header.child(WSSE, "Security").ok_or_else(|| missing("wsse:Security"))?;
    let token = security.child(WSSE, "UsernameToken");
    let token = token.ok_or_else(|| missing("wsse:UsernameToken"))?;
    let username = token.child(WSSE, "Username").ok_or_else(|| missing("wsse:Username"))?;
    let password = token.child(WSSE, "Password").ok_or_else(|| missing("wsse:Password"))?;
    if password.attribute("Type").is_some_and(|kind| kind != PASSWORD_TEXT) {
        let message = "Access Denied: only passwords of type PasswordText are accepted.";
        return Err(Fault::unexpected(Code::AccessDenied, message));
    }
    if account.matches(username.text.trim(), &password.text) {
        Ok(())
    } else {
        Err(Fault::unexpected(Code::InvalidLogin, "Access Denied"))
    }
}

fn identify(header: &Element) -> Result<(), Fault> {
    let info = header.child(&MESSAGES, "ClientInfoHeader");
    let id = info.and_then(|info| info.child(&MESSAGES, "AppID"));
    if id.is_some_and(|id| !id.text.trim().is_empty()) {
        return Ok(());
    }
    let message = "The header ClientInfoHeader with an AppID is missing.";
    Err(Fault::request(Code::MissingArgument, message))
}
