//! SOAP: the security header of requests, and what envelopes and faults of answers mean. Prefixes do not matter.

#[cfg(test)]
mod tests;

use ligand_element::vendor_error_text;
use ligand_soap::ENVELOPES;
use quick_xml::{Reader, events::Event};
use serde_json::Value;

use crate::{Failure, xml, xml::Tag};

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";

/// Why an envelope cannot carry credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityError {
    /// The credentials have characters that XML cannot hold.
    BadValue,
    /// The body is not a SOAP envelope.
    NotAnEnvelope,
}

/// The envelope with a UsernameToken in its header; a header is made when there is none.
pub(crate) fn with_security(envelope: &str, username: &str, password: &str) -> Result<String, SecurityError> {
    let mut reader = Reader::from_str(envelope);
    let mut prefix: Option<String> = None;
    let mut before = 0;
    loop {
        let event = reader.read_event().map_err(|_| SecurityError::NotAnEnvelope)?;
        let after = usize::try_from(reader.buffer_position()).map_err(|_| SecurityError::NotAnEnvelope)?;
        match (&event, &prefix) {
            (Event::Start(start), None) if start.local_name().as_ref() == "Envelope" => {
                let own = start.name().prefix().map(|prefix| format!("{}:", prefix.as_ref()));
                prefix = Some(own.unwrap_or_default());
            }
            (Event::Start(start), Some(prefix)) => {
                let security = security(prefix, username, password)?;
                return Ok(if start.local_name().as_ref() == "Header" {
                    format!("{}{security}{}", &envelope[..after], &envelope[after..])
                } else {
                    let header = format!("<{prefix}Header>{security}</{prefix}Header>");
                    format!("{}{header}{}", &envelope[..before], &envelope[before..])
                });
            }
            (Event::Empty(start), Some(prefix)) => {
                let is_header = start.local_name().as_ref() == "Header";
                let security = security(prefix, username, password)?;
                let header = format!("<{prefix}Header>{security}</{prefix}Header>");
                let rest = if is_header { after } else { before };
                return Ok(format!("{}{header}{}", &envelope[..before], &envelope[rest..]));
            }
            (Event::Start(_) | Event::Empty(_) | Event::Eof | Event::DocType(_), _) => {
                return Err(SecurityError::NotAnEnvelope);
            }
            _ => {}
        }
        before = after;
    }
}

fn security(prefix: &str, username: &str, password: &str) -> Result<String, SecurityError> {
    let username = xml_value(username)?;
    let password = xml_value(password)?;
    let must_understand = if prefix.is_empty() { String::new() } else { format!(" {prefix}mustUnderstand=\"1\"") };
    Ok(format!(
        "<wsse:Security xmlns:wsse=\"{WSSE}\"{must_understand}><wsse:UsernameToken>\
         <wsse:Username>{username}</wsse:Username>\
         <wsse:Password Type=\"{PASSWORD_TEXT}\">{password}</wsse:Password>\
         </wsse:UsernameToken></wsse:Security>"
    ))
}

fn xml_value(text: &str) -> Result<String, SecurityError> {
    let is_allowed = |each: char| each >= ' ' || matches!(each, '\t' | '\n');
    if !text.chars().all(is_allowed) {
        return Err(SecurityError::BadValue);
    }
    Ok(quick_xml::escape::escape(text).into_owned())
}

/// What the text of an answer is.
pub(crate) enum Answer {
    /// An envelope with a message, the whole document as JSON.
    Message(Value),
    /// An envelope with a fault.
    Fault(Fault),
    /// Anything else.
    NotSoap,
}

/// A fault, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The vendor's code, else the local part of the fault code.
    code: String,
    /// Whether the code is the vendor's own.
    is_specific: bool,
    /// The vendor's words.
    message: String,
}

/// Reads an answer.
pub(crate) fn read(text: &str) -> Answer {
    let Ok(root) = xml::parse(text) else { return Answer::NotSoap };
    let is_envelope =
        root.local() == "Envelope" && root.namespace.as_deref().is_some_and(|name| ENVELOPES.contains(&name));
    let Some(body) = root.child("Body").filter(|_| is_envelope) else { return Answer::NotSoap };
    match body.child("Fault") {
        Some(fault) => Answer::Fault(Fault::read(fault)),
        None => Answer::Message(root.to_document()),
    }
}

impl Fault {
    /// Reads faults of SOAP 1.1 and 1.2.
    fn read(fault: &Tag) -> Self {
        let text = |tag: Option<&Tag>| tag.map(|tag| tag.text.trim().to_owned()).filter(|text| !text.is_empty());
        let detail = fault.child("detail").or_else(|| fault.child("Detail"));
        let ends = |suffix: &'static str| {
            move |tag: &Tag| tag.local().to_ascii_lowercase().ends_with(suffix) && !tag.text.trim().is_empty()
        };
        let specific = text(detail.and_then(|detail| detail.find(&ends("code"))));
        let code_tag = fault.child("Code");
        let subcode = text(code_tag.and_then(|code| code.child("Subcode")).and_then(|code| code.child("Value")));
        let general = subcode.or_else(|| text(fault.child("faultcode").or_else(|| code_tag?.child("Value"))));
        let message = text(fault.child("faultstring"))
            .or_else(|| text(fault.child("Reason").and_then(|reason| reason.child("Text"))))
            .or_else(|| text(detail.and_then(|detail| detail.find(&ends("message")))));
        let is_specific = specific.is_some();
        let code = specific.or(general).unwrap_or_default();
        let code = code.rsplit(':').next().unwrap_or_default().trim().to_owned();
        Self { message: message.unwrap_or_else(|| code.clone()), code, is_specific }
    }

    /// A fault that stands inside of a message.
    pub(crate) fn inside(fault: ligand_soap::Fault) -> Self {
        let ligand_soap::Fault { code, message } = fault;
        Self { message: message.unwrap_or_else(|| code.clone()), is_specific: !code.is_empty(), code }
    }

    /// Whether the vendor may have refused the form of the message: it may speak another version than it did when it
    /// was asked for its description.
    pub(crate) fn doubts_form(&self) -> bool {
        let code = squeezed(&self.code);
        let is_general = matches!(code.as_str(), "client" | "sender" | "versionmismatch" | "mustunderstand");
        let about_form = ["invalidrequest", "invalidfield", "version", "schema", "validation", "deserial", "unmarshal"];
        (is_general && !self.is_specific) || about_form.iter().any(|word| code.contains(word))
    }

    /// The failure that the fault means; `http` is the status it came with, `redact` takes secrets out of texts.
    pub(crate) fn failure(&self, http: u16, redact: &dyn Fn(String) -> String) -> Failure {
        let message = match (self.is_specific, self.message.contains(&self.code)) {
            (true, false) => format!("{} - {}", self.code, self.message),
            _ => self.message.clone(),
        };
        let provider_message = vendor_error_text(&Value::from(message), redact);
        match self.status(http) {
            Some(status) => Failure::Rejected { status, provider_message, retry_after_seconds: None },
            None => Failure::VendorFault { provider_message },
        }
    }

    /// The platform's status; `None` when the vendor itself failed.
    fn status(&self, http: u16) -> Option<u16> {
        if matches!(http, 401 | 403 | 404 | 405 | 406 | 409 | 415 | 429) {
            return Some(http);
        }
        let code = squeezed(&self.code);
        if let Some((_, status)) = WORDS.iter().find(|(word, _)| code.contains(word)) {
            return *status;
        }
        if self.is_specific {
            return Some(400);
        }
        let message = squeezed(&self.message);
        if ACCESS_PHRASES.iter().any(|phrase| message.contains(phrase)) {
            return Some(401);
        }
        match code.as_str() {
            "server" | "receiver" | "" => None,
            _ => Some(400),
        }
    }
}

/// Letters and digits only, in lower case: `ACCESS_DENIED` and `AccessDenied` are one word.
fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|each| each.to_ascii_lowercase()).collect()
}

/// Words in fault codes with the status that they mean (`None`: the vendor failed); the first that fits counts.
const WORDS: &[(&str, Option<u16>)] = &[
    ("accessdenied", Some(401)),
    ("invalidlogin", Some(401)),
    ("loginfail", Some(401)),
    ("authenticat", Some(401)),
    ("invalidsecurity", Some(401)),
    ("securitytoken", Some(401)),
    ("failedcheck", Some(401)),
    ("unauthorized", Some(401)),
    ("notauthorized", Some(401)),
    ("credential", Some(401)),
    ("invalidsession", Some(401)),
    ("sessionexpired", Some(401)),
    ("invaliduser", Some(401)),
    ("invalidpassword", Some(401)),
    ("passwordexpired", Some(401)),
    ("lockedout", Some(401)),
    ("accountlocked", Some(401)),
    ("forbidden", Some(403)),
    ("permission", Some(403)),
    ("privilege", Some(403)),
    ("insufficientaccess", Some(403)),
    ("notfound", Some(404)),
    ("invalidid", Some(404)),
    ("badid", Some(404)),
    ("unknownexception", None),
    ("timeout", None),
    ("servererror", None),
    ("unexpected", None),
    ("internalerror", None),
    ("unavailable", None),
];

/// What vendors say, in faults without a code of their own, when credentials are wrong.
const ACCESS_PHRASES: &[&str] = &[
    "accessdenied",
    "invalidlogin",
    "loginfailed",
    "authenticationfailed",
    "couldnotbeauthenticated",
    "invalidusername",
    "invaliduser",
    "invalidpassword",
    "invalidcredentials",
    "unauthorized",
    "notauthorized",
];
