//! Random conditions, statements and records for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};

use crate::{Condition, Field, Operator, Order, Select, Value};

/// The same cases in every run.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(2018), failure_persistence: None, ..ProptestConfig::default() }
}

/// Texts that look for trouble: quotes of all kinds, escapes, keywords, syntax of every language.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("''".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\\'".to_owned()),
        Just("`".to_owned()),
        Just("’".to_owned()),
        Just("”".to_owned()),
        Just("%".to_owned()),
        Just("_".to_owned()),
        Just("*".to_owned()),
        Just(";".to_owned()),
        Just(" OR 1=1 ".to_owned()),
        Just(" and (".to_owned()),
        Just(")".to_owned()),
        Just("--".to_owned()),
        Just("\n".to_owned()),
        Just("\0".to_owned()),
        Just("null".to_owned()),
        Just("2014-03-18T13:39:05 0000".to_owned()),
        Just("12".to_owned()),
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn field() -> impl Strategy<Value = Field> {
    let name = prop_oneof!["[abc](\\.[xy]|\\[[0-2*]\\]){0,2}", "and|Or|NOT|like|in|is|null|from|limit", "[^`]{1,6}"];
    name.prop_map(|name| Field::new(&name).expect("neither empty nor with a back-tick"))
}

fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof!["[xy]", "-?[0-9]{1,3}(\\.[0-9])?", "true|False|null", "2014-0[1-9]-18(T13:39:05Z)?"];
    let text = prop_oneof![3 => plain, 2 => hostile_text()];
    (text, any::<bool>()).prop_map(|(text, quoted)| if quoted { Value::quoted(&text) } else { Value::bare(&text) })
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

fn leaf() -> impl Strategy<Value = Condition> {
    let compare = (field(), operator(), value());
    prop_oneof![
        4 => compare.prop_map(|(field, operator, value)| Condition::Compare { field, operator, value }),
        1 => (field(), value(), any::<bool>())
            .prop_map(|(field, pattern, negated)| Condition::Like { field, pattern, negated }),
        1 => (field(), vec(value(), 1..4), any::<bool>())
            .prop_map(|(field, values, negated)| Condition::In { field, values, negated }),
        1 => (field(), any::<bool>()).prop_map(|(field, negated)| Condition::IsNull { field, negated }),
    ]
}

pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        let parts = || vec(inner.clone(), 2..5);
        prop_oneof![
            parts().prop_map(|parts| Condition::all(parts).expect("not empty")),
            parts().prop_map(|parts| Condition::any(parts).expect("not empty")),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

pub(crate) fn select() -> impl Strategy<Value = Select> {
    let order = (field(), any::<bool>()).prop_map(|(field, descending)| Order { field, descending });
    (vec(field(), 0..3), field(), option::of(condition()), vec(order, 0..3), option::of(any::<u64>()))
        .prop_map(|(fields, object, condition, order_by, limit)| Select { fields, object, condition, order_by, limit })
}

/// Records over the fields and values that the conditions use.
pub(crate) fn record() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-20i64..200).prop_map(Json::from),
        "[xy]".prop_map(Json::from),
        "2014-0[1-9]-18".prop_map(Json::from),
        hostile_text().prop_map(Json::from),
    ];
    let member = scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Json::from),
            (inner.clone(), inner).prop_map(|(x, y)| json!({"x": x, "y": y})),
        ]
    });
    (member.clone(), member.clone(), member).prop_map(|(a, b, c)| json!({"a": a, "b": b, "c": c}))
}
