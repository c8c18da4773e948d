//! Puts the script engine to work for elements: their hooks run in it, and the requests of hooks go past the egress
//! guard.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use ligand_domain::{Clock, Rng};
use ligand_element::Hook;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Failure, HookRunner, Options, ScriptResult,
    client::LazyClient,
    script::{HttpAnswering, HttpCaller, HttpRequest, HttpResponse, Script, ScriptError, ScriptOptions, Scripts},
};

/// Runs hooks in the script engine.
pub(crate) struct ScriptRunner(Scripts);

impl ScriptRunner {
    pub(crate) fn new(
        limits: ScriptOptions,
        options: Options,
        client: Arc<LazyClient>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self(Scripts::new(limits, clock, rng, Arc::new(Guarded { client, options: Arc::new(options) })))
    }
}

impl HookRunner for ScriptRunner {
    fn run<'a>(&'a self, tenant: u64, hook: &'a Hook, variables: Map<String, Value>) -> BoxFuture<'a, ScriptResult> {
        let script = if hook.is_legacy { Script::legacy(&hook.body) } else { Script::modern(&hook.body) };
        Box::pin(async move {
            let outcome = self.0.run(tenant, &script, variables).await.map_err(|error| of_error(&error))?;
            for line in &outcome.console {
                tracing::trace!(tenant, hook = hook.id, line, "a script wrote");
            }
            Ok(outcome.result)
        })
    }
}

fn of_error(error: &ScriptError) -> Failure {
    let status = match error {
        ScriptError::Busy => 429,
        ScriptError::Engine => 500,
        _ => 400,
    };
    Failure::Script { status, message: error.to_string() }
}

/// The way of scripts to the network.
struct Guarded {
    client: Arc<LazyClient>,
    options: Arc<Options>,
}

impl HttpCaller for Guarded {
    fn call(&self, request: HttpRequest) -> HttpAnswering {
        let (client, options) = (Arc::clone(&self.client), Arc::clone(&self.options));
        Box::pin(async move { send(&client, &options, request).await })
    }
}

/// Sends a request of a script; redirects are its own business.
async fn send(client: &LazyClient, options: &Options, request: HttpRequest) -> Result<HttpResponse, String> {
    let url = Url::parse(&request.url).map_err(|_| "Invalid URL".to_owned())?;
    options.egress.check_url(&url).map_err(|refused| refused.to_string())?;
    let method = http::Method::from_bytes(request.method.as_bytes()).map_err(|_| "Invalid method".to_owned())?;
    let client = client.get(options).map_err(|failure| failure.to_string())?;
    let mut builder = client.request(method, url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    let mut response = builder.send().await.map_err(|_| Failure::Unreachable.to_string())?;
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| "The answer broke off".to_owned())? {
        if body.len() + piece.len() > options.max_response_bytes {
            return Err(Failure::TooLarge.to_string());
        }
        body.extend_from_slice(&piece);
    }
    Ok(HttpResponse { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
