//! Clones: an element of the platform, or one that others made, becomes one of the caller's account.

use ligand_domain::{Caller, Error};
use ligand_element::document::Document;
use serde_json::Value;

use super::{builder::Saved, view::is_secret};
use crate::App;

impl App {
    /// Copies an element as the caller sees it, under the same key, without the secrets in its defaults.
    ///
    /// # Errors
    /// Not found; invalid for an element that does not allow it; conflict when the account has an element of its own
    /// with that key.
    pub async fn clone_element(&self, caller: &Caller, key_or_id: &str) -> Result<Saved, Error> {
        let found = self.find(Some(caller), key_or_id).await?;
        self.demand_free_key(caller, found.key()).await?;
        let mut copy = self.document(&found, Some(caller)).await?;
        if copy.get("cloneable") == Some(&Value::Bool(false)) {
            return Err(Error::invalid("element-not-cloneable", "The element does not allow to be cloned"));
        }
        copy.shift_remove("aliases");
        forget_secrets(&mut copy);
        self.make(caller, copy, &format!("cloned from {}", found.id())).await
    }
}

fn forget_secrets(copy: &mut Document) {
    for entry in copy.get_mut("configuration").and_then(Value::as_array_mut).into_iter().flatten() {
        if is_secret(entry)
            && let Value::Object(members) = entry
        {
            members.insert("defaultValue".to_owned(), Value::Null);
        }
    }
}
