//! Enabling, disabling, tracing and deleting instances.

use serde_json::json;

use super::{id, pages, token};
use crate::harness::Platform;

#[tokio::test]
async fn a_disabled_instance_refuses_hub_calls_until_enabled() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = platform.provision(page.key, "switched").await;
        let hub = made["element"]["hub"].as_str().expect("a hub");
        let call = format!("/hubs/{hub}/contacts");
        let enabled = format!("/instances/{}/enabled", id(&made));
        let two = format!("User {}, Element {}", platform.user, token(&made));
        for authorization in [platform.with_token(token(&made)), two] {
            let before = platform.send_as(&authorization, "GET", &call, None).await;
            assert!(![401, 403].contains(&before.status.as_u16()), "{}", before.text);
            for prefix in [String::new(), format!("/elements/{}", page.key), format!("/elements/{}", page.ids[1])] {
                for _ in 0..2 {
                    let answer = platform.send("DELETE", &format!("{prefix}{enabled}"), None).await;
                    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
                }
                let disabled = platform.get(&format!("/instances/{}", id(&made))).await.ok();
                let mut expected = made.clone();
                expected["disabled"] = json!(true);
                assert_eq!(disabled, expected);
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                    let refused = platform.send_as(&authorization, method, &call, None).await;
                    assert_eq!(refused.header("elements-element-instance-id"), id(&made).to_string());
                    refused.error(403);
                }
                for _ in 0..2 {
                    let answer = platform.send("PUT", &format!("{prefix}{enabled}"), None).await;
                    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
                }
                let after = platform.send_as(&authorization, "GET", &call, None).await;
                assert_eq!(after.status, before.status);
                assert_eq!(platform.get(&format!("/instances/{}", id(&made))).await.ok(), made);
            }
        }
    }
}

#[tokio::test]
async fn switches_take_any_body_and_work_by_token() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "any").await;
    let (own, path) = (platform.with_token(token(&made)), format!("/instances/{}", id(&made)));
    for body in [None, Some(json!(null)), Some(json!({})), Some(json!({ "a": [1] })), Some(json!("x"))] {
        platform.send("DELETE", &format!("{path}/enabled"), body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok()["disabled"], true);
        platform.send_as(&own, "PUT", "/instances/enabled", body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok()["disabled"], false);
        platform.send_as(&own, "DELETE", "/instances/enabled", body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok()["disabled"], true);
        platform.send("PUT", &format!("{path}/enabled"), body.as_ref()).await.ok();
        platform.send("PUT", &format!("{path}/traceLogging"), body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok()["traceLoggingEnabled"], true);
        platform.send_as(&own, "DELETE", "/instances/traceLogging", body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok(), made);
        platform.send_as(&own, "PUT", "/instances/traceLogging", body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok()["traceLoggingEnabled"], true);
        platform.send("DELETE", &format!("{path}/traceLogging"), body.as_ref()).await.ok();
        assert_eq!(platform.get(&path).await.ok(), made);
    }
}

#[tokio::test]
async fn a_disabled_instance_can_still_be_managed() {
    let platform = Platform::start().await;
    let made = platform.provision("actpremium", "managed").await;
    let path = format!("/instances/{}", id(&made));
    platform.send("DELETE", &format!("{path}/enabled"), None).await.ok();
    let changed = platform.send("PATCH", &path, Some(&json!({ "name": "renamed" }))).await.ok();
    assert_eq!((&changed["disabled"], &changed["name"]), (&json!(true), &json!("renamed")));
    platform.get(&format!("{path}/configuration")).await.ok();
    assert_eq!(platform.get("/instances").await.ok()[0]["disabled"], true);
    platform.send("DELETE", &path, None).await.ok();
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_deleted_instance_is_gone_and_its_token_dead() {
    let platform = Platform::start().await;
    let stays = platform.provision("infobip", "stays").await;
    for page in pages::ALL {
        for prefix in [String::new(), format!("/elements/{}", page.key), format!("/elements/{}", page.ids[1])] {
            let made = platform.provision(page.key, "deleted").await;
            let path = format!("/instances/{}", id(&made));
            let answer = platform.send("DELETE", &format!("{prefix}{path}"), None).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
            for (method, below) in [
                ("GET", ""),
                ("PUT", ""),
                ("PATCH", ""),
                ("DELETE", ""),
                ("GET", "/configuration"),
                ("GET", "/configuration/1"),
                ("PUT", "/enabled"),
                ("DELETE", "/enabled"),
                ("PUT", "/traceLogging"),
                ("DELETE", "/traceLogging"),
            ] {
                let body = json!({ "name": "x" });
                platform.send(method, &format!("{path}{below}"), (method != "GET").then_some(&body)).await.error(404);
            }
            let hub = made["element"]["hub"].as_str().expect("a hub");
            for authorization in [
                platform.with_token(token(&made)),
                format!("User {}, Element {}", platform.user, token(&made)),
                format!("Element {}, User {}", token(&made), platform.user),
            ] {
                for (method, path) in [
                    ("GET", format!("/hubs/{hub}/contacts")),
                    ("POST", format!("/hubs/{hub}/contacts")),
                    ("PATCH", "/instances".to_owned()),
                    ("PUT", "/instances".to_owned()),
                    ("DELETE", "/instances".to_owned()),
                    ("GET", "/instances/configuration".to_owned()),
                    ("GET", "/instances/configuration/1".to_owned()),
                    ("PATCH", "/instances/configuration/1".to_owned()),
                    ("PUT", "/instances/enabled".to_owned()),
                    ("DELETE", "/instances/enabled".to_owned()),
                    ("PUT", "/instances/traceLogging".to_owned()),
                ] {
                    platform.send_as(&authorization, method, &path, None).await.error(401);
                }
            }
        }
    }
    assert_eq!(platform.get("/instances").await.ok(), json!([stays]));
}

#[tokio::test]
async fn hub_calls_need_user_and_token() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "hub").await;
    for authorization in [
        platform.authorization(),
        format!("Element {}", token(&made)),
        format!("Organization {}, Element {}", platform.organization, token(&made)),
        format!("User {}, Element unknown", platform.user),
        format!("User {}x, Element {}", platform.user, token(&made)),
        format!("User {}, Organization wrong, Element {}", platform.user, token(&made)),
        format!("User {}, Element {}", platform.user, token(&made).to_lowercase()),
    ] {
        platform.send_as(&authorization, "GET", "/hubs/messaging/messages", None).await.error(401);
    }
}

#[tokio::test]
async fn unknown_instances_cannot_be_switched() {
    let platform = Platform::start().await;
    let made = id(&platform.provision("infobip", "one").await);
    let almost =
        ["+1", "1.0", "01x", "1%2F", "1%00", "1%20", "0x1"].map(|text| text.replacen('1', &made.to_string(), 1));
    let unknown = ["0", "4242", "-1", "999999999999", "99999999999999999999999999", "undefined", "%00", "%20"];
    for unknown in unknown.iter().copied().chain(almost.iter().map(String::as_str)) {
        for (method, below) in
            [("PUT", "enabled"), ("DELETE", "enabled"), ("PUT", "traceLogging"), ("DELETE", "traceLogging")]
        {
            platform.send(method, &format!("/instances/{unknown}/{below}"), None).await.error(404);
            platform.send(method, &format!("/elements/infobip/instances/{unknown}/{below}"), None).await.error(404);
        }
        platform.send("DELETE", &format!("/instances/{unknown}"), None).await.error(404);
    }
    for below in ["enabled", "traceLogging"] {
        for method in ["PUT", "DELETE"] {
            platform.send(method, &format!("/instances/{below}"), None).await.error(400);
            platform.send_as(&platform.with_token("x"), method, &format!("/instances/{below}"), None).await.error(401);
        }
        platform.send("PUT", &format!("/elements/servicecloud/instances/{made}/{below}"), None).await.error(404);
    }
    assert_eq!(platform.instance_count().await, 1);
}

#[tokio::test]
async fn token_routes_below_another_element_are_404() {
    let platform = Platform::start().await;
    let made = platform.provision("infobip", "below").await;
    let authorization = platform.with_token(made["token"].as_str().expect("a token"));
    for (method, rest) in [
        ("PUT", "/enabled"),
        ("DELETE", "/enabled"),
        ("PUT", "/traceLogging"),
        ("GET", "/configuration"),
        ("PATCH", ""),
        ("DELETE", ""),
    ] {
        for element in ["servicecloud", "nosuchelement"] {
            let path = format!("/elements/{element}/instances{rest}");
            platform.send_as(&authorization, method, &path, Some(&serde_json::json!({}))).await.error(404);
        }
    }
    platform.send_as(&authorization, "DELETE", "/elements/37/instances/enabled", None).await.ok();
    let count = platform.get("/elements/infobip/instances/count").await.ok();
    assert_eq!(count["totalInstances"], 1);
    assert_eq!(platform.get("/elements/servicecloud/instances/count").await.ok()["totalInstances"], 0);
    platform.get("/elements/nosuchelement/instances/count").await.error(404);
    platform.send_as(&authorization, "DELETE", "/elements/infobip/instances", None).await.ok();
}
