//! One call on its way through an element: each resource of the chain with its scripts, its vendor request and what
//! the answer leaves in the configuration.

use std::borrow::Cow;

use futures_util::future::BoxFuture;
use ligand_domain::{Configuration, Id, Instance};
use ligand_element::{
    After, AnswerState, CallerBody, CallerRequest, Element, Hook, HookState, HookType, Inputs, MAX_CHAIN, Method,
    Parameter, PlanError, Planned, Prepared, Record, Refusal, Resource, ResourceType, Source, SourceType, VendorPage,
    VendorRequest, VendorType, apply_post, apply_pre, authentication::AuthenticationType, brought, copy_records,
    hooks_of, oauth, plan_call,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Download, Engine, Failure, Keeper, ScriptResult, Upload,
    attempts::{Dispatch, Sender},
    authenticate::authenticate,
    exchange::Recorder,
    files,
    hooks::{beyond_scripts, demand_fit_for_scripts},
    interpret::{RawResponse, interpret, refusal, speaks_json},
    oauth::is_renewed_by_grant,
    redact::Secrets,
    stream::pieces_of,
    transport::{self, Answered},
    upload,
};

/// A call. What it changes in the configuration is in `changes` and has still to be kept.
pub(crate) struct Session<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) element: &'a Element,
    /// What the caller sent; for resources that run by themselves what stands for it.
    pub(crate) request: &'a CallerRequest,
    pub(crate) configuration: Cow<'a, Configuration>,
    pub(crate) changes: Vec<(String, Option<String>)>,
    /// Whose call it is, unless there is no instance yet.
    pub(crate) owner: Option<Owner<'a>>,
    pub(crate) uploads: Vec<Option<Upload>>,
    pub(crate) deadline: Instant,
    pub(crate) recorder: Recorder<'a>,
    /// Whether records that nothing here looks into are copied as text.
    pub(crate) copies: bool,
}

/// The instance of a call.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) instance: Id<Instance>,
    /// Who keeps its configuration and renews its tokens; nobody while that is being done.
    pub(crate) keeper: Option<&'a dyn Keeper>,
}

/// What a resource, or a chain of them, answered.
pub(crate) enum Answer {
    State(AnswerState),
    File(Download),
}

/// One resource at work.
#[derive(Clone, Copy)]
pub(crate) struct Link<'l> {
    pub(crate) resource: &'l Resource,
    pub(crate) prepared: &'l Prepared,
    pub(crate) page: Option<&'l VendorPage>,
}

impl<'a> Session<'a> {
    /// Runs a resource and the chain behind it. One link of it is `lead`, which has what was prepared for the call; what
    /// comes back is the last answer, and what the lead's says about the page behind it.
    pub(crate) async fn chain(
        &mut self,
        first: &Resource,
        lead: Link<'_>,
        inputs: &Inputs,
    ) -> Result<(Answer, After), Failure> {
        let element = self.element;
        let links = std::iter::successors(Some(first), |resource| element.next_of(resource));
        if links.take(MAX_CHAIN + 1).count() > MAX_CHAIN {
            return Err(PlanError::Unsupported(format!("a chain of more than {MAX_CHAIN} resources")).into());
        }
        let unpaged = Prepared::default();
        let (mut resource, mut inputs, mut after) = (first, Cow::Borrowed(inputs), After::default());
        loop {
            let is_lead = std::ptr::eq(resource, lead.resource);
            let link = if is_lead { lead } else { Link { resource, prepared: &unpaged, page: None } };
            let answered = self.renewing(link, &inputs).await;
            // Only now it is known what in the conversation is secret.
            let configuration = &self.configuration;
            self.recorder.mask(|| Secrets::of(element, configuration));
            let answered = answered?;
            let Answer::State(state) = answered else { return Ok((answered, After::default())) };
            if is_lead {
                after = After::of(resource, &state);
            }
            match element.next_of(resource) {
                None => return Ok((Answer::State(state), after)),
                Some(next) => {
                    inputs = Cow::Owned(inputs.into_owned().after(&state));
                    resource = next;
                }
            }
        }
    }

    /// Runs one resource, with a new token when the old one's time is over, and once more with one when the vendor no
    /// longer takes the old one.
    async fn renewing(&mut self, link: Link<'_>, inputs: &Inputs) -> Result<Answer, Failure> {
        let is_own_check =
            matches!(link.resource.kind, ResourceType::ProvisionAuthValidation | ResourceType::OnRefresh);
        let keeper = self.owner.and_then(|owner| owner.keeper).filter(|keeper| keeper.may_renew());
        let Some(keeper) = keeper else { return self.link(link, inputs).await };
        let is_by_grant = is_renewed_by_grant(self.element, &self.configuration);
        if is_by_grant && self.engine.is_due(self.element, &self.configuration) {
            self.renew(keeper).await?;
        }
        let had_uploads = !self.uploads.is_empty();
        let refused = match self.link(link, inputs).await {
            Err(refused @ Failure::Rejected { status: 401, .. }) => refused,
            outcome => return outcome,
        };
        let is_renewable = is_by_grant || (!is_own_check && is_renewable(self.element));
        let is_over = !is_renewable && self.engine.is_over(self.element, &self.configuration);
        if !(is_renewable || is_over) || self.engine.is_new(&self.configuration) {
            return Err(refused);
        }
        let used = self.configuration.clone().into_owned();
        self.renew(keeper).await.map_err(|failure| match (failure, refused.clone()) {
            // What the vendor says of the token is better than nothing.
            (Failure::GrantEnded { provider_message: None }, Failure::Rejected { provider_message: told, .. }) => {
                Failure::GrantEnded { provider_message: told }
            }
            (failure, _) => failure,
        })?;
        if had_uploads || *self.configuration == used {
            return Err(refused);
        }
        self.link(link, inputs).await
    }

    /// Goes on with other tokens. What the call has changed so far stays changed.
    async fn renew(&mut self, keeper: &dyn Keeper) -> Result<(), Failure> {
        let mut renewed = keeper.renew(&self.configuration).await?;
        for (key, value) in self.changes.iter().filter(|(key, _)| !is_of_tokens(key)) {
            renewed.set(key, value.clone());
        }
        self.changes.retain(|(key, _)| !is_of_tokens(key));
        self.configuration = Cow::Owned(renewed);
        Ok(())
    }

    /// Runs every resource of these types in the order of definition, each with its chain. Tells whether there is one.
    pub(crate) async fn run_all(&mut self, kinds: &[ResourceType]) -> Result<bool, Failure> {
        let (element, prepared, mut any) = (self.element, Prepared::default(), false);
        let inputs = Inputs { query: self.request.query.clone(), ..Inputs::default() };
        for kind in kinds {
            for resource in element.resources_of(*kind) {
                any = true;
                let link = Link { resource, prepared: &prepared, page: None };
                Box::pin(self.chain(resource, link, &inputs)).await?;
            }
        }
        Ok(any)
    }

    /// Makes what the call left in the configuration last.
    pub(crate) async fn keep_changes(&mut self) -> Result<(), Failure> {
        let changes = std::mem::take(&mut self.changes);
        match self.owner.and_then(|owner| owner.keeper) {
            Some(keeper) if !changes.is_empty() => keeper.keep(changes).await,
            _ => Ok(()),
        }
    }

    /// One vendor call with its scripts.
    async fn link(&mut self, link: Link<'_>, inputs: &Inputs) -> Result<Answer, Failure> {
        let element = self.element;
        let is_scripted = !element.hooks().is_empty() || !link.resource.hooks.is_empty();
        if !is_scripted {
            let planned = plan_call(element, link.resource, inputs, &self.configuration, link.prepared, link.page)?;
            return match self.vendor_call(link, planned.into_request()?, false).await? {
                (Answer::State(state), stores) => Ok(Answer::State(self.left_by(link, state, stores))),
                (file, _) => Ok(file),
            };
        }
        Box::pin(self.scripted(link, inputs.clone())).await
    }

    async fn scripted(&mut self, link: Link<'_>, mut inputs: Inputs) -> Result<Answer, Failure> {
        let (element, resource) = (self.element, link.resource);
        let mut planned = plan_call(element, resource, &inputs, &self.configuration, link.prepared, link.page)?;
        let most = self.engine.options.max_script_payload_bytes;
        demand_fit_for_scripts(&self.request.body, &planned.body, most)?;
        let mut answer = AnswerState::default();
        let mut skips = false;
        for hook in hooks_of(element, resource, HookType::PreRequest) {
            let result = self.script(hook, link, &inputs, &planned, None)?.await?;
            let effect = apply_pre(resource, &mut planned, &mut inputs, &mut answer, result).map_err(of_refusal)?;
            skips |= effect.skips_vendor;
            self.set(effect.configuration);
        }
        let mut stores = Vec::new();
        if !skips {
            let (answered, stored) = self.vendor_call(link, planned.request()?, true).await?;
            stores = stored;
            answer = match answered {
                Answer::State(state) => state,
                file @ Answer::File(_) => return Ok(file),
            };
        }
        for hook in hooks_of(element, resource, HookType::PostRequest) {
            if answer.raw.as_ref().is_some_and(|raw| raw.len() > most) {
                return Err(beyond_scripts(most));
            }
            let result = self.script(hook, link, &inputs, &planned, Some(&answer))?.await?;
            let effect = apply_post(element, resource, &mut answer, result).map_err(of_refusal)?;
            self.set(effect.configuration);
        }
        if answer.status >= 400 {
            return Err(self.refused(&answer));
        }
        Ok(Answer::State(self.left_by(link, answer, stores)))
    }

    /// A script at work; it has been told what it sees.
    fn script(
        &self,
        hook: &'a Hook,
        link: Link<'_>,
        inputs: &Inputs,
        planned: &Planned,
        answer: Option<&AnswerState>,
    ) -> Result<BoxFuture<'a, ScriptResult>, Failure> {
        let Some(runner) = &self.engine.hooks else {
            return Err(PlanError::Unsupported("a resource with scripts".to_owned()).into());
        };
        let state = HookState {
            element: self.element,
            resource: link.resource,
            call: self.request,
            inputs,
            prepared: link.prepared,
            page: link.page,
            planned,
            answer,
            configuration: &self.configuration,
        };
        let tenant = self.owner.and_then(|owner| u64::try_from(owner.instance.get()).ok()).unwrap_or_default();
        Ok(runner.run(tenant, hook, &state))
    }

    /// What sends the requests of this call.
    pub(crate) fn sender(&self) -> Result<Sender<'_>, Failure> {
        self.engine.sender(self.owner.map(|owner| owner.instance), &self.configuration)
    }

    /// Whether a vendor takes each signature once.
    fn signs_once(&self) -> bool {
        self.element.authentication_type(&self.configuration) == AuthenticationType::Oauth1
    }

    /// Authenticates and sends a request and reads its answer; with it what the request stores. When scripts are to
    /// see the answer, a refusal is an answer too.
    async fn vendor_call(
        &mut self,
        link: Link<'_>,
        mut request: VendorRequest,
        is_scripted: bool,
    ) -> Result<(Answer, Vec<(String, String)>), Failure> {
        let (engine, element, resource) = (self.engine, self.element, link.resource);
        if let (Some(operation), Some(soap)) = (&resource.operation, element.soap()) {
            return Box::pin(self.described_call(link, request, is_scripted, operation, soap)).await;
        }
        if let (Some(_), Some(soap)) = (&resource.describes, element.soap()) {
            return Box::pin(self.described_fields(link, &request, soap)).await;
        }
        let limit = engine.options.max_stream_bytes;
        let upload = upload::extract(&mut request, &mut self.uploads, engine.rng(), limit)?;
        let is_authenticated = !is_oauth_step(resource.kind);
        let bare = (is_authenticated && self.signs_once()).then(|| request.clone());
        let is_streamed = upload.is_some();
        if is_authenticated {
            authenticate(element, &self.configuration, engine.circumstances(is_streamed), &mut request)?;
        }
        let configuration = &*self.configuration;
        let anew = bare.map(|bare| {
            move || {
                let mut request = bare.clone();
                authenticate(element, configuration, engine.circumstances(is_streamed), &mut request)?;
                Ok(request)
            }
        });
        let may_stream = self.owner.is_some() && !is_scripted;
        let dispatch = Dispatch {
            request: &request,
            anew: anew.as_ref().map(|anew| anew as _),
            upload,
            instance: self.owner.map(|owner| owner.instance),
            deadline: self.deadline,
            reads: false,
            streams: &|head| may_stream && files::is_file(resource, head),
        };
        let raw = match self.sender()?.send(dispatch).await? {
            Answered::Whole(raw) => raw,
            Answered::Streamed(head, _) if is_longer(&head, limit) => return Err(transport::too_large()),
            Answered::Streamed(head, response) => {
                let until = transport::deadline(engine.options.stream_timeout);
                return Ok((Answer::File(files::download(&head, pieces_of(response, limit, until))), request.stores));
            }
        };
        self.recorder.met(&request, &raw);
        let state = match self.copied(link, &raw) {
            Some((rest, records)) => AnswerState {
                status: raw.status,
                headers: raw.headers,
                vendor_body: rest,
                records: Some(records),
                ..AnswerState::default()
            },
            None => self.read(resource, raw, is_scripted)?,
        };
        Ok((Answer::State(state), request.stores))
    }

    /// The records of a list that nobody here looks into, and what is left of the answer.
    fn copied(&self, link: Link<'_>, raw: &RawResponse) -> Option<(Value, Vec<Record>)> {
        let (element, resource) = (self.element, link.resource);
        let is_copied = self.copies && link.page.is_some() && element.next_of(resource).is_none() && raw.is_success();
        if !is_copied || !speaks_json(element, resource) {
            return None;
        }
        copy_records(element, resource, link.prepared, &raw.text()?)
    }

    fn read(&self, resource: &Resource, raw: RawResponse, is_scripted: bool) -> Result<AnswerState, Failure> {
        let element = self.element;
        let secrets = || Secrets::of(element, &self.configuration);
        let is_seen = is_scripted && !hooks_of(element, resource, HookType::PostRequest).is_empty();
        let text = is_seen.then(|| String::from_utf8_lossy(&raw.body).into_owned());
        let is_refusal = (400..500).contains(&raw.status) && raw.status != 401;
        if is_seen && is_refusal {
            return Ok(AnswerState {
                status: raw.status,
                body: text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
                raw: text,
                headers: raw.headers,
                ..AnswerState::default()
            });
        }
        let response = interpret(element, resource, raw, &secrets)?;
        Ok(AnswerState::of(element, resource, response, text))
    }

    /// The failure that an answer means which scripts left as one.
    fn refused(&self, answer: &AnswerState) -> Failure {
        let body = match (&answer.body, &answer.raw) {
            (Value::Null, Some(raw)) => raw.clone(),
            (Value::String(text), _) => text.clone(),
            (body, _) => body.to_string(),
        };
        let raw = RawResponse { status: answer.status, headers: answer.headers.clone(), body: body.into_bytes() };
        refusal(&raw, &|| Secrets::of(self.element, &self.configuration))
    }

    /// Notes what an answer leaves in the configuration.
    fn left_by(&mut self, link: Link<'_>, state: AnswerState, stores: Vec<(String, String)>) -> AnswerState {
        self.set(stores.into_iter().map(|(key, value)| (key, Some(value))).collect());
        self.set(brought(self.element, link.resource, &state));
        state
    }

    pub(crate) fn set(&mut self, values: Vec<(String, Option<String>)>) {
        for (key, value) in values {
            if self.configuration.contains(&key) && self.configuration.get(&key) == value.as_deref() {
                continue;
            }
            self.configuration.to_mut().set(&key, value.clone());
            self.changes.push((key, value));
        }
    }
}

/// The request that stands for a caller's where a resource runs by itself.
pub(crate) fn standing_in() -> CallerRequest {
    CallerRequest {
        method: Method::Get,
        path: String::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: CallerBody::None,
    }
}

/// Whether a resource takes the place of a step by which tokens are got, when there are none to show yet.
fn is_oauth_step(kind: ResourceType) -> bool {
    matches!(
        kind,
        ResourceType::OauthOnAuthorizeUrl
            | ResourceType::OauthOnTokenExchange
            | ResourceType::OauthOnTokenRefresh
            | ResourceType::OauthOnTokenRevoke
            | ResourceType::OauthOnTokenRequest
            | ResourceType::Oauth1OnTokenRequest
    )
}

/// Whether a key belongs to tokens and their times, which a renewal sets.
fn is_of_tokens(key: &str) -> bool {
    key.starts_with("oauth.user.") || key == oauth::keys::EXPIRES_IN
}

/// Whether an answer says that it is longer than this.
fn is_longer(head: &RawResponse, limit: u64) -> bool {
    head.header("content-length").and_then(|text| text.trim().parse::<u64>().ok()).is_some_and(|length| length > limit)
}

/// Whether checking the credentials brings something that later calls use.
pub(crate) fn is_renewable(element: &Element) -> bool {
    let brings = |resource: &Resource| {
        let takes = |parameter: &Parameter| {
            parameter.source == Source::Response
                || (parameter.kind == SourceType::Configuration && parameter.vendor_kind == VendorType::BodyField)
        };
        resource.parameters.iter().any(takes) || !resource.hooks.is_empty()
    };
    element.resources_of(ResourceType::ProvisionAuthValidation).any(brings)
}

fn of_refusal(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Script { status, message, stated } => Failure::Script { status, message, stated },
        Refusal::Request(problem) => Failure::Plan(problem),
    }
}
