//! Quoted and bare values, and the kinds of texts.

use super::*;

#[test]
fn what_cannot_be_bare_is_quoted() {
    for text in ["", "a b", "a,b", "a)", "'a", "\"a", "`a", "’a", "“a", "=a", "<a", ">a", "(a", "a\u{a0}b"] {
        assert!(Value::bare(text).is_quoted(), "{text}");
    }
    for text in ["a", "a'b", "10", "null", "a(b", "a=b", "-x", "%a%", "ü"] {
        assert!(!Value::bare(text).is_quoted(), "{text}");
    }
}

#[test]
fn only_the_bare_word_is_null() {
    assert!(Value::bare("null").is_null());
    assert!(Value::bare("NULL").is_null());
    assert!(!Value::quoted("null").is_null());
}

#[test]
fn numbers_are_digits_with_fraction_and_exponent() {
    for text in ["0", "-1", "007", "1.50", "1e5", "1E+5", "-2.5e-3", "123456789012345678901234567890123456789012"] {
        assert!(Number::parse(text).is_some(), "{text}");
    }
    for text in
        ["", "-", "+1", ".5", "5.", "1e", "1e+", "--1", "inf", "NaN", "0x1", "1 ", "1_0", "1e999", "１", "1.2.3"]
    {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn integers_compare_exactly_and_with_fractions() {
    let order = |left, right| Number::parse(left).unwrap().compare(Number::parse(right).unwrap());
    assert!(order("300000184853422111", "300000184853422112").is_lt());
    assert!(order("1.0", "1").is_eq());
    assert!(order("2", "1.5").is_gt());
    assert!(order("1e2", "100.0").is_eq());
}

#[test]
fn a_lost_plus_is_repaired_only_in_date_times() {
    assert_eq!(Value::quoted("2014-04-02T18:28:30 0000").text(), "2014-04-02T18:28:30+0000");
    assert_eq!(Value::quoted("2014-04-02 18:28:30.5 01:00").text(), "2014-04-02 18:28:30.5+01:00");
    for text in ["2014-04-02 1828", "2014-04-02 18:28", "room 0000", "2014-04-02T18:28:30Z 0000"] {
        assert_eq!(Value::quoted(text).text(), text);
    }
}
