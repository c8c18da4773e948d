//! Counting parts and changing scripts.

use super::{BALTIC, CENTRAL_EUROPEAN, CYRILLIC, GREEK, NON_UNICODE, TURKISH, parts, transliterate};

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
        assert_eq!(parts(&text).count, expected, "{} of {:?}", text.chars().count(), text.chars().next());
    }
    assert_eq!(parts(&"a".repeat(60)).remaining, 100);
    assert_eq!(parts(&"a".repeat(161)).remaining, 306 - 161);
    assert_eq!(parts(&"ж".repeat(71)).remaining, 134 - 71);
}

#[test]
fn tables_have_a_substitute_for_every_character() {
    for table in [TURKISH, GREEK, CYRILLIC, CENTRAL_EUROPEAN, BALTIC, NON_UNICODE] {
        for (from, to) in table {
            assert_eq!(from.chars().count(), to.split(' ').count(), "{from}");
        }
    }
}

#[test]
fn transliterations() {
    for (text, name, expected) in [
        ("şu ığ", "TURKISH", "su ig"),
        ("Καλή μέρα", "GREEK", "KAΛH MEPA"),
        ("Ещё щука", "CYRILLIC", "Esche schuka"),
        ("Łódź", "CENTRAL_EUROPEAN", "Lodz"),
        ("“x”…", "NON_UNICODE", "\"x\"..."),
        ("şЩ日", "ALL", "sSch日"),
        ("şu", "GREEK", "şu"),
        ("şu", "NOTHING", "şu"),
    ] {
        assert_eq!(transliterate(text, name), expected, "{name}");
    }
    assert_eq!(parts(&transliterate(&"щ".repeat(50), "CYRILLIC")).count, 1);
}
