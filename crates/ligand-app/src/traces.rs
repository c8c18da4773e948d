//! Recorded conversations with a vendor during provisioning, kept in memory for a while.

use std::sync::Arc;

use ligand_domain::{Caller, Element as ElementId, Error, Id, Organization, rng};
use ligand_element::Element;
use ligand_engine::Exchange;
use quick_cache::sync::Cache;
use serde_json::{Map, Value};

use crate::App;

/// How many conversations are kept at most.
const KEPT: usize = 200;

struct Trace {
    organization_id: Id<Organization>,
    element_id: Id<ElementId>,
    exchanges: Map<String, Value>,
}

/// The conversations recorded lately, by trace id.
pub(crate) struct Traces(Cache<String, Arc<Trace>>);

impl Default for Traces {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl App {
    pub(crate) fn keep_trace(&self, caller: &Caller, element: &Element, exchanges: &[Exchange]) -> String {
        let exchanges = exchanges.iter().map(|exchange| (exchange.name(), exchange.to_json())).collect();
        let id = rng::hex_secret(&*self.rng).expose().to_owned();
        let trace = Trace { organization_id: caller.organization_id, element_id: element.id(), exchanges };
        self.traces.0.insert(id.clone(), Arc::new(trace));
        id
    }

    /// A recorded conversation: `"<METHOD>:<path>"` to request and answer, secrets masked.
    ///
    /// # Errors
    /// Not found for an unknown id, one of another organization or of another element.
    pub async fn trace(&self, caller: &Caller, element: &str, id: &str) -> Result<Map<String, Value>, Error> {
        let element = self.find(Some(caller), element).await?;
        let found = self
            .traces
            .0
            .get(id)
            .filter(|trace| trace.organization_id == caller.organization_id && trace.element_id == element.id());
        let not_found = || Error::not_found("trace-not-found", "No trace found");
        found.map(|trace| trace.exchanges.clone()).ok_or_else(not_found)
    }
}
