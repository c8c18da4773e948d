//! The store: connections to one database, the keys, and what every module needs of both.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use ligand_domain::{Clock, Rng, request_id};
use sqlx::{
    Any, AnyConnection, AnyPool, ConnectOptions, Connection, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
};

use crate::{Error, KeyError, KeyRing, jobs::Bell, migrations, numbers::Numbers, row::Columns, sqlite, vault::Vault};

#[cfg(test)]
mod tests;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);
/// PostgreSQL's code for a table that is not there.
const UNDEFINED_TABLE: &str = "42P01";

/// Where the data is.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:<path of a file>` or `postgres://…`.
    pub url: String,
    /// At most so many connections (with SQLite: readers; there is always one writer). At least 1.
    pub max_connections: u32,
}

/// The database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded: one server, and commands beside it.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

/// All data of an installation. Clones share connections and keys.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    reader: AnyPool,
    writer: AnyPool,
    vault: Vault,
    clock: Arc<dyn Clock>,
    job_ids: request_id::Generator,
    numbers: Numbers,
    bell: Arc<Bell>,
}

/// One change of the database. Dropped without a commit it is undone.
pub(crate) struct Change {
    transaction: Transaction<'static, Any>,
    bell: Arc<Bell>,
    /// Whether it brings work for which workers have to be woken once it is there.
    pub(crate) brings_work: bool,
}

impl Change {
    /// Makes the change. It is on disk when this returns.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        if self.brings_work {
            Arc::clone(&self.bell).announce(&mut self).await?;
        }
        self.transaction.commit().await?;
        if self.brings_work {
            self.bell.ring();
        }
        Ok(())
    }

    /// Undoes the change.
    pub(crate) async fn rollback(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }
}

impl Deref for Change {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

impl Store {
    /// Connects, brings the schema to this program's version, and checks that the keys fit the data. Several
    /// processes may do so at once. A missing SQLite file is made, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unavailable`], [`Error::Migration`], and [`Error::Keys`] for keys of another
    /// installation.
    pub async fn open(
        options: &Options,
        keys: KeyRing,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let (engine, reader, writer) = match sqlite::path_of(&options.url) {
            Some(path) => open_sqlite(path, options.max_connections).await?,
            None => open_postgres(options).await?,
        };
        let bell = Arc::new(Bell::new(engine, &options.url)?);
        let job_ids = request_id::Generator::new(&*rng);
        let vault = Vault::new(keys, rng);
        let store = Self {
            inner: Arc::new(Inner { engine, reader, writer, vault, clock, job_ids, numbers: Numbers::default(), bell }),
        };
        store.check_keys().await?;
        Ok(store)
    }

    /// Whether the address leads to a database that a store was opened on before. Changes nothing there.
    ///
    /// # Errors
    /// [`Error::Address`]; [`Error::Unavailable`] when the database cannot be reached.
    pub async fn exists(url: &str) -> Result<bool, Error> {
        sqlx::any::install_default_drivers();
        if let Some(path) = sqlite::path_of(url) {
            return Ok(std::path::Path::new(path).exists());
        }
        let mut connection = connect_options(url)?.connect().await?;
        let found = sqlx::query("SELECT name FROM installation LIMIT 1").fetch_optional(&mut connection).await;
        connection.close().await?;
        match found {
            Ok(found) => Ok(found.is_some()),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Which engine it runs on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(self.reader()).await?;
        Ok(())
    }

    /// Closes all connections, after those in use are given back. Every later call fails.
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) fn reader(&self) -> &AnyPool {
        &self.inner.reader
    }

    pub(crate) fn writer(&self) -> &AnyPool {
        &self.inner.writer
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// Begins a change. With SQLite the write lock is taken at once, so that it cannot be lost half-way.
    pub(crate) async fn begin(&self) -> Result<Change, Error> {
        let statement = match self.inner.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let transaction = self.inner.writer.begin_with(statement).await?;
        Ok(Change { transaction, bell: Arc::clone(&self.inner.bell), brings_work: false })
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.inner.numbers
    }

    pub(crate) fn bell(&self) -> &Arc<Bell> {
        &self.inner.bell
    }

    /// The id for a job that is made now.
    pub(crate) fn next_job_id(&self) -> String {
        self.inner.job_ids.next(self.clock().now()).to_string()
    }

    /// The name of the key with which this change must seal. It is read from the database, so that all processes
    /// change over to a new key at the same moment.
    pub(crate) async fn sealing_key(&self, change: &mut Change) -> Result<String, Error> {
        sqlx::query(SELECT_SEALING_KEY).fetch_one(&mut **change).await?.text("value")
    }

    /// [`next_id`] and [`Store::sealing_key`] in one statement.
    pub(crate) async fn next_id_and_sealing_key(
        &self,
        change: &mut Change,
        kind: &'static str,
    ) -> Result<(i64, String), Error> {
        let row = sqlx::query(
            "UPDATE counters SET value = value + 1 WHERE name = $1
             RETURNING value, (SELECT value FROM installation WHERE name = 'sealing_key') AS sealing_key",
        )
        .bind(kind)
        .fetch_one(&mut **change)
        .await?;
        Ok((row.number("value")?, row.text("sealing_key")?))
    }

    async fn check_keys(&self) -> Result<(), Error> {
        let ring = self.vault().ring();
        for (name, key) in [("lookup_key", ring.lookup()), ("sealing_key", ring.active())] {
            sqlx::query("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
                .bind(name)
                .bind(key.id())
                .execute(self.writer())
                .await?;
        }
        let lookup = sqlx::query("SELECT value FROM installation WHERE name = 'lookup_key'");
        let lookup = lookup.fetch_one(self.writer()).await?.text("value")?;
        let sealing = sqlx::query(SELECT_SEALING_KEY).fetch_one(self.writer()).await?.text("value")?;
        if lookup != ring.lookup().id() || self.vault().ring_with(&sealing)?.is_none() {
            return Err(KeyError::Foreign.into());
        }
        Ok(())
    }
}

const SELECT_SEALING_KEY: &str = "SELECT value FROM installation WHERE name = 'sealing_key'";

/// The next id of this kind. It is given back when the change is undone.
pub(crate) async fn next_id(change: &mut Change, kind: &'static str) -> Result<i64, Error> {
    sqlx::query("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
        .bind(kind)
        .fetch_one(&mut **change)
        .await?
        .number("value")
}

async fn open_sqlite(path: &str, max_readers: u32) -> Result<(Engine, AnyPool, AnyPool), Error> {
    let options = connect_options(&sqlite::prepare_file(path)?)?;
    sqlite::prepare_schema(&options).await?;
    let writer = sqlite_pool(1, sqlite::WRITER_SETTINGS).connect_with(options.clone()).await?;
    let reader = sqlite_pool(max_readers, sqlite::READER_SETTINGS).connect_lazy_with(options);
    Ok((Engine::Sqlite, reader, writer))
}

fn sqlite_pool(max_connections: u32, settings: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(max_connections.max(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            // A change that SQLite itself undid (disk full, I/O error) leaves the driver believing in a transaction
            // that is not there any more: such a connection is replaced.
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(settings).execute(connection).await?;
                Ok(())
            })
        })
}

async fn open_postgres(options: &Options) -> Result<(Engine, AnyPool, AnyPool), Error> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| options.url.starts_with(scheme)) {
        return Err(Error::Address("it begins neither with sqlite: nor with postgres://"));
    }
    let connect = connect_options(&options.url)?;
    let mut connection = connect.connect().await?;
    let migrated = migrations::run(&mut connection).await;
    connection.close().await?; // gives up the migrator's lock in any case
    migrated?;
    let pool = AnyPoolOptions::new()
        .max_connections(options.max_connections.max(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(true)
        .connect_lazy_with(connect);
    Ok((Engine::Postgres, pool.clone(), pool))
}

fn connect_options(url: &str) -> Result<AnyConnectOptions, Error> {
    let options: AnyConnectOptions = url.parse().map_err(|_| Error::Address("it is not a URL"))?;
    Ok(options.disable_statement_logging())
}

impl fmt::Debug for Options {
    /// Leaves out the address, which may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Options").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({:?})", self.inner.engine)
    }
}
