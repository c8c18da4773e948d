//! Patterns.

use super::*;

#[test]
fn percent_stands_for_any_run() {
    for (text, pattern, expected) in [
        ("Smith", "Smith", true),
        ("SMITH", "smith", true),
        ("Smith", "Smit", false),
        ("Smith", "S%", true),
        ("Smith", "%h", true),
        ("Smith", "%mit%", true),
        ("Smith", "S%i%h", true),
        ("Smith", "S%x%h", false),
        ("", "", true),
        ("", "%", true),
        ("", "%%", true),
        ("a", "", false),
        ("a", "a%a", false),
        ("aa", "a%a", true),
        ("aba", "ab%ba", false),
        ("abcabc", "%abc", true),
        ("a_b", "a_b", true),
        ("axb", "a_b", false),
        ("a.b", "a.b", true),
        ("Straße", "STRASSE", true),
        ("ΑΣ", "ας", true),
        ("100%", "100%", true),
        ("ÄÖ", "ä%", true),
    ] {
        assert_eq!(matches(text, pattern), expected, "{text} LIKE {pattern}");
    }
}

#[test]
fn repeated_parts_stay_linear() {
    let text = "a".repeat(60_000);
    let pattern = "%a".repeat(30_000) + "%b";
    assert!(!matches(&text, &pattern));
}
