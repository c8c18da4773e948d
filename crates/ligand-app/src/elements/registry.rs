//! The elements of users in memory: as much of each as lists need, and those in use compiled. What changed in the
//! database is fetched by its count: at once by the process that changed it, within a second by the others.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use ligand_domain::{Account, Element as ElementId, Error, Id, Timestamp};
use ligand_element::{Element, document};
use ligand_store::{ElementRow, Store};
use quick_cache::{Weighter, sync::Cache};
use serde_json::{Map, Value};

use crate::{callers::Freshness, catalog::Catalog, failure::of_store};

/// About how many compiled elements are remembered, and how many bytes their definitions may have together.
const REMEMBERED: usize = 4096;
const REMEMBERED_BYTES: u64 = 48 << 20;
/// What stands for the change of elements that do not change: deleted ones, and those of the platform.
const DELETED: i64 = -1;
const AS_SHIPPED: i64 = -2;
/// What a compiled element takes beside its definition, in bytes.
const BASE_BYTES: u64 = 4 << 10;
/// About what a resource of a built-in element takes as a document, in bytes.
const BYTES_OF_A_RESOURCE: usize = 2 << 10;
/// From which size on a definition is compiled where it keeps nobody waiting, in bytes.
pub(super) const LARGE: usize = 64 << 10;

/// An element of a user, without its definition.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) row: ElementRow,
    /// The short form.
    pub(crate) summary: Map<String, Value>,
}

/// All living elements of users.
#[derive(Debug, Default)]
pub(crate) struct Index {
    change: i64,
    elements: BTreeMap<i64, Arc<Stored>>,
    by_key: HashMap<String, Vec<i64>>,
    /// When an account's additions to an element changed last.
    extensions: HashMap<(i64, i64), i64>,
}

impl Index {
    pub(crate) fn find(&self, id: Id<ElementId>) -> Option<&Arc<Stored>> {
        self.elements.get(&id.get())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.elements.values()
    }

    /// The elements of any owner with a key in lower case.
    pub(crate) fn with_key(&self, key: &str) -> impl Iterator<Item = &Arc<Stored>> {
        self.by_key.get(key).into_iter().flatten().filter_map(|id| self.elements.get(id))
    }

    /// Whether an account added something to an element of the platform.
    pub(crate) fn is_extended(&self, id: Id<ElementId>, account: Id<Account>) -> bool {
        self.extensions.contains_key(&(id.get(), account.get()))
    }
}

/// One form of an element: with an account's additions, or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    element: i64,
    account: i64,
    change: i64,
}

#[derive(Debug, Clone)]
struct Compiled {
    element: Arc<Element>,
    bytes: u64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Form, Option<Compiled>> for Bytes {
    fn weight(&self, _: &Form, compiled: &Option<Compiled>) -> u64 {
        BASE_BYTES + compiled.as_ref().map_or(0, |compiled| compiled.bytes)
    }
}

/// The elements of users.
pub(crate) struct Registry {
    index: RwLock<Arc<Index>>,
    /// When the index was last known to be the newest, in milliseconds; -1 before it is loaded.
    verified: AtomicI64,
    refreshing: tokio::sync::Mutex<()>,
    compiled: Cache<Form, Option<Compiled>, Bytes>,
    /// What metadata tells of elements, short and whole.
    pub(super) told: Cache<(Form, bool), Arc<Value>>,
    freshness: Freshness,
    store: Store,
}

impl Registry {
    pub(crate) fn new(store: Store, freshness: Freshness) -> Self {
        Self {
            index: RwLock::default(),
            verified: AtomicI64::new(-1),
            refreshing: tokio::sync::Mutex::default(),
            compiled: Cache::with_weighter(REMEMBERED, REMEMBERED_BYTES, Bytes),
            told: Cache::new(REMEMBERED),
            freshness,
            store,
        }
    }

    /// The elements as they are, or were at most as long ago as this process may remember.
    pub(crate) async fn index(&self) -> Result<Arc<Index>, Error> {
        if let Some(index) = self.known() {
            return Ok(index);
        }
        let _turn = self.refreshing.lock().await;
        match self.known() {
            Some(index) => Ok(index),
            None => self.fetch().await,
        }
    }

    /// Fetches what changed, after this process changed something.
    pub(crate) async fn refresh(&self) -> Result<(), Error> {
        let _turn = self.refreshing.lock().await;
        self.fetch().await.map(drop)
    }

    /// Since when what it says is certain, for what is remembered together with it.
    pub(crate) fn verified_at(&self) -> Timestamp {
        Timestamp::from_millis(self.verified.load(Ordering::Acquire))
    }

    fn known(&self) -> Option<Arc<Index>> {
        let verified = self.verified.load(Ordering::Acquire);
        (verified >= 0 && self.freshness.holds(Timestamp::from_millis(verified))).then(|| self.snapshot())
    }

    fn snapshot(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> Result<Arc<Index>, Error> {
        let now = self.freshness.now();
        let mut index = self.snapshot();
        let is_loaded = self.verified.load(Ordering::Acquire) >= 0;
        if !is_loaded || self.store.last_element_change().await.map_err(of_store)? != index.change {
            let changes = self.store.element_changes(index.change).await.map_err(of_store)?;
            let mut next = Index {
                change: changes.change,
                elements: index.elements.clone(),
                by_key: index.by_key.clone(),
                extensions: index.extensions.clone(),
            };
            for row in changes.elements {
                next.put(row);
            }
            for row in changes.extensions {
                next.extensions.insert((row.element_id.get(), row.account_id.get()), row.change);
            }
            index = Arc::new(next);
            *self.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&index);
        }
        self.verified.store(now.as_millis(), Ordering::Release);
        Ok(index)
    }

    /// The compiled element, as an account sees it; also one that is deleted. `None` when there is none.
    pub(crate) async fn compiled(
        &self,
        catalog: &Catalog,
        id: Id<ElementId>,
        account: Option<Id<Account>>,
    ) -> Result<Option<Arc<Element>>, Error> {
        let form = self.form(catalog, id, account).await?;
        if form.change == AS_SHIPPED {
            return Ok(catalog.find(id).map(Arc::clone));
        }
        let found = self.compiled.get_or_insert_async(&form, self.compile(catalog, form)).await?;
        Ok(found.map(|compiled| compiled.element))
    }

    /// Which form of an element an account sees.
    pub(crate) async fn form(
        &self,
        catalog: &Catalog,
        id: Id<ElementId>,
        account: Option<Id<Account>>,
    ) -> Result<Form, Error> {
        let index = self.index().await?;
        let own = account.map_or(0, Id::get);
        Ok(match (index.find(id), catalog.find(id)) {
            (Some(stored), _) => Form { element: id.get(), account: 0, change: stored.row.change },
            (None, Some(element)) => match index.extensions.get(&(element.id().get(), own)) {
                None => Form { element: element.id().get(), account: 0, change: AS_SHIPPED },
                Some(change) => Form { element: element.id().get(), account: own, change: *change },
            },
            // Deleted ones do not change any more.
            (None, None) => Form { element: id.get(), account: 0, change: DELETED },
        })
    }

    async fn compile(&self, catalog: &Catalog, form: Form) -> Result<Option<Compiled>, Error> {
        let Some(id) = Id::new(form.element) else { return Ok(None) };
        let (whole, bytes) = match Id::new(form.account) {
            None => {
                let Some((_, text)) = self.store.find_element(id).await.map_err(of_store)? else { return Ok(None) };
                (parse(&text)?, text.len())
            }
            Some(account) => {
                let Some(element) = catalog.find(id) else { return Ok(None) };
                let found = self.store.find_extension(id, account).await.map_err(of_store)?;
                let Some((_, text)) = found else { return Ok(None) };
                let base = super::view::whole(element);
                let bytes = text.len() + element.resources().len() * BYTES_OF_A_RESOURCE;
                (document::extended(&base, &parse(&text)?, account.get()), bytes)
            }
        };
        let element = in_background(bytes, move || document::read(&whole, id)).await?;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(2);
        let element = element.map_err(|problems| {
            let told: Vec<String> = problems.iter().map(ligand_element::Problem::told).collect();
            Error::internal("element-broken", format!("element {id}: {}", told.join("; ")))
        })?;
        Ok(Some(Compiled { element: Arc::new(element.element), bytes }))
    }
}

impl Index {
    fn put(&mut self, row: ElementRow) {
        let id = row.id.get();
        if let Some(before) = self.elements.remove(&id)
            && let Some(ids) = self.by_key.get_mut(&before.row.key)
        {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.by_key.remove(&before.row.key);
            }
        }
        if row.deleted {
            return;
        }
        let mut summary: Map<String, Value> = serde_json::from_str(&row.summary).unwrap_or_default();
        summary.insert("id".to_owned(), Value::from(id));
        self.by_key.entry(row.key.clone()).or_default().push(id);
        self.elements.insert(id, Arc::new(Stored { row, summary }));
    }
}

/// A stored definition, which was written by [`Value::to_string`].
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|broken| Error::internal("definition-unreadable", broken))
}

/// Does what takes long for a large definition where it keeps no other request waiting.
pub(crate) async fn in_background<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    if bytes < LARGE {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|failed| Error::internal("work-failed", failed))
}
