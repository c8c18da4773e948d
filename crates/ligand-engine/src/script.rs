//! Runs the hooks of elements: JavaScript in QuickJS, on threads of its own, within limits of time, memory and stack.
//! Nothing that one call writes is seen by another. What hooks are given, and what their results mean, is the
//! business of the pipeline.
//!
//! A realm is a runtime with its globals. Most hooks share a realm per thread in which everything is frozen after
//! it is set up ([`realm::Kind::Hardened`]); hooks of the older engine, and those that name something which needs a
//! writable realm, get one of their own for each call ([`realm::Kind::Own`]).

mod bigint;
mod call;
mod check;
mod compile;
mod host;
mod http;
mod libraries;
mod natives;
mod pool;
mod priority;
mod queue;
mod realm;
#[cfg(test)]
mod tests;
mod wording;

use std::{
    borrow::Cow,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use serde_json::{Map, Value};

pub use check::unparsable;
pub use http::{HttpAnswering, HttpCaller, HttpRequest, HttpResponse};
pub use pool::Scripts;

/// The limits of scripts.
#[derive(Debug, Clone)]
pub struct ScriptOptions {
    /// How many threads run scripts at the most. They are started when they are needed and end when they are not.
    /// Threads that hold on to a script beyond its deadline are replaced, up to the same number again.
    pub threads: usize,
    /// How many of them one tenant may have.
    pub threads_per_tenant: usize,
    /// How long a call may take, with the time it waits for its turn.
    pub deadline: Duration,
    /// How many bytes a call may allocate.
    pub memory_bytes: usize,
    /// How many bytes of stack a call may use; at most 8 MiB.
    pub stack_bytes: usize,
}

impl Default for ScriptOptions {
    fn default() -> Self {
        Self {
            threads: 16,
            threads_per_tenant: 4,
            deadline: Duration::from_secs(60),
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
        }
    }
}

/// The body of a hook. Cheap to clone; compiled when a thread first runs it.
#[derive(Clone)]
pub struct Script(Arc<Source>);

pub(crate) struct Source {
    body: String,
    is_legacy: bool,
    /// The realm that it runs in.
    kind: realm::Kind,
    /// Which variables it may look at, by their place.
    sees: u64,
    hash: u64,
}

impl Source {
    fn new(body: String, is_legacy: bool) -> Self {
        let mut source = Self { body, is_legacy, kind: realm::Kind::Legacy, sees: 0, hash: 0 };
        source.kind = compile::kind(&source);
        source.sees = compile::seen(&source);
        let mut hasher = DefaultHasher::new();
        (&source.body, is_legacy).hash(&mut hasher);
        source.hash = hasher.finish();
        source
    }

    /// Whether the script may look at the variable with this place.
    fn sees(&self, place: usize) -> bool {
        self.sees >> place & 1 == 1
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.is_legacy == other.is_legacy && self.body == other.body
    }
}

impl Eq for Source {}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// The variables of a call.
pub trait Variables {
    /// The value of a variable; null for what is not there. Asked for what the script may look at only.
    fn value(&self, name: &str) -> Cow<'_, Value>;
}

impl Variables for Map<String, Value> {
    fn value(&self, name: &str) -> Cow<'_, Value> {
        Cow::Borrowed(self.get(name).unwrap_or(&Value::Null))
    }
}

impl Script {
    /// A hook of the current engine: strict mode, the result is given to `done`.
    #[must_use]
    pub fn modern(body: &str) -> Self {
        Self(Arc::new(Source::new(body.to_owned(), false)))
    }

    /// A hook of the older engine: sloppy mode, the result is returned.
    #[must_use]
    pub fn legacy(body: &str) -> Self {
        Self(Arc::new(Source::new(body.to_owned(), true)))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Script").field("is_legacy", &self.0.is_legacy).finish_non_exhaustive()
    }
}

/// What a script brought. It may hold customers' data, so it has no content in `Debug`.
#[derive(Clone, PartialEq)]
pub struct Outcome {
    /// The members given to `done`, or returned. Undefined members are absent, nulls are kept.
    pub result: Map<String, Value>,
    /// What it wrote to the console, one line or more each, cut off when it is much.
    pub console: Vec<String>,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outcome").field("members", &self.result.len()).finish_non_exhaustive()
    }
}

/// Why a script brought nothing. The texts are meant for clients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// It threw, or a promise that nobody looked after was rejected.
    #[error("{message}")]
    Threw {
        /// The error's name and message.
        message: String,
    },
    /// It cannot be parsed.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
    },
    /// It took too long.
    #[error("hook did not complete in time")]
    Deadline,
    /// It needed too much memory.
    #[error("hook ran out of memory")]
    OutOfMemory,
    /// It ended without a result, and nothing is left that could bring one.
    #[error("hook did not complete: done() was not called")]
    NotCompleted,
    /// Other scripts took all the time, or too many wait.
    #[error("too many hooks are running, try again later")]
    Busy,
    /// The engine failed.
    #[error("hook could not be run")]
    Engine,
}
