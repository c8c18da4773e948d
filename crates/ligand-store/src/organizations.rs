//! Organizations and accounts.

use ligand_domain::{Account, Id, Organization, Secret};

use crate::{Error, Store, row::Columns, seal::Cell};

impl Store {
    /// An organization by its id. The system organization has no secret: its text is empty and matches nothing.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; when the database fails or the secret cannot be opened.
    pub async fn get_organization(&self, id: Id<Organization>) -> Result<Organization, Error> {
        let row = sqlx::query("SELECT name, active, created_at, secret FROM organizations WHERE id = $1")
            .bind(id.get())
            .fetch_optional(self.reader())
            .await?
            .ok_or(Error::Missing { table: "organizations", id: id.get() })?;
        let cell = Cell { table: "organizations", column: "secret", row: id.get() };
        Ok(Organization {
            id,
            name: row.text("name")?,
            secret: self.open_optional(cell, row.optional_text("secret")?)?.unwrap_or_else(no_secret),
            active: row.flag("active")?,
            created_at: row.instant("created_at")?,
        })
    }

    /// An account by its id.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; when the database fails.
    pub async fn get_account(&self, id: Id<Account>) -> Result<Account, Error> {
        let row = sqlx::query(
            "SELECT organization_id, name, default_account, active, created_at FROM accounts WHERE id = $1",
        )
        .bind(id.get())
        .fetch_optional(self.reader())
        .await?
        .ok_or(Error::Missing { table: "accounts", id: id.get() })?;
        Ok(Account {
            id,
            organization_id: row.id("organization_id")?,
            name: row.text("name")?,
            default_account: row.flag("default_account")?,
            active: row.flag("active")?,
            created_at: row.instant("created_at")?,
        })
    }

    pub(crate) fn open_optional(&self, cell: Cell, sealed: Option<String>) -> Result<Option<Secret>, Error> {
        let open = |sealed: String| Ok(Secret::new(std::mem::take(&mut *self.vault().open(cell, &sealed)?)));
        sealed.map(open).transpose()
    }
}

/// Stands for the secret of somebody who has none.
pub(crate) fn no_secret() -> Secret {
    Secret::new(String::new())
}
