//! For tests, also those of other crates (feature `testing`): an empty schema in the PostgreSQL server that
//! `LIGAND_TEST_POSTGRES` names, or else in the one on this machine.

use ligand_domain::{SystemRng, rng};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, any::AnyConnectOptions};

use crate::Error;

/// A schema of its own in the PostgreSQL server for tests, dropped with this value.
#[derive(Debug)]
pub struct Schema(String);

fn server() -> String {
    std::env::var("LIGAND_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1/postgres".into())
}

impl Schema {
    /// Makes one.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn create() -> Result<Self, Error> {
        let name: String = rng::bytes::<8>(&SystemRng).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("ligand_test_{name}");
        on_server(format!("CREATE SCHEMA {name}")).await?;
        Ok(Self(name))
    }

    /// The address under which the schema looks like a database of its own.
    #[must_use]
    pub fn url(&self) -> String {
        let server = server();
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options[search_path]={}", self.0)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("SET lock_timeout = '10s'; DROP SCHEMA {} CASCADE", self.0);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(on_server(sql))
        });
        let _ = thread.join();
    }
}

async fn on_server(sql: String) -> Result<(), sqlx::Error> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = server().parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}
