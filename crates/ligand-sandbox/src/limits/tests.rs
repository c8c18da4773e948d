//! Limits of each vendor, counted by the clock the test sets.

use http::{Method, StatusCode};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Limit, Limits};
use crate::harness::{Answer, Harness};
use crate::vendor::Vendor;

/// A request to each vendor that gets an answer whatever it is.
fn path(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::ServiceCloud => "/cgi-bin/sandbox.cfg/services/soap?wsdl",
        Vendor::OracleSalesCloud => "/crmRestApi/resources/latest/accounts",
        Vendor::Infobip => "/account/1/balance",
        Vendor::ActPremium => "/act.web.api/api/system",
        Vendor::Fernhill => "/fernhill/api/v1/me",
        Vendor::Stonecrop => "/stonecrop/keyed/notes",
    }
}

async fn limited(vendor: Vendor) -> Harness {
    let sandbox = Harness::new();
    let switch = format!("/_sandbox/limits/{}", vendor.key());
    let set = sandbox.send(Method::PUT, &switch, &[], r#"{"requests": 2, "perMillis": 10000}"#).await;
    assert_eq!(set.json(), json!({"requests": 2, "perMillis": 10000}));
    sandbox
}

async fn ask(sandbox: &Harness, vendor: Vendor) -> Answer {
    sandbox.send(Method::GET, path(vendor), &[], "").await
}

#[tokio::test]
async fn every_vendor_refuses_in_its_own_way() {
    for vendor in Vendor::ALL {
        let sandbox = limited(vendor).await;
        for _ in 0..2 {
            assert_ne!(ask(&sandbox, vendor).await.status, StatusCode::TOO_MANY_REQUESTS);
        }
        sandbox.pass(3);
        let refused = ask(&sandbox, vendor).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", vendor.key());
        if vendor == Vendor::ActPremium {
            assert_eq!(refused.header("x-ratelimit-reset"), "7");
            assert_eq!((refused.header("x-ratelimit-limit"), refused.header("x-ratelimit-remaining")), ("2", "0"));
        } else {
            assert_eq!(refused.header("retry-after"), "7");
        }
        sandbox.pass(7);
        assert_ne!(ask(&sandbox, vendor).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn act_tells_with_every_answer_what_is_left() {
    let sandbox = limited(Vendor::ActPremium).await;
    let first = ask(&sandbox, Vendor::ActPremium).await;
    assert_eq!((first.status, first.header("x-ratelimit-remaining")), (StatusCode::OK, "1"));
    sandbox.send(Method::DELETE, "/_sandbox/limits/actpremiumcrm", &[], "").await;
    assert_eq!(ask(&sandbox, Vendor::ActPremium).await.header("x-ratelimit-remaining"), "");
}

#[tokio::test]
async fn one_vendors_limit_is_not_the_others() {
    let sandbox = limited(Vendor::Infobip).await;
    for _ in 0..5 {
        assert_ne!(ask(&sandbox, Vendor::ActPremium).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let list = sandbox.send(Method::GET, "/_sandbox/limits", &[], "").await.json();
    assert_eq!(list["infobip"]["requests"], 2);
    assert_eq!(list["servicecloud"], json!(null));
    sandbox.send(Method::POST, "/_sandbox/reset", &[], "").await;
    let list = sandbox.send(Method::GET, "/_sandbox/limits", &[], "").await.json();
    assert_eq!(list["infobip"], json!(null));
}

#[tokio::test]
async fn wrong_limits_are_refused() {
    let sandbox = Harness::new();
    for body in [
        "",
        "[]",
        "{}",
        r#"{"requests": 1}"#,
        r#"{"perMillis": 1}"#,
        r#"{"requests": -1, "perMillis": 1}"#,
        r#"{"requests": 1, "perMillis": 0}"#,
        r#"{"requests": 1, "perMillis": 86400001}"#,
        r#"{"requests": 1.5, "perMillis": 1}"#,
        r#"{"requests": 1, "perMillis": 1, "burst": 1}"#,
    ] {
        let answer = sandbox.send(Method::PUT, "/_sandbox/limits/infobip", &[], body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.json()["error"].is_string(), "{body}");
    }
    let answer = sandbox.send(Method::PUT, "/_sandbox/limits/nobody", &[], "{}").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[test]
fn a_clock_that_goes_back_starts_a_new_window() {
    let limits = Limits::default();
    limits.set(Vendor::Infobip, Limit { requests: 1, per: Duration::seconds(1) });
    let now = OffsetDateTime::UNIX_EPOCH;
    assert!(!limits.count(Vendor::Infobip, now).unwrap().exceeded);
    assert!(limits.count(Vendor::Infobip, now).unwrap().exceeded);
    assert!(!limits.count(Vendor::Infobip, now - Duration::seconds(5)).unwrap().exceeded);
    assert_eq!(limits.count(Vendor::ServiceCloud, now), None);
}
