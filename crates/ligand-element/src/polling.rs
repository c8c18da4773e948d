//! Polling: which resources of an instance are polled, with which request, and what the records that come back mean as
//! events. Pure: the platform keeps the bookkeeping and makes the calls.

mod batch;
mod sources;
mod template;
#[cfg(test)]
mod tests;

use ligand_domain::{
    Timestamp,
    dates::{DateFormat, Zone},
};

pub use batch::{Batch, Change, Window};
pub use sources::{Polling, Problem as PollingProblem, polling};

/// A polled resource of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    /// What its events are called (`objectType`): the resource's name unless configured.
    pub name: String,
    /// The request below the API's base path, with date tokens.
    pub url: String,
    /// Where a record has its id; empty when records have none.
    pub id_field: String,
    /// Whether the date of change tells what is new; otherwise the date of creation does.
    pub filters_by_update: bool,
    /// Whether records that changed after the poll began are left to the next one.
    pub leaves_later: bool,
    /// Where and how records have their dates; `None` when they are not compared.
    pub dates: Option<Dates>,
    /// How far apart both dates may be for a record to be new, in seconds.
    pub created_tolerance: i64,
    /// How many records a page has; the resource's own choice when absent.
    pub page_size: Option<u32>,
    /// How much earlier than the last poll the window begins, in seconds.
    pub delay: i64,
    /// Further parameters of the request.
    pub parameters: Vec<(String, String)>,
    /// Where the answer has its list; the answer itself when empty.
    pub records_path: String,
}

/// Where records have their dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Dates {
    /// Date of change.
    pub updated: DateField,
    /// Date of creation.
    pub created: Option<DateField>,
}

/// A date of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct DateField {
    /// Dotted path.
    pub path: String,
    /// Its form.
    pub format: DateFormat,
    /// The zone of dates without an offset.
    pub zone: Zone,
}

impl Polled {
    /// The beginning of the window of a poll: the last poll, less the delay.
    #[must_use]
    pub fn begin(&self, last_poll: Timestamp) -> Timestamp {
        Timestamp::from_millis(last_poll.as_millis().saturating_sub(self.delay.saturating_mul(1000)))
    }

    /// Path and query of the request of a poll whose last one was then, percent-encoded once.
    #[must_use]
    pub fn request(&self, last_poll: Timestamp) -> String {
        let default = self.dates.as_ref().map(|dates| &dates.updated.format);
        let mut url = template::render(&self.url, self.begin(last_poll), default);
        for (name, value) in &self.parameters {
            append(&mut url, name, value);
        }
        if let Some(size) = self.page_size.filter(|_| !url.contains("pageSize=")) {
            append(&mut url, "pageSize", &size.to_string());
        }
        template::encoded(&url)
    }

    /// Whether the request itself names the beginning of the window, so that it brings nothing older.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        template::has_token(&self.url)
    }
}

fn append(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.extend([name, "=", &template::component(value)]);
}
