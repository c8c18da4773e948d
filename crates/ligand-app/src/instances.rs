//! Element instances: provisioning, reading, changing, switching, deleting.

mod application;
mod cache;
mod change;
mod entries;
mod grant;
mod list;
mod provision;
mod renewal;
mod request;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use ligand_domain::{Account, Caller, Error, Id, Instance, Secret, User, instance::ExternalAuthentication};
use ligand_element::Element;

pub(crate) use application::joined;
pub(crate) use cache::Cache;
pub use change::Change;
pub(crate) use change::Turns;
pub use entries::Entry;
pub use list::{Filter, Page, Scope};
pub use provision::Provisioned;
pub(crate) use provision::entries_invalid;
pub(crate) use renewal::Renewals;
pub use request::{Mode, Reference, Request};

use crate::{App, callers::unknown_token, failure::of_store};

/// The owner of an instance, as answers show it.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The user.
    pub id: Id<User>,
    /// Its account, by which elements are seen.
    pub account_id: Id<Account>,
    /// Its login name.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// An instance with what its answers need.
#[derive(Debug)]
pub struct Loaded {
    /// The instance.
    pub instance: Instance,
    /// Its element.
    pub element: Arc<Element>,
    /// Its owner.
    pub owner: Owner,
    /// Answers already written out; the web layer fills and reads them.
    pub written: Written,
}

/// Answers of one revision of an instance, written out once.
#[derive(Debug, Default)]
pub struct Written {
    /// The instance object.
    pub whole: OnceLock<Bytes>,
    /// The list of configuration entries.
    pub configuration: OnceLock<Bytes>,
}

/// Which instance a request is about.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// By id (as it stands in the path), below the element that the path names, if it does.
    Id {
        /// The id's text.
        id: &'a str,
        /// The element of the path.
        element: Option<&'a str>,
    },
    /// By the Element token of the request, below the element that the path names, if it does.
    Token {
        /// The token.
        token: &'a Secret,
        /// The element of the path.
        element: Option<&'a str>,
    },
}

impl<'a> Target<'a> {
    /// The element that the path names.
    fn element(self) -> Option<&'a str> {
        match self {
            Self::Id { element, .. } | Self::Token { element, .. } => element,
        }
    }

    /// The error for an instance that is none, or not this caller's.
    fn unknown(self) -> Error {
        match self {
            Self::Id { id, .. } => not_found(id),
            Self::Token { .. } => unknown_token(),
        }
    }
}

impl App {
    /// The instance that a request is about.
    ///
    /// # Errors
    /// Not found for an unknown or foreign id, one of another element, or one that is no number;
    /// unauthenticated for an unknown or foreign token.
    pub async fn instance(&self, caller: &Caller, target: Target<'_>) -> Result<Arc<Loaded>, Error> {
        let found = match target {
            Target::Id { id, .. } => match id.parse() {
                Ok(id) => self.load(id).await?,
                Err(_) => None,
            },
            Target::Token { token, .. } => self.load_by_token(token).await?,
        };
        let own = found.filter(|loaded| loaded.instance.user_id == caller.user_id);
        let own = own.ok_or_else(|| target.unknown())?;
        self.demand_element_in_path(caller, target, own.element.id()).await?;
        Ok(own)
    }

    /// Checks that the element in the path is the instance's.
    async fn demand_element_in_path(
        &self,
        caller: &Caller,
        target: Target<'_>,
        id: Id<ligand_domain::Element>,
    ) -> Result<(), Error> {
        let Some(named) = target.element() else { return Ok(()) };
        if self.find(Some(caller), named).await?.id() == id {
            return Ok(());
        }
        let message = "The element in the path is not that of the element instance";
        Err(Error::not_found("instance-of-other-element", message))
    }

    /// Switches an instance on or off.
    ///
    /// # Errors
    /// As [`App::instance`].
    pub async fn set_instance_enabled(&self, caller: &Caller, target: Target<'_>, enabled: bool) -> Result<(), Error> {
        self.alter(caller, target, |instance| instance.disabled = !enabled).await
    }

    /// Switches the tracing of an instance's calls on or off.
    ///
    /// # Errors
    /// As [`App::instance`].
    pub async fn set_instance_tracing(&self, caller: &Caller, target: Target<'_>, on: bool) -> Result<(), Error> {
        self.alter(caller, target, |instance| instance.settings.trace_logging_enabled = on).await
    }

    /// Deletes an instance after the element's own clean-up at the vendor, whose failures are only logged.
    ///
    /// # Errors
    /// As [`App::instance`].
    pub async fn delete_instance(&self, caller: &Caller, target: Target<'_>) -> Result<(), Error> {
        let instance = self.stored(caller, target).await?;
        // An instance can outlive its element when a catalog directory goes; then there is nobody to tell.
        if let Some(element) = self.element_of_instance(instance.element_id, caller.account_id).await? {
            self.engine.on_delete(&element, &mut instance.configuration.clone()).await;
            if instance.settings.external_authentication != ExternalAuthentication::Full {
                self.engine.revoke(&element, &instance.configuration).await;
            }
        }
        let deleted = self.store.delete_instance(instance.id).await.map_err(of_store)?;
        self.instances.forget(&instance);
        self.responses.forget(instance.id);
        if deleted { Ok(()) } else { Err(target.unknown()) }
    }

    /// The instance as the database has it, whether its element is known or not.
    async fn stored(&self, caller: &Caller, target: Target<'_>) -> Result<Instance, Error> {
        let found = match target {
            Target::Id { id, .. } => match id.parse() {
                Ok(id) => self.store.find_instance(id).await,
                Err(_) => Ok(None),
            },
            Target::Token { token, .. } => self.store.find_instance_by_token(token).await,
        };
        let own = found.map_err(of_store)?.filter(|instance| instance.user_id == caller.user_id);
        let own = own.ok_or_else(|| target.unknown())?;
        self.demand_element_in_path(caller, target, own.element_id).await?;
        Ok(own)
    }

    pub(crate) async fn load(&self, id: Id<Instance>) -> Result<Option<Arc<Loaded>>, Error> {
        if let Some(known) = self.instances.find(id) {
            return Ok(Some(known));
        }
        let ticket = self.instances.ticket();
        let found = self.store.find_instance(id).await.map_err(of_store)?;
        self.remember(ticket, found).await
    }

    async fn load_by_token(&self, token: &Secret) -> Result<Option<Arc<Loaded>>, Error> {
        if let Some(known) = self.instances.find_by_token(token) {
            return Ok(Some(known));
        }
        let ticket = self.instances.ticket();
        let found = self.store.find_instance_by_token(token).await.map_err(of_store)?;
        self.remember(ticket, found).await
    }

    async fn remember(&self, ticket: cache::Ticket, found: Option<Instance>) -> Result<Option<Arc<Loaded>>, Error> {
        let Some(instance) = found else { return Ok(None) };
        let Some(loaded) = self.dress(instance).await?.map(Arc::new) else { return Ok(None) };
        self.instances.remember(ticket, &loaded, self.registry.verified_at());
        Ok(Some(loaded))
    }

    /// Adds what answers need to a stored instance; `None` when no catalog has its element any more.
    async fn dress(&self, instance: Instance) -> Result<Option<Loaded>, Error> {
        let owner = self.owner(instance.user_id).await?;
        let Some(element) = self.element_of_instance(instance.element_id, owner.account_id).await? else {
            tracing::warn!(instance = %instance.id, element = %instance.element_id, "no catalog has the element");
            return Ok(None);
        };
        Ok(Some(Loaded { instance, element, owner, written: Written::default() }))
    }

    pub(crate) async fn owner(&self, id: Id<User>) -> Result<Owner, Error> {
        let user = self.store.get_user(id).await.map_err(of_store)?;
        Ok(Owner {
            id,
            account_id: user.account_id,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
        })
    }
}

pub(crate) fn not_found(id: &str) -> Error {
    Error::not_found("instance-not-found", format!("No element instance found with ID {id}"))
}
