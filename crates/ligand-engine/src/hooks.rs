//! Where scripts run: the engine says what they see and does what they ask for, a runner executes them.

use futures_util::future::BoxFuture;
use ligand_element::Hook;
use serde_json::{Map, Value};

use crate::Failure;

/// The members of a script's result, or why there is none.
pub type ScriptResult = Result<Map<String, Value>, Failure>;

/// Executes scripts.
pub trait HookRunner: Send + Sync {
    /// Runs a script with these variables until it is done, and gives the members of its result. Calls of one tenant
    /// must not slow those of another. The future is dropped when its call is over.
    ///
    /// # Errors
    /// [`Failure::Script`] with what the caller may know of the script's own failure.
    fn run<'a>(&'a self, tenant: u64, hook: &'a Hook, variables: Map<String, Value>) -> BoxFuture<'a, ScriptResult>;
}
