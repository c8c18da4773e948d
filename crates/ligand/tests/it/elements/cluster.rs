//! Several servers on one database: what one of them changes the others see a second later at most.

use std::time::Duration;

use serde_json::json;

use super::{answering, scripted};
use crate::harness::{API, Platform};

#[tokio::test]
async fn edits_reach_other_servers_within_a_second() {
    let platform = Platform::start().await;
    let Some((other, _stop)) = platform.beside().await else {
        eprintln!("SKIPPED: several servers need PostgreSQL, LIGAND_TEST_ENGINE=postgres");
        return;
    };
    let made = platform.make(&scripted("Own")).await;
    let (token, _) = platform.connected("own").await;
    let headers = [("authorization", token.as_str())];
    let through =
        async |path: &str| other.raw("GET", &format!("{API}{path}"), &headers, "".into()).await.expect("an answer");
    platform.pass(Duration::from_secs(1));
    assert_eq!(through("/things").await.ok()["from"], "script");
    let (resource, hook) = (&made["resources"][0]["id"], &made["resources"][0]["hooks"][1]["id"]);
    let edited = json!({ "type": "postRequest", "body": "done({ response_body: { from: 'edited' } });" });
    platform.send("PUT", &format!("/elements/own/resources/{resource}/hooks/{hook}"), Some(&edited)).await.ok();
    platform.post("/elements/infobip/resources", &answering("/extra", "1")).await.ok();
    platform.pass(Duration::from_secs(1));
    assert_eq!(through("/things").await.ok()["from"], "edited");
    let seen = other.send("GET", "/elements/infobip/resources?accountOnly=true", None).await.ok();
    assert_eq!(seen.as_array().map(Vec::len), Some(1));
    other.send("POST", "/elements/own/hooks", Some(&json!({ "type": "preRequest", "body": "done();" }))).await.ok();
    assert_eq!(
        platform.get("/elements/own/hooks").await.ok().as_array().map(Vec::len),
        Some(1),
        "what is shown is read"
    );
    other.send("DELETE", "/elements/own", None).await.ok();
    platform.pass(Duration::from_secs(1));
    platform.get("/elements/own").await.error(404);
    other.send("POST", "/elements", Some(&scripted("Own"))).await.ok();
    platform.pass(Duration::from_secs(1));
    assert_ne!(platform.get("/elements/own").await.ok()["id"], made["id"]);
    assert_eq!(through("/things").await.ok()["from"], "edited", "instances go on with what they were made from");
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let platform = Platform::start().await;
    platform.make(&scripted("Own")).await;
    let body = json!({ "type": "preRequest", "body": "" });
    let add = || platform.post("/elements/own/hooks", &body);
    let (one, two, three, four) = tokio::join!(add(), add(), add(), add());
    let mut ids: Vec<i64> = [one, two, three, four].map(|answer| answer.ok()["id"].as_i64().expect("an id")).to_vec();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert_eq!(platform.get("/elements/own/hooks").await.ok().as_array().map(Vec::len), Some(4));
}
