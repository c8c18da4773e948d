//! Where the next page of recorded calls begins, and what it was looked for with: calls that come in between move
//! nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ligand_domain::{Error, Id, Timestamp};
use ligand_store::UsageFilter;
use serde::{Deserialize, Serialize};

use crate::paging::PAGE_SIZE_MAX;

#[derive(Serialize, Deserialize)]
pub(super) struct Token {
    from: i64,
    to: i64,
    accounts: Vec<i64>,
    hub: Option<String>,
    keys: Vec<String>,
    tags: Vec<String>,
    failed: Option<bool>,
    search: Option<String>,
    /// The last record of the page before.
    at: i64,
    id: i64,
    pub(super) size: u32,
}

pub(super) fn not_a_token() -> Error {
    Error::invalid("next-page-invalid", "nextPage is not a token of an earlier answer")
}

impl Token {
    /// The token of the page behind a record.
    pub(super) fn behind(filter: &UsageFilter, at: Timestamp, id: i64, size: u32) -> Self {
        Self {
            from: filter.from.as_millis(),
            to: filter.to.as_millis(),
            accounts: filter.accounts.iter().map(|account| account.get()).collect(),
            hub: filter.hub.clone(),
            keys: filter.element_keys.clone(),
            tags: filter.tags.clone(),
            failed: filter.failed,
            search: filter.search.clone(),
            at: at.as_millis(),
            id,
            size,
        }
    }

    pub(super) fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts and numbers have a text"))
    }

    /// # Errors
    /// Invalid for a token that no answer gave.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| not_a_token())?;
        let token: Self = serde_json::from_slice(&bytes).map_err(|_| not_a_token())?;
        let is_sound =
            (1..=PAGE_SIZE_MAX).contains(&token.size) && !token.accounts.is_empty() && token.from <= token.to;
        if is_sound { Ok(token) } else { Err(not_a_token()) }
    }

    /// What the page is looked for with. Whether the caller may see the accounts is not said.
    pub(super) fn filter(&self) -> Option<UsageFilter> {
        Some(UsageFilter {
            accounts: self.accounts.iter().map(|account| Id::new(*account)).collect::<Option<_>>()?,
            from: Timestamp::from_millis(self.from),
            to: Timestamp::from_millis(self.to),
            hub: self.hub.clone(),
            element_keys: self.keys.clone(),
            tags: self.tags.clone(),
            failed: self.failed,
            search: self.search.clone(),
        })
    }

    /// The record behind which the page begins.
    pub(super) fn before(&self) -> (Timestamp, i64) {
        (Timestamp::from_millis(self.at), self.id)
    }
}
