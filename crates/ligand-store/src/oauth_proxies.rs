//! OAuth proxies: callback addresses of an organization that pass browsers on to its applications.

#[cfg(test)]
mod tests;

use ligand_domain::{Id, Organization, Secret, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Error, Store,
    row::{Columns, storable},
    seal::Cell,
    store::next_id,
};

/// Marker for the ids of proxies.
pub enum OauthProxyId {}

/// A proxy.
#[derive(Debug, Clone)]
pub struct OauthProxy {
    /// Its number.
    pub id: Id<OauthProxyId>,
    /// Whose it is.
    pub organization_id: Id<Organization>,
    /// Unique in the organization.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Patterns of addresses to which browsers may be passed on.
    pub application_urls: Vec<String>,
    /// The vendor's application, a JSON text: its key, its secret, further configuration.
    pub application: Secret,
}

const SELECT: &str = "SELECT id, organization_id, name, created_at, application_urls, application FROM oauth_proxies";

impl Store {
    /// Adds a proxy without addresses.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the organization has one of that name; when the database fails.
    pub async fn add_oauth_proxy(
        &self,
        organization: Id<Organization>,
        name: &str,
        application: &Secret,
    ) -> Result<OauthProxy, Error> {
        storable(name)?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let number = next_id(&mut change, "oauth_proxy").await?;
        let created_at = self.clock().now();
        sqlx::query(
            "INSERT INTO oauth_proxies (id, organization_id, name, created_at, application_urls, application)
             VALUES ($1, $2, $3, $4, '[]', $5)",
        )
        .bind(number)
        .bind(organization.get())
        .bind(name.to_owned())
        .bind(created_at.as_millis())
        .bind(self.vault().seal(&key, cell(number), application.expose())?)
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        Ok(OauthProxy {
            id: Id::new(number).ok_or_else(|| Error::corrupt("counters.value of oauth_proxy", "not positive"))?,
            organization_id: organization,
            name: name.to_owned(),
            created_at,
            application_urls: Vec::new(),
            application: application.clone(),
        })
    }

    /// The proxies of an organization, by number.
    ///
    /// # Errors
    /// When the database fails or one cannot be opened.
    pub async fn list_oauth_proxies(&self, organization: Id<Organization>) -> Result<Vec<OauthProxy>, Error> {
        let sql = format!("{SELECT} WHERE organization_id = $1 ORDER BY id");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(organization.get());
        query.fetch_all(self.reader()).await?.iter().map(|row| self.oauth_proxy(row)).collect()
    }

    /// A proxy by its number.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn find_oauth_proxy(&self, id: Id<OauthProxyId>) -> Result<Option<OauthProxy>, Error> {
        let sql = format!("{SELECT} WHERE id = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.get());
        query.fetch_optional(self.reader()).await?.map(|row| self.oauth_proxy(&row)).transpose()
    }

    /// Sets the addresses of a proxy that has these now. False, changing nothing, when others changed them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_oauth_proxy_urls(&self, seen: &OauthProxy, urls: &[String]) -> Result<bool, Error> {
        let text = |urls: &[String]| serde_json::to_string(urls).expect("a list of texts is valid JSON");
        let query =
            sqlx::query("UPDATE oauth_proxies SET application_urls = $3 WHERE id = $1 AND application_urls = $2");
        let query = query.bind(seen.id.get()).bind(text(&seen.application_urls)).bind(text(urls));
        Ok(query.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Deletes a proxy. False when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_oauth_proxy(&self, id: Id<OauthProxyId>) -> Result<bool, Error> {
        let query = sqlx::query("DELETE FROM oauth_proxies WHERE id = $1").bind(id.get());
        Ok(query.execute(self.writer()).await?.rows_affected() > 0)
    }

    fn oauth_proxy(&self, row: &AnyRow) -> Result<OauthProxy, Error> {
        let number = row.number("id")?;
        let mut application = self.vault().open(cell(number), &row.text("application")?)?;
        let unreadable = |_| Error::corrupt("oauth_proxies.application_urls", "not the expected JSON");
        Ok(OauthProxy {
            id: row.id("id")?,
            organization_id: row.id("organization_id")?,
            name: row.text("name")?,
            created_at: row.instant("created_at")?,
            application_urls: serde_json::from_str(&row.text("application_urls")?).map_err(unreadable)?,
            application: Secret::new(std::mem::take(&mut *application)),
        })
    }
}

fn cell(row: i64) -> Cell {
    Cell { table: "oauth_proxies", column: "application", row }
}
