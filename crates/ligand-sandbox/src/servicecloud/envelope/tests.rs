//! Envelopes, good and bad.

use super::WSSE;
use crate::options::Account;
use crate::servicecloud::fault::{Code, Fault, Kind};
use crate::servicecloud::xml::Element;

const SOAP: &str = super::SOAP;

fn open(document: &[u8], account: &Account) -> Result<Element, Fault> {
    super::open(super::read(document)?, account)
}

fn account() -> Account {
    Account::new("u", "p&<\"")
}

fn security(password: &str) -> String {
    format!(
        "<w:Security xmlns:w='{WSSE}' xmlns:s='{SOAP}' s:mustUnderstand='1'><w:UsernameToken>\
         <w:Username>u</w:Username><w:Password>{password}</w:Password></w:UsernameToken></w:Security>"
    )
}

const INFO: &str = "<ClientInfoHeader xmlns='urn:messages.ws.rightnow.com/v1_2'><AppID>a</AppID></ClientInfoHeader>";
const GOOD: &str = "p&amp;&lt;&quot;";

fn envelope(header: &str, body: &str) -> String {
    format!("<s:Envelope xmlns:s='{SOAP}'><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>")
}

fn fault(document: &str) -> Fault {
    open(document.as_bytes(), &account()).expect_err(document)
}

#[test]
fn a_good_envelope_gives_its_operation() {
    let document = envelope(&format!("{}{INFO}", security(GOOD)), "<x xmlns='urn:y'/>");
    assert!(open(document.as_bytes(), &account()).unwrap().is("urn:y", "x"));
}

#[test]
fn logins_are_checked_before_the_rest() {
    let denied = |document: &str, code| {
        let found = fault(document);
        assert_eq!(found.detail, Some((Kind::UnexpectedError, code)), "{document}");
    };
    denied(&envelope("", "<x/>"), Code::AccessDenied);
    denied(&envelope(INFO, "<x/>"), Code::AccessDenied);
    denied(&envelope(&security("wrong"), "<x/>"), Code::InvalidLogin);
    denied(&envelope(&security(""), "<x/>"), Code::InvalidLogin);
    let digest = security(GOOD).replace("<w:Password>", "<w:Password Type='urn:digest'>");
    denied(&envelope(&digest, "<x/>"), Code::AccessDenied);
    for part in ["UsernameToken", "Username", "Password"] {
        let without = security(GOOD).replace(&format!("w:{part}>"), &format!("w:Not{part}>"));
        denied(&envelope(&without, "<x/>"), Code::AccessDenied);
    }
    denied(&format!("<s:Envelope xmlns:s='{SOAP}'><s:Body><x/></s:Body></s:Envelope>"), Code::AccessDenied);
}

#[test]
fn the_application_must_name_itself() {
    let expected = Some((Kind::RequestError, Code::MissingArgument));
    assert_eq!(fault(&envelope(&security(GOOD), "<x/>")).detail, expected);
    let nameless = INFO.replace("<AppID>a</AppID>", "<AppID> </AppID>");
    assert_eq!(fault(&envelope(&format!("{}{nameless}", security(GOOD)), "<x/>")).detail, expected);
    let elsewhere = INFO.replace("v1_2", "v9");
    assert_eq!(fault(&envelope(&format!("{}{elsewhere}", security(GOOD)), "<x/>")).detail, expected);
}

#[test]
fn what_is_not_an_envelope_is_refused_by_soap() {
    let header = format!("{}{INFO}", security(GOOD));
    let good = envelope(&header, "<x/>");
    for (document, code) in [
        (String::new(), "Client"),
        ("{}".to_owned(), "Client"),
        ("<a/>".to_owned(), "Client"),
        (good.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope"), "VersionMismatch"),
        (format!("<!DOCTYPE a>{good}"), "Client"),
        (good[..good.len() - 20].to_owned(), "Client"),
        (envelope(&header, ""), "Client"),
        (envelope(&header, "<x/><y/>"), "Client"),
        (format!("<s:Envelope xmlns:s='{SOAP}'/>"), "Client"),
        (format!("<s:Envelope xmlns:s='{SOAP}'><s:Body/><s:Header/></s:Envelope>"), "Client"),
        (format!("<s:Envelope xmlns:s='{SOAP}'><s:Body/><s:Body/></s:Envelope>"), "Client"),
        (format!("<s:Envelope xmlns:s='{SOAP}'><x/></s:Envelope>"), "Client"),
        (envelope(&format!("{header}<z s:mustUnderstand='1'/>"), "<x/>"), "MustUnderstand"),
    ] {
        let found = fault(&document);
        assert_eq!((found.soap_code, found.detail), (code, None), "{document}");
    }
    let optional = envelope(&format!("{header}<z s:mustUnderstand='0'/>"), "<x/>");
    assert!(open(optional.as_bytes(), &account()).is_ok());
}
