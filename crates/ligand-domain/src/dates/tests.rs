//! The patterns that element definitions contain, both ways.

use proptest::prelude::*;

use super::*;

/// 2018-07-31T19:39:46.451Z, a Tuesday.
const MOMENT: i64 = 1_533_065_986_451;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn rendered(pattern: &str, zone: &str) -> String {
    DatePattern::new(pattern).expect("a pattern").render(at(MOMENT), &Zone::named(zone))
}

fn parsed(pattern: &str, text: &str, zone: &str) -> Option<i64> {
    DateFormat::read(pattern).expect("a form").parse(text, &Zone::named(zone)).map(Timestamp::as_millis)
}

#[test]
fn renders_what_definitions_contain() {
    let cases = [
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "GMT", "2018-07-31T19:39:46Z"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "America/Denver", "2018-07-31T13:39:46-06:00"),
        ("yyyy-MM-dd'T'HH:mm:ssZ", "MST", "2018-07-31T12:39:46-0700"),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "GMT", "2018-07-31T19:39:46Z"),
        ("yyyy-MM-dd'T'HH:mm:ss", "-8:00", "2018-07-31T11:39:46"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "GMT", "2018-07-31T19:39:46.451Z"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "+0530", "2018-08-01T01:09:46.451+05"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "GMT", "2018-07-31T19:39:46.451000Z"),
        ("yyyy-MM-dd'T'HH:mmz", "PST", "2018-07-31T12:39PDT"),
        ("yyyy-MM-dd'T'HH:mmz", "EST", "2018-07-31T14:39GMT-05:00"),
        ("yyyy-MM-dd' 'HH:mm:ss", "GMT", "2018-07-31 19:39:46"),
        ("yyyy/MM/dd HH:mm:ss", "GMT", "2018/07/31 19:39:46"),
        ("MM/dd/yyy'T'HH:mm:ssXXX", "GMT", "07/31/2018T19:39:46Z"),
        ("EEE, dd MMM yyyy HH:mm:ss Z", "GMT", "Tue, 31 Jul 2018 19:39:46 +0000"),
        ("EEEE d MMMM yyyyy", "GMT", "Tuesday 31 July 02018"),
        ("yyyy.MM.dd G 'at' HH:mm:ss z", "GMT", "2018.07.31 AD at 19:39:46 GMT"),
        ("h:mm a", "GMT", "7:39 PM"),
        ("K k H D u", "GMT", "7 19 19 212 2"),
        ("yyMMddHHmmssZ", "GMT", "180731193946+0000"),
        ("hh 'o''clock' ''", "GMT", "07 o'clock '"),
        ("XX X", "-0230", "-0230 -02"),
    ];
    for (pattern, zone, expected) in cases {
        assert_eq!(rendered(pattern, zone), expected, "{pattern} in {zone}");
    }
}

#[test]
fn reads_what_vendors_write() {
    let second = MOMENT - 451;
    let cases = [
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2018-07-31T13:39:46-06:00", "GMT", second),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2018-07-31T13:39:46-6:00", "GMT", second),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2018-07-31T13:39:46-0600", "GMT", second),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2018-07-31T19:39:46.451+00:00", "GMT", MOMENT),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "2018-07-31T12:39:46Z", "PST", second),
        ("yyyy-MM-dd'T'HH:mm:ss", "2018-07-31T19:39:46 and more", "", second),
        ("yyyy-MM-dd'T'HH:mm:ss", "2018-07-31 19:39:46", "GMT", second),
        ("yyyy-MM-dd HH:mm:ss", "2018-07-31   19:39:46", "GMT", second),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "2018-07-31T19:39:46.451999Z", "GMT", MOMENT),
        ("yyyy-MM-dd'T'HH:mmz", "2018-07-31T12:39PDT", "GMT", second - 46_000),
        ("yyyy-MM-dd'T'HH:mmz", "2018-07-31T21:39GMT+2:00", "GMT", second - 46_000),
        ("EEE, dd MMM yyyy HH:mm:ss Z", "tue, 31 JUL 2018 19:39:46 +0000", "GMT", second),
        ("EEEE, d MMMM yyyy HH:mm:ss", "Tue, 31 July 2018 19:39:46", "GMT", second),
        ("MM/dd/yyyy h:mm:ss a", "7/31/2018 7:39:46 pm", "GMT", second),
        ("yyMMddHHmmssZ", "180731193946+0000", "GMT", second),
        ("MM/dd/yy HH:mm:ss", "07/31/18 19:39:46", "GMT", second),
        ("yyyy-DDD HH:mm:ss", "2018-212 19:39:46", "GMT", second),
        ("milliseconds", "1533065986451", "GMT", MOMENT),
        ("seconds", "1533065986", "GMT", second),
        ("microseconds", "1533065986451999", "GMT", MOMENT),
        ("Unix time", "1533065986", "GMT", second),
        ("yyyy-MM-dd", "1533065986451", "GMT", MOMENT),
        ("MM/dd/yyyy", "2018-07-31T19:39:46Z", "GMT", second),
    ];
    for (form, text, zone, expected) in cases {
        assert_eq!(parsed(form, text, zone), Some(expected), "{text} by {form} in {zone}");
    }
}

#[test]
fn what_is_no_date_is_none() {
    for text in ["", "yesterday", "2018-13-01", "2018-02-30T00:00:00", "2018-07-31T25:00:00", "日本", "-", "1e9"] {
        assert_eq!(parsed("yyyy-MM-dd'T'HH:mm:ssXXX", text, "GMT"), None, "{text}");
    }
}

#[test]
fn hours_that_summer_time_skips_and_repeats_are_read() {
    let skipped = parsed("yyyy-MM-dd HH:mm", "2018-03-11 02:30", "America/Denver");
    assert_eq!(skipped, parsed("yyyy-MM-dd HH:mm", "2018-03-11 09:30", "GMT"));
    let first = parsed("yyyy-MM-dd HH:mm", "2018-11-04 01:30", "America/Denver");
    assert_eq!(first, parsed("yyyy-MM-dd HH:mm", "2018-11-04 07:30", "GMT"));
}

#[test]
fn patterns_without_meaning_are_refused() {
    assert_eq!(DatePattern::new("yyyy-bb"), Err(PatternError::Letter('b')));
    assert_eq!(DatePattern::new("yyyy-MM-dd'T"), Err(PatternError::Quote));
    assert_eq!(DatePattern::new(&"S".repeat(1_000_000)), Err(PatternError::TooLong('S')));
}

#[test]
fn unknown_zones_are_greenwich() {
    for name in ["", "Nowhere/Else", "+99:00", "ÄÖÜ", "GMT", "UTC"] {
        assert_eq!(DatePattern::new("HH:mm").expect("a pattern").render(at(MOMENT), &Zone::named(name)), "19:39");
    }
}

proptest! {
    #[test]
    fn what_is_rendered_is_read(millis in -2_000_000_000_000_i64..4_000_000_000_000) {
        for pattern in ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "EEE, dd MMM yyyy HH:mm:ss.SSS Z", "yyyyMMddHHmmssSSSXX"] {
            let pattern = DatePattern::new(pattern).expect("a pattern");
            let text = pattern.render(at(millis), &Zone::named("+05:30"));
            prop_assert_eq!(pattern.parse(&text, &Zone::gmt()), Some(at(millis)));
        }
    }

    #[test]
    fn no_text_and_no_pattern_breaks_it(pattern in ".{0,40}", text in ".{0,40}", zone in ".{0,12}") {
        let zone = Zone::named(&zone);
        if let Ok(form) = DateFormat::read(&pattern) {
            let _ = form.parse(&text, &zone);
            let _ = form.render(at(MOMENT), &zone);
        }
        let _ = DateFormat::UnixTime.parse(&text, &zone);
    }
}
