//! Elements that users made, and what accounts added to elements of the platform. Definitions are sealed texts here;
//! what they mean is known above. Every change counts on, so that other processes find what is new: see `changes`.

mod changes;
mod extensions;
#[cfg(test)]
mod tests;
mod versions;

use ligand_domain::{Account, Element, Id, Organization, Timestamp, User};
use sqlx::any::AnyRow;

use crate::{
    Error, Store,
    row::{Columns, storable},
    seal::Cell,
    store::{Change, next_id},
};

pub use changes::ElementChanges;
pub use extensions::ExtensionRow;
pub use versions::{Subject, Version};

macro_rules! select_element {
    ($definition:literal, $rest:literal) => {
        concat!(
            "SELECT e.id AS id, e.organization_id AS organization_id, e.account_id AS account_id,
                 a.default_account AS default_account, e.key AS key, e.created_at AS created_at,
                 e.updated_at AS updated_at, e.deleted AS deleted, e.revision AS revision, e.change AS change,
                 e.summary AS summary",
            $definition,
            " FROM elements e JOIN accounts a ON a.id = e.account_id WHERE ",
            $rest
        )
    };
}
use select_element;

/// An element to be stored: it starts with revision 1.
#[derive(Debug, Clone)]
pub struct NewElement {
    /// Who makes it.
    pub user_id: Id<User>,
    /// The account that owns it.
    pub account_id: Id<Account>,
    /// The organization of that account.
    pub organization_id: Id<Organization>,
    /// In lower case; no other living element of the account has it.
    pub key: String,
    /// The short form as JSON text, without secrets.
    pub summary: String,
    /// The definition as JSON text.
    pub definition: String,
    /// When it is made.
    pub at: Timestamp,
    /// What was done, for the history.
    pub action: String,
}

/// What is known of an element without its definition.
#[derive(Debug, Clone)]
pub struct ElementRow {
    /// Above 100000.
    pub id: Id<Element>,
    /// The organization of the owner.
    pub organization_id: Id<Organization>,
    /// The owner.
    pub account_id: Id<Account>,
    /// The owner is the default account of its organization, so that the whole organization sees the element.
    pub of_default_account: bool,
    /// In lower case.
    pub key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its definition changed last.
    pub updated_at: Timestamp,
    /// Only instances that were made before still use it.
    pub deleted: bool,
    /// Counts the changes of the definition, for optimistic locking; 1 when new.
    pub revision: i64,
    /// Greater than that of every element that changed before.
    pub change: i64,
    /// The short form as JSON text.
    pub summary: String,
    /// Accounts that may use it besides the owner, in the order of their ids.
    pub accounts: Vec<Id<Account>>,
}

/// A new form of a definition that was read before.
#[derive(Debug, Clone)]
pub struct Revised {
    /// The revision that it was made from.
    pub revision: i64,
    /// Who changes it.
    pub user_id: Id<User>,
    /// When.
    pub at: Timestamp,
    /// What was done, for the history.
    pub action: String,
    /// The definition as JSON text.
    pub definition: String,
}

impl Store {
    /// Stores an element under the next number that is not taken by an element of the platform. It is on disk when
    /// this returns.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a living element of the account has the key; [`Error::NulCharacter`]; when there is no
    /// such account or the database fails.
    pub async fn create_element(
        &self,
        new: &NewElement,
        is_taken: impl Fn(Id<Element>) -> bool,
    ) -> Result<Id<Element>, Error> {
        storable(&new.key)?;
        storable(&new.summary)?;
        let mut change = self.begin().await?;
        let id = loop {
            let number = next_id(&mut change, "element").await?;
            let id = Id::new(number).ok_or_else(|| Error::corrupt("counters.value of element", "not positive"))?;
            if !is_taken(id) {
                break id;
            }
        };
        let key = self.sealing_key(&mut change).await?;
        let definition = self.vault().seal(&key, cell(id), &new.definition)?;
        let counted = count_on(&mut change).await?;
        sqlx::query(
            "INSERT INTO elements (id, organization_id, account_id, key, created_at, updated_at, deleted, revision,
                 change, summary, definition)
             VALUES ($1, $2, $3, $4, $5, $5, 0, 1, $6, $7, $8)",
        )
        .bind(id.get())
        .bind(new.organization_id.get())
        .bind(new.account_id.get())
        .bind(&new.key)
        .bind(new.at.as_millis())
        .bind(counted)
        .bind(&new.summary)
        .bind(definition)
        .execute(&mut *change)
        .await?;
        let version = Revised {
            revision: 0,
            user_id: new.user_id,
            at: new.at,
            action: new.action.clone(),
            definition: new.definition.clone(),
        };
        self.keep_version(&mut change, &key, Subject::Element(id), &version).await?;
        change.commit().await?;
        Ok(id)
    }

    /// An element with its definition, also a deleted one.
    ///
    /// # Errors
    /// When the database fails or the definition cannot be opened.
    pub async fn find_element(&self, id: Id<Element>) -> Result<Option<(ElementRow, String)>, Error> {
        let query = sqlx::query(select_element!(", e.definition AS definition", "e.id = $1")).bind(id.get());
        let Some(row) = query.fetch_optional(self.reader()).await? else { return Ok(None) };
        let mut found = element(&row)?;
        found.accounts = self.accounts_of_element(id).await?;
        let definition = self.vault().open(cell(id), &row.text("definition")?)?;
        Ok(Some((found, definition.as_str().to_owned())))
    }

    /// Stores a new form of a living element. False, changing nothing, when it was changed or deleted since.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails.
    pub async fn update_element(&self, id: Id<Element>, summary: &str, revised: &Revised) -> Result<bool, Error> {
        storable(summary)?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let definition = self.vault().seal(&key, cell(id), &revised.definition)?;
        let counted = count_on(&mut change).await?;
        let updated = sqlx::query(
            "UPDATE elements SET summary = $3, definition = $4, updated_at = $5, change = $6, revision = revision + 1
             WHERE id = $1 AND revision = $2 AND deleted = 0",
        )
        .bind(id.get())
        .bind(revised.revision)
        .bind(summary)
        .bind(definition)
        .bind(revised.at.as_millis())
        .bind(counted)
        .execute(&mut *change)
        .await?;
        if updated.rows_affected() == 0 {
            change.rollback().await?;
            return Ok(false);
        }
        self.keep_version(&mut change, &key, Subject::Element(id), revised).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Deletes an element: its key is free at once, its definition stays for its instances. False when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_element(&self, id: Id<Element>, at: Timestamp) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let counted = count_on(&mut change).await?;
        let deleted =
            sqlx::query("UPDATE elements SET deleted = 1, updated_at = $2, change = $3 WHERE id = $1 AND deleted = 0")
                .bind(id.get())
                .bind(at.as_millis())
                .bind(counted)
                .execute(&mut *change)
                .await?;
        if deleted.rows_affected() == 0 {
            change.rollback().await?;
            return Ok(false);
        }
        change.commit().await?;
        Ok(true)
    }

    /// Lets an account use an element, or no longer. Does nothing when that is so already.
    ///
    /// # Errors
    /// When there is no such account or element, or the database fails.
    pub async fn set_element_account(&self, id: Id<Element>, account: Id<Account>, granted: bool) -> Result<(), Error> {
        let sql = if granted {
            "INSERT INTO element_accounts (element_id, account_id) VALUES ($1, $2)
             ON CONFLICT (element_id, account_id) DO NOTHING"
        } else {
            "DELETE FROM element_accounts WHERE element_id = $1 AND account_id = $2"
        };
        let mut change = self.begin().await?;
        let counted = count_on(&mut change).await?;
        sqlx::query(sql).bind(id.get()).bind(account.get()).execute(&mut *change).await?;
        sqlx::query("UPDATE elements SET change = $2 WHERE id = $1")
            .bind(id.get())
            .bind(counted)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(())
    }

    /// Takes so many numbers for parts of definitions, and gives the first of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allot_element_parts(&self, count: usize) -> Result<i64, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let row = sqlx::query("UPDATE counters SET value = value + $1 WHERE name = 'element_part' RETURNING value")
            .bind(count)
            .fetch_one(self.writer())
            .await?;
        Ok(row.number("value")? - count + 1)
    }

    async fn accounts_of_element(&self, id: Id<Element>) -> Result<Vec<Id<Account>>, Error> {
        let rows = sqlx::query("SELECT account_id FROM element_accounts WHERE element_id = $1 ORDER BY account_id")
            .bind(id.get())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| row.id("account_id")).collect()
    }
}

/// A row without the accounts that may use the element.
fn element(row: &AnyRow) -> Result<ElementRow, Error> {
    Ok(ElementRow {
        id: row.id("id")?,
        organization_id: row.id("organization_id")?,
        account_id: row.id("account_id")?,
        of_default_account: row.flag("default_account")?,
        key: row.text("key")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
        deleted: row.flag("deleted")?,
        revision: row.number("revision")?,
        change: row.number("change")?,
        summary: row.text("summary")?,
        accounts: Vec::new(),
    })
}

fn cell(id: Id<Element>) -> Cell {
    Cell { table: "elements", column: "definition", row: id.get() }
}

/// The number that the next change of the catalog has, taken in the transaction of that change.
async fn count_on(change: &mut Change) -> Result<i64, Error> {
    next_id(change, "element_change").await
}
