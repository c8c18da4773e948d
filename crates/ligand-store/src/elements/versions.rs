//! Earlier forms of definitions: who made them, when, and what they were.

use ligand_domain::{Account, Element, Id, Timestamp, User};

use super::Revised;
use crate::{
    Error, Store,
    row::{Columns, storable},
    seal::Cell,
    store::{Change, next_id},
};

/// How many forms of one definition are kept.
const KEPT: i64 = 100;

/// Whose history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An element's.
    Element(Id<Element>),
    /// That of what an account added to an element of the platform.
    Extension(Id<Element>, Id<Account>),
}

impl Subject {
    fn key(self) -> (i64, i64) {
        match self {
            Self::Element(id) => (id.get(), 0),
            Self::Extension(id, account) => (id.get(), account.get()),
        }
    }
}

/// A form that a definition has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its revision.
    pub revision: i64,
    /// Who made it.
    pub user_id: Id<User>,
    /// When.
    pub created_at: Timestamp,
    /// What was done.
    pub action: String,
}

impl Store {
    /// The forms of a definition that are kept, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_versions(&self, subject: Subject) -> Result<Vec<Version>, Error> {
        let (element, account) = subject.key();
        let rows = sqlx::query(
            "SELECT revision, user_id, created_at, action FROM element_versions
             WHERE element_id = $1 AND account_id = $2 ORDER BY revision DESC",
        )
        .bind(element)
        .bind(account)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(version).collect()
    }

    /// One form with its definition.
    ///
    /// # Errors
    /// When the database fails or the definition cannot be opened.
    pub async fn find_version(&self, subject: Subject, revision: i64) -> Result<Option<(Version, String)>, Error> {
        let (element, account) = subject.key();
        let row = sqlx::query(
            "SELECT id, revision, user_id, created_at, action, definition FROM element_versions
             WHERE element_id = $1 AND account_id = $2 AND revision = $3",
        )
        .bind(element)
        .bind(account)
        .bind(revision)
        .fetch_optional(self.reader())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let definition = self.vault().open(cell(row.number("id")?), &row.text("definition")?)?;
        Ok(Some((version(&row)?, definition.as_str().to_owned())))
    }

    /// Keeps the form that a change makes, and drops the oldest one beyond [`KEPT`].
    pub(super) async fn keep_version(
        &self,
        change: &mut Change,
        key: &str,
        subject: Subject,
        revised: &Revised,
    ) -> Result<(), Error> {
        let id = next_id(change, "element_version").await?;
        let (element, account) = subject.key();
        let revision = revised.revision + 1;
        sqlx::query(
            "INSERT INTO element_versions (id, element_id, account_id, revision, user_id, created_at, action,
                 definition)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(element)
        .bind(account)
        .bind(revision)
        .bind(revised.user_id.get())
        .bind(revised.at.as_millis())
        .bind(storable(&revised.action)?)
        .bind(self.vault().seal(key, cell(id), &revised.definition)?)
        .execute(&mut **change)
        .await?;
        sqlx::query("DELETE FROM element_versions WHERE element_id = $1 AND account_id = $2 AND revision <= $3")
            .bind(element)
            .bind(account)
            .bind(revision - KEPT)
            .execute(&mut **change)
            .await?;
        Ok(())
    }
}

fn version(row: &sqlx::any::AnyRow) -> Result<Version, Error> {
    Ok(Version {
        revision: row.number("revision")?,
        user_id: row.id("user_id")?,
        created_at: row.instant("created_at")?,
        action: row.text("action")?,
    })
}

fn cell(id: i64) -> Cell {
    Cell { table: "element_versions", column: "definition", row: id }
}
