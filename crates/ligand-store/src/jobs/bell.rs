//! How workers hear of new work: in this process by a counter that grows, in other processes on the same PostgreSQL by
//! a notification. A missed ring costs time only, because workers also look by themselves now and then.

use std::convert::Infallible;

use ligand_domain::{SystemRng, rng};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;

use crate::{Engine, Error, Store, store::Change};

const CHANNEL: &str = "ligand_jobs";
const NOTIFY: &str = "SELECT CAST(pg_notify('ligand_jobs', $1) AS TEXT)";

/// The bell of one process.
pub(crate) struct Bell {
    rings: watch::Sender<u64>,
    /// With PostgreSQL: where to listen, and how this process is told from others.
    cluster: Option<(PgConnectOptions, String)>,
}

/// Somebody who hears the bell from now on.
pub struct Hearing(watch::Receiver<u64>);

impl Hearing {
    /// Resolves when the bell has rung since this was made, or since it resolved last.
    pub async fn rung(&mut self) {
        // The sender lives in the store, and whoever hears has the store as well.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Bell {
    pub(crate) fn new(engine: Engine, url: &str) -> Result<Self, Error> {
        let cluster = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let options = url.parse::<PgConnectOptions>().map_err(|_| Error::Address("it is not a URL"))?;
                let name: String = rng::bytes::<8>(&SystemRng).iter().map(|byte| format!("{byte:02x}")).collect();
                Some((options, name))
            }
        };
        Ok(Self { rings: watch::Sender::new(0), cluster })
    }

    pub(crate) fn ring(&self) {
        self.rings.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// Has the change wake other processes once it is made, when nobody in this one hears.
    pub(crate) async fn announce(&self, change: &mut Change) -> Result<(), Error> {
        if self.rings.receiver_count() == 0
            && let Some((_, name)) = &self.cluster
        {
            sqlx::query(NOTIFY).bind(name).execute(&mut **change).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Hears of work that is enqueued from now on.
    #[must_use]
    pub fn hear_of_work(&self) -> Hearing {
        Hearing(self.bell().rings.subscribe())
    }

    /// Wakes the workers of this process.
    pub fn ring_for_work(&self) {
        self.bell().ring();
    }

    /// Wakes the workers of other processes: there is more to do than this one can take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pass_on_work(&self) -> Result<(), Error> {
        if let Some((_, name)) = &self.bell().cluster {
            sqlx::query(NOTIFY).bind(name).execute(self.writer()).await?;
        }
        Ok(())
    }

    /// Rings when another process announces work. Never ends but by an error; with SQLite never at all.
    ///
    /// # Errors
    /// When the database cannot be reached any more.
    pub async fn relay_announcements(&self) -> Result<Infallible, Error> {
        let Some((options, own)) = &self.bell().cluster else { return std::future::pending().await };
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.connect_lazy_with(options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        // What was announced before is not heard.
        self.bell().ring();
        loop {
            match listener.try_recv().await? {
                Some(notification) if notification.payload() == own => {}
                // `None` means that the connection was lost meanwhile, and announcements with it.
                Some(_) | None => self.bell().ring(),
            }
        }
    }
}
