//! Who keeps the configuration of an instance, and sees to it that its tokens are renewed by one at a time.

use futures_util::future::BoxFuture;
use ligand_domain::Configuration;

use crate::Failure;

/// Keeps the configuration of one instance; the engine changes it only through this.
pub trait Keeper: Send + Sync {
    /// Sets values. They are durable when this returns.
    ///
    /// # Errors
    /// [`Failure::NotKept`] when they are not.
    fn keep(&self, changes: Vec<(String, Option<String>)>) -> BoxFuture<'_, Result<(), Failure>>;

    /// Whether the platform renews tokens of this instance at all.
    fn may_renew(&self) -> bool {
        true
    }

    /// The configuration to go on with after the vendor refused the tokens of this one, or because their time is over:
    /// one with other tokens that is there already, or one with new tokens, which are durable when this returns. Of all
    /// who ask for that, in all processes, one has [`crate::Engine::renew`] do it, and everybody gets what came of it.
    /// It goes on when who asked for it has left: a vendor forgets the old tokens when it gives new ones.
    ///
    /// # Errors
    /// What the renewal failed with; [`Failure::NotKept`] when the configuration cannot be read or stored.
    fn renew<'a>(&'a self, used: &'a Configuration) -> BoxFuture<'a, Result<Configuration, Failure>>;
}
