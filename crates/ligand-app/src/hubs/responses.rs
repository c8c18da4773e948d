//! Answers of reads that are kept for instances that ask for it: until they are too old, until the same first path
//! segment is written to, until the instance or its element changes, and only as many and as large as there is room.
//!
//! Each server keeps its own: where several share a database, a write through one is seen by the others when what
//! they keep is too old.

mod key;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use ligand_domain::{Clock, Id, Instance, Timestamp};
use ligand_element::{CallerRequest, Element, Method, split};
use ligand_engine::WrittenList;
use serde_json::Value;

use super::{Answer, Body, Operation, operation::Kind};
use crate::instances::Loaded;

use key::Key;

/// The part of all room that one answer may take, and no more.
const PART: usize = 8;
/// How many writes of an instance are remembered, so that a read that began before one of them is not kept.
const WRITES: usize = 64;
/// How many instances that have nothing kept are remembered.
const EMPTY_SHELVES: usize = 4096;
/// What an answer takes besides its content, in bytes.
const BASE_BYTES: usize = 512;
/// What a member of an object takes besides its name and its value, in bytes.
const MEMBER_BYTES: usize = 48;

/// What is kept for all instances.
pub(crate) struct Responses {
    state: Mutex<State>,
    room: usize,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct State {
    shelves: HashMap<Id<Instance>, Shelf>,
    /// Whose answer was used when: the oldest use is the first.
    uses: BTreeMap<u64, Id<Instance>>,
    bytes: usize,
    /// Counts uses, writes and shelves.
    ticks: u64,
}

/// What is kept for one instance, in one state of it.
struct Shelf {
    revision: i64,
    element: Weak<Element>,
    began: u64,
    answers: HashMap<Key, Kept>,
    uses: BTreeMap<u64, Key>,
    writes: VecDeque<(u64, String)>,
}

/// An answer that is no file.
struct Snapshot {
    content: Content,
    total_count: Option<u64>,
    next_page: Option<String>,
    warning: Option<String>,
}

enum Content {
    None,
    Json(Value),
    List(WrittenList),
}

struct Kept {
    answer: Arc<Snapshot>,
    segment: String,
    expires_at: Timestamp,
    bytes: usize,
    used: u64,
}

/// What is to be done with a call.
pub(super) enum Plan<'a> {
    /// Nothing is kept of it.
    Run,
    /// This is the answer.
    Kept(Answer),
    /// It reads, and its answer is to be kept.
    Read(Reading<'a>),
    /// It writes. Held while it does.
    Write(#[expect(dead_code, reason = "held, not read")] Writing<'a>),
}

/// A read that is under way.
pub(super) struct Reading<'a> {
    responses: &'a Responses,
    instance: Id<Instance>,
    key: Key,
    segment: String,
    /// Which shelf it began with, and when.
    shelf: u64,
    began: u64,
    at_most: usize,
    lives: Duration,
}

/// A write that is under way. When it ends, however it ends, what it may have changed is forgotten.
pub(super) struct Writing<'a> {
    responses: &'a Responses,
    instance: Id<Instance>,
    segment: String,
}

impl Responses {
    pub(crate) fn new(room: usize, clock: Arc<dyn Clock>) -> Self {
        Self { state: Mutex::default(), room, clock }
    }

    /// What is to be done with a call of an instance.
    pub(super) fn plan(&self, loaded: &Loaded, operation: &Operation, request: &CallerRequest) -> Plan<'_> {
        let (instance, settings) = (&loaded.instance, &loaded.instance.settings);
        let at_most = usize::try_from(settings.max_cache_size).unwrap_or(0);
        let seconds = u64::try_from(settings.cache_time_to_live_seconds).unwrap_or(0);
        if !settings.caching_enabled || at_most == 0 || seconds == 0 || self.room == 0 {
            return Plan::Run;
        }
        let segment = split(&request.path).and_then(|(_, segments)| segments.into_iter().next()).unwrap_or_default();
        if operation.method() != Method::Get {
            return Plan::Write(Writing { responses: self, instance: instance.id, segment });
        }
        // A ping asks whether the vendor is there now.
        if matches!(operation.kind, Kind::Ping(_)) {
            return Plan::Run;
        }
        let key = Key::of(request);
        let now = self.clock.now();
        let mut state = self.lock();
        let Some(shelf) = state.shelf(loaded) else { return Plan::Run };
        let shelf = shelf.began;
        if let Some(answer) = state.find(instance.id, &key, now) {
            drop(state);
            return Plan::Kept(answer.answer());
        }
        let began = state.tick();
        drop(state);
        let lives = Duration::from_secs(seconds);
        Plan::Read(Reading { responses: self, instance: instance.id, key, segment, shelf, began, at_most, lives })
    }

    /// Forgets what is kept for an instance.
    pub(crate) fn forget(&self, instance: Id<Instance>) {
        self.lock().remove_shelf(instance);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading<'_> {
    /// Keeps the answer, unless something was written since the read began.
    pub(super) fn keep(self, answer: &Answer) {
        let Some(snapshot) = Snapshot::of(answer) else { return };
        let bytes = snapshot.size();
        if bytes > self.responses.room / PART {
            return;
        }
        let expires_at = self.responses.clock.now().plus(self.lives);
        let mut state = self.responses.lock();
        let Some(shelf) = state.shelves.get(&self.instance) else { return };
        if shelf.began != self.shelf || shelf.has_written(&self.segment, self.began) {
            return;
        }
        let used = state.tick();
        let kept = Kept { answer: Arc::new(snapshot), segment: self.segment, expires_at, bytes, used };
        state.put(self.instance, self.key, kept, self.at_most);
        while state.bytes > self.responses.room {
            let Some(oldest) = state.uses.first_key_value().map(|(_, instance)| *instance) else { return };
            state.drop_oldest(oldest);
        }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut state = self.responses.lock();
        let tick = state.tick();
        let Some(shelf) = state.shelves.get_mut(&self.instance) else { return };
        if shelf.writes.len() == WRITES {
            shelf.writes.pop_front();
        }
        shelf.writes.push_back((tick, self.segment.clone()));
        let depends = |kept: &Kept| depends(&kept.segment, &self.segment);
        let stale: Vec<Key> =
            shelf.answers.iter().filter(|(_, kept)| depends(kept)).map(|(key, _)| key.clone()).collect();
        stale.iter().for_each(|key| state.remove(self.instance, key));
    }
}

/// Whether what was read below one first segment may have changed when another was written to. A query can name any
/// object.
fn depends(read: &str, written: &str) -> bool {
    read == written || read == "query"
}

impl State {
    fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// The shelf of an instance in this state, empty when what is there is of an earlier one; `None` when the state is
    /// itself an earlier one.
    fn shelf(&mut self, loaded: &Loaded) -> Option<&Shelf> {
        let (id, revision) = (loaded.instance.id, loaded.instance.revision);
        if let Some(shelf) = self.shelves.get(&id) {
            if shelf.revision > revision {
                return None;
            }
            let is_same = std::ptr::eq(shelf.element.as_ptr(), Arc::as_ptr(&loaded.element));
            if shelf.revision < revision || !is_same {
                self.remove_shelf(id);
            }
        }
        if !self.shelves.contains_key(&id) {
            if self.shelves.len() >= EMPTY_SHELVES {
                self.shelves.retain(|_, shelf| !shelf.answers.is_empty());
            }
            let (element, began) = (Arc::downgrade(&loaded.element), self.tick());
            let shelf = Shelf {
                revision,
                element,
                began,
                answers: HashMap::new(),
                uses: BTreeMap::new(),
                writes: VecDeque::new(),
            };
            self.shelves.insert(id, shelf);
        }
        self.shelves.get(&id)
    }

    fn find(&mut self, instance: Id<Instance>, key: &Key, now: Timestamp) -> Option<Arc<Snapshot>> {
        let used = self.tick();
        let shelf = self.shelves.get_mut(&instance)?;
        let kept = shelf.answers.get_mut(key)?;
        if kept.expires_at <= now {
            self.remove(instance, key);
            return None;
        }
        shelf.uses.remove(&kept.used);
        self.uses.remove(&kept.used);
        kept.used = used;
        shelf.uses.insert(used, key.clone());
        self.uses.insert(used, instance);
        Some(Arc::clone(&kept.answer))
    }

    fn put(&mut self, instance: Id<Instance>, key: Key, kept: Kept, at_most: usize) {
        self.remove(instance, &key);
        while self.shelves.get(&instance).is_some_and(|shelf| shelf.answers.len() >= at_most) {
            self.drop_oldest(instance);
        }
        let Some(shelf) = self.shelves.get_mut(&instance) else { return };
        self.bytes += kept.bytes;
        self.uses.insert(kept.used, instance);
        shelf.uses.insert(kept.used, key.clone());
        shelf.answers.insert(key, kept);
    }

    /// Drops the answer of an instance that was not used for the longest time.
    fn drop_oldest(&mut self, instance: Id<Instance>) {
        let oldest = self.shelves.get(&instance).and_then(|shelf| shelf.uses.first_key_value());
        if let Some(key) = oldest.map(|(_, key)| key.clone()) {
            self.remove(instance, &key);
        }
    }

    fn remove(&mut self, instance: Id<Instance>, key: &Key) {
        let Some(shelf) = self.shelves.get_mut(&instance) else { return };
        let Some(kept) = shelf.answers.remove(key) else { return };
        shelf.uses.remove(&kept.used);
        self.uses.remove(&kept.used);
        self.bytes -= kept.bytes;
    }

    fn remove_shelf(&mut self, instance: Id<Instance>) {
        let Some(shelf) = self.shelves.remove(&instance) else { return };
        for kept in shelf.answers.values() {
            self.uses.remove(&kept.used);
            self.bytes -= kept.bytes;
        }
    }
}

impl Shelf {
    /// Whether something that a read depends on was written since then, as far as is remembered.
    fn has_written(&self, read: &str, since: u64) -> bool {
        let has_forgotten = self.writes.len() == WRITES && self.writes.front().is_some_and(|(first, _)| *first > since);
        has_forgotten || self.writes.iter().any(|(tick, written)| *tick > since && depends(read, written))
    }
}

impl Snapshot {
    /// What is kept of an answer; `None` for files, which are not kept.
    fn of(answer: &Answer) -> Option<Self> {
        let content = match &answer.body {
            Body::None => Content::None,
            Body::Json(value) => Content::Json(value.clone()),
            Body::List(list) => Content::List(list.clone()),
            Body::File(_) => return None,
        };
        let (next_page, warning) = (answer.next_page.clone(), answer.warning.clone());
        Some(Self { content, total_count: answer.total_count, next_page, warning })
    }

    /// The answer once more.
    fn answer(&self) -> Answer {
        let body = match &self.content {
            Content::None => Body::None,
            Content::Json(value) => Body::Json(value.clone()),
            Content::List(list) => Body::List(list.clone()),
        };
        let (next_page, warning) = (self.next_page.clone(), self.warning.clone());
        Answer { body, total_count: self.total_count, next_page, warning, trace_id: None }
    }

    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let texts = [&self.next_page, &self.warning].into_iter().flatten().map(String::len).sum::<usize>();
        let content = match &self.content {
            Content::None => 0,
            Content::Json(value) => size_of_value(value),
            Content::List(list) => list.text.len(),
        };
        BASE_BYTES + texts + content
    }
}

fn size_of_value(value: &Value) -> usize {
    let inner = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size_of_value).sum(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| MEMBER_BYTES + name.len() + size_of_value(value)).sum()
        }
    };
    size_of::<Value>() + inner
}
