//! Hooks as they are written: results, variables, helpers, modules, what goes wrong, what must not get through.

mod contract;
mod errors;
mod isolation;
mod limits;
mod modules;

use ligand_domain::{SystemClock, SystemRng};
use serde_json::json;

use super::*;

/// Answers with what it was asked; hosts that are called `refused.test` are refused, `never.test` never answers.
struct Echo;

impl HttpCaller for Echo {
    fn call(&self, request: HttpRequest) -> HttpAnswering {
        Box::pin(async move {
            if request.url.contains("refused.test") {
                return Err("the address may not be called".to_owned());
            }
            if request.url.contains("never.test") {
                std::future::pending::<()>().await;
            }
            let headers: Map<String, Value> =
                request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            let body = json!({
                "tenant": request.tenant, "method": request.method, "url": request.url, "headers": headers,
                "body": request.body,
            });
            let headers = [("content-type", "application/json"), ("set-cookie", "a=1"), ("set-cookie", "b=2")];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            Ok(HttpResponse { status: 207, headers, body: body.to_string() })
        })
    }
}

fn options() -> ScriptOptions {
    ScriptOptions { threads: 1, deadline: Duration::from_secs(20), ..ScriptOptions::default() }
}

fn scripts(options: ScriptOptions) -> Scripts {
    Scripts::new(options, Arc::new(SystemClock), Arc::new(SystemRng), Arc::new(Echo))
}

fn variables(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("variables are an object") };
    members
}

/// Runs a body of the current engine without variables.
async fn modern(body: &str) -> Result<Outcome, ScriptError> {
    scripts(options()).run(1, &Script::modern(body), &Map::new()).await
}

async fn legacy(body: &str) -> Result<Outcome, ScriptError> {
    scripts(options()).run(1, &Script::legacy(body), &Map::new()).await
}

/// The member `x` of what a body gives to `done`.
async fn x(body: &str) -> Value {
    match modern(body).await {
        Ok(outcome) => outcome.result.get("x").cloned().unwrap_or(json!("absent")),
        Err(error) => panic!("{body}: {error}"),
    }
}

/// The error's text.
async fn error(body: &str) -> String {
    modern(body).await.map(|outcome| outcome.result).expect_err(body).to_string()
}
