//! Users: reading them, and the mark that a login leaves.

use ligand_domain::{Id, Secret, Timestamp, User};
use sqlx::any::AnyRow;

use crate::{Error, Store, organizations::no_secret, row::Columns, seal::Cell};

#[cfg(test)]
mod tests;

macro_rules! select_user {
    ($condition:literal) => {
        concat!(
            "SELECT u.id AS id, u.account_id AS account_id, a.organization_id AS organization_id, u.email AS email,
                 u.first_name AS first_name, u.last_name AS last_name, u.active AS active, u.created_at AS created_at,
                 u.last_login_at AS last_login_at, u.secret AS secret, u.password_hash AS password_hash
             FROM users u JOIN accounts a ON a.id = u.account_id WHERE ",
            $condition
        )
    };
}

impl Store {
    /// A user by its id. The system user has no secret: its text is empty and matches nothing.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; when the database fails or a secret cannot be opened.
    pub async fn get_user(&self, id: Id<User>) -> Result<User, Error> {
        let row = sqlx::query(select_user!("u.id = $1")).bind(id.get()).fetch_optional(self.reader()).await?;
        self.user(&row.ok_or(Error::Missing { table: "users", id: id.get() })?)
    }

    /// A user by its login name, whatever the case of its letters. The user may be inactive.
    ///
    /// # Errors
    /// When the database fails or a secret cannot be opened.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<User>, Error> {
        if email.contains('\0') {
            return Ok(None);
        }
        let query = sqlx::query(select_user!("u.email_folded = $1")).bind(email.to_lowercase());
        query.fetch_optional(self.reader()).await?.map(|row| self.user(&row)).transpose()
    }

    /// Notes when a user last logged in. Does nothing when there is no such user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_login(&self, id: Id<User>, at: Timestamp) -> Result<(), Error> {
        sqlx::query("UPDATE users SET last_login_at = $2 WHERE id = $1")
            .bind(id.get())
            .bind(at.as_millis())
            .execute(self.writer())
            .await?;
        Ok(())
    }

    fn user(&self, row: &AnyRow) -> Result<User, Error> {
        let id: Id<User> = row.id("id")?;
        let secret = |column| -> Result<Option<Secret>, Error> {
            self.open_optional(Cell { table: "users", column, row: id.get() }, row.optional_text(column)?)
        };
        Ok(User {
            id,
            account_id: row.id("account_id")?,
            organization_id: row.id("organization_id")?,
            email: row.text("email")?,
            first_name: row.text("first_name")?,
            last_name: row.text("last_name")?,
            secret: secret("secret")?.unwrap_or_else(no_secret),
            password_hash: secret("password_hash")?,
            active: row.flag("active")?,
            created_at: row.instant("created_at")?,
            last_login_at: row.optional_number("last_login_at")?.map(Timestamp::from_millis),
        })
    }
}
