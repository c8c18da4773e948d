//! The caller's organization.

use ligand_domain::{Caller, Error, Organization};

use crate::{App, failure::of_store};

impl App {
    /// The caller's own organization.
    ///
    /// # Errors
    /// Only when the database fails.
    pub async fn own_organization(&self, caller: &Caller) -> Result<Organization, Error> {
        self.store.get_organization(caller.organization_id).await.map_err(of_store)
    }
}
