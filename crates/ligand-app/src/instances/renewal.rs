//! New tokens for an instance: of all who want them, in all processes, one gets them, and everybody goes on with what it
//! got. Vendors that give a new refresh token with each renewal take the old one for stolen when it comes twice.
//!
//! In one process those who want the same wait for one task, which goes on when they leave. Between processes the one
//! that has the turn (`ligand_store::Renewer`) gives signs of life; when they end, another takes its place.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture, future::Shared};
use ligand_domain::{Configuration, Id, Instance, Timestamp, rng};
use ligand_element::{
    Element, ResourceType, oauth,
    oauth::{grant::is_automatic, keys},
};
use ligand_engine::{Changes, Failure, is_renewed_by_grant};
use ligand_store::Renewer;
use tokio::time::sleep;

use crate::App;

/// How often the one at work gives a sign of life.
const BEAT: Duration = Duration::from_secs(1);
/// How often the others look.
const LOOK: Duration = Duration::from_millis(100);
/// After how many looks without a sign of life it counts as vanished: about five seconds.
const STILL_LOOKS: u32 = 50;
/// How often storing new tokens is tried while the database is away: for about a minute. They are the only ones.
const STORE_TRIES: u32 = 60;

type Outcome = Result<Configuration, Failure>;
type Flight = Shared<BoxFuture<'static, Outcome>>;

/// How long a vendor that refused a client is not asked again for a token that needs no user. What it refused may have
/// been put right at the vendor.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(60);

/// The renewals under way in this process, and when it was last refused tokens that need no user.
#[derive(Default)]
pub(crate) struct Renewals {
    flights: Mutex<HashMap<Id<Instance>, Flight>>,
    refused: Mutex<HashMap<Id<Instance>, Timestamp>>,
}

impl Renewals {
    fn lock(&self) -> MutexGuard<'_, HashMap<Id<Instance>, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_refusal(&self, id: Id<Instance>, now: Timestamp) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, at| now.since(*at) < PAUSE_AFTER_REFUSAL);
        refused.insert(id, now);
    }

    fn is_pausing(&self, id: Id<Instance>, now: Timestamp) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(&id).is_some_and(|at| now.since(*at) < PAUSE_AFTER_REFUSAL)
    }
}

/// Ends a flight however its task ends.
struct Landing {
    app: Arc<App>,
    instance: Id<Instance>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.app.renewals.lock().remove(&self.instance);
    }
}

impl App {
    /// The configuration to go on with instead of this one, whose tokens are used up.
    pub(crate) async fn renewed(&self, id: Id<Instance>, element: &Arc<Element>, used: &Configuration) -> Outcome {
        let flight = {
            let mut flights = self.renewals.lock();
            match flights.get(&id) {
                Some(flight) => flight.clone(),
                None => {
                    let (app, element, used) = (self.shared(), Arc::clone(element), used.clone());
                    let task = tokio::spawn(async move {
                        let landing = Landing { app: Arc::clone(&app), instance: id };
                        let outcome = app.renew_in_turn(id, &element, &used, None).await;
                        drop(landing);
                        outcome
                    });
                    let flight = async move { task.await.unwrap_or(Err(Failure::NotKept)) }.boxed().shared();
                    flights.insert(id, flight.clone());
                    flight
                }
            }
        };
        flight.await
    }

    /// Tries to renew the tokens of an instance whose grant has ended, with what a change makes of its configuration.
    /// New tokens are stored at once: they are the only ones, whatever becomes of the change.
    pub(super) async fn revived(
        &self,
        seen: &Instance,
        element: &Element,
        draft: &Configuration,
    ) -> Result<(), Failure> {
        self.renew_in_turn(seen.id, element, &seen.configuration, Some(draft)).await.map(drop)
    }

    async fn renew_in_turn(
        &self,
        id: Id<Instance>,
        element: &Element,
        used: &Configuration,
        draft: Option<&Configuration>,
    ) -> Outcome {
        let holder = rng::hex_secret(&*self.rng).expose().to_owned();
        let (mut seen, mut looks): (Option<Renewer>, u32) = (None, 0);
        loop {
            if let Some(outcome) = self.settled(id, element, used, draft).await? {
                return outcome;
            }
            let vanished = seen.as_ref().filter(|_| looks >= STILL_LOOKS);
            let taken = self.store.take_renewal(id, &holder, vanished).await.map_err(|failed| not_kept(&failed))?;
            let Some(renewer) = taken else { break };
            (seen, looks) = if seen.as_ref() == Some(&renewer) { (seen, looks + 1) } else { (Some(renewer), 0) };
            sleep(LOOK).await;
        }
        if seen.is_some_and(|_| looks >= STILL_LOOKS) {
            tracing::warn!(instance = %id, "who renewed the tokens has vanished; another does it");
        }
        let outcome = self.alive(id, &holder, self.renew_now(id, element, used, draft)).await;
        if let Err(failed) = self.store.end_renewal(id, &holder).await {
            tracing::warn!(instance = %id, %failed, "others must wait until the renewal counts as given up");
        }
        outcome
    }

    /// What came of it already: another has got tokens, or the vendor has said that there will be none.
    async fn settled(
        &self,
        id: Id<Instance>,
        element: &Element,
        used: &Configuration,
        draft: Option<&Configuration>,
    ) -> Result<Option<Outcome>, Failure> {
        let current = self.stored_now(id).await?;
        if has_others(element, used, &current.configuration) {
            return Ok(Some(Ok(current.configuration)));
        }
        // Only a change has something new to say to who has said no; where no user is needed, time may help too.
        let is_over = !current.valid
            && draft.is_none()
            && is_renewed_by_grant(element, &current.configuration)
            && (!is_automatic(element, &current.configuration) || self.renewals.is_pausing(id, self.clock.now()));
        Ok(is_over.then_some(Err(Failure::GrantEnded { provider_message: None })))
    }

    /// Gives signs of life while the work goes on.
    async fn alive(&self, id: Id<Instance>, holder: &str, work: impl Future<Output = Outcome>) -> Outcome {
        let beats = async {
            loop {
                sleep(BEAT).await;
                match self.store.beat_renewal(id, holder).await {
                    Ok(true) => {}
                    Ok(false) => tracing::warn!(instance = %id, "another has taken over the renewal of tokens"),
                    Err(failed) => tracing::warn!(instance = %id, %failed, "no sign of life could be given"),
                }
            }
        };
        tokio::select! {
            outcome = work => outcome,
            () = beats => Err(Failure::NotKept),
        }
    }

    async fn renew_now(
        &self,
        id: Id<Instance>,
        element: &Element,
        used: &Configuration,
        draft: Option<&Configuration>,
    ) -> Outcome {
        // Between the last look and the turn somebody may have had it.
        if let Some(outcome) = self.settled(id, element, used, draft).await? {
            return outcome;
        }
        let before = self.stored_now(id).await?;
        match self.engine.renew(element, Some(id), draft.unwrap_or(&before.configuration)).await {
            Ok(changes) => {
                let kept = self.keep_tokens(&before, element, changes).await?;
                if element.resources_of(ResourceType::OnRefresh).next().is_none() {
                    return Ok(kept.configuration);
                }
                let further = self.engine.after_renewal(element, id, &kept.configuration).await;
                Ok(self.keep_tokens(&kept, element, further).await?.configuration)
            }
            Err(ended @ Failure::GrantEnded { .. }) => {
                if is_automatic(element, &before.configuration) {
                    self.renewals.note_refusal(id, self.clock.now());
                }
                self.end_grant(&before, element).await?;
                Err(ended)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Stores new tokens, whatever else of the instance changes meanwhile: the old ones work no more. Only tokens that
    /// somebody else has put in their place stay.
    async fn keep_tokens(&self, before: &Instance, element: &Element, changes: Changes) -> Result<Instance, Failure> {
        if changes.is_empty() {
            return Ok(before.clone());
        }
        let mut tries = 0;
        loop {
            let stored = async {
                let current = self.store.find_instance(before.id).await?;
                let Some(mut current) = current else { return Ok(None) };
                if has_others(element, &before.configuration, &current.configuration) {
                    return Ok(Some(current));
                }
                changes.iter().for_each(|(key, value)| current.configuration.set(key, value.clone()));
                current.valid = true;
                self.store.update_instance(&current, None).await
            };
            match stored.await {
                Ok(Some(instance)) => {
                    self.instances.forget(&instance);
                    return Ok(instance);
                }
                // Changed by others at the same moment, or deleted.
                Ok(None) => {
                    self.stored_now(before.id).await?;
                }
                Err(failed) if tries < STORE_TRIES => {
                    tries += 1;
                    tracing::warn!(instance = %before.id, %failed, "new tokens could not be stored yet");
                    sleep(BEAT).await;
                }
                Err(failed) => return Err(not_kept(&failed)),
            }
        }
    }

    /// Notes that the vendor no longer renews the tokens of an instance, and that only its user can help.
    async fn end_grant(&self, before: &Instance, element: &Element) -> Result<(), Failure> {
        loop {
            let mut current = self.stored_now(before.id).await?;
            if !current.valid || has_others(element, &before.configuration, &current.configuration) {
                return Ok(());
            }
            current.valid = false;
            if self.store.update_instance(&current, None).await.map_err(|failed| not_kept(&failed))?.is_some() {
                self.instances.forget(&current);
                tracing::warn!(
                    instance = %before.id,
                    element = element.key(),
                    "the vendor no longer renews the tokens: the access that was granted has ended"
                );
                return Ok(());
            }
        }
    }

    /// The instance as the database has it: other processes may have changed it this moment.
    async fn stored_now(&self, id: Id<Instance>) -> Result<Instance, Failure> {
        let found = self.store.find_instance(id).await.map_err(|failed| not_kept(&failed))?;
        found.ok_or(Failure::NotKept)
    }
}

/// Whether the second configuration has other tokens than the first. Where a check of the credentials brings them, it
/// may put them anywhere.
fn has_others(element: &Element, one: &Configuration, other: &Configuration) -> bool {
    if oauth::bears_token(element.authentication_type(one)) {
        !oauth::validity::same_tokens(one, other)
    } else {
        one != other
    }
}

/// Tokens that were brought from elsewhere count from now on.
pub(crate) fn dated(configuration: &mut Configuration, now: Timestamp) {
    if oauth::value(configuration, keys::TOKEN).is_some() && oauth::value(configuration, keys::REFRESH_TIME).is_none() {
        configuration.set(keys::REFRESH_TIME, Some(now.as_millis().to_string()));
    }
}

fn not_kept(failed: &ligand_store::Error) -> Failure {
    tracing::error!(%failed, "the tokens of an instance could not be read or stored");
    Failure::NotKept
}
