//! The closed set of privileges, and the privileges that one caller holds.

/// Declares [`Privilege`] with the key of each on the wire.
macro_rules! privileges {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)*) => {
        /// A right that a role can contain. The variant's key is its name on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Privilege { $($(#[$doc])* $name,)* }

        impl Privilege {
            /// All of them, in a stable order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

privileges! {
    /// Read the catalog.
    ViewElements = "viewElements",
    /// Create and clone elements.
    CreateElements = "createElements",
    /// Change elements.
    EditElements = "editElements",
    /// Delete elements.
    DeleteElements = "deleteElements",
    /// Create and change element instances.
    CreateElementInstances = "createElementInstances",
    /// Read formulas.
    ViewFormulas = "viewFormulas",
    /// Create formulas.
    CreateFormulas = "createFormulas",
    /// Change formulas.
    EditFormulas = "editFormulas",
    /// Delete formulas.
    DeleteFormulas = "deleteFormulas",
    /// Create and change formula instances.
    CreateFormulaInstances = "createFormulaInstances",
    /// Read common objects.
    ViewCommonObjects = "viewCommonObjects",
    /// Create common objects.
    CreateCommonObjects = "createCommonObjects",
    /// Change common objects.
    EditCommonObjects = "editCommonObjects",
    /// Delete common objects.
    DeleteCommonObjects = "deleteCommonObjects",
    /// Change the organization's branding.
    ManageUiBranding = "manageUiBranding",
    /// Read the users of one's account.
    ViewUsersAccount = "viewUsersAccount",
    /// Add users to one's account.
    AddUsersAccount = "addUsersAccount",
    /// Change users of one's account.
    EditUsersAccount = "editUsersAccount",
    /// Delete users of one's account.
    DeleteUsersAccount = "deleteUsersAccount",
    /// Read the users of the organization.
    ViewUsersOrg = "viewUsersOrg",
    /// Add users to the organization.
    AddUsersOrg = "addUsersOrg",
    /// Change users of the organization.
    EditUsersOrg = "editUsersOrg",
    /// Delete users of the organization.
    DeleteUsersOrg = "deleteUsersOrg",
    /// Read the organization's audit log.
    ViewLogsOrg = "viewLogsOrg",
    /// Read the account's audit log.
    ViewLogsAccount = "viewLogsAccount",
    /// Change password policy and organization.
    ModifySecurity = "modifySecurity",
    /// Change roles.
    ConfigureRoles = "configureRoles",
    /// Administer the system-level value-driven resources.
    VdrAdmin = "vdrAdmin",
    /// Administer customers. Internal: not grantable over the API.
    CustomerAdmin = "customer-admin",
    /// Platform statistics. Internal.
    Intelligence = "intelligence",
    /// Run the platform itself. Internal.
    System = "system",
}

impl Privilege {
    /// The privilege with this name on the wire.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|privilege| privilege.key() == key)
    }
}

/// A set of privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privileges(u64);

impl Privileges {
    /// Whether the set has it.
    #[must_use]
    pub fn contains(self, privilege: Privilege) -> bool {
        self.0 & (1 << privilege as u8) != 0
    }

    /// Those of [`Privilege::ALL`] that are in the set.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        Privilege::ALL.iter().copied().filter(move |privilege| self.contains(*privilege))
    }
}

impl FromIterator<Privilege> for Privileges {
    fn from_iter<I: IntoIterator<Item = Privilege>>(privileges: I) -> Self {
        Self(privileges.into_iter().fold(0, |set, privilege| set | (1 << privilege as u8)))
    }
}

impl Extend<Privilege> for Privileges {
    fn extend<I: IntoIterator<Item = Privilege>>(&mut self, privileges: I) {
        self.0 |= privileges.into_iter().collect::<Self>().0;
    }
}
