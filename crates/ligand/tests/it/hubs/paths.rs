//! Which paths are hub calls, and whose credentials they need.

use serde_json::json;

use super::{Hubs, each};
use crate::harness::API;

#[tokio::test]
async fn the_hub_of_a_path_does_not_matter() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    crm.account("One").await;
    let expected = crm.get("/hubs/crm/accounts?pageSize=2&orderBy=PartyNumber").await.ok();
    for path in ["/hubs/documents/accounts", "/hubs/crap/accounts", "/accounts", "/hubs/%20/accounts", "/accounts/"] {
        let found = crm.get(&format!("{path}?pageSize=2&orderBy=PartyNumber")).await.ok();
        assert_eq!(each(&found, "PartyNumber"), each(&expected, "PartyNumber"), "{path}");
    }
}

#[tokio::test]
async fn shared_paths_belong_to_the_element_that_declares_them() {
    let hubs = Hubs::start().await;
    let (platform, crm, sms) = (&hubs.platform, hubs.crm().await, hubs.sms().await);
    let with_all = |instance: &super::Instance<'_>| {
        let token = instance.authorization.rsplit(' ').next().expect("a token").to_owned();
        platform.with_token(&token)
    };
    let found = platform.send_as(&with_all(&crm), "GET", "/accounts?pageSize=1", None).await;
    assert_eq!(found.header("elements-element-instance-id"), crm.id.to_string());
    found.ok();
    platform.send_as(&with_all(&sms), "GET", "/accounts?pageSize=1", None).await.error(404);
    for path in [
        "/usage",
        "/jobs",
        "/users/me",
        "/accounts/instances",
        "/hubs/crm/elements",
        "/organizations/me",
        "/instances",
        "/elements",
    ] {
        let answer = platform.send_as(&with_all(&crm), "GET", path, None).await;
        assert!(!answer.headers.contains_key("elements-element-instance-id"), "{path}: {}", answer.text);
        answer.ok();
    }
}

#[tokio::test]
async fn paths_that_lead_nowhere_say_so() {
    let hubs = Hubs::start().await;
    let (crm, sms) = (hubs.crm().await, hubs.sms().await);
    for path in ["/messages/1/2/3", "/hubs/messaging/nope", "/nope", "/hubs/messaging/%FF"] {
        sms.get(path).await.error(404);
    }
    for (method, path) in [("GET", "/messages"), ("DELETE", "/hubs/messaging/messages"), ("FOO", "/hubs/crm/messages")]
    {
        sms.send(method, path, None).await.error(405);
    }
    crm.send("PUT", "/hubs/crm/accounts/1", Some(&json!({}))).await.error(405);
    let message = crm.get("/hubs/crm/old").await.error(400);
    assert_eq!(message, "This API is not currently supported for this element");
    let unknown = crm.get("/hubs/crm/unknownObjects").await;
    assert!([400, 404].contains(&unknown.status.as_u16()), "the vendor decides: {}", unknown.text);
}

#[tokio::test]
async fn what_could_be_a_hub_call_needs_a_token() {
    let hubs = Hubs::start().await;
    let platform = &hubs.platform;
    for path in ["/contacts", "/nope/1", "/hubs/crm/contacts"] {
        platform.get(path).await.error(401);
    }
    platform.raw("GET", &format!("{API}/hubs/crm/contacts"), &[], "").await.error(401);
    platform.raw("GET", &format!("{API}/nope/1"), &[], "").await.error(404);
    for path in ["/usage/1/2/3", "/jobs/1/2/3/4", "/accounts", "/formulas/1/2/3", "/vdrs", "/elements/1/2/3/4/5"] {
        platform.get(path).await.error(404);
    }
    let crm = hubs.crm().await;
    platform.send("DELETE", &format!("/instances/{}", crm.id), None).await.ok();
    for path in ["/accounts", "/hubs/crm/accounts", "/contacts", "/objects"] {
        platform.send_as(&crm.authorization, "GET", path, None).await.error(401);
    }
}
