//! Each fault at each vendor.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use serde_json::Value;

use super::{Fault, Faults, HUGE_BYTES, Kind, Usual, answer};
use crate::harness::{Answer, Harness};
use crate::vendor::Vendor;

/// A request to each vendor that needs no login to reach the fault.
fn path(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::ServiceCloud => "/cgi-bin/sandbox.cfg/services/soap?wsdl",
        Vendor::OracleSalesCloud => "/crmRestApi/resources/latest/accounts",
        Vendor::Infobip => "/account/1/balance",
        Vendor::ActPremium => "/Act.Web.API/api/system",
        Vendor::Fernhill => "/fernhill/api/v1/me",
        Vendor::Stonecrop => "/stonecrop/keyed/notes",
    }
}

async fn with_fault(vendor: Vendor, fault: &str) -> Result<Answer, axum::Error> {
    let sandbox = Harness::new();
    let switch = format!("/_sandbox/faults/{}", vendor.key());
    let body = format!("{{\"fault\": \"{fault}\"}}");
    let set = sandbox.send(Method::PUT, &switch, &[], body).await;
    assert_eq!(set.status, StatusCode::OK);
    sandbox.try_send(Method::GET, path(vendor), &[], "").await
}

#[test]
fn names_and_kinds_agree() {
    for (place, (kind, name, _)) in Kind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, place);
        assert_eq!(kind.name(), name);
        assert_eq!(Kind::from_name(name), Some(kind));
    }
}

#[tokio::test]
async fn statuses_are_as_named() {
    for vendor in Vendor::ALL {
        for (fault, status) in [("http500", 500), ("http503", 503), ("forbidden", 403), ("throttle", 429)] {
            let answer = with_fault(vendor, fault).await.unwrap();
            assert_eq!(answer.status.as_u16(), status, "{} {fault}", vendor.key());
            assert!(!answer.body.is_empty(), "{} {fault}", vendor.key());
            let waits = ["http503", "throttle"].contains(&fault);
            assert_eq!(answer.header("retry-after"), if waits { "1" } else { "" });
        }
    }
}

#[tokio::test]
async fn error_bodies_are_the_vendors_own() {
    let soap = with_fault(Vendor::ServiceCloud, "http500").await.unwrap();
    assert!(soap.body.contains("UnexpectedErrorFault"), "{}", soap.body);
    let sales = with_fault(Vendor::OracleSalesCloud, "http500").await.unwrap();
    assert_eq!(sales.body, "Internal Server Error");
    let infobip = with_fault(Vendor::Infobip, "throttle").await.unwrap().json();
    assert_eq!(infobip["requestError"]["serviceException"]["messageId"], "TOO_MANY_REQUESTS");
    let act = with_fault(Vendor::ActPremium, "forbidden").await.unwrap().json();
    assert_eq!(act["errorCode"], 4032);
}

#[tokio::test]
async fn malformed_answers_cannot_be_parsed() {
    for vendor in Vendor::ALL {
        let answer = with_fault(vendor, "malformed").await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let kind = answer.header("content-type");
        assert!(kind.contains("json") || kind.contains("xml"), "{kind}");
        assert!(serde_json::from_str::<Value>(&answer.body).is_err());
        assert!(!answer.body.is_empty());
    }
}

#[tokio::test]
async fn empty_redirecting_and_broken_answers() {
    for vendor in Vendor::ALL {
        let answer = with_fault(vendor, "empty").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
        let answer = with_fault(vendor, "redirect").await.unwrap();
        assert_eq!(answer.status, StatusCode::FOUND);
        assert!(answer.header("location").starts_with("http://elsewhere.invalid/"));
        assert!(with_fault(vendor, "disconnect").await.is_err());
        let answer = with_fault(vendor, "page").await.unwrap();
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    }
}

#[tokio::test]
async fn huge_answers_end_at_the_bound() {
    let usual = Usual { content_type: "application/json", beginning: "{" };
    let huge = answer(Vendor::Infobip, Kind::Huge, usual).unwrap();
    let body: Body = huge.into_body();
    let mut stream: BodyDataStream = body.into_data_stream();
    let mut total = 0;
    while let Some(piece) = stream.next().await {
        total += piece.unwrap().len();
    }
    assert_eq!(total, HUGE_BYTES + 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_waits_and_then_is_the_usual_one() {
    let sandbox = Harness::new();
    let body = r#"{"fault": "slow", "delayMillis": 60000}"#;
    sandbox.send(Method::PUT, "/_sandbox/faults/actpremium", &[], body).await;
    let call = || sandbox.send(Method::GET, path(Vendor::ActPremium), &[], "");
    assert!(tokio::time::timeout(Duration::from_secs(59), call()).await.is_err());
    let answer = tokio::time::timeout(Duration::from_secs(61), call()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json()["apiVersion"].is_string());
}

#[tokio::test]
async fn a_malformed_token_is_cut_off() {
    let sandbox = Harness::new();
    let body = r#"{"fault": "malformed"}"#;
    sandbox.send(Method::PUT, "/_sandbox/faults/actpremium", &[], body).await;
    let answer = sandbox.send(Method::GET, "/act.web.api/Authorize", &[], "").await;
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(!answer.body.contains('.'));
}

#[test]
fn a_counted_fault_switches_itself_off() {
    let faults = Faults::default();
    let fault = Fault { kind: Kind::Empty, delay: Duration::ZERO, times: Some(2) };
    faults.set(Vendor::Infobip, fault);
    assert_eq!(faults.take(Vendor::ActPremium), None);
    assert_eq!(faults.take(Vendor::Infobip), Some(fault));
    assert_eq!(faults.get(Vendor::Infobip).unwrap().times, Some(1));
    assert!(faults.take(Vendor::Infobip).is_some());
    assert_eq!(faults.take(Vendor::Infobip), None);
}
