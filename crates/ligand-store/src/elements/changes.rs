//! What changed in the catalog since somebody looked last. The count of changes is taken in the transaction of each
//! change, whose row lock makes changes follow each other: who has seen a number has seen all that came before.

use std::collections::HashMap;

use ligand_domain::{Account, Element, Id};

use super::{ElementRow, ExtensionRow, element, extensions, select_element};
use crate::{Error, Store, row::Columns};

/// What changed.
#[derive(Debug, Clone)]
pub struct ElementChanges {
    /// The count up to which everything is told.
    pub change: i64,
    /// Elements as they are now, deleted ones too, in the order of their ids.
    pub elements: Vec<ElementRow>,
    /// What accounts added to elements of the platform.
    pub extensions: Vec<ExtensionRow>,
}

impl Store {
    /// The count of the newest change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_element_change(&self) -> Result<i64, Error> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'element_change'");
        row.fetch_one(self.reader()).await?.number("value")
    }

    /// What changed after the change of this count; everything that lives after 0.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn element_changes(&self, after: i64) -> Result<ElementChanges, Error> {
        // The count is read first: what changes meanwhile is told now and once more the next time.
        let change = self.last_element_change().await?;
        let rows = sqlx::query(select_element!("", "e.change > $1 AND (e.deleted = 0 OR $1 > 0) ORDER BY e.id"))
            .bind(after)
            .fetch_all(self.reader())
            .await?;
        let mut elements = rows.iter().map(element).collect::<Result<Vec<_>, _>>()?;
        let mut accounts = self.accounts_of_changed(after).await?;
        for element in &mut elements {
            element.accounts = accounts.remove(&element.id).unwrap_or_default();
        }
        let rows = sqlx::query(
            "SELECT element_id, account_id, revision, change FROM element_extensions WHERE change > $1
             ORDER BY element_id, account_id",
        )
        .bind(after)
        .fetch_all(self.reader())
        .await?;
        let extensions = rows.iter().map(extensions::row).collect::<Result<Vec<_>, _>>()?;
        Ok(ElementChanges { change, elements, extensions })
    }

    async fn accounts_of_changed(&self, after: i64) -> Result<HashMap<Id<Element>, Vec<Id<Account>>>, Error> {
        let rows = sqlx::query(
            "SELECT g.element_id AS element_id, g.account_id AS account_id FROM element_accounts g
             JOIN elements e ON e.id = g.element_id WHERE e.change > $1 ORDER BY g.account_id",
        )
        .bind(after)
        .fetch_all(self.reader())
        .await?;
        let mut accounts: HashMap<Id<Element>, Vec<Id<Account>>> = HashMap::new();
        for row in &rows {
            accounts.entry(row.id("element_id")?).or_default().push(row.id("account_id")?);
        }
        Ok(accounts)
    }
}
