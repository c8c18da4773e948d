//! What a call changes in its instance's configuration: new tokens, values that scripts and answers leave.

use futures_util::future::BoxFuture;
use ligand_domain::{Caller, Configuration, instance::ExternalAuthentication};
use ligand_engine::{Failure, Keeper};

use crate::{
    App,
    instances::{Loaded, Target},
};

/// Keeps the configuration of the instance that a call is about.
pub(super) struct InstanceKeeper<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) loaded: &'a Loaded,
    /// The id of the instance.
    pub(super) id: String,
}

impl InstanceKeeper<'_> {
    fn target(&self) -> Target<'_> {
        Target::Id { id: &self.id, element: None }
    }
}

impl Keeper for InstanceKeeper<'_> {
    fn keep(&self, changes: Vec<(String, Option<String>)>) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            let changed = self.app.alter(self.caller, self.target(), |instance| {
                changes.iter().for_each(|(key, value)| instance.configuration.set(key, value.clone()));
            });
            changed.await.map_err(|error| not_kept(&error))
        })
    }

    fn may_renew(&self) -> bool {
        self.loaded.instance.settings.external_authentication != ExternalAuthentication::Full
    }

    fn renew<'a>(&'a self, used: &'a Configuration) -> BoxFuture<'a, Result<Configuration, Failure>> {
        Box::pin(self.app.renewed(self.loaded.instance.id, &self.loaded.element, used))
    }
}

fn not_kept(error: &ligand_domain::Error) -> Failure {
    tracing::error!(code = error.code, %error, "the configuration of an instance could not be kept");
    Failure::NotKept
}
