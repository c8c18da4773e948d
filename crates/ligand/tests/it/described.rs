//! Every operation of the platform's own document: who may call it, that it shows nothing to other tenants, and that
//! what it answers is what the document says. A new route is covered by its line in the document.

mod schema;

use std::time::Duration;

use ligand_docs::Format;
use serde_json::{Value, json};

use crate::{
    elements::answering,
    harness::{Answer, EMAIL, PASSWORD, Platform},
};

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    told: Value,
}

impl Operation {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (path, item) in ligand_web::describe(Format::Openapi)["paths"].as_object().expect("paths") {
            for (method, told) in item.as_object().expect("operations") {
                all.push(Self { method: method.to_uppercase(), path: path.clone(), told: told.clone() });
            }
        }
        all
    }

    fn takes(&self, scheme: &str) -> bool {
        self.told["security"].as_array().expect("a list").iter().any(|one| one.get(scheme).is_some())
    }

    fn is_public(&self) -> bool {
        self.told["security"].as_array().expect("a list").contains(&json!({}))
    }

    /// Whether its path names something that belongs to somebody.
    fn names_something_owned(&self) -> bool {
        let names = self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.into_iter().any(|name| !["hub", "name", "rest"].contains(&name))
    }

    /// A body that says nothing.
    fn body(&self) -> Option<Value> {
        let content = self.told["requestBody"]["content"].as_object()?;
        let schema = content.values().next().map(|content| &content["schema"]);
        Some(if schema.is_some_and(|schema| schema["type"] == "array") { json!([]) } else { json!({}) })
    }
}

/// Somebody who has one of everything.
struct World {
    platform: Platform,
    element: Value,
    instance: Value,
    account: Value,
    trace: String,
    notification: Value,
    subscription: Value,
    event: Value,
}

impl World {
    async fn make() -> Self {
        let platform = Platform::start().await;
        let mut resource = answering("/things", "{ id: 1 }");
        resource["parameters"] = json!([{ "name": "x", "type": "query", "vendorName": "x", "vendorType": "query" }]);
        let definition = json!({
            "name": "Own", "hub": "general", "authentication": { "type": "oauth2" },
            "configuration": [
                { "key": "base.url", "name": "Base URL", "defaultValue": "https://vendor.invalid" },
                { "key": "oauth.authorization.url", "defaultValue": "https://vendor.invalid/authorize" },
                { "key": "oauth.api.key", "defaultValue": "app" },
                { "key": "oauth.callback.url", "defaultValue": "https://app.invalid/callback" },
            ],
            "parameters": [{ "name": "y", "type": "query", "vendorName": "y", "vendorType": "query" }],
            "hooks": [{ "type": "preRequest", "body": "done({});" }],
            "resources": [resource],
            "objects": [{ "name": "things", "fields": [{ "name": "id", "type": "integer" }] }],
            "models": [{ "name": "thing" }],
        });
        let element = platform.make(&definition).await;
        let login = json!({ "username": EMAIL, "password": PASSWORD });
        let account = platform.anonymous("POST", "/authentication", Some(&login)).await.ok()["accountId"].clone();
        let configuration = json!({ "oauth.api.secret": "s", "oauth.user.token": "t", "debug": "true" });
        let body = json!({ "name": "n", "externalAuthentication": "full", "configuration": configuration });
        let made = platform.post("/elements/own/instances", &body).await;
        let trace = made.header("elements-trace-id").to_owned();
        platform.post("/elements/oauthProxies", &json!({ "name": "p" })).await.ok();
        let instance = made.ok();
        let hook = json!({ "channel": "webhook", "topics": ["t"], "config": { "url": "https://receiver.invalid/" } });
        let subscription = platform.post("/notifications/subscriptions", &hook).await.ok()["id"].clone();
        let notification = platform.post("/notifications", &json!({ "topic": "t", "message": "m" })).await.ok();
        let enabled = json!({ "configuration": { "event.notification.enabled": true } });
        let instance = platform.send("PATCH", &format!("/instances/{}", instance["id"]), Some(&enabled)).await.ok();
        let hooked = platform.post(&format!("/events/own/{}", instance["id"]), &json!({ "a": 1 })).await;
        assert_eq!(hooked.ok(), json!({}));
        let event = platform.get("/instances/events").await.ok()[0]["id"].clone();
        let notification = notification["id"].clone();
        let world = Self { instance, platform, element, account, trace, notification, subscription, event };
        world.work().await;
        world
    }

    /// Leaves a recorded call, and a job that has been done once.
    async fn work(&self) {
        self.platform.send_as(&self.token(), "GET", "/hubs/general/things", None).await.ok();
        let hourly = json!({
            "name": "n", "method": "GET", "uri": "/elements/api-v2/hubs", "trigger": { "cron": "0 0 * * * ?" },
        });
        let job = self.platform.post("/jobs", &hourly).await.ok();
        self.platform.pass(Duration::from_secs(3600));
        let history = format!("/jobs/{}/history", job["id"].as_str().expect("an id"));
        while self.platform.get(&history).await.ok() == json!([]) {
            tokio::task::yield_now().await;
        }
    }

    fn token(&self) -> String {
        self.platform.with_token(self.instance["token"].as_str().expect("a token"))
    }

    /// The path of an operation that leads to what is there.
    async fn path(&self, operation: &Operation) -> String {
        let mut path = String::new();
        for segment in operation.path.split('/').skip(1) {
            let value = match segment {
                "{element}" => self.element["id"].to_string(),
                "{account}" => self.account.to_string(),
                "{trace}" => self.trace.clone(),
                "{operation}" => "GET-things".to_owned(),
                "{objectName}" => "things".to_owned(),
                "{notification}" => self.notification.to_string(),
                "{subscription}" => self.subscription.to_string(),
                "{event}" => self.event.as_str().expect("a text").to_owned(),
                "{token}" => self.instance["id"].to_string(),
                "{hub}" => "general".to_owned(),
                "{name}" | "{rest}" => "things".to_owned(),
                variable if variable.starts_with('{') => self.first(&path, &operation.path).await,
                literal => literal.to_owned(),
            };
            path.push('/');
            path.push_str(&value);
        }
        path
    }

    /// What the first item of a list is called in paths.
    async fn first(&self, list: &str, of: &str) -> String {
        let list = self.platform.send_as(&self.token(), "GET", list, None).await.ok();
        let items = list.as_array().or_else(|| list["configuration"].as_array());
        let item = items.and_then(|items| items.first()).unwrap_or_else(|| panic!("World::make lacks one for {of}"));
        let key = item["defaultValue"].is_string().then(|| item["key"].as_str()).flatten();
        let number = ["id", "revision", "job_history_id", "traffic_id"].iter().find_map(|name| item.get(*name));
        let number = number.map(|number| number.as_str().map_or_else(|| number.to_string(), str::to_owned));
        key.map(str::to_owned).or(number).unwrap_or_else(|| panic!("no number in {item}"))
    }
}

#[tokio::test]
async fn every_operation_asks_for_the_credentials_that_its_line_says() {
    let platform = Platform::start().await;
    for operation in Operation::all() {
        let path = operation.path.replace("{element}", "infobip").replace(['{', '}'], "");
        let (method, body) = (operation.method.as_str(), operation.body());
        let what = format!("{method} {path}");
        let without = platform.anonymous(method, &path, body.as_ref()).await;
        let wrong = platform.send_as("User a, Organization b, Element c", method, &path, body.as_ref()).await;
        if operation.takes("caller") || operation.takes("token") {
            assert_eq!(wrong.status, 401, "{what} takes wrong credentials: {}", wrong.text);
        } else {
            assert_eq!(wrong.status, without.status, "{what} looks at credentials");
        }
        let refuses = (operation.takes("caller") || operation.takes("token")) && !operation.is_public();
        assert_eq!(without.status == 401, refuses, "{what} without credentials: {} {}", without.status, without.text);
    }
}

#[tokio::test]
async fn no_operation_shows_or_changes_what_belongs_to_others() {
    let world = World::make().await;
    let (stranger, _) = world.platform.person(false).await;
    let token = format!("{stranger}, Element {}", world.instance["token"].as_str().expect("a token"));
    for operation in Operation::all() {
        let path = world.path(&operation).await;
        let what = format!("{} {path}", operation.method);
        let send = async |authorization: &str| -> Answer {
            world.platform.send_as(authorization, &operation.method, &path, operation.body().as_ref()).await
        };
        if operation.takes("token") {
            let answer = send(&token).await;
            assert_eq!(answer.status, 401, "{what} acts for a stranger with the owner's token: {}", answer.text);
        } else if operation.takes("caller") && operation.names_something_owned() {
            let answer = send(&stranger).await;
            // Accounts are no secret: their numbers are refused, not denied.
            let status = if path.starts_with("/accounts/") { 403 } else { 404 };
            assert_eq!(answer.status, status, "{what} answers a stranger: {}", answer.text);
        }
    }
    let instance = world.platform.get(&format!("/instances/{}", world.instance["id"])).await.ok();
    assert_eq!(instance, world.instance);
    let element = world.platform.get(&format!("/elements/{}", world.element["id"])).await.ok();
    assert_eq!(element, world.element);
}

#[tokio::test]
async fn what_is_read_is_what_the_document_says() {
    let world = World::make().await;
    let document = ligand_web::describe(Format::Openapi);
    // Request tokens come from vendors alone.
    let is_read = |operation: &Operation| operation.method == "GET" && !operation.path.ends_with("/oauth/token");
    for operation in Operation::all().into_iter().filter(is_read) {
        let path = world.path(&operation).await;
        // A list that nobody may ask for whole.
        let path = if path == "/notifications" { format!("{path}?topics[]=t") } else { path };
        let answer = world.platform.send_as(&world.token(), "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let schema = &operation.told["responses"]["200"]["content"]["application/json"]["schema"];
        let problems = schema::problems(document, schema, &answer.ok());
        assert!(problems.is_empty(), "{path} answers otherwise than described: {problems:#?}");
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let platform = Platform::start().await;
    let openapi = platform.raw("GET", "/elements/api-docs/openapi.json", &[], "").await;
    assert_eq!(openapi.header("x-frame-options"), "");
    assert_eq!(openapi.ok(), *ligand_web::describe(Format::Openapi));
    let swagger = platform.anonymous("GET", "/docs/all_platform", None).await.ok();
    assert_eq!((swagger["swagger"].as_str(), swagger["basePath"].as_str()), (Some("2.0"), Some("/elements/api-v2")));
    let openapi = platform.anonymous("GET", "/docs/all_platform?format=openapi3.1", None).await.ok();
    assert_eq!(openapi, *ligand_web::describe(Format::Openapi));
    platform.anonymous("GET", "/docs/all_platform?format=raml", None).await.error(400);
}
