//! OAuth against the sandbox's authorization servers, with a browser that clicks: addresses, provisioning, renewal.

mod addresses;
mod application;
mod callback;
mod killed;
mod leaks;
mod one;
mod provisioning;
mod proxies;
mod renewal;

use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Client, Platform};

pub(crate) const CATALOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/elements");
pub(crate) const CALLBACK: &str = "http://localhost:9/cb";

/// A platform whose catalog has the elements of the sandbox's CRM.
pub(crate) async fn platform(pairs: &[(&str, &str)]) -> Platform {
    let mut all = vec![("catalog__directories", CATALOG)];
    all.extend(pairs);
    let platform = Platform::with(&all).await;
    // The sandbox's clock stands still, that of the platform does not.
    vendor(&platform.sandbox, "PUT", "/_sandbox/fernhill/settings", Some(json!({ "checkTimestamps": false }))).await;
    platform
}

/// A request to the sandbox itself.
pub(crate) async fn vendor(sandbox: &ligand_sandbox::Sandbox, method: &str, path: &str, body: Option<Value>) -> Answer {
    let client = Client::new(sandbox.address(), String::new());
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let answer = client.raw(method, path, &[("content-type", "application/json")], body.into()).await;
    answer.expect("an answer")
}

/// How often something happened at the authorization server.
pub(crate) async fn count(sandbox: &ligand_sandbox::Sandbox, what: &str) -> u64 {
    let told = vendor(sandbox, "GET", "/_sandbox/fernhill", None).await.json();
    told["counts"][what].as_u64().unwrap_or_default()
}

/// Ends all access tokens.
pub(crate) async fn expire(sandbox: &ligand_sandbox::Sandbox) {
    vendor(sandbox, "DELETE", "/_sandbox/fernhill/access", None).await;
}

/// A person at the consent page: where the browser is sent then.
pub(crate) async fn click(address: &str, decision: &str) -> Url {
    let url = Url::parse(address).expect("an address");
    let socket = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
    let client = Client::new(socket.parse().expect("a socket"), String::new());
    let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let page = client.raw("GET", &path, &[], Bytes::new()).await.expect("an answer");
    assert_eq!(page.status, 200, "{}", page.text);
    let between = |before: &str| {
        let rest = page.text.split_once(before).expect("a form").1;
        rest.split_once('"').expect("its end").0.to_owned()
    };
    let (action, request) = (between("action=\""), between("name=\"request\" value=\""));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("request", request.as_str()), ("user", "kim"), ("decision", decision)])
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = client.raw("POST", &action, &headers, form.into()).await.expect("an answer");
    assert_eq!(answer.status, 302, "{}", answer.text);
    Url::parse(answer.header("location")).expect("an address")
}

pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("no {name} in {url}"))
}

/// The sandbox's configuration of the element.
pub(crate) fn configuration(sandbox: &ligand_sandbox::Sandbox, element: &str) -> Value {
    let all = sandbox.granted_configurations();
    let found = all.into_iter().find(|(key, _)| *key == element).map(|(_, configuration)| configuration);
    let mut found = found.expect("an element");
    found["oauth.callback.url"] = json!(CALLBACK);
    found
}

/// The members of an ask for a grant.
pub(crate) fn ask(sandbox: &ligand_sandbox::Sandbox, element: &str) -> Value {
    let known = configuration(sandbox, element);
    json!({
        "apiKey": known["oauth.api.key"],
        "apiSecret": known["oauth.api.secret"],
        "callbackUrl": CALLBACK,
        "site.url": known["site.url"],
    })
}

/// What a browser brings back from the consent page.
pub(crate) async fn granted(client: &Client, sandbox: &ligand_sandbox::Sandbox, more: Value) -> Url {
    let mut members = ask(sandbox, "fernhill");
    members.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let made = client.send("POST", "/elements/fernhill/oauth/url", Some(&members)).await.ok();
    assert_eq!(made["element"], "fernhill");
    click(made["oauthUrl"].as_str().expect("an address"), "approve").await
}

/// The body of a creation with this code.
pub(crate) fn creation(sandbox: &ligand_sandbox::Sandbox, code: &str) -> Value {
    json!({
        "element": { "key": "fernhill" },
        "name": "CRM",
        "configuration": configuration(sandbox, "fernhill"),
        "providerData": { "code": code },
    })
}

/// An instance of the sandbox's CRM.
pub(crate) async fn connected(client: &Client, sandbox: &ligand_sandbox::Sandbox) -> Value {
    let code = parameter(&granted(client, sandbox, json!({})).await, "code");
    client.send("POST", "/instances", Some(&creation(sandbox, &code))).await.ok()
}

impl Platform {
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, self.authorization())
    }

    /// An instance of the sandbox's CRM.
    pub(crate) async fn crm(&self) -> Value {
        connected(&self.client(), &self.sandbox).await
    }

    /// A call of the CRM through an instance.
    pub(crate) async fn contacts(&self, instance: &Value) -> Answer {
        let header = self.with_token(instance["token"].as_str().expect("a token"));
        self.send_as(&header, "GET", "/hubs/crm/contacts", None).await
    }
}
