//! Looking at the record of calls.

use std::time::Duration;

use ligand_domain::{Account, Caller, Error, ErrorKind, Id, Privilege, Timestamp};
use ligand_store::{UsageFilter, UsageRecord};
use serde_json::Value;

use crate::{App, failure::of_store, paging::Position};

/// How far back is looked unless asked otherwise.
const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3600);
/// Records of a page unless asked otherwise.
const PAGE_SIZE: &str = "100";

/// A stretch of time and the accounts whose calls are meant, as they were sent.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// From when.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// The accounts; the caller's own if empty.
    pub accounts: Vec<String>,
}

/// Which calls to list, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// When, and whose.
    pub window: Window,
    /// Through this hub.
    pub hub: Option<String>,
    /// Of elements with these keys.
    pub keys: Vec<String>,
    /// Of instances with one of these tags.
    pub tags: Vec<String>,
    /// `SUCCESS` or `FAILED`, in any case.
    pub status: Option<String>,
    /// With this text in the record.
    pub search_text: Option<String>,
    /// Records to leave out at the beginning.
    pub page_offset: Option<String>,
    /// `pageSize`.
    pub page_size: Option<String>,
    /// `nextPage`.
    pub next_page: Option<String>,
}

impl App {
    /// One recorded call, by the id of its request or by its own.
    ///
    /// # Errors
    /// Not found for an unknown one, and one of an account that the caller does not see.
    pub async fn usage(&self, caller: &Caller, id: &str) -> Result<Value, Error> {
        self.write_usage().await;
        let found = match id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => self.store.find_usage(id).await.map_err(of_store)?,
            false => None,
        };
        let seen = found.filter(|(_, record)| {
            record.account_id == caller.account_id
                || (record.organization_id == caller.organization_id
                    && caller.privileges.contains(Privilege::ViewLogsOrg))
        });
        let (number, record) = seen.ok_or_else(|| {
            let id: String = id.chars().take(100).collect();
            Error::not_found("usage-not-found", format!("No usage found with ID {id}"))
        })?;
        shown(number, &record)
    }

    /// A page of recorded calls, newest first, and the token of the next page.
    ///
    /// # Errors
    /// Invalid for what cannot be read; not found for a time to come; as [`App::usage_filter`].
    pub async fn usages(&self, caller: &Caller, query: &Query) -> Result<(Vec<Value>, Option<String>), Error> {
        self.write_usage().await;
        let mut filter = self.usage_filter(caller, &query.window).await?;
        self.demand_past(&filter)?;
        filter.hub = query.hub.clone().filter(|hub| !hub.is_empty());
        filter.element_keys = split(&query.keys);
        filter.search = query.search_text.clone().filter(|text| !text.is_empty());
        filter.tags = split(&query.tags);
        filter.failed = match query.status.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => None,
            Some("success") => Some(false),
            Some("failed") => Some(true),
            Some(_) => return Err(Error::invalid("status-invalid", "status must be SUCCESS or FAILED")),
        };
        let size = query.page_size.as_deref().filter(|size| !size.is_empty());
        let token = query.next_page.as_deref();
        let has_token = token.is_some_and(|token| !matches!(token, "" | "null"));
        let position = Position::read(size.or((!has_token).then_some(PAGE_SIZE)), token)?;
        let offset = match query.page_offset.as_deref().filter(|offset| !offset.is_empty() && !has_token) {
            None => position.after,
            Some(text) => text.parse().ok().filter(|offset| *offset >= 0).ok_or_else(|| {
                Error::invalid("page-offset-invalid", "pageOffset must be a number of records, 0 or more")
            })?,
        };
        let mut found = self.store.list_usage(&filter, offset, position.limit + 1).await.map_err(of_store)?;
        let limit = usize::try_from(position.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = more.then(|| position.next(offset + i64::from(position.limit)));
        let items: Result<Vec<Value>, Error> = found.iter().map(|(number, record)| shown(*number, record)).collect();
        Ok((items?, next))
    }

    /// What a window means: by default the caller's own account and the last seven days.
    ///
    /// # Errors
    /// Invalid for dates that cannot be read, and when the end is before the beginning; forbidden for an account that
    /// the caller does not see.
    pub(super) async fn usage_filter(&self, caller: &Caller, window: &Window) -> Result<UsageFilter, Error> {
        let now = self.clock.now();
        let from = instant("from", window.from.as_deref())?.unwrap_or_else(|| now.minus(LOOK_BACK));
        // What happens in this very millisecond belongs to it.
        let to = instant("to", window.to.as_deref())?.unwrap_or_else(|| now.plus(Duration::from_millis(1)).max(from));
        if to < from {
            return Err(Error::invalid("window-invalid", "to must not be before from"));
        }
        let mut accounts = Vec::new();
        for text in split(&window.accounts) {
            accounts.push(self.account_in_sight(caller, &text).await?);
        }
        if accounts.is_empty() {
            accounts.push(caller.account_id);
        }
        Ok(UsageFilter {
            accounts,
            from,
            to,
            hub: None,
            element_keys: Vec::new(),
            tags: Vec::new(),
            failed: None,
            search: None,
        })
    }

    /// Nothing is to be found in the future, which is not the same as nothing at all.
    pub(super) fn demand_past(&self, filter: &UsageFilter) -> Result<(), Error> {
        if filter.from <= self.clock.now() {
            return Ok(());
        }
        Err(Error::not_found("usage-not-found", "No usage found"))
    }

    async fn account_in_sight(&self, caller: &Caller, text: &str) -> Result<Id<Account>, Error> {
        let forbidden = || {
            let message = "You may not see the usage of this account";
            Error::new(ErrorKind::Forbidden, "account-foreign", message)
        };
        let id: Id<Account> = text.parse().map_err(|_| forbidden())?;
        if id == caller.account_id {
            return Ok(id);
        }
        caller.demand(Privilege::ViewLogsOrg)?;
        match self.store.get_account(id).await {
            Ok(account) if account.organization_id == caller.organization_id => Ok(id),
            Ok(_) | Err(ligand_store::Error::Missing { .. }) => Err(forbidden()),
            Err(failed) => Err(of_store(failed)),
        }
    }
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || Error::invalid("date-invalid", format!("{name} is no date in ISO 8601"));
    Timestamp::from_iso(text).map(Some).ok_or_else(wrong)
}

fn split(texts: &[String]) -> Vec<String> {
    let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn shown(number: i64, record: &UsageRecord) -> Result<Value, Error> {
    let mut value: Value =
        serde_json::from_str(&record.record).map_err(|broken| Error::internal("usage-unreadable", broken))?;
    value["traffic_id"] = Value::from(number.to_string());
    Ok(value)
}
