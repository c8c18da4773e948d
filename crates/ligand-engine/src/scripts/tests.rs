//! Hooks in the real script engine: results, errors, and where their requests may go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, http::StatusCode, routing::any};
use ligand_domain::{SystemClock, SystemRng};
use ligand_element::{Hook, HookType};
use serde_json::{Map, Value, json};

use super::{Guarded, ScriptRunner};
use crate::{Egress, Failure, HookRunner, Options, ScriptResult, gate::Gates, script::ScriptOptions};

async fn run(egress: Egress, body: &str, variables: &Value) -> ScriptResult {
    run_as(Arc::default(), egress, body, variables).await
}

async fn run_as(gates: Arc<Gates>, egress: Egress, body: &str, variables: &Value) -> ScriptResult {
    let options = Options { egress, patience: Duration::ZERO, ..Options::default() };
    let way = Guarded { clients: Arc::default(), options, clock: Arc::new(SystemClock), gates };
    let runner = ScriptRunner::new(ScriptOptions::default(), way, Arc::new(SystemClock), Arc::new(SystemRng));
    let hook = Hook {
        id: 1,
        kind: HookType::PreRequest,
        mime_type: "application/javascript".to_owned(),
        body: body.to_owned(),
        is_legacy: false,
        description: None,
    };
    runner.run(1, &hook, &variables.as_object().cloned().unwrap_or_default()).await
}

fn members(value: &Value) -> ScriptResult {
    Ok::<Map<String, Value>, Failure>(value.as_object().cloned().unwrap())
}

#[tokio::test]
async fn hooks_see_variables_and_give_results() {
    let body = "done({ request_vendor_path: request_path + '/x', response_body: request_body.a });";
    let variables = json!({ "request_path": "/p", "request_body": { "a": [1] } });
    let expected = members(&json!({ "request_vendor_path": "/p/x", "response_body": [1] }));
    assert_eq!(run(Egress::default(), body, &variables).await, expected);
}

#[tokio::test]
async fn errors_of_scripts_are_told() {
    let failure = run(Egress::default(), "nothing.there;", &json!({})).await.err();
    assert!(
        matches!(&failure, Some(Failure::Script { status: 400, message, stated: false }) if message.contains("nothing is not defined")),
        "{failure:?}"
    );
    assert!(matches!(run(Egress::default(), "((", &json!({})).await, Err(Failure::Script { status: 400, .. })));
}

const FETCH: &str = "
require('http').get(request_path, (response) => {
    let text = '';
    response.on('data', (piece) => { text += piece; });
    response.on('end', () => done({ response_status_code: response.statusCode, response_body: text }));
}).on('error', (error) => done({ response_error: error.message }));";

#[tokio::test]
async fn requests_of_scripts_go_past_the_guard() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/found", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(async |request: Request| request.uri().path().to_owned()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let allowed = Egress::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let variables = json!({ "request_path": url });
    let expected = members(&json!({ "response_status_code": 200, "response_body": "/found" }));
    assert_eq!(run(allowed, FETCH, &variables).await, expected);
    let refused = run(Egress::default(), FETCH, &variables).await.unwrap();
    assert!(refused["response_error"].as_str().unwrap().contains("private"), "{refused:?}");
}

#[tokio::test]
async fn requests_of_scripts_wait_with_all_others_of_the_instance() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let answer = async move || {
        counted.fetch_add(1, Ordering::SeqCst);
        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "40")], "slower")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let variables = json!({ "request_path": format!("http://{}/x", listener.local_addr().unwrap()) });
    let router = Router::new().fallback(any(answer));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let (gates, allowed) = (Arc::new(Gates::default()), Egress::new(vec!["127.0.0.0/8".parse().unwrap()]));
    let first = run_as(Arc::clone(&gates), allowed.clone(), FETCH, &variables).await;
    assert_eq!(first, members(&json!({ "response_status_code": 429, "response_body": "slower" })));
    let second = run_as(gates, allowed, FETCH, &variables).await.unwrap();
    assert!(second["response_error"].as_str().unwrap().contains("asks to wait"), "{second:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
