//! Changing an instance: merging, reprovisioning, moving to another element, without losing a concurrent change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use ligand_domain::{Caller, Configuration, Error, ErrorKind, Id, Instance, instance::ExternalAuthentication};
use ligand_element::{
    Element,
    oauth::{grant::is_automatic, keys},
    provision,
};
use ligand_engine::{Changes, Failure, is_renewed_by_grant};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    Loaded, Reference, Request, Target, Written, application, not_found,
    provision::{Check, demand_complete, demand_small, entries_invalid},
};
use crate::{
    App,
    events::Owned,
    failure::{of_store, of_validation},
};

/// How often a change is tried again when other processes change the same instance.
const TRIES: usize = 8;
/// The same for a change that asks no vendor.
const SMALL_TRIES: usize = 64;
/// How many locks may lie idle before they are cleared away.
const IDLE_LOCKS: usize = 1024;

/// Makes contended changes of one instance within this process follow each other. Other instances never wait.
#[derive(Default)]
pub(crate) struct Turns(StdMutex<HashMap<Id<Instance>, Arc<Mutex<()>>>>);

impl Turns {
    async fn take(&self, id: Id<Instance>) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if locks.len() > IDLE_LOCKS {
                locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(locks.entry(id).or_default())
        };
        lock.lock_owned().await
    }
}

/// A changed instance that is not stored yet.
struct Draft {
    instance: Instance,
    element: Arc<Element>,
    needs_check: bool,
}

/// What became of the check of a draft.
enum Checked {
    /// The vendor takes it; where the recorded conversation is found.
    Proven(Option<String>),
    /// The instance has changed meanwhile: the draft must be made again.
    Moved,
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
        let id = self.instance(caller, target).await?.instance.id;
        // A grant is traded once, however often the rest must be done again.
        let mut granted = None;
        for attempt in 0..TRIES {
            // At first the vendor is asked before it is this change's turn, so that a slow vendor keeps nobody waiting.
            // A change that lost its race asks in turn, so that it comes to an end.
            let early = if attempt > 0 { Some(self.turns.take(id).await) } else { None };
            let seen = self.current(caller, target).await?;
            let mut draft = self.draft_instance(caller, &seen, request).await?;
            let trace_id = match draft.needs_check {
                true => match self.check_draft(caller, &seen, &mut draft, request, &mut granted).await? {
                    Checked::Proven(trace_id) => trace_id,
                    Checked::Moved => continue,
                },
                false => None,
            };
            let _turn = match early {
                Some(turn) => turn,
                None => self.turns.take(id).await,
            };
            let now = self.current(caller, target).await?;
            if now.instance.revision != seen.instance.revision {
                draft = self.draft_instance(caller, &now, request).await?;
                if draft.needs_check {
                    continue;
                }
            }
            if let Some(loaded) = self.save(&now, draft.instance, draft.element, true).await? {
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
        for _ in 0..SMALL_TRIES {
            let loaded = self.current(caller, target).await?;
            let mut changed = loaded.instance.clone();
            change(&mut changed);
            if self.save(&loaded, changed, Arc::clone(&loaded.element), false).await?.is_some() {
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
        self.dress(fresh).await?.map(Arc::new).ok_or_else(|| not_found(&loaded.instance.id.to_string()))
    }

    /// Stores a change; `resets` says that a user made it, not the platform.
    async fn save(
        &self,
        old: &Loaded,
        changed: Instance,
        element: Arc<Element>,
        resets: bool,
    ) -> Result<Option<Arc<Loaded>>, Error> {
        let mut changed = changed;
        let owned = Owned {
            account: old.owner.account_id,
            user: changed.user_id,
            organization: changed.organization_id,
            before: Some(&old.instance),
            resets,
        };
        // New tokens change nothing about events.
        let watch = match resets || old.instance.disabled != changed.disabled {
            true => Some(self.watch(&element, &owned, &mut changed.configuration, changed.disabled).await?),
            false => None,
        };
        let saved = self.store.update_instance(&changed, watch.as_ref()).await.map_err(of_store)?;
        self.instances.forget(&old.instance);
        self.responses.forget(old.instance.id);
        Ok(saved.map(|instance| {
            let owner = old.owner.clone();
            Arc::new(Loaded { instance, element, owner, written: Written::default() })
        }))
    }

    /// What the change makes of an instance, before the vendor has checked it.
    async fn draft_instance(&self, caller: &Caller, loaded: &Loaded, request: &Request) -> Result<Draft, Error> {
        let element = self.switched(caller, loaded, request.element()).await?;
        let mut instance = loaded.instance.clone();
        instance.element_id = element.id();
        if let Some(name) = &request.name {
            instance.name.clone_from(name);
        }
        if let Some(tags) = &request.tags {
            instance.tags.clone_from(tags);
        }
        request.apply_settings(&mut instance.settings);
        let stored = &loaded.instance.configuration;
        let application = match request.oauth_proxy.clone() {
            Some(mut named) => self.through_proxy(Some(caller), &mut named).await?,
            None => Map::new(),
        };
        let sent = request.configuration.clone();
        if let Some(sent) = &sent {
            self.demand_proxy_kept(caller, sent, stored).await?;
        }
        let sent = application::joined(&element, Some(stored), sent, application)?;
        let built = provision::effective_configuration(&element, sent.as_ref(), Some(stored));
        instance.configuration = built.map_err(|problems| entries_invalid(&problems))?;
        self.with_callback(&element, &mut instance.configuration);
        if bears_other_tokens(request) {
            // Tokens from elsewhere are as old as this request, unless it says so itself.
            instance.valid = true;
            if !request.sets(keys::REFRESH_TIME) {
                instance.configuration.set(keys::REFRESH_TIME, Some(self.clock.now().as_millis().to_string()));
            }
        }
        demand_complete(&element, &instance.configuration, None)?;
        demand_small(&instance.configuration)?;
        self.check_callback(&instance.configuration)?;
        let needs_check = request.provider_data.as_ref().is_some_and(|data| !data.is_empty())
            || provision::credentials_changed(&element, stored, &instance.configuration)
            // What was right all along may be taken again: nobody else could bring such an instance back.
            || (!loaded.instance.valid
                && request.configuration.is_some()
                && is_automatic(&element, &instance.configuration));
        Ok(Draft { instance, element, needs_check })
    }

    /// Has the vendor check a draft. Tokens that are got on the way are kept in `granted`, for a draft that has to be
    /// made again.
    async fn check_draft(
        &self,
        caller: &Caller,
        seen: &Loaded,
        draft: &mut Draft,
        request: &Request,
        granted: &mut Option<Changes>,
    ) -> Result<Checked, Error> {
        let external = draft.instance.settings.external_authentication;
        let brings = ["code", "oauth_verifier"].iter().any(|member| request.brings(member));
        let configuration = &mut draft.instance.configuration;
        let mut grant = None;
        if let Some(changes) = granted {
            changes.iter().for_each(|(key, value)| configuration.set(key, value.clone()));
        } else if brings {
            grant = self.grant(&draft.element, configuration, request, external)?;
        } else if external != ExternalAuthentication::Full
            && is_renewed_by_grant(&draft.element, configuration)
            && !is_automatic(&draft.element, configuration)
        {
            if seen.instance.valid && self.engine.is_due(&seen.element, &seen.instance.configuration) {
                let used = &seen.instance.configuration;
                return match self.renewed(seen.instance.id, &seen.element, used).await {
                    Ok(_) | Err(Failure::GrantEnded { .. }) => Ok(Checked::Moved),
                    Err(failure) => Err(of_validation(&draft.element, failure)),
                };
            }
            if !seen.instance.valid && !bears_other_tokens(request) {
                // Perhaps what the vendor did not like about the last renewal is what changes now.
                let revived = self.revived(&seen.instance, &draft.element, configuration).await;
                return revived.map(|()| Checked::Moved).map_err(|failure| of_validation(&draft.element, failure));
            }
        }
        let before = configuration.clone();
        let check = Check { grant: grant.as_ref(), external, debug: request.debug() };
        let trace_id = self.validate(caller, &draft.element, configuration, check).await?;
        if grant.is_some() {
            *granted = Some(differences(&before, configuration));
        }
        draft.instance.valid = true;
        Ok(Checked::Proven(trace_id))
    }

    /// The element after the change: the same, or another of the same hub.
    async fn switched(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        reference: Option<&Reference>,
    ) -> Result<Arc<Element>, Error> {
        let refused = || {
            let message = "element: an instance can only move to another element of the same hub";
            Error::invalid("element-switch-refused", message)
        };
        let found = match reference {
            None => return Ok(Arc::clone(&loaded.element)),
            // What an instance already is can be said whatever has become of the element.
            Some(Reference::Id(id)) if *id == loaded.element.id().to_string() => {
                return Ok(Arc::clone(&loaded.element));
            }
            Some(Reference::Id(id)) => self.find_with_id(caller, id).await,
            Some(Reference::Key(key)) => self.find_with_key(caller, key).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(error) if error.kind == ErrorKind::NotFound => return Err(refused()),
            Err(failed) => return Err(failed),
        };
        if found.id() == loaded.element.id() || found.hub() == loaded.element.hub() {
            self.compiled(&found, Some(caller)).await
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

/// Whether a request brings tokens that were got elsewhere.
fn bears_other_tokens(request: &Request) -> bool {
    [keys::TOKEN, keys::REFRESH_TOKEN].iter().any(|key| request.sets(key))
}

/// What the second configuration has that the first has not.
fn differences(before: &Configuration, after: &Configuration) -> Changes {
    let changed = after.iter().filter(|(key, value)| before.get(key) != *value);
    changed.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).collect()
}
