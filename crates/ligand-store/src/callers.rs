//! Who calls: from the secrets of a request to the user and its privileges, in one statement.

use ligand_domain::{Caller, Id, Privileges, Secret, User};
use sqlx::any::AnyRow;

use crate::{Error, Store, roles, row::Columns, seal::Lookup};

#[cfg(test)]
mod tests;

/// One row per role of the active user, in an active account of an active organization, that the condition finds.
macro_rules! select_caller {
    ($sessions:literal, $condition:literal) => {
        concat!(
            "SELECT u.id AS user_id, u.account_id AS account_id, a.organization_id AS organization_id,
                 r.privileges AS privileges
             FROM users u
             JOIN accounts a ON a.id = u.account_id
             JOIN organizations o ON o.id = a.organization_id ",
            $sessions,
            " LEFT JOIN user_roles g ON g.user_id = u.id
             LEFT JOIN roles r ON r.id = g.role_id
             WHERE u.active = 1 AND a.active = 1 AND o.active = 1 AND ",
            $condition
        )
    };
}

impl Store {
    /// The user with this secret in the organization with that secret, if user, account and organization are active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_caller(
        &self,
        user_secret: &Secret,
        organization_secret: &Secret,
    ) -> Result<Option<Caller>, Error> {
        let rows = sqlx::query(select_caller!("", "u.secret_hash = $1 AND o.secret_hash = $2"))
            .bind(self.vault().hash(Lookup::UserSecret, user_secret.expose()))
            .bind(self.vault().hash(Lookup::OrganizationSecret, organization_secret.expose()))
            .fetch_all(self.reader())
            .await?;
        caller(&rows)
    }

    /// The user with this secret, if user, account and organization are active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_caller_by_user_secret(&self, user_secret: &Secret) -> Result<Option<Caller>, Error> {
        let rows = sqlx::query(select_caller!("", "u.secret_hash = $1"))
            .bind(self.vault().hash(Lookup::UserSecret, user_secret.expose()))
            .fetch_all(self.reader())
            .await?;
        caller(&rows)
    }

    /// This user, if user, account and organization are active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_caller_by_user(&self, user: Id<User>) -> Result<Option<Caller>, Error> {
        let query = sqlx::query(select_caller!("", "u.id = $1")).bind(user.get());
        caller(&query.fetch_all(self.reader()).await?)
    }

    /// The user of this login session, if it has not expired and user, account and organization are active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_caller_by_session(&self, token: &Secret) -> Result<Option<Caller>, Error> {
        let sql = select_caller!("JOIN sessions s ON s.user_id = u.id", "s.token_hash = $1 AND s.expires_at > $2");
        let rows = sqlx::query(sql)
            .bind(self.vault().hash(Lookup::SessionToken, token.expose()))
            .bind(self.clock().now().as_millis())
            .fetch_all(self.reader())
            .await?;
        caller(&rows)
    }
}

fn caller(rows: &[AnyRow]) -> Result<Option<Caller>, Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut privileges = Privileges::default();
    for row in rows {
        if let Some(text) = row.optional_text("privileges")? {
            privileges.extend(roles::parse_privileges(&text)?.iter());
        }
    }
    Ok(Some(Caller {
        user_id: first.id("user_id")?,
        account_id: first.id("account_id")?,
        organization_id: first.id("organization_id")?,
        privileges,
    }))
}
