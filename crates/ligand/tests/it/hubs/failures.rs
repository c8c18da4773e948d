//! Vendors that fail, throttle or no longer take a token.

use bytes::Bytes;
use serde_json::json;

use super::Hubs;
use crate::harness::Client;

#[tokio::test]
async fn failures_of_the_vendor_have_their_statuses() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    for (fault, status) in [("http500", 502), ("forbidden", 403), ("malformed", 502), ("redirect", 502), ("empty", 200)]
    {
        hubs.platform.fault("oraclesalescloud", &json!({ "fault": fault, "times": 1 })).await;
        let answer = crm.send("POST", "/hubs/crm/accounts", Some(&json!({ "OrganizationName": fault }))).await;
        assert_eq!(answer.status, status, "{fault}: {}", answer.text);
        if status != 200 {
            answer.error(status);
        }
    }
    crm.get("/hubs/crm/accounts?pageSize=1").await.ok();
}

#[tokio::test]
async fn reads_survive_a_stumble() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    for fault in ["disconnect", "http503", "throttle"] {
        hubs.platform.fault("oraclesalescloud", &json!({ "fault": fault, "times": 1 })).await;
        crm.get("/hubs/crm/accounts?pageSize=1").await.ok();
    }
}

#[tokio::test]
async fn a_throttled_call_is_told_when_to_come_back() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    hubs.platform.fault("oraclesalescloud", &json!({ "fault": "throttle" })).await;
    let answer = crm.send("POST", "/hubs/crm/accounts", Some(&json!({ "OrganizationName": "x" }))).await;
    assert_eq!(answer.header("retry-after"), "1");
    answer.error(429);
}

#[tokio::test]
async fn slow_vendors_are_given_up() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    hubs.platform.fault("oraclesalescloud", &json!({ "fault": "slow", "delayMillis": 600_000, "times": 1 })).await;
    crm.get("/hubs/crm/accounts?pageSize=1").await.error(502);
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_renewed_once_for_all() {
    let hubs = Hubs::start().await;
    let act = hubs.act().await;
    act.get("/hubs/crm/contacts").await.ok();
    let vendor = Client::new(hubs.platform.sandbox.address(), String::new());
    let revoked = vendor.raw("DELETE", "/_sandbox/actpremium/tokens", &[], Bytes::new()).await.expect("an answer");
    assert!(revoked.status.is_success(), "{}", revoked.text);
    let calls = (0..8).map(|_| act.get("/hubs/crm/contacts"));
    for answer in side_by_side(calls).await {
        answer.ok();
    }
    let made = act.post("/hubs/crm/contacts", &json!({ "firstName": "A", "lastName": "B" })).await.ok();
    assert_eq!(made["lastName"], "B");
}

/// Runs futures side by side.
async fn side_by_side<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (future, output) in &mut pending {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}
