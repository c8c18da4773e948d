//! Hostile requests on every route: never a 5xx, always the documented error, and the server goes on.

mod bodies;
mod requests;
mod unreadable;
mod values;

use serde_json::{Value, json};

use crate::harness::{Answer, Platform};

/// Every route: method and path, with `{id}` and `{entry}` for those of the victim.
pub(crate) const ROUTES: [(&str, &str); 44] = [
    ("POST", "/authentication"),
    ("GET", "/authentication/secrets"),
    ("GET", "/organizations/me"),
    ("GET", "/users/me"),
    ("GET", "/accounts/instances"),
    ("GET", "/accounts/1/instances"),
    ("GET", "/hubs"),
    ("GET", "/hubs/keys"),
    ("GET", "/hubs/crm"),
    ("GET", "/hubs/crm/elements"),
    ("GET", "/hubs/messaging/messages"),
    ("POST", "/hubs/messaging/messages"),
    ("GET", "/elements"),
    ("GET", "/elements/keys"),
    ("GET", "/elements/infobip"),
    ("GET", "/elements/infobip/configuration"),
    ("GET", "/elements/infobip/trace/1"),
    ("GET", "/instances"),
    ("POST", "/instances"),
    ("PUT", "/instances"),
    ("PATCH", "/instances"),
    ("GET", "/instances/count"),
    ("GET", "/instances/configuration"),
    ("GET", "/instances/configuration/{entry}"),
    ("PUT", "/instances/configuration/{entry}"),
    ("PATCH", "/instances/configuration/{entry}"),
    ("GET", "/instances/{id}"),
    ("PUT", "/instances/{id}"),
    ("PATCH", "/instances/{id}"),
    ("GET", "/instances/{id}/configuration"),
    ("GET", "/instances/{id}/configuration/{entry}"),
    ("PUT", "/instances/{id}/configuration/{entry}"),
    ("PATCH", "/instances/{id}/configuration/{entry}"),
    ("GET", "/elements/infobip/instances"),
    ("POST", "/elements/infobip/instances"),
    ("GET", "/elements/infobip/instances/{id}"),
    ("PUT", "/elements/infobip/instances/{id}"),
    ("PATCH", "/elements/infobip/instances/{id}"),
    ("PATCH", "/elements/infobip/instances/{id}/configuration/{entry}"),
    ("PUT", "/instances/{id}/enabled"),
    ("PUT", "/instances/enabled"),
    ("DELETE", "/instances/{id}/traceLogging"),
    ("PUT", "/instances/traceLogging"),
    ("DELETE", "/instances/traceLogging"),
];

/// A server with one instance that hostile requests aim at.
pub(crate) struct Victim {
    pub(crate) platform: Platform,
    pub(crate) instance: Value,
    pub(crate) entry: Value,
}

impl Victim {
    pub(crate) async fn start() -> Self {
        let platform = Platform::start().await;
        let instance = platform.provision("infobip", "victim").await;
        let entries = platform.get(&format!("/instances/{}/configuration", instance["id"])).await.ok();
        let sender = |entry: &&Value| entry["key"] == "messaging.sms.infobip.sender";
        let entry = entries.as_array().expect("a list").iter().find(sender).expect("an entry").clone();
        Self { platform, instance, entry }
    }

    pub(crate) fn authorization(&self) -> String {
        self.platform.with_token(self.instance["token"].as_str().expect("a token"))
    }

    /// A route's path below the host.
    pub(crate) fn path(&self, route: &str) -> String {
        let path = route.replace("{id}", &self.instance["id"].to_string());
        format!("{}{}", crate::harness::API, path.replace("{entry}", &self.entry["id"].to_string()))
    }

    pub(crate) async fn send(&self, method: &str, route: &str, body: impl Into<bytes::Bytes>) -> Answer {
        let authorization = self.authorization();
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        self.platform.raw(method, &self.path(route), &headers, body).await
    }

    /// The server still does its work, and nothing happened to the instance.
    pub(crate) async fn assert_unharmed(&self) {
        let id = &self.instance["id"];
        assert_eq!(self.platform.get(&format!("/instances/{id}")).await.ok(), self.instance);
        self.platform.provision("servicecloud", "afterwards").await;
        assert_eq!(self.platform.raw("GET", "/healthz", &[], "").await.ok(), json!({ "status": "ok" }));
    }
}

/// Whether a route reads a JSON object from its body.
pub(crate) fn reads_body(method: &str, route: &str) -> bool {
    ["POST", "PUT", "PATCH"].contains(&method)
        && !route.starts_with("/hubs")
        && !route.ends_with("enabled")
        && !route.ends_with("traceLogging")
}

/// Some answer of the documented form, not the server's fault.
#[track_caller]
pub(crate) fn documented(answer: &Answer, what: &str) {
    let shown: String = what.chars().take(200).collect();
    assert!(answer.status.as_u16() < 500, "{shown}: {} {}", answer.status, answer.text);
    let id = answer.header("elements-request-id");
    assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}: {id}");
    if answer.status.as_u16() >= 400 {
        assert_eq!(answer.header("content-type"), "application/json;charset=UTF-8", "{shown}");
        let body = answer.json();
        assert_eq!(body["requestId"], id, "{shown}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{shown}: {body}");
        let members = body.as_object().expect("an object").keys();
        assert!(
            members.into_iter().all(|name| ["requestId", "message", "providerMessage"].contains(&&**name)),
            "{body}"
        );
        for inner in ["panicked", "sqlx", "SQLITE", "src/", ".rs:"] {
            assert!(!answer.text.contains(inner), "{shown}: {}", answer.text);
        }
    }
}
