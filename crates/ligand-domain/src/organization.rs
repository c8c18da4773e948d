//! Tenants: an organization and its accounts.

use crate::{Id, Secret, Timestamp};

/// A tenant. Its secret, beside a user's, opens the API.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Unique over the installation; 1 is the system organization.
    pub id: Id<Organization>,
    /// Display name.
    pub name: String,
    /// 32 hexadecimal digits.
    pub secret: Secret,
    /// False shuts the whole organization out.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A part of an organization that owns users; each organization has one default account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Unique over the installation; 1 is the system account.
    pub id: Id<Account>,
    /// The organization it belongs to.
    pub organization_id: Id<Organization>,
    /// Display name.
    pub name: String,
    /// The account that sign-up made.
    pub default_account: bool,
    /// False shuts its users out.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}
