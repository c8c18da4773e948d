//! Requests that are executed later: by a schedule, and in the background with a callback.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use ligand_domain::{Id, NewJob};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::harness::{API, Answer, Platform};

const HOUR: Duration = Duration::from_secs(3600);

/// Sends a call of an element with further headers.
async fn call(
    platform: &Platform,
    token: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let authorization = platform.with_token(token);
    let mut all = vec![("authorization", authorization.as_str())];
    if body.is_some() {
        all.push(("content-type", "application/json"));
    }
    all.extend(headers);
    let text = body.map(Value::to_string).unwrap_or_default();
    platform.raw(method, &format!("{API}{path}"), &all, text).await
}

async fn token(platform: &Platform, element: &str) -> String {
    platform.provision(element, "later").await["token"].as_str().expect("a token").to_owned()
}

/// How many accounts of the vendor have a name.
async fn named(platform: &Platform, token: &str, name: &str) -> usize {
    let path = format!("/hubs/crm/accounts?where=OrganizationName='{name}'");
    let found = call(platform, token, ("GET", &path), &[], None).await.ok();
    found.as_array().expect("a list").len()
}

/// Waits until a job has been executed so often.
async fn runs(platform: &Platform, job: &str, count: usize) -> Vec<Value> {
    loop {
        let history = platform.get(&format!("/jobs/{job}/history")).await.ok();
        let records = history.as_array().expect("a list");
        if records.len() >= count {
            return records.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn jobs_are_made_listed_and_deleted() {
    let platform = Platform::start().await;
    assert_eq!(platform.get("/jobs").await.ok(), json!([]));
    let body = json!({
        "name": "every hour", "description": "d", "method": "post", "uri": "/elements/api-v2/hubs/crm/accounts",
        "trigger": { "cron": "0 0 * * * ?" }, "body": { "OrganizationName": "planted" },
    });
    let made = platform.post("/jobs", &body).await.ok();
    let id = made["id"].as_str().expect("a text").to_owned();
    assert_eq!((&made["name"], &made["schedule"]), (&json!("every hour"), &json!("0 0 * * * ?")));
    assert!(made["data"]["id"].is_i64(), "{made}");
    let trigger = &made["trigger"];
    assert_eq!((&trigger["state"], &trigger["mayFireAgain"]), (&json!("NORMAL"), &json!(true)));
    assert_eq!(trigger["nextFireTime"].as_i64().expect("a time") % 3_600_000, 0);
    assert!(!made.to_string().contains("planted"), "bodies are nobody's to read");
    assert_eq!(platform.get(&format!("/jobs/{id}")).await.ok(), made);
    assert_eq!(platform.get("/jobs").await.ok(), json!([made]));
    let disabled = platform.send("PUT", &format!("/jobs/{id}/disable"), None).await.ok();
    assert_eq!((&disabled["trigger"]["state"], &disabled["trigger"]["nextFireTime"]), (&json!("PAUSED"), &Value::Null));
    let enabled = platform.send("PUT", &format!("/jobs/{id}/enable"), None).await.ok();
    assert_eq!(enabled["trigger"]["state"], "NORMAL");
    let again = json!({ "trigger": { "cron": "0 30 12 ? * MON *" } });
    let moved = platform.send("PATCH", &format!("/jobs/{id}/reschedule"), Some(&again)).await.ok();
    assert_eq!(moved["schedule"], "0 30 12 ? * MON *");
    for wrong in
        [json!({}), json!({ "trigger": {} }), json!({ "trigger": { "cron": "* * *" } }), json!({ "trigger": 1 })]
    {
        platform.send("PATCH", &format!("/jobs/{id}/reschedule"), Some(&wrong)).await.error(400);
    }
    let (foreign, _) = platform.person(true).await;
    assert_eq!(platform.send_as(&foreign, "GET", "/jobs", None).await.ok(), json!([]), "jobs are a user's");
    for (method, path) in [
        ("GET", ""),
        ("DELETE", ""),
        ("PUT", "/enable"),
        ("PUT", "/disable"),
        ("PATCH", "/reschedule"),
        ("GET", "/history"),
        ("GET", "/history/1"),
    ] {
        let path = format!("/jobs/{id}{path}");
        platform.send_as(&foreign, method, &path, Some(&again)).await.error(404);
        platform.anonymous(method, &path, None).await.error(401);
    }
    for path in ["/jobs", "/jobs/executions"] {
        platform.anonymous("GET", path, None).await.error(401);
    }
    platform.anonymous("POST", "/jobs", Some(&body)).await.error(401);
    for unknown in ["nope", "0", "%00", "undefined"] {
        platform.get(&format!("/jobs/{unknown}")).await.error(404);
        platform.get(&format!("/jobs/{id}/history/{unknown}")).await.error(404);
    }
    assert_eq!(platform.send("DELETE", &format!("/jobs/{id}"), None).await.ok(), Value::Null);
    platform.get(&format!("/jobs/{id}")).await.error(404);
    platform.send("DELETE", &format!("/jobs/{id}"), None).await.error(404);
}

#[tokio::test]
async fn bad_jobs_are_refused() {
    let platform = Platform::start().await;
    let good = json!({
        "name": "n", "method": "GET", "uri": "/elements/api-v2/hubs/crm/accounts", "trigger": { "cron": "0 0 * * * ?" },
    });
    for (member, value, named) in [
        ("name", Value::Null, "name"),
        ("name", json!("x".repeat(1001)), "name"),
        ("name", json!(1), "name"),
        ("method", Value::Null, "method"),
        ("method", json!("TRACE"), "method"),
        ("uri", Value::Null, "uri"),
        ("uri", json!("https://elsewhere.example/elements/api-v2/x"), "uri"),
        ("uri", json!("//elsewhere.example/api-v2/x"), "uri"),
        ("uri", json!("/elements/api-v2"), "uri"),
        ("uri", json!("/elements/api-v2/a b"), "uri"),
        ("uri", json!("/healthz"), "uri"),
        ("trigger", json!({ "cron": "x" }), "cron"),
        ("trigger", json!({ "cron": 5 }), "cron"),
        ("trigger", json!([]), "trigger"),
        ("trigger", json!({ "cron": "0 0 0 30 FEB ?" }), "never"),
        ("query", json!([]), "query"),
        ("query", json!({ "a": {} }), "query.a"),
        ("headers", json!({ "a b": "c" }), "headers"),
        ("headers", json!({ "a": "b\r\nc: d" }), "headers"),
        ("instanceId", json!({}), "instanceId"),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let message = platform.post("/jobs", &body).await.error(400);
        assert!(message.contains(named), "{body}: {message}");
    }
    let mut body = good.clone();
    body["instanceId"] = json!("4711");
    platform.post("/jobs", &body).await.error(404);
    body = good.clone();
    body["headers"] = json!({ "Authorization": "User x, Organization y" });
    platform.post("/jobs", &body).await.error(401);
    let (foreign, _) = platform.person(true).await;
    body["headers"] = json!({ "Authorization": foreign });
    platform.post("/jobs", &body).await.error(400);
    platform.post("/jobs", &json!([])).await.error(400);
    assert_eq!(platform.get("/jobs").await.ok(), json!([]), "nothing was made");
}

#[tokio::test]
async fn a_call_with_a_schedule_is_executed_at_each_firing() {
    let platform = Platform::start().await;
    let token = token(&platform, "oraclesalescloud").await;
    let body = json!({ "OrganizationName": "Scheduled" });
    let schedule = [("Elements-Schedule-Request", "0 0 * * * ?")];
    let made = call(&platform, &token, ("POST", "/hubs/crm/accounts"), &schedule, Some(&body)).await.ok();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(made["data"]["elementKey"], "oraclesalescloud");
    assert_eq!(named(&platform, &token, "Scheduled").await, 0, "it is not executed at once");
    platform.pass(HOUR);
    runs(&platform, &id, 1).await;
    assert_eq!(named(&platform, &token, "Scheduled").await, 1);
    platform.pass(HOUR * 10);
    let records = runs(&platform, &id, 2).await;
    assert_eq!(named(&platform, &token, "Scheduled").await, 2, "what was missed is made up for once");
    assert_eq!(records[0]["job_state"], "COMPLETED");
    let numbers: Vec<i64> = records.iter().filter_map(|record| record["job_history_id"].as_i64()).collect();
    assert!(numbers.len() == 2 && numbers[0] > numbers[1], "the newest first: {records:?}");
    let one = platform.get(&format!("/jobs/{id}/history/{}", numbers[1])).await.ok();
    assert_eq!(one, records[1]);
    platform.fault("oraclesalescloud", &json!({ "fault": "http500", "times": 100 })).await;
    platform.pass(HOUR);
    let failed = runs(&platform, &id, 3).await;
    assert_eq!(failed[0]["job_state"], "FAILED");
    assert!(failed[0]["job_error_message"].as_str().expect("a text").starts_with("502"), "{}", failed[0]);
    let state = platform.get(&format!("/jobs/{id}")).await.ok();
    assert_eq!(state["trigger"]["state"], "NORMAL", "it goes on");
    let executions = platform.get("/jobs/executions?elementKeys[]=oraclesalescloud").await.ok();
    assert_eq!(executions.as_array().map(Vec::len), Some(3));
    assert_eq!(executions[0]["element_key"], "oraclesalescloud");
    assert_eq!(platform.get("/jobs/executions?elementKeys[]=infobip").await.ok(), json!([]));
    assert_eq!(platform.get("/jobs/executions?endTime=2018-01-01").await.ok(), json!([]));
    platform.get("/jobs/executions?startTime=x").await.error(400);
    let page = platform.get("/jobs/executions?pageSize=2").await;
    let next = page.header("elements-next-page-token").to_owned();
    assert_eq!(page.ok().as_array().map(Vec::len), Some(2));
    let rest = platform.get(&format!("/jobs/executions?nextPage={next}")).await;
    assert_eq!(rest.header("elements-next-page-token"), "");
    assert_eq!(rest.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn schedules_need_credentials_and_a_cron_expression() {
    let platform = Platform::start().await;
    let token = token(&platform, "oraclesalescloud").await;
    let get = ("GET", "/hubs/crm/accounts");
    for wrong in ["", "* * * * *", "every minute", "0 0 0 30 FEB ?"] {
        call(&platform, &token, get, &[("Elements-Schedule-Request", wrong)], None).await.error(400);
    }
    let schedule = ("Elements-Schedule-Request", "0 * * * * ?");
    call(&platform, "nope", get, &[schedule], None).await.error(401);
    platform.raw("GET", &format!("{API}/hubs/crm/accounts"), &[schedule], "").await.error(401);
    let user = format!("User {}", platform.user);
    platform.raw("GET", &format!("{API}/elements"), &[schedule, ("authorization", &user)], "").await.error(401);
    assert_eq!(platform.get("/jobs").await.ok(), json!([]));
    let all = [schedule, ("authorization", &platform.authorization())].map(|(name, value)| (name, value.to_owned()));
    let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = platform.raw("GET", &format!("{API}/elements?abridged=true"), &all, "").await.ok();
    assert_eq!(made["name"], "GET /elements/api-v2/elements", "any call can have a schedule");
}

#[tokio::test]
async fn a_job_runs_with_its_body_query_and_headers() {
    let platform = Platform::start().await;
    let instance = platform.provision("oraclesalescloud", "later").await;
    let token = instance["token"].as_str().expect("a token");
    let once = json!({
        "name": "once", "method": "POST", "uri": "/elements/api-v2/accounts", "body": { "OrganizationName": "Once" },
        "query": { "ignored": [1, true] }, "headers": { "Elements-Formula-Id": "7", "Host": "x", "Content-Length": "1" },
        "instanceId": instance["id"],
    });
    let made = platform.post("/jobs", &once).await.ok();
    assert_eq!(made["schedule"], Value::Null);
    let id = made["id"].as_str().expect("an id");
    runs(&platform, id, 1).await;
    assert_eq!(named(&platform, token, "Once").await, 1);
    let ended = platform.get(&format!("/jobs/{id}")).await.ok();
    assert_eq!((&ended["trigger"]["state"], &ended["trigger"]["mayFireAgain"]), (&json!("COMPLETE"), &json!(false)));
    assert_eq!(platform.get("/jobs").await.ok(), json!([]), "what has ended is not listed");
    let by_header = json!({
        "name": "header", "method": "POST", "uri": "/elements/api-v2/hubs/crm/accounts",
        "body": { "OrganizationName": "ByHeader" }, "headers": { "Authorization": platform.with_token(token) },
    });
    let made = platform.post("/jobs", &by_header).await.ok();
    runs(&platform, made["id"].as_str().expect("an id"), 1).await;
    assert_eq!(named(&platform, token, "ByHeader").await, 1);
    let without = json!({ "name": "none", "method": "GET", "uri": "/elements/api-v2/hubs/crm/accounts" });
    let made = platform.post("/jobs", &without).await.ok();
    let failed = runs(&platform, made["id"].as_str().expect("an id"), 1).await;
    assert!(failed[0]["job_error_message"].as_str().expect("a text").starts_with("401"), "{}", failed[0]);
    let hourly = json!({
        "name": "gone", "method": "GET", "uri": "/elements/api-v2/accounts", "trigger": { "cron": "0 0 * * * ?" },
        "instanceId": instance["id"],
    });
    let made = platform.post("/jobs", &hourly).await.ok();
    platform.send("DELETE", &format!("/instances/{}", instance["id"]), None).await.ok();
    platform.get(&format!("/jobs/{}", made["id"].as_str().expect("an id"))).await.error(404);
}

/// What a callback was sent: its headers, and its body as it came.
struct Told {
    head: String,
    body: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Somebody to call back, who answers with these statuses one after the other, then with 200.
async fn receiver(statuses: &[u16]) -> (SocketAddr, mpsc::UnboundedReceiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, received) = mpsc::unbounded_channel();
    let statuses = Arc::new(Mutex::new(statuses.to_vec()));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (sender, statuses) = (sender.clone(), Arc::clone(&statuses));
            tokio::spawn(async move {
                let (mut request, mut buffer) = (String::new(), vec![0; 65_536]);
                loop {
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    request.push_str(&String::from_utf8_lossy(&buffer[..read]));
                    let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
                    let head = head.to_ascii_lowercase();
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    if read > 0 && length.is_some_and(|length| length.parse() != Ok(body.len())) {
                        continue;
                    }
                    let status = {
                        let mut statuses = statuses.lock().expect("no panic");
                        if statuses.is_empty() { 200 } else { statuses.remove(0) }
                    };
                    let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = sender.send(Told {
                        head: request.split("\r\n\r\n").next().unwrap_or_default().to_owned(),
                        body: body.to_owned(),
                    });
                    return;
                }
            });
        }
    });
    (address, received)
}

#[tokio::test]
async fn an_asynchronous_call_is_answered_at_once_and_told_of_later() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
    let (receiver, mut told) = receiver(&[]).await;
    let mut request = platform.request("oraclesalescloud", "async");
    request["configuration"]["event.notification.signature.key"] = json!("planted-signature-key");
    request["configuration"]["event.notification.callback.url"] = json!(format!("http://{receiver}/own"));
    let instance = platform.post("/instances", &request).await.ok();
    let token = instance["token"].as_str().expect("a token");
    let url = format!("http://{receiver}/named?x=y");
    let headers = [("Elements-Async-Request", "True"), ("Elements-Async-Callback-Url", url.as_str())];
    let body = json!({ "OrganizationName": "Async" });
    let answer = call(&platform, token, ("POST", "/hubs/crm/accounts"), &headers, Some(&body)).await;
    assert_eq!(answer.header("elements-element-instance-id"), instance["id"].to_string());
    let answer = answer.ok();
    assert_eq!(answer["eventStatus"], "dispatched");
    let first = told.recv().await.expect("a callback");
    assert!(first.head.starts_with("POST /named?x=y HTTP/1.1"), "{}", first.head);
    let sent = first.json();
    assert_eq!((&sent["eventId"], &sent["instanceId"]), (&answer["eventId"], &instance["id"]));
    assert!(sent["notificationId"].is_i64(), "{sent}");
    assert_eq!(sent["response"]["OrganizationName"], "Async");
    assert_eq!(named(&platform, token, "Async").await, 1);
    let signature = ligand_engine::signature("planted-signature-key", first.body.as_bytes());
    let expected = format!("elements-webhook-signature: {signature}");
    assert!(first.head.lines().any(|line| line == expected), "{}", first.head);
    assert!(first.head.to_ascii_lowercase().contains("content-type: application/json"), "{}", first.head);
    let headers = [("elements-async-request", "TRUE")];
    call(&platform, token, ("GET", "/accounts/nope"), &headers, None).await.ok();
    let second = told.recv().await.expect("a callback");
    assert!(second.head.starts_with("POST /own HTTP/1.1"), "the instance's own address: {}", second.head);
    let error = &second.json()["response"];
    assert!(error["message"].is_string() && error["requestId"].is_string(), "{error}");
}

#[tokio::test]
async fn a_callback_is_repeated_and_the_call_is_not() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
    let (receiver, mut told) = receiver(&[500, 302]).await;
    let token = token(&platform, "oraclesalescloud").await;
    let url = format!("http://{receiver}/");
    let headers = [("Elements-Async-Request", "true"), ("Elements-Async-Callback-Url", url.as_str())];
    let body = json!({ "OrganizationName": "Repeated" });
    call(&platform, &token, ("POST", "/hubs/crm/accounts"), &headers, Some(&body)).await.ok();
    let first = told.recv().await.expect("a callback");
    let store = platform.store().await;
    for wait in [4, 12] {
        while store.count_jobs().await.expect("an answer").running > 0 {
            tokio::task::yield_now().await;
        }
        platform.pass(Duration::from_secs(wait));
        assert_eq!(told.recv().await.expect("a callback").body, first.body);
    }
    assert_eq!(named(&platform, &token, "Repeated").await, 1);
    store.close().await;
}

#[tokio::test]
async fn bad_asynchronous_calls_are_refused_at_once() {
    let platform = Platform::start().await;
    let token = token(&platform, "oraclesalescloud").await;
    let get = ("GET", "/hubs/crm/accounts");
    let asynchronous = ("Elements-Async-Request", "true");
    let missing = call(&platform, &token, get, &[asynchronous], None).await.error(400);
    assert!(missing.contains("callback"), "{missing}");
    for wrong in
        ["ftp://x.example/", "http://127.0.0.1:1/", "http://10.0.0.1/", "http://[", "http://[::ffff:127.0.0.1]/"]
    {
        let headers = [asynchronous, ("Elements-Async-Callback-Url", wrong)];
        call(&platform, &token, get, &headers, None).await.error(400);
    }
    let headers = [asynchronous, ("Elements-Async-Callback-Url", "https://example.com/")];
    call(&platform, "nope", get, &headers, None).await.error(401);
    call(&platform, &token, ("GET", "/hubs/crm/a/b/c/d/e/f/g"), &headers, None).await.error(404);
    call(&platform, &token, ("PUT", "/hubs/crm/ping"), &headers, None).await.error(405);
    let no = [("Elements-Async-Request", "false")];
    assert!(call(&platform, &token, get, &no, None).await.ok().is_array());
}

#[tokio::test]
async fn jobs_and_asynchronous_calls_that_wait_are_not_endless() {
    let platform = Platform::start().await;
    let instance = platform.provision("oraclesalescloud", "full").await;
    let user = Id::new(platform.get("/users/me").await.ok()["id"].as_i64().expect("a number"));
    let job = |kind: &'static str| NewJob {
        user_id: user,
        instance_id: Id::new(instance["id"].as_i64().expect("a number")),
        name: Some("waiting".to_owned()),
        ..NewJob::new(kind, json!({}), platform.now().plus(HOUR))
    };
    let store = platform.store().await;
    store.enqueue_jobs(&vec![job("scheduled-request"); 1000]).await.expect("room");
    let new = json!({ "name": "n", "method": "GET", "uri": "/elements/api-v2/hubs" });
    let refused = platform.post("/jobs", &new).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "60"), "{}", refused.text);
    let first = platform.get("/jobs?pageSize=999&nextPage=null").await;
    let next = first.header("elements-next-page-token").to_owned();
    assert_eq!(first.ok().as_array().map(Vec::len), Some(999));
    let last = platform.get(&format!("/jobs?nextPage={next}")).await;
    assert_eq!(last.header("elements-next-page-token"), "");
    let last = last.ok();
    assert_eq!(last.as_array().map(Vec::len), Some(1));
    for wrong in ["0a", "x", "%00", "null0"] {
        platform.get(&format!("/jobs?nextPage={wrong}")).await.error(400);
    }
    let id = last[0]["id"].as_str().expect("a text");
    platform.send("DELETE", &format!("/jobs/{id}"), None).await.ok();
    platform.post("/jobs", &new).await.ok();
    let (other, _) = platform.person(true).await;
    platform.send_as(&other, "POST", "/jobs", Some(&new)).await.ok();

    store.enqueue_jobs(&vec![job("asynchronous-request"); 1000]).await.expect("room");
    let token = instance["token"].as_str().expect("a token");
    let headers = [("Elements-Async-Request", "true"), ("Elements-Async-Callback-Url", "https://example.com/")];
    call(&platform, token, ("GET", "/hubs/crm/accounts"), &headers, None).await.error(429);
}
