//! The walk over a vendor's pages until a page of the caller's is full. A pure state machine: it says which page to
//! fetch, is fed the records, and gives the page with the token for the next one. What is filtered and sorted here is
//! so while walking, so that each record comes once, whatever the sizes of pages.

#[cfg(test)]
mod tests;

use std::fmt;

use ligand_ceql::{Condition, Order};
use serde_json::Value;

use crate::{
    After, PlanError, Record, VendorPage,
    order::sort,
    paging::{Paging, Position, Style},
};

/// How many records are held to be sorted here.
const MAX_SORTED: usize = 20_000;

/// A walk, as [`crate::Prepared::walk`] begins it.
#[derive(Clone)]
pub struct Walk {
    paging: Paging,
    filter: Option<Condition>,
    order: Vec<Order>,
    kept: Vec<Record>,
    /// Records of the caller's earlier pages that came by.
    dropped: u64,
    /// Records that satisfy the filter, of those that came by.
    matched: u64,
    /// Whether the walk began at the vendor's first record.
    from_start: bool,
    /// Whether the vendor has nothing behind what was fed.
    is_exhausted: bool,
    /// Whether what was fed is the whole list, from its first record to its last.
    is_complete: bool,
    /// Whether the walk goes on behind the caller's page, to count what satisfies the filter.
    counts: bool,
    /// Where the caller's page ended, and whether nothing was behind it, once the walk goes on.
    page_end: Option<(Paging, bool)>,
}

/// A page of the caller's. Its `Debug` shows no records.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// Its records.
    pub records: Vec<Record>,
    /// The value of `Elements-Next-Page-Token`; none for a page without records, and where nothing can follow.
    pub next: Option<String>,
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Page").field("records", &self.records.len()).finish_non_exhaustive()
    }
}

impl Walk {
    pub(crate) fn new(paging: Paging, filter: Option<Condition>, order: Vec<Order>) -> Self {
        Self {
            from_start: paging.position == Position::default(),
            paging,
            filter,
            order,
            kept: Vec::new(),
            dropped: 0,
            matched: 0,
            is_exhausted: false,
            is_complete: false,
            counts: false,
            page_end: None,
        }
    }

    /// The same walk, which goes on until it has counted all records of the list, if it begins at the first one.
    pub(crate) fn counting(self) -> Self {
        Self { counts: self.from_start, ..self }
    }

    /// How many records the caller's list has in all, once every one of them came by here.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.is_complete.then_some(self.matched)
    }

    /// Whether the caller's page is full and the walk goes on to count only; it may be finished at any time.
    #[must_use]
    pub fn only_counts(&self) -> bool {
        self.page_end.is_some()
    }

    /// The vendor's page to fetch now; `None` when the walk is over. Asked again it gives the same until it is fed.
    #[must_use]
    pub fn next_page(&self) -> Option<VendorPage> {
        (!self.is_exhausted && (self.counts || !self.is_full())).then(|| self.paging.page())
    }

    /// Takes the records of the page that [`Walk::next_page`] named, and what its answer says about the next.
    ///
    /// # Errors
    /// When the list is too long to be sorted here.
    pub fn feed(&mut self, records: Vec<Record>, after: After) -> Result<(), PlanError> {
        let count = number(records.len());
        let skip = self.paging.position.skip.min(count);
        let mut consumed = skip;
        let is_all = self.paging.style == Style::Whole || self.page_end.is_some();
        let mut records = records.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX));
        while is_all || !self.is_full() {
            let Some(record) = records.next() else { break };
            consumed += 1;
            self.take(record);
        }
        if self.sorts() && self.kept.len() > MAX_SORTED {
            let message = format!("The list has more than {MAX_SORTED} records and cannot be ordered");
            return Err(PlanError::Invalid(message));
        }
        if self.counts && self.page_end.is_none() && self.is_full() {
            let before = self.paging.clone();
            self.advance(count, consumed, after.clone());
            self.page_end = Some((std::mem::replace(&mut self.paging, before), self.is_exhausted));
            records.for_each(|record| self.take(record));
            consumed = count;
        }
        self.advance(count, consumed, after);
        Ok(())
    }

    /// The page, once the walk is over.
    #[must_use]
    pub fn finish(mut self) -> Page {
        if let Some((paging, is_exhausted)) = self.page_end.take() {
            (self.paging, self.is_exhausted) = (paging, is_exhausted);
        }
        if self.sorts() {
            let mut values: Vec<Value> = self.kept.into_iter().map(Record::into_value).collect();
            sort(&mut values, &self.order);
            self.kept = values.into_iter().map(Record::Value).collect();
            let first = usize::try_from(self.paging.discard).unwrap_or(usize::MAX).min(self.kept.len());
            self.kept.drain(..first);
        }
        if self.paging.style != Style::Unpaged {
            self.kept.truncate(usize::try_from(self.paging.size).unwrap_or(usize::MAX));
        }
        let ends = match self.paging.style {
            Style::Unpaged => true,
            Style::Cursor => self.is_exhausted && !self.paging.counts_results(),
            Style::Page | Style::Offset | Style::Whole => false,
        };
        let next = (!ends && !self.kept.is_empty()).then(|| self.paging.token(number(self.kept.len())));
        Page { records: self.kept, next }
    }

    fn sorts(&self) -> bool {
        !self.order.is_empty()
    }

    fn is_full(&self) -> bool {
        self.paging.style != Style::Unpaged && !self.sorts() && number(self.kept.len()) >= self.paging.size
    }

    /// Keeps a record if it belongs to the page. What is sorted is kept whole and cut at the end.
    fn take(&mut self, mut record: Record) {
        if let Some(filter) = &self.filter {
            let value = record.into_value();
            if !filter.matches(&value) {
                return;
            }
            record = Record::Value(value);
        }
        self.matched += 1;
        if !self.sorts() && self.dropped < self.paging.discard {
            self.dropped += 1;
        } else if !self.is_full() {
            self.kept.push(record);
        }
    }

    /// Moves behind what was consumed of a page of `count` records.
    fn advance(&mut self, count: u64, consumed: u64, after: After) {
        let position = &mut self.paging.position;
        let is_whole = consumed >= count;
        // To count all, the walk goes on until the vendor has nothing or says so.
        let goes_on = self.counts && count > 0 && matches!(self.paging.style, Style::Page | Style::Offset);
        let more = after.more.unwrap_or(goes_on || count >= self.paging.vendor_size);
        // A page that is not full proves nothing where the vendor pages: it may give less at once than it was asked for.
        let is_last = match self.paging.style {
            Style::Page | Style::Offset => is_whole && (count == 0 || after.more == Some(false)),
            Style::Cursor => is_whole && after.cursor.is_none(),
            Style::Whole | Style::Unpaged => !more,
        };
        self.is_complete = self.from_start && is_last;
        match self.paging.style {
            Style::Offset => {
                position.offset = position.offset.saturating_add(consumed);
                self.is_exhausted = is_whole && (count == 0 || !more);
            }
            Style::Page | Style::Cursor if !is_whole => position.skip = consumed,
            Style::Page => {
                position.page += 1;
                position.skip = 0;
                self.is_exhausted = count == 0 || !more;
            }
            Style::Cursor => {
                let is_new = after.cursor.is_some() && after.cursor != position.cursor;
                if is_new {
                    position.cursor = after.cursor;
                    position.skip = 0;
                }
                self.is_exhausted = !is_new;
            }
            Style::Whole | Style::Unpaged => self.is_exhausted = true,
        }
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).expect("64 bits hold every count")
}
