//! Security headers go where they belong; faults mean what they say.

use proptest::prelude::*;

use super::{Answer, SecurityError, read, with_security};
use crate::{Failure, xml};

fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">{inside}</e:Envelope>"
    )
}

#[test]
fn a_header_is_used_or_made() {
    let bodies = [
        "<e:Header><x/></e:Header><e:Body><y/></e:Body>",
        "<e:Header/><e:Body><y/></e:Body>",
        "<e:Body><y/></e:Body>",
        " <!-- none --> <e:Body/>",
    ];
    for body in bodies {
        let root = xml::parse(&with_security(&envelope(body), "u", "p").unwrap()).unwrap();
        let names: Vec<&str> = root.children.iter().map(xml::Tag::local).collect();
        assert_eq!(names, ["Header", "Body"], "{body}");
        let security = &root.children[0].children[0];
        assert_eq!((security.local(), security.attributes[0].0.as_str()), ("Security", "e:mustUnderstand"));
        let token = &security.children[0];
        assert_eq!((token.children[0].text.as_str(), token.children[1].text.as_str()), ("u", "p"));
    }
}

#[test]
fn a_default_namespace_needs_no_prefix() {
    let text = "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body/></Envelope>";
    let signed = with_security(text, "u", "p").unwrap();
    assert!(signed.contains("<Header><wsse:Security ") && !signed.contains("mustUnderstand"));
    assert!(matches!(read(&signed), Answer::Message(_)));
}

#[test]
fn what_is_no_envelope_gets_no_credentials() {
    for text in ["", "x", "<a/>", "<Envelope/>", "<!DOCTYPE x><e:Envelope/>", "<a><Envelope><Body/></Envelope></a>"] {
        assert_eq!(with_security(text, "u", "p"), Err(SecurityError::NotAnEnvelope), "{text}");
    }
    assert_eq!(with_security(&envelope("<e:Body/>"), "u", "\u{0}"), Err(SecurityError::BadValue));
}

fn status(fault: &str, http: u16) -> Option<u16> {
    let Answer::Fault(fault) = read(&envelope(&format!("<e:Body><e:Fault>{fault}</e:Fault></e:Body>"))) else {
        panic!("it is a fault")
    };
    match fault.failure(http, &|text| text) {
        Failure::Rejected { status, .. } => Some(status),
        _ => None,
    }
}

fn coded(code: &str) -> String {
    format!(
        "<faultcode>e:Server</faultcode><faultstring>x</faultstring><detail><f><g><exceptionCode>{code}</exceptionCode></g></f></detail>"
    )
}

#[test]
fn faults_are_the_callers_the_credentials_or_the_vendors() {
    let cases = [
        (coded("ACCESS_DENIED"), Some(401)),
        (coded("INVALID_LOGIN"), Some(401)),
        (coded("UNAUTHORIZED"), Some(401)),
        (coded("INSUFFICIENT_ACCESS"), Some(403)),
        (coded("INVALID_ID"), Some(404)),
        (coded("INVALID_FIELD"), Some(400)),
        (coded("MISSING_ARGUMENT"), Some(400)),
        (coded("UNKNOWN_EXCEPTION"), None),
        (coded("QUERY_TIMEOUT"), None),
        ("<faultcode>e:Client</faultcode><faultstring>bad</faultstring>".to_owned(), Some(400)),
        ("<faultcode>e:Server</faultcode><faultstring>bad</faultstring>".to_owned(), None),
        ("<faultcode>e:Server</faultcode><faultstring>Access Denied</faultstring>".to_owned(), Some(401)),
        ("<faultcode>w:InvalidSecurityToken</faultcode><faultstring/>".to_owned(), Some(401)),
        ("<faultcode>w:FailedAuthentication</faultcode>".to_owned(), Some(401)),
        ("<e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>no</e:Text></e:Reason>".to_owned(), Some(400)),
        (
            "<e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>w:FailedCheck</e:Value></e:Subcode></e:Code>"
                .to_owned(),
            Some(401),
        ),
        (String::new(), None),
    ];
    for (fault, expected) in cases {
        assert_eq!(status(&fault, 500), expected, "{fault}");
        assert_eq!(status(&fault, 200), expected, "whatever the status: {fault}");
    }
}

#[test]
fn envelopes_are_told_from_other_documents() {
    assert!(matches!(read(&envelope("<e:Body><a/></e:Body>")), Answer::Message(_)));
    for text in ["<html/>", "<Envelope><Body/></Envelope>", "{}", "", &envelope("")] {
        assert!(matches!(read(text), Answer::NotSoap), "{text}");
    }
}

proptest! {
    #[test]
    fn credentials_never_become_markup(user in "\\PC{0,20}|[<>&\"']{0,9}", password in "\\PC{0,20}|[<>&\"'\\]]{0,9}") {
        let signed = with_security(&envelope("<e:Body><y/></e:Body>"), &user, &password).unwrap();
        let root = xml::parse(&signed).unwrap();
        let token = root.find(&|tag| tag.local() == "UsernameToken").unwrap();
        prop_assert_eq!(token.children.len(), 2);
        prop_assert_eq!(&token.children[0].text, &user);
        prop_assert_eq!(&token.children[1].text, &password);
        prop_assert_eq!(root.children.len(), 2);
    }
}
