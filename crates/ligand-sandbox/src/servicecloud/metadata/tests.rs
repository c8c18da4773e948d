//! Classes are described, and references have values.

use time::OffsetDateTime;

use super::{all, hierarchy, named, values};
use crate::servicecloud::fault::Fault;
use crate::servicecloud::schema::MESSAGES;
use crate::servicecloud::store::State;
use crate::servicecloud::xml::Element;

fn operation(field: &str, text: &str) -> Element {
    let mut operation = Element::new(&MESSAGES, "x");
    operation.children.push(Element::with_text(&MESSAGES, field, text));
    operation
}

fn names(field: &str) -> Result<Vec<String>, Fault> {
    let state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let entries = values(&state, &operation("FieldName", field))?;
    Ok(entries.iter().map(|entry| entry.named("Name").unwrap().text.clone()).collect())
}

#[test]
fn classes_are_described_with_their_fields() {
    assert!(all().len() > 50);
    let class = named(&operation("ClassName", "Incident")).unwrap().remove(0);
    assert_eq!(class.named("CanCreate").unwrap().text, "true");
    assert_eq!(class.named("DerivedFrom").unwrap().children[0].text, "RNObject");
    let fields = &class.named("Attributes").unwrap().children;
    let of = |name: &str, part: &str| {
        let mut fields = fields.iter();
        let field = fields.find(|field| field.named("Name").unwrap().text == name).unwrap();
        field.named(part).unwrap().text.clone()
    };
    assert_eq!(of("PrimaryContact", "UsageOnCreate"), "REQUIRED");
    assert_eq!(of("CreatedTime", "UsageOnUpdate"), "NOT_ALLOWED");
    assert_eq!(of("Threads", "DataType"), "OBJECT_LIST");
    assert_eq!(of("Threads", "DataTypeName"), "ThreadList");
    assert!(of("CustomFields", "Description").contains("c.order_number STRING"));
}

#[test]
fn classes_that_do_not_exist_are_refused() {
    for name in ["Planet", "", "NamedID", "incident"] {
        assert!(named(&operation("ClassName", name)).is_err(), "{name}");
    }
    assert!(named(&Element::new(&MESSAGES, "x")).is_err());
    assert!(named(&operation("QualifiedClassName", "Incident")).is_err(), "it has no type name");
}

#[test]
fn references_have_values() {
    assert_eq!(names("Incident.Severity").unwrap(), ["Low", "Medium", "High"]);
    assert_eq!(names("Incident.StatusWithType.Status").unwrap()[1], "Solved");
    assert_eq!(names("Incident.Threads.EntryType").unwrap(), names("Incident.Threads.ThreadList.EntryType").unwrap());
    assert_eq!(names("Incident.Organization").unwrap(), ["Vogel Instruments"]);
    assert_eq!(names("Incident.PrimaryContact.Contact").unwrap()[0], "Vera Vogel");
    assert_eq!(names("Incident.Threads.Account").unwrap().len(), 2);
    for field in ["", "Incident", "Incident.Subject", "Incident.Planet", "Planet.x", "Incident.Severity.x", "."] {
        assert!(names(field).is_err(), "{field}");
    }
    let mut custom = operation("FieldName", "Incident.Severity");
    custom.children.insert(0, Element::with_text(&MESSAGES, "PackageName", "CO"));
    assert!(values(&State::seeded(OffsetDateTime::UNIX_EPOCH), &custom).is_err());
}

#[test]
fn hierarchies_name_what_is_above() {
    let state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let entries = hierarchy(&state, &operation("FieldName", "Incident.Category")).unwrap();
    let of = |at: usize, part: &str| entries[at].named(part).unwrap();
    assert_eq!((of(1, "Name").text.as_str(), of(1, "ParentID").text.as_str()), ("Lost parcel", "1"));
    assert!(of(0, "ParentID").is_nil());
}
