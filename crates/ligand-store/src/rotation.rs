//! Changing the sealing key while servers run: a new key is stored, then made the one for new values, then all old
//! values are sealed again, and keys that nothing uses any more are dropped.
//!
//! Which key seals is decided by a row of the database, so all processes change over in the same instant; a process
//! that does not know that key yet reads the key file again.

use std::path::Path;

use sqlx::AssertSqlSafe;

use crate::{
    Engine, Error, KeyError, KeyRing, Store, key_file,
    row::Columns,
    seal::{self, Cell},
};

#[cfg(test)]
mod tests;

/// Every column with sealed values.
const SEALED: [(&str, &str); 17] = [
    ("organizations", "secret"),
    ("users", "secret"),
    ("users", "password_hash"),
    ("instances", "token"),
    ("instances", "configuration"),
    ("elements", "definition"),
    ("element_extensions", "definition"),
    ("element_versions", "definition"),
    ("kept_requests", "request"),
    ("kept_requests", "answer"),
    ("oauth_requests", "request"),
    ("oauth_proxies", "application"),
    ("event_payloads", "payload"),
    ("event_payloads", "context"),
    ("notifications", "message"),
    ("subscriptions", "config"),
    ("delivery_attempts", "exchange"),
];
const BATCH: i64 = 100;
/// Passes over a column; more than two are needed only while others change the same rows again and again.
const PASSES: u32 = 20;

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// How many values were sealed again.
    pub resealed: u64,
    /// How many old keys were dropped.
    pub dropped_keys: usize,
    /// How many keys the file holds now.
    pub kept_keys: usize,
}

impl Store {
    /// Adds a key to the key file, seals every value with it, and drops older keys that no value uses, except the
    /// one that sealed until now. Servers may run on the same database and the same key file.
    ///
    /// # Errors
    /// [`KeyError::NotInFile`] when the keys came from text; otherwise as [`Store::reseal`]. It can be called again.
    pub async fn rotate_keys(&self) -> Result<Rotation, Error> {
        let lock = self.lock_keys().await?.ok_or(KeyError::NotInFile)?;
        let ring = KeyRing::add_key(&lock, self.vault().rng())?;
        let active = ring.active().id().to_owned();
        self.vault().replace(ring);
        let before = self.activate(&active).await?;
        let resealed = self.reseal_older_than(&active).await?;
        let mut kept = self.used_keys().await?;
        kept.push(before);
        let (ring, dropped_keys) = KeyRing::drop_older(&lock, self.vault().rng(), &active, &kept)?;
        let kept_keys = ring.sealing_keys();
        self.vault().replace(ring);
        Ok(Rotation { resealed, dropped_keys, kept_keys })
    }

    /// Makes the active key of the key file (or of the text that the keys came from) the one with which every process
    /// seals, and seals all older values with it, in small steps between which others can write. Every process must
    /// have the key, or read it from its key file. Returns how many values were sealed again.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a value cannot be opened; when the database fails. It can be called again.
    pub async fn reseal(&self) -> Result<u64, Error> {
        let lock = self.lock_keys().await?;
        if let Some(lock) = &lock {
            self.vault().replace(KeyRing::load(lock.path())?);
        }
        let active = self.vault().ring().active().id().to_owned();
        self.activate(&active).await?;
        self.reseal_older_than(&active).await
    }

    /// Waits until no other process rotates the keys of this key file, since two rotations could each drop the key
    /// that the other brings into use. `None` when the keys came from text.
    async fn lock_keys(&self) -> Result<Option<key_file::Lock>, Error> {
        let Some(path) = self.vault().ring().path().map(Path::to_owned) else { return Ok(None) };
        let waiting = tokio::task::spawn_blocking(move || key_file::Lock::wait(&path));
        Ok(Some(waiting.await.expect("waiting for a lock does not panic")?))
    }

    /// From when this returns nobody can commit a value that is sealed with an older key: with SQLite there is one
    /// writer at a time, with PostgreSQL the lock waits for every transaction that has read the old key's name.
    /// Gives the name of the key that sealed before.
    async fn activate(&self, key: &str) -> Result<String, Error> {
        let mut change = self.begin().await?;
        if self.engine() == Engine::Postgres {
            sqlx::raw_sql("LOCK TABLE installation IN ACCESS EXCLUSIVE MODE").execute(&mut *change).await?;
        }
        let before = self.sealing_key(&mut change).await?;
        sqlx::query("UPDATE installation SET value = $1 WHERE name = 'sealing_key'")
            .bind(key)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(before)
    }

    async fn reseal_older_than(&self, active: &str) -> Result<u64, Error> {
        let mut resealed = 0;
        for (table, column) in SEALED {
            for _ in 0..PASSES {
                let (found, changed) = self.reseal_column(table, column, active).await?;
                resealed += changed;
                if found == changed {
                    break;
                }
            }
        }
        Ok(resealed)
    }

    /// One pass over a column: how many values had an older key, and how many of them were sealed again.
    async fn reseal_column(
        &self,
        table: &'static str,
        column: &'static str,
        active: &str,
    ) -> Result<(u64, u64), Error> {
        let (mut found, mut changed, mut last) = (0, 0, 0);
        loop {
            let batch = self.older_values(table, column, active, last).await?;
            let Some((row, _)) = batch.last() else { return Ok((found, changed)) };
            last = *row;
            found += u64::try_from(batch.len()).expect("a batch is small");
            changed += self.reseal_batch(table, column, batch).await?;
        }
    }

    async fn older_values(
        &self,
        table: &str,
        column: &str,
        active: &str,
        after: i64,
    ) -> Result<Vec<(i64, String)>, Error> {
        let prefix = seal::prefix(active);
        let sql = format!(
            "SELECT id, {column} AS sealed FROM {table} WHERE id > $1 AND substr({column}, 1, {}) <> $2
             ORDER BY id LIMIT {BATCH}",
            prefix.len()
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(prefix).fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok((row.number("id")?, row.text("sealed")?))).collect()
    }

    /// A value that somebody else has changed meanwhile is left to the next pass.
    async fn reseal_batch(
        &self,
        table: &'static str,
        column: &'static str,
        batch: Vec<(i64, String)>,
    ) -> Result<u64, Error> {
        let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let mut changed = 0;
        for (row, sealed) in batch {
            let cell = Cell { table, column, row };
            let plain = self.vault().open(cell, &sealed)?;
            let query = sqlx::query(AssertSqlSafe(sql.clone()));
            let query = query.bind(self.vault().seal(&key, cell, &plain)?).bind(row).bind(sealed);
            changed += query.execute(&mut *change).await?.rows_affected();
        }
        change.commit().await?;
        Ok(changed)
    }

    /// The names of all keys with which a stored value is sealed.
    async fn used_keys(&self) -> Result<Vec<String>, Error> {
        let mut used = Vec::new();
        for (table, column) in SEALED {
            let sql =
                format!("SELECT DISTINCT substr({column}, 1, 12) AS start FROM {table} WHERE {column} IS NOT NULL");
            for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(self.reader()).await? {
                used.extend(seal::key_of(&row.text("start")?).map(str::to_owned));
            }
        }
        Ok(used)
    }
}
