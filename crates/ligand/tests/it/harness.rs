//! A server of one's own for each test: sandboxes, a temporary database, and a client.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use ligand::{
    platform::{self, Background},
    settings::Settings,
};
use ligand_app::App;
use ligand_domain::{Clock, SystemClock, Timestamp};
use ligand_engine::Egress;
use ligand_store::{test_people, test_schema::Schema};
use ligand_web::{Edge, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::sync::oneshot;

pub(crate) const API: &str = "/elements/api-v2";
pub(crate) const EMAIL: &str = "admin@example.com";
pub(crate) const PASSWORD: &str = "planted-admin-password";

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|broken| panic!("{broken}: {:?}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The message of an error with this status, whose body has the documented form.
    #[track_caller]
    pub(crate) fn error(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert_eq!(body["requestId"], self.header("elements-request-id"), "{body}");
        assert_eq!(self.header("content-type"), "application/json;charset=UTF-8");
        body["message"].as_str().expect("a message").to_owned()
    }
}

/// Sends requests to one server.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    authorization: String,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// A client that sends this `Authorization` header.
    pub(crate) fn new(address: SocketAddr, authorization: String) -> Self {
        Self { address, authorization, http: HttpClient::builder(TokioExecutor::new()).build_http() }
    }

    /// The server.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request below the API's base path.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, path, body).await.expect("an answer")
    }

    /// Sends a request below the API's base path to a server that may go away.
    pub(crate) async fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Broken> {
        let mut headers = vec![("authorization", self.authorization.as_str())];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, &format!("{API}{path}"), &headers, text.into()).await
    }

    /// Sends a request just as it is described.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Broken> {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes())?).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, http::HeaderValue::from_bytes(value.as_bytes())?);
        }
        let response = self.http.request(request.body(Full::new(body))?).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

/// Why there is no answer.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// The wall clock, moved forward by hand.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or_default();
        SystemClock.now().plus(Duration::from_millis(moved))
    }
}

/// A running server with its worker and its sandboxes.
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    pub(crate) user: String,
    pub(crate) organization: String,
    pub(crate) sandbox: ligand_sandbox::Sandbox,
    settings: Settings,
    _data: TempDir,
    clock: Arc<MovedClock>,
    client: Client,
    _stop: oneshot::Sender<()>,
    _background: Option<Background>,
    schema: Option<Schema>,
}

/// Settings from `key = value` pairs over the defaults.
pub(crate) fn settings(data: &Path, pairs: &[(&str, &str)]) -> Settings {
    let fixed = [
        ("bootstrap__email", EMAIL),
        ("bootstrap__password", PASSWORD),
        ("vendor__timeout_seconds", "2"),
        ("vendor__connect_timeout_seconds", "1"),
    ];
    let mut variables: Vec<(String, String)> =
        fixed.iter().chain(pairs).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    variables.push(("server__data".to_owned(), data.display().to_string()));
    Settings::from_sources(None, variables.into_iter()).expect("settings")
}

impl Platform {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts with further settings. Only the sandboxes may be called, unless `egress__allow` is set.
    pub(crate) async fn with(pairs: &[(&str, &str)]) -> Self {
        Self::begin(pairs, false).await
    }

    /// The same, with sandboxes that live by the server's clock.
    pub(crate) async fn living(pairs: &[(&str, &str)]) -> Self {
        Self::begin(pairs, true).await
    }

    async fn begin(pairs: &[(&str, &str)], is_living: bool) -> Self {
        let data = TempDir::new().expect("a temporary directory");
        let mut settings = settings(data.path(), pairs);
        let schema = if std::env::var("LIGAND_TEST_ENGINE").as_deref() == Ok("postgres") {
            let schema = Schema::create().await.expect("LIGAND_TEST_ENGINE=postgres needs a PostgreSQL server");
            settings.database.url.set(schema.url());
            Some(schema)
        } else {
            None
        };
        let clock = Arc::new(MovedClock::default());
        let sandbox = match is_living {
            true => living_sandbox(Arc::clone(&clock)).await,
            false => sandbox().await,
        };
        let egress = Egress::new(settings.egress.allow.clone()).with_socket(sandbox.address());
        let (app, _) = platform::open_with(&settings, egress, clock.clone()).await.expect("a platform");
        let server =
            Server::bind("127.0.0.1:0".parse().expect("an address"), settings.server_options()).await.expect("a port");
        let address = server.address().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let edge = Edge::new(app.clone(), settings.noun().expect("a noun"));
        tokio::spawn(server.run(edge, async {
            let _ = stopped.await;
        }));
        let background = Background::start(&app, &settings);
        let secrets = app.administrator_secrets().await.expect("an administrator");
        Self {
            address,
            app,
            user: secrets.user.expose().to_owned(),
            organization: secrets.organization.expose().to_owned(),
            sandbox,
            settings,
            _data: data,
            _background: background,
            clock,
            client: Client::new(address, String::new()),
            _stop: stop,
            schema,
        }
    }

    /// Another server on the same database and the same clock; `None` where the database is for one process.
    pub(crate) async fn beside(&self) -> Option<(Client, oneshot::Sender<()>)> {
        self.schema.as_ref()?;
        let egress = Egress::new(self.settings.egress.allow.clone()).with_socket(self.sandbox.address());
        let (app, _) = platform::open_with(&self.settings, egress, self.clock.clone()).await.expect("a platform");
        let options = self.settings.server_options();
        let server = Server::bind("127.0.0.1:0".parse().expect("an address"), options).await.expect("a port");
        let client = Client::new(server.address().expect("an address"), self.authorization());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server.run(Edge::new(app, self.settings.noun().expect("a noun")), async {
            let _ = stopped.await;
        }));
        Some((client, stop))
    }

    /// Lets time pass: the clock moves, and workers look at it.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).expect("not for ever"), Ordering::Relaxed);
        self.app.wake_workers();
    }

    /// The server's database, opened once more.
    pub(crate) async fn store(&self) -> ligand_store::Store {
        platform::open_store(&self.settings).await.expect("a store")
    }

    /// The present of the server.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Adds a user with an account of its own, to the administrator's organization or to a new one: its
    /// `Authorization` header and the id of the account.
    pub(crate) async fn person(&self, in_own_organization: bool) -> (String, i64) {
        let store = self.store().await;
        let organization = in_own_organization.then(|| ligand_domain::Id::new(2).expect("positive"));
        let person = test_people::add(&store, organization).await.expect("a person");
        store.close().await;
        let secret = person.organization_secret.map_or_else(|| self.organization.clone(), |it| it.expose().to_owned());
        (format!("User {}, Organization {secret}", person.user_secret.expose()), person.account.get())
    }

    /// A request below the API's base path without credentials.
    pub(crate) async fn anonymous(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, &format!("{API}{path}"), &[("content-type", "application/json")], text).await
    }

    /// `User …, Organization …`.
    pub(crate) fn authorization(&self) -> String {
        format!("User {}, Organization {}", self.user, self.organization)
    }

    /// `User …, Organization …, Element …`.
    pub(crate) fn with_token(&self, token: &str) -> String {
        format!("{}, Element {token}", self.authorization())
    }

    /// Sends a request just as it is described.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.client.raw(method, path, headers, body.into()).await.expect("an answer")
    }

    /// A request of the administrator below the API's base path.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.send_as(&self.authorization(), method, path, body).await
    }

    pub(crate) async fn send_as(&self, authorization: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers = vec![("authorization", authorization)];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, &format!("{API}{path}"), &headers, text).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// The sandbox's configuration of an element.
    pub(crate) fn configuration(&self, element: &str) -> Value {
        let all = self.sandbox.configurations();
        all.into_iter().find(|(key, _)| *key == element).map(|(_, configuration)| configuration).expect("an element")
    }

    /// The documentation page's request for an element, its placeholders filled.
    pub(crate) fn request(&self, element: &str, name: &str) -> Value {
        json!({
            "element": { "key": element },
            "configuration": self.configuration(element),
            "tags": ["<INSERT_TAGS>".trim_matches(['<', '>'])],
            "name": name,
        })
    }

    /// A provisioned instance.
    pub(crate) async fn provision(&self, element: &str, name: &str) -> Value {
        self.post("/instances", &self.request(element, name)).await.ok()
    }

    /// Makes a vendor of the sandbox misbehave.
    pub(crate) async fn fault(&self, element: &str, fault: &Value) {
        set_fault(&self.sandbox, element, fault).await;
    }

    /// How many instances are listed.
    pub(crate) async fn instance_count(&self) -> usize {
        let answer = self.get("/instances").await;
        if answer.status == 404 { 0 } else { answer.ok().as_array().expect("a list").len() }
    }
}

async fn living_sandbox(clock: Arc<MovedClock>) -> ligand_sandbox::Sandbox {
    let now = move || OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(clock.now().as_millis());
    ligand_sandbox::start(ligand_sandbox::Options::new(Arc::new(now))).await.expect("a sandbox")
}

pub(crate) async fn sandbox() -> ligand_sandbox::Sandbox {
    let clock: ligand_sandbox::Clock = Arc::new(|| OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000));
    ligand_sandbox::start(ligand_sandbox::Options::new(clock)).await.expect("a sandbox")
}

/// Makes a vendor of a sandbox misbehave.
pub(crate) async fn set_fault(sandbox: &ligand_sandbox::Sandbox, element: &str, fault: &Value) {
    let client = Client::new(sandbox.address(), String::new());
    let headers = [("content-type", "application/json")];
    let path = format!("/_sandbox/faults/{element}");
    let answer = client.raw("PUT", &path, &headers, fault.to_string().into()).await.expect("an answer");
    assert!(answer.status.is_success(), "{}", answer.text);
}

/// Resolves when a fault that was set for one time has been met.
pub(crate) async fn fault_was_met(sandbox: &ligand_sandbox::Sandbox, element: &str) {
    let client = Client::new(sandbox.address(), String::new());
    loop {
        let answer = client.raw("GET", "/_sandbox/faults", &[], Bytes::new()).await.expect("an answer");
        if answer.json()[element].is_null() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
