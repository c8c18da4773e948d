//! How long a vendor asks its callers to wait: `Retry-After`, and the headers by which vendors tell of an exhausted
//! budget. Pure.

#[cfg(test)]
mod tests;

use std::time::Duration;

use ligand_domain::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// Longer waits count as this one.
const LONGEST: Duration = Duration::from_secs(3600);

/// Where vendors tell how much of a budget is left.
const REMAINING: &[&str] = &["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"];

/// Where they tell when it is filled up again.
const RESET: &[&str] = &["x-ratelimit-reset-after", "x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"];

/// From here on a number of seconds is a date, not a wait.
const DATE_SECONDS: f64 = 1e8;

/// From here on a date is in milliseconds.
const DATE_MILLIS: f64 = 1e11;

/// How long to wait before the next call, when the answer says so. Header names are in lower case.
pub(crate) fn wait(status: u16, headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    let refused = matches!(status, 429 | 503);
    let vendor_now = header("date").and_then(millis_of_date).unwrap_or_else(|| now.as_millis());
    if refused && let Some(wait) = header("retry-after").and_then(|text| retry_after(text, vendor_now)) {
        return Some(wait.min(LONGEST));
    }
    let exhausted = REMAINING.iter().filter_map(|name| header(name)).any(|left| left.parse::<f64>().is_ok_and(is_none));
    if status != 429 && !exhausted {
        return None;
    }
    let reset = RESET.iter().find_map(|name| header(name)?.parse::<f64>().ok())?;
    Some(until(reset, vendor_now)?.min(LONGEST))
}

fn is_none(left: f64) -> bool {
    left <= 0.0
}

fn retry_after(text: &str, vendor_now: i64) -> Option<Duration> {
    match text.parse::<f64>() {
        Ok(seconds) => until(seconds, vendor_now),
        Err(_) => Some(between(vendor_now, millis_of_date(text)?)),
    }
}

/// The wait that a number means: seconds from now, or the date as seconds or milliseconds since 1970.
fn until(number: f64, vendor_now: i64) -> Option<Duration> {
    if number < DATE_SECONDS {
        return Duration::try_from_secs_f64(number.max(0.0)).ok();
    }
    let seconds = if number < DATE_MILLIS { number } else { number / 1000.0 };
    let date = Duration::try_from_secs_f64(seconds).ok()?;
    Some(between(vendor_now, i64::try_from(date.as_millis()).ok()?))
}

fn between(from: i64, to: i64) -> Duration {
    Duration::from_millis(u64::try_from(to.saturating_sub(from)).unwrap_or(0))
}

/// An HTTP date as milliseconds since 1970.
fn millis_of_date(text: &str) -> Option<i64> {
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    i64::try_from(date.unix_timestamp_nanos() / 1_000_000).ok()
}
