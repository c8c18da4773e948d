//! Which elements a caller sees, which one a key means to it, and what it may change.

use std::sync::Arc;

use ligand_domain::{Caller, Element as ElementId, Error, ErrorKind, Id};
use ligand_element::Element;
use ligand_store::ElementRow;

use super::registry::{Index, Stored};
use crate::{App, catalog};

/// An element that a caller named.
#[derive(Clone)]
pub(crate) enum Found {
    /// One of the platform.
    Platform(Arc<Element>),
    /// One that a user made.
    Stored(Arc<Stored>),
}

impl Found {
    pub(crate) fn id(&self) -> Id<ElementId> {
        match self {
            Self::Platform(element) => element.id(),
            Self::Stored(stored) => stored.row.id,
        }
    }

    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Platform(element) => element.key(),
            Self::Stored(stored) => &stored.row.key,
        }
    }

    pub(crate) fn hub(&self) -> &str {
        match self {
            Self::Platform(element) => element.hub(),
            Self::Stored(stored) => stored.summary.get("hub").and_then(serde_json::Value::as_str).unwrap_or_default(),
        }
    }

    /// Whether it belongs to the caller's account.
    pub(crate) fn is_own(&self, caller: Option<&Caller>) -> bool {
        match self {
            Self::Platform(_) => false,
            Self::Stored(stored) => caller.is_some_and(|caller| caller.account_id == stored.row.account_id),
        }
    }
}

/// How near an element is to a caller: of its own account, granted to it, of its whole organization. `None` when the
/// caller does not see it.
pub(crate) fn nearness(row: &ElementRow, caller: Option<&Caller>) -> Option<u8> {
    let caller = caller?;
    match () {
        () if row.account_id == caller.account_id => Some(0),
        () if row.accounts.contains(&caller.account_id) => Some(1),
        () if row.of_default_account && row.organization_id == caller.organization_id => Some(2),
        () => None,
    }
}

/// The element that a caller means by a key: the nearest one of a user, else one of the platform.
fn with_key(app: &App, index: &Index, caller: Option<&Caller>, key: &str) -> Result<Found, Error> {
    let folded = key.to_lowercase();
    let seen = index.with_key(&folded).filter_map(|stored| Some((nearness(&stored.row, caller)?, stored)));
    match seen.min_by_key(|(nearness, stored)| (*nearness, stored.row.id)) {
        Some((_, stored)) => Ok(Found::Stored(Arc::clone(stored))),
        None => app.catalog.resolve_key(key).map(|element| Found::Platform(Arc::clone(element))),
    }
}

fn with_id(app: &App, index: &Index, caller: Option<&Caller>, id: &str) -> Result<Found, Error> {
    let stored = id.parse().ok().and_then(|id| index.find(id));
    match stored {
        Some(stored) if nearness(&stored.row, caller).is_some() => Ok(Found::Stored(Arc::clone(stored))),
        Some(_) => Err(catalog::not_found("ID", id)),
        None => app.catalog.resolve_id(id).map(|element| Found::Platform(Arc::clone(element))),
    }
}

impl App {
    /// The element that a path segment means to a caller: digits are an id, anything else a key.
    pub(crate) async fn find(&self, caller: Option<&Caller>, key_or_id: &str) -> Result<Found, Error> {
        let index = self.registry.index().await?;
        let digits = !key_or_id.is_empty() && key_or_id.bytes().all(|byte| byte.is_ascii_digit());
        if digits { with_id(self, &index, caller, key_or_id) } else { with_key(self, &index, caller, key_or_id) }
    }

    pub(crate) async fn find_with_key(&self, caller: &Caller, key: &str) -> Result<Found, Error> {
        with_key(self, &*self.registry.index().await?, Some(caller), key)
    }

    pub(crate) async fn find_with_id(&self, caller: &Caller, id: &str) -> Result<Found, Error> {
        with_id(self, &*self.registry.index().await?, Some(caller), id)
    }

    /// The element that a path segment means to a caller, with what its account added to it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for one that does not exist or that the caller does not see.
    pub async fn element(&self, caller: Option<&Caller>, key_or_id: &str) -> Result<Arc<Element>, Error> {
        let found = self.find(caller, key_or_id).await?;
        self.compiled(&found, caller).await
    }

    /// Checks that a caller sees an element.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for one that does not exist or that the caller does not see.
    pub async fn demand_element(&self, caller: &Caller, key_or_id: &str) -> Result<(), Error> {
        self.find(Some(caller), key_or_id).await.map(drop)
    }

    /// A found element, compiled.
    pub(crate) async fn compiled(&self, found: &Found, caller: Option<&Caller>) -> Result<Arc<Element>, Error> {
        let account = caller.map(|caller| caller.account_id);
        let element = self.registry.compiled(&self.catalog, found.id(), account).await?;
        element.ok_or_else(|| catalog::not_found("ID", &found.id().to_string()))
    }

    /// The element of an instance of a user of this account, also when it was deleted since.
    pub(crate) async fn element_of_instance(
        &self,
        id: Id<ElementId>,
        account: Id<ligand_domain::Account>,
    ) -> Result<Option<Arc<Element>>, Error> {
        self.registry.compiled(&self.catalog, id, Some(account)).await
    }

    /// The element that a caller may change as a whole: one of its account.
    ///
    /// # Errors
    /// Not found for what the caller does not see; forbidden for what belongs to others.
    pub(crate) async fn own(&self, caller: &Caller, key_or_id: &str) -> Result<Arc<Stored>, Error> {
        match self.find(Some(caller), key_or_id).await? {
            Found::Stored(stored) if stored.row.account_id == caller.account_id => Ok(stored),
            Found::Stored(_) => Err(foreign("The element belongs to another account")),
            Found::Platform(_) => Err(foreign("The element belongs to the platform: clone it to change it")),
        }
    }

    /// Checks that a caller may change an element as a whole.
    ///
    /// # Errors
    /// Not found for what the caller does not see; forbidden for what belongs to others.
    pub async fn demand_own_element(&self, caller: &Caller, key_or_id: &str) -> Result<(), Error> {
        self.own(caller, key_or_id).await.map(drop)
    }
}

pub(super) fn foreign(message: &str) -> Error {
    Error::new(ErrorKind::Forbidden, "element-foreign", message)
}
