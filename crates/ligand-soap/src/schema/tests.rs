//! Names of members, and types that stand for others.

use super::member_name;
use crate::samples::library;

#[test]
fn capitals_at_the_beginning_are_written_small() {
    let cases = [
        ("ID", "id"),
        ("LookupName", "lookupName"),
        ("CRMModules", "crmmodules"),
        ("NameOfSLA", "nameOfSLA"),
        ("action", "action"),
        ("_X", "_X"),
        ("\u{c4}pfel", "\u{e4}pfel"),
        ("", ""),
    ];
    for (local, member) in cases {
        assert_eq!(member_name(local), member);
    }
}

#[test]
fn only_derived_types_can_stand_for_a_type() {
    let schema = library().schema;
    let id = |name: &str| schema.substitute(name, schema.any_type).unwrap();
    assert_eq!(schema.substitute("Book", id("Thing")), Some(id("Book")));
    assert_eq!(schema.substitute("{urn:library:books}Book", id("Medium")), Some(id("Book")));
    for name in ["Thing", "Label", "Planet", "{urn:other}Book", "{", ""] {
        assert_eq!(schema.substitute(name, id("Medium")), None, "{name}");
    }
    assert_eq!(schema.spelled(id("Book")).as_deref(), Some("Book"));
    assert_eq!(
        schema
            .substitute("{http://www.w3.org/2001/XMLSchema}ID", schema.any_type)
            .and_then(|id| schema.spelled(id))
            .as_deref(),
        Some("{http://www.w3.org/2001/XMLSchema}ID")
    );
}
