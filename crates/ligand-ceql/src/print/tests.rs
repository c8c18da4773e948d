//! Canonical texts and the way back.

use proptest::prelude::*;

use crate::{Value, arbitrary, parse_select, parse_where};

#[test]
fn texts_become_canonical() {
    for (text, expected) in [
        ("a='x'", "a = 'x'"),
        ("a==1", "a = 1"),
        ("a<>\"it's\"", "a != 'it''s'"),
        ("`a b`=`x`", "`a b` = 'x'"),
        ("`a`=1", "a = 1"),
        ("`not`=1", "`not` = 1"),
        ("a LIKE`%`and b in(1,'2')", "a LIKE '%' AND b IN (1, '2')"),
        ("((a=1)) or (b=2 and (c=3))", "a = 1 OR b = 2 AND c = 3"),
        ("(a=1 or b=2)and not(c=3)", "(a = 1 OR b = 2) AND NOT c = 3"),
        ("not (not a=1)", "NOT (NOT a = 1)"),
        ("not (a=1 and b=2)", "NOT (a = 1 AND b = 2)"),
        ("a is not null or b not like 'x' or c not in (1)", "a IS NOT NULL OR b NOT LIKE 'x' OR c NOT IN (1)"),
        (r"a=`C:\`", r"a = `C:\`"),
        (r"a='C:\x'", r"a = 'C:\x'"),
        (r"a=`\'`", r"a = `\'`"),
        ("a='2014-04-02T18:28:30 0000'", "a = '2014-04-02T18:28:30+0000'"),
    ] {
        assert_eq!(parse_where(text).unwrap().unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn statements_become_canonical() {
    for (text, expected) in [
        ("select * from agents", "SELECT * FROM agents"),
        ("select a , b.c from order limit 5 where a='1'", "SELECT a, b.c FROM order WHERE a = '1' LIMIT 5"),
        ("select*from x order by a asc,b desc", "SELECT * FROM x ORDER BY a, b DESC"),
    ] {
        assert_eq!(parse_select(text).unwrap().to_string(), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(arbitrary::config())]

    #[test]
    fn conditions_survive_printing(condition in arbitrary::condition()) {
        let text = condition.to_string();
        prop_assert_eq!(parse_where(&text).unwrap(), Some(condition), "{}", text);
    }

    #[test]
    fn statements_survive_printing(select in arbitrary::select()) {
        let text = select.to_string();
        prop_assert_eq!(parse_select(&text).unwrap(), select, "{}", text);
    }

    #[test]
    fn values_survive_printing(text in arbitrary::hostile_text()) {
        let value = Value::quoted(&text);
        let condition = parse_where(&format!("a={value}")).unwrap().unwrap();
        prop_assert_eq!(condition.to_string(), format!("a = {value}"));
    }
}
