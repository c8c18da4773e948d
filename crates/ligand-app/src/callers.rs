//! Who calls: turns an `Authorization` header into a checked identity, from memory after the first time.

use std::{sync::Arc, time::Duration};

use ligand_domain::{Caller, Clock, Credentials, Error, ErrorKind, Rng, Secret, Timestamp, rng};
use ligand_store::{Engine, Store};
use quick_cache::sync::Cache;

use crate::{App, failure::of_store};

/// How many headers are remembered at most.
const REMEMBERED: usize = 20_000;
/// The longest header that is remembered, in bytes; real ones have about 200.
const REMEMBERED_BYTES: usize = 1024;
/// How old a remembered row may be where other processes write to the same database.
const SHARED_MAX_AGE: Duration = Duration::from_secs(1);

/// Decides whether something read from the database some time ago may still be used. With the embedded
/// database this process is the only writer and tells itself; on a shared one age decides.
#[derive(Clone)]
pub(crate) struct Freshness {
    clock: Arc<dyn Clock>,
    max_age: Option<Duration>,
}

impl Freshness {
    pub(crate) fn of(store: &Store, clock: &Arc<dyn Clock>) -> Self {
        let max_age = match store.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(SHARED_MAX_AGE),
        };
        Self { clock: Arc::clone(clock), max_age }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn holds(&self, read_at: Timestamp) -> bool {
        self.max_age.is_none_or(|max_age| self.clock.now().since(read_at) < max_age)
    }
}

/// A checked `Authorization` header.
#[derive(Debug)]
pub struct Identity {
    caller: Caller,
    /// User and organization (or a login) were proven, not the user alone.
    whole: bool,
    element: Option<Secret>,
    read_at: Timestamp,
}

impl Identity {
    /// The caller of a platform route.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when only the user was proven.
    pub fn platform(&self) -> Result<&Caller, Error> {
        if self.whole { Ok(&self.caller) } else { Err(Error::unauthenticated()) }
    }

    /// The user, for routes that an Element token opens.
    #[must_use]
    pub fn user(&self) -> &Caller {
        &self.caller
    }

    /// The Element token that was sent, not yet checked.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when none was sent.
    pub fn element_token(&self) -> Result<&Secret, Error> {
        self.element.as_ref().ok_or_else(|| {
            Error::invalid("element-token-missing", "An element token is required in the Authorization header")
        })
    }
}

/// The headers seen lately, by keyed hash, so that no secret is a key in memory.
pub(crate) struct Callers {
    known: Cache<[u8; 32], Arc<Identity>>,
    hash_key: [u8; 32],
    freshness: Freshness,
}

impl Callers {
    pub(crate) fn new(rng: &dyn Rng, freshness: Freshness) -> Self {
        Self { known: Cache::new(REMEMBERED), hash_key: rng::bytes(rng), freshness }
    }

    fn find(&self, header: &[u8]) -> ([u8; 32], Option<Arc<Identity>>) {
        let hash = *blake3::keyed_hash(&self.hash_key, header).as_bytes();
        let found = self.known.get(&hash).filter(|identity| self.freshness.holds(identity.read_at));
        (hash, found)
    }
}

impl App {
    /// Checks an `Authorization` header.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] for missing, malformed or wrong credentials;
    /// [`ErrorKind::TooMany`] when the organization exceeds its rate.
    pub async fn identify(&self, header: Option<&[u8]>) -> Result<Arc<Identity>, Error> {
        let header = header.ok_or_else(Error::unauthenticated)?;
        let (hash, known) = self.callers.find(header);
        let identity = match known {
            Some(identity) => identity,
            None => self.check(header, hash).await?,
        };
        self.spend_call(identity.caller.organization_id)?;
        Ok(identity)
    }

    async fn check(&self, header: &[u8], hash: [u8; 32]) -> Result<Arc<Identity>, Error> {
        let text = std::str::from_utf8(header).map_err(|_| Error::unauthenticated())?;
        let read_at = self.callers.freshness.now();
        let credentials = Credentials::parse(text);
        let (caller, whole) = self.find_caller(&credentials).await?.ok_or_else(Error::unauthenticated)?;
        let lasting = credentials.bearer.is_none() && header.len() <= REMEMBERED_BYTES;
        let identity = Arc::new(Identity { caller, whole, element: credentials.element, read_at });
        if lasting {
            self.callers.known.insert(hash, Arc::clone(&identity));
        }
        Ok(identity)
    }

    async fn find_caller(&self, credentials: &Credentials) -> Result<Option<(Caller, bool)>, Error> {
        let found = match credentials {
            Credentials { bearer: Some(token), .. } => (self.store.find_caller_by_session(token).await, true),
            Credentials { user: Some(user), organization: Some(organization), .. } => {
                (self.store.find_caller(user, organization).await, true)
            }
            Credentials { user: Some(user), element: Some(_), .. } => {
                (self.store.find_caller_by_user_secret(user).await, false)
            }
            _ => return Ok(None),
        };
        Ok(found.0.map_err(of_store)?.map(|caller| (caller, found.1)))
    }
}

/// The error for an instance whose token is unknown, or is not this user's.
pub(crate) fn unknown_token() -> Error {
    Error::new(ErrorKind::Unauthenticated, "element-token-unknown", "Invalid element token")
}
