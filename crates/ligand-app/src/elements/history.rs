//! The forms that a definition had: who made them, when, by what; and the way back to one of them.

use std::sync::Arc;

use ligand_domain::{Caller, Error};
use ligand_element::{
    Element,
    document::{self, Document},
};
use ligand_store::{Subject, Version};
use serde_json::Value;

use super::{
    access::{Found, foreign},
    builder::Saved,
    draft::Target,
    registry::{in_background, parse},
};
use crate::{App, failure::of_store};

/// A form that a definition has or had.
#[derive(Debug)]
pub struct Form {
    /// What is known of it.
    pub version: Version,
    /// The definition, when one form was asked for.
    pub definition: Option<Value>,
}

impl App {
    /// The forms of an element of the caller's account that are kept, or of what its account added to an element of
    /// the platform, the newest first.
    ///
    /// # Errors
    /// Not found; forbidden for an element of another account.
    pub async fn element_history(&self, caller: &Caller, key_or_id: &str) -> Result<Vec<Form>, Error> {
        let (_, subject) = self.subject(caller, key_or_id).await?;
        let versions = self.store.list_versions(subject).await.map_err(of_store)?;
        Ok(versions.into_iter().map(|version| Form { version, definition: None }).collect())
    }

    /// One of these forms with its definition.
    ///
    /// # Errors
    /// As [`App::element_history`]; not found for a revision that is not kept.
    pub async fn element_form(&self, caller: &Caller, key_or_id: &str, revision: &str) -> Result<Form, Error> {
        let (_, subject) = self.subject(caller, key_or_id).await?;
        let (version, definition) = self.form(subject, revision).await?;
        Ok(Form { version, definition: Some(Value::Object(document::shown(definition))) })
    }

    /// An element of the caller's account as an earlier form of its definition made it.
    ///
    /// # Errors
    /// As [`App::element_form`]; invalid when the form breaks what has become a rule since.
    pub(crate) async fn earlier_element(
        &self,
        caller: &Caller,
        key_or_id: &str,
        revision: &str,
    ) -> Result<Arc<Element>, Error> {
        let (target, subject) = self.subject(caller, key_or_id).await?;
        let (_, definition) = self.form(subject, revision).await?;
        let id = target.id();
        let read = in_background(usize::MAX, move || document::read(&definition, id)).await?;
        let broken = |_| Error::invalid("form-broken", "This form of the definition breaks rules of today");
        Ok(Arc::new(read.map_err(broken)?.element))
    }

    async fn form(&self, subject: Subject, revision: &str) -> Result<(Version, Document), Error> {
        let unknown = || Error::not_found("revision-not-found", format!("No revision found with number {revision}"));
        let number = revision.parse().map_err(|_| unknown())?;
        let found = self.store.find_version(subject, number).await.map_err(of_store)?;
        let (version, text) = found.ok_or_else(unknown)?;
        Ok((version, parse(&text)?))
    }

    /// Makes an earlier form the present one. That is a change like others: it adds to the history.
    ///
    /// # Errors
    /// As [`App::element_form`]; invalid when the form breaks what has become a rule since.
    pub async fn restore_element(&self, caller: &Caller, key_or_id: &str, revision: &str) -> Result<Saved, Error> {
        let (target, subject) = self.subject(caller, key_or_id).await?;
        let (version, earlier) = self.form(subject, revision).await?;
        let action = format!("went back to {}", version.revision);
        let change = |document: &mut Document| {
            document.clone_from(&earlier);
            Ok(())
        };
        let ((), settled) = self.edit(caller, &target, &action, change).await?;
        self.saved(caller, &target.id().to_string(), settled).await
    }

    async fn subject(&self, caller: &Caller, key_or_id: &str) -> Result<(Target, Subject), Error> {
        let found = self.find(Some(caller), key_or_id).await?;
        let subject = match &found {
            Found::Stored(stored) if stored.row.account_id == caller.account_id => Subject::Element(stored.row.id),
            Found::Stored(_) => return Err(foreign("The element belongs to another account")),
            Found::Platform(element) => Subject::Extension(element.id(), caller.account_id),
        };
        Ok((Target::of(found), subject))
    }
}
