//! Old events and notifications are deleted with all that belongs to them, in small steps between which others write.

use ligand_domain::Timestamp;
use sqlx::AssertSqlSafe;

use crate::{Error, Store, row::Columns};

/// How many rows one step deletes.
const AT_ONCE: i64 = 200;

/// Notifications from before an instant that nothing is to be delivered of any more, or that waited too long.
const OLD_NOTIFICATIONS: &str = "SELECT id FROM notifications WHERE created_at < $1 AND id > $2
    AND (created_at < $3 OR NOT EXISTS (SELECT 1 FROM deliveries
         WHERE notification_id = notifications.id AND status IN ('created', 'retry', 'queued')))
    ORDER BY id LIMIT $4";

/// Events from before an instant without a notification.
const OLD_EVENTS: &str = "SELECT id FROM events WHERE created_at < $1 AND id > $2
    AND NOT EXISTS (SELECT 1 FROM notifications WHERE notifications.id = events.id)
    ORDER BY id LIMIT $3";

impl Store {
    /// Deletes notifications and events from before `before`; what is still to be delivered stays until `queued_before`.
    /// Says how many notifications and events were deleted.
    ///
    /// # Errors
    /// When the database fails. What was deleted until then stays deleted.
    pub async fn prune_events(&self, before: Timestamp, queued_before: Timestamp) -> Result<u64, Error> {
        let mut deleted = 0;
        let mut after = 0;
        loop {
            let query = sqlx::query(OLD_NOTIFICATIONS).bind(before.as_millis()).bind(after);
            let rows = query.bind(queued_before.as_millis()).bind(AT_ONCE).fetch_all(self.reader()).await?;
            let ids = rows.iter().map(|row| row.number("id")).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = ids.last() else { break };
            after = *last;
            deleted += self.delete_all(&ids, OF_NOTIFICATIONS).await?;
        }
        after = 0;
        loop {
            let query = sqlx::query(OLD_EVENTS).bind(before.as_millis()).bind(after).bind(AT_ONCE);
            let rows = query.fetch_all(self.reader()).await?;
            let ids = rows.iter().map(|row| row.number("id")).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = ids.last() else { break };
            after = *last;
            deleted += self.delete_all(&ids, OF_EVENTS).await?;
        }
        self.prune_subscriptions().await?;
        Ok(deleted)
    }

    async fn delete_all(&self, ids: &[i64], statements: &[&str]) -> Result<u64, Error> {
        let parameters: Vec<String> = (1..=ids.len()).map(|number| format!("${number}")).collect();
        let list = parameters.join(", ");
        let mut change = self.begin().await?;
        let mut deleted = 0;
        for statement in statements {
            let query = sqlx::query(AssertSqlSafe(statement.replace("$ids", &list)));
            deleted = ids.iter().fold(query, |query, id| query.bind(*id)).execute(&mut *change).await?.rows_affected();
        }
        change.commit().await?;
        Ok(deleted)
    }

    /// Deletes subscriptions that are gone and of which no delivery is left.
    async fn prune_subscriptions(&self) -> Result<(), Error> {
        sqlx::query(
            "DELETE FROM subscriptions WHERE deleted = 1
             AND NOT EXISTS (SELECT 1 FROM deliveries WHERE subscription_id = subscriptions.id)",
        )
        .execute(self.writer())
        .await?;
        Ok(())
    }
}

const OF_NOTIFICATIONS: &[&str] = &[
    "DELETE FROM delivery_attempts
     WHERE delivery_id IN (SELECT id FROM deliveries WHERE notification_id IN ($ids))",
    "DELETE FROM deliveries WHERE notification_id IN ($ids)",
    "DELETE FROM notifications WHERE id IN ($ids)",
];

/// A payload goes with the last of its events.
const OF_EVENTS: &[&str] = &[
    "DELETE FROM event_notes WHERE event_id IN ($ids)",
    "DELETE FROM event_payloads WHERE id IN (SELECT payload_id FROM events WHERE id IN ($ids))
         AND NOT EXISTS (SELECT 1 FROM events WHERE payload_id = event_payloads.id AND id NOT IN ($ids))",
    "DELETE FROM events WHERE id IN ($ids)",
];
