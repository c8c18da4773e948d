//! How the catalog is shown to somebody: a list that is replaced whole.

use ligand_domain::{Account, Id, Organization, User};

use crate::{
    Error, Store,
    row::{Columns, storable},
};

/// Whose view of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertiesOf {
    /// One user's.
    User(Id<User>),
    /// That of an account's users.
    Account(Id<Account>),
    /// That of an organization's users.
    Organization(Id<Organization>),
}

impl PropertiesOf {
    fn key(self) -> (&'static str, i64) {
        match self {
            Self::User(id) => ("user", id.get()),
            Self::Account(id) => ("account", id.get()),
            Self::Organization(id) => ("organization", id.get()),
        }
    }
}

impl Store {
    /// The stored text; `None` when nothing was stored yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog_properties(&self, of: PropertiesOf) -> Result<Option<String>, Error> {
        let (kind, id) = of.key();
        let query = sqlx::query("SELECT properties FROM catalog_properties WHERE entity_type = $1 AND entity_id = $2");
        let row = query.bind(kind).bind(id).fetch_optional(self.reader()).await?;
        row.map(|row| row.text("properties")).transpose()
    }

    /// Replaces the stored text.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails.
    pub async fn set_catalog_properties(&self, of: PropertiesOf, properties: &str) -> Result<(), Error> {
        let (kind, id) = of.key();
        sqlx::query(
            "INSERT INTO catalog_properties (entity_type, entity_id, properties) VALUES ($1, $2, $3)
             ON CONFLICT (entity_type, entity_id) DO UPDATE SET properties = excluded.properties",
        )
        .bind(kind)
        .bind(id)
        .bind(storable(properties)?)
        .execute(self.writer())
        .await?;
        Ok(())
    }
}
