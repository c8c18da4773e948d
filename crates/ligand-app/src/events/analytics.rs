//! Events as counts over time: buckets of calendar intervals, filled with zeros where nothing was.

use std::{collections::BTreeMap, time::Duration};

use ligand_domain::{Account, Caller, Error, ErrorKind, Id, Interval, Privilege, Timestamp, interval::UnknownInterval};
use ligand_store::{CountBy, CountFilter, EventCount};
use serde_json::{Value, json};

use crate::{App, failure::of_store, notifications::instant};

/// How many buckets an answer has at most.
const BUCKETS: usize = 11_000;
/// How many of them when nobody says how long they are.
const CUSTOMARY_BUCKETS: i64 = 100;
const DAY_MILLIS: i64 = 86_400_000;

/// By what events are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakdown {
    /// By nothing.
    None,
    /// By account.
    Account,
    /// By instance.
    Instance,
}

/// What counts are asked for.
#[derive(Debug, Default)]
pub struct CountQuery {
    /// `from`.
    pub from: Option<String>,
    /// `to`.
    pub to: Option<String>,
    /// `interval`.
    pub interval: Option<String>,
    /// `accountIds[]`.
    pub accounts: Vec<String>,
}

impl App {
    /// How many events there were, bucket by bucket, from that of `from` to that of `to`.
    ///
    /// # Errors
    /// Invalid for dates and intervals that cannot be read, for an end before the beginning, and for an interval that
    /// is too fine; forbidden for accounts that the caller does not see.
    pub async fn count_events(
        &self,
        caller: &Caller,
        breakdown: Breakdown,
        query: &CountQuery,
    ) -> Result<Vec<Value>, Error> {
        let to = instant("to", query.to.as_deref())?.unwrap_or(self.clock.now());
        let day_before = Timestamp::from_millis(to.as_millis().saturating_sub(DAY_MILLIS));
        let from = instant("from", query.from.as_deref())?.unwrap_or(day_before);
        if to < from {
            return Err(Error::invalid("range-invalid", "'to' must not be earlier than 'from'"));
        }
        let interval = interval(query.interval.as_deref(), from, to)?;
        let buckets = interval.starts(from, to, BUCKETS);
        let buckets = buckets.ok_or_else(|| {
            Error::invalid("interval-too-fine", format!("The interval is too fine: more than {BUCKETS} buckets"))
        })?;
        let accounts = self.visible_accounts(caller, breakdown, &query.accounts).await?;
        let Some(first) = buckets.first() else { return Ok(Vec::new()) };
        let filter = CountFilter { accounts, from: *first, to: to.plus(Duration::from_millis(1)) };
        let by = match breakdown {
            Breakdown::None => CountBy::Nothing,
            Breakdown::Account => CountBy::Account,
            Breakdown::Instance => CountBy::Instance,
        };
        let counts = self.store.count_events(&filter, interval.step_millis(), by).await.map_err(of_store)?;
        Ok(shown(&buckets, &counts, breakdown))
    }

    async fn visible_accounts(
        &self,
        caller: &Caller,
        breakdown: Breakdown,
        named: &[String],
    ) -> Result<Vec<Id<Account>>, Error> {
        let named: Vec<&str> =
            named.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|it| !it.is_empty()).collect();
        let sees_all = caller.privileges.contains(Privilege::ViewLogsOrg);
        let all = match sees_all && (breakdown == Breakdown::Account || !named.is_empty()) {
            true => self.store.accounts_of_organization(caller.organization_id).await.map_err(of_store)?,
            false => vec![caller.account_id],
        };
        if named.is_empty() {
            return Ok(all);
        }
        let forbidden = |id: &str| {
            let message = format!("You do not have access to the account {id}");
            Error::new(ErrorKind::Forbidden, "account-foreign", message)
        };
        let account = |text: &&str| {
            let number: i64 =
                text.parse().map_err(|_| Error::invalid("account-invalid", "accountIds must be numbers"))?;
            all.iter().copied().find(|id| id.get() == number).ok_or_else(|| forbidden(text))
        };
        named.iter().map(account).collect()
    }
}

fn interval(word: Option<&str>, from: Timestamp, to: Timestamp) -> Result<Interval, Error> {
    match word.filter(|word| !word.is_empty()) {
        Some(word) => {
            word.parse().map_err(|unknown: UnknownInterval| Error::invalid("interval-unknown", unknown.to_string()))
        }
        None => Ok(Interval::for_span(from, to, CUSTOMARY_BUCKETS)),
    }
}

#[derive(Default)]
struct Tally {
    count: i64,
    success: i64,
    failed: i64,
}

fn shown(buckets: &[Timestamp], counts: &[EventCount], breakdown: Breakdown) -> Vec<Value> {
    let mut tallies: Vec<BTreeMap<i64, Tally>> = buckets.iter().map(|_| BTreeMap::new()).collect();
    for count in counts {
        let place = buckets.partition_point(|bucket| *bucket <= count.at);
        let Some(bucket) = place.checked_sub(1).and_then(|place| tallies.get_mut(place)) else { continue };
        let tally = bucket.entry(count.of).or_default();
        tally.count += count.count;
        tally.success += count.success;
        tally.failed += count.failed;
    }
    let id = if breakdown == Breakdown::Account { "accountId" } else { "instanceId" };
    let entry = |(at, tallies): (&Timestamp, BTreeMap<i64, Tally>)| {
        let total: i64 = tallies.values().map(|tally| tally.count).sum();
        if breakdown == Breakdown::None {
            return json!({ "count": total, "timestamp": at.to_iso_millis() });
        }
        let records: Vec<Value> = tallies
            .into_iter()
            .map(|(of, it)| json!({ id: of, "count": it.count, "success": it.success, "failed": it.failed }))
            .collect();
        json!({ "count": total, "total": total, "timestamp": at.to_iso_millis(), "records": records })
    };
    buckets.iter().zip(tallies).map(entry).collect()
}
