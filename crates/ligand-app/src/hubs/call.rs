//! Executes hub calls: has the engine call the vendor, and shapes what comes back.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use ligand_domain::{Caller, Error, ErrorKind};
use ligand_element::{CallerBody, CallerRequest, Element, Method};
use ligand_engine::{Content, Download, Exchange, HubCall, Reply, Upload, WrittenList};
use serde_json::{Value, json};

use super::{
    discovery,
    failure::of_call,
    keeper::InstanceKeeper,
    operation::{Declared, Kind, Operation},
    responses::Plan,
    select,
};
use crate::{App, docs, instances::Loaded};

/// How many pages of a list are read at most to have all of it.
const PAGES: usize = 100;

/// What of a query is about lists, and nothing to the resources that tell what there is.
const OF_LISTS: &[&str] = &["where", "fields", "orderBy", "orderby", "page", "pageSize", "nextPage", "returnCount"];

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
    /// Where the recorded conversation with the vendor is found, for an instance whose calls are traced.
    pub trace_id: Option<String>,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// A list, written as JSON already.
    List(WrittenList),
    /// A file, passed on as it arrives.
    File(Download),
}

impl Answer {
    fn of(value: Value) -> Self {
        Self { body: Body::Json(value), total_count: None, next_page: None, warning: None, trace_id: None }
    }
}

/// One call with all that it is about.
pub(super) struct Running<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) loaded: &'a Loaded,
    /// What is said with the vendor, when that is wanted.
    record: Option<Mutex<Vec<Exchange>>>,
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
        let plan = self.responses.plan(loaded, &operation, &request);
        if let Plan::Kept(answer) = plan {
            return Ok(answer);
        }
        let record = loaded.instance.settings.trace_logging_enabled.then(Mutex::default);
        let running = Running { app: self, caller, loaded, record };
        let outcome = running.run(operation, &request, uploads).await;
        let exchanges = running.record.map(|record| record.into_inner().unwrap_or_else(PoisonError::into_inner));
        let trace_id = exchanges.map(|exchanges| self.keep_trace(caller, &loaded.element, &exchanges));
        let answer = match outcome {
            Ok(answer) => Answer { trace_id, ..answer },
            Err(error) => return Err(error.with_trace_id(trace_id)),
        };
        if let Plan::Read(reading) = plan {
            reading.keep(&answer);
        }
        Ok(answer)
    }
}

impl<'a> Running<'a> {
    /// A call of the platform's own, of which nothing is kept.
    pub(super) fn unrecorded(app: &'a App, caller: &'a Caller, loaded: &'a Loaded) -> Self {
        Self { app, caller, loaded, record: None }
    }
}

impl Running<'_> {
    pub(super) async fn run(
        &self,
        operation: Operation,
        request: &CallerRequest,
        uploads: Vec<Upload>,
    ) -> Result<Answer, Error> {
        let told = match operation.kind {
            Kind::Resource(index, path) => {
                return self.called(index, path, request, uploads, true).await.map(Answer::from);
            }
            Kind::Docs(name) => return Box::pin(self.docs(&name, request)).await,
            Kind::Ping(index) => Box::pin(self.ping(index, request)).await,
            Kind::Objects(declared) => Box::pin(self.objects(declared, request)).await,
            Kind::Metadata(name, declared) => Box::pin(self.metadata(&name, declared, request)).await,
            Kind::Query => Box::pin(select::run(self, request)).await,
        };
        told.map(Answer::of)
    }

    /// Calls a resource for what is done with its values here.
    pub(super) async fn resource(
        &self,
        index: usize,
        path: BTreeMap<String, String>,
        request: &CallerRequest,
        uploads: Vec<Upload>,
    ) -> Result<Reply, Error> {
        self.called(index, path, request, uploads, false).await
    }

    async fn called(
        &self,
        index: usize,
        path: BTreeMap<String, String>,
        request: &CallerRequest,
        uploads: Vec<Upload>,
        takes_text: bool,
    ) -> Result<Reply, Error> {
        let (element, instance) = (&*self.loaded.element, &self.loaded.instance);
        let resource = &element.resources()[index];
        let keeper = self.keeper();
        let configuration = &instance.configuration;
        let mut exchanges = Vec::new();
        let call = HubCall {
            element,
            resource,
            path,
            request,
            uploads,
            instance: instance.id,
            configuration,
            keeper: &keeper,
            takes_text,
            record: self.record.is_some().then_some(&mut exchanges),
        };
        let outcome = self.app.engine.call(call).await;
        if let Some(record) = &self.record {
            record.lock().unwrap_or_else(PoisonError::into_inner).append(&mut exchanges);
        }
        outcome.map_err(|failure| of_call(element, failure))
    }

    fn keeper(&self) -> InstanceKeeper<'_> {
        InstanceKeeper {
            app: self.app,
            caller: self.caller,
            loaded: self.loaded,
            id: self.loaded.instance.id.to_string(),
        }
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

    /// The objects of the definition, and those that the element's own resource finds at the vendor.
    async fn objects(&self, declared: Option<usize>, request: &CallerRequest) -> Result<Value, Error> {
        let element = &*self.loaded.element;
        let mut objects = discovery::objects(element);
        if let Some(index) = declared.filter(|_| !by_models(element, request)) {
            let answer = self.everything(index, BTreeMap::new(), &asking_for_all(request)).await?;
            // A resource that happens to have this path and answers something else stays what it is.
            let Some(found) = discovery::with_found(objects, &answer) else { return Ok(answer) };
            objects = found;
        }
        let version = request.header("elements-version").unwrap_or_default();
        let in_helium = version.trim().eq_ignore_ascii_case("helium");
        Ok(if in_helium { discovery::in_helium(&objects) } else { discovery::in_hydrogen(&objects) })
    }

    /// The fields of an object: those that the element's own resource finds at the vendor over those of the definition.
    async fn metadata(&self, name: &str, declared: Option<Declared>, request: &CallerRequest) -> Result<Value, Error> {
        let element = &*self.loaded.element;
        let own = discovery::fields(element, name);
        let custom_only = flag(request, "customFieldsOnly") == Some(true);
        let fields = match declared.filter(|_| !by_models(element, request)) {
            None => own,
            Some(Declared { index, mut path }) => {
                let vendor_name = discovery::vendor_name(element, name);
                path.values_mut().for_each(|value| value.clone_from(&vendor_name));
                match self.everything(index, path, &asking_for_all(request)).await {
                    Ok(answer) => match discovery::with_found_fields(element, name, own, &answer) {
                        Some(fields) => Some(fields),
                        None => return Ok(answer),
                    },
                    // What the vendor does not describe may still be an object of the definition's.
                    Err(error) if error.kind == ErrorKind::NotFound && own.is_some() => own,
                    Err(error) => return Err(error),
                }
            }
        };
        let fields =
            fields.ok_or_else(|| Error::not_found("object-not-found", format!("No object found with name {name}")))?;
        Ok(discovery::shown(&fields, custom_only))
    }

    /// The document of an object.
    async fn docs(&self, name: &str, request: &CallerRequest) -> Result<Answer, Error> {
        let query = |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let options = docs::Options::read(query, |name| request.header(name))?;
        let made = self.app.loaded_docs(self.caller, self.loaded, docs::Part::Object(name), &options).await?;
        Ok(Answer { warning: made.warning.clone(), ..Answer::of(made.to_json()) })
    }

    /// All that a resource answers: every page of a list.
    async fn everything(
        &self,
        index: usize,
        path: BTreeMap<String, String>,
        request: &CallerRequest,
    ) -> Result<Value, Error> {
        let mut all = Vec::new();
        let mut request = request.clone();
        for _ in 0..PAGES {
            let reply = self.resource(index, path.clone(), &request, Vec::new()).await?;
            let mut items = match reply.content {
                Content::Json(Value::Array(items)) => items,
                Content::Json(other) => return Ok(other),
                Content::List(_) | Content::File(_) => break,
            };
            all.append(&mut items);
            request.query.retain(|(name, _)| name != "nextPage");
            match reply.next_page {
                Some(token) => request.query.push(("nextPage".to_owned(), token)),
                None => break,
            }
        }
        Ok(Value::Array(all))
    }
}

/// A request of the platform's own for a list.
pub(super) fn list_request(path: String, query: Vec<(String, String)>) -> CallerRequest {
    CallerRequest { method: Method::Get, path, query, headers: Vec::new(), body: CallerBody::None }
}

/// The same request without what it asks of lists.
fn asking_for_all(request: &CallerRequest) -> CallerRequest {
    let mut request = request.clone();
    request.query.retain(|(name, _)| !OF_LISTS.contains(&name.as_str()));
    request
}

/// Whether the definition alone is to tell what there is: because the caller says so, or the element.
fn by_models(element: &Element, request: &CallerRequest) -> bool {
    flag(request, "useModels").unwrap_or_else(|| element.uses_models())
}

/// A flag of the query, when it is one.
fn flag(request: &CallerRequest, name: &str) -> Option<bool> {
    let (_, value) = request.query.iter().find(|(key, _)| key == name)?;
    value.trim().to_ascii_lowercase().parse().ok()
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let body = match reply.content {
            Content::Json(Value::Null) => Body::None,
            Content::Json(value) => Body::Json(value),
            Content::List(list) => Body::List(list),
            Content::File(file) => Body::File(file),
        };
        Self {
            body,
            total_count: reply.total_count,
            next_page: reply.next_page,
            warning: reply.warning,
            trace_id: None,
        }
    }
}
