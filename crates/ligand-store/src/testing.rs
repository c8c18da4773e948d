//! A fresh database for each test, on every engine that can be had, with a clock and a chance that repeat.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use ligand_domain::{Caller, Clock, Configuration, Id, Rng, Secret, Timestamp, instance::Settings};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::{Bootstrap, Error, KeyRing, NewInstance, Options, Store, test_schema::Schema};

/// Runs the test on SQLite, and on PostgreSQL when one answers. With `LIGAND_TEST_REQUIRE_SERVICES=1` one must.
pub(crate) async fn on_each_engine(test: impl AsyncFn(&Fixture)) {
    let mut fixtures = vec![Fixture::sqlite().await];
    fixtures.extend(Fixture::postgres().await);
    for fixture in fixtures {
        test(&fixture).await;
        fixture.store.close().await;
    }
}

/// The present, moved by hand.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Bytes that differ from call to call and repeat from run to run.
#[derive(Default)]
pub(crate) struct TestRng(AtomicU64);

impl Rng for TestRng {
    fn fill(&self, buffer: &mut [u8]) {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new().update(&call.to_le_bytes()).finalize_xof().fill(buffer);
    }
}

/// An open store on an empty database, which is removed in the end.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) rng: Arc<TestRng>,
    pub(crate) directory: TempDir,
    url: String,
    _schema: Option<Schema>,
}

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("ligand.db").display());
        Self::open(directory, url, None).await
    }

    async fn postgres() -> Option<Self> {
        let schema = match Schema::create().await {
            Ok(schema) => schema,
            Err(error) => {
                assert!(std::env::var("LIGAND_TEST_REQUIRE_SERVICES").as_deref() != Ok("1"), "PostgreSQL: {error}");
                eprintln!("SKIPPED: PostgreSQL is not tested, it cannot be reached ({error})");
                return None;
            }
        };
        let url = schema.url();
        Some(Self::open(TempDir::new().expect("a temporary directory"), url, Some(schema)).await)
    }

    async fn open(directory: TempDir, url: String, schema: Option<Schema>) -> Self {
        let (clock, rng) = (Arc::new(TestClock::default()), Arc::new(TestRng::default()));
        clock.set(1_500_000_000_000);
        let keys = KeyRing::load_or_create(&directory.path().join("keys"), rng.as_ref()).expect("keys");
        let options = Options { url: url.clone(), max_connections: 6 };
        let store = Store::open(&options, keys, clock.clone(), rng.clone()).await.expect("a store");
        Self { store, clock, rng, directory, url, _schema: schema }
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.directory.path().join("keys")
    }

    /// Another store on the same database, as a second process has it.
    pub(crate) async fn second(&self) -> Store {
        self.reopen(KeyRing::load(&self.key_file()).expect("keys")).await.expect("a second store")
    }

    pub(crate) async fn reopen(&self, keys: KeyRing) -> Result<Store, Error> {
        let options = Options { url: self.url.clone(), max_connections: 3 };
        Store::open(&options, keys, self.clock.clone(), self.rng.clone()).await
    }

    /// A store that holds the first organization, and its administrator.
    pub(crate) async fn administrator(&self) -> Caller {
        assert!(self.store.bootstrap(&bootstrap()).await.unwrap());
        let secrets = bootstrap();
        self.store.find_caller(&secrets.user_secret, &secrets.organization_secret).await.unwrap().unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(self.store.writer()).await.unwrap().rows_affected()
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub(crate) fn bootstrap() -> Bootstrap {
    Bootstrap {
        organization_name: "Acme".into(),
        email: "Admin@Example.com".into(),
        first_name: "Ada".into(),
        last_name: "Lovelace".into(),
        password_hash: secret("$argon2id$planted-password-hash"),
        user_secret: secret("planted-user-secret="),
        organization_secret: secret("planted-organization-secret"),
    }
}

/// An instance of element 58 whose token and password contain its name.
pub(crate) fn new_instance(owner: &Caller, name: &str) -> NewInstance {
    let entries = [("username", Some("u".to_owned())), ("password", Some(format!("pw-{name}"))), ("nothing", None)];
    NewInstance {
        user_id: owner.user_id,
        organization_id: owner.organization_id,
        element_id: Id::new(58).unwrap(),
        name: name.into(),
        tags: vec![name.into()],
        configuration: entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Configuration>(),
        settings: Settings::default(),
        token: Secret::new(format!("token-{name}")),
        created_at: Timestamp::from_millis(1_522_322_399_123),
        watch: None,
    }
}
