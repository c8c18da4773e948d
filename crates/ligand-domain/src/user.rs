//! A person or program that calls the API.

use crate::{Account, Id, Organization, Secret, Timestamp};

/// A user of one account.
#[derive(Debug, Clone)]
pub struct User {
    /// Unique over the installation; 1 is the system user.
    pub id: Id<User>,
    /// The account it belongs to.
    pub account_id: Id<Account>,
    /// The organization of that account.
    pub organization_id: Id<Organization>,
    /// The login name: unique over the installation, compared without regard to case.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Base64 of 32 random bytes.
    pub secret: Secret,
    /// The password's hash in PHC form; none when the user can only use the secret.
    pub password_hash: Option<Secret>,
    /// False shuts the user out.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last successful login with a password.
    pub last_login_at: Option<Timestamp>,
}
