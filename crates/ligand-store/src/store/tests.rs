//! Opening: addresses, keys, files, and several processes at once.

use std::os::unix::fs::PermissionsExt;

use ligand_domain::SystemClock;
use sqlx::Row as _;

use super::*;
use crate::testing::{Fixture, TestRng, bootstrap, new_instance, on_each_engine};

async fn open(url: &str) -> Result<Store, Error> {
    let rng = Arc::new(TestRng::default());
    let keys = KeyRing::generate(rng.as_ref());
    let options = Options { url: url.into(), max_connections: 2 };
    Store::open(&options, keys, Arc::new(SystemClock), rng).await
}

#[tokio::test]
async fn bad_addresses_are_refused_without_repeating_them() {
    let cases =
        ["", "sqlite:", "sqlite::memory:", "sqlite:/tmp/x?mode=memory", "mysql://u:geheim@h/d", "postgres://[geheim"];
    for url in cases {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, Error::Address(_)), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("geheim"));
    }
    let unreachable = open("postgres://u:geheim@127.0.0.1:1/d").await.unwrap_err();
    assert!(matches!(unreachable, Error::Unavailable(_)), "{unreachable}");
    assert!(!format!("{unreachable} {unreachable:?}").contains("geheim"));
    let nowhere = open("sqlite:/no/such/directory/x.db").await.unwrap_err();
    assert!(matches!(nowhere, Error::Unavailable(_)), "{nowhere}");
    let options = Options { url: "postgres://u:geheim@h/d".into(), max_connections: 1 };
    assert!(!format!("{options:?}").contains("geheim"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    std::fs::write(&path, "this is not a database at all, but a long enough text".repeat(100)).unwrap();
    let error = open(&format!("sqlite:{}", path.display())).await.unwrap_err();
    assert!(matches!(error, Error::Database(_)), "{error}");
}

#[tokio::test]
async fn sqlite_files_are_private_and_their_names_literal() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["plain.db", "with space %20 #é.db"] {
        let path = directory.path().join(name);
        let store = open(&format!("sqlite://{}", path.display())).await.unwrap();
        assert!(!store.is_bootstrapped().await.unwrap());
        assert_eq!(store.engine(), Engine::Sqlite);
        for suffix in ["", "-wal"] {
            let file = format!("{}{suffix}", path.display());
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        store.close().await;
    }
}

#[tokio::test]
async fn sqlite_commits_are_durable() {
    let fixture = Fixture::sqlite().await;
    let setting = async |sql: &'static str| -> String {
        let row = sqlx::query(sql).fetch_one(fixture.store.writer()).await.unwrap();
        row.number("v").map(|number| number.to_string()).or_else(|_| row.text("v")).unwrap()
    };
    assert_eq!(setting("SELECT journal_mode AS v FROM pragma_journal_mode").await, "wal");
    assert_eq!(setting("SELECT synchronous AS v FROM pragma_synchronous").await, "2");
    assert_eq!(setting("SELECT foreign_keys AS v FROM pragma_foreign_keys").await, "1");
    let write = sqlx::query("DELETE FROM sessions").execute(fixture.store.reader()).await;
    assert!(write.is_err(), "readers must not write");
}

#[tokio::test]
async fn foreign_keys_do_not_open_it() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let foreign = KeyRing::generate(fixture.rng.as_ref());
        assert!(matches!(fixture.reopen(foreign.clone()).await, Err(Error::Keys(KeyError::Foreign))));
        // The right lookup key alone is not enough.
        let right = KeyRing::load(&fixture.key_file()).unwrap().to_text();
        let lookup = right.expose().lines().find(|line| line.starts_with("lookup=")).unwrap();
        let foreign_text = foreign.to_text();
        let active = foreign_text.expose().lines().find(|line| line.starts_with("active=")).unwrap();
        let mixed = KeyRing::from_text(&format!("ligand-keys-1 {lookup} {active}")).unwrap();
        assert!(matches!(fixture.reopen(mixed).await, Err(Error::Keys(KeyError::Foreign))));
        let same = fixture.reopen(KeyRing::from_text(right.expose()).unwrap()).await.unwrap();
        assert_eq!(same.administrator_secrets().await.unwrap().unwrap().user_secret, bootstrap().user_secret);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_can_start_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("ligand.db").display());
    let rng = Arc::new(TestRng::default());
    let text = KeyRing::generate(rng.as_ref()).to_text();
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (url, rng, keys) = (url.clone(), rng.clone(), KeyRing::from_text(text.expose()).unwrap());
        tasks.push(tokio::spawn(async move {
            let options = Options { url, max_connections: 2 };
            Store::open(&options, keys, Arc::new(SystemClock), rng).await.map(drop)
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    on_each_engine(async |fixture| {
        let flag = if fixture.store.engine() == Engine::Sqlite { "1" } else { "TRUE" };
        let sql = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', {flag}, checksum, 0 FROM _sqlx_migrations WHERE version = 1"
        );
        fixture.execute(&sql).await;
        let error = fixture.reopen(KeyRing::load(&fixture.key_file()).unwrap()).await.unwrap_err();
        assert!(matches!(error, Error::Migration(_)), "{error}");
        assert!(error.to_string().contains("newer program"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn after_closing_everything_is_unavailable() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        fixture.store.ping().await.unwrap();
        fixture.store.close().await;
        assert!(matches!(fixture.store.ping().await, Err(Error::Unavailable(_))));
        let created = fixture.store.create_instance(&new_instance(&caller, "a")).await;
        assert!(matches!(created, Err(Error::Unavailable(_))));
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_survived() {
    let fixture = Fixture::sqlite().await;
    let owner = fixture.administrator().await;
    let pages: i64 =
        sqlx::query("PRAGMA page_count").fetch_one(fixture.store.writer()).await.unwrap().try_get(0).unwrap();
    fixture.execute(&format!("PRAGMA max_page_count = {}", pages + 1)).await;
    let mut made = 0;
    let full = loop {
        match fixture.store.create_instance(&new_instance(&owner, &format!("i{made}"))).await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, Error::Unavailable(_)), "{full}");
    // A connection that lost its transaction is replaced by one with default settings, as when space came back.
    for more in 0..3 {
        fixture.store.create_instance(&new_instance(&owner, &format!("later{more}"))).await.unwrap();
    }
}
