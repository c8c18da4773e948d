//! The table and the types.

use serde_json::{Value, json};

use super::{Resource, Type, parse};
use crate::oraclesalescloud::lov;

#[test]
fn the_table_is_whole() {
    assert_eq!(Resource::top().count(), 6);
    for resource in Resource::top().flat_map(|top| std::iter::once(top).chain(top.children())) {
        assert!(resource.attribute(resource.id).is_some_and(|id| id.read_only), "{}", resource.path());
        assert!(resource.attribute(resource.number()).is_some(), "{}", resource.path());
        for list in resource.attributes.iter().filter_map(|attribute| attribute.lov) {
            assert!(lov::values(list).is_some(), "{list}");
        }
    }
    assert!(Resource::named("accounts/Note").is_none());
    let accounts = Resource::named("accounts").unwrap();
    assert_eq!(accounts.child("Note").unwrap().name(), "Note");
    assert!(accounts.child("Unicorn").is_none());
}

#[test]
fn bad_tables_are_refused() {
    for table in [
        "Name string",
        "[a b c]",
        "[a/b = c/d]",
        "[a b c d]\nName",
        "[a b c d]\nName blob",
        "[a b c d]\nName string sometimes",
        "[a b c d]\nName string max=many",
        "[a b c d]\nName string lov=",
    ] {
        assert!(parse(table).is_err(), "{table}");
    }
}

#[test]
fn values_are_taken_as_their_type() {
    for (kind, sent, stored) in [
        (Type::String, json!(7), json!("7")),
        (Type::Integer, json!("42"), json!(42)),
        (Type::Number, json!("4.5"), json!(4.5)),
        (Type::Boolean, json!("Y"), json!(true)),
        (Type::Date, json!("2030-02-28"), json!("2030-02-28")),
        (Type::Datetime, json!("2030-01-02T04:04:05+01:00"), json!("2030-01-02T03:04:05.000+00:00")),
        (Type::Integer, Value::Null, Value::Null),
    ] {
        assert_eq!(kind.accept(&sent), Some(stored), "{sent}");
    }
    for (kind, sent) in [
        (Type::String, json!([])),
        (Type::Integer, json!(4.5)),
        (Type::Integer, json!("9223372036854775808")),
        (Type::Number, json!("inf")),
        (Type::Boolean, json!(1)),
        (Type::Date, json!("2030-02-30")),
        (Type::Datetime, json!("2030-01-02")),
    ] {
        assert_eq!(kind.accept(&sent), None, "{sent}");
    }
    let midnight = Type::Datetime.accept_queried(&json!("2030-01-02"));
    assert_eq!(midnight, Some(json!("2030-01-02T00:00:00.000+00:00")));
}
