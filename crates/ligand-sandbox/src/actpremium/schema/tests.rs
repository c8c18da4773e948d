//! The table, and where paths lead.

use serde_json::json;

use super::{Kind, Shape, TABLES, Type, describe, parse};

#[test]
fn the_table_has_every_kind_in_its_place() {
    assert_eq!(TABLES.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(kind.name(), format!("{kind:?}"));
        assert_eq!(Kind::from_path(kind.collection()), Some(kind));
        assert_eq!(describe(kind).len(), TABLES[kind as usize].fields.len() + 1);
    }
    for table in ["name text", "[Contact]", "[A b]\nname", "[A b]\nname blob", "[A b]\nname text often"] {
        assert!(parse(table).is_err(), "{table}");
    }
}

#[test]
fn paths_lead_to_shapes() {
    for (kind, path, shape) in [
        (Kind::Contact, "ID", Some(Shape::Guid)),
        (Kind::Contact, "businessAddress/State", Some(Shape::Text)),
        (Kind::Contact, "businessAddress", Some(Shape::Complex)),
        (Kind::Contact, "customFields/Shoe_Size", Some(Shape::Number)),
        (Kind::Contact, "edited", Some(Shape::Datetime)),
        (Kind::Opportunity, "stage/process/name", Some(Shape::Text)),
        (Kind::Opportunity, "stage/probability", Some(Shape::Number)),
        (Kind::Activity, "contacts", Some(Shape::List(Kind::Contact))),
        (Kind::History, "historyType/id", Some(Shape::Number)),
        (Kind::Contact, "planet", None),
        (Kind::Contact, "businessAddress/planet", None),
        (Kind::Contact, "lastName/x", None),
        (Kind::Contact, "customFields/planet", None),
        (Kind::Contact, "shoe_size", None),
        (Kind::Contact, "", None),
        (Kind::Contact, "id/x", None),
    ] {
        assert_eq!(kind.shape(path), shape, "{path}");
    }
}

#[test]
fn values_are_checked() {
    assert_eq!(Type::Status.accept(&json!("won")), Some(json!("Won")));
    assert_eq!(Type::Text.accept(&json!(7)), Some(json!("7")));
    let time = Type::Datetime.accept(&json!("2030-01-02T04:04:05.5+01:00"));
    assert_eq!(time, Some(json!("2030-01-02T03:04:05Z")));
    for (kind, value) in [
        (Type::Text, json!([])),
        (Type::Guid, json!("x")),
        (Type::Number, json!("1")),
        (Type::Boolean, json!("true")),
        (Type::Datetime, json!("2030-01-02")),
        (Type::Address, json!("x")),
        (Type::Status, json!("Gone")),
        (Type::Stage, json!({"id": "x"})),
        (Type::Event, json!({"id": 99})),
    ] {
        assert_eq!(kind.accept(&value), None, "{value}");
    }
}
