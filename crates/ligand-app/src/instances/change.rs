//! Changing an instance: merging, reprovisioning, moving to another element, without losing a concurrent change.

use std::sync::Arc;

use ligand_domain::{Caller, Error, ErrorKind, Id, Instance};
use ligand_element::{Element, provision};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    Loaded, Reference, Request, Target, Written, not_found,
    provision::{demand_complete, entries_invalid},
};
use crate::{App, failure::of_store};

/// How often a change is tried again when other processes change the same instance.
const TRIES: usize = 8;
/// Locks by which changes of one instance within this process follow each other.
const STRIPES: usize = 256;

/// Makes changes of one instance within this process follow each other; other instances rarely wait with them.
pub(crate) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..STRIPES).map(|_| Mutex::const_new(())).collect())
    }
}

impl Turns {
    async fn take(&self, id: Id<Instance>) -> MutexGuard<'_, ()> {
        let stripe = usize::try_from(id.get()).unwrap_or_default() % STRIPES;
        self.0[stripe].lock().await
    }
}

/// What a changed instance looks like, and what else the change tells.
pub struct Change {
    /// The instance after the change.
    pub loaded: Arc<Loaded>,
    /// Where the recorded conversation with the vendor is found, when the request asked for one.
    pub trace_id: Option<String>,
}

impl App {
    /// Merges a body into an instance. When it changes what the vendor's check depends on, or carries new
    /// provider data, the vendor checks again first; when that fails the stored instance stays as it was.
    ///
    /// # Errors
    /// As [`App::instance`] and [`App::provision`]; conflict when others keep changing the instance.
    pub async fn change_instance(
        &self,
        caller: &Caller,
        target: Target<'_>,
        request: &Request,
    ) -> Result<Change, Error> {
        let _turn = self.turns.take(self.instance(caller, target).await?.instance.id).await;
        for _ in 0..TRIES {
            let loaded = self.current(caller, target).await?;
            let (changed, element, trace_id) = self.merged(caller, &loaded, request).await?;
            if let Some(loaded) = self.save(&loaded, changed, element).await? {
                return Ok(Change { loaded, trace_id });
            }
        }
        Err(contended())
    }

    /// Applies a change that needs no check.
    pub(crate) async fn alter(
        &self,
        caller: &Caller,
        target: Target<'_>,
        change: impl Fn(&mut Instance),
    ) -> Result<(), Error> {
        let _turn = self.turns.take(self.instance(caller, target).await?.instance.id).await;
        for _ in 0..TRIES {
            let loaded = self.current(caller, target).await?;
            let mut changed = loaded.instance.clone();
            change(&mut changed);
            if self.save(&loaded, changed, Arc::clone(&loaded.element)).await?.is_some() {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// The instance as the database has it now, not as memory has it.
    async fn current(&self, caller: &Caller, target: Target<'_>) -> Result<Arc<Loaded>, Error> {
        let loaded = self.instance(caller, target).await?;
        let fresh = self.store.find_instance(loaded.instance.id).await.map_err(of_store)?;
        let fresh = fresh.ok_or_else(|| not_found(&loaded.instance.id.to_string()))?;
        if fresh.revision == loaded.instance.revision {
            return Ok(loaded);
        }
        self.instances.forget(&loaded.instance);
        Ok(Arc::new(self.dress(fresh).await?))
    }

    async fn save(&self, old: &Loaded, changed: Instance, element: Arc<Element>) -> Result<Option<Arc<Loaded>>, Error> {
        let saved = self.store.update_instance(&changed).await.map_err(of_store)?;
        self.instances.forget(&old.instance);
        Ok(saved.map(|instance| {
            let owner = old.owner.clone();
            Arc::new(Loaded { instance, element, owner, written: Written::default() })
        }))
    }

    async fn merged(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        request: &Request,
    ) -> Result<(Instance, Arc<Element>, Option<String>), Error> {
        let element = self.switched(loaded, request.element())?;
        let mut changed = loaded.instance.clone();
        changed.element_id = element.id();
        if let Some(name) = &request.name {
            changed.name.clone_from(name);
        }
        if let Some(tags) = &request.tags {
            changed.tags.clone_from(tags);
        }
        request.apply_settings(&mut changed.settings);
        let stored = &loaded.instance.configuration;
        let built = provision::effective_configuration(&element, request.configuration.as_ref(), Some(stored));
        changed.configuration = built.map_err(|problems| entries_invalid(&problems))?;
        demand_complete(&element, &changed.configuration, None)?;
        self.check_callback(&changed.configuration)?;
        let mut trace_id = None;
        let reprovision = request.provider_data.as_ref().is_some_and(|data| !data.is_empty())
            || provision::credentials_changed(&element, stored, &changed.configuration);
        if reprovision {
            trace_id = self.validate(caller, &element, &mut changed.configuration, request.debug()).await?;
            changed.valid = true;
        }
        Ok((changed, element, trace_id))
    }

    /// The element after the change: the same, or another of the same hub.
    fn switched(&self, loaded: &Loaded, reference: Option<&Reference>) -> Result<Arc<Element>, Error> {
        let refused = || {
            let message = "element: an instance can only move to another element of the same hub";
            Error::invalid("element-switch-refused", message)
        };
        let element = match reference {
            None => return Ok(Arc::clone(&loaded.element)),
            Some(Reference::Id(id)) => self.catalog.resolve_id(id),
            Some(Reference::Key(key)) => self.catalog.resolve_key(key),
        };
        let element = element.map_err(|_| refused())?;
        if element.id() == loaded.element.id() || element.hub() == loaded.element.hub() {
            Ok(Arc::clone(element))
        } else {
            Err(refused())
        }
    }

    /// Changes one configuration value.
    ///
    /// # Errors
    /// As [`App::change_instance`].
    pub async fn change_entry(
        &self,
        caller: &Caller,
        target: Target<'_>,
        key: &str,
        value: Value,
    ) -> Result<Arc<Loaded>, Error> {
        let configuration = Some(Map::from_iter([(key.to_owned(), value)]));
        let request = Request { configuration, ..Request::default() };
        self.change_instance(caller, target, &request).await.map(|change| change.loaded)
    }
}

fn contended() -> Error {
    Error::new(ErrorKind::Conflict, "instance-contended", "The instance is being changed by others, try again")
}
