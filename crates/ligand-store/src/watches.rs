//! What an instance's events configuration makes: how its webhooks find it, and its subscription. Made and undone in the
//! change of the instance.

use ligand_domain::{Account, Id, Instance, Subscription};
use sqlx::any::AnyRow;

use crate::{
    Error, NewSubscription, PollPlan, Store,
    row::{Columns, storable},
    seal::Lookup,
    store::Change,
};

/// What an instance wants to happen about events.
#[derive(Clone)]
pub struct Watch {
    /// The key of its element.
    pub element_key: String,
    /// The account of its owner.
    pub account_id: Id<Account>,
    /// Whether it has events at all.
    pub active: bool,
    /// Whether webhooks that name no instance may be its.
    pub takes_hooks: bool,
    /// By what in them it is found.
    pub finders: Vec<Finder>,
    /// Its subscription to its own events, under the number that its configuration names.
    pub subscription: Option<(Id<Subscription>, NewSubscription)>,
    /// What is polled, if anything is.
    pub polling: Option<PollPlan>,
}

/// A value in webhooks that tells whose they are.
#[derive(Clone)]
pub struct Finder {
    /// Less comes first.
    pub priority: i64,
    /// Where it stands.
    pub place: String,
    /// What has to stand there. It can be secret.
    pub value: String,
}

/// Its finders can be secret.
impl std::fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watch").field("active", &self.active).finish_non_exhaustive()
    }
}

/// The topic of an instance's events.
#[must_use]
pub fn event_topic(instance: Id<Instance>, element_key: &str) -> String {
    format!("instance-{instance}-{element_key}-events")
}

impl Store {
    /// Makes of an instance's wishes what is to be, as a part of the change of the instance.
    pub(crate) async fn settle_watch(
        &self,
        change: &mut Change,
        key: &str,
        whose: &Instance,
        watch: &Watch,
    ) -> Result<(), Error> {
        let instance = whose.id;
        for sql in
            ["DELETE FROM event_listeners WHERE instance_id = $1", "DELETE FROM event_finders WHERE instance_id = $1"]
        {
            sqlx::query(sql).bind(instance.get()).execute(&mut **change).await?;
        }
        if watch.active {
            sqlx::query(
                "INSERT INTO event_listeners (instance_id, element_key, account_id, takes_hooks) VALUES ($1, $2, $3, $4)",
            )
            .bind(instance.get())
            .bind(storable(&watch.element_key)?)
            .bind(watch.account_id.get())
            .bind(i64::from(watch.takes_hooks))
            .execute(&mut **change)
            .await?;
            for finder in watch.finders.iter().filter(|_| watch.takes_hooks) {
                sqlx::query(
                    "INSERT INTO event_finders (instance_id, element_key, priority, place, value_hash)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (instance_id, place, value_hash) DO NOTHING",
                )
                .bind(instance.get())
                .bind(&watch.element_key)
                .bind(finder.priority)
                .bind(storable(&finder.place)?)
                .bind(self.vault().hash(Lookup::EventFinder, &finder.value))
                .execute(&mut **change)
                .await?;
            }
        }
        let topics = vec![event_topic(instance, &watch.element_key)];
        let wanted = watch.subscription.as_ref().filter(|_| watch.active);
        let wanted = wanted.map(|(id, new)| (*id, NewSubscription { topics, ..new.clone() }));
        self.settle_subscription(change, key, instance, wanted.as_ref()).await?;
        self.settle_polling(change, whose, watch.polling.as_ref()).await
    }

    /// The places in webhooks of an element by which instances are found, in the order in which they count.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finder_places(&self, element_key: &str) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(
            "SELECT place, MIN(priority) AS first FROM event_finders WHERE element_key = $1
             GROUP BY place ORDER BY first, place LIMIT 100",
        )
        .bind(storable(element_key)?)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.text("place")).collect()
    }

    /// The instances whose webhooks have this value at this place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances_found_by(
        &self,
        element_key: &str,
        place: &str,
        value: &str,
    ) -> Result<Vec<Id<Instance>>, Error> {
        let rows = sqlx::query(
            "SELECT instance_id FROM event_finders WHERE element_key = $1 AND place = $2 AND value_hash = $3
             ORDER BY instance_id LIMIT 100",
        )
        .bind(storable(element_key)?)
        .bind(storable(place)?)
        .bind(self.vault().hash(Lookup::EventFinder, value))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.id("instance_id")).collect()
    }

    /// The instance that takes the webhooks of an element, when there is exactly one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn only_listener(&self, element_key: &str) -> Result<Option<Id<Instance>>, Error> {
        let rows =
            sqlx::query("SELECT instance_id FROM event_listeners WHERE element_key = $1 AND takes_hooks = 1 LIMIT 2")
                .bind(storable(element_key)?)
                .fetch_all(self.reader())
                .await?;
        let id = |row: &AnyRow| row.id("instance_id");
        if let [only] = rows.as_slice() { id(only).map(Some) } else { Ok(None) }
    }
}

impl Watch {
    /// A watch that wants nothing.
    #[must_use]
    pub fn none(element_key: &str, account_id: Id<Account>) -> Self {
        Self {
            element_key: element_key.to_owned(),
            account_id,
            active: false,
            takes_hooks: false,
            finders: Vec::new(),
            subscription: None,
            polling: None,
        }
    }
}
