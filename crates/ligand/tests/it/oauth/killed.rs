//! A server that is killed while it renews tokens: another one takes its place.

use std::time::Duration;

use futures_util::future::join_all;
use ligand_store::test_schema::Schema;
use serde_json::json;
use tempfile::TempDir;

use super::{CATALOG, connected, count, expire};
use crate::{
    harness::{Client, fault_was_met, sandbox, set_fault},
    process::{ORGANIZATION, Process, USER},
};

/// Makes the time of the instance's token be over.
async fn let_expire(client: &Client, sandbox: &ligand_sandbox::Sandbox) {
    let entries = client.send("GET", "/instances/configuration", None).await.ok();
    let entries = entries.as_array().expect("entries");
    let made = entries.iter().find(|entry| entry["key"] == "oauth.user.refresh_time").expect("an entry");
    let path = format!("/instances/configuration/{}", made["id"]);
    client.send("PATCH", &path, Some(&json!({ "propertyValue": "1000" }))).await.ok();
    expire(sandbox).await;
}

#[tokio::test]
async fn a_server_that_was_killed_while_it_renewed_renews_when_it_is_started_again() {
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let variables = [("LIGAND_CATALOG__DIRECTORIES", CATALOG)];
    let (mut first, address) = Process::serve(data.path(), &variables).await;
    let own = format!("User {USER}, Organization {ORGANIZATION}");
    let instance = connected(&Client::new(address, own.clone()), &sandbox).await;
    let header = format!("{own}, Element {}", instance["token"].as_str().expect("a token"));
    let client = Client::new(address, header.clone());
    let_expire(&client, &sandbox).await;
    set_fault(&sandbox, "fernhill", &json!({ "fault": "slow", "delayMillis": 600_000, "times": 1 })).await;
    let lost = tokio::spawn(async move { client.try_send("GET", "/hubs/crm/contacts", None).await });
    fault_was_met(&sandbox, "fernhill").await;
    first.child.kill().await.expect("it can be killed");
    assert!(lost.await.expect("a task").is_err(), "its server is gone");
    let (_second, address) = Process::serve(data.path(), &variables).await;
    let client = Client::new(address, header);
    for answer in join_all((0..20).map(|_| client.send("GET", "/hubs/crm/contacts", None))).await {
        answer.ok();
    }
    assert_eq!((count(&sandbox, "refreshes").await, count(&sandbox, "refreshReuses").await), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_renews_when_the_one_that_did_is_killed() {
    if std::env::var("LIGAND_TEST_ENGINE").as_deref() != Ok("postgres") {
        // The embedded database is for one process.
        return;
    }
    let (data, sandbox) = (TempDir::new().expect("a directory"), sandbox().await);
    let schema = Schema::create().await.expect("a PostgreSQL server");
    let url = schema.url();
    let variables = [("LIGAND_CATALOG__DIRECTORIES", CATALOG), ("LIGAND_DATABASE__URL", url.as_str())];
    let (mut first, first_address) = Process::serve(data.path(), &variables).await;
    let (_second, second_address) = Process::serve(data.path(), &variables).await;
    let own = format!("User {USER}, Organization {ORGANIZATION}");
    let instance = connected(&Client::new(first_address, own.clone()), &sandbox).await;
    let header = format!("{own}, Element {}", instance["token"].as_str().expect("a token"));
    let (one, two) = (Client::new(first_address, header.clone()), Client::new(second_address, header));

    // The token's time is over; the vendor takes its time with the renewal, and the server dies meanwhile.
    let_expire(&one, &sandbox).await;
    set_fault(&sandbox, "fernhill", &json!({ "fault": "slow", "delayMillis": 3000, "times": 1 })).await;
    let lost = tokio::spawn(async move { one.try_send("GET", "/hubs/crm/contacts", None).await });
    fault_was_met(&sandbox, "fernhill").await;
    // What the second server remembers of the instance is a second old at most.
    let waiting = (0..200).map(|_| two.send("GET", "/hubs/crm/contacts", None));
    let waiting = join_all(waiting);
    let killing = async {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        first.child.kill().await.expect("it can be killed");
    };
    let (answers, ()) = tokio::join!(waiting, killing);
    for answer in answers {
        answer.ok();
    }
    assert!(lost.await.expect("a task").is_err(), "its server is gone");
    assert_eq!((count(&sandbox, "refreshes").await, count(&sandbox, "refreshReuses").await), (1, 0));
}
