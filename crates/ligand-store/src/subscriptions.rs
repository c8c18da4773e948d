//! Who wants to be told of what, and where to. Their configuration is sealed.

use ligand_domain::{Account, Id, Instance, Organization, Subscription, User, notification::Channel};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::{
    Error, Store,
    row::{Columns, storable},
    seal::Cell,
    store::{Change, next_id},
};

macro_rules! subscription_columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "id, ",
            $prefix,
            "organization_id, ",
            $prefix,
            "account_id, ",
            $prefix,
            "user_id, ",
            $prefix,
            "instance_id, ",
            $prefix,
            "channel, ",
            $prefix,
            "topics, ",
            $prefix,
            "endpoint, ",
            $prefix,
            "active, ",
            $prefix,
            "deleted, ",
            $prefix,
            "created_at, ",
            $prefix,
            "config"
        )
    };
}

/// A subscription to be stored.
#[derive(Clone)]
pub struct NewSubscription {
    /// Whose.
    pub organization_id: Id<Organization>,
    /// Whose notifications.
    pub account_id: Id<Account>,
    /// Who makes it.
    pub user_id: Id<User>,
    /// The instance that makes it of its configuration.
    pub instance_id: Option<Id<Instance>>,
    /// How.
    pub channel: Channel,
    /// Of what.
    pub topics: Vec<String>,
    /// Where to.
    pub config: Map<String, Value>,
    /// What groups those that lead to one server: their deliveries share its lanes.
    pub endpoint: String,
}

impl Store {
    /// The number of the next subscription, for one whose number has to be known before it is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_subscription_id(&self) -> Result<Id<Subscription>, Error> {
        let mut change = self.begin().await?;
        let number = next_id(&mut change, "subscription").await?;
        change.commit().await?;
        Id::new(number).ok_or_else(|| Error::corrupt("counters.value of subscription", "not positive"))
    }

    /// Stores a subscription.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; when the database fails.
    pub async fn create_subscription(&self, new: &NewSubscription) -> Result<Subscription, Error> {
        let mut change = self.begin().await?;
        let (number, key) = self.next_id_and_sealing_key(&mut change, "subscription").await?;
        let id = Id::new(number).ok_or_else(|| Error::corrupt("counters.value of subscription", "not positive"))?;
        let subscription = self.insert_subscription(&mut change, &key, id, new).await?;
        change.commit().await?;
        Ok(subscription)
    }

    pub(crate) async fn insert_subscription(
        &self,
        change: &mut Change,
        key: &str,
        id: Id<Subscription>,
        new: &NewSubscription,
    ) -> Result<Subscription, Error> {
        let now = self.clock().now();
        let config = Value::Object(new.config.clone()).to_string();
        sqlx::query(
            "INSERT INTO subscriptions (id, organization_id, account_id, user_id, instance_id, channel, topics,
                 endpoint, active, deleted, created_at, config)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, $9, $10)",
        )
        .bind(id.get())
        .bind(new.organization_id.get())
        .bind(new.account_id.get())
        .bind(new.user_id.get())
        .bind(new.instance_id.map(Id::get))
        .bind(new.channel.key())
        .bind(Value::from(new.topics.clone()).to_string())
        .bind(&new.endpoint)
        .bind(now.as_millis())
        .bind(self.vault().seal(key, cell(id.get()), &config)?)
        .execute(&mut **change)
        .await?;
        for topic in &new.topics {
            sqlx::query(
                "INSERT INTO subscription_topics (account_id, topic, subscription_id) VALUES ($1, $2, $3)
                 ON CONFLICT (account_id, topic, subscription_id) DO NOTHING",
            )
            .bind(new.account_id.get())
            .bind(storable(topic)?)
            .bind(id.get())
            .execute(&mut **change)
            .await?;
        }
        Ok(Subscription {
            id,
            organization_id: new.organization_id,
            account_id: new.account_id,
            user_id: new.user_id,
            instance_id: new.instance_id,
            channel: new.channel,
            topics: new.topics.clone(),
            config: new.config.clone(),
            active: true,
            deleted: false,
            created_at: now,
        })
    }

    /// A subscription of an account.
    ///
    /// # Errors
    /// When the database fails or it cannot be opened.
    pub async fn find_subscription(
        &self,
        account: Id<Account>,
        id: Id<Subscription>,
    ) -> Result<Option<Subscription>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            subscription_columns!(""),
            " FROM subscriptions WHERE account_id = $1 AND id = $2 AND deleted = 0"
        ));
        let row = query.bind(account.get()).bind(id.get()).fetch_optional(self.reader()).await?;
        row.map(|row| self.subscription(&row)).transpose()
    }

    /// The subscriptions of an account with a larger number, by number; with `gone`, also those that are gone.
    ///
    /// # Errors
    /// When the database fails or one cannot be opened.
    pub async fn list_subscriptions(
        &self,
        account: Id<Account>,
        after: i64,
        limit: u32,
        gone: bool,
    ) -> Result<Vec<Subscription>, Error> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            subscription_columns!(""),
            " FROM subscriptions WHERE account_id = $1 AND id > $2 AND deleted <= $3 ORDER BY id LIMIT $4"
        ))
        .bind(account.get())
        .bind(after)
        .bind(i64::from(gone))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| self.subscription(row)).collect()
    }

    /// Removes a subscription of an account. What is on its way to it is not tried any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_subscription(&self, account: Id<Account>, id: Id<Subscription>) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let query =
            sqlx::query("UPDATE subscriptions SET deleted = 1 WHERE account_id = $1 AND id = $2 AND deleted = 0");
        let deleted = query.bind(account.get()).bind(id.get()).execute(&mut *change).await?.rows_affected() > 0;
        if deleted {
            forget_topics(&mut change, id.get()).await?;
            park(&mut change, id.get()).await?;
        }
        change.commit().await?;
        Ok(deleted)
    }

    /// Makes the one subscription that an instance has what its configuration says, as a part of the change of the
    /// instance. What is on its way to an earlier one goes to the new one.
    pub(crate) async fn settle_subscription(
        &self,
        change: &mut Change,
        key: &str,
        instance: Id<Instance>,
        wanted: Option<&(Id<Subscription>, NewSubscription)>,
    ) -> Result<(), Error> {
        let rows = sqlx::query("SELECT id FROM subscriptions WHERE instance_id = $1 AND deleted = 0")
            .bind(instance.get())
            .fetch_all(&mut **change)
            .await?;
        let mut is_there = false;
        for row in &rows {
            let id = row.number("id")?;
            if wanted.is_some_and(|(wanted, _)| wanted.get() == id) {
                is_there = true;
                continue;
            }
            sqlx::query("UPDATE subscriptions SET deleted = 1 WHERE id = $1").bind(id).execute(&mut **change).await?;
            forget_topics(change, id).await?;
            if wanted.is_none() {
                park(change, id).await?;
            }
        }
        if let Some((id, new)) = wanted.filter(|_| !is_there) {
            let new = NewSubscription { instance_id: Some(instance), ..new.clone() };
            self.insert_subscription(change, key, *id, &new).await?;
            adopt(change, instance, *id).await?;
        }
        Ok(())
    }

    pub(crate) fn subscription(&self, row: &AnyRow) -> Result<Subscription, Error> {
        let id: Id<Subscription> = row.id("id")?;
        let config = self.vault().open(cell(id.get()), &row.text("config")?)?;
        let unreadable = |_| cell(id.get()).corrupt("not the expected JSON");
        Ok(Subscription {
            id,
            organization_id: row.id("organization_id")?,
            account_id: row.id("account_id")?,
            user_id: row.id("user_id")?,
            instance_id: row.optional_number("instance_id")?.and_then(Id::new),
            channel: Channel::from_key(&row.text("channel")?)
                .ok_or_else(|| Error::corrupt("subscriptions.channel", "unknown value"))?,
            topics: serde_json::from_str(&row.text("topics")?).map_err(unreadable)?,
            config: serde_json::from_str(&config).map_err(unreadable)?,
            active: row.flag("active")?,
            deleted: row.flag("deleted")?,
            created_at: row.instant("created_at")?,
        })
    }
}

/// What was on its way to a subscription that goes waits for a release.
async fn park(change: &mut Change, subscription: i64) -> Result<(), Error> {
    sqlx::query(
        "UPDATE deliveries SET status = 'queued' WHERE subscription_id = $1 AND status IN ('created', 'retry')",
    )
    .bind(subscription)
    .execute(&mut **change)
    .await?;
    Ok(())
}

/// Hands what earlier subscriptions of the instance did not get rid of to the present one. Its jobs go on.
async fn adopt(change: &mut Change, instance: Id<Instance>, id: Id<Subscription>) -> Result<(), Error> {
    sqlx::query(
        "UPDATE deliveries SET subscription_id = $1
         WHERE status IN ('created', 'retry', 'queued')
             AND subscription_id IN (SELECT id FROM subscriptions WHERE instance_id = $2 AND id <> $1)",
    )
    .bind(id.get())
    .bind(instance.get())
    .execute(&mut **change)
    .await?;
    Ok(())
}

async fn forget_topics(change: &mut Change, subscription: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM subscription_topics WHERE subscription_id = $1")
        .bind(subscription)
        .execute(&mut **change)
        .await?;
    Ok(())
}

pub(crate) fn cell(row: i64) -> Cell {
    Cell { table: "subscriptions", column: "config", row }
}
