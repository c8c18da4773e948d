//! The headers by which vendors ask to wait, good and bad.

use std::time::Duration;

use ligand_domain::Timestamp;

use super::wait;

/// 2020-01-01T00:00:00Z.
const NOW: i64 = 1_577_836_800_000;

fn seconds(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
    let headers: Vec<_> = headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    wait(status, &headers, Timestamp::from_millis(NOW)).map(|wait| wait.as_secs())
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(seconds(429, &[("retry-after", "7")]), Some(7));
    assert_eq!(seconds(503, &[("retry-after", " 7 ")]), Some(7));
    assert_eq!(seconds(429, &[("retry-after", "Wed, 01 Jan 2020 00:00:30 GMT")]), Some(30));
    assert_eq!(seconds(429, &[("retry-after", "Tue, 31 Dec 2019 00:00:30 GMT")]), Some(0), "past");
    let slow_clock = [("retry-after", "Wed, 01 Jan 2020 00:10:30 GMT"), ("date", "Wed, 01 Jan 2020 00:10:00 GMT")];
    assert_eq!(seconds(429, &slow_clock), Some(30), "the vendor's clock counts");
}

#[test]
fn other_answers_ask_for_nothing() {
    assert_eq!(seconds(200, &[("retry-after", "7")]), None);
    assert_eq!(seconds(200, &[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "7")]), None);
    assert_eq!(seconds(429, &[]), None);
    for text in ["", "soon", "NaN", "-", "1e400", "inf"] {
        assert!(seconds(429, &[("retry-after", text)]).is_none_or(|wait| wait <= 3600), "{text}");
    }
    assert_eq!(seconds(429, &[("retry-after", "-5")]), Some(0));
}

#[test]
fn exhausted_budgets_have_a_reset() {
    assert_eq!(seconds(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")]), Some(9));
    assert_eq!(seconds(200, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "9")]), Some(9));
    let epoch = (NOW / 1000 + 20).to_string();
    assert_eq!(seconds(429, &[("x-ratelimit-reset", &epoch)]), Some(20));
    let millis = (NOW + 20_000).to_string();
    assert_eq!(seconds(429, &[("x-rate-limit-reset", &millis)]), Some(20));
    assert_eq!(seconds(429, &[("x-ratelimit-reset-after", "0.5"), ("x-ratelimit-reset", &epoch)]), Some(0));
}

#[test]
fn no_wait_is_endless() {
    assert_eq!(
        wait(429, &[("retry-after".to_owned(), "99999".to_owned())], Timestamp::from_millis(NOW)),
        Some(Duration::from_secs(3600))
    );
}
