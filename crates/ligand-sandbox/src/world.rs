//! Everything one running sandbox holds: its users, its clock, its faults and limits, and the
//! vendors' data.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::faults::Faults;
use crate::limits::Limits;
use crate::options::{Clock, Credentials, Options};
use crate::{actpremium, fernhill, infobip, oraclesalescloud, servicecloud, stonecrop};

/// State shared by all requests.
pub(crate) struct World {
    clock: Clock,
    pub(crate) credentials: Credentials,
    pub(crate) act_token_lifetime: Duration,
    /// Signs the Act! tokens; drawn anew for each process.
    pub(crate) token_key: [u8; 32],
    /// Act! tokens of earlier generations are no longer accepted.
    pub(crate) token_generation: AtomicU64,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    servicecloud: Mutex<servicecloud::State>,
    oraclesalescloud: Mutex<oraclesalescloud::State>,
    infobip: Mutex<infobip::State>,
    actpremium: Mutex<actpremium::State>,
    fernhill: Mutex<fernhill::State>,
    stonecrop: Mutex<stonecrop::State>,
}

impl World {
    /// A freshly seeded world.
    pub(crate) fn new(options: &Options) -> Self {
        let now = (options.clock)();
        Self {
            clock: options.clock.clone(),
            credentials: options.credentials.clone(),
            act_token_lifetime: options.act_token_lifetime,
            token_key: random_key(),
            token_generation: AtomicU64::new(0),
            faults: Faults::default(),
            limits: Limits::default(),
            servicecloud: Mutex::new(servicecloud::State::seeded(now)),
            oraclesalescloud: Mutex::new(oraclesalescloud::State::seeded(now)),
            infobip: Mutex::new(infobip::State::seeded(now)),
            actpremium: Mutex::new(actpremium::State::seeded(now)),
            fernhill: Mutex::new(fernhill::State::seeded(now)),
            stonecrop: Mutex::new(stonecrop::State::seeded()),
        }
    }

    /// The time, in UTC.
    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.clock)().to_offset(time::UtcOffset::UTC)
    }

    /// Forgets all data, faults and limits and starts again from the seed.
    pub(crate) fn reset(&self) {
        let now = self.now();
        self.faults.clear_all();
        self.limits.clear_all();
        *self.servicecloud() = servicecloud::State::seeded(now);
        *self.oraclesalescloud() = oraclesalescloud::State::seeded(now);
        *self.infobip() = infobip::State::seeded(now);
        *self.actpremium() = actpremium::State::seeded(now);
        *self.fernhill() = fernhill::State::seeded(now);
        *self.stonecrop() = stonecrop::State::seeded();
    }

    /// Data of Oracle Service Cloud.
    pub(crate) fn servicecloud(&self) -> MutexGuard<'_, servicecloud::State> {
        lock(&self.servicecloud)
    }

    /// Data of Oracle Sales Cloud.
    pub(crate) fn oraclesalescloud(&self) -> MutexGuard<'_, oraclesalescloud::State> {
        lock(&self.oraclesalescloud)
    }

    /// Data of Infobip.
    pub(crate) fn infobip(&self) -> MutexGuard<'_, infobip::State> {
        lock(&self.infobip)
    }

    /// Data of Act!.
    pub(crate) fn actpremium(&self) -> MutexGuard<'_, actpremium::State> {
        lock(&self.actpremium)
    }

    /// Notes, files and tokens of Stonecrop.
    pub(crate) fn stonecrop(&self) -> MutexGuard<'_, stonecrop::State> {
        lock(&self.stonecrop)
    }

    /// Grants and data of Fernhill.
    pub(crate) fn fernhill(&self) -> MutexGuard<'_, fernhill::State> {
        lock(&self.fernhill)
    }
}

/// Locks although another holder may have panicked: the data of a sandbox need not outlive that.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A key no other process has, from the seeds of the standard hash maps. Good enough for tokens
/// that protect invented data on the same machine.
fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    for chunk in key.chunks_exact_mut(8) {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u8(chunk.len() as u8);
        chunk.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    key
}
