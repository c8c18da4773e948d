//! The engine: from element, resource and configuration to an answer.

#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use ligand_domain::Configuration;
use ligand_element::{Element, Inputs, PlanError, Resource, ResourceType, map, plan};
use serde_json::Value;

use crate::{
    Egress, Exchange, Failure, authenticate::authenticate, client::LazyClient, exchange::Recorder,
    interpret::interpret, redact::Secrets, transport,
};

/// How many resources a chain may have.
const MAX_CHAIN: usize = 5;

/// How an engine behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which addresses may be called.
    pub egress: Egress,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a call may take with everything that belongs to it: redirects, chain, body.
    pub total_timeout: Duration,
    /// How many bytes an answer may have, decoded.
    pub max_response_bytes: usize,
    /// The `User-Agent` of vendor calls.
    pub user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            egress: Egress::default(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(120),
            max_response_bytes: 16 << 20,
            user_agent: concat!("ligand/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A vendor's answer, mapped. It may hold tokens and customers' data, so it has no content in `Debug`.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// The vendor's HTTP status, always 2xx.
    pub status: u16,
    /// The vendor's headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body under the response root.
    pub body: Value,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Executes elements. Cheap to make; connections are opened, and roots of trust loaded, at the first call.
pub struct Engine {
    options: Options,
    client: LazyClient,
}

impl Engine {
    /// An engine that has done nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, client: LazyClient::default() }
    }

    /// The guard of this engine's calls.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.options.egress
    }

    /// Runs a resource and the chain that follows it. What answers bring for the configuration is set in it.
    ///
    /// # Errors
    /// The first failure. What earlier links of the chain brought stays in the configuration.
    pub async fn run(
        &self,
        element: &Element,
        resource: &Resource,
        inputs: Inputs,
        configuration: &mut Configuration,
    ) -> Result<Answer, Failure> {
        self.in_time(self.chain(element, resource, inputs, configuration, &mut Recorder::off())).await
    }

    /// Ends what takes longer than a call may.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
        match tokio::time::timeout(self.options.total_timeout, Box::pin(work)).await {
            Ok(result) => result,
            Err(_) => Err(Failure::TimedOut),
        }
    }

    async fn chain(
        &self,
        element: &Element,
        first: &Resource,
        mut inputs: Inputs,
        configuration: &mut Configuration,
        recorder: &mut Recorder<'_>,
    ) -> Result<Answer, Failure> {
        let mut resource = first;
        for _ in 0..MAX_CHAIN {
            let answer = self.call(element, resource, &inputs, configuration, recorder).await?;
            match element.next_of(resource) {
                Some(next) => {
                    resource = next;
                    inputs.previous = Some(answer.body);
                }
                None => return Ok(answer),
            }
        }
        Err(PlanError::Unsupported(format!("a chain of more than {MAX_CHAIN} resources")).into())
    }

    /// One vendor call.
    async fn call(
        &self,
        element: &Element,
        resource: &Resource,
        inputs: &Inputs,
        configuration: &mut Configuration,
        recorder: &mut Recorder<'_>,
    ) -> Result<Answer, Failure> {
        if !element.hooks().is_empty() || !resource.hooks.is_empty() {
            return Err(PlanError::Unsupported("a resource with scripts".to_owned()).into());
        }
        let mut request = plan(element, resource, inputs, configuration)?;
        authenticate(element, configuration, &mut request)?;
        let raw = transport::send(self.client.get(&self.options)?, &self.options, &request).await?;
        recorder.met(&request, &raw);
        let interpreted = interpret(element, resource, raw, &Secrets::of(element, configuration));
        let mapped = interpreted.map(|response| (map(element, resource, &response), response));
        if let Ok((mapped, _)) = &mapped {
            let brought = mapped.configuration.iter().map(|(key, value)| (key, value.clone()));
            let stored = request.stores.iter().map(|(key, value)| (key, Some(value.clone())));
            stored.chain(brought).for_each(|(key, value)| configuration.set(key, value));
        }
        recorder.mask(&Secrets::of(element, configuration));
        let (mapped, response) = mapped?;
        Ok(Answer { status: response.status, headers: response.headers, body: mapped.body })
    }

    /// Proves credentials: every `provisionAuthValidation` resource, then every `onProvision` resource, in the order
    /// of definition, each with its chain, all of them within one deadline. What was said is added to `record`, with
    /// the secrets of the configuration masked.
    ///
    /// # Errors
    /// The first failure.
    pub async fn validate(
        &self,
        element: &Element,
        configuration: &mut Configuration,
        record: Option<&mut Vec<Exchange>>,
    ) -> Result<(), Failure> {
        let mut recorder = Recorder::new(record);
        let all = async {
            for kind in [ResourceType::ProvisionAuthValidation, ResourceType::OnProvision] {
                for resource in element.resources_of(kind) {
                    self.chain(element, resource, Inputs::default(), configuration, &mut recorder).await?;
                }
            }
            Ok(())
        };
        self.in_time(all).await
    }

    /// Tells the vendor that an instance goes (`onDeleteWebhook`, then `onDelete`); failures are logged only.
    pub async fn on_delete(&self, element: &Element, configuration: &mut Configuration) {
        for kind in [ResourceType::OnDeleteWebhook, ResourceType::OnDelete] {
            for resource in element.resources_of(kind) {
                if let Err(failure) = self.run(element, resource, Inputs::default(), configuration).await {
                    let (element, kind) = (element.key(), kind.key());
                    tracing::warn!(element, kind, %failure, "the vendor was not told of the deletion");
                }
            }
        }
    }
}
