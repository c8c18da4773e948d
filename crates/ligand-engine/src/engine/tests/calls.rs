//! Calls of instances: pages, tokens, scripts, files.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::{any, get, post},
};
use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{BoxFuture, join_all},
    stream,
};
use ligand_domain::{Configuration, Id};
use ligand_element::{CallerBody, CallerPart, CallerRequest, Element, HOOK_VARIABLES, Hook, Method, PartContent};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::{configured, element, engine, options, serve};
use crate::{
    Content, Engine, Failure, HookRunner, HubCall, Keeper, Options, Reply, ScriptResult, Upload, script::Variables,
    session::standing_in,
};

/// Keeps a configuration in memory, and has its tokens renewed one after the other.
pub(crate) struct Shelf(Mutex<Configuration>, AtomicU32, Option<(Arc<Engine>, Arc<Element>)>, tokio::sync::Mutex<()>);

impl Shelf {
    pub(crate) fn new(configuration: Configuration) -> Self {
        Self(Mutex::new(configuration), AtomicU32::new(0), None, tokio::sync::Mutex::default())
    }

    pub(crate) fn renewing(configuration: Configuration, engine: &Arc<Engine>, element: &Arc<Element>) -> Self {
        Self(
            Mutex::new(configuration),
            AtomicU32::new(0),
            Some((Arc::clone(engine), Arc::clone(element))),
            tokio::sync::Mutex::default(),
        )
    }

    pub(crate) fn value(&self, key: &str) -> Option<String> {
        self.0.lock().unwrap().get(key).map(str::to_owned)
    }
}

impl Keeper for Shelf {
    fn renew<'a>(&'a self, used: &'a Configuration) -> BoxFuture<'a, Result<Configuration, Failure>> {
        Box::pin(async {
            let _turn = self.3.lock().await;
            let current = self.0.lock().unwrap().clone();
            if current != *used {
                return Ok(current);
            }
            let (engine, element) = self.2.as_ref().expect("a shelf that renews");
            let changes = engine.renew(element, Some(Id::new(1).unwrap()), &current).await?;
            self.keep(changes).await?;
            Ok(self.0.lock().unwrap().clone())
        })
    }

    fn keep(&self, changes: Vec<(String, Option<String>)>) -> BoxFuture<'_, Result<(), Failure>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        changes.into_iter().for_each(|(key, value)| self.0.lock().unwrap().set(&key, value));
        Box::pin(async { Ok(()) })
    }
}

pub(crate) fn hub_call<'a>(
    element: &'a Element,
    resource: usize,
    request: &'a CallerRequest,
    configuration: &'a Configuration,
    keeper: &'a Shelf,
) -> HubCall<'a> {
    HubCall {
        element,
        resource: &element.resources()[resource],
        path: BTreeMap::new(),
        request,
        uploads: Vec::new(),
        instance: Id::new(1).unwrap(),
        configuration,
        keeper,
        takes_text: true,
        record: None,
    }
}

fn query(pairs: &[(&str, &str)]) -> CallerRequest {
    let query = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    CallerRequest { query, ..standing_in() }
}

fn json_of(reply: Reply) -> Value {
    match reply.content {
        Content::Json(value) => value,
        Content::List(list) => {
            let records: Vec<Value> = serde_json::from_slice(&list.text).unwrap();
            assert_eq!(records.len(), list.count);
            records.into()
        }
        Content::File(_) => panic!("no file was expected"),
    }
}

/// Calls a resource of an element whose `base.url` is this.
async fn call(engine: &Engine, text: &str, base: &str, request: &CallerRequest) -> Result<Reply, Failure> {
    let element = element("t", text);
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::new(configuration.clone());
    engine.call(hub_call(&element, 0, request, &configuration, &shelf)).await
}

fn plain(resources: &str) -> String {
    format!(
        "name: T\nauthentication: {{ type: none }}\nconfiguration:\n  - {{ key: base.url }}\n  \
         - {{ key: pagination.max, defaultValue: \"10\" }}\nresources:\n{resources}"
    )
}

const NUMBERS: &str = "
  - method: GET
    path: /numbers
    parameters:
      - { name: page, type: query, vendorName: p, vendorType: query }
      - { name: pageSize, type: query, vendorName: s, vendorType: query }";

/// A vendor of the numbers from 0 to 99 in pages, which counts its answers.
async fn numbers() -> (String, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let handler = move |request: Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        let query = url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes());
        let query: BTreeMap<_, u64> = query.map(|(name, value)| (name, value.parse().unwrap())).collect();
        let first = (query["p"] - 1) * query["s"];
        let page: Vec<Value> =
            (first..(first + query["s"]).min(100)).map(|n| json!({ "n": n, "even": n % 2 == 0 })).collect();
        async move { Value::from(page).to_string() }
    };
    (serve(Router::new().route("/numbers", get(handler))).await, count)
}

fn values(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|record| record["n"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn pages_are_filled_from_as_many_of_the_vendors_as_it_takes() {
    let (base, count) = numbers().await;
    let (text, engine) = (plain(NUMBERS), engine());
    let request = query(&[("where", "even = true AND n > 20"), ("pageSize", "7"), ("fields", "n")]);
    let reply = call(&engine, &text, &base, &request).await.unwrap();
    let token = reply.next_page.clone().unwrap();
    let body = json_of(reply);
    assert_eq!(values(&body), [22, 24, 26, 28, 30, 32, 34]);
    assert_eq!(body[0], json!({ "n": 22 }), "only the fields that were asked for");
    assert!(count.load(Ordering::SeqCst) <= 5, "no more pages than needed");
    let (mut walked, mut token) = (values(&body), Some(token));
    while let Some(next) = token {
        let request = query(&[("where", "even = true AND n > 20"), ("nextPage", &next)]);
        let reply = call(&engine, &text, &base, &request).await.unwrap();
        token = reply.next_page.clone();
        walked.extend(values(&json_of(reply)));
        assert!(walked.len() < 100);
    }
    assert_eq!(walked, (22..100).step_by(2).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_size_beyond_the_maximum_is_cut_with_a_warning() {
    let (base, _) = numbers().await;
    let reply = call(&engine(), &plain(NUMBERS), &base, &query(&[("pageSize", "50")])).await.unwrap();
    assert!(reply.warning.as_deref().is_some_and(|warning| warning.contains("10")));
    assert_eq!(values(&json_of(reply)).len(), 10);
    for pair in [("page", "0"), ("pageSize", "x"), ("nextPage", "rubbish"), ("where", "a b")] {
        assert!(
            matches!(call(&engine(), &plain(NUMBERS), &base, &query(&[pair])).await, Err(Failure::Plan(_))),
            "{pair:?}"
        );
    }
}

const TOKENS: &str = "
name: Tokens
authentication: { type: custom }
configuration:
  - { key: base.url }
  - { key: token, name: Token, type: PASSWORD, defaultValue: old }
parameters:
  - { name: 'Bearer ${configuration.token}', type: value, vendorName: Authorization, vendorType: header }
resources:
  - { method: GET, path: '/things/{id}' }
  - type: provisionAuthValidation
    method: POST
    path: /token
    parameters:
      - { name: token, type: configuration, vendorType: bodyField, vendorName: token, source: response }
";

/// A vendor that takes one token and gives tokens; and what it was asked.
async fn token_vendor(taken: &'static str, given: &'static str) -> (String, Arc<AtomicU32>, Arc<AtomicU32>) {
    let (renewals, calls) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (renewed, called) = (Arc::clone(&renewals), Arc::clone(&calls));
    let token = move || {
        renewed.fetch_add(1, Ordering::SeqCst);
        async move { json!({ "token": given }).to_string() }
    };
    let things = move |headers: HeaderMap| {
        called.fetch_add(1, Ordering::SeqCst);
        async move {
            if headers[header::AUTHORIZATION] == format!("Bearer {taken}") {
                (StatusCode::OK, "{\"ok\":true}")
            } else {
                (StatusCode::UNAUTHORIZED, "{\"message\":\"token old expired\"}")
            }
        }
    };
    let router = Router::new().route("/token", post(token)).route("/things/{id}", get(things));
    (serve(router).await, renewals, calls)
}

async fn things(
    element: &Element,
    engine: &Engine,
    configuration: &Configuration,
    shelf: &Shelf,
) -> Result<Reply, Failure> {
    let request = standing_in();
    let path = [("id".to_owned(), "1".to_owned())].into_iter().collect();
    engine.call(HubCall { path, ..hub_call(element, 0, &request, configuration, shelf) }).await
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_renewed_once_for_all_callers() {
    let (base, renewals, calls) = token_vendor("new", "new").await;
    let (element, engine) = (Arc::new(element("tokens", TOKENS)), Arc::new(engine()));
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let all = (0..20).map(|_| things(&element, &engine, &configuration, &shelf));
    assert!(join_all(all).await.into_iter().all(|reply| json_of(reply.unwrap()) == json!({ "ok": true })));
    assert_eq!(renewals.load(Ordering::SeqCst), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 40);
    assert_eq!((shelf.value("token").as_deref(), shelf.1.load(Ordering::SeqCst)), (Some("new"), 1));
}

#[tokio::test]
async fn a_refusal_that_no_token_cures_is_one() {
    let (base, renewals, calls) = token_vendor("other", "new").await;
    let (element, engine) = (Arc::new(element("tokens", TOKENS)), Arc::new(engine()));
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let failure = things(&element, &engine, &configuration, &shelf).await.err();
    assert!(matches!(&failure, Some(Failure::Rejected { status: 401, provider_message: Some(_), .. })), "{failure:?}");
    assert_eq!((renewals.load(Ordering::SeqCst), calls.load(Ordering::SeqCst)), (1, 2));

    let (base, _, calls) = token_vendor("other", "old").await;
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::renewing(configuration.clone(), &engine, &element);
    let failure = things(&element, &engine, &configuration, &shelf).await.err();
    let told = Failure::Rejected {
        status: 401,
        provider_message: Some("token ******** expired".to_owned()),
        retry_after_seconds: None,
    };
    assert!(failure.is_some());
    assert_eq!((failure, calls.load(Ordering::SeqCst)), (Some(told), 1), "the same token is not tried again");
}

#[tokio::test]
async fn the_check_of_an_instance_keeps_what_it_brings() {
    let (base, ..) = token_vendor("new", "new").await;
    let element = element("tokens", TOKENS);
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::new(configuration.clone());
    assert_eq!(engine().check(&element, Id::new(1).unwrap(), &configuration, &shelf).await, Ok(true));
    assert_eq!(shelf.value("token").as_deref(), Some("new"));
    let without = super::element("t", &plain("  - { method: GET, path: /x }"));
    assert_eq!(engine().check(&without, Id::new(1).unwrap(), &configuration, &shelf).await, Ok(false));
}

/// Gives the results that scripts' bodies are, as JSON, and remembers what they saw.
#[derive(Default)]
struct Recited(Mutex<Vec<Map<String, Value>>>);

impl HookRunner for Recited {
    fn run<'a>(&'a self, _: u64, hook: &'a Hook, variables: &dyn Variables) -> BoxFuture<'a, ScriptResult> {
        let seen = HOOK_VARIABLES.iter().map(|name| ((*name).to_owned(), variables.value(name).into_owned()));
        self.0.lock().unwrap().push(seen.collect());
        Box::pin(async { Ok(serde_json::from_str(&hook.body).unwrap()) })
    }
}

fn scripted(pre: &Value, post: &Value) -> String {
    let body = |value: &Value| value.to_string().replace('\'', "''");
    plain(&format!(
        "  - method: POST\n    path: /echo\n    parameters: [{{ name: body, type: body, vendorType: body }}]\n    \
         hooks:\n      - {{ type: preRequest, body: '{}' }}\n      - {{ type: postRequest, body: '{}' }}\n",
        body(pre),
        body(post)
    ))
}

async fn echo() -> String {
    let handler = async |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let status = parts.headers.get("x-status").map_or(200, |value| value.to_str().unwrap().parse().unwrap());
        let seen = json!({
            "method": parts.method.as_str(), "path": parts.uri.to_string(), "body": String::from_utf8_lossy(&body),
            "content-type": parts.headers.get("content-type").map(|value| value.to_str().unwrap()),
        });
        (StatusCode::from_u16(status).unwrap(), seen.to_string())
    };
    serve(Router::new().fallback(any(handler))).await
}

async fn with_scripts(pre: Value, post: Value) -> (Result<Reply, Failure>, Vec<Map<String, Value>>) {
    let runner = Arc::new(Recited::default());
    let engine = Engine::new(options()).with_hooks(Arc::clone(&runner) as Arc<dyn HookRunner>);
    let request = CallerRequest { method: Method::Post, body: CallerBody::Json(json!({ "a": 1 })), ..standing_in() };
    let reply = call(&engine, &scripted(&pre, &post), &echo().await, &request).await;
    (reply, std::mem::take(&mut *runner.0.lock().unwrap()))
}

#[tokio::test]
async fn scripts_change_requests_and_answers() {
    let pre = json!({
        "request_vendor_path": "/elsewhere", "request_vendor_method": "PUT", "request_vendor_body": "text",
        "request_vendor_headers": { "Content-Type": null }, "request_vendor_parameters": { "q": "1" },
    });
    let (reply, seen) = with_scripts(pre, json!({})).await;
    let expected = json!({ "method": "PUT", "path": "/elsewhere?q=1", "body": "text" });
    assert_eq!(json_of(reply.unwrap()), expected, "nulls are left out");
    assert_eq!(seen[0]["request_body"], json!({ "a": 1 }));
    assert_eq!(seen[0]["response_body"], Value::Null);
    assert_eq!((&seen[1]["response_status_code"], &seen[1]["response_iserror"]), (&json!(200), &json!(false)));
    let (reply, _) = with_scripts(json!({}), json!({ "response_body": [1, null] })).await;
    assert_eq!(json_of(reply.unwrap()), json!([1, null]));
}

#[tokio::test]
async fn scripts_can_keep_a_call_from_the_vendor() {
    let (reply, seen) = with_scripts(json!({ "continue": false, "response_body": { "own": 1 } }), json!({})).await;
    assert_eq!(json_of(reply.unwrap()), json!({ "own": 1 }));
    assert_eq!(seen[1]["response_body"], json!({ "own": 1 }), "scripts behind the call run all the same");
}

#[tokio::test]
async fn scripts_fail_calls_and_see_failures() {
    let (reply, _) = with_scripts(json!({ "response_error": "no", "response_status_code": 409 }), json!({})).await;
    assert_eq!(reply.err(), Some(Failure::Script { status: 409, message: "no".to_owned(), stated: true }));
    let refuse = json!({ "request_vendor_headers": { "x-status": "404" } });
    let (reply, seen) = with_scripts(refuse.clone(), json!({})).await;
    assert!(matches!(reply.err(), Some(Failure::Rejected { status: 404, .. })));
    assert_eq!(seen[1]["response_iserror"], true);
    let (reply, _) = with_scripts(refuse, json!({ "response_status_code": 200, "response_body": {} })).await;
    assert_eq!(json_of(reply.unwrap()), json!({}));
}

#[tokio::test]
async fn without_a_runner_calls_with_scripts_are_refused() {
    let request = standing_in();
    let outcome = call(&engine(), &scripted(&json!({}), &json!({})), &echo().await, &request).await;
    assert_eq!(
        outcome.err().map(|failure| failure.to_string()).as_deref(),
        Some("a resource with scripts is not supported")
    );
}

#[tokio::test]
async fn what_scripts_leave_in_the_configuration_is_kept() {
    let text = scripted(&json!({}), &json!({ "configuration": { "x": "1", "base.url": null } }));
    let element = element("t", &text);
    let configuration = configured(&element, &json!({ "base.url": echo().await }));
    let shelf = Shelf::new(configuration.clone());
    let engine = Engine::new(options()).with_hooks(Arc::new(Recited::default()));
    let request = CallerRequest { method: Method::Post, ..standing_in() };
    engine.call(hub_call(&element, 0, &request, &configuration, &shelf)).await.unwrap();
    assert_eq!((shelf.value("x").as_deref(), shelf.value("base.url")), (Some("1"), None));
}

const FILES: &str = "
  - { method: GET, path: '/files/{id}' }
  - method: POST
    path: /files
    parameters:
      - { name: file, type: multipart, vendorName: upload, vendorType: multipart, required: true }
      - { name: note, type: multipart, vendorName: note, vendorType: multipart }";

async fn download(engine: &Engine, base: &str) -> Result<Reply, Failure> {
    let element = element("t", &plain(FILES));
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::new(configuration.clone());
    let request = standing_in();
    let path = [("id".to_owned(), "1".to_owned())].into_iter().collect();
    engine.call(HubCall { path, ..hub_call(&element, 0, &request, &configuration, &shelf) }).await
}

#[tokio::test]
async fn files_come_as_they_arrive_and_end_when_nobody_wants_them() {
    struct Gone(Arc<Notify>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let gone = Arc::new(Notify::new());
    let in_handler = Arc::clone(&gone);
    let handler = move || {
        let guard = Gone(Arc::clone(&in_handler));
        let pieces = stream::repeat_with(move || {
            let _ = &guard;
            Ok::<_, std::io::Error>(Bytes::from_static(&[7; 8192]))
        });
        let headers = [("content-type", "application/pdf"), ("content-disposition", "attachment; filename=a.pdf")];
        async move { (headers, Body::from_stream(pieces)) }
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let Content::File(mut file) = download(&engine(), &base).await.unwrap().content else { panic!("a file") };
    assert_eq!(file.content_type, "application/pdf");
    assert_eq!(file.content_disposition.as_deref(), Some("attachment; filename=a.pdf"));
    assert!(file.pieces.next().await.unwrap().unwrap().iter().all(|byte| *byte == 7));
    drop(file);
    gone.notified().await;

    let small = Engine::new(Options { max_stream_bytes: 100_000, ..options() });
    let Content::File(file) = download(&small, &base).await.unwrap().content else { panic!("a file") };
    let pieces: Vec<_> = file.pieces.take_while(|piece| futures_util::future::ready(piece.is_ok())).collect().await;
    let length: usize = pieces.iter().map(|piece| piece.as_ref().unwrap().len()).sum();
    assert!(length <= 100_000);
}

#[tokio::test]
async fn refusals_of_files_are_refusals() {
    let pdf = (StatusCode::NOT_FOUND, [("content-type", "application/pdf")], "gone").into_response();
    let (parts, _) = pdf.into_parts();
    let base = super::answering((parts.status, parts.headers, "gone")).await;
    assert!(matches!(download(&engine(), &base).await.err(), Some(Failure::Rejected { status: 404, .. })));
}

#[tokio::test]
async fn uploads_are_passed_on_in_parts() {
    let handler = async |request: Request| {
        let kind = request.headers()["content-type"].to_str().unwrap().to_owned();
        let length = request.headers().contains_key("content-length");
        let body = axum::body::to_bytes(request.into_body(), 10_000_000).await.unwrap();
        json!({ "kind": kind, "length": length, "bytes": body.len(), "head": String::from_utf8_lossy(&body[..200]) })
            .to_string()
    };
    let base = serve(Router::new().fallback(any(handler))).await;
    let element = element("t", &plain(FILES));
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::new(configuration.clone());
    let file = CallerPart {
        name: "file".to_owned(),
        file_name: Some("a.bin".to_owned()),
        content_type: Some("image/png".to_owned()),
        content: PartContent::File(0),
    };
    let note = CallerPart {
        name: "note".to_owned(),
        file_name: None,
        content_type: None,
        content: PartContent::Text("hello".to_owned()),
    };
    let body = CallerBody::Multipart(vec![file, note]);
    let request = CallerRequest { method: Method::Post, body, ..standing_in() };
    let pieces = stream::repeat_with(|| Ok(Bytes::from_static(&[1; 1000]))).take(5000).boxed();
    let upload = Upload { pieces, length: None };
    let call = HubCall { uploads: vec![upload], ..hub_call(&element, 1, &request, &configuration, &shelf) };
    let reply = json_of(engine().call(call).await.unwrap());
    assert!(reply["bytes"].as_u64().unwrap() > 5_000_000);
    assert_eq!(reply["length"], false);
    assert!(reply["kind"].as_str().unwrap().starts_with("multipart/form-data; boundary="));
    let head = reply["head"].as_str().unwrap();
    assert!(head.contains("name=\"upload\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n"), "{head}");

    let missing = hub_call(&element, 1, &request, &configuration, &shelf);
    assert!(matches!(engine().call(missing).await.err(), Some(Failure::Plan(_))));
}

#[tokio::test]
async fn slow_vendors_are_given_up_and_the_call_tells_so() {
    let base = serve(Router::new().fallback(any(std::future::pending::<()>))).await;
    let engine = Engine::new(Options { total_timeout: Duration::from_millis(50), ..options() });
    let outcome = call(&engine, &plain("  - { method: GET, path: '/x' }"), &base, &standing_in()).await;
    assert_eq!(outcome.err(), Some(Failure::TimedOut));
}

const CREATED: &str = "
  - { method: POST, path: /things, parameters: [{ name: body, type: body, vendorType: body }] }
  - { method: GET, path: '/things/{id}', vendorPath: '/records/{id}', rootKey: '|record' }
  - { method: POST, path: /others }
  - { method: GET, path: /things }";

#[tokio::test]
async fn a_new_record_is_read_when_the_vendor_only_tells_where_it_is() {
    let created = |location: &'static str| async move { (StatusCode::CREATED, [(header::LOCATION, location)], "") };
    let router = Router::new()
        .route("/things", post(move || created("/api/records/a%20b?x=y")).get(async || "[]"))
        .route("/records/a%20b", get(async || r#"{"record":{"name":"new"}}"#))
        .route("/others", post(move || created("https://elsewhere.example/7/")));
    let base = serve(router).await;
    let element = element("t", &plain(CREATED));
    let configuration = configured(&element, &json!({ "base.url": base }));
    let shelf = Shelf::new(configuration.clone());
    let post_to = async |index: usize, path: &str, body: Value| {
        let request = CallerRequest {
            method: Method::Post,
            path: path.to_owned(),
            body: CallerBody::Json(body),
            ..standing_in()
        };
        engine().call(hub_call(&element, index, &request, &configuration, &shelf)).await.map(json_of)
    };
    assert_eq!(post_to(0, "/hubs/general/things", json!({})).await, Ok(json!({ "name": "new" })));
    assert_eq!(post_to(2, "/others", json!({})).await, Ok(json!({ "id": "7" })), "nothing reads it");
}

#[tokio::test]
async fn a_new_record_that_cannot_be_read_is_made_all_the_same() {
    let reads = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&reads);
    let refused = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { StatusCode::FORBIDDEN }
    };
    let created = async || (StatusCode::CREATED, [(header::LOCATION, "/records/7")], "");
    let base = serve(Router::new().route("/things", post(created)).route("/records/7", get(refused))).await;
    let request = CallerRequest { method: Method::Post, path: "/things".to_owned(), ..standing_in() };
    let reply = call(&engine(), &plain(CREATED), &base, &request).await.map(json_of);
    assert_eq!((reply, reads.load(Ordering::SeqCst)), (Ok(json!({ "id": "7" })), 1));
    let told = async || (StatusCode::CREATED, [(header::LOCATION, "/records/7")], r#"{"own":1}"#);
    let base = serve(Router::new().route("/things", post(told))).await;
    let reply = call(&engine(), &plain(CREATED), &base, &request).await.map(json_of);
    assert_eq!(reply, Ok(json!({ "own": 1 })), "what the vendor says of it is enough");
    let bare = async || (StatusCode::CREATED, [(header::LOCATION, "/tasks/7")], "");
    let base = serve(Router::new().route("/things", post(bare)).route("/records/7", get(async || "{}"))).await;
    let reply = call(&engine(), &plain(CREATED), &base, &request).await.map(json_of);
    assert_eq!(reply, Ok(json!({ "id": "7" })), "a record of another kind is not read");
    let accepted = async || (StatusCode::ACCEPTED, [(header::LOCATION, "/records/7")], "");
    let base = serve(Router::new().route("/things", post(accepted)).route("/records/7", get(async || "{}"))).await;
    let reply = call(&engine(), &plain(CREATED), &base, &request).await.map(json_of);
    assert_eq!(reply, Ok(Value::Null), "what is not made yet has no id");
    let silent = async || StatusCode::NO_CONTENT;
    let base = serve(Router::new().route("/things", post(silent))).await;
    let reply = call(&engine(), &plain(CREATED), &base, &request).await.map(json_of);
    assert_eq!(reply, Ok(Value::Null));
}

/// A vendor of ever more numbers in pages of ten, which answers so from the page with this number on.
async fn endless(from: u32, then: StatusCode) -> (String, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let handler = move || {
        let page = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            if page + 1 >= from {
                return (then, String::new());
            }
            let records: Vec<Value> = (0..10).map(|n| json!({ "n": page * 10 + n, "even": n % 2 == 0 })).collect();
            (StatusCode::OK, Value::from(records).to_string())
        }
    };
    (serve(Router::new().route("/numbers", get(handler))).await, count)
}

#[tokio::test]
async fn what_cannot_be_counted_does_not_cost_the_page() {
    let request = query(&[("where", "even = true AND n > 1"), ("pageSize", "3"), ("returnCount", "true")]);
    let cases = [
        (u32::MAX, StatusCode::OK, 21),
        (2, StatusCode::TOO_MANY_REQUESTS, 5),
        (3, StatusCode::BAD_REQUEST, 3),
        (4, StatusCode::FORBIDDEN, 4),
    ];
    for (from, then, asked) in cases {
        let (base, count) = endless(from, then).await;
        let reply = call(&engine(), &plain(NUMBERS), &base, &request).await.unwrap();
        assert_eq!((reply.total_count, reply.next_page.is_some()), (None, true), "{then}");
        assert_eq!(count.load(Ordering::SeqCst), asked, "{then}");
        assert_eq!(json_of(reply).as_array().map(Vec::len), Some(3), "{then}");
    }
    let (base, _) = endless(1, StatusCode::FORBIDDEN).await;
    assert!(call(&engine(), &plain(NUMBERS), &base, &request).await.is_err(), "there is no page to answer");
}

#[tokio::test]
async fn counting_ends_before_the_time_of_the_call_does() {
    let pages = Arc::new(AtomicU32::new(0));
    let handler = async move || {
        if pages.fetch_add(1, Ordering::SeqCst) > 0 {
            std::future::pending::<()>().await;
        }
        Value::from((0..10).map(|n| json!({ "n": n, "even": true })).collect::<Vec<_>>()).to_string()
    };
    let base = serve(Router::new().route("/numbers", get(handler))).await;
    let request = query(&[("where", "even = true AND n >= 0"), ("pageSize", "3"), ("returnCount", "true")]);
    let engine = Engine::new(Options { total_timeout: Duration::from_secs(1), ..options() });
    let reply = call(&engine, &plain(NUMBERS), &base, &request).await.unwrap();
    assert_eq!((reply.total_count, json_of(reply).as_array().map(Vec::len)), (None, Some(3)));
}
