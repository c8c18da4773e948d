//! The table of types.

use super::{SCHEMA, Schema};

#[test]
fn the_table_is_complete() {
    assert_eq!(SCHEMA.operations.len(), 12);
    let incident = SCHEMA.find("Incident").unwrap();
    let names: Vec<&str> = SCHEMA.fields(incident).iter().map(|(_, field)| field.name).collect();
    assert_eq!(names[..5], ["ID", "LookupName", "CreatedTime", "UpdatedTime", "Asset"]);
    assert!(SCHEMA.extends(incident, "RNObject"));
    assert!(!SCHEMA.extends(incident, "NamedID"));
    let flags = SCHEMA.find("IncidentNullFields").unwrap();
    assert!(flags.attributes.iter().any(|flag| flag.name == "Subject"));
    assert!(!flags.attributes.iter().any(|flag| flag.name == "PrimaryContact"));
}

#[test]
fn each_operation_has_both_messages() {
    for name in &SCHEMA.operations {
        for element in [(*name).to_owned(), format!("{name}Response")] {
            assert!(SCHEMA.global("messages", &element).is_some(), "{element}");
        }
    }
}

#[test]
fn bad_tables_are_refused() {
    for table in [
        "type A",
        "namespace a\ntype A\n  B",
        "namespace a\ntype A\n  B string sometimes",
        "namespace a\ntype A\n  B Unknown",
        "namespace a\ntype A : Unknown",
        "namespace a\n  B string",
        "namespace a\nthing A",
        "namespace a\ntype A @b",
    ] {
        assert!(Schema::parse(table).is_err(), "{table}");
    }
}
