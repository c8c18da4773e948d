//! Planted secrets must not be found: not in files, not in logs of any level, not in error answers.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::{
    harness::{Client, sandbox, set_fault},
    process::{ORGANIZATION, PASSWORD, Process, USER},
};

/// Every file below a directory, except the key file, whose purpose is to hold secrets.
pub(crate) fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| path.is_file() && path.file_name().is_some_and(|name| name != "keys"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("readable")))
        .collect()
}

pub(crate) fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn no_secret_is_found_in_files_logs_or_errors() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let (mut process, address) = Process::serve(data.path(), &[("LIGAND_LOG__LEVEL", "trace")]).await;
    let client = Client::new(address, format!("User {USER}, Organization {ORGANIZATION}"));
    let mut secrets = vec![USER.to_owned(), ORGANIZATION.to_owned(), PASSWORD.to_owned()];
    let mut errors = Vec::new();
    for (element, configuration) in sandbox.configurations() {
        let mut body = json!({ "element": { "key": element }, "configuration": configuration, "name": "n" });
        body["configuration"]["extra.secret"] = json!("planted-extra-secret");
        let made = client.send("POST", "/instances", Some(&body)).await.ok();
        assert!(!made.to_string().contains("planted-extra-secret"));
        secrets.push(made["token"].as_str().expect("a token").to_owned());
        let password = configuration.as_object().expect("an object").iter().find(|(key, _)| key.ends_with("password"));
        let (key, password) = password.expect("a password");
        let password = password.as_str().expect("a text");
        secrets.push(password.to_owned());
        body["configuration"][key] = json!("planted-wrong-password");
        errors.push(client.send("POST", "/instances", Some(&body)).await);
        body["configuration"][key] = json!(password);
        for fault in ["http500", "malformed", "forbidden", "disconnect", "redirect"] {
            set_fault(&sandbox, element, &json!({ "fault": fault, "times": 1 })).await;
            errors.push(client.send("POST", "/instances", Some(&body)).await);
        }
        let with_token = Client::new(address, format!("User {USER}, Element {}", secrets[secrets.len() - 2]));
        with_token.send("GET", "/instances/configuration", None).await.ok();
        errors.push(with_token.send("GET", "/hubs/crm/nothing", None).await);
    }
    secrets.extend(["planted-extra-secret", "planted-wrong-password", "eyJhbGciOi"].map(str::to_owned));
    let login = json!({ "username": "admin@ligand.local", "password": PASSWORD });
    let user = client.send("POST", "/authentication", Some(&login)).await.ok();
    secrets.push(user["token"].as_str().expect("a token").to_owned());
    errors.push(
        client
            .send("POST", "/authentication", Some(&json!({ "username": "x", "password": "planted-wrong-password" })))
            .await,
    );
    errors.push(
        Client::new(address, "User planted-wrong-password, Organization x".to_owned())
            .send("GET", "/instances", None)
            .await,
    );
    let stored = files(data.path());
    assert!(stored.iter().any(|(name, _)| name.ends_with("ligand.db")));
    process.terminate();
    assert!(process.end().await.success());
    let log = process.log.join("\n");
    assert!(log.lines().count() > 50, "the log has its trace lines");
    for secret in &secrets {
        for (name, bytes) in stored.iter().chain(&files(data.path())) {
            assert!(!holds(bytes, secret), "{secret} in {name}");
        }
        if let Some(line) = log.lines().find(|line| line.contains(secret.as_str())) {
            panic!("{secret} in the log: {line}");
        }
        for error in &errors {
            assert!(error.status.as_u16() >= 400, "{}", error.text);
            assert!(!error.text.contains(secret.as_str()), "{secret} in {}", error.text);
        }
    }
}
