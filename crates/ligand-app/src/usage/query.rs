//! Looking at the record of calls.

mod token;

use std::time::Duration;

use ligand_domain::{Account, Caller, Error, ErrorKind, Id, Privilege, Timestamp};
use ligand_store::{UsageFilter, UsageRecord};
use serde_json::Value;

use self::token::{Token, not_a_token};
use crate::{App, failure::of_store, paging::Position};

/// How far back is looked unless asked otherwise.
const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3600);
/// Records of a page unless asked otherwise.
const PAGE_SIZE: &str = "100";

/// How many entries a list parameter has at most.
const ENTRIES: usize = 100;
/// How many characters a text has at most, and all texts of one query together.
const CHARACTERS: usize = 1000;
const ALL_CHARACTERS: usize = 4000;

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
    /// Invalid for what cannot be read, and for filters that are too long; not found for a time to come; as
    /// [`App::usage_filter`].
    pub async fn usages(&self, caller: &Caller, query: &Query) -> Result<(Vec<Value>, Option<String>), Error> {
        self.write_usage().await;
        let token = query.next_page.as_deref().filter(|token| !matches!(*token, "" | "null"));
        let token = token.map(Token::read).transpose()?;
        let sent_size = query.page_size.as_deref().filter(|size| !size.is_empty());
        let size = match (&token, sent_size) {
            (Some(token), None) => token.size,
            (_, size) => Position::read(size.or(Some(PAGE_SIZE)), None)?.limit,
        };
        let (filter, before, offset) = match token {
            Some(token) => (self.filter_of_token(caller, &token).await?, Some(token.before()), 0),
            None => (self.filter_of_query(caller, query).await?, None, offset(query.page_offset.as_deref())?),
        };
        let mut found = self.store.list_usage(&filter, before, offset, size + 1).await.map_err(of_store)?;
        let limit = usize::try_from(size).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(id, last)| Token::behind(&filter, last.at, *id, size).written());
        let items: Result<Vec<Value>, Error> = found.iter().map(|(number, record)| shown(*number, record)).collect();
        Ok((items?, next))
    }

    async fn filter_of_query(&self, caller: &Caller, query: &Query) -> Result<UsageFilter, Error> {
        let mut filter = self.usage_filter(caller, &query.window).await?;
        self.demand_past(&filter)?;
        filter.hub = query.hub.clone().filter(|hub| !hub.is_empty());
        filter.element_keys = split("keys", &query.keys)?;
        filter.search = query.search_text.clone().filter(|text| !text.is_empty());
        filter.tags = split("tags", &query.tags)?;
        filter.failed = match query.status.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => None,
            Some("success") => Some(false),
            Some("failed") => Some(true),
            Some(_) => return Err(Error::invalid("status-invalid", "status must be SUCCESS or FAILED")),
        };
        bounded(&filter)?;
        Ok(filter)
    }

    /// What the earlier page was looked for with. The accounts must be the caller's to see still.
    async fn filter_of_token(&self, caller: &Caller, token: &Token) -> Result<UsageFilter, Error> {
        let filter = token.filter().ok_or_else(not_a_token)?;
        bounded(&filter)?;
        for account in &filter.accounts {
            self.account_in_sight(caller, &account.to_string()).await?;
        }
        Ok(filter)
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
        for text in split("accountIds", &window.accounts)? {
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

fn offset(text: Option<&str>) -> Result<i64, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(0) };
    let wrong = || Error::invalid("page-offset-invalid", "pageOffset must be a number of records, 0 or more");
    text.parse().ok().filter(|offset| *offset >= 0).ok_or_else(wrong)
}

/// The entries of a list parameter, each once.
fn split(name: &str, texts: &[String]) -> Result<Vec<String>, Error> {
    let mut parts: Vec<String> = Vec::new();
    for part in texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
        if parts.iter().any(|known| known == part) {
            continue;
        }
        if parts.len() == ENTRIES {
            return Err(Error::invalid("filter-too-long", format!("{name} has more than {ENTRIES} entries")));
        }
        parts.push(part.to_owned());
    }
    Ok(parts)
}

/// Texts are searched for in every record, and travel in the token of the next page.
fn bounded(filter: &UsageFilter) -> Result<(), Error> {
    let lists = [("keys", &filter.element_keys), ("tags", &filter.tags)];
    if let Some((name, _)) = lists.iter().find(|(_, entries)| entries.len() > ENTRIES) {
        return Err(Error::invalid("filter-too-long", format!("{name} has more than {ENTRIES} entries")));
    }
    if filter.accounts.len() > ENTRIES {
        return Err(Error::invalid("filter-too-long", format!("accountIds has more than {ENTRIES} entries")));
    }
    let entries = lists.iter().flat_map(|(name, entries)| entries.iter().map(move |entry| (*name, entry)));
    let single = [("hub", &filter.hub), ("searchText", &filter.search)];
    let single = single.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    let mut all = 0;
    for (name, text) in entries.chain(single) {
        let count = text.chars().count();
        all += count;
        if count > CHARACTERS {
            return Err(Error::invalid("filter-too-long", format!("{name} has more than {CHARACTERS} characters")));
        }
    }
    if all > ALL_CHARACTERS {
        let message = format!("The filters have more than {ALL_CHARACTERS} characters together");
        return Err(Error::invalid("filter-too-long", message));
    }
    Ok(())
}

fn shown(number: i64, record: &UsageRecord) -> Result<Value, Error> {
    let mut value: Value =
        serde_json::from_str(&record.record).map_err(|broken| Error::internal("usage-unreadable", broken))?;
    value["traffic_id"] = Value::from(number.to_string());
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_each_entry_once_and_not_too_many() {
        let entries = |count: usize| (0..count).map(|entry| entry.to_string()).collect::<Vec<_>>();
        assert_eq!(split("keys", &["a, b,,a".to_owned(), "b".to_owned()]).unwrap(), ["a", "b"]);
        assert_eq!(split("keys", &vec!["a".to_owned(); 5000]).unwrap(), ["a"]);
        assert!(split("keys", &entries(100)).is_ok() && split("keys", &entries(101)).is_err());
        assert!(split("keys", &[entries(1001).join(",")]).is_err());
    }

    #[test]
    fn texts_have_a_length() {
        let with = |change: fn(&mut UsageFilter)| {
            let now = Timestamp::from_millis(0);
            let mut filter = UsageFilter {
                accounts: Vec::new(),
                from: now,
                to: now,
                hub: None,
                element_keys: Vec::new(),
                tags: Vec::new(),
                failed: None,
                search: None,
            };
            change(&mut filter);
            bounded(&filter).map_err(|error| error.kind)
        };
        assert_eq!(with(|filter| filter.search = Some("\u{e9}".repeat(1000))), Ok(()));
        for wrong in [
            with(|filter| filter.search = Some("x".repeat(1001))),
            with(|filter| filter.hub = Some("x".repeat(50_001))),
            with(|filter| filter.tags = vec!["x".repeat(1001)]),
            with(|filter| filter.element_keys = vec!["x".to_owned(); 101]),
            with(|filter| filter.tags = vec!["x".repeat(900); 5]),
        ] {
            assert_eq!(wrong, Err(ErrorKind::Invalid));
        }
    }
}
