//! Tokens, codes, proof keys and client secrets are found nowhere but where they belong.

use serde_json::json;
use tempfile::TempDir;

use super::{CATALOG, configuration, connected, creation, expire, granted, parameter};
use crate::{
    harness::{Client, sandbox},
    leaks::{files, holds},
    process::{ORGANIZATION, Process, USER},
};

#[tokio::test]
async fn no_token_is_found_in_files_logs_or_errors() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let variables = [("LIGAND_LOG__LEVEL", "trace"), ("LIGAND_CATALOG__DIRECTORIES", CATALOG)];
    let (mut process, address) = Process::serve(data.path(), &variables).await;
    let own = format!("User {USER}, Organization {ORGANIZATION}");
    let client = Client::new(address, own.clone());
    let secret = configuration(&sandbox, "fernhill")["oauth.api.secret"].as_str().expect("a secret").to_owned();
    let mut secrets = vec![secret, "planted-wrong-code".to_owned(), "planted-wrong-secret".to_owned()];
    let mut errors = Vec::new();
    let code = parameter(&granted(&client, &sandbox, json!({})).await, "code");
    let mut body = creation(&sandbox, &code);
    body["configuration"]["oauth.api.secret"] = json!("planted-wrong-secret");
    errors.push(client.send("POST", "/instances", Some(&body)).await);
    errors.push(client.send("POST", "/instances", Some(&creation(&sandbox, "planted-wrong-code"))).await);
    secrets.push(code);
    let instance = connected(&client, &sandbox).await;
    let path = format!("/instances/{}", instance["id"]);
    let with_token = Client::new(address, format!("{own}, Element {}", instance["token"].as_str().expect("a token")));
    for _ in 0..2 {
        let now = client.send("GET", &path, None).await.ok();
        for key in ["oauth.user.token", "oauth.user.refresh_token"] {
            secrets.push(now["configuration"][key].as_str().expect("a token").to_owned());
        }
        let overdue = json!({ "configuration": { "oauth.user.refresh_time": "1000" } });
        client.send("PATCH", &path, Some(&overdue)).await.ok();
        expire(&sandbox).await;
        with_token.send("GET", "/hubs/crm/contacts", None).await.ok();
    }
    super::vendor(&sandbox, "DELETE", "/_sandbox/fernhill/grants", None).await;
    client.send("PATCH", &path, Some(&json!({ "configuration": { "oauth.user.refresh_time": "1000" } }))).await.ok();
    errors.push(with_token.send("GET", "/hubs/crm/contacts", None).await);
    client.send("DELETE", &path, None).await.ok();
    process.terminate();
    assert!(process.end().await.success());
    for secret in &secrets {
        for answer in &errors {
            assert!(!answer.text.contains(secret), "{secret} in {}", answer.text);
        }
        for line in &process.log {
            assert!(!line.contains(secret), "{secret} in the log: {line}");
        }
        for (file, bytes) in files(data.path()) {
            assert!(!holds(&bytes, secret), "{secret} in {file}");
        }
    }
}
