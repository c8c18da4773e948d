//! Login: e-mail and password for a bearer token, and the secrets behind it.

use std::{net::IpAddr, sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Account, Caller, Error, ErrorKind, Organization, Rng, Role, Secret, Timestamp, User, rng};
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;

use crate::{App, failure::of_store};

#[cfg(test)]
mod tests;

/// Failed logins of one e-mail from one address before further ones are refused.
const FAILURES_ALLOWED: u32 = 10;
/// How long the failures are held against them.
const FAILURE_WINDOW: Duration = Duration::from_secs(300);
/// The longest password that is hashed, in bytes.
const PASSWORD_MAX_BYTES: usize = 1024;

/// The secrets with which a program calls the API.
pub struct Secrets {
    /// After the scheme `User`.
    pub user: Secret,
    /// After the scheme `Organization`.
    pub organization: Secret,
}

/// A user with its surroundings, as login answers it.
pub struct Profile {
    /// The user.
    pub user: User,
    /// Its account.
    pub account: Account,
    /// Its organization.
    pub organization: Organization,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// Slows guessing down: counts failed logins, and bounds how many passwords are hashed at a time.
pub(crate) struct Guard {
    failures: Cache<(String, IpAddr), (Timestamp, u32)>,
    hashing: Arc<Semaphore>,
}

impl Default for Guard {
    fn default() -> Self {
        Self { failures: Cache::new(10_000), hashing: Arc::new(Semaphore::new(2)) }
    }
}

impl Guard {
    fn check(&self, key: &(String, IpAddr), now: Timestamp) -> Result<(), Error> {
        match self.failures.get(key) {
            Some((since, count)) if count >= FAILURES_ALLOWED && now.since(since) < FAILURE_WINDOW => {
                let wait = FAILURE_WINDOW.saturating_sub(now.since(since)).as_secs().max(1);
                Err(Error::new(ErrorKind::TooMany, "login-throttled", "Too many failed logins, try again later")
                    .retry_after(wait))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, key: (String, IpAddr), now: Timestamp) {
        let (since, count) =
            self.failures.get(&key).filter(|(since, _)| now.since(*since) < FAILURE_WINDOW).unwrap_or((now, 0));
        self.failures.insert(key, (since, count + 1));
    }
}

impl App {
    /// Logs a user in: a bearer token and who it is for.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] for a wrong e-mail or password, without telling which;
    /// [`ErrorKind::TooMany`] after too many failures.
    pub async fn login(&self, email: &str, password: Secret, from: IpAddr) -> Result<(Secret, Profile), Error> {
        let now = self.clock.now();
        let attempt = (email.chars().take(320).collect::<String>().to_lowercase(), from);
        self.login_guard.check(&attempt, now)?;
        let user = self.store.find_user_by_email(email).await.map_err(of_store)?;
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        let right = self.verify(password, hash).await?;
        let profile = match user {
            Some(user) if right => Some(self.profile_of(user).await?),
            _ => None,
        };
        let active = |profile: &Profile| profile.user.active && profile.account.active && profile.organization.active;
        let Some(mut profile) = profile.filter(active) else {
            self.login_guard.failed(attempt, now);
            return Err(Error::new(ErrorKind::Unauthenticated, "login-failed", "Invalid username or password"));
        };
        self.login_guard.failures.remove(&attempt);
        let token = bearer_token(&*self.rng);
        let expires = now.plus(self.limits.session);
        self.store.delete_expired_sessions().await.map_err(of_store)?;
        self.store.create_session(profile.user.id, &token, expires).await.map_err(of_store)?;
        self.store.record_login(profile.user.id, now).await.map_err(of_store)?;
        profile.user.last_login_at = Some(now);
        Ok((token, profile))
    }

    /// The caller's own user with its surroundings.
    ///
    /// # Errors
    /// Only when the database fails.
    pub async fn profile(&self, caller: &Caller) -> Result<Profile, Error> {
        let user = self.store.get_user(caller.user_id).await.map_err(of_store)?;
        self.profile_of(user).await
    }

    /// The secrets behind a login.
    ///
    /// # Errors
    /// Only when the database fails.
    pub async fn secrets(&self, caller: &Caller) -> Result<Secrets, Error> {
        let user = self.store.get_user(caller.user_id).await.map_err(of_store)?;
        let organization = self.store.get_organization(caller.organization_id).await.map_err(of_store)?;
        Ok(Secrets { user: user.secret, organization: organization.secret })
    }

    /// The secrets of the administrator whom the first start made.
    ///
    /// # Errors
    /// Internal before the first start.
    pub async fn administrator_secrets(&self) -> Result<Secrets, Error> {
        let found = self.store.administrator_secrets().await.map_err(of_store)?;
        let found = found.ok_or_else(|| Error::internal("not-bootstrapped", "there is no administrator yet"))?;
        Ok(Secrets { user: found.user_secret, organization: found.organization_secret })
    }

    async fn profile_of(&self, user: User) -> Result<Profile, Error> {
        let account = self.store.get_account(user.account_id).await.map_err(of_store)?;
        let organization = self.store.get_organization(user.organization_id).await.map_err(of_store)?;
        let roles = self.store.list_roles_of_user(user.id).await.map_err(of_store)?;
        Ok(Profile { user, account, organization, roles })
    }

    /// Checks a password off the async threads. Without a hash the same work is done for nothing, so that the
    /// time of an answer does not tell whether a user exists.
    async fn verify(&self, password: Secret, hash: Option<Secret>) -> Result<bool, Error> {
        if password.expose().len() > PASSWORD_MAX_BYTES {
            return Ok(false);
        }
        let slot = Arc::clone(&self.login_guard.hashing).acquire_owned().await;
        let slot = slot.map_err(|closed| Error::internal("hashing-closed", closed))?;
        let rng_bytes = rng::bytes::<16>(&*self.rng);
        tokio::task::spawn_blocking(move || {
            // Held by the work itself, which goes on when the client has left.
            let _slot = slot;
            match hash {
                Some(hash) => matches(&password, &hash),
                None => {
                    let _ = hash_with_salt(&password, &rng_bytes);
                    false
                }
            }
        })
        .await
        .map_err(|failed| Error::internal("hashing-failed", failed))
    }
}

fn matches(password: &Secret, hash: &Secret) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.expose()) else { return false };
    Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok()
}

/// Hashes a password with Argon2id, in PHC form.
///
/// # Errors
/// [`ErrorKind::Invalid`] when it is longer than 1,024 bytes.
pub fn hash_password(rng: &dyn Rng, password: &Secret) -> Result<Secret, Error> {
    if password.expose().len() > PASSWORD_MAX_BYTES {
        return Err(Error::invalid("password-too-long", "password must have at most 1024 bytes"));
    }
    hash_with_salt(password, &rng::bytes::<16>(rng))
}

fn hash_with_salt(password: &Secret, salt: &[u8]) -> Result<Secret, Error> {
    Argon2::default()
        .hash_password_with_salt(password.expose().as_bytes(), salt)
        .map(|hash| Secret::new(hash.to_string()))
        .map_err(|failed| Error::internal("hashing-failed", failed.to_string()))
}

/// A secret in the form of user secrets and Element tokens: standard base64 of 32 random bytes.
#[must_use]
pub fn base64_secret(rng: &dyn Rng) -> Secret {
    Secret::new(STANDARD.encode(rng::bytes::<32>(rng)))
}

fn bearer_token(rng: &dyn Rng) -> Secret {
    Secret::new(STANDARD.encode(rng::bytes::<162>(rng)))
}
