//! Rate limits that can be switched on for one vendor, counted in windows of the sandbox's clock.
//! A call over the limit gets the vendor's own refusal and the headers that vendor is known for.

use std::sync::Mutex;

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use time::{Duration, OffsetDateTime};

use crate::vendor::{COUNT, Vendor};
use crate::world::lock;

#[cfg(test)]
mod tests;

/// How many calls are let through in how much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) requests: u64,
    pub(crate) per: Duration,
}

/// A limit and what is used of it.
#[derive(Clone, Copy)]
struct Window {
    limit: Limit,
    /// When the first call of the window came.
    began: Option<OffsetDateTime>,
    used: u64,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    limit: u64,
    /// Calls left in the window, this one counted.
    remaining: u64,
    /// Whole seconds until the window ends, at least one.
    reset: i64,
    /// Whether this call is over the limit.
    pub(crate) exceeded: bool,
}

/// The limit of each vendor, if any.
#[derive(Default)]
pub(crate) struct Limits(Mutex<[Option<Window>; COUNT]>);

impl Limits {
    /// Switches a limit on; counting starts anew.
    pub(crate) fn set(&self, vendor: Vendor, limit: Limit) {
        lock(&self.0)[vendor.index()] = Some(Window { limit, began: None, used: 0 });
    }

    /// Switches a vendor's limit off.
    pub(crate) fn clear(&self, vendor: Vendor) {
        lock(&self.0)[vendor.index()] = None;
    }

    /// Switches all limits off.
    pub(crate) fn clear_all(&self) {
        *lock(&self.0) = Default::default();
    }

    /// The limit of a vendor.
    pub(crate) fn get(&self, vendor: Vendor) -> Option<Limit> {
        lock(&self.0)[vendor.index()].map(|window| window.limit)
    }

    /// Counts a call; `None` if the vendor has no limit.
    pub(crate) fn count(&self, vendor: Vendor, now: OffsetDateTime) -> Option<Standing> {
        let slot = &mut lock(&self.0)[vendor.index()];
        let window = slot.as_mut()?;
        let over = |began: OffsetDateTime| now < began || now - began >= window.limit.per;
        let began = match window.began.filter(|began| !over(*began)) {
            Some(began) => began,
            None => {
                window.used = 0;
                now
            }
        };
        window.began = Some(began);
        let exceeded = window.used >= window.limit.requests;
        window.used = window.used.saturating_add(u64::from(!exceeded));
        let left = window.limit.per - (now - began);
        let reset = (left.whole_milliseconds() as i64).saturating_add(999) / 1000;
        let remaining = window.limit.requests - window.used;
        Some(Standing { limit: window.limit.requests, remaining, reset: reset.max(1), exceeded })
    }
}

/// Puts the headers of a standing into an answer: Act! tells it with every answer, the others say
/// only how long to wait.
pub(crate) fn label(mut answer: Response, vendor: Vendor, standing: Standing) -> Response {
    let headers = answer.headers_mut();
    if vendor == Vendor::ActPremium {
        for (name, value) in [
            (HeaderName::from_static("x-ratelimit-limit"), standing.limit.to_string()),
            (HeaderName::from_static("x-ratelimit-remaining"), standing.remaining.to_string()),
            (HeaderName::from_static("x-ratelimit-reset"), standing.reset.to_string()),
        ] {
            headers.insert(name, HeaderValue::try_from(value).expect("digits are a header value"));
        }
    } else if standing.exceeded {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(standing.reset));
    }
    answer
}
