//! A realm: a runtime, its globals and the functions compiled in it.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use ligand_element::HOOK_VARIABLES;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Runtime, context::intrinsic};

use super::{
    Script, ScriptError, ScriptOptions, Source, compile,
    host::{self, Host},
    pool::Surroundings,
};

/// The largest stack: beyond it QuickJS does not check any more.
pub(super) const MAX_STACK: usize = 8 << 20;

/// How many functions a realm keeps.
const MAX_FUNCTIONS: usize = 256;

/// How much is allocated between two collections.
const COLLECT_EVERY: usize = 2 << 20;

/// What a realm is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Frozen, for many calls.
    Hardened,
    /// Writable, for one call.
    Own,
    /// Writable, for one call of the older engine.
    Legacy,
}

/// What scripts have of the language: all but shared memory, references that see the collector, and a clock finer
/// than `Date`.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// The functions of the realm's own code.
pub(super) struct Entries {
    pub(super) start: Persistent<Function<'static>>,
    pub(super) stop: Persistent<Function<'static>>,
    pub(super) rejected: Persistent<Function<'static>>,
    pub(super) fire: Persistent<Function<'static>>,
    pub(super) answered: Persistent<Function<'static>>,
}

/// A realm. What lives in the runtime is dropped before it.
pub(super) struct Realm {
    pub(super) host: Rc<Host>,
    functions: HashMap<Arc<Source>, Persistent<Function<'static>>>,
    pub(super) entries: Entries,
    pub(super) context: Context,
    pub(super) runtime: Runtime,
    memory_bytes: usize,
    /// The realm may be in disorder, or is for one call, and must not be used again.
    pub(super) is_broken: bool,
}

impl Realm {
    /// A realm in which nothing has run.
    pub(super) fn new(
        kind: Kind,
        options: &ScriptOptions,
        surroundings: Arc<Surroundings>,
    ) -> Result<Self, ScriptError> {
        Self::build(kind, options, surroundings).map_err(|error| {
            tracing::error!(error = %error, "a realm for scripts could not be made");
            ScriptError::Engine
        })
    }

    fn build(kind: Kind, options: &ScriptOptions, surroundings: Arc<Surroundings>) -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_max_stack_size(options.stack_bytes.clamp(64 << 10, MAX_STACK));
        let context = Context::custom::<Intrinsics>(&runtime)?;
        let host = Host::new(surroundings);
        let entries = context.with(|ctx| prepare(&ctx, kind, &host))?;
        let stopping = Rc::clone(&host);
        runtime.set_interrupt_handler(Some(Box::new(move || stopping.is_stopped())));
        let noting = Rc::clone(&host);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, is_handled| {
            noting.note_rejection(&ctx, &promise, &reason, is_handled);
        })));
        let memory_bytes = options.memory_bytes;
        let functions = HashMap::new();
        let is_broken = kind != Kind::Hardened;
        let mut realm = Self { host, functions, entries, context, runtime, memory_bytes, is_broken };
        match kind {
            Kind::Hardened => realm.take_stock(),
            Kind::Own | Kind::Legacy => realm.runtime.set_memory_limit(memory_bytes),
        }
        Ok(realm)
    }

    /// The function of a script, compiled if it is not known here.
    pub(super) fn function(&mut self, script: &Script) -> Result<Persistent<Function<'static>>, ScriptError> {
        if let Some(function) = self.functions.get(&script.0) {
            return Ok(function.clone());
        }
        let prefix = compile::prefix(&self.runtime, &script.0)?;
        compile::demand_no_bigint(&self.runtime, &script.0, prefix)?;
        let function = self
            .context
            .with(|ctx| compile::function(&ctx, &script.0, prefix).map(|function| Persistent::save(&ctx, function)))?;
        if self.functions.len() >= MAX_FUNCTIONS {
            self.functions.clear();
        }
        if !self.is_broken {
            self.functions.insert(Arc::clone(&script.0), function.clone());
            self.take_stock();
        }
        Ok(function)
    }

    /// Sets the limits from what is allocated now, which is what stays.
    pub(super) fn take_stock(&mut self) {
        self.runtime.run_gc();
        let used = usize::try_from(self.runtime.memory_usage().malloc_size).unwrap_or(0);
        self.runtime.set_memory_limit(used.saturating_add(self.memory_bytes));
        self.runtime.set_gc_threshold(used.saturating_add(COLLECT_EVERY));
    }
}

fn prepare(ctx: &Ctx<'_>, kind: Kind, host: &Rc<Host>) -> rquickjs::Result<Entries> {
    let prelude: Function<'_> = ctx.eval(include_str!("js/prelude.js"))?;
    let entries: Object<'_> = prelude.call((host::object(ctx, host)?,))?;
    ctx.eval::<Function<'_>, _>(include_str!("js/no_bigint.js"))?.call::<_, ()>((host::text_check(ctx)?,))?;
    ctx.eval::<Function<'_>, _>(include_str!("js/guards.js"))?
        .call::<_, ()>((host::pause(ctx, host)?, host::proxy_check(ctx)?))?;
    if kind == Kind::Hardened {
        ctx.eval::<Function<'_>, _>(include_str!("js/harden.js"))?.call::<_, ()>(())?;
    } else {
        entries.get::<_, Function<'_>>("expose")?.call::<_, ()>((HOOK_VARIABLES.join(","),))?;
    }
    if kind == Kind::Legacy {
        entries.get::<_, Function<'_>>("addLegacy")?.call::<_, ()>(())?;
    }
    let entry = |name: &str| entries.get::<_, Function<'_>>(name).map(|function| Persistent::save(ctx, function));
    Ok(Entries {
        start: entry("start")?,
        stop: entry("stop")?,
        rejected: entry("rejected")?,
        fire: entry("fire")?,
        answered: entry("answered")?,
    })
}
