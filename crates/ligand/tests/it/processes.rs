//! The program as a user runs it: first start, signals, kill, commands, configuration.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    harness::{Client, sandbox},
    process::{ORGANIZATION, PASSWORD, Process, USER, run},
};

fn client(address: std::net::SocketAddr) -> Client {
    Client::new(address, format!("User {USER}, Organization {ORGANIZATION}"))
}

fn request(sandbox: &ligand_sandbox::Sandbox, element: &str, name: &str) -> Value {
    let all = sandbox.configurations();
    let configuration = all.into_iter().find(|(key, _)| *key == element).expect("an element").1;
    json!({ "element": { "key": element }, "configuration": configuration, "name": name })
}

#[tokio::test]
async fn a_kill_loses_no_acknowledged_instance_and_leaves_none_half_made() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let mut acknowledged: BTreeMap<i64, String> = BTreeMap::new();
    for round in 0..4 {
        let (mut process, address) = Process::serve(data.path(), &[]).await;
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        for worker in 0..6 {
            let (client, sender) = (client(address), sender.clone());
            let body = request(&sandbox, "infobip", &format!("r{round}w{worker}"));
            tokio::spawn(async move {
                while let Ok(answer) = client.try_send("POST", "/instances", Some(&body)).await {
                    let made = answer.ok();
                    let token = made["token"].as_str().expect("a token").to_owned();
                    if sender.send((made["id"].as_i64().expect("an id"), token)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for _ in 0..25 + round * 7 {
            let (id, token) = receiver.recv().await.expect("instances are made");
            acknowledged.insert(id, token);
        }
        process.child.kill().await.expect("it can be killed");
        while let Some((id, token)) = receiver.recv().await {
            acknowledged.insert(id, token);
        }
    }
    let (_process, address) = Process::serve(data.path(), &[]).await;
    let listed = client(address).send("GET", "/instances?pageSize=2000", None).await.ok();
    let listed: BTreeMap<i64, String> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| (item["id"].as_i64().expect("an id"), item["token"].as_str().expect("a token").to_owned()))
        .collect();
    for (id, token) in &acknowledged {
        assert_eq!(listed.get(id), Some(token), "instance {id} was acknowledged");
    }
    let ids: Vec<i64> = listed.keys().copied().collect();
    let consecutive: Vec<i64> = (1..=i64::try_from(ids.len()).expect("few")).collect();
    assert_eq!(ids, consecutive, "no number is used up");
    for token in listed.values() {
        let authorization = format!("User {USER}, Organization {ORGANIZATION}, Element {token}");
        Client::new(address, authorization).send("GET", "/instances/configuration", None).await.ok();
    }
}

#[tokio::test]
async fn sigterm_lets_requests_in_progress_finish() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let (mut process, address) = Process::serve(data.path(), &[]).await;
    crate::harness::set_fault(&sandbox, "infobip", &json!({ "fault": "slow", "delayMillis": 700, "times": 1 })).await;
    let (client, body) = (client(address), request(&sandbox, "infobip", "in progress"));
    let pending = tokio::spawn(async move { client.send("POST", "/instances", Some(&body)).await });
    crate::harness::fault_was_met(&sandbox, "infobip").await;
    process.terminate();
    assert_eq!(pending.await.expect("no panic").ok()["name"], "in progress");
    assert!(process.end().await.success());
    assert!(process.log.iter().any(|line| line.contains("\"stopped\"")), "{:?}", process.log);
}

#[tokio::test]
async fn the_first_start_shows_the_secrets_once() {
    let data = TempDir::new().expect("a directory");
    let (mut process, _) = Process::serve(data.path(), &[]).await;
    process.terminate();
    assert!(process.end().await.success());
    let mut shown = String::new();
    while let Some(line) = process.stdout.recv().await {
        shown.push_str(&line);
    }
    assert!(shown.contains(USER) && shown.contains(ORGANIZATION) && shown.contains("(as configured)"), "{shown}");
    let (mut again, _) = Process::serve(data.path(), &[]).await;
    again.terminate();
    assert!(again.end().await.success());
    assert_eq!(again.stdout.recv().await, None);
    let (ok, secrets, _) = run(&["secrets", "--json", "--data", &data.path().display().to_string()], &[]).await;
    let secrets: Value = serde_json::from_str(&secrets).expect("JSON");
    assert!(ok);
    assert_eq!(
        (secrets["userSecret"].as_str(), secrets["organizationSecret"].as_str()),
        (Some(USER), Some(ORGANIZATION))
    );
}

#[tokio::test]
async fn a_data_directory_has_one_server() {
    let data = TempDir::new().expect("a directory");
    let (mut process, _) = Process::serve(data.path(), &[]).await;
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", &data.path().display().to_string()];
    let (ok, _, complaint) = run(&arguments, &[]).await;
    assert!(!ok && complaint.contains("another ligand holds"), "{complaint}");
    process.child.kill().await.expect("it can be killed");
    Process::serve(data.path(), &[]).await;
}

#[tokio::test]
async fn keys_rotate_under_a_running_server() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let directory = data.path().display().to_string();
    let (mut process, address) = Process::serve(data.path(), &[]).await;
    let client = client(address);
    let first = client.send("POST", "/instances", Some(&request(&sandbox, "actpremium", "before"))).await.ok();
    for _ in 0..3 {
        let (ok, said, complaint) = run(&["keys", "rotate", "--data", &directory], &[]).await;
        assert!(ok, "{said}{complaint}");
        client.send("POST", "/instances", Some(&request(&sandbox, "infobip", "between"))).await.ok();
        client.send("GET", &format!("/instances/{}", first["id"]), None).await.ok();
        client.send("PATCH", &format!("/instances/{}", first["id"]), Some(&json!({ "name": "after" }))).await.ok();
    }
    process.child.kill().await.expect("it can be killed");
    let (_process, address) = Process::serve(data.path(), &[]).await;
    let token = first["token"].as_str().expect("a token");
    let with_token = Client::new(address, format!("User {USER}, Organization {ORGANIZATION}, Element {token}"));
    with_token.send("GET", "/instances/configuration", None).await.ok();
    let login = json!({ "username": "admin@ligand.local", "password": PASSWORD });
    with_token.send("POST", "/authentication", Some(&login)).await.ok();
}

#[tokio::test]
async fn a_wrong_configuration_is_named_and_nothing_starts() {
    let data = TempDir::new().expect("a directory");
    let directory = data.path().display().to_string();
    let file = data.path().join("ligand.toml");
    for (variable, value, named) in [
        ("LIGAND_SERVER__LISTENN", "x", "listenn"),
        ("LIGAND_NOSUCH__KEY", "x", "nosuch"),
        ("LIGAND_SERVER__LISTEN", "nowhere", "server.listen"),
        ("LIGAND_EGRESS__ALLOW", "10.0.0.0/99", "10.0.0.0/99"),
        ("LIGAND_LIMITS__BODY_BYTES", "0", "limits.body_bytes"),
        ("LIGAND_BOOTSTRAP__USER_SECRET", "short", "bootstrap.user_secret"),
        ("LIGAND_WHITE_LABEL__NOUN", "element", "white_label"),
        ("LIGAND_LOG__LEVEL", "a=b=c", "log.level"),
    ] {
        let (ok, _, complaint) = run(&["serve", "--data", &directory], &[(variable, value)]).await;
        assert!(!ok && complaint.to_lowercase().contains(named), "{variable}: {complaint}");
    }
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\nlisten2 = 1\n").expect("written");
    let (ok, _, complaint) = run(&["config", "check", "--config", &file.display().to_string()], &[]).await;
    assert!(!ok && complaint.contains("listen2"), "{complaint}");
    let (ok, _, complaint) = run(&["secrets", "--data", "/nonexistent"], &[]).await;
    assert!(!ok && complaint.contains("serve"), "{complaint}");
    assert!(!data.path().join("ligand.db").exists());
}

#[tokio::test]
async fn the_printed_defaults_are_a_configuration() {
    let data = TempDir::new().expect("a directory");
    let (ok, defaults, _) = run(&["config", "default"], &[]).await;
    assert!(ok);
    let file = data.path().join("ligand.toml");
    std::fs::write(&file, defaults).expect("written");
    let (ok, said, complaint) = run(&["config", "check", "--config", &file.display().to_string()], &[]).await;
    assert!(ok && said.contains("in order"), "{complaint}");
    let (ok, said, _) = run(&["doctor", "--data", &data.path().display().to_string()], &[]).await;
    assert!(ok && said.lines().all(|line| line.starts_with("ok")), "{said}");
    let (ok, version, _) = run(&["--version"], &[]).await;
    assert!(ok && version.starts_with("ligand "));
}

const WIDGET: &str = "name: Widget\nhub: general\ndescription: A vendor of our own\nauthentication: { type: basic }\n\
                      configuration:\n  - { key: base.url, name: Base URL, defaultValue: \"https://widget.example\" }\n";

fn write_element(root: &Path, key: &str, text: &str) {
    std::fs::create_dir_all(root.join(key)).expect("made");
    std::fs::write(root.join(key).join("element.yaml"), text).expect("written");
}

#[tokio::test]
async fn a_catalog_directory_adds_elements() {
    let (data, catalog) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    write_element(catalog.path(), "widget", WIDGET);
    let directories = [("LIGAND_CATALOG__DIRECTORIES", catalog.path().to_str().expect("UTF-8"))];
    let (_process, address) = Process::serve(data.path(), &directories).await;
    let client = client(address);
    let element = client.send("GET", "/elements/widget", None).await.ok();
    assert!(element["id"].as_i64().is_some_and(|id| id > 100_000), "{element}");
    let body =
        json!({ "element": { "key": "widget" }, "name": "w", "configuration": { "username": "u", "password": "p" } });
    let made = client.send("POST", "/instances", Some(&body)).await.ok();
    assert_eq!(made["configuration"]["password"], "********");
}

#[tokio::test]
async fn a_broken_catalog_is_reported_whole_with_places() {
    let (data, catalog) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let data = data.path().display().to_string();
    write_element(
        catalog.path(),
        "broken",
        "name: Broken\nnonsense: 1\nauthentication: { type: magic }\nresources: 7\n",
    );
    write_element(catalog.path(), "worse", "name: [\n");
    let directory = catalog.path().display().to_string();
    let (ok, _, complaint) = run(&["serve", "--data", &data, "--catalog", &directory], &[]).await;
    assert!(!ok);
    for named in ["broken/element.yaml:2:", "broken/element.yaml:3:", "broken/element.yaml:4:", "worse/element.yaml:"] {
        assert!(complaint.contains(named), "{named} in {complaint}");
    }
    let (ok, _, complaint) = run(&["config", "check", "--catalog", "/nonexistent"], &[]).await;
    assert!(!ok && complaint.contains("/nonexistent"), "{complaint}");
}

#[tokio::test]
async fn the_sandbox_prints_configurations_for_scripts() {
    let mut process = Process::start(&["sandbox", "--listen", "127.0.0.1:0", "--json"], &[]);
    let line = process.stdout.recv().await.expect("a line");
    let all: Value = serde_json::from_str(&line).expect("JSON");
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        assert!(all[key]["configuration"].is_object(), "{line}");
    }
    process.terminate();
    assert!(process.end().await.success());
}

#[tokio::test]
async fn the_demo_shows_four_instances_and_commands_that_work() {
    let mut process = Process::start(&["demo", "--listen", "127.0.0.1:0"], &[]);
    let mut shown = Vec::new();
    while let Some(line) = process.stdout.recv().await {
        let last = line.contains("Ctrl-C stops the demo");
        shown.push(line);
        if last {
            break;
        }
    }
    let text = shown.join("\n");
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        assert!(text.contains(&format!("\"key\": \"{key}\"")), "{text}");
    }
    // Four instances, and the steps through their hubs.
    assert_eq!(text.matches("200 OK").count(), 25, "{text}");
    let commands: Vec<&String> = shown.iter().filter(|line| line.starts_with("curl ")).collect();
    assert!(commands.len() >= 24, "{text}");
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: the demo's commands are not run, there is no curl");
        return;
    }
    for command in commands {
        let command = command.replace("curl ", "curl -s -w '\\n%{http_code}\\n' ");
        let output = tokio::process::Command::new("sh").args(["-c", &command]).output().await.expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wanted = if command.contains("\":\"wrong\"") { "401" } else { "200" };
        assert_eq!(said.lines().last(), Some(wanted), "{command}\n{said}");
    }
    process.terminate();
    assert!(process.end().await.success());
}

#[tokio::test]
async fn a_missing_key_file_is_said_and_not_replaced() {
    let data = TempDir::new().expect("a directory");
    let directory = data.path().display().to_string();
    let (mut process, _) = Process::serve(data.path(), &[]).await;
    process.terminate();
    assert!(process.end().await.success());
    std::fs::remove_file(data.path().join("keys")).expect("removed");
    let (ok, said, _) = run(&["doctor", "--data", &directory], &[]).await;
    assert!(!ok && said.contains("FAIL  database") && said.contains("missing"), "{said}");
    let (ok, _, complaint) = run(&["serve", "--listen", "127.0.0.1:0", "--data", &directory], &[]).await;
    assert!(!ok && complaint.contains("restore your copy"), "{complaint}");
    assert!(!data.path().join("keys").exists(), "a new key file would only mislead");
}

#[tokio::test]
async fn an_instance_outlives_its_element_and_can_still_be_deleted() {
    let (data, catalog) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    write_element(catalog.path(), "widget", WIDGET);
    let directories = [("LIGAND_CATALOG__DIRECTORIES", catalog.path().to_str().expect("UTF-8"))];
    let (mut process, address) = Process::serve(data.path(), &directories).await;
    let body =
        json!({ "element": { "key": "widget" }, "name": "w", "configuration": { "username": "u", "password": "p" } });
    let made = client(address).send("POST", "/instances", Some(&body)).await.ok();
    process.terminate();
    assert!(process.end().await.success());
    let (_process, address) = Process::serve(data.path(), &[]).await;
    let path = format!("/instances/{}", made["id"]);
    client(address).send("GET", &path, None).await.error(404);
    client(address).send("GET", "/instances", None).await.error(404);
    client(address).send("DELETE", &path, None).await.ok();
    client(address).send("DELETE", &path, None).await.error(404);
}
