//! The record of calls, counted over time.

use std::collections::BTreeMap;

use ligand_domain::{Caller, Error, Interval, Timestamp};
use ligand_store::UsageCount;
use serde_json::{Value, json};

use super::Window;
use crate::{App, failure::of_store};

/// How many stretches of time one answer has at most.
const BUCKETS: usize = 11_000;
/// How many it has at most when nobody says how long they are to be.
const CHOSEN: i64 = 100;

/// What happened in one stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins, in milliseconds since 1970.
    pub begins: i64,
    /// Calls.
    pub count: i64,
    /// Of these: answered with an error.
    pub failed: i64,
    /// The shortest, in milliseconds.
    pub min: i64,
    /// The longest.
    pub max: i64,
    /// All together.
    pub sum: i64,
    /// Calls by the element's key.
    pub elements: BTreeMap<String, i64>,
}

impl Bucket {
    fn add(&mut self, counted: &UsageCount) {
        self.min = if self.count == 0 { counted.min } else { self.min.min(counted.min) };
        self.max = self.max.max(counted.max);
        self.count += counted.count;
        self.failed += counted.failed;
        self.sum += counted.sum;
        *self.elements.entry(counted.element_key.clone()).or_default() += counted.count;
    }
}

impl App {
    /// Calls in stretches of time, from that in which the window begins to that in which it ends, also those without
    /// any.
    ///
    /// # Errors
    /// Invalid for dates and stretches that cannot be read, or too many of them; not found for a time to come; forbidden
    /// for accounts that the caller does not see.
    pub async fn usage_over_time(
        &self,
        caller: &Caller,
        window: &Window,
        interval: Option<&str>,
    ) -> Result<Vec<Bucket>, Error> {
        self.write_usage().await;
        let mut filter = self.usage_filter(caller, window).await?;
        self.demand_past(&filter)?;
        let interval = match interval.filter(|word| !word.is_empty()) {
            Some(word) => {
                word.parse::<Interval>().map_err(|wrong| Error::invalid("interval-invalid", wrong.to_string()))?
            }
            None => Interval::for_span(filter.from, filter.to, CHOSEN),
        };
        let Some(begins) = interval.starts(filter.from, filter.to, BUCKETS) else {
            let message = format!("The interval is too short for this time: it gives more than {BUCKETS} entries");
            return Err(Error::invalid("interval-too-short", message));
        };
        filter.from = begins.first().copied().unwrap_or(filter.from);
        let counted = self.store.count_usage(&filter, interval.step_millis()).await.map_err(of_store)?;
        let mut buckets: Vec<Bucket> =
            begins.iter().map(|at| Bucket { begins: at.as_millis(), ..Bucket::default() }).collect();
        for counted in &counted {
            let at = Timestamp::from_millis(filter.from.as_millis() + counted.bucket * interval.step_millis());
            let place = begins.partition_point(|begin| *begin <= at);
            if let Some(bucket) = place.checked_sub(1).and_then(|place| buckets.get_mut(place)) {
                bucket.add(counted);
            }
        }
        Ok(buckets)
    }

    /// How often each instance was called, and when last. Of a time to come: nothing.
    ///
    /// # Errors
    /// As [`App::usage_over_time`].
    pub async fn usage_by_instance(&self, caller: &Caller, window: &Window) -> Result<Vec<Value>, Error> {
        self.write_usage().await;
        let filter = self.usage_filter(caller, window).await?;
        let mut used = Vec::new();
        for (id, element_key, count, last) in self.store.usage_by_instance(&filter).await.map_err(of_store)? {
            let name = self.load(id).await?.map(|loaded| loaded.instance.name.clone());
            used.push(json!({
                "instanceId": id, "name": name, "elementKey": element_key, "count": count,
                "lastUsed": last.to_iso_millis(),
            }));
        }
        Ok(used)
    }

    /// How many instances were made.
    ///
    /// # Errors
    /// As [`App::usage_over_time`].
    pub async fn instances_created(&self, caller: &Caller, window: &Window) -> Result<i64, Error> {
        let filter = self.usage_filter(caller, window).await?;
        self.store.count_created_instances(&filter.accounts, filter.from, filter.to).await.map_err(of_store)
    }
}
