//! The server's side of a realm: what its functions do, and the state of the call that is under way.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use ligand_domain::rng;
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Value};

use super::{
    HttpRequest,
    bigint::{self, BIGINT_REFUSED},
    libraries, natives,
    pool::{Event, Surroundings, Ticket},
};

/// How much console output of a call is kept: lines, and bytes of all of them.
const MAX_LINES: usize = 200;
const MAX_CONSOLE_BYTES: usize = 64 << 10;

/// How many timers may run, and how many requests a call may send, in all and at once.
const MAX_TIMERS: usize = 1_000;
const MAX_REQUESTS: usize = 200;
const MAX_REQUESTS_AT_ONCE: usize = 16;

/// The longest delay of a timer; more than any deadline.
const MAX_DELAY: f64 = 86_400_000.0;

/// A promise and why it was rejected.
pub(super) type Rejection = (Persistent<Value<'static>>, Persistent<Value<'static>>);

/// The state of a call.
pub(super) struct Call {
    pub(super) ticket: Arc<Ticket>,
    /// The text of the result, or of the failure.
    pub(super) outcome: Option<std::result::Result<String, String>>,
    pub(super) console: Vec<String>,
    console_bytes: usize,
    /// By when they are due, then by when they were set.
    timers: BTreeMap<(i64, u32), u32>,
    requests: HashMap<u32, tokio::task::AbortHandle>,
    sent: usize,
    next_id: u32,
    /// The latest time at which a timer was due: time does not go back to before it.
    reached: i64,
    pub(super) rejections: Vec<Rejection>,
    /// A library was compiled, which stays.
    pub(super) has_loaded: bool,
}

impl Call {
    fn new(ticket: Arc<Ticket>) -> Self {
        Self {
            ticket,
            outcome: None,
            console: Vec::new(),
            console_bytes: 0,
            timers: BTreeMap::new(),
            requests: HashMap::new(),
            sent: 0,
            next_id: 0,
            reached: i64::MIN,
            rejections: Vec::new(),
            has_loaded: false,
        }
    }

    fn next_id(&mut self) -> u32 {
        self.next_id = self.next_id.wrapping_add(1);
        self.next_id
    }
}

/// The host of one realm.
pub(super) struct Host {
    surroundings: Arc<Surroundings>,
    /// `None` between calls.
    call: RefCell<Option<Call>>,
}

impl Host {
    pub(super) fn new(surroundings: Arc<Surroundings>) -> Rc<Self> {
        Rc::new(Self { surroundings, call: RefCell::new(None) })
    }

    pub(super) fn begin(&self, ticket: Arc<Ticket>) {
        *self.call.borrow_mut() = Some(Call::new(ticket));
    }

    /// Ends the call: its requests are dropped.
    pub(super) fn end(&self) -> Option<Call> {
        let call = self.call.borrow_mut().take()?;
        call.requests.values().for_each(tokio::task::AbortHandle::abort);
        Some(call)
    }

    /// Whether the script must stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.call.borrow().as_ref().is_some_and(|call| call.ticket.is_stopped())
    }

    pub(super) fn is_finished(&self) -> bool {
        self.call.borrow().as_ref().is_some_and(|call| call.outcome.is_some())
    }

    /// The next timer's number and how long it is until then; `None` without timers.
    pub(super) fn next_timer(&self) -> Option<(u32, Duration)> {
        let call = self.call.borrow();
        let call = call.as_ref()?;
        let ((due, _), id) = call.timers.first_key_value()?;
        let wait = due.saturating_sub(self.now(call));
        Some((*id, Duration::from_millis(u64::try_from(wait).unwrap_or(0))))
    }

    pub(super) fn awaits_answers(&self) -> bool {
        self.call.borrow().as_ref().is_some_and(|call| !call.requests.is_empty())
    }

    /// The timer is due and no longer runs.
    pub(super) fn take_timer(&self, id: u32) {
        self.with_call(|call| {
            let due = call.timers.iter().find(|(_, timer)| **timer == id).map(|(key, _)| *key);
            if let Some(due) = due {
                call.timers.remove(&due);
                call.reached = call.reached.max(due.0);
            }
        });
    }

    /// The request has been answered; false when nobody waits for it.
    pub(super) fn take_request(&self, id: u32) -> bool {
        self.with_call(|call| call.requests.remove(&id).is_some()).unwrap_or(false)
    }

    /// A rejected promise that is not looked after, if there is one.
    pub(super) fn take_rejection(&self) -> Option<Rejection> {
        self.with_call(|call| call.rejections.pop()).flatten()
    }

    /// Notes that a promise was rejected, or that somebody looks after it.
    pub(super) fn note_rejection<'js>(
        &self,
        ctx: &Ctx<'js>,
        promise: &Value<'js>,
        reason: &Value<'js>,
        is_handled: bool,
    ) {
        self.with_call(|call| {
            if is_handled {
                call.rejections.retain(|(known, _)| known.clone().restore(ctx).is_ok_and(|known| known != *promise));
            } else if call.rejections.len() < MAX_LINES {
                let saved = (Persistent::save(ctx, promise.clone()), Persistent::save(ctx, reason.clone()));
                call.rejections.push(saved);
            }
        });
    }

    fn with_call<T>(&self, work: impl FnOnce(&mut Call) -> T) -> Option<T> {
        self.call.borrow_mut().as_mut().map(work)
    }

    fn now(&self, call: &Call) -> i64 {
        self.surroundings.clock.now().as_millis().max(call.reached)
    }

    fn settle(&self, outcome: std::result::Result<String, String>) {
        self.with_call(|call| call.outcome.get_or_insert(outcome).is_ok());
    }

    fn listens(&self) -> bool {
        self.with_call(|call| call.console.len() < MAX_LINES && call.console_bytes < MAX_CONSOLE_BYTES).unwrap_or(false)
    }

    fn print(&self, mut line: String) {
        self.with_call(|call| {
            let room = MAX_CONSOLE_BYTES.saturating_sub(call.console_bytes);
            if line.len() > room {
                line.truncate(line.floor_char_boundary(room));
                line.push('…');
            }
            call.console_bytes += line.len();
            if call.console.len() < MAX_LINES {
                call.console.push(line);
            }
        });
    }

    fn start_timer(&self, id: Option<u32>, delay: f64) -> std::result::Result<u32, &'static str> {
        let added = self.with_call(|call| {
            if call.timers.len() >= MAX_TIMERS {
                return Err("Too many timers");
            }
            let order = call.next_id();
            let id = id.unwrap_or(order);
            #[allow(clippy::cast_possible_truncation, reason = "it lies between 1 and a day's milliseconds")]
            let delay = delay.clamp(1.0, MAX_DELAY) as i64;
            let due = self.now(call).saturating_add(delay);
            call.timers.insert((due, order), id);
            Ok(id)
        });
        added.unwrap_or(Err("The call has ended"))
    }

    fn clear_timer(&self, id: u32) {
        self.with_call(|call| call.timers.retain(|_, timer| *timer != id));
    }

    fn send(&self, mut request: HttpRequest) -> std::result::Result<u32, &'static str> {
        let sent = self.with_call(|call| {
            if call.sent >= MAX_REQUESTS || call.requests.len() >= MAX_REQUESTS_AT_ONCE {
                return Err("Too many requests");
            }
            call.sent += 1;
            let id = call.next_id();
            request.tenant = call.ticket.tenant;
            let answering = self.surroundings.http.call(request);
            let events = call.ticket.events.clone();
            let task = call.ticket.handle.spawn(async move {
                let answer = answering.await;
                // Nobody listens any more when the call has ended.
                drop(events.send(Event::Answer(id, answer)));
            });
            call.requests.insert(id, task.abort_handle());
            Ok(id)
        });
        sent.unwrap_or(Err("The call has ended"))
    }

    fn abandon(&self, id: u32) {
        if let Some(Some(task)) = self.with_call(|call| call.requests.remove(&id)) {
            task.abort();
        }
    }

    fn source(&self, name: &str, inner: bool) -> Option<&'static str> {
        let source = libraries::source(name, inner)?;
        self.with_call(|call| call.has_loaded = true);
        Some(source)
    }

    fn random_string(&self, length: usize) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
        let bytes = rng::bytes::<32>(&*self.surroundings.rng);
        bytes.iter().take(length).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    }

    fn random(&self) -> f64 {
        let bits = u64::from_le_bytes(rng::bytes::<8>(&*self.surroundings.rng)) >> 11;
        #[allow(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
        let random = bits as f64 / (1_u64 << 53) as f64;
        random
    }
}

fn thrown<T>(ctx: &Ctx<'_>, result: std::result::Result<T, &'static str>) -> Result<T> {
    result.map_err(|message| Exception::throw_range(ctx, message))
}

fn known<T>(ctx: &Ctx<'_>, result: Option<T>) -> Result<T> {
    result.ok_or_else(|| Exception::throw_message(ctx, "Digest method not supported"))
}

/// The function that built-in functions call before they do much: it throws when the script must stop. That can be
/// caught, but not for long, since the interpreter asks too.
pub(super) fn pause<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Function<'js>> {
    let host = Rc::clone(host);
    Function::new(ctx.clone(), move |ctx: Ctx<'js>| going_on(&ctx, &host))
}

fn going_on(ctx: &Ctx<'_>, host: &Host) -> Result<()> {
    if host.is_stopped() { Err(Exception::throw_internal(ctx, "interrupted")) } else { Ok(()) }
}

/// The function that tells whether a value is a proxy.
pub(super) fn proxy_check<'js>(ctx: &Ctx<'js>) -> Result<Function<'js>> {
    Function::new(ctx.clone(), |value: Value<'js>| value.is_proxy())
}

/// The function that throws for a text which may have an integer without bound in it.
pub(super) fn text_check<'js>(ctx: &Ctx<'js>) -> Result<Function<'js>> {
    Function::new(ctx.clone(), |ctx: Ctx<'js>, text: String| {
        if bigint::may_be_in(&text) { Err(Exception::throw_syntax(&ctx, BIGINT_REFUSED)) } else { Ok(()) }
    })
}

/// The object by which the realm's own code reaches the host. None of its functions calls back into the realm.
pub(super) fn object<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    macro_rules! function {
        ($name:literal, |$host:ident $(, $argument:ident: $type:ty)*| $body:expr) => {{
            let $host = Rc::clone(host);
            object.set($name, Function::new(ctx.clone(), move |$($argument: $type),*| $body)?)?;
        }};
    }
    function!("finish", |host, text: String| host.settle(Ok(text)));
    function!("fail", |host, text: String| host.settle(Err(text)));
    function!("listens", |host| host.listens());
    function!("print", |host, line: String| host.print(line));
    function!("random", |host| host.random());
    function!("randomString", |host, length: usize| host.random_string(length));
    function!("startTimer", |host, ctx: Ctx<'js>, delay: f64| thrown(&ctx, host.start_timer(None, delay)));
    function!("restartTimer", |host, ctx: Ctx<'js>, id: u32, delay: f64| thrown(
        &ctx,
        host.start_timer(Some(id), delay)
    ));
    function!("clearTimer", |host, id: u32| host.clear_timer(id));
    function!("abandon", |host, id: u32| host.abandon(id));
    function!("source", |host, name: String, inner: bool| host.source(&name, inner));
    function!("send", |host, ctx: Ctx<'js>, method: String, url: String, headers: String, body: Option<String>| {
        let headers = serde_json::from_str(&headers).map_err(|_| Exception::throw_type(&ctx, "Invalid headers"))?;
        thrown(&ctx, host.send(HttpRequest { tenant: 0, method, url, headers, body }))
    });
    object.set("isOwn", Function::new(ctx.clone(), |name: String| libraries::is_own(&name))?)?;
    function!("encode64", |host, ctx: Ctx<'js>, text: String| going_on(&ctx, &host).map(|()| natives::encode64(&text)));
    function!("decode64", |host, ctx: Ctx<'js>, text: String| going_on(&ctx, &host).map(|()| natives::decode64(&text)));
    function!("digest", |host, ctx: Ctx<'js>, algorithm: String, encoding: String, text: String| {
        going_on(&ctx, &host).and_then(|()| known(&ctx, natives::digest(&algorithm, &encoding, &text)))
    });
    function!("hmac", |host, ctx: Ctx<'js>, algorithm: String, encoding: String, secret: String, text: String| {
        going_on(&ctx, &host).and_then(|()| known(&ctx, natives::hmac(&algorithm, &encoding, &secret, &text)))
    });
    Ok(object)
}
