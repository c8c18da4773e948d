//! What becomes of a delivery that failed: the account's policy, and the times of further tries.

use std::time::Duration;

use ligand_domain::{Account, Caller, Error, Id, Privilege, Rng, Timestamp, rng};
use serde_json::{Map, Value};

use super::Options;
use crate::{App, failure::of_store};

/// The setting that decides.
pub(super) const FAILURE_POLICY: &str = "notification.webhook.failure.policy";

/// What happens to a failed delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// It is tried again.
    Retry,
    /// It waits to be released.
    Queue,
}

impl Policy {
    fn from_key(key: &str) -> Option<Self> {
        match key {
            "retry" => Some(Self::Retry),
            "queue" => Some(Self::Queue),
            _ => None,
        }
    }
}

impl Options {
    /// When a delivery that has failed so often is tried again; `None` when it is not. Spread a little by chance, so
    /// that what failed together does not come back together.
    pub(super) fn next_try(&self, rng: &dyn Rng, first_failed_at: Timestamp, failures: i64) -> Option<Timestamp> {
        if failures > i64::from(self.retries) {
            return None;
        }
        let power = u32::try_from(failures).ok()?.saturating_mul(self.exponent).min(40);
        let wait = Duration::from_secs(1 << power);
        let chance = u32::from(u16::from_le_bytes(rng::bytes::<2>(rng)));
        Some(first_failed_at.plus(wait + (wait / 20).saturating_mul(chance) / u32::from(u16::MAX)))
    }
}

impl App {
    pub(super) async fn failure_policy(&self, account: Id<Account>) -> Result<Policy, Error> {
        let setting = self.store.account_setting(account, FAILURE_POLICY).await.map_err(of_store)?;
        Ok(setting.as_deref().and_then(Policy::from_key).unwrap_or(Policy::Retry))
    }

    /// The account that a path names: the caller's own, or for those who see to security, another one of the
    /// organization.
    async fn settled_account(&self, caller: &Caller, named: Option<&str>) -> Result<Id<Account>, Error> {
        let Some(named) = named else { return Ok(caller.account_id) };
        let unknown = |_| Error::not_found("account-not-found", format!("No account found with ID {named}"));
        let account = self.own_account(caller, named.parse().map_err(unknown)?).await?;
        if account != caller.account_id {
            caller.demand(Privilege::ModifySecurity)?;
        }
        Ok(account)
    }

    /// The settings of an account.
    ///
    /// # Errors
    /// Forbidden for an account that is not the caller's own.
    pub async fn account_settings(&self, caller: &Caller, account: Option<&str>) -> Result<Map<String, Value>, Error> {
        let account = self.settled_account(caller, account).await?;
        let stored = self.store.account_settings(account).await.map_err(of_store)?;
        let mut settings = Map::from_iter([(FAILURE_POLICY.to_owned(), Value::from("retry"))]);
        settings.extend(stored.into_iter().map(|(key, value)| (key, Value::from(value))));
        Ok(settings)
    }

    /// Changes settings of an account, and gives all of them.
    ///
    /// # Errors
    /// Forbidden for an account that is not the caller's own; invalid for an unknown setting or value.
    pub async fn change_account_settings(
        &self,
        caller: &Caller,
        account: Option<&str>,
        body: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Error> {
        let own = self.settled_account(caller, account).await?;
        let mut settings = Vec::with_capacity(body.len());
        for (key, value) in body {
            if key != FAILURE_POLICY {
                return Err(Error::invalid("setting-unknown", format!("There is no account setting {key}")));
            }
            let value = value.as_str().filter(|word| Policy::from_key(word).is_some());
            let value =
                value.ok_or_else(|| Error::invalid("setting-invalid", format!("{key} must be retry or queue")))?;
            settings.push((key.clone(), value.to_owned()));
        }
        if settings.is_empty() {
            return Err(Error::invalid("settings-missing", "At least one setting is required"));
        }
        self.store.set_account_settings(own, &settings).await.map_err(of_store)?;
        self.account_settings(caller, account).await
    }
}
