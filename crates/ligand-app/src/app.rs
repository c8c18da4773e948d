//! The platform as one value: what every operation works with.

use std::{
    num::NonZeroU32,
    sync::{Arc, Weak},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ligand_domain::{Clock, Error, ErrorKind, Event, Id, Instance, Organization, Rng, Timestamp, request_id};
use ligand_engine::Engine;
use ligand_store::{Attempted, NewEvents, Store};

use crate::{
    authentication::Guard,
    callers::Callers,
    catalog::Catalog,
    conversion::Conversions,
    elements::Registry,
    events::{self, Floods},
    failure::of_store,
    hubs::responses::Responses,
    instances::{Cache, Renewals, Turns},
    notifications::{self, Mailer},
    together::Together,
    traces::Traces,
    usage::Held,
};

/// Bounds on what callers may do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// The largest request body that is the definition of an element, in bytes.
    pub definition_bytes: usize,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// Calls per second of one organization; none when absent.
    pub calls_per_second: Option<NonZeroU32>,
    /// Hub calls per second of one instance; none when absent.
    pub instance_calls_per_second: Option<NonZeroU32>,
    /// About how many bytes the answers take that are kept for instances; none are when it is 0.
    pub cache_bytes: usize,
    /// How long a login lasts.
    pub session: Duration,
    /// How long the history of jobs is kept.
    pub job_history: Duration,
    /// How long the record of calls of elements is kept.
    pub usage_history: Duration,
    /// Bounds on events.
    pub events: events::Options,
    /// How deliveries are made.
    pub notifications: notifications::Options,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The way to the vendors.
    pub engine: Engine,
    /// The system elements.
    pub catalog: Catalog,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Bounds.
    pub limits: Limits,
    /// Where browsers reach this server, for the callbacks of OAuth; without it there are none of its own.
    pub public_url: Option<String>,
}

/// The platform: shared by all requests.
pub struct App {
    me: Weak<Self>,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) catalog: Catalog,
    /// Where browsers reach this server, without a slash at the end.
    pub(crate) public_url: Option<String>,
    pub(crate) registry: Registry,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) limits: Limits,
    pub(crate) callers: Callers,
    pub(crate) instances: Cache,
    pub(crate) turns: Turns,
    pub(crate) renewals: Renewals,
    pub(crate) responses: Responses,
    pub(crate) traces: Traces,
    pub(crate) login_guard: Guard,
    pub(crate) conversions: Conversions,
    pub(crate) usage: Held,
    pub(crate) mailer: Mailer,
    /// What attempts at deliveries came to.
    pub(crate) attempts: Together<Attempted, ()>,
    /// Events that come in.
    pub(crate) recordings: Together<NewEvents, Vec<Id<Event>>>,
    pub(crate) floods: Floods,
    request_ids: request_id::Generator,
    calls: Option<DefaultKeyedRateLimiter<Id<Organization>>>,
    instance_calls: Option<DefaultKeyedRateLimiter<Id<Instance>>>,
}

/// How many instances the rate limiter remembers before it forgets those that have not called lately.
const RATED_INSTANCES: usize = 10_000;

impl App {
    /// Puts the platform together.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, engine, catalog, clock, rng, limits, public_url } = parts;
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        let freshness = crate::callers::Freshness::of(&store, &clock);
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            public_url,
            callers: Callers::new(&*rng, freshness.clone()),
            registry: Registry::new(store.clone(), freshness.clone()),
            instances: Cache::new(freshness),
            turns: Turns::default(),
            renewals: Renewals::default(),
            responses: Responses::new(limits.cache_bytes, Arc::clone(&clock)),
            traces: Traces::default(),
            login_guard: Guard::default(),
            floods: Floods::new(&limits.events),
            recordings: Together::new({
                let store = store.clone();
                move |all: Vec<NewEvents>| {
                    let store = store.clone();
                    Box::pin(async move { store.record_events(&all).await.map_err(of_store) })
                }
            }),
            conversions: Conversions::default(),
            usage: Held::default(),
            mailer: Mailer::new(limits.notifications.mail.clone()),
            attempts: Together::new({
                let store = store.clone();
                move |attempts: Vec<Attempted>| {
                    let store = store.clone();
                    Box::pin(async move {
                        store.keep_attempts(&attempts).await.map_err(of_store)?;
                        Ok(vec![(); attempts.len()])
                    })
                }
            }),
            request_ids: request_id::Generator::new(&*rng),
            calls: limits.calls_per_second.map(|calls| RateLimiter::keyed(Quota::per_second(calls))),
            instance_calls: limits.instance_calls_per_second.map(|calls| RateLimiter::keyed(Quota::per_second(calls))),
            store,
            engine,
            catalog,
            clock,
            rng,
            limits,
        })
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The platform itself, for work that goes on when its caller has left.
    pub(crate) fn shared(&self) -> Arc<Self> {
        self.me.upgrade().expect("whoever calls holds the platform")
    }

    /// The id for a request that arrives now.
    #[must_use]
    pub fn next_request_id(&self) -> ligand_domain::RequestId {
        self.request_ids.next(self.clock.now())
    }

    /// The bounds in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The system elements.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Whether the platform can serve: the database answers.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        self.store.ping().await.map_err(|cause| {
            Error::new(ErrorKind::Unavailable, "database-unavailable", "The database does not answer")
                .with_source(cause)
        })
    }

    /// Ends the platform: writes what is still to be written, and gives the connections to the database back.
    pub async fn close(&self) {
        self.write_usage().await;
        self.store.close().await;
    }

    /// Counts one call of an organization against its rate.
    pub(crate) fn spend_call(&self, organization: Id<Organization>) -> Result<(), Error> {
        let Some(calls) = &self.calls else { return Ok(()) };
        calls.check_key(&organization).map_err(|_| rate_exceeded())
    }

    /// Counts one hub call of an instance against its rate.
    pub(crate) fn spend_instance_call(&self, instance: Id<Instance>) -> Result<(), Error> {
        let Some(calls) = &self.instance_calls else { return Ok(()) };
        if calls.len() > RATED_INSTANCES {
            calls.retain_recent();
        }
        calls.check_key(&instance).map_err(|_| rate_exceeded())
    }
}

/// A rate is per second: a second later there is room.
fn rate_exceeded() -> Error {
    Error::new(ErrorKind::TooMany, "rate-exceeded", "Too many requests, try again later").retry_after(1)
}
