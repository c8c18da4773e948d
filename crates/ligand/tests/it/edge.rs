//! What every answer has in common: ids, headers, cross-origin rules, methods, media types.

use serde_json::json;

use crate::harness::{API, Platform};

const EXPOSED: &str = "Elements-Returned-Count, Elements-Total-Count, Elements-Request-Id, Elements-Next-Page-Token, \
                       Elements-Trace-Id, Elements-Error, Content-Disposition";

#[tokio::test]
async fn every_answer_has_a_request_id_in_order_of_time() {
    let platform = Platform::start().await;
    let mut last = String::new();
    for path in ["/healthz", "/elements/api-v2/elements", "/nowhere", "/", "/elements/api-v2/instances", "/readyz"] {
        let answer = platform.raw("GET", path, &[], "").await;
        let id = answer.header("elements-request-id").to_owned();
        assert!(
            id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
            "{id}"
        );
        assert!(id > last, "{id} after {last}");
        last = id;
    }
}

#[tokio::test]
async fn an_origin_gets_the_exact_expose_list_with_every_status() {
    let platform = Platform::start().await;
    for (method, path) in [("GET", "/elements"), ("GET", "/instances"), ("GET", "/nowhere"), ("DELETE", "/hubs")] {
        let answer = platform.raw(method, &format!("{API}{path}"), &[("origin", "justaword")], "").await;
        assert_eq!(answer.header("access-control-expose-headers"), EXPOSED);
        assert_eq!(answer.header("access-control-allow-origin"), "justaword");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
    }
    let plain = platform.raw("GET", &format!("{API}/elements"), &[], "").await;
    assert!(!plain.headers.contains_key("access-control-expose-headers"));
    assert!(!plain.headers.contains_key("x-frame-options"));
}

#[tokio::test]
async fn a_preflight_needs_no_credentials() {
    let platform = Platform::start().await;
    let headers = [
        ("origin", "https://a.example"),
        ("access-control-request-headers", "authorization, x-y"),
        ("access-control-request-method", "PUT"),
    ];
    let answer = platform.raw("OPTIONS", &format!("{API}/instances/1"), &headers, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization, x-y");
}

#[tokio::test]
async fn a_trailing_slash_means_the_same() {
    let platform = Platform::start().await;
    platform.get("/elements/servicecloud/").await.ok();
    platform.get("/hubs/?hydrate=true").await.ok();
    platform.post("/instances/", &platform.request("infobip", "slash")).await.ok();
}

#[tokio::test]
async fn wrong_paths_and_methods_come_before_credentials() {
    let platform = Platform::start().await;
    for path in [
        "/elements/api-v2",
        "/elements/api-v2/nowhere",
        "/elements/api-v2/instances/1/nowhere",
        "/Elements/api-v2/elements",
    ] {
        platform.raw("GET", path, &[], "").await.error(404);
    }
    for (method, path) in [
        ("POST", "/elements/keys"),
        ("DELETE", "/elements"),
        ("PUT", "/authentication"),
        ("POST", "/instances/1"),
        ("PATCH", "/organizations/me"),
    ] {
        let answer = platform.raw(method, &format!("{API}{path}"), &[], "").await;
        assert!(!answer.header("allow").is_empty());
        answer.error(405);
    }
    let head = platform.raw("HEAD", &format!("{API}/elements"), &[], "").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn media_types_are_negotiated_after_credentials() {
    let platform = Platform::start().await;
    let authorization = platform.authorization();
    let path = format!("{API}/instances");
    for accept in ["text/xml", "text/csv;q=1, application/pdf", "application/json;q=0", "image/*"] {
        platform.raw("GET", &path, &[("accept", accept)], "").await.error(401);
        platform.raw("GET", &path, &[("authorization", &authorization), ("accept", accept)], "").await.error(406);
        platform.raw("GET", &format!("{API}/elements"), &[("accept", accept)], "").await.error(406);
    }
    for accept in ["*/*", "application/*;q=0.1", "text/html, application/json", "application/vnd.x+json", ""] {
        platform.raw("GET", &format!("{API}/elements"), &[("accept", accept)], "").await.ok();
    }
    let body = platform.request("infobip", "x").to_string();
    for kind in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "jso"]
    {
        let headers = [("authorization", authorization.as_str()), ("content-type", kind)];
        platform.raw("POST", &path, &headers, body.clone()).await.error(415);
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json", ""] {
        let headers = [("authorization", authorization.as_str()), ("content-type", kind)];
        platform.raw("POST", &path, &headers, body.clone()).await.ok();
    }
    platform.raw("POST", &path, &[("authorization", &authorization)], body).await.ok();
}

#[tokio::test]
async fn probes_answer() {
    let platform = Platform::start().await;
    assert_eq!(platform.raw("GET", "/healthz", &[], "").await.ok(), json!({ "status": "ok" }));
    assert_eq!(platform.raw("GET", "/readyz", &[], "").await.ok(), json!({ "status": "ready" }));
    platform.app.close().await;
    platform.raw("GET", "/readyz", &[], "").await.error(503);
}
