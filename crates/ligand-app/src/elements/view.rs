//! Definitions as answers show them.

use ligand_domain::{Caller, Error, configuration::MASK};
use ligand_element::{
    Element, View,
    document::{self, Document},
    provision,
};
use ligand_store::ElementRow;
use serde_json::{Value, json};

use super::{access::Found, registry::parse};
use crate::{App, failure::of_store};

/// The account that owns the elements of the platform.
const PLATFORM_ACCOUNT: i64 = 1;

/// The definition of an element of the platform as a document.
pub(super) fn whole(element: &Element) -> Document {
    match element.to_json(View::Full) {
        Value::Object(members) => members,
        _ => Document::new(),
    }
}

impl App {
    /// The whole definition as a caller sees it, secrets of other accounts masked.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`].
    pub async fn element_json(&self, caller: Option<&Caller>, key_or_id: &str) -> Result<Value, Error> {
        let found = self.find(caller, key_or_id).await?;
        Ok(Value::Object(document::shown(self.document(&found, caller).await?)))
    }

    /// The definition for a folder or another installation, nothing left out. Of an element of the platform on demand
    /// only what the caller's account added to it.
    ///
    /// # Errors
    /// [`ligand_domain::ErrorKind::NotFound`].
    pub async fn export_element(
        &self,
        caller: &Caller,
        key_or_id: &str,
        extended_only: bool,
    ) -> Result<(String, Value), Error> {
        let found = self.find(Some(caller), key_or_id).await?;
        let mut whole = self.document(&found, Some(caller)).await?;
        if extended_only {
            for list in ["resources", "models", "objects"] {
                let items = whole.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let account = json!(caller.account_id);
                let own = match found {
                    Found::Stored(_) => Vec::new(),
                    Found::Platform(_) => {
                        items.iter().filter(|item| item["ownerAccountId"] == account).cloned().collect()
                    }
                };
                whole.insert(list.to_owned(), Value::Array(own));
            }
        }
        Ok((found.key().to_owned(), Value::Object(whole)))
    }

    /// The document of an element with what the installation adds to it.
    pub(super) async fn document(&self, found: &Found, caller: Option<&Caller>) -> Result<Document, Error> {
        match found {
            Found::Stored(stored) => {
                let kept = self.store.find_element(stored.row.id).await.map_err(of_store)?;
                let (row, text) = kept.ok_or_else(|| crate::catalog::not_found("ID", &stored.row.id.to_string()))?;
                let mut whole = parse(&text)?;
                if !found.is_own(caller) {
                    mask(&mut whole);
                }
                Ok(of_row(whole, &row))
            }
            Found::Platform(element) => {
                let base = whole(element);
                let added = match caller {
                    Some(caller) => {
                        let kept = self.store.find_extension(element.id(), caller.account_id).await;
                        kept.map_err(of_store)?.map(|(_, text)| (caller.account_id, text))
                    }
                    None => None,
                };
                Ok(of_platform(match added {
                    Some((account, text)) => document::extended(&base, &parse(&text)?, account.get()),
                    None => base,
                }))
            }
        }
    }
}

/// What the installation knows of an element of a user beside its document.
fn of_row(mut whole: Document, row: &ElementRow) -> Document {
    let account = json!(row.account_id);
    for list in ["resources", "models", "objects"] {
        own(&mut whole, list, &account);
    }
    whole.insert("id".to_owned(), json!(row.id));
    whole.insert("key".to_owned(), json!(row.key));
    whole.insert("createdDate".to_owned(), json!(row.created_at.to_iso_seconds()));
    whole.insert("updatedDate".to_owned(), json!(row.updated_at.to_iso_seconds()));
    whole.insert("ownerAccountId".to_owned(), account);
    whole.insert("private".to_owned(), json!(true));
    for flag in ["deleted", "extended", "extendable"] {
        whole.insert(flag.to_owned(), json!(false));
    }
    whole
}

/// What every element of the platform is.
fn of_platform(mut whole: Document) -> Document {
    let account = json!(PLATFORM_ACCOUNT);
    for list in ["resources", "models", "objects"] {
        own(&mut whole, list, &account);
    }
    whole.insert("ownerAccountId".to_owned(), account);
    whole.insert("extendable".to_owned(), json!(true));
    whole
}

/// Says whose the items of a list are that do not say it.
fn own(whole: &mut Document, list: &str, account: &Value) {
    for item in whole.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(members) = item {
            members.entry("ownerAccountId").or_insert_with(|| account.clone());
        }
    }
}

/// Hides the secrets that the owner put into the defaults.
fn mask(whole: &mut Document) {
    for entry in whole.get_mut("configuration").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_secret = is_secret(entry);
        if let Some(value) = entry.get_mut("defaultValue").filter(|value| is_secret && value.as_str() != Some("")) {
            *value = json!(MASK);
        }
    }
}

/// Whether the default of an entry is a secret.
pub(super) fn is_secret(entry: &Value) -> bool {
    entry["type"] == "PASSWORD" || provision::is_secret_key(entry["key"].as_str().unwrap_or_default())
}
