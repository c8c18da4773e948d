//! Hubs that organizations have made.

use ligand_domain::{Hub, Id, Organization};
use sqlx::any::AnyRow;

use crate::{
    Error, Store,
    row::{Columns, storable},
    store::next_id,
};

#[cfg(test)]
mod tests;

impl Store {
    /// Stores a hub under the next number, whatever number it has.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the organization has one with this key; [`Error::NulCharacter`]; when the database
    /// fails.
    pub async fn create_hub(&self, organization: Id<Organization>, hub: &Hub) -> Result<Hub, Error> {
        for text in [&hub.key, &hub.name, &hub.description, &hub.video_link] {
            storable(text)?;
        }
        let mut change = self.begin().await?;
        let number = next_id(&mut change, "hub").await?;
        sqlx::query(
            "INSERT INTO hubs (id, organization_id, hub_key, key_folded, name, description, video_link, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(number)
        .bind(organization.get())
        .bind(&hub.key)
        .bind(hub.key.to_lowercase())
        .bind(&hub.name)
        .bind(&hub.description)
        .bind(&hub.video_link)
        .bind(i64::from(hub.active))
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        let id = Id::new(number).ok_or_else(|| Error::corrupt("counters.value of hub", "not positive"))?;
        Ok(Hub { id, ..hub.clone() })
    }

    /// The hubs of an organization, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_hubs(&self, organization: Id<Organization>) -> Result<Vec<Hub>, Error> {
        let rows = sqlx::query(
            "SELECT id, hub_key, name, description, video_link, active FROM hubs
             WHERE organization_id = $1 ORDER BY id",
        )
        .bind(organization.get())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(hub).collect()
    }

    /// Deletes a hub of an organization. False when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_hub(&self, organization: Id<Organization>, id: Id<Hub>) -> Result<bool, Error> {
        let query = sqlx::query("DELETE FROM hubs WHERE organization_id = $1 AND id = $2");
        let result = query.bind(organization.get()).bind(id.get()).execute(self.writer()).await?;
        Ok(result.rows_affected() > 0)
    }
}

fn hub(row: &AnyRow) -> Result<Hub, Error> {
    Ok(Hub {
        id: row.id("id")?,
        key: row.text("hub_key")?,
        name: row.text("name")?,
        description: row.text("description")?,
        video_link: row.text("video_link")?,
        active: row.flag("active")?,
    })
}
