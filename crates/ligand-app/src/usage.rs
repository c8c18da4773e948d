//! The record of calls of elements: who called what when, and how it went. Calls do not wait for it: they are held in
//! memory for a moment and written together.

mod analytics;
mod query;

use std::{
    collections::HashMap,
    mem,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
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

/// Calls that are still to be written.
#[derive(Default)]
pub(crate) struct Held {
    calls: Mutex<Vec<Call>>,
    /// Held while somebody writes, so that whoever waits for it finds everything written.
    writing: tokio::sync::Mutex<()>,
}

impl App {
    /// Notes a call of an element, the id of its request, and the status that it was answered with. It is written within
    /// a second.
    pub fn record_usage(self: &Arc<Self>, draft: Draft, request_id: RequestId, status: u16) {
        let mut calls = self.usage.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= HELD_MOST {
            drop(calls);
            tracing::warn!(%request_id, "the database does not keep up: a call is not recorded");
            return;
        }
        let is_first = calls.is_empty();
        calls.push(Call { draft, request_id, status, at: self.clock.now() });
        drop(calls);
        if is_first {
            let app = Arc::downgrade(self);
            tokio::spawn(async move {
                tokio::time::sleep(HELD).await;
                if let Some(app) = app.upgrade() {
                    app.write_usage().await;
                }
            });
        }
    }

    /// Writes the calls that are held. What the database does not take is lost.
    pub(crate) async fn write_usage(&self) {
        let _turn = self.usage.writing.lock().await;
        let calls = mem::take(&mut *self.usage.calls.lock().unwrap_or_else(PoisonError::into_inner));
        if calls.is_empty() {
            return;
        }
        let count = calls.len();
        if let Err(error) = self.write(calls).await {
            tracing::warn!(count, code = error.code, "calls were not recorded");
        }
    }

    async fn write(&self, calls: Vec<Call>) -> Result<(), Error> {
        let mut names: HashMap<Id<Organization>, String> = HashMap::new();
        let mut records = Vec::with_capacity(calls.len());
        for call in &calls {
            let id = call.draft.caller.organization_id;
            if let std::collections::hash_map::Entry::Vacant(entry) = names.entry(id) {
                entry.insert(self.store.get_organization(id).await.map_err(of_store)?.name);
            }
            records.push(call.record(names.get(&id).map_or("", String::as_str)));
        }
        self.store.record_usage(&records).await.map_err(of_store)
    }
}

impl Call {
    fn record(&self, organization: &str) -> UsageRecord {
        let Self { draft, request_id, status, at } = self;
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
