//! Changing a stored document: read, changed, settled and stored, again from the start when another change came first.

use std::sync::Arc;

use ligand_domain::{Caller, Element as ElementId, Error, ErrorKind, Id};
use ligand_element::document::Document;
use ligand_store::Revised;
use serde_json::Value;

use super::{
    access::Found,
    registry::{Stored, parse},
    settle::Settled,
    view,
};
use crate::{App, catalog, failure::of_store};

/// How often a change is tried again when others change the same definition.
const TRIES: usize = 8;

/// Which document is changed.
#[derive(Clone)]
pub(super) enum Target {
    /// That of an element of the caller's account.
    Own(Arc<Stored>),
    /// What the caller's account adds to an element of the platform.
    Extension(Arc<ligand_element::Element>),
}

impl Target {
    pub(super) fn of(found: Found) -> Self {
        match found {
            Found::Stored(stored) => Self::Own(stored),
            Found::Platform(element) => Self::Extension(element),
        }
    }

    pub(super) fn id(&self) -> Id<ElementId> {
        match self {
            Self::Own(stored) => stored.row.id,
            Self::Extension(element) => element.id(),
        }
    }
}

impl App {
    /// The document as it is stored now, with its revision; an empty one when the account added nothing yet.
    pub(super) async fn draft(&self, caller: &Caller, target: &Target) -> Result<(i64, Document), Error> {
        match target {
            Target::Own(stored) => {
                let kept = self.store.find_element(stored.row.id).await.map_err(of_store)?;
                let kept = kept.filter(|(row, _)| !row.deleted);
                let (row, text) = kept.ok_or_else(|| catalog::not_found("ID", &stored.row.id.to_string()))?;
                Ok((row.revision, parse(&text)?))
            }
            Target::Extension(element) => {
                let kept = self.store.find_extension(element.id(), caller.account_id).await.map_err(of_store)?;
                kept.map_or_else(|| Ok((0, Document::new())), |(row, text)| Ok((row.revision, parse(&text)?)))
            }
        }
    }

    /// Changes a document and stores what becomes of it. Gives what the change gave.
    ///
    /// # Errors
    /// What the change refuses; every problem of the changed definition; conflict when others keep changing it.
    pub(super) async fn edit<T>(
        &self,
        caller: &Caller,
        target: &Target,
        action: &str,
        change: impl Fn(&mut Document) -> Result<T, Error>,
    ) -> Result<(T, Settled), Error> {
        for _ in 0..TRIES {
            let (revision, before) = self.draft(caller, target).await?;
            let mut changed = before.clone();
            let given = change(&mut changed)?;
            let base = match target {
                Target::Own(_) => None,
                Target::Extension(element) => Some((view::whole(element), caller.account_id.get())),
            };
            let settled = self.settle(changed, Some(&before), base).await?;
            let definition = Value::Object(settled.document.clone()).to_string();
            let (user_id, at) = (caller.user_id, self.clock.now());
            let revised = Revised { revision, user_id, at, action: action.to_owned(), definition };
            let saved = match target {
                Target::Own(stored) => self.store.update_element(stored.row.id, &settled.summary, &revised).await,
                Target::Extension(element) => {
                    self.store.save_extension(element.id(), caller.account_id, &revised).await
                }
            };
            if saved.map_err(of_store)? {
                self.announce(target.id()).await?;
                return Ok((given, settled));
            }
        }
        let message = "The element is being changed by others, try again";
        Err(Error::new(ErrorKind::Conflict, "element-contended", message))
    }

    /// Lets this process see a change at once.
    pub(super) async fn announce(&self, id: Id<ElementId>) -> Result<(), Error> {
        self.registry.refresh().await?;
        self.instances.forget_element(id);
        Ok(())
    }
}
