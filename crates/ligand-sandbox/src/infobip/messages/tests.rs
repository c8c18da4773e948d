//! Counting parts and reading times.

use super::{parse_time, parts};

#[test]
fn parts_follow_the_alphabet() {
    for (text, expected) in [
        (String::new(), 1),
        ("a".repeat(160), 1),
        ("a".repeat(161), 2),
        ("a".repeat(306), 2),
        ("a".repeat(307), 3),
        ("€".repeat(80), 1),
        ("€".repeat(81), 2),
        ("ж".repeat(70), 1),
        ("ж".repeat(71), 2),
        ("😀".repeat(35), 1),
        ("😀".repeat(36), 2),
        ("`".to_owned(), 1),
    ] {
        assert_eq!(parts(&text), expected, "{} of {:?}", text.chars().count(), text.chars().next());
    }
}

#[test]
fn times_have_an_offset_with_or_without_colon() {
    let expected = parse_time("2030-01-02T03:04:05Z").unwrap();
    for text in ["2030-01-02T03:04:05.000+0000", "2030-01-02T04:04:05+01:00", "2030-01-02T05:04:05.0+0200"] {
        assert_eq!(parse_time(text), Some(expected), "{text}");
    }
    for text in ["", "2030-01-02", "2030-13-02T03:04:05Z", "tomorrow", "2030-01-02T03:04:05"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}
