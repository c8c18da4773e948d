//! The keys in use by a running store: seals and opens with the right one, and reads the key file again when a
//! value names a key that another process has added since.

use std::sync::{Arc, PoisonError, RwLock};

use ligand_domain::Rng;
use zeroize::Zeroizing;

use crate::{
    Error, KeyError, KeyRing,
    seal::{self, Cell, Lookup},
};

pub(crate) struct Vault {
    ring: RwLock<Arc<KeyRing>>,
    rng: Arc<dyn Rng>,
}

impl Vault {
    pub(crate) fn new(ring: KeyRing, rng: Arc<dyn Rng>) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), rng }
    }

    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn replace(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        self.rng.as_ref()
    }

    pub(crate) fn hash(&self, kind: Lookup, text: &str) -> String {
        seal::lookup_hash(self.ring().lookup(), kind, text)
    }

    /// Seals with the key of this name.
    pub(crate) fn seal(&self, key: &str, cell: Cell, plain: &str) -> Result<String, Error> {
        let ring = self.ring_with(key)?.ok_or(KeyError::Foreign)?;
        let key = ring.find(key).ok_or(KeyError::Foreign)?;
        Ok(seal::seal(key, self.rng(), cell, plain))
    }

    /// Opens with whatever key the value names.
    pub(crate) fn open(&self, cell: Cell, sealed: &str) -> Result<Zeroizing<String>, Error> {
        let name = seal::key_of(sealed).ok_or_else(|| cell.corrupt("not a sealed value"))?;
        let ring = self.ring_with(name)?.ok_or_else(|| cell.corrupt("sealed with an unknown key"))?;
        let key = ring.find(name).ok_or_else(|| cell.corrupt("sealed with an unknown key"))?;
        seal::open(key, cell, sealed)
    }

    /// The ring in use when it has the key; else the key file's present ring when that has it.
    pub(crate) fn ring_with(&self, key: &str) -> Result<Option<Arc<KeyRing>>, Error> {
        let ring = self.ring();
        if ring.find(key).is_some() {
            return Ok(Some(ring));
        }
        let Some(path) = ring.path() else { return Ok(None) };
        let fresh = KeyRing::load(path)?;
        if !fresh.is_same_installation(&ring) {
            return Err(KeyError::Foreign.into());
        }
        let found = fresh.find(key).is_some();
        self.replace(fresh);
        Ok(found.then(|| self.ring()))
    }
}
