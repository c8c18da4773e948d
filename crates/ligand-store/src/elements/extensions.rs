//! What accounts added to elements of the platform.

use ligand_domain::{Account, Element, Id};
use sqlx::any::AnyRow;

use super::{Revised, Subject, count_on};
use crate::{Error, Store, row::Columns, seal::Cell, store::next_id};

/// What is known of an extension without its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionRow {
    /// The element of the platform.
    pub element_id: Id<Element>,
    /// Who added to it.
    pub account_id: Id<Account>,
    /// Counts its changes; 1 when new.
    pub revision: i64,
    /// Greater than that of everything that changed before.
    pub change: i64,
}

impl Store {
    /// What an account added to an element, with its revision.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn find_extension(
        &self,
        element: Id<Element>,
        account: Id<Account>,
    ) -> Result<Option<(ExtensionRow, String)>, Error> {
        let row = sqlx::query(
            "SELECT id, element_id, account_id, revision, change, definition FROM element_extensions
             WHERE element_id = $1 AND account_id = $2",
        )
        .bind(element.get())
        .bind(account.get())
        .fetch_optional(self.reader())
        .await?;
        let Some(found) = row else { return Ok(None) };
        let definition = self.vault().open(cell(found.number("id")?), &found.text("definition")?)?;
        Ok(Some((self::row(&found)?, definition.as_str().to_owned())))
    }

    /// Stores what an account adds to an element, a first time with the revision 0. False, changing nothing, when it
    /// was changed since it was read.
    ///
    /// # Errors
    /// When there is no such account, or the database fails.
    pub async fn save_extension(
        &self,
        element: Id<Element>,
        account: Id<Account>,
        revised: &Revised,
    ) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let known =
            sqlx::query("SELECT id, revision FROM element_extensions WHERE element_id = $1 AND account_id = $2")
                .bind(element.get())
                .bind(account.get())
                .fetch_optional(&mut *change)
                .await?;
        let (id, revision) = match &known {
            Some(row) => (row.number("id")?, row.number("revision")?),
            None => (next_id(&mut change, "element_extension").await?, 0),
        };
        if revision != revised.revision {
            change.rollback().await?;
            return Ok(false);
        }
        let definition = self.vault().seal(&key, cell(id), &revised.definition)?;
        let sql = if known.is_none() {
            "INSERT INTO element_extensions (id, element_id, account_id, updated_at, revision, change, definition)
             VALUES ($1, $2, $3, $4, $5 + 1, $6, $7) ON CONFLICT (element_id, account_id) DO NOTHING"
        } else {
            "UPDATE element_extensions SET updated_at = $4, revision = revision + 1, change = $6, definition = $7
             WHERE id = $1 AND element_id = $2 AND account_id = $3 AND revision = $5"
        };
        let counted = count_on(&mut change).await?;
        let saved = sqlx::query(sql)
            .bind(id)
            .bind(element.get())
            .bind(account.get())
            .bind(revised.at.as_millis())
            .bind(revised.revision)
            .bind(counted)
            .bind(definition)
            .execute(&mut *change)
            .await?;
        if saved.rows_affected() == 0 {
            change.rollback().await?;
            return Ok(false);
        }
        self.keep_version(&mut change, &key, Subject::Extension(element, account), revised).await?;
        change.commit().await?;
        Ok(true)
    }
}

pub(super) fn row(row: &AnyRow) -> Result<ExtensionRow, Error> {
    Ok(ExtensionRow {
        element_id: row.id("element_id")?,
        account_id: row.id("account_id")?,
        revision: row.number("revision")?,
        change: row.number("change")?,
    })
}

fn cell(id: i64) -> Cell {
    Cell { table: "element_extensions", column: "definition", row: id }
}
