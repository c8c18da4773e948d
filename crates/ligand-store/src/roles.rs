//! Roles of an organization and who holds them.

use ligand_domain::{Id, Privilege, Privileges, Role, User};
use sqlx::any::AnyRow;

use crate::{Error, Store, row::Columns};

impl Store {
    /// The roles granted to a user, in the order in which they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_roles_of_user(&self, user: Id<User>) -> Result<Vec<Role>, Error> {
        let rows = sqlx::query(
            "SELECT r.id AS id, r.key AS key, r.name AS name, r.description AS description, r.privileges AS privileges
             FROM user_roles g JOIN roles r ON r.id = g.role_id WHERE g.user_id = $1 ORDER BY r.id",
        )
        .bind(user.get())
        .fetch_all(self.reader())
        .await?;
        let role = |row: &AnyRow| -> Result<Role, Error> {
            Ok(Role {
                id: row.id("id")?,
                key: row.text("key")?,
                name: row.text("name")?,
                description: row.text("description")?,
                privileges: parse_privileges(&row.text("privileges")?)?,
            })
        };
        rows.iter().map(role).collect()
    }
}

/// Privileges from their stored form. Keys that only a newer program knows are passed over.
pub(crate) fn parse_privileges(text: &str) -> Result<Privileges, Error> {
    let keys: Vec<&str> = serde_json::from_str(text).map_err(|_| Error::corrupt("roles.privileges", "not a list"))?;
    Ok(keys.into_iter().filter_map(Privilege::from_key).collect())
}
