//! Conditions that vendors take and conditions that they do not.

use ligand_ceql::parse_where;

use super::*;
use crate::folder::tests::element;

const DEFINITION: &str = r#"
name: N
authentication: { type: none }
objects:
  - { name: leads, searchConfiguration: { fields: [Rank, LeadId], operators: [and] } }
  - { name: notes, searchable: false }
resources:
  - { method: GET, path: /leads }
  - { method: GET, path: /notes }
  - { method: GET, path: /others }
  - { method: GET, path: /own, object: { name: own, searchConfiguration: { fields: [x] } } }
  - { method: GET, path: "/{objectName}" }
"#;

#[test]
fn objects_say_what_can_be_searched() {
    let element = element("x", DEFINITION);
    let path = BTreeMap::from([("objectName".to_owned(), "leads".to_owned())]);
    let cases = [
        (0, "Rank='HOT'", true),
        (0, "rank='HOT'", false),
        (0, "LastName='x'", false),
        (0, "Rank='a' or Rank='b'", false),
        (0, "not (Rank='a' and LeadId=1)", true),
        (1, "a=1", false),
        (2, "a=1 or b=2", true),
        (3, "x=1 or x=2", true),
        (3, "y=1", false),
        (4, "Rank='HOT'", true),
        (4, "LastName='x'", false),
    ];
    for (resource, text, expected) in cases {
        let searchable = Searchable::of(&element, &element.resources()[resource], &path);
        assert_eq!(searchable.allows(&parse_where(text).unwrap().unwrap()), expected, "{text}");
    }
}
