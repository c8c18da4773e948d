//! The built-in connectors through the real server, against the vendor sandboxes.

mod actpremium;
mod infobip;
mod oraclesalescloud;
mod servicecloud;

use http::HeaderMap;
use serde_json::{Value, json};

use crate::harness::{Answer, Platform};

/// A server with an instance of one element.
struct Connector {
    platform: Platform,
    authorization: String,
}

/// What is done with one kind of record.
struct Records<'a> {
    path: &'a str,
    /// The member that holds a record's key, and one that can be set and searched.
    key: &'a str,
    name: &'a str,
    /// A record but for its name.
    rest: Value,
    /// A body that the vendor refuses.
    refused: Value,
    /// A key that nothing has.
    unknown: &'a str,
}

impl Connector {
    async fn start(element: &str) -> Self {
        let platform = Platform::start().await;
        let configuration = platform.configuration(element);
        Self::provision(platform, element, &configuration).await
    }

    async fn provision(platform: Platform, element: &str, configuration: &Value) -> Self {
        let request = json!({ "element": { "key": element }, "configuration": configuration, "name": element });
        let made = platform.post("/instances", &request).await.ok();
        let token = made["token"].as_str().expect("a token");
        let authorization = format!("User {}, Element {token}", platform.user);
        Self { platform, authorization }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.platform.send_as(&self.authorization, method, path, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// A list under a condition.
    async fn search(&self, path: &str, condition: &str) -> Vec<Value> {
        list(self.get(&format!("{path}?where={}", encoded(condition))).await.ok())
    }

    /// The pages of a list, two records each, by their tokens; fails when they do not end.
    async fn walk(&self, path: &str) -> Vec<Value> {
        let (mut records, mut token) = (Vec::new(), String::new());
        for _ in 0..60 {
            let separator = if path.contains('?') { '&' } else { '?' };
            let answer = self.get(&format!("{path}{separator}pageSize=2&nextPage={}", encoded(&token))).await;
            token = next_page(&answer.headers);
            let page = list(answer.ok());
            assert!(page.len() <= 2, "{path}: {} records", page.len());
            records.extend(page);
            if token.is_empty() {
                return records;
            }
        }
        panic!("{path}: the pages do not end");
    }

    /// Puts what the sandbox itself is asked.
    async fn arrange(&self, method: &str, path: &str, body: &Value) {
        let client = crate::harness::Client::new(self.platform.sandbox.address(), String::new());
        let headers = [("content-type", "application/json")];
        let answer = client.raw(method, path, &headers, body.to_string().into()).await.expect("an answer");
        assert!(answer.status.is_success(), "{}", answer.text);
    }
}

impl Records<'_> {
    fn named(&self, name: &str) -> Value {
        let mut record = self.rest.clone();
        record[self.name] = name.into();
        record
    }

    fn key_of(&self, record: &Value) -> String {
        // Some vendors' keys stand in an object of their own.
        let key = if record[self.key].is_object() { &record[self.key][self.key] } else { &record[self.key] };
        match key {
            Value::String(key) => key.clone(),
            Value::Number(key) => key.to_string(),
            other => panic!("{}: no {}: {other}", self.path, self.key),
        }
    }

    /// Creates records, finds one of them, and walks over all.
    async fn are_made_found_and_listed(&self, connector: &Connector) {
        let kind = self.path.rsplit('/').next().expect("a last segment");
        let mut made = Vec::new();
        for index in 0..5 {
            let name = format!("O'{kind} {index}");
            let record = connector.post(self.path, &self.named(&name)).await.ok();
            assert_eq!(record[self.name], name, "{}", self.path);
            made.push(self.key_of(&record));
        }
        let found = connector.search(self.path, &format!("{} = 'O''{kind} 3'", self.name)).await;
        assert_eq!(found.iter().map(|record| self.key_of(record)).collect::<Vec<_>>(), made[3..4], "{}", self.path);
        let choice = format!("{0} = 'O''{kind} 1' OR {0} = 'O''{kind} 2'", self.name);
        assert_eq!(connector.search(self.path, &choice).await.len(), 2, "{}", self.path);
        assert!(connector.search(self.path, "NoSuchField = 'x'").await.is_empty(), "{}", self.path);
        let condition = encoded(&format!("{} LIKE 'O''{kind}%'", self.name));
        for query in [format!("where={condition}&orderBy={}%20desc", self.name), format!("where={condition}")] {
            let records = connector.walk(&format!("{}?{query}", self.path)).await;
            let mut keys: Vec<String> = records.iter().map(|record| self.key_of(record)).collect();
            if query.contains("orderBy") {
                keys.reverse();
                assert_eq!(keys, made, "{}", self.path);
            }
            keys.sort();
            made.sort();
            assert_eq!(keys, made, "{}", self.path);
        }
        let mut all: Vec<String> = connector.walk(self.path).await.iter().map(|record| self.key_of(record)).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{}: a record came twice", self.path);
        assert!(made.iter().all(|key| all.contains(key)), "{}", self.path);
        let chosen = connector.get(&format!("{}?where={condition}&fields={},nosuch", self.path, self.name)).await.ok();
        assert!(list(chosen).iter().all(|record| record.as_object().expect("an object").len() == 1));
        connector.post(self.path, &self.refused).await.error(400);
        connector.post(self.path, &json!([])).await.error(400);
    }

    /// Reads, changes and removes a record; one that is not there is not found.
    async fn are_read_changed_and_removed(&self, connector: &Connector, verbs: &[&str]) {
        let record = connector.post(self.path, &self.named("Before")).await.ok();
        let path = format!("{}/{}", self.path, self.key_of(&record));
        assert_eq!(connector.get(&path).await.ok()[self.name], "Before", "{path}");
        for verb in verbs {
            let name = format!("After {verb}");
            let changed = connector.send(verb, &path, Some(&self.named(&name))).await.ok();
            assert_eq!(changed[self.name], name, "{verb} {path}");
            assert_eq!(connector.get(&path).await.ok()[self.name], name, "{verb} {path}");
        }
        connector.send("DELETE", &path, None).await.ok();
        connector.get(&path).await.error(404);
        let unknown = format!("{}/{}", self.path, self.unknown);
        connector.get(&unknown).await.error(404);
        connector.send("PATCH", &unknown, Some(&self.named("x"))).await.error(404);
        connector.send("DELETE", &unknown, None).await.error(404);
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(records) => records,
        other => panic!("no list: {other}"),
    }
}

fn next_page(headers: &HeaderMap) -> String {
    headers.get("elements-next-page-token").map_or("", |value| value.to_str().expect("ASCII")).to_owned()
}
