//! Executes hub calls: has the engine call the vendor, and shapes what comes back.

use std::collections::BTreeMap;

use ligand_domain::{Caller, Error};
use ligand_element::{CallerBody, CallerRequest, Method};
use ligand_engine::{Content, Download, HubCall, Reply, Upload};
use serde_json::{Value, json};

use super::{
    discovery,
    failure::of_call,
    keeper::InstanceKeeper,
    operation::{Kind, Operation},
    responses::Plan,
    select,
};
use crate::{App, instances::Loaded};

/// What a hub call is answered with; the status is always that of a success.
#[derive(Debug)]
pub struct Answer {
    /// The body.
    pub body: Body,
    /// Records in all, when it is known and was asked for.
    pub total_count: Option<u64>,
    /// How to ask for the next page.
    pub next_page: Option<String>,
    /// What of the request was not done as asked.
    pub warning: Option<String>,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// A file, passed on as it arrives.
    File(Download),
}

impl Answer {
    fn of(value: Value) -> Self {
        Self { body: Body::Json(value), total_count: None, next_page: None, warning: None }
    }
}

/// One call with all that it is about.
pub(super) struct Running<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) loaded: &'a Loaded,
}

impl App {
    /// Executes a call of an instance's element. For an instance that asks for it, the answers of reads are kept and
    /// given again.
    ///
    /// # Errors
    /// Too many when the instance exceeds its rate; what the request lacks; what the vendor says; vendors that fail.
    pub async fn hub_call(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        operation: Operation,
        request: CallerRequest,
        uploads: Vec<Upload>,
    ) -> Result<Answer, Error> {
        self.spend_instance_call(loaded.instance.id)?;
        let running = Running { app: self, caller, loaded };
        let plan = self.responses.plan(loaded, &operation, &request);
        if let Plan::Kept(answer) = plan {
            return Ok(answer);
        }
        let answer = running.run(operation, &request, uploads).await?;
        if let Plan::Read(reading) = plan {
            reading.keep(&answer);
        }
        Ok(answer)
    }
}

impl Running<'_> {
    async fn run(&self, operation: Operation, request: &CallerRequest, uploads: Vec<Upload>) -> Result<Answer, Error> {
        match operation.kind {
            Kind::Resource(index, path) => self.resource(index, path, request, uploads).await.map(Answer::from),
            Kind::Ping(index) => self.ping(index, request).await.map(Answer::of),
            Kind::Objects => Ok(Answer::of(self.objects(request))),
            Kind::Metadata(name) => self.metadata(&name, request).map(Answer::of),
            Kind::Query => select::run(self, request).await.map(Answer::of),
        }
    }

    /// Calls a resource.
    pub(super) async fn resource(
        &self,
        index: usize,
        path: BTreeMap<String, String>,
        request: &CallerRequest,
        uploads: Vec<Upload>,
    ) -> Result<Reply, Error> {
        let (element, instance) = (&*self.loaded.element, &self.loaded.instance);
        let resource = &element.resources()[index];
        let keeper = self.keeper();
        let configuration = &instance.configuration;
        let call = HubCall {
            element,
            resource,
            path,
            request,
            uploads,
            instance: instance.id,
            configuration,
            keeper: &keeper,
        };
        self.app.engine.call(call).await.map_err(|failure| of_call(element, failure))
    }

    fn keeper(&self) -> InstanceKeeper<'_> {
        InstanceKeeper { app: self.app, caller: self.caller, id: self.loaded.instance.id.to_string() }
    }

    async fn ping(&self, index: Option<usize>, request: &CallerRequest) -> Result<Value, Error> {
        let (element, instance) = (&*self.loaded.element, &self.loaded.instance);
        match index {
            Some(index) => {
                self.resource(index, BTreeMap::new(), request, Vec::new()).await?;
            }
            None => {
                let keeper = self.keeper();
                let checked = self.app.engine.check(element, instance.id, &instance.configuration, &keeper).await;
                if !checked.map_err(|failure| of_call(element, failure))? {
                    return Err(Error::invalid("no-heartbeat", format!("{} has no heartbeat", element.name())));
                }
            }
        }
        let now = self.app.clock.now().to_iso_seconds();
        Ok(json!({ "dateTime": now, "endpoint": element.key(), "valid": true }))
    }

    fn objects(&self, request: &CallerRequest) -> Value {
        let names = discovery::names(&self.loaded.element);
        let version = request.header("elements-version").unwrap_or_default();
        if version.trim().eq_ignore_ascii_case("helium") { discovery::in_helium(&names) } else { Value::from(names) }
    }

    fn metadata(&self, name: &str, request: &CallerRequest) -> Result<Value, Error> {
        let custom_only = flag(request, "customFieldsOnly");
        let found = discovery::fields(&self.loaded.element, name, custom_only);
        found.ok_or_else(|| Error::not_found("object-not-found", format!("No object found with name {name}")))
    }
}

/// A request of the platform's own for a list.
pub(super) fn list_request(path: String, query: Vec<(String, String)>) -> CallerRequest {
    CallerRequest { method: Method::Get, path, query, headers: Vec::new(), body: CallerBody::None }
}

fn flag(request: &CallerRequest, name: &str) -> bool {
    request.query.iter().any(|(key, value)| key == name && value.eq_ignore_ascii_case("true"))
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let body = match reply.content {
            Content::Json(Value::Null) => Body::None,
            Content::Json(value) => Body::Json(value),
            Content::File(file) => Body::File(file),
        };
        Self { body, total_count: reply.total_count, next_page: reply.next_page, warning: reply.warning }
    }
}
