//! Puts the script engine to work for elements: their hooks run in it, and the requests of hooks go past the egress
//! guard.

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use futures_util::future::BoxFuture;
use ligand_domain::{Clock, Configuration, Id, Rng};
use ligand_element::{Hook, HookState};
use serde_json::Value;
use url::Url;

use crate::{
    Failure, HookRunner, Options, ScriptResult,
    client::Clients,
    gate::{Closed, Gates},
    pace::now,
    script::{
        HttpAnswering, HttpCaller, HttpRequest, HttpResponse, Script, ScriptError, ScriptOptions, Scripts, Variables,
    },
    throttle,
};

/// How many bytes of bodies are remembered; then all are forgotten, which costs them a little time when they run next.
const REMEMBERED_BYTES: usize = 8 << 20;

/// Runs hooks in the script engine.
pub(crate) struct ScriptRunner {
    scripts: Scripts,
    known: RwLock<Known>,
}

/// The scripts of bodies that ran: those of the current engine, those of the older one.
#[derive(Default)]
struct Known {
    modern: HashMap<String, Script>,
    legacy: HashMap<String, Script>,
    bytes: usize,
}

impl ScriptRunner {
    pub(crate) fn new(limits: ScriptOptions, way: Guarded, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let scripts = Scripts::new(limits, clock, rng, Arc::new(Way(Arc::new(way))));
        Self { scripts, known: RwLock::default() }
    }

    fn script(&self, hook: &Hook) -> Script {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let scripts = if hook.is_legacy { &known.legacy } else { &known.modern };
        if let Some(script) = scripts.get(&hook.body) {
            return script.clone();
        }
        drop(known);
        let script = if hook.is_legacy { Script::legacy(&hook.body) } else { Script::modern(&hook.body) };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.bytes > REMEMBERED_BYTES {
            *known = Known::default();
        }
        known.bytes += hook.body.len();
        let scripts = if hook.is_legacy { &mut known.legacy } else { &mut known.modern };
        scripts.insert(hook.body.clone(), script.clone());
        script
    }
}

impl HookRunner for ScriptRunner {
    fn run<'a>(&'a self, tenant: u64, hook: &'a Hook, variables: &dyn Variables) -> BoxFuture<'a, ScriptResult> {
        let running = self.scripts.run(tenant, &self.script(hook), variables);
        Box::pin(async move {
            let outcome = running.await.map_err(|error| of_error(&error))?;
            for line in &outcome.console {
                tracing::trace!(tenant, hook = hook.id, line, "a script wrote");
            }
            Ok(outcome.result)
        })
    }
}

impl Variables for HookState<'_> {
    fn value(&self, name: &str) -> Cow<'_, Value> {
        self.variable(name)
    }
}

fn of_error(error: &ScriptError) -> Failure {
    let status = match error {
        ScriptError::Busy => 429,
        ScriptError::Engine => 500,
        _ => 400,
    };
    Failure::Script { status, message: error.to_string(), stated: false }
}

/// The way of scripts to the network: past the guard, and through the gate of their instance.
pub(crate) struct Guarded {
    pub(crate) clients: Arc<Clients>,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gates: Arc<Gates>,
}

/// The same for the script engine.
struct Way(Arc<Guarded>);

impl HttpCaller for Way {
    fn call(&self, request: HttpRequest) -> HttpAnswering {
        let way = Arc::clone(&self.0);
        Box::pin(async move { way.send(request).await })
    }
}

impl Guarded {
    /// Sends a request of a script once; redirects and repetitions are its own business. A vendor that asks the
    /// instance to wait, or that keeps failing, is not asked by its scripts either.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, String> {
        let url = Url::parse(&request.url).map_err(|_| "Invalid URL".to_owned())?;
        self.options.egress.check_url(&url).map_err(|refused| refused.to_string())?;
        // Scripts of a first check of credentials are nobody's.
        let instance = i64::try_from(request.tenant).ok().and_then(Id::new);
        // A script may ask anybody: the instance's certificate is not for all of them.
        let client = self.clients.of(&self.options, instance, &Configuration::default());
        let client = client.map_err(|failure| failure.to_string())?;
        let Some(instance) = instance else { return exchange(&client, &self.options, request, url).await };
        let gate = self.gates.of(instance, url.origin().ascii_serialization());
        let entered = gate.enter(now() + self.options.patience).await;
        let pass = entered.map_err(|closed| match closed {
            Closed::Throttled(wait) => format!("The host asks to wait {} more seconds", wait.as_secs() + 1),
            Closed::Failing(_) => Failure::Unreachable.to_string(),
        })?;
        let answered = exchange(&client, &self.options, request, url).await;
        match &answered {
            Ok(response) => {
                if let Some(wait) = throttle::wait(response.status, &response.headers, self.clock.now()) {
                    pass.throttled(wait);
                } else if matches!(response.status, 502..=504) {
                    pass.failed();
                } else {
                    pass.succeeded();
                }
            }
            Err(_) => pass.failed(),
        }
        answered
    }
}

async fn exchange(
    client: &reqwest::Client,
    options: &Options,
    request: HttpRequest,
    url: Url,
) -> Result<HttpResponse, String> {
    let method = http::Method::from_bytes(request.method.as_bytes()).map_err(|_| "Invalid method".to_owned())?;
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
