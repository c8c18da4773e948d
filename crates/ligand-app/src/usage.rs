//! The record of calls of elements: who called what when, and how it went. Calls do not wait for it: they are held in
//! memory for a moment and written together.

mod analytics;
mod query;

use std::{
    collections::HashMap,
    mem,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ligand_domain::{Account, Caller, Error, Id, Instance, Organization, RequestId, Timestamp, User};
use ligand_store::UsageRecord;
use serde::Serialize;

pub use analytics::Bucket;
pub use query::{Query, Window};

use crate::{App, failure::of_store, hubs::template, instances::Loaded};

/// How long calls are held before they are written.
const HELD: Duration = Duration::from_millis(500);
/// How many are held at most, when the database does not keep up; what is more is lost.
const HELD_MOST: usize = 50_000;
/// How many bytes their paths have at most.
const HELD_BYTES: usize = 32 << 20;
/// How many bytes of a path are kept.
const PATH_BYTES: usize = 2048;

/// A call of an element that is being answered.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who calls.
    pub caller: Caller,
    /// The instance.
    pub loaded: Arc<Loaded>,
    /// The verb.
    pub method: String,
    /// The path below the API's base path. Without the query, which may be somebody's data.
    pub path: String,
    /// Where the call comes from.
    pub ip: IpAddr,
    /// When its execution began.
    pub began: Timestamp,
}

/// A call that was answered.
struct Call {
    draft: Draft,
    request_id: RequestId,
    status: u16,
    at: Timestamp,
    /// Whether the database has refused it once.
    is_back: bool,
}

/// What is told of a call. Written without a value in between: there is one for each call.
#[derive(Serialize)]
struct Record<'a> {
    request_id: &'a str,
    traffic_date: String,
    request_status: &'a str,
    response_code: u16,
    request_method: &'a str,
    request_uri: String,
    request_ip: IpAddr,
    element_api: String,
    process_time: i64,
    user_id: Id<User>,
    account_id: Id<Account>,
    company_id: Id<Organization>,
    company_external_id: String,
    company_external_name: &'a str,
    element_key: &'a str,
    element_name: &'a str,
    instance_id: Id<Instance>,
    instance_name: &'a str,
    element_tags: &'a [String],
}

/// What is held within bounds, in order.
struct Waiting<T> {
    items: Vec<T>,
    bytes: usize,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { items: Vec::new(), bytes: 0 }
    }
}

impl<T> Waiting<T> {
    /// Adds one with so many bytes, if there is room.
    fn push(&mut self, item: T, bytes: usize) -> bool {
        let has_room = self.items.len() < HELD_MOST && self.bytes + bytes <= HELD_BYTES;
        if has_room {
            self.items.push(item);
            self.bytes += bytes;
        }
        has_room
    }

    /// Puts back what was taken, before what came since, as far as there is room. Says how many had none.
    fn put_back(&mut self, items: Vec<T>, bytes: impl Fn(&T) -> usize) -> usize {
        let since = mem::take(self);
        let mut lost = 0;
        for item in items.into_iter().chain(since.items) {
            let bytes = bytes(&item);
            lost += usize::from(!self.push(item, bytes));
        }
        lost
    }
}

/// Calls that are still to be written.
#[derive(Default)]
pub(crate) struct Held {
    calls: Mutex<Waiting<Call>>,
    /// Held while somebody writes, so that whoever waits for it finds everything written.
    writing: tokio::sync::Mutex<()>,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, Waiting<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Notes a call of an element, the id of its request, and the status that it was answered with. It is written within
    /// a second.
    pub fn record_usage(self: &Arc<Self>, mut draft: Draft, request_id: RequestId, status: u16) {
        cut(&mut draft.path);
        let bytes = draft.path.len();
        let call = Call { draft, request_id, status, at: self.clock.now(), is_back: false };
        let mut waiting = self.usage.lock();
        let is_first = waiting.items.is_empty();
        if !waiting.push(call, bytes) {
            drop(waiting);
            tracing::warn!("the database does not keep up: a call is not recorded");
            return;
        }
        drop(waiting);
        if is_first {
            let app = Arc::downgrade(self);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(HELD).await;
                    let Some(app) = app.upgrade() else { return };
                    app.write_usage().await;
                    if app.usage.lock().items.is_empty() {
                        return;
                    }
                }
            });
        }
    }

    /// Writes the calls that are held. What the database does not take is tried once more after a while, then lost.
    pub(crate) async fn write_usage(&self) {
        let _turn = self.usage.writing.lock().await;
        let Waiting { items: mut calls, .. } = mem::take(&mut *self.usage.lock());
        if calls.is_empty() {
            return;
        }
        let Err(error) = self.write(&calls).await else { return };
        let count = calls.len();
        calls.retain(|call| !call.is_back);
        let tried_twice = count - calls.len();
        calls.iter_mut().for_each(|call| call.is_back = true);
        let lost = tried_twice + self.usage.lock().put_back(calls, |call| call.draft.path.len());
        tracing::warn!(count, lost, code = error.code, "calls were not recorded");
    }

    async fn write(&self, calls: &[Call]) -> Result<(), Error> {
        let mut names: HashMap<Id<Organization>, String> = HashMap::new();
        let mut records = Vec::with_capacity(calls.len());
        for call in calls {
            let id = call.draft.caller.organization_id;
            if let std::collections::hash_map::Entry::Vacant(entry) = names.entry(id) {
                entry.insert(self.store.get_organization(id).await.map_err(of_store)?.name);
            }
            records.push(call.record(names.get(&id).map_or("", String::as_str)));
        }
        self.store.record_usage(&records).await.map_err(of_store)
    }
}

/// Cuts a path that is longer than anybody reads.
fn cut(path: &mut String) {
    if path.len() > PATH_BYTES {
        let end = (0..=PATH_BYTES).rev().find(|end| path.is_char_boundary(*end)).unwrap_or_default();
        path.truncate(end);
    }
}

impl Call {
    fn record(&self, organization: &str) -> UsageRecord {
        let Self { draft, request_id, status, at, is_back: _ } = self;
        let (caller, instance, element) = (&draft.caller, &draft.loaded.instance, &draft.loaded.element);
        let failed = *status >= 400;
        let millis = i64::try_from(at.since(draft.began).as_millis()).unwrap_or(i64::MAX);
        let record = Record {
            request_id: request_id.as_str(),
            traffic_date: at.to_iso_millis(),
            request_status: if failed { "FAILED" } else { "SUCCESS" },
            response_code: *status,
            request_method: &draft.method,
            request_uri: format!("/elements/api-v2{}", draft.path),
            request_ip: draft.ip,
            element_api: format!("{} {}", draft.method, self.operation()),
            process_time: millis,
            user_id: caller.user_id,
            account_id: caller.account_id,
            company_id: caller.organization_id,
            company_external_id: caller.organization_id.to_string(),
            company_external_name: organization,
            element_key: element.key(),
            element_name: element.name(),
            instance_id: instance.id,
            instance_name: &instance.name,
            element_tags: &instance.tags,
        };
        let record = serde_json::to_string(&record).expect("texts and numbers have a text");
        let storable = |text: &str| text.replace('\0', "\u{fffd}");
        UsageRecord {
            at: *at,
            request_id: request_id.to_string(),
            organization_id: caller.organization_id,
            account_id: caller.account_id,
            user_id: caller.user_id,
            instance_id: instance.id,
            element_key: storable(element.key()),
            hub: storable(element.hub()),
            failed,
            millis,
            record: storable(&record),
        }
    }

    /// The path of the resource that was called, or what came in its place.
    fn operation(&self) -> String {
        let Draft { loaded, method, path, .. } = &self.draft;
        template(&loaded.element, method, path).unwrap_or_else(|| path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_has_bounds() {
        let mut waiting = Waiting::default();
        assert!(waiting.push(1, HELD_BYTES - 1) && !waiting.push(2, 2) && waiting.push(3, 1));
        let taken = mem::take(&mut waiting).items;
        assert!(waiting.push(4, 0) && waiting.push(5, 0));
        assert_eq!(waiting.put_back(taken, |item| if *item == 1 { HELD_BYTES } else { 0 }), 0);
        assert_eq!((waiting.items.as_slice(), waiting.bytes), (&[1, 3, 4, 5][..], HELD_BYTES), "in order");
        let mut many = Waiting::default();
        assert!((0..HELD_MOST).all(|item| many.push(item, 0)) && !many.push(0, 0));
        assert_eq!(many.put_back(vec![7], |_| 0), 1);
        assert_eq!((many.items[0], many.items.len()), (7, HELD_MOST));
    }

    #[test]
    fn long_paths_are_cut_between_characters() {
        let cut = |text: String| {
            let mut text = text;
            super::cut(&mut text);
            text.len()
        };
        assert_eq!(cut("/short".to_owned()), 6);
        assert_eq!(cut("x".repeat(9000)), 2048);
        assert_eq!(cut(format!("/{}", "\u{e9}".repeat(9000))), 2047);
    }
}
