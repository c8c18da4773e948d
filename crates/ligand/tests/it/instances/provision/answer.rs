//! What a provisioning answer carries when it is asked for more: objects, a trace of the conversation.

use serde_json::json;

use crate::{harness::Platform, instances::pages};

#[tokio::test]
async fn objects_are_answered_when_asked_for() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let mut request = platform.request(page.key, "objects");
        for (asked, present) in [(json!(true), true), (json!(false), false)] {
            request["retrieveObjectsAfterInstantiation"] = asked;
            let instance = platform.post("/instances", &request).await.ok();
            assert_eq!(instance["objects"].is_array(), present, "{instance}");
            for object in instance["objects"].as_array().into_iter().flatten() {
                assert!(object["name"].is_string() && object["vendorName"].is_string(), "{object}");
                let kind = object["type"].as_str().expect("a type");
                assert!(["vdr", "ceCanonical", "vendor"].contains(&kind), "{object}");
            }
        }
    }
}

#[tokio::test]
async fn debug_records_the_conversation_without_secrets() {
    let platform = Platform::start().await;
    for (page, recorded) in pages::ALL.iter().zip([
        "POST:/cgi-bin/sandbox.cfg/services/soap",
        "GET:/crmRestApi/resources/latest/accounts",
        "GET:/account/1/balance",
        "GET:/act.web.api/authorize",
    ]) {
        for (member, flag) in
            [("configuration", json!(true)), ("configuration", json!("true")), ("providerData", json!(true))]
        {
            let mut request = platform.request(page.key, "debug");
            request[member]["debug"] = flag;
            let answer = platform.post("/instances", &request).await;
            let id = answer.header("elements-trace-id").to_owned();
            assert!(!id.is_empty(), "no trace of {} with {member}.debug", page.key);
            answer.ok();
            let trace = platform.get(&format!("/elements/{}/trace/{id}", page.key)).await;
            let text = trace.text.clone();
            let trace = trace.ok();
            assert!(trace.get(recorded).is_some(), "{recorded} in {text}");
            let password = &platform.configuration(page.key)[page.password];
            assert!(!text.contains("fake-"), "a password: {text}");
            assert!(!text.contains(password.as_str().expect("a password")), "{text}");
            // The beginning of `sandbox.` in base64, and of every JSON web token.
            assert!(!text.contains("c2FuZGJv") && !text.contains("eyJ"), "{text}");
            platform.get(&format!("/elements/{}/trace/{id}", page.ids[1])).await.ok();
        }
    }
}

#[tokio::test]
async fn nothing_is_recorded_unasked_and_unknown_traces_are_404() {
    let platform = Platform::start().await;
    for debug in [None, Some(json!(false)), Some(json!("no")), Some(json!(null))] {
        let mut request = platform.request("infobip", "quiet");
        if let Some(debug) = debug {
            request["providerData"] = json!({ "debug": debug });
        }
        let answer = platform.post("/instances", &request).await;
        assert_eq!(answer.header("elements-trace-id"), "");
        answer.ok();
    }
    let mut request = platform.request("infobip", "traced");
    request["providerData"] = json!({ "debug": true });
    let id = platform.post("/instances", &request).await.header("elements-trace-id").to_owned();
    for path in ["infobip/trace/unknown", "infobip/trace/-1", "infobip/trace/%00", "nope/trace/1"] {
        platform.get(&format!("/elements/{path}")).await.error(404);
    }
    platform.get(&format!("/elements/servicecloud/trace/{id}")).await.error(404);
    platform.raw("GET", &format!("/elements/api-v2/elements/infobip/trace/{id}"), &[], "").await.error(401);
}
