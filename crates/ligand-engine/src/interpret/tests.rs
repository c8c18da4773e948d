//! Answers of every status and shape.

use ligand_domain::Configuration;
use ligand_element::{Element, File, Folder, load};
use serde_json::{Value, json};

use super::{RawResponse, interpret};
use crate::{Failure, redact::Secrets};

const DEFINITION: &str = r#"
name: N
authentication: { type: none }
resources:
  - { method: GET, path: /json }
  - { method: GET, path: /xml, response: { contentType: application/xml } }
  - { method: GET, path: /text, response: { contentType: text/csv } }
  - { method: GET, path: /check, type: provisionAuthValidation }
"#;

fn element() -> Element {
    let files = vec![File { path: "element.yaml".to_owned(), text: DEFINITION.to_owned() }];
    load(&Folder { key: "x".to_owned(), files }).unwrap()
}

fn read(resource: usize, status: u16, content_type: &str, body: &[u8]) -> Result<Value, Failure> {
    let element = element();
    let headers =
        vec![("content-type".to_owned(), content_type.to_owned()), ("retry-after".to_owned(), "3".to_owned())];
    let raw = RawResponse { status, headers, body: body.to_vec() };
    let secrets = || Secrets::of(&element, &Configuration::default());
    interpret(&element, &element.resources()[resource], raw, &secrets).map(|response| response.body)
}

fn is_malformed(answer: &Result<Value, Failure>) -> bool {
    matches!(answer, Err(Failure::Malformed(_)))
}

#[test]
fn bodies_are_read_as_declared() {
    assert_eq!(read(0, 200, "text/plain", b"[1]").unwrap(), json!([1]));
    assert_eq!(read(0, 200, "", b"").unwrap(), Value::Null);
    assert_eq!(read(1, 201, "text/xml", b"<a>1</a>").unwrap(), json!({"a": "1"}));
    assert_eq!(read(2, 200, "text/csv; charset=ISO-8859-1", b"a;\xe4").unwrap(), json!("a;\u{e4}"));
    assert_eq!(
        read(1, 200, "text/xml", b"<a>").unwrap_err(),
        Failure::Malformed("Unable to convert response XML to JSON".to_owned())
    );
    assert!(is_malformed(&read(0, 200, "application/json", b"\xff")));
}

#[test]
fn validation_is_stricter() {
    assert_eq!(read(3, 204, "", b"").unwrap(), Value::Null);
    assert!(is_malformed(&read(3, 200, "application/json", b"  ")));
    assert!(is_malformed(&read(3, 200, "text/html;charset=utf-8", b"{}")));
}

#[test]
fn statuses_mean_failures() {
    for status in [101, 204 + 100, 302, 307] {
        assert!(is_malformed(&read(0, status, "", b"")), "{status}");
    }
    for (vendor, platform) in [(400, 400), (401, 401), (402, 400), (404, 404), (406, 406), (410, 400), (418, 400)] {
        let failure =
            Failure::Rejected { status: platform, provider_message: Some("m".to_owned()), retry_after_seconds: None };
        assert_eq!(read(0, vendor, "", b"{\"message\":\"m\"}"), Err(failure));
    }
    let provider_message = Some("HTTP 429 Too Many Requests".to_owned());
    let throttled = Failure::Rejected { status: 429, provider_message, retry_after_seconds: Some(3) };
    assert_eq!(read(0, 429, "", b""), Err(throttled));
    let words = ["HTTP 500 Internal Server Error", "HTTP 503 Service Unavailable", "HTTP 599", "HTTP 999"];
    for (status, words) in [500, 503, 599, 999].into_iter().zip(words) {
        assert_eq!(read(0, status, "", b""), Err(Failure::VendorFault { provider_message: Some(words.to_owned()) }));
    }
}
