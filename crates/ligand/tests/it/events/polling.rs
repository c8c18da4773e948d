//! Polling: what is asked when, what of the answers becomes an event, and what becomes of failures.

use std::time::Duration;

use ligand_domain::Timestamp;
use serde_json::{Value, json};

use super::platform;
use crate::{
    harness::Platform,
    receiver::{Receiver, Reply},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A vendor, an application, and an instance that is polled for things every minute.
struct World {
    platform: Platform,
    vendor: Receiver,
    application: Receiver,
    instance: Value,
}

impl World {
    async fn make(resource: &Value, more: &Value) -> Self {
        Self::on(platform().await, resource, more).await
    }

    async fn on(platform: Platform, resource: &Value, more: &Value) -> Self {
        let (vendor, application) = (Receiver::start().await, Receiver::start().await);
        vendor.always(Some(Reply::Json(json!([]))));
        let parameters = json!([
            { "name": "since", "type": "query", "vendorName": "since", "vendorType": "query" },
            { "name": "pageSize", "type": "query", "vendorName": "limit", "vendorType": "query" },
        ]);
        let api = |name: &str| {
            json!({
                "method": "GET", "path": format!("/hubs/crm/{name}"), "vendorPath": format!("/{name}"), "parameters": parameters,
                "paginationType": "NO_PAGINATION",
            })
        };
        let definition = json!({
            "name": "Polled", "hub": "crm", "authentication": { "type": "basic" },
            "configuration": [{ "key": "base.url", "name": "Base URL", "defaultValue": vendor.url("") }],
            "resources": [api("things"), api("people")],
        });
        let element = platform.post("/elements", &definition).await.ok();
        let mut configuration = json!({
            "username": "u", "password": "p", "event.notification.enabled": true, "event.vendor.type": "polling",
            "event.notification.callback.url": application.url("/"), "event.poller.refresh_interval": 1,
            "event.poller.configuration": { "things": resource },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            configuration[key] = value.clone();
        }
        let request = json!({ "name": "polled", "configuration": configuration });
        let instance = platform.post(&format!("/elements/{}/instances", element["id"]), &request).await.ok();
        Self { platform, vendor, application, instance }
    }

    fn date(&self) -> String {
        self.platform.now().to_iso_seconds()
    }

    async fn records(&self) -> Vec<Value> {
        let token = self.platform.with_token(self.instance["token"].as_str().expect("a token"));
        let records = self.platform.send_as(&token, "GET", "/instances/event-poller-records", None).await.ok();
        records.as_array().expect("a list").clone()
    }

    /// Lets a minute pass, and waits until everything was polled.
    async fn turn(&self) {
        let before = self.records().await;
        self.platform.pass(MINUTE);
        loop {
            let now = self.records().await;
            let moved = |(old, new): (&Value, &Value)| {
                old["lastPollDate"] != new["lastPollDate"] || old["errorCount"] != new["errorCount"]
            };
            if before.iter().zip(&now).all(moved) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// So many notifications that the application got. One that was on its way while the clock was moved comes twice.
    async fn messages(&self, count: usize) -> Vec<Value> {
        let mut seen = 1;
        loop {
            let mut messages: Vec<Value> = Vec::new();
            for received in self.application.wait_for(seen).await {
                let message = received.json()["message"].clone();
                if messages.iter().all(|known| known["eventId"] != message["eventId"]) {
                    messages.push(message);
                }
            }
            if messages.len() >= count {
                return messages;
            }
            seen = self.application.received().len() + 1;
        }
    }

    async fn events(&self) -> usize {
        let events = self.platform.get(&format!("/instances/{}/events", self.instance["id"])).await.ok();
        events.as_array().expect("a list").len()
    }
}

fn dated() -> Value {
    json!({
        "url": "/hubs/crm/things?since=${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}", "idField": "meta.id", "pageSize": 50,
        "datesConfiguration": {
            "updatedDateField": "updated", "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss'Z'",
            "createdDateField": "created", "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ss'Z'",
        },
    })
}

#[tokio::test]
async fn what_changed_at_the_vendor_reaches_the_application_once() {
    let world = World::make(&dated(), &json!({})).await;
    let jobs = world.platform.get("/jobs").await.ok();
    let polls: Vec<&Value> = jobs.as_array().unwrap().iter().filter(|job| job["data"]["topic"] == "poll").collect();
    assert_eq!(polls.len(), 1);
    assert_eq!(polls[0]["data"]["instanceId"], world.instance["id"]);
    let records = world.records().await;
    assert_eq!((records.len(), &records[0]["objectName"]), (1, &json!("things")));
    let since = Timestamp::from_iso(records[0]["lastPollDate"].as_str().unwrap()).unwrap();
    let since = since.minus(Duration::from_secs(1)).to_iso_seconds();
    let old = json!({ "meta": { "id": 0 }, "updated": "2001-01-01T00:00:00Z", "created": "2001-01-01T00:00:00Z" });
    world.platform.pass(Duration::from_secs(5));
    let new = json!({ "meta": { "id": 1 }, "updated": world.date(), "created": world.date(), "name": "Acme" });
    let changed = json!({ "meta": { "id": "b" }, "updated": world.date(), "created": "2001-01-01T00:00:00Z" });
    world.vendor.always(Some(Reply::Json(json!([old, changed, new]))));
    world.turn().await;
    let asked = world.vendor.received()[0].path.clone();
    assert_eq!(asked, format!("/things?since={}&limit=100", since.replace(':', "%3A")));
    let message = world.messages(1).await[0].clone();
    let kinds: Vec<String> = message["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", it["objectId"], it["eventType"]))
        .collect();
    assert_eq!(kinds, [r#""b" "UPDATED""#, r#""1" "CREATED""#]);
    let event = &message["events"][1];
    assert_eq!(
        (&event["objectType"], &event["elementKey"], &event["hubKey"]),
        (&json!("things"), &json!("polled"), &json!("crm"))
    );
    assert_eq!(event["date"], new["updated"]);
    assert!(event["pollDate"].as_str().is_some_and(|date| date.ends_with('Z')));
    let raw = &message["raw"];
    assert_eq!((&raw["objectType"], &raw["instance_id"]), (&json!("things"), &world.instance["id"]));
    assert_eq!(raw["things"], json!([changed, new]));
    assert_eq!(raw["events"], message["events"]);
    // The same once more, because the vendor rounds, is no event; a further change is.
    world.turn().await;
    assert_eq!(world.events().await, 1);
    let again = json!({ "meta": { "id": 1 }, "updated": world.date(), "created": new["created"], "name": "Acme" });
    world.vendor.always(Some(Reply::Json(json!([again]))));
    world.turn().await;
    let message = world.messages(2).await[1].clone();
    assert_eq!(message["events"][0]["eventType"], "UPDATED");
    world.vendor.always(Some(Reply::Status(404)));
    world.turn().await;
    assert_eq!(world.records().await[0]["errorCount"], 0, "nothing is no failure");
}

#[tokio::test]
async fn many_changes_are_cut_into_tens_and_in_the_order_of_their_dates() {
    let world = World::make(&dated(), &json!({})).await;
    world.platform.pass(Duration::from_secs(40));
    let now = world.platform.now();
    let record = |number: u64| {
        let date = now.minus(Duration::from_secs(number)).to_iso_seconds();
        json!({ "meta": { "id": number }, "updated": date, "created": date })
    };
    world.vendor.always(Some(Reply::Json((0..25).map(record).collect())));
    world.turn().await;
    let received = world.messages(3).await;
    let ids = |place: usize| -> Vec<String> {
        let message = &received[place];
        assert_eq!(message["raw"]["things"].as_array().unwrap().len(), 25, "the raw batch is whole");
        message["events"].as_array().unwrap().iter().map(|it| it["objectId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((ids(0).len(), ids(1).len(), ids(2).len()), (10, 10, 5));
    assert_eq!((ids(0)[0].as_str(), ids(2)[4].as_str()), ("24", "0"));
}

#[tokio::test]
async fn without_dates_the_ids_tell_what_is_new() {
    let world = World::make(&json!({ "url": "/things", "idField": "id" }), &json!({})).await;
    let things = |versions: &[(u32, u32)]| {
        Reply::Json(versions.iter().map(|(id, version)| json!({ "id": id, "v": version })).collect())
    };
    world.vendor.always(Some(things(&[(1, 1)])));
    world.turn().await;
    world.vendor.always(Some(things(&[(1, 2), (2, 1)])));
    world.turn().await;
    let received = world.messages(2).await;
    let kinds = |place: usize| -> Vec<Value> {
        received[place]["events"].as_array().unwrap().iter().map(|it| it["eventType"].clone()).collect()
    };
    assert_eq!((kinds(0), kinds(1)), (vec![json!("CREATED")], vec![json!("UPDATED"), json!("CREATED")]));
}

#[tokio::test]
async fn what_is_polled_follows_the_configuration_at_once() {
    let template = |name: &str| json!({ "url": format!("/{name}"), "idField": "id" });
    let metadata = json!({ "polling": { "{objectName}": template("{objectName}") } });
    let more = json!({ "event.metadata": metadata, "event.objects": "things, people" });
    let world = World::make(&Value::Null, &more).await;
    let names = async || -> Vec<String> {
        world.records().await.iter().map(|it| it["objectName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names().await, ["things", "people"]);
    let path = format!("/instances/{}", world.instance["id"]);
    let change = async |configuration: Value| {
        world.platform.send("PATCH", &path, Some(&json!({ "configuration": configuration }))).await.ok()
    };
    let kept = world.records().await[1].clone();
    change(json!({ "event.objects": "people" })).await;
    assert_eq!(world.records().await[0]["id"], kept["id"]);
    assert_eq!(names().await, ["people"]);
    let jobs = async || {
        let jobs = world.platform.get("/jobs").await.ok();
        jobs.as_array().unwrap().iter().filter(|job| job["data"]["topic"] == "poll").count()
    };
    assert_eq!(jobs().await, 1);
    change(json!({ "event.poller.refresh_interval": 999_999_999 })).await;
    world.platform.pass(MINUTE * 600);
    assert_eq!(world.vendor.received().len(), 0, "it is not time yet");
    world.platform.send("POST", &format!("{path}/event-poller-records"), None).await.ok();
    world.vendor.wait_for(1).await;
    for (configuration, count) in [
        (json!({ "event.vendor.type": "webhook" }), 0),
        (json!({ "event.vendor.type": "polling" }), 1),
        (json!({ "event.notification.enabled": false }), 0),
    ] {
        change(configuration.clone()).await;
        assert_eq!((jobs().await, names().await.len()), (count, count), "{configuration}");
    }
    let message = world.platform.send("POST", &format!("{path}/event-poller-records"), None).await.error(409);
    assert!(message.contains("not polled"), "{message}");
    change(json!({ "event.notification.enabled": true })).await;
    world.platform.send("DELETE", &path, None).await.ok();
    assert_eq!(jobs().await, 0);
}

#[tokio::test]
async fn failures_are_told_counted_and_at_last_end_the_polling() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8"), ("events__poll_failures", "3")]).await;
    let world = World::on(platform, &dated(), &json!({})).await;
    let owner = Receiver::start().await;
    let topic = json!({ "channel": "webhook", "topics": ["polling-disabled"], "config": { "url": owner.url("/") } });
    world.platform.post("/notifications/subscriptions", &topic).await.ok();
    let began = world.records().await[0]["lastPollDate"].clone();
    world.vendor.always(Some(Reply::Status(400)));
    world.turn().await;
    let record = world.records().await.remove(0);
    assert_eq!((&record["errorCount"], &record["disabled"]), (&json!(1), &json!(false)));
    assert!(record["lastError"].as_str().is_some_and(|error| !error.is_empty()), "{record}");
    assert_eq!(record["lastPollDate"], began, "the same window is polled again");
    world.vendor.always(Some(Reply::Json(json!([]))));
    world.turn().await;
    assert_eq!(world.records().await[0]["errorCount"], 0, "a success forgets them");
    assert_eq!(world.platform.get("/instances/polling-disabled").await.ok(), json!([]));
    world.vendor.always(Some(Reply::Status(400)));
    for failures in 1..=3 {
        world.platform.pass(MINUTE * 4);
        while world.records().await[0]["errorCount"] != failures {
            tokio::task::yield_now().await;
        }
    }
    let told = owner.wait_for(1).await[0].json();
    assert_eq!((&told["message"]["instanceId"], &told["severity"]), (&world.instance["id"], &json!("high")));
    let record = world.records().await.remove(0);
    assert_eq!((&record["disabled"], &record["nextPollDate"]), (&json!(true), &Value::Null));
    let list = world.platform.get("/instances/polling-disabled").await.ok();
    assert_eq!(list[0]["id"], world.instance["id"]);
    let jobs = loop {
        let jobs = world.platform.get("/jobs/polling-disabled").await.ok();
        if jobs[0]["trigger"]["state"] == "PAUSED" {
            break jobs;
        }
        tokio::task::yield_now().await;
    };
    let count = world.vendor.received().len();
    world.platform.pass(MINUTE * 100);
    world.vendor.always(Some(Reply::Json(json!([]))));
    assert_eq!(world.vendor.received().len(), count);
    let job = jobs[0]["id"].as_str().unwrap();
    world.platform.send("PUT", &format!("/jobs/{job}/enable"), None).await.ok();
    world.vendor.wait_for(count + 1).await;
    while world.records().await[0]["disabled"] == true {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.platform.get("/instances/polling-disabled").await.ok(), json!([]));
}

#[tokio::test]
async fn a_wrong_configuration_is_told_and_hurts_nothing_else() {
    let more = json!({ "event.poller.configuration": {
        "things": { "url": "/things", "idField": "id" },
        "broken": { "url": "/things", "idField": "id", "datesConfiguration": { "updatedDateField": "u", "updatedDateFormat": "qqq" } },
        "nowhere": { "idField": "id" },
        "gone": { "url": "/no-such-resource", "idField": "id" },
    } });
    let world = World::make(&Value::Null, &more).await;
    world.vendor.always(Some(Reply::Json(json!([{ "id": 1 }]))));
    world.platform.pass(MINUTE);
    world.application.wait_for(1).await;
    let error = async |name: &str| {
        let records = world.records().await;
        records.iter().find(|it| it["objectName"] == name).expect("a record")["lastError"].clone()
    };
    while error("gone").await.is_null() || error("nowhere").await.is_null() || error("broken").await.is_null() {
        tokio::task::yield_now().await;
    }
    assert_eq!(error("things").await, Value::Null);
}

/// What the elements of the catalog poll for unless an instance says otherwise.
#[tokio::test]
async fn the_elements_of_the_catalog_are_polled_by_default() {
    let platform = Platform::living(&[("egress__allow", "127.0.0.0/8")]).await;
    let application = Receiver::start().await;
    for (element, resources, path, body) in [
        ("servicecloud", vec!["incidents"], "/hubs/helpdesk/incidents", None),
        (
            "oraclesalescloud",
            vec!["contacts", "leads", "accounts", "opportunities", "deals", "activities"],
            "/hubs/crm/accounts",
            Some(json!({ "OrganizationName": "Polled" })),
        ),
        (
            "infobip",
            vec!["reports", "inbound"],
            "/hubs/messaging/messages",
            Some(json!({ "to": "41793026727", "message": "hello" })),
        ),
        (
            "actpremium",
            vec!["contacts", "companies", "opportunities", "activities"],
            "/hubs/crm/contacts",
            Some(json!({ "firstName": "Polled", "lastName": "Contact" })),
        ),
    ] {
        let mut request = platform.request(element, element);
        request["configuration"]["event.notification.enabled"] = json!(true);
        request["configuration"]["event.notification.callback.url"] = json!(application.url(&format!("/{element}")));
        let instance = platform.post("/instances", &request).await.ok();
        let token = platform.with_token(instance["token"].as_str().unwrap());
        let records = async || -> Vec<Value> {
            let records = platform.send_as(&token, "GET", "/instances/event-poller-records", None).await.ok();
            records.as_array().unwrap().clone()
        };
        let before = records().await;
        let names: Vec<&str> = before.iter().map(|it| it["objectName"].as_str().unwrap()).collect();
        assert_eq!(names, resources, "{element}");
        platform.pass(MINUTE);
        if let Some(body) = &body {
            platform.send_as(&token, "POST", path, Some(body)).await.ok();
        }
        platform.pass(MINUTE);
        platform.send("POST", &format!("/instances/{}/event-poller-records", instance["id"]), None).await.ok();
        loop {
            let now = records().await;
            for record in &now {
                assert_eq!(record["errorCount"], 0, "{element}: {record}");
            }
            if before.iter().zip(&now).all(|(old, new)| old["lastPollDate"] != new["lastPollDate"]) {
                break;
            }
            tokio::task::yield_now().await;
        }
        if body.is_some() {
            let received = application.wait_for(1).await;
            let message = received.iter().find(|it| it.path == format!("/{element}"));
            while message.is_none() && !application.received().iter().any(|it| it.path == format!("/{element}")) {
                tokio::task::yield_now().await;
            }
        }
        platform.send("DELETE", &format!("/instances/{}", instance["id"]), None).await.ok();
    }
}
