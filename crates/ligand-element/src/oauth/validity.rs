//! When a token is to be renewed, and what still renews it.

use ligand_domain::{Configuration, Timestamp};

use super::{keys, value};

/// How long a token lasts of which nobody said, in seconds.
const USUAL_SECONDS: i64 = 3600;

/// Whether there is something to renew the token with.
#[must_use]
pub fn is_renewable(configuration: &Configuration) -> bool {
    value(configuration, keys::REFRESH_TOKEN).is_some()
}

/// Whether the token is to be renewed before it is used: its time is over, or there is none.
#[must_use]
pub fn is_due(configuration: &Configuration, now: Timestamp) -> bool {
    is_renewable(configuration)
        && (value(configuration, keys::TOKEN).is_none() || expiry(configuration).is_some_and(|end| end <= now))
}

/// When the token's time is over; `None` when nobody knows how old it is.
#[must_use]
pub fn expiry(configuration: &Configuration) -> Option<Timestamp> {
    let made = made_at(configuration)?;
    let seconds = value(configuration, keys::REFRESH_INTERVAL).and_then(|text| text.parse().ok());
    let seconds = seconds.filter(|seconds: &i64| *seconds > 0).unwrap_or(USUAL_SECONDS);
    Some(Timestamp::from_millis(made.as_millis().saturating_add(seconds.saturating_mul(1000))))
}

/// When the token was made.
#[must_use]
pub fn made_at(configuration: &Configuration) -> Option<Timestamp> {
    let millis = value(configuration, keys::REFRESH_TIME)?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}

/// Whether two configurations hold the same tokens.
#[must_use]
pub fn same_tokens(one: &Configuration, other: &Configuration) -> bool {
    [keys::TOKEN, keys::TOKEN_SECRET, keys::REFRESH_TOKEN].iter().all(|key| one.get(key) == other.get(key))
}
