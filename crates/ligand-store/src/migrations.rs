//! The schema's history. Both engines run the same text.

use sqlx::{
    AnyConnection, SqlSafeStr,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::Error;

const HISTORY: &[(i64, &str, &str)] = &[
    (1, "identity", include_str!("../migrations/0001_identity.sql")),
    (2, "instances", include_str!("../migrations/0002_instances.sql")),
    (3, "jobs", include_str!("../migrations/0003_jobs.sql")),
    (5, "elements", include_str!("../migrations/0005_elements.sql")),
    (7, "hubs", include_str!("../migrations/0007_hubs.sql")),
    (8, "events", include_str!("../migrations/0008_events.sql")),
    (9, "polling", include_str!("../migrations/0009_polling.sql")),
    (10, "oauth", include_str!("../migrations/0010_oauth.sql")),
    (11, "requests and usage", include_str!("../migrations/0011_requests_and_usage.sql")),
];

/// Brings the schema to the newest version. Other processes may do so at the same time: on PostgreSQL the migrator's
/// advisory lock makes them wait; on SQLite the caller must hold the write lock.
pub(crate) async fn run(connection: &mut AnyConnection) -> Result<(), Error> {
    // `Migrator::run` makes a future of which the compiler cannot tell that it may be sent to another thread.
    migrator().run_direct(None, connection, false).await.map_err(failure)
}

fn migrator() -> Migrator {
    let history = HISTORY.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(history.collect())
}

fn failure(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        MigrateError::VersionMissing(version) => {
            Error::Migration(format!("it was made by a newer program (version {version} is unknown to this one)"))
        }
        MigrateError::VersionMismatch(version) => Error::Migration(format!("version {version} was changed afterwards")),
        other => Error::Migration(other.to_string()),
    }
}
