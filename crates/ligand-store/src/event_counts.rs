//! Events as counts over time.

use ligand_domain::{Account, Id, Organization, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::{Error, Store, row::Columns};

/// What counts are asked for.
#[derive(Debug, Clone)]
pub struct CountFilter {
    /// Of these accounts.
    pub accounts: Vec<Id<Account>>,
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
}

/// By what events are told apart besides their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountBy {
    /// By nothing.
    Nothing,
    /// By account.
    Account,
    /// By instance.
    Instance,
}

/// How many events there were in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCount {
    /// The second.
    pub at: Timestamp,
    /// The account or instance; 0 when they are not told apart.
    pub of: i64,
    /// All.
    pub count: i64,
    /// Of which somebody was told.
    pub success: i64,
    /// A delivery of which failed.
    pub failed: i64,
}

impl Store {
    /// How many events there were, in steps of so many milliseconds from the filter's beginning on, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_events(
        &self,
        filter: &CountFilter,
        step_millis: i64,
        by: CountBy,
    ) -> Result<Vec<EventCount>, Error> {
        let of = match by {
            CountBy::Nothing => "0",
            CountBy::Account => "account_id",
            CountBy::Instance => "instance_id",
        };
        let accounts: Vec<String> = (4..4 + filter.accounts.len()).map(|number| format!("${number}")).collect();
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT step, of_id, COUNT(*) AS all_of_them,
                 SUM(CASE WHEN status = 'NOTIFIED' THEN 1 ELSE 0 END) AS success,
                 SUM(CASE WHEN failed = 1 THEN 1 ELSE 0 END) AS failed
             FROM (SELECT (created_at - $1) / $3 AS step, CAST({of} AS BIGINT) AS of_id, status, failed FROM events
                   WHERE created_at >= $1 AND created_at < $2 AND account_id IN ({})) AS of_time
             GROUP BY step, of_id ORDER BY step, of_id",
            accounts.join(", ")
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(filter.from.as_millis())
            .bind(filter.to.as_millis())
            .bind(step_millis.max(1));
        let query = filter.accounts.iter().fold(query, |query, id| query.bind(id.get()));
        let count = |row: &AnyRow| {
            Ok(EventCount {
                at: Timestamp::from_millis(filter.from.as_millis() + row.number("step")? * step_millis.max(1)),
                of: row.number("of_id")?,
                count: row.number("all_of_them")?,
                success: row.number("success")?,
                failed: row.number("failed")?,
            })
        };
        query.fetch_all(self.reader()).await?.iter().map(count).collect()
    }

    /// The accounts of an organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_of_organization(&self, organization: Id<Organization>) -> Result<Vec<Id<Account>>, Error> {
        let query = sqlx::query("SELECT id FROM accounts WHERE organization_id = $1 ORDER BY id");
        let rows = query.bind(organization.get()).fetch_all(self.reader()).await?;
        rows.iter().map(|row| row.id("id")).collect()
    }
}
