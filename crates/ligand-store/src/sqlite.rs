//! What only SQLite needs: its private file, its settings per connection, and the first contact with the file.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{AnyConnection, ConnectOptions, Connection, any::AnyConnectOptions};

use crate::{Error, migrations};

/// Every commit is on disk when it returns; writers of other processes are waited for.
pub(crate) const WRITER_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; \
    PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;";
/// Readers never write.
pub(crate) const READER_SETTINGS: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;";

const ATTEMPTS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// The path in `sqlite:<path>` or `sqlite://<path>`, taken literally.
pub(crate) fn path_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    Some(rest.strip_prefix("//").unwrap_or(rest))
}

/// Makes the file, for its owner only, when it does not exist, and gives its address for the driver.
pub(crate) fn prepare_file(path: &str) -> Result<String, Error> {
    if path.is_empty() || path.contains(":memory:") {
        return Err(Error::Address("SQLite needs the path of a file"));
    }
    if path.contains('?') {
        return Err(Error::Address("options behind '?' are not taken with SQLite"));
    }
    create_private(Path::new(path))
        .map(|path| format!("sqlite://{}", percent_encoded(&path)))
        .map_err(|error| Error::Unavailable(format!("the database file cannot be made or opened ({})", error.kind())))
}

fn create_private(path: &Path) -> std::io::Result<PathBuf> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    path.canonicalize()
}

fn percent_encoded(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    path.as_os_str().as_encoded_bytes().iter().fold(String::new(), |mut encoded, &byte| {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// Switches the file to write-ahead logging and migrates it. While another process does the same SQLite may refuse
/// at once instead of waiting, so busy answers are tried again.
pub(crate) async fn prepare_schema(options: &AnyConnectOptions) -> Result<(), Error> {
    let mut attempt = 1;
    loop {
        match try_prepare_schema(options).await {
            Err(Error::Unavailable(_)) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn try_prepare_schema(options: &AnyConnectOptions) -> Result<(), Error> {
    let mut connection = options.connect().await?;
    sqlx::raw_sql(WRITER_SETTINGS).execute(&mut connection).await?;
    sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut connection).await?;
    migrate_locked(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn migrate_locked(connection: &mut AnyConnection) -> Result<(), Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    migrations::run(&mut transaction).await?;
    Ok(transaction.commit().await?)
}
