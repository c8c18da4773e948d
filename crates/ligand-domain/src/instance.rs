//! An element instance: one authenticated connection of one user to one vendor account.

use crate::{Configuration, Element, Id, Organization, Secret, Timestamp, User};

/// Who obtains and renews the vendor's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExternalAuthentication {
    /// The platform does everything.
    #[default]
    None,
    /// The caller brings the first tokens, the platform renews them.
    Initial,
    /// The caller does everything.
    Full,
}

impl ExternalAuthentication {
    /// The name on the wire.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Initial => "initial",
            Self::Full => "full",
        }
    }

    /// The one with this name on the wire.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::None, Self::Initial, Self::Full].into_iter().find(|kind| kind.key() == key)
    }
}

/// What a caller may set on an instance, apart from its secrets and its state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether answers are cached.
    pub caching_enabled: bool,
    /// How many answers are cached at most.
    pub max_cache_size: i64,
    /// How long an answer is cached, in seconds.
    pub cache_time_to_live_seconds: i64,
    /// Whether each call is traced.
    pub trace_logging_enabled: bool,
    /// Who obtains and renews tokens.
    pub external_authentication: ExternalAuthentication,
}

/// A provisioned instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Consecutive over the installation.
    pub id: Id<Instance>,
    /// Who made it and alone sees it.
    pub user_id: Id<User>,
    /// The organization of that user.
    pub organization_id: Id<Organization>,
    /// The element it connects to.
    pub element_id: Id<Element>,
    /// Display name, free of markup.
    pub name: String,
    /// Labels, free of markup.
    pub tags: Vec<String>,
    /// The effective configuration with its secrets in clear.
    pub configuration: Configuration,
    /// What hub calls show as `Element <token>`.
    pub token: Secret,
    /// False when the stored credentials no longer work.
    pub valid: bool,
    /// True after it was switched off.
    pub disabled: bool,
    /// Caching, tracing, tokens.
    pub settings: Settings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, for optimistic locking; 1 when new.
    pub revision: i64,
}
