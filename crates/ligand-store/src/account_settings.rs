//! How accounts want things done: texts under keys.

use ligand_domain::{Account, Id};

use crate::{
    Error, Store,
    row::{Columns, storable},
};

impl Store {
    /// The settings that an account has, by key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_settings(&self, account: Id<Account>) -> Result<Vec<(String, String)>, Error> {
        let query = sqlx::query("SELECT key, value FROM account_settings WHERE account_id = $1 ORDER BY key");
        let rows = query.bind(account.get()).fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok((row.text("key")?, row.text("value")?))).collect()
    }

    /// One setting of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_setting(&self, account: Id<Account>, key: &str) -> Result<Option<String>, Error> {
        let query = sqlx::query("SELECT value FROM account_settings WHERE account_id = $1 AND key = $2");
        let row = query.bind(account.get()).bind(key).fetch_optional(self.reader()).await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Sets some settings of an account, all or none.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when there is no such account or the database fails.
    pub async fn set_account_settings(&self, account: Id<Account>, settings: &[(String, String)]) -> Result<(), Error> {
        let mut change = self.begin().await?;
        for (key, value) in settings {
            sqlx::query(
                "INSERT INTO account_settings (account_id, key, value) VALUES ($1, $2, $3)
                 ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value",
            )
            .bind(account.get())
            .bind(storable(key)?)
            .bind(storable(value)?)
            .execute(&mut *change)
            .await?;
        }
        change.commit().await
    }
}
