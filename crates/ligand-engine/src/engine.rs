//! The engine: from element, resource and configuration to an answer.

#[cfg(test)]
pub(crate) mod tests;

use std::{borrow::Cow, collections::BTreeMap, fmt, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use ligand_domain::{Clock, Configuration, Id, Instance, Rng, SystemClock, SystemRng, Timestamp};
use ligand_element::{
    After, AnswerState, CallerRequest, Element, Inputs, Page, PlanError, Prepared, Record, Resource, ResourceType,
    VendorPage, Walk, created, prepare,
};
use serde_json::{Value, json};

use crate::{
    Download, Egress, Exchange, Failure, HookRunner, Keeper, Options, Upload,
    attempts::Sender,
    authenticate::Circumstances,
    client::Clients,
    descriptions::Descriptions,
    exchange::Recorder,
    gate::{Gate, Gates},
    pace::now,
    script::ScriptOptions,
    scripts::{Guarded, ScriptRunner},
    session::{Answer, Link, Owner, Session, standing_in},
    transport,
};

/// How many pages of a vendor one call walks over at most.
const MAX_PAGES: usize = 1000;
/// How many pages it reads behind the caller's at most to count what is there.
const COUNTED_PAGES: usize = 20;
/// How long it does so.
const COUNTING: Duration = Duration::from_secs(10);

/// A call of a resource of an instance's element.
pub struct HubCall<'a> {
    /// The element.
    pub element: &'a Element,
    /// One of its resources.
    pub resource: &'a Resource,
    /// The variables of the resource's path, decoded.
    pub path: BTreeMap<String, String>,
    /// What the caller sent.
    pub request: &'a CallerRequest,
    /// The files of the caller's body, by number.
    pub uploads: Vec<Upload>,
    /// Whose call it is.
    pub instance: Id<Instance>,
    /// Its configuration.
    pub configuration: &'a Configuration,
    /// Where changes of the configuration go.
    pub keeper: &'a dyn Keeper,
    /// Whether a list may come as text.
    pub takes_text: bool,
    /// Where what is said is taken down, with the secrets of the configuration masked.
    pub record: Option<&'a mut Vec<Exchange>>,
}

/// What a call is answered with. It may hold customers' data, so it has no `Debug`.
pub struct Reply {
    /// The body.
    pub content: Content,
    /// Records in all, when it is known.
    pub total_count: Option<u64>,
    /// The token of the next page.
    pub next_page: Option<String>,
    /// What of the request was not done as asked.
    pub warning: Option<String>,
}

/// The body of a reply.
pub enum Content {
    /// JSON; null when there is nothing.
    Json(Value),
    /// A list, written as JSON already; for those who take text.
    List(WrittenList),
    /// A file.
    File(Download),
}

/// A list as JSON text.
#[derive(Clone)]
pub struct WrittenList {
    /// The text.
    pub text: Bytes,
    /// How many records there are in it.
    pub count: usize,
}

impl fmt::Debug for WrittenList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WrittenList").field("count", &self.count).finish_non_exhaustive()
    }
}

/// Executes elements. Cheap to make; connections are opened, and roots of trust loaded, at the first call.
pub struct Engine {
    pub(crate) options: Options,
    pub(crate) clients: Arc<Clients>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    pub(crate) hooks: Option<Arc<dyn HookRunner>>,
    gates: Arc<Gates>,
    pub(crate) descriptions: Descriptions,
}

impl Engine {
    /// An engine that has done nothing yet.
    #[must_use]
    pub fn new(mut options: Options) -> Self {
        options.egress = options.egress.closing(options.proxies.iter().filter_map(|proxy| proxy.host_str()));
        Self {
            options,
            clients: Arc::default(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            hooks: None,
            gates: Arc::default(),
            descriptions: Descriptions::default(),
        }
    }

    /// The same engine with another clock, against which vendors' dates are read, and another source of chance.
    #[must_use]
    pub fn with_environment(self, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { clock, rng, ..self }
    }

    /// The same engine with somebody who executes scripts. Without one, calls with scripts are refused.
    #[must_use]
    pub fn with_hooks(self, hooks: Arc<dyn HookRunner>) -> Self {
        Self { hooks: Some(hooks), ..self }
    }

    /// The same engine with the script engine within these limits. To be called after [`Engine::with_environment`].
    #[must_use]
    pub fn with_scripts(self, limits: ScriptOptions) -> Self {
        let (clock, rng) = (Arc::clone(&self.clock), Arc::clone(&self.rng));
        let way = Guarded {
            clients: Arc::clone(&self.clients),
            options: self.options.clone(),
            clock: Arc::clone(&self.clock),
            gates: Arc::clone(&self.gates),
        };
        let runner = ScriptRunner::new(limits, way, clock, rng);
        self.with_hooks(Arc::new(runner))
    }

    /// The guard of this engine's calls.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.options.egress
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// What decorating a request needs to know.
    pub(crate) fn circumstances(&self, streams: bool) -> Circumstances<'_> {
        Circumstances { now: self.now(), streams, rng: self.rng() }
    }

    /// What sends requests that are no instance's.
    pub(crate) fn client(&self) -> Result<reqwest::Client, Failure> {
        self.clients.of(&self.options, None, &Configuration::default())
    }

    pub(crate) fn callback_gate(&self, endpoint: String) -> Arc<Gate> {
        self.gates.of_callbacks(endpoint)
    }

    /// What sends the calls of an instance, or of one that is about to be made, with this configuration.
    pub(crate) fn sender(
        &self,
        instance: Option<Id<Instance>>,
        configuration: &Configuration,
    ) -> Result<Sender<'_>, Failure> {
        Ok(Sender {
            client: self.clients.of(&self.options, instance, configuration)?,
            options: &self.options,
            clock: &self.clock,
            rng: &self.rng,
            gates: &self.gates,
        })
    }

    /// Calls a resource and the chain that follows it, a list over as many of the vendor's pages as the caller's page
    /// needs. Dropping the future ends the vendor call.
    ///
    /// # Errors
    /// The first failure. What the call left in the configuration until then is kept.
    pub async fn call(&self, call: HubCall<'_>) -> Result<Reply, Failure> {
        let HubCall { element, resource, path, request, uploads, instance, configuration, keeper, takes_text, record } =
            call;
        let has_uploads = !uploads.is_empty();
        let within = if has_uploads { self.options.stream_timeout } else { self.options.total_timeout };
        let mut session = Session {
            engine: self,
            element,
            request,
            configuration: Cow::Borrowed(configuration),
            changes: Vec::new(),
            owner: Some(Owner { instance, keeper: Some(keeper) }),
            uploads: uploads.into_iter().map(Some).collect(),
            deadline: transport::deadline(within),
            recorder: Recorder::new(record),
            copies: takes_text,
        };
        let inputs = request.inputs(path);
        let outcome = in_time(within, Box::pin(serve(&mut session, resource, inputs))).await;
        session.keep_changes().await?;
        match outcome {
            Err(Failure::TimedOut) if has_uploads => {
                Err(Failure::BeyondLimit("The upload took longer than this server allows".to_owned()))
            }
            outcome => outcome,
        }
    }

    /// Checks the credentials of an instance once more, and keeps what that brings. Tells whether the element has a
    /// way to check them.
    ///
    /// # Errors
    /// The first failure.
    pub async fn check(
        &self,
        element: &Element,
        instance: Id<Instance>,
        configuration: &Configuration,
        keeper: &dyn Keeper,
    ) -> Result<bool, Failure> {
        let request = standing_in();
        let mut session = self.unowned(element, &request, configuration, Recorder::off());
        session.owner = Some(Owner { instance, keeper: Some(keeper) });
        let work = Box::pin(session.run_all(&[ResourceType::ProvisionAuthValidation]));
        let outcome = in_time(self.options.total_timeout, work).await;
        session.keep_changes().await?;
        outcome
    }

    /// Proves credentials: what the configuration has for TLS, every `provisionAuthValidation` resource, then every `onProvision` resource, in the order
    /// of definition, each with its chain, all of them within one deadline. What answers bring for the configuration
    /// is set in it, also when a later resource fails. They see what the user's grant brought as a caller's query. What
    /// was said is added to `record`, with the secrets of the configuration masked.
    ///
    /// # Errors
    /// The first failure.
    pub async fn validate(
        &self,
        element: &Element,
        configuration: &mut Configuration,
        brought: &[(String, String)],
        record: Option<&mut Vec<Exchange>>,
    ) -> Result<(), Failure> {
        self.clients.demand_valid(&self.options, configuration, self.now())?;
        let request = CallerRequest { query: brought.to_vec(), ..standing_in() };
        let mut session = self.unowned(element, &request, configuration, Recorder::new(record));
        let work = Box::pin(session.run_all(&[ResourceType::ProvisionAuthValidation, ResourceType::OnProvision]));
        let outcome = in_time(self.options.total_timeout, work).await;
        if let Cow::Owned(changed) = session.configuration {
            *configuration = changed;
        }
        outcome.map(|_| ())
    }

    /// Tells the vendor that an instance goes (`onDeleteWebhook`, then `onDelete`); failures are logged only.
    pub async fn on_delete(&self, element: &Element, configuration: &mut Configuration) {
        let request = standing_in();
        for kind in [ResourceType::OnDeleteWebhook, ResourceType::OnDelete] {
            for resource in element.resources_of(kind) {
                let prepared = Prepared::default();
                let mut session = self.unowned(element, &request, configuration, Recorder::off());
                let link = Link { resource, prepared: &prepared, page: None };
                let inputs = Inputs::default();
                let work = Box::pin(session.chain(resource, link, &inputs));
                let outcome = in_time(self.options.total_timeout, work).await;
                if let Err(failure) = outcome {
                    let (element, kind) = (element.key(), kind.key());
                    tracing::warn!(element, kind, %failure, "the vendor was not told of the deletion");
                }
                if let Cow::Owned(changed) = session.configuration {
                    *configuration = changed;
                }
            }
        }
    }

    /// A call that is no instance's.
    pub(crate) fn unowned<'a>(
        &'a self,
        element: &'a Element,
        request: &'a CallerRequest,
        configuration: &'a Configuration,
        recorder: Recorder<'a>,
    ) -> Session<'a> {
        Session {
            engine: self,
            element,
            request,
            configuration: Cow::Borrowed(configuration),
            changes: Vec::new(),
            owner: None,
            uploads: Vec::new(),
            deadline: transport::deadline(self.options.total_timeout),
            recorder,
            copies: false,
        }
    }
}

/// Ends what takes longer than a call may. Its callers box it: the state of a call is large, and would be copied from
/// each future that holds it into the next.
pub(crate) async fn in_time<T>(
    within: Duration,
    work: Pin<Box<impl Future<Output = Result<T, Failure>> + Send>>,
) -> Result<T, Failure> {
    tokio::time::timeout(within, work).await.unwrap_or(Err(Failure::TimedOut))
}

/// Runs a call of a caller's. A list that the vendor refuses is asked for once more without an order, which must not
/// fail a call, and then with the condition evaluated here, when it may name fields that the vendor does not know.
async fn serve(session: &mut Session<'_>, resource: &Resource, mut inputs: Inputs) -> Result<Reply, Failure> {
    let element = session.element;
    if resource.describes.is_some() {
        // Descriptions know the vendor's names alone.
        for value in inputs.path.values_mut() {
            if let Some(name) = element.vendor_name(value) {
                name.clone_into(value);
            }
        }
    }
    let paged = element.paged_of(resource);
    let mut prepared = prepare(element, paged, &inputs, &session.configuration)?;
    loop {
        let Some(walk) = prepared.walk() else {
            let link = Link { resource: paged, prepared: &prepared, page: None };
            return match session.chain(resource, link, &inputs).await?.0 {
                Answer::File(file) => Ok(of_file(file)),
                Answer::State(state) => {
                    let state = read_again(session, resource, state).await;
                    Ok(of_state(state, &prepared))
                }
            };
        };
        let list = List { first: resource, paged, inputs: &inputs, prepared: &prepared };
        let mut is_underway = false;
        let refused = match list.run(session, walk, &mut is_underway).await {
            Err(refused @ Failure::Rejected { status: 400, .. }) if !is_underway => refused,
            outcome => return outcome,
        };
        if prepared.vendor_orders(&inputs) {
            inputs.query.retain(|(name, _)| name != "orderBy");
            prepared = prepare(element, paged, &inputs, &session.configuration)?;
            prepared.warnings.push("orderBy was refused by the vendor and was ignored".to_owned());
        } else {
            let here = prepared.filtered_here(element, paged, &inputs, &session.configuration)?;
            prepared = here.ok_or(refused)?;
        }
    }
}

/// The answer to a creation. Where the vendor told no more than where the new record is, it is read; if that fails it is
/// still made, and its id is what is known of it.
async fn read_again(session: &mut Session<'_>, resource: &Resource, mut state: AnswerState) -> AnswerState {
    let element = session.element;
    let Some(made) = created(element, resource, &session.request.path, &state) else { return state };
    state.body = json!({ "id": made.id });
    let Some((index, _)) = made.read_by else { return state };
    let (reading, inputs) = (&element.resources()[index], made.inputs());
    let Ok(prepared) = prepare(element, element.paged_of(reading), &inputs, &session.configuration) else {
        return state;
    };
    let link = Link { resource: element.paged_of(reading), prepared: &prepared, page: None };
    match Box::pin(session.chain(reading, link, &inputs)).await {
        Ok((Answer::State(read), _)) if !read.body.is_null() => read,
        Ok(_) => state,
        Err(failure) => {
            tracing::warn!(element = element.key(), %failure, "a new record could not be read");
            state
        }
    }
}

/// A call of a list.
struct List<'l> {
    /// The resource that was called.
    first: &'l Resource,
    /// The link of its chain that is paged.
    paged: &'l Resource,
    inputs: &'l Inputs,
    prepared: &'l Prepared,
}

impl List<'_> {
    /// Walks over the vendor's pages until the caller's is full. Says whether the vendor gave one.
    async fn run(&self, session: &mut Session<'_>, mut walk: Walk, is_underway: &mut bool) -> Result<Reply, Failure> {
        let mut stated = None;
        for _ in 0..MAX_PAGES {
            let Some(page) = walk.next_page().filter(|_| !walk.only_counts()) else {
                return Ok(self.reply(session, walk, stated).await);
            };
            let (answer, after) = self.chain(session, &page).await?;
            *is_underway = true;
            let mut state = match answer {
                Answer::File(file) => return Ok(of_file(file)),
                Answer::State(state) => state,
            };
            stated = total_of(&state).or(stated);
            let Some(records) = records_of(&mut state) else { return Ok(of_state(state, self.prepared)) };
            walk.feed(records, after)?;
        }
        Err(PlanError::Invalid(format!("The vendor's list has more than {MAX_PAGES} pages to look through")).into())
    }

    async fn chain(&self, session: &mut Session<'_>, page: &VendorPage) -> Result<(Answer, After), Failure> {
        let link = Link { resource: self.paged, prepared: self.prepared, page: Some(page) };
        session.chain(self.first, link, self.inputs).await
    }

    /// The caller's page, once it is complete, with the number of records in all where that is known.
    async fn reply(&self, session: &mut Session<'_>, mut walk: Walk, stated: Option<u64>) -> Reply {
        let prepared = self.prepared;
        // A call that is out of time fails as a whole; the page must be answered before.
        let left = session.deadline.saturating_duration_since(now()) / 2;
        let counted = tokio::time::timeout(COUNTING.min(left), Box::pin(self.count(session, &mut walk))).await;
        match counted {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::debug!(%failure, "the records of a list could not be counted"),
            Err(_) => tracing::debug!("the records of a list could not be counted in time"),
        }
        // What the vendor counts is not what the caller gets when some of it is left out here.
        let total_count = walk.total().or(stated.filter(|_| prepared.local_filter.is_none()));
        let Page { records, next } = walk.finish();
        let content = if session.copies { content(records, prepared) } else { values(records, prepared) };
        Reply { content, total_count, next_page: next, warning: warning(prepared) }
    }

    /// Goes on behind the caller's page to count what is there, as far as the walk wants that and it is bearable.
    async fn count(&self, session: &mut Session<'_>, walk: &mut Walk) -> Result<(), Failure> {
        for _ in 0..COUNTED_PAGES {
            let Some(page) = walk.next_page() else { return Ok(()) };
            let (Answer::State(mut state), after) = self.chain(session, &page).await? else { return Ok(()) };
            let Some(records) = records_of(&mut state) else { return Ok(()) };
            walk.feed(records, after)?;
        }
        Ok(())
    }
}

/// The records of a vendor's page, unless it is no list; then its body stays.
fn records_of(state: &mut AnswerState) -> Option<Vec<Record>> {
    match (state.records.take(), std::mem::take(&mut state.body)) {
        (Some(records), _) => Some(records),
        (None, Value::Array(records)) => Some(records.into_iter().map(Record::Value).collect()),
        (None, Value::Null) => Some(Vec::new()),
        (None, other) => {
            state.body = other;
            None
        }
    }
}

/// A page as text, as far as its records are.
fn content(records: Vec<Record>, prepared: &Prepared) -> Content {
    let count = records.len();
    match Record::list(records) {
        Ok(text) => Content::List(WrittenList { text: text.into(), count }),
        Err(records) => values(records, prepared),
    }
}

fn values(records: Vec<Record>, prepared: &Prepared) -> Content {
    Content::Json(prepared.finish(records.into_iter().map(Record::into_value).collect()))
}

fn of_file(file: Download) -> Reply {
    Reply { content: Content::File(file), total_count: None, next_page: None, warning: None }
}

fn of_state(state: AnswerState, prepared: &Prepared) -> Reply {
    Reply {
        total_count: total_of(&state),
        next_page: None,
        warning: warning(prepared),
        content: Content::Json(prepared.finish(state.body)),
    }
}

/// What a script says about records in all.
fn total_of(state: &AnswerState) -> Option<u64> {
    state.header("elements-total-count")?.trim().parse().ok()
}

fn warning(prepared: &Prepared) -> Option<String> {
    (!prepared.warnings.is_empty()).then(|| prepared.warnings.join("; "))
}
