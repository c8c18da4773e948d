//! Who calls: the credentials of a request's `Authorization` header, and the user they prove.

use crate::{Account, Error, ErrorKind, Id, Organization, Privilege, Privileges, Secret, User};

#[cfg(test)]
mod tests;

/// What the `Authorization` header holds, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// After the scheme `User`.
    pub user: Option<Secret>,
    /// After the scheme `Organization`.
    pub organization: Option<Secret>,
    /// After the scheme `Element`.
    pub element: Option<Secret>,
    /// After the scheme `Bearer`.
    pub bearer: Option<Secret>,
}

impl Credentials {
    /// Reads comma-separated `<scheme>[:] <credential>` pairs in any order: schemes match in any case, of a
    /// repeated scheme the first counts, unknown schemes are ignored. A credential is taken literally.
    /// Malformed pairs (an empty or impossible credential) are dropped, so the check that follows fails.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let mut credentials = Self::default();
        for part in header.split(',') {
            let Some((scheme, value)) = split_part(part) else { continue };
            let slot = match scheme.to_ascii_lowercase().as_str() {
                "user" => &mut credentials.user,
                "organization" => &mut credentials.organization,
                "element" => &mut credentials.element,
                "bearer" => &mut credentials.bearer,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(Secret::new(value.to_owned()));
            }
        }
        credentials
    }
}

fn split_part(part: &str) -> Option<(&str, &str)> {
    let part = part.trim_matches([' ', '\t']);
    let (scheme, value) = part.split_once([' ', '\t'])?;
    let value = value.trim_matches([' ', '\t']);
    let value = value.strip_prefix(':').map_or(value, str::trim_start);
    let literal = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_.".contains(&byte);
    (!value.is_empty() && value.bytes().all(literal)).then(|| (scheme.strip_suffix(':').unwrap_or(scheme), value))
}

/// An authenticated user with its rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: Id<User>,
    /// The user's account.
    pub account_id: Id<Account>,
    /// The account's organization.
    pub organization_id: Id<Organization>,
    /// The union of what the user's roles hold.
    pub privileges: Privileges,
}

impl Caller {
    /// Checks one privilege.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] naming the privilege when the caller lacks it.
    pub fn demand(&self, privilege: Privilege) -> Result<(), Error> {
        if self.privileges.contains(privilege) {
            return Ok(());
        }
        let message = format!("You do not have the privilege '{}' that this request needs", privilege.key());
        Err(Error::new(ErrorKind::Forbidden, "privilege-missing", message))
    }
}
