//! Patterns, order, and what is unknown.

use super::{compare, holds, like};
use crate::servicecloud::roql::parse::{Comparison, Operator};

#[test]
fn patterns() {
    for (text, pattern) in [("Abc", "a%"), ("abc", "%B%"), ("abc", "a_c"), ("", "%"), ("aab", "%ab")] {
        assert!(like(text, pattern), "{pattern}");
    }
    for (text, pattern) in [("abc", "b%"), ("abc", "_"), ("", "_"), ("ab", "a%c")] {
        assert!(!like(text, pattern), "{pattern}");
    }
    assert!(!like(&"a".repeat(1000), &"%a".repeat(500).replace("%a", "%a%b")));
}

#[test]
fn numbers_times_and_texts_are_compared_as_such() {
    assert!(compare("9", "10").is_lt());
    assert!(compare("2014-03-18T14:39:05+01:00", "2014-03-18T13:39:05Z").is_eq());
    assert!(compare("2014-03-18T13:39:05+0000", "2014-03-18T13:39:05Z").is_eq());
    assert!(compare("2014-03-18", "2014-03-18T13:39:05Z").is_lt());
    assert!(compare("a", "B").is_lt());
}

#[test]
fn a_missing_value_leaves_comparisons_unknown() {
    let test = |operator| {
        let comparison = Comparison { path: String::new(), operator, values: vec!["1".to_owned()] };
        holds(None, &comparison)
    };
    for operator in [Operator::Equal, Operator::NotEqual, Operator::Like, Operator::In, Operator::Less] {
        assert_eq!(test(operator), None);
    }
    assert_eq!((test(Operator::IsNull), test(Operator::IsNotNull)), (Some(true), Some(false)));
}
