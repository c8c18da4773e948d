//! How instances prove themselves: users' elements with signatures, keys and certificates, against a sandbox that verifies
//! them.

mod tokens;

use std::sync::Arc;

use ligand_domain::{Clock as _, SystemClock};
use ligand_sandbox::Sandbox;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::harness::{Answer, Platform};

/// A platform that may call the whole machine, and a sandbox with the same time.
async fn started() -> (Platform, Sandbox) {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
    let clock: ligand_sandbox::Clock = Arc::new(|| {
        let seconds = SystemClock.now().as_millis() / 1000;
        OffsetDateTime::from_unix_timestamp(seconds).expect("a moment")
    });
    let sandbox = ligand_sandbox::start(ligand_sandbox::Options::new(clock)).await.expect("a sandbox");
    (platform, sandbox)
}

/// An element over the doors of Stonecrop.
fn definition(name: &str, authentication: &Value, door: &str) -> Value {
    json!({
        "name": name, "hub": "general", "authentication": authentication,
        "configuration": [{ "key": "base.url" }],
        "resources": [
            { "path": "/notes", "method": "GET", "vendorPath": format!("/{door}/notes"), "parameters": [
                { "name": "text", "type": "query", "vendorName": "text", "vendorType": "query" }] },
            { "path": "/notes/{id}", "method": "GET", "vendorPath": format!("/{door}/notes/{{id}}") },
            { "path": "/notes", "method": "POST", "vendorPath": format!("/{door}/notes"), "parameters": [
                { "name": "body", "type": "body", "vendorName": "body", "vendorType": "body" }] },
        ],
    })
}

/// The sandbox's configuration for Stonecrop, some of it changed.
fn configuration(sandbox: &Sandbox, changes: &[(&str, &str)]) -> Value {
    let mut found = sandbox.proven_configuration();
    for (key, value) in changes {
        found[*key] = json!(value);
    }
    found
}

async fn instance(platform: &Platform, element: &Value, configuration: &Value) -> Answer {
    let path = format!("/elements/{}/instances", element["key"].as_str().expect("a key"));
    platform.post(&path, &json!({ "name": "n", "configuration": configuration })).await
}

/// Calls the hub as an instance.
struct Caller<'p> {
    platform: &'p Platform,
    authorization: String,
}

impl<'p> Caller<'p> {
    async fn of(platform: &'p Platform, element: &Value, configuration: &Value) -> Self {
        let made = instance(platform, element, configuration).await.ok();
        Self { platform, authorization: platform.with_token(made["token"].as_str().expect("a token")) }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.platform.send_as(&self.authorization, method, &format!("/hubs/general{path}"), body).await
    }

    /// Reads, searches and writes, with everything that is hard to sign.
    async fn works(&self) {
        let listed = self.send("GET", "/notes", None).await.ok();
        assert_eq!(listed.as_array().expect("a list").len(), 2, "{listed}");
        let text = "a b+c/%26 ~*'é=&?#";
        let made = self.send("POST", "/notes", Some(&json!({ "text": text }))).await.ok();
        assert_eq!(made, json!({ "id": 3, "text": text }));
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let found = self.send("GET", &format!("/notes?text={query}"), None).await.ok();
        assert_eq!(found, json!([made]));
        assert_eq!(self.send("GET", "/notes/3", None).await.ok(), made);
        let strange = self.send("GET", "/notes/a%2Fb%20c%3A", None).await;
        assert_eq!(strange.error(404), "Not found");
    }
}

#[tokio::test]
async fn version_4_of_amazon_s_signature() {
    let (platform, sandbox) = started().await;
    let element =
        platform.make(&definition("Signed 4", &json!({ "type": "awsv4", "service": "stonecrop" }), "signed")).await;
    let asked: Vec<&str> =
        element["configuration"].as_array().expect("entries").iter().filter_map(|it| it["key"].as_str()).collect();
    assert!(["aws.api.key", "aws.api.secret", "aws.region"].iter().all(|key| asked.contains(key)), "{asked:?}");
    let right = configuration(&sandbox, &[]);
    let made = instance(&platform, &element, &right).await.ok();
    assert_eq!(made["configuration"]["aws.api.secret"], "********");
    assert_eq!(made["configuration"]["aws.api.key"], right["aws.api.key"]);
    Caller::of(&platform, &element, &right).await.works().await;

    let missing = instance(&platform, &element, &configuration(&sandbox, &[("aws.region", "")])).await;
    assert!(missing.error(400).contains("aws.region"));
    for (key, wrong) in
        [("aws.api.secret", "planted-secret"), ("aws.api.key", "AKIAOTHER"), ("aws.region", "us-east-1")]
    {
        let caller = Caller::of(&platform, &element, &configuration(&sandbox, &[(key, wrong)])).await;
        let refused = caller.send("GET", "/notes", None).await;
        assert!(!refused.text.contains("planted-secret"), "{}", refused.text);
        assert_eq!(refused.error(403), "Forbidden", "{key}");
    }
    // A signature is valid for minutes only: a platform whose clock is an hour late proves nothing.
    let caller = Caller::of(&platform, &element, &right).await;
    platform.pass(std::time::Duration::from_secs(3600));
    let late = caller.send("GET", "/notes", None).await;
    assert!(late.text.contains("too far"), "{}", late.text);
}

#[tokio::test]
async fn storage_takes_files_and_both_versions() {
    let (platform, sandbox) = started().await;
    for kind in ["awsv4", "awsv2"] {
        let element = platform
            .make(&json!({
                "name": format!("Storage {kind}"), "hub": "general",
                "authentication": { "type": kind, "service": "s3" }, "configuration": [{ "key": "base.url" }],
                "resources": [
                    { "path": "/files", "method": "GET", "vendorPath": "/storage", "rootKey": "|contents",
                        "parameters": [{ "name": "prefix", "type": "query", "vendorName": "prefix", "vendorType": "query" }] },
                    { "path": "/files/{name}", "method": "GET", "vendorPath": "/storage/{name}",
                        "response": { "contentType": "application/octet-stream" } },
                    { "path": "/files/{name}", "method": "DELETE", "vendorPath": "/storage/{name}" },
                    { "path": "/files/{name}", "method": "PUT", "vendorPath": "/storage/{name}", "parameters": [
                        { "name": "file", "type": "multipart", "vendorName": "body", "vendorType": "body" },
                        { "name": "application/octet-stream", "type": "value", "vendorName": "Content-Type", "vendorType": "header" }] },
                ],
            }))
            .await;
        let caller = Caller::of(&platform, &element, &configuration(&sandbox, &[])).await;
        let name = format!("{kind}%20%2B%20%C3%A9%24.bin");
        let form =
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nbytes of a file\r\n--b--\r\n";
        let headers =
            [("authorization", caller.authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
        let path = format!("/elements/api-v2/hubs/general/files/{name}");
        let put = platform.raw("PUT", &path, &headers, form).await;
        assert_eq!(put.status, 200, "{kind}: {}", put.text);
        let listed = caller.send("GET", &format!("/files?prefix={kind}"), None).await.ok();
        assert_eq!(listed, json!([{ "key": format!("{kind} + é$.bin"), "size": 15 }]), "{kind}");
        let got = caller.send("GET", &format!("/files/{name}"), None).await;
        assert_eq!((got.status.as_u16(), got.text.as_str()), (200, "bytes of a file"), "{kind}");
        assert_eq!(caller.send("DELETE", &format!("/files/{name}"), None).await.status, 200);
        let gone = caller.send("GET", &format!("/files/{name}"), None).await;
        assert_eq!(gone.status, 404, "{kind}");
    }
}

#[tokio::test]
async fn version_2_in_queries_and_forms() {
    let (platform, sandbox) = started().await;
    let action =
        |name: &str, kind: &str| json!({ "name": name, "type": "value", "vendorName": "Action", "vendorType": kind });
    let element = platform
        .make(&json!({
            "name": "Signed 2", "hub": "general", "authentication": { "type": "awsv2" },
            "configuration": [{ "key": "base.url" }],
            "resources": [
                { "path": "/notes", "method": "GET", "vendorPath": "/query", "parameters": [action("ListNotes", "query")] },
                { "path": "/notes", "method": "POST", "vendorPath": "/query", "parameters": [action("AddNote", "form"),
                    { "name": "text", "type": "bodyField", "vendorName": "Text", "vendorType": "form" }] },
            ],
        }))
        .await;
    let caller = Caller::of(&platform, &element, &configuration(&sandbox, &[])).await;
    assert_eq!(caller.send("GET", "/notes", None).await.ok()[1]["text"], "Prune in spring");
    let text = "a b+c/%26 ~*'é=&";
    let made = caller.send("POST", "/notes", Some(&json!({ "text": text }))).await.ok();
    assert_eq!(made["text"], text);
    let wrong =
        Caller::of(&platform, &element, &configuration(&sandbox, &[("aws.api.secret", "planted-secret")])).await;
    let refused = wrong.send("GET", "/notes", None).await;
    assert!(!refused.text.contains("planted"), "{}", refused.text);
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn api_keys_in_headers_and_in_the_query() {
    let (platform, sandbox) = started().await;
    let mut definition = definition("Keyed", &json!({ "type": "apiKey" }), "keyed");
    let entries = definition["configuration"].as_array_mut().expect("entries");
    entries.push(json!({ "key": "stonecrop.key", "name": "Key", "type": "PASSWORD", "required": true }));
    entries.push(json!({ "key": "stonecrop.account", "name": "Account", "required": true }));
    definition["parameters"] = json!([
        { "name": "stonecrop.key", "type": "configuration", "vendorName": "X-Api-Key", "vendorType": "header" },
        { "name": "stonecrop.account", "type": "configuration", "vendorName": "account", "vendorType": "query" },
    ]);
    let element = platform.make(&definition).await;
    let right = configuration(&sandbox, &[]);
    let made = instance(&platform, &element, &right).await.ok();
    assert_eq!(made["configuration"]["stonecrop.key"], "********");
    Caller::of(&platform, &element, &right).await.works().await;
    let caller = Caller::of(&platform, &element, &configuration(&sandbox, &[("stonecrop.key", "planted-key")])).await;
    let refused = caller.send("GET", "/notes", None).await;
    assert!(!refused.text.contains("planted"), "{}", refused.text);
    assert_eq!(refused.error(401), "Unauthorized");
    let caller = Caller::of(&platform, &element, &configuration(&sandbox, &[("stonecrop.key", "two\nlines")])).await;
    assert!(caller.send("GET", "/notes", None).await.error(400).contains("stonecrop.key"));
}

#[tokio::test]
async fn certificates_that_cannot_work_are_refused_when_the_instance_is_made() {
    let (platform, sandbox) = started().await;
    let element = platform.make(&definition("Certified", &json!({ "type": "none" }), "keyed")).await;
    let planted = "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----";
    for (changes, told) in [
        (vec![("tls.client.key", planted)], "tls.client.certificate"),
        (vec![("tls.client.certificate", "planted"), ("tls.client.key", planted)], "tls.client.certificate"),
        (vec![("tls.ca.certificates", "planted")], "tls.ca.certificates"),
        (vec![("base64.encoded.jks", "cGxhbnRlZA=="), ("jks.password", "planted")], "base64.encoded.jks"),
    ] {
        let answer = instance(&platform, &element, &configuration(&sandbox, &changes)).await;
        assert!(!answer.text.contains("planted"), "{}", answer.text);
        assert!(answer.error(400).contains(told));
    }
    assert_eq!(platform.instance_count().await, 0);
    let made = instance(&platform, &element, &configuration(&sandbox, &[])).await.ok();
    let path = format!("/instances/{}", made["id"]);
    let body = json!({ "configuration": { "tls.client.key": planted } });
    let changed = platform.send("PATCH", &path, Some(&body)).await;
    assert!(changed.error(400).contains("tls.client.certificate"));
    assert_eq!(platform.get(&path).await.ok()["configuration"].get("tls.client.key"), None);
}

#[tokio::test]
async fn private_keys_are_masked_in_answers() {
    let (platform, sandbox) = started().await;
    let element = platform.make(&definition("Masked", &json!({ "type": "none" }), "keyed")).await;
    let planted = [("oauth.jwt.key", "planted"), ("aws.session.token", "planted"), ("jks.password", "planted")];
    let made = instance(&platform, &element, &configuration(&sandbox, &planted)).await;
    assert!(!made.text.contains("planted"), "{}", made.text);
    let listed = platform.get("/instances").await;
    assert!(!listed.text.contains("planted"), "{}", listed.text);
}
