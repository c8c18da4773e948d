//! Elements as a whole: made, changed, switched, deleted.

use ligand_domain::{Caller, Error, ErrorKind};
use ligand_element::document::{self, Document};
use ligand_store::NewElement;
use serde_json::{Value, json};

use super::{access::Found, draft::Target, reserved, settle::Settled};
use crate::{App, catalog, failure::of_store};

/// A definition after a change.
#[derive(Debug)]
pub struct Saved {
    /// The definition, or the part that was changed, as answers show it.
    pub body: Value,
    /// What of the definition will not run here, and why.
    pub remarks: Vec<String>,
}

/// Members that the installation sets, whatever a definition says.
const SET_HERE: &[&str] = &["deleted", "extended", "extendable", "createdDate", "updatedDate", "ownerAccountId"];

impl App {
    /// Makes an element of the caller's account from a definition: one written for this API or an export of another
    /// installation, whose numbers and dates do not count.
    ///
    /// # Errors
    /// Invalid with every problem of the definition; conflict when the account has an element with the key.
    pub async fn create_element(&self, caller: &Caller, definition: Document) -> Result<Saved, Error> {
        self.make(caller, definition, "created").await
    }

    pub(super) async fn make(&self, caller: &Caller, mut definition: Document, action: &str) -> Result<Saved, Error> {
        set_here(&mut definition);
        let settled = self.settle(definition, None, None).await?;
        if reserved::is_route(&settled.key) {
            return Err(Error::invalid("key-reserved", format!("key: {} is a word of the API", settled.key)));
        }
        let new = NewElement {
            user_id: caller.user_id,
            account_id: caller.account_id,
            organization_id: caller.organization_id,
            key: settled.key.clone(),
            summary: settled.summary.clone(),
            definition: Value::Object(settled.document.clone()).to_string(),
            at: self.clock.now(),
            action: action.to_owned(),
        };
        let made = self.store.create_element(&new, |id| self.catalog.find(id).is_some()).await;
        let id = made.map_err(|failed| match failed {
            ligand_store::Error::Conflict => key_taken(&settled.key),
            other => of_store(other),
        })?;
        self.announce(id).await?;
        self.saved(caller, &id.to_string(), settled).await
    }

    /// Changes an element: members of the definition replace those that it has, lists as a whole; what is absent
    /// stays, null takes away. The key stays whatever is sent.
    ///
    /// # Errors
    /// Not found, forbidden; invalid with every problem of the changed definition.
    pub async fn change_element(
        &self,
        caller: &Caller,
        key_or_id: &str,
        definition: &Document,
        action: &str,
    ) -> Result<Saved, Error> {
        let stored = self.own(caller, key_or_id).await?;
        let id = stored.row.id.to_string();
        let key = stored.row.key.clone();
        let change = |document: &mut Document| {
            for (name, value) in definition.iter().filter(|(name, _)| !matches!(name.as_str(), "key" | "id")) {
                if value.is_null() {
                    document.shift_remove(name);
                } else {
                    document.insert(name.clone(), value.clone());
                }
            }
            document.insert("key".to_owned(), json!(key));
            set_here(document);
            Ok(())
        };
        let ((), settled) = self.edit(caller, &Target::Own(stored), action, change).await?;
        self.saved(caller, &id, settled).await
    }

    /// Switches an element on or off for lists of others than its owner.
    ///
    /// # Errors
    /// Not found, forbidden.
    pub async fn set_element_active(&self, caller: &Caller, key_or_id: &str, active: bool) -> Result<Saved, Error> {
        let change = Document::from_iter([("active".to_owned(), json!(active))]);
        self.change_element(caller, key_or_id, &change, if active { "activated" } else { "deactivated" }).await
    }

    /// Deletes an element. Its key is free at once; instances of it go on working.
    ///
    /// # Errors
    /// Not found, forbidden.
    pub async fn delete_element(&self, caller: &Caller, key_or_id: &str) -> Result<(), Error> {
        let stored = self.own(caller, key_or_id).await?;
        let deleted = self.store.delete_element(stored.row.id, self.clock.now()).await.map_err(of_store)?;
        self.announce(stored.row.id).await?;
        if deleted { Ok(()) } else { Err(catalog::not_found("ID", key_or_id)) }
    }

    pub(super) async fn saved(&self, caller: &Caller, id: &str, settled: Settled) -> Result<Saved, Error> {
        let found = self.find(Some(caller), id).await?;
        let body = self.document(&found, Some(caller)).await?;
        Ok(Saved { body: Value::Object(document::shown(body)), remarks: settled.remarks })
    }
}

/// Whatever a definition says of itself, it becomes one of the account's own.
fn set_here(definition: &mut Document) {
    SET_HERE.iter().for_each(|member| drop(definition.shift_remove(*member)));
    definition.insert("private".to_owned(), json!(true));
    if let Some(kind) = definition.get("authentication").and_then(|authentication| authentication.get("type")).cloned()
        && definition.contains_key("authenticationType")
    {
        definition.insert("authenticationType".to_owned(), kind);
    }
}

pub(super) fn key_taken(key: &str) -> Error {
    let message = format!("An element with the key {key} exists already");
    Error::new(ErrorKind::Conflict, "element-key-taken", message)
}

impl App {
    /// Whether an account's element goes by this key already.
    pub(super) async fn demand_free_key(&self, caller: &Caller, key: &str) -> Result<(), Error> {
        match self.find_with_key(caller, key).await {
            Ok(found @ Found::Stored(_)) if found.is_own(Some(caller)) => Err(key_taken(key)),
            _ => Ok(()),
        }
    }
}
