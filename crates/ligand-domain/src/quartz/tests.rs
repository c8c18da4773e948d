//! Cron expressions: when they fire, and what is none. Expected instants follow Quartz's documentation.

use proptest::prelude::*;

use super::Cron;
use crate::Timestamp;

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().expect("an instant");
    Timestamp::from_millis(instant.as_millisecond())
}

fn next(cron: &str, after: &str) -> String {
    let cron: Cron = cron.parse().unwrap_or_else(|wrong| panic!("{cron}: {wrong}"));
    cron.next_after(at(after)).map_or_else(|| "never".to_owned(), Timestamp::to_iso_seconds)
}

#[test]
fn fires_when_it_says() {
    // 2018-03-01 is a Thursday.
    for (cron, after, expected) in [
        ("0 * * * * ?", "2018-03-01T10:00:00Z", "2018-03-01T10:01:00Z"),
        ("0 * * * * ?", "2018-03-01T10:00:59.999Z", "2018-03-01T10:01:00Z"),
        ("* * * * * ?", "2018-03-01T10:00:00.500Z", "2018-03-01T10:00:01Z"),
        ("0 0/15 * 1/1 * ? *", "2018-03-01T10:15:00Z", "2018-03-01T10:30:00Z"),
        ("0 0/60 * * * ?", "2018-03-01T10:15:00Z", "2018-03-01T11:00:00Z"),
        ("0 /20 * * * ?", "2018-03-01T10:15:00Z", "2018-03-01T10:20:00Z"),
        ("0 0 01 ? * MON *", "2018-03-01T10:15:00Z", "2018-03-05T01:00:00Z"),
        ("0 0 12 ? * 2", "2018-03-01T10:15:00Z", "2018-03-05T12:00:00Z"),
        ("0 0 12 ? * fri-mon", "2018-03-01T10:15:00Z", "2018-03-02T12:00:00Z"),
        ("0 0 22-2 * * ?", "2018-03-01T02:00:00Z", "2018-03-01T22:00:00Z"),
        ("0 0 22-2 * * ?", "2018-03-01T23:00:00Z", "2018-03-02T00:00:00Z"),
        ("5,10 0,30 8,20 * * ?", "2018-03-01T08:30:10Z", "2018-03-01T20:00:05Z"),
        ("0 0 0 L * ?", "2018-02-28T00:00:00Z", "2018-03-31T00:00:00Z"),
        ("0 0 0 L-2 * ?", "2018-03-01T00:00:00Z", "2018-03-29T00:00:00Z"),
        ("0 0 0 LW * ?", "2018-03-01T00:00:00Z", "2018-03-30T00:00:00Z"),
        ("0 0 0 LW * ?", "2018-09-01T00:00:00Z", "2018-09-28T00:00:00Z"),
        ("0 0 0 15W * ?", "2018-07-01T00:00:00Z", "2018-07-16T00:00:00Z"),
        ("0 0 0 1W * ?", "2018-08-31T23:00:00Z", "2018-09-03T00:00:00Z"),
        ("0 0 0 31W * ?", "2018-06-01T00:00:00Z", "2018-06-29T00:00:00Z"),
        ("0 0 0 ? * 6L", "2018-03-01T00:00:00Z", "2018-03-30T00:00:00Z"),
        ("0 0 0 ? * L", "2018-03-01T00:00:00Z", "2018-03-03T00:00:00Z"),
        ("0 0 0 ? * FRI#3", "2018-03-01T00:00:00Z", "2018-03-16T00:00:00Z"),
        ("0 0 0 ? * 5#5", "2018-04-01T00:00:00Z", "2018-05-31T00:00:00Z"),
        ("0 0 0 29 FEB ?", "2018-03-01T00:00:00Z", "2020-02-29T00:00:00Z"),
        ("0 0 0 31 * ?", "2018-03-31T00:00:00Z", "2018-05-31T00:00:00Z"),
        ("0 0 0 1 1 ? 2030", "2018-03-31T00:00:00Z", "2030-01-01T00:00:00Z"),
        ("0 0 0 1 1 ? 2020-2040/10", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        ("59 59 23 31 12 ? 2199", "2018-03-31T00:00:00Z", "2199-12-31T23:59:59Z"),
        ("0 0 0 1 1 ? 2018", "2018-01-01T00:00:00Z", "never"),
        ("0 0 0 30 FEB ?", "2018-03-31T00:00:00Z", "never"),
    ] {
        assert_eq!(next(cron, after), expected, "{cron} after {after}");
    }
}

#[test]
fn what_is_none_is_refused() {
    for cron in [
        "",
        "*",
        "* * * * *",
        "* * * * * ? * *",
        "0 * * * * *",
        "0 * * ? * ?",
        "60 * * * * ?",
        "0 60 * * * ?",
        "0 0 24 * * ?",
        "0 0 0 0 * ?",
        "0 0 0 32 * ?",
        "0 0 0 ? 13 MON",
        "0 0 0 ? * 8",
        "0 0 0 ? * 0",
        "0 0 0 ? * MON#6",
        "0 0 0 ? * MOON",
        "0 0 0 L-31 * ?",
        "0 0 0 W * ?",
        "0 0 0 1,LW * ?",
        "0 0/0 * * * ?",
        "0 0/-1 * * * ?",
        "0 +5 * * * ?",
        "0 1- * * * ?",
        "0 1,,2 * * * ?",
        "? * * * * ?",
        "0 0 0 1 1 ? 1969",
        "0 0 0 1 1 ? 2030-2020",
        "0 0/99999999999 * * * ?",
        "0 ٣ * * * ?",
    ] {
        assert!(cron.parse::<Cron>().is_err(), "{cron}");
    }
    assert!(format!("0 {} * * * ?", "1,".repeat(1000)).parse::<Cron>().is_err());
}

#[test]
fn the_far_ends_of_time_are_no_trouble() {
    let cron: Cron = "0 * * * * ?".parse().unwrap();
    for millis in [i64::MIN, i64::MAX, -62_135_596_800_000, 253_402_300_799_000] {
        assert!(cron.next_after(Timestamp::from_millis(millis)).is_none_or(|next| next.as_millis() > millis));
    }
}

proptest! {
    #[test]
    fn the_next_instant_is_later_and_fits(
        second in 0_i16..60, minute in 0_i16..60, hour in 0_i16..24, day in 1_i16..29, after in 0_i64..4_000_000_000_000,
    ) {
        let cron: Cron = format!("{second} {minute} {hour} {day} * ?").parse().unwrap();
        let after = Timestamp::from_millis(after);
        let next = cron.next_after(after).unwrap();
        prop_assert!(next > after);
        prop_assert!(next.since(after).as_secs() <= 31 * 86_400);
        let expected = format!("-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        prop_assert!(next.to_iso_seconds().ends_with(&expected));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9*?,/\\-#LWMONFRI ]{0,40}", after in 0_i64..4_000_000_000_000) {
        if let Ok(cron) = text.parse::<Cron>() {
            let after = Timestamp::from_millis(after);
            prop_assert!(cron.next_after(after).is_none_or(|next| next > after));
        }
    }
}
