//! What can go wrong in the store. No text here contains a secret, a statement or its parameters.

use crate::KeyError;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is shutting down, out of space, or busy for too long. A later try may succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Another row holds a value that must be unique.
    #[error("the database already holds such an entry")]
    Conflict,
    /// No row has this id.
    #[error("{table} has no row {id}")]
    Missing {
        /// The table.
        table: &'static str,
        /// The id.
        id: i64,
    },
    /// A stored value cannot be read: it was changed from outside, moved, or sealed with a lost key.
    #[error("{place} cannot be read: {reason}")]
    Corrupt {
        /// Table, row and column, as far as known.
        place: String,
        /// Why.
        reason: &'static str,
    },
    /// A text holds the character NUL, which PostgreSQL cannot store.
    #[error("text with a NUL character cannot be stored")]
    NulCharacter,
    /// The database address cannot be understood.
    #[error("the database address is not valid: {0}")]
    Address(&'static str),
    /// The keys are missing, unreadable, or belong to another database.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The schema could not be brought to this program's version.
    #[error("the database schema cannot be used: {0}")]
    Migration(String),
    /// Anything else that the database reports.
    #[error("database error: {0}")]
    Database(String),
}

impl Error {
    pub(crate) fn corrupt(place: impl Into<String>, reason: &'static str) -> Self {
        Self::Corrupt { place: place.into(), reason }
    }
}

impl From<sqlx::Error> for Error {
    /// Keeps codes and the engine's one-line message; drops details, which may repeat values.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_engine(error.as_ref()),
            sqlx::Error::Io(error) => Self::Unavailable(format!("connection failed ({})", error.kind())),
            sqlx::Error::Tls(_) => Self::Unavailable("no secure connection could be made".into()),
            sqlx::Error::PoolTimedOut => Self::Unavailable("no connection became free in time".into()),
            sqlx::Error::PoolClosed => Self::Unavailable("the store is closed".into()),
            sqlx::Error::WorkerCrashed => Self::Unavailable("the connection broke".into()),
            sqlx::Error::Configuration(_) => Self::Address("its options are not understood"),
            sqlx::Error::ColumnDecode { index, .. } => Self::corrupt(index, "unexpected type"),
            sqlx::Error::ColumnNotFound(column) => Self::corrupt(column, "no such column"),
            sqlx::Error::RowNotFound => Self::Database("a row that must exist is missing".into()),
            sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed => {
                Self::Unavailable("a transaction could not begin".into())
            }
            sqlx::Error::Protocol(_) => Self::Unavailable("the connection spoke out of turn".into()),
            _ => Self::Database("unexpected failure of the database driver".into()),
        }
    }
}

fn from_engine(error: &dyn sqlx::error::DatabaseError) -> Error {
    if error.is_unique_violation() {
        return Error::Conflict;
    }
    let code = error.code().unwrap_or_default();
    let text = format!("{} (code {code})", error.message());
    if is_transient(&code) { Error::Unavailable(text) } else { Error::Database(text) }
}

/// PostgreSQL has codes of five characters, SQLite numbers whose low byte is the kind of failure.
fn is_transient(code: &str) -> bool {
    const SQLITE_KINDS: [u32; 5] = [5, 6, 10, 13, 14]; // busy, locked, I/O, disk full, cannot open
    const POSTGRES_CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"]; // connection, rollback, resources, operator, system
    if code.len() == 5 {
        return POSTGRES_CLASSES.contains(&&code[..2]);
    }
    code.parse::<u32>().is_ok_and(|number| SQLITE_KINDS.contains(&(number & 0xff)))
}
