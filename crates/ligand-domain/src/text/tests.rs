//! Taking markup out of names.

use proptest::prelude::*;

use super::strip_markup;

#[test]
fn keeps_the_text_and_drops_the_tags() {
    for (given, kept) in [
        (r##"<a href="#" onClick="alert('x > y')">abc</a>"##, "abc"),
        ("plain @ name", "plain @ name"),
        ("a < b and c > d", "a < b and c > d"),
        ("1 <3 2", "1 <3 2"),
        ("<script>alert(1)</script>safe", "alert(1)safe"),
        ("<SCRIPT src=x>", ""),
        ("<scr<b>ipt>x</scr</b>ipt>y", "ipt>xipt>y"),
        ("<!-- hidden -->seen<br/>", "seen"),
        ("  <b> bold </b> ", "bold"),
        ("<a href='unclosed>text", "text"),
        ("ünï<i>cödé</i>", "ünïcödé"),
    ] {
        assert_eq!(strip_markup(given), kept, "{given:?}");
    }
}

proptest! {
    #[test]
    fn is_idempotent_and_never_panics(text in "[<>/a-c!\"'=ü -]{0,60}|.*") {
        let once = strip_markup(&text);
        prop_assert_eq!(strip_markup(&once), once.clone());
    }
}
