//! Roles: named sets of privileges, per organization an editable copy of the platform's defaults.

use crate::{Id, Privilege, Privileges};

/// A role of one organization.
#[derive(Debug, Clone)]
pub struct Role {
    /// Unique over the installation.
    pub id: Id<Role>,
    /// Stable name: `org-admin`.
    pub key: String,
    /// Display name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// What holders may do.
    pub privileges: Privileges,
}

/// A role as every new organization gets it.
#[derive(Debug, Clone, Copy)]
pub struct DefaultRole {
    /// Stable name.
    pub key: &'static str,
    /// Display name.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// Whether it holds this privilege by default.
    holds: fn(Privilege) -> bool,
}

impl DefaultRole {
    /// What holders may do by default.
    #[must_use]
    pub fn privileges(&self) -> Privileges {
        Privilege::ALL.iter().copied().filter(|privilege| (self.holds)(*privilege)).collect()
    }
}

/// The role of the administrator whom bootstrap makes: it holds every privilege.
pub const SYSTEM_ADMINISTRATOR: &str = "sys-admin";
/// The role of an organization's administrators.
pub const ORGANIZATION_ADMINISTRATOR: &str = "org-admin";
/// The implicit role of the users of the default account.
pub const ORGANIZATION_USER: &str = "org";

fn internal(privilege: Privilege) -> bool {
    matches!(privilege, Privilege::CustomerAdmin | Privilege::Intelligence | Privilege::System)
}

fn of_organization(privilege: Privilege) -> bool {
    use Privilege as P;
    matches!(
        privilege,
        P::ViewUsersOrg
            | P::AddUsersOrg
            | P::EditUsersOrg
            | P::DeleteUsersOrg
            | P::ViewLogsOrg
            | P::ModifySecurity
            | P::ConfigureRoles
            | P::ManageUiBranding
            | P::VdrAdmin
    )
}

fn of_account_administration(privilege: Privilege) -> bool {
    use Privilege as P;
    matches!(
        privilege,
        P::ViewUsersAccount | P::AddUsersAccount | P::EditUsersAccount | P::DeleteUsersAccount | P::ViewLogsAccount
    )
}

/// The platform's default roles, in their stable order.
pub const DEFAULTS: &[DefaultRole] = &[
    DefaultRole {
        key: SYSTEM_ADMINISTRATOR,
        name: "System Administrator",
        description: "Runs this installation",
        holds: |_| true,
    },
    DefaultRole {
        key: ORGANIZATION_ADMINISTRATOR,
        name: "Organization Administrator",
        description: "Administers the organization, its accounts and users",
        holds: |privilege| !internal(privilege),
    },
    DefaultRole {
        key: "admin",
        name: "Administrator",
        description: "Administers one account and its users",
        holds: |privilege| !internal(privilege) && !of_organization(privilege),
    },
    DefaultRole {
        key: ORGANIZATION_USER,
        name: "Organization User",
        description: "Works with everything of the organization",
        holds: |privilege| !internal(privilege) && !of_organization(privilege) && !of_account_administration(privilege),
    },
    DefaultRole {
        key: "default-user",
        name: "Account",
        description: "Works with everything of the account",
        holds: |privilege| !internal(privilege) && !of_organization(privilege) && !of_account_administration(privilege),
    },
];
