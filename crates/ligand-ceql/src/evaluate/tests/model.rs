//! The evaluator beside a model that is written from the rules once more, in the plainest way, over flat records.

use std::cmp::Ordering;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use crate::{Condition, Field, Operator, Value, arbitrary};

/// Values of every kind, some of them equal to others in another spelling.
const TEXTS: &[&str] = &[
    "",
    "x",
    "X",
    "xy",
    "12",
    "12.0",
    "-3",
    "9",
    "true",
    "False",
    "null",
    "2014-01-18",
    "2014-01-18T00:00:00Z",
    "2014-01-18T02:00:00+02:00",
    "2014-03-18T13:39:05",
    "2014-03-18T13:39:05 0000",
];

/// Where a text stands on the time line, for the dates above.
fn seconds(text: &str) -> Option<i64> {
    Some(match text {
        "2014-01-18" | "2014-01-18T00:00:00Z" | "2014-01-18T02:00:00+02:00" => 0,
        "2014-03-18T13:39:05" | "2014-03-18T13:39:05 0000" | "2014-03-18T13:39:05+0000" => 1,
        _ => return None,
    })
}

fn order(found: &str, value: &str) -> Ordering {
    if let (Ok(found), Ok(value)) = (found.parse::<f64>(), value.parse::<f64>()) {
        return found.partial_cmp(&value).expect("no text is NaN");
    }
    if let (Some(found), Some(value)) = (seconds(found), seconds(value)) {
        return found.cmp(&value);
    }
    let flag = |text: &str| text.to_ascii_lowercase().parse::<bool>().ok();
    if let (Some(found), Some(value)) = (flag(found), flag(value)) {
        return found.cmp(&value);
    }
    found.cmp(value)
}

fn is_null(value: &Value) -> bool {
    !value.is_quoted() && value.text().eq_ignore_ascii_case("null")
}

fn compares(found: Option<&str>, operator: Operator, value: &Value) -> bool {
    match (found, is_null(value)) {
        (None, true) => operator == Operator::Equal,
        (None, false) | (Some(_), true) => operator == Operator::NotEqual,
        (Some(found), false) => {
            let order = order(found, value.text());
            match operator {
                Operator::Equal => order == Ordering::Equal,
                Operator::NotEqual => order != Ordering::Equal,
                Operator::Less => order == Ordering::Less,
                Operator::LessOrEqual => order != Ordering::Greater,
                Operator::Greater => order == Ordering::Greater,
                Operator::GreaterOrEqual => order != Ordering::Less,
            }
        }
    }
}

/// `%` tried with every length.
fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| like(&text[skipped..], rest)),
        [first, rest @ ..] => text.first() == Some(first) && like(&text[1..], rest),
    }
}

fn holds(condition: &Condition, record: &Json) -> bool {
    let of = |field: &Field| match &record[field.as_str()] {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    match condition {
        Condition::And(parts) => !parts.iter().any(|part| !holds(part, record)),
        Condition::Or(parts) => parts.iter().any(|part| holds(part, record)),
        Condition::Not(part) => !holds(part, record),
        Condition::Compare { field, operator, value } => compares(of(field).as_deref(), *operator, value),
        Condition::Like { field, pattern, negated } => {
            let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
            let found = of(field);
            negated ^ found.is_some_and(|found| like(&chars(&found), &chars(pattern.text())))
        }
        Condition::In { field, values, negated } => {
            let found = of(field);
            negated ^ values.iter().any(|value| compares(found.as_deref(), Operator::Equal, value))
        }
        Condition::IsNull { field, negated } => negated ^ of(field).is_none(),
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = || select(TEXTS);
    prop_oneof![
        3 => text().prop_map(Value::quoted),
        2 => text().prop_filter("a bare value is not blank", |text| !text.is_empty() && !text.contains(' ')).prop_map(Value::bare),
    ]
}

fn pattern() -> impl Strategy<Value = Value> {
    "[xXy%1]{0,5}".prop_map(|text| Value::quoted(&text))
}

fn field() -> impl Strategy<Value = Field> {
    select(&["a", "b", "missing"][..]).prop_map(|name| Field::new(name).expect("a name"))
}

fn condition() -> impl Strategy<Value = Condition> {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let operator = select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let compare = (field(), operator, value());
    let leaf = prop_oneof![
        4 => compare.prop_map(|(field, operator, value)| Condition::Compare { field, operator, value }),
        1 => (field(), pattern(), any::<bool>())
            .prop_map(|(field, pattern, negated)| Condition::Like { field, pattern, negated }),
        1 => (field(), vec(value(), 1..4), any::<bool>())
            .prop_map(|(field, values, negated)| Condition::In { field, values, negated }),
        1 => (field(), any::<bool>()).prop_map(|(field, negated)| Condition::IsNull { field, negated }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| Condition::all(parts).expect("not empty")),
            vec(inner.clone(), 2..4).prop_map(|parts| Condition::any(parts).expect("not empty")),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

/// Only queries have the blank in place of a plus mended.
fn member() -> impl Strategy<Value = Json> {
    let text = select(TEXTS).prop_filter("no record has it", |text| !text.contains(' '));
    prop_oneof![
        4 => text.prop_map(Json::from),
        1 => Just(Json::Null),
        1 => any::<bool>().prop_map(Json::from),
        1 => select(&[12, -3, 9][..]).prop_map(Json::from),
        1 => Just(json!(12.0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..arbitrary::config() })]

    #[test]
    fn the_evaluator_does_what_the_rules_say(condition in condition(), a in member(), b in member()) {
        let record = json!({ "a": a, "b": b });
        prop_assert_eq!(condition.matches(&record), holds(&condition, &record), "{} on {}", condition, record);
    }
}
