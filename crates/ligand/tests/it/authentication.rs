//! The Authorization header, login, and what both open.

use serde_json::json;

use crate::harness::{API, EMAIL, PASSWORD, Platform};

#[tokio::test]
async fn every_documented_header_form_opens_the_api() {
    let platform = Platform::start().await;
    let (user, organization) = (&platform.user, &platform.organization);
    for header in [
        format!("User {user}, Organization {organization}"),
        format!("Organization {organization}, User {user}"),
        format!("user {user},organization {organization}"),
        format!("  USER   {user}  ,  ORGANIZATION\t{organization}  "),
        format!("User: {user}, Organization: {organization}"),
        format!("User {user}, Organization {organization}, Element unknown"),
        format!("Digest x, User {user}, Organization {organization}, User other"),
    ] {
        let me = platform.send_as(&header, "GET", "/organizations/me", None).await.ok();
        assert_eq!(me["secret"], platform.organization.as_str(), "{header}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_401_on_every_protected_route() {
    let platform = Platform::start().await;
    let (user, organization) = (&platform.user, &platform.organization);
    let headers = [
        String::new(),
        "Basic dTpw".to_owned(),
        format!("User {user}"),
        format!("Organization {organization}"),
        "Element abc".to_owned(),
        format!("User {organization}, Organization {user}"),
        format!("User {user}x, Organization {organization}"),
        format!("User {user}, Organization {organization}0"),
        format!("User {user} Organization {organization}"),
        format!("User {user}, Element abc"),
        "Bearer abc".to_owned(),
        format!("User %2B{user}, Organization {organization}"),
    ];
    let routes = [
        ("GET", "/instances"),
        ("POST", "/instances"),
        ("PUT", "/instances/1"),
        ("PATCH", "/instances/1"),
        ("DELETE", "/instances/1"),
        ("GET", "/instances/1"),
        ("GET", "/instances/count"),
        ("GET", "/instances/1/configuration"),
        ("GET", "/instances/1/configuration/1"),
        ("PATCH", "/instances/1/configuration/1"),
        ("PUT", "/instances/1/enabled"),
        ("DELETE", "/instances/1/enabled"),
        ("PUT", "/instances/1/traceLogging"),
        ("GET", "/elements/servicecloud/instances"),
        ("POST", "/elements/servicecloud/instances"),
        ("GET", "/elements/servicecloud/configuration"),
        ("GET", "/organizations/me"),
        ("GET", "/users/me"),
        ("GET", "/accounts/instances"),
        ("GET", "/accounts/1/instances"),
        ("GET", "/authentication/secrets"),
        ("GET", "/hubs/crm/contacts"),
    ];
    for (method, path) in routes {
        platform.raw(method, &format!("{API}{path}"), &[], "").await.error(401);
        for header in &headers {
            let answer = platform.raw(method, &format!("{API}{path}"), &[("authorization", header)], "{").await;
            let text = answer.error(401);
            assert!(!text.contains(user.as_str()) && !text.contains(organization.as_str()), "{text}");
        }
    }
}

#[tokio::test]
async fn public_routes_need_no_header_but_check_one() {
    let platform = Platform::start().await;
    for path in [
        "/elements",
        "/elements/keys",
        "/elements/servicecloud",
        "/hubs",
        "/hubs/keys",
        "/hubs/crm",
        "/hubs/crm/elements",
    ] {
        let path = format!("{API}{path}");
        platform.raw("GET", &path, &[], "").await.ok();
        platform.raw("GET", &path, &[("authorization", &platform.authorization())], "").await.ok();
        platform.raw("GET", &path, &[("authorization", "User a, Organization b")], "").await.error(401);
    }
}

#[tokio::test]
async fn login_gives_a_bearer_token_that_leads_to_the_secrets() {
    let platform = Platform::start().await;
    let login = json!({ "username": EMAIL, "password": PASSWORD });
    let user = platform.raw("POST", &format!("{API}/authentication"), &[("Source", "x")], login.to_string()).await.ok();
    let token = user["token"].as_str().expect("a token");
    assert!(token.len() >= 200);
    assert_eq!((user["username"].as_str(), user["sysAdmin"].as_bool()), (Some(EMAIL), Some(true)));
    assert_eq!((user["organizationAdmin"].as_bool(), user["twoFactor"].as_bool()), (Some(true), Some(false)));
    let privileges: Vec<&str> = user["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .flat_map(|role| role["privileges"].as_array().expect("privileges"))
        .filter_map(|privilege| privilege["key"].as_str())
        .collect();
    assert!(privileges.contains(&"customer-admin") && privileges.contains(&"vdrAdmin"));
    let bearer = format!("Bearer {token}");
    let secrets = platform.send_as(&bearer, "GET", "/authentication/secrets", None).await.ok();
    assert_eq!(secrets, json!({ "userSecret": platform.user, "organizationSecret": platform.organization }));
    platform.send_as(&format!("{bearer}, User x, Organization y"), "GET", "/organizations/me", None).await.ok();
    let me = platform.send_as(&bearer, "GET", "/users/me", None).await.ok();
    assert_ne!(me["lastLoginDate"], "1970-01-01");
    platform
        .raw("GET", &format!("{API}/elements?Bearer={token}"), &[("authorization", "Bearer x")], "")
        .await
        .error(401);
}

#[tokio::test]
async fn a_wrong_login_tells_nothing_and_is_throttled() {
    let platform = Platform::start().await;
    let attempt = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password }).to_string();
        platform.raw("POST", &format!("{API}/authentication"), &[], body).await
    };
    let (unknown, wrong) = (attempt("nobody@example.com", "x").await.error(401), attempt(EMAIL, "x").await.error(401));
    assert_eq!(unknown, wrong);
    for _ in 0..9 {
        attempt(EMAIL, "x").await.error(401);
    }
    let throttled = attempt(EMAIL, PASSWORD).await;
    assert!(throttled.header("retry-after").parse::<u64>().is_ok());
    throttled.error(429);
    for body in ["{}", r#"{"username": "a"}"#, r#"{"username": 1, "password": {}}"#] {
        let text = platform.raw("POST", &format!("{API}/authentication"), &[], body).await.error(400);
        assert!(text.contains("password"), "{text}");
    }
}

#[tokio::test]
async fn a_rate_of_calls_is_kept_when_configured() {
    let platform = Platform::with(&[("limits__calls_per_second", "3")]).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(platform.get("/organizations/me").await);
    }
    let refused = statuses.into_iter().find(|answer| answer.status == 429).expect("one too many");
    assert_eq!(refused.header("retry-after"), "1");
    refused.error(429);
}
