//! Instances that wait for their users to grant access in a browser. What is asked for is sealed; the state that the
//! browser brings back is found by its hash, and once.

#[cfg(test)]
mod tests;

use ligand_domain::{Element, Id, Secret, Timestamp, User};

use crate::{
    Error, Store,
    row::Columns,
    seal::{Cell, Lookup},
    store::next_id,
};

/// How many instances of one user may wait; the oldest gives way.
const MOST: i64 = 50;

/// An instance that waits.
#[derive(Debug, Clone)]
pub struct OauthRequest {
    /// Who asked for it.
    pub user_id: Id<User>,
    /// Of which element.
    pub element_id: Id<Element>,
    /// Until when the browser may come back.
    pub expires_at: Timestamp,
    /// What was asked for, a JSON text.
    pub request: Secret,
}

impl Store {
    /// Has an instance wait for the browser that brings this state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_oauth_request(&self, state: &Secret, request: &OauthRequest) -> Result<(), Error> {
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let id = next_id(&mut change, "oauth_request").await?;
        sqlx::query(
            "DELETE FROM oauth_requests WHERE user_id = $1 AND id IN (
                 SELECT id FROM oauth_requests WHERE user_id = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2)",
        )
        .bind(request.user_id.get())
        .bind(MOST - 1)
        .execute(&mut *change)
        .await?;
        sqlx::query(
            "INSERT INTO oauth_requests (id, state_hash, user_id, element_id, expires_at, request)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(self.vault().hash(Lookup::OauthState, state.expose()))
        .bind(request.user_id.get())
        .bind(request.element_id.get())
        .bind(request.expires_at.as_millis())
        .bind(self.vault().seal(&key, cell(id), request.request.expose())?)
        .execute(&mut *change)
        .await?;
        change.commit().await
    }

    /// The instance that waits for this state. It waits no longer: a state works once.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn take_oauth_request(&self, state: &Secret) -> Result<Option<OauthRequest>, Error> {
        let row = sqlx::query(
            "DELETE FROM oauth_requests WHERE state_hash = $1 RETURNING id, user_id, element_id, expires_at, request",
        )
        .bind(self.vault().hash(Lookup::OauthState, state.expose()))
        .fetch_optional(self.writer())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut text = self.vault().open(cell(row.number("id")?), &row.text("request")?)?;
        Ok(Some(OauthRequest {
            user_id: row.id("user_id")?,
            element_id: row.id("element_id")?,
            expires_at: row.instant("expires_at")?,
            request: Secret::new(std::mem::take(&mut *text)),
        }))
    }

    /// Deletes those for which no browser came in time; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_oauth_requests(&self) -> Result<u64, Error> {
        let query = sqlx::query("DELETE FROM oauth_requests WHERE expires_at <= $1");
        Ok(query.bind(self.clock().now().as_millis()).execute(self.writer()).await?.rows_affected())
    }

    /// A text that follows from others under a key of this installation, the same in all its processes: 64 hexadecimal
    /// digits that nobody else can tell.
    #[must_use]
    pub fn proof_key(&self, parts: &str) -> String {
        self.vault().hash(Lookup::ProofKey, parts)
    }
}

fn cell(row: i64) -> Cell {
    Cell { table: "oauth_requests", column: "request", row }
}
