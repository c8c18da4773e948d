//! Where scripts run: the engine says what they see and does what they ask for, a runner executes them.

use std::io::{self, Write};

use futures_util::future::BoxFuture;
use ligand_element::{CallerBody, Hook, PartContent, VendorBody};
use serde_json::{Map, Value};

use crate::{Failure, script::Variables};

/// The members of a script's result, or why there is none.
pub type ScriptResult = Result<Map<String, Value>, Failure>;

/// Executes scripts.
pub trait HookRunner: Send + Sync {
    /// Runs a script that sees a call, or an event, as it is now until the script is done, and gives the members of its
    /// result. Calls of one tenant must not slow those of another. The future is dropped when its call is over.
    ///
    /// # Errors
    /// [`Failure::Script`] with what the caller may know of the script's own failure.
    fn run<'a>(&'a self, tenant: u64, hook: &'a Hook, variables: &dyn Variables) -> BoxFuture<'a, ScriptResult>;
}

/// Checks that neither the caller's body nor the one that is planned for the vendor is larger than scripts take.
///
/// # Errors
/// [`Failure::BeyondLimit`].
pub(crate) fn demand_fit_for_scripts(sent: &CallerBody, planned: &VendorBody, most: usize) -> Result<(), Failure> {
    let planned = if let VendorBody::Text(text) = planned { text.len() } else { 0 };
    if planned > most || size(sent) > most { Err(beyond_scripts(most)) } else { Ok(()) }
}

/// The failure of a body that is too large for scripts.
pub(crate) fn beyond_scripts(most: usize) -> Failure {
    Failure::BeyondLimit(format!("The payload is larger than the {most} bytes that a hook may be given"))
}

/// How many bytes a body's text has, about.
fn size(body: &CallerBody) -> usize {
    match body {
        CallerBody::None => 0,
        CallerBody::Json(value) => written_size(value),
        CallerBody::Text(text) => text.len(),
        CallerBody::Form(fields) => fields.iter().map(|(name, value)| name.len() + value.len()).sum(),
        CallerBody::Multipart(parts) => {
            let texts = parts.iter().filter_map(|part| match &part.content {
                PartContent::Text(text) => Some(text.len()),
                PartContent::File(_) => None,
            });
            texts.sum()
        }
    }
}

fn written_size(value: &Value) -> usize {
    let mut counter = Counter(0);
    // Counting does not fail.
    serde_json::to_writer(&mut counter, value).map_or(usize::MAX, |()| counter.0)
}

/// Counts what is written to it.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
