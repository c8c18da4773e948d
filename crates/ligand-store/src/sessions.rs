//! Login sessions. Only the keyed hash of a session's token is stored.

use ligand_domain::{Id, Secret, Timestamp, User};

use crate::{Error, Store, seal::Lookup};

#[cfg(test)]
mod tests;

impl Store {
    /// Opens a session for a user, until it expires.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the token is in use; when there is no such user or the database fails.
    pub async fn create_session(&self, user: Id<User>, token: &Secret, expires_at: Timestamp) -> Result<(), Error> {
        sqlx::query("INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(self.vault().hash(Lookup::SessionToken, token.expose()))
            .bind(user.get())
            .bind(self.clock().now().as_millis())
            .bind(expires_at.as_millis())
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Removes sessions that have expired and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self) -> Result<u64, Error> {
        let now = self.clock().now().as_millis();
        let query = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now);
        Ok(query.execute(self.writer()).await?.rows_affected())
    }
}
