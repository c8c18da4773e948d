//! The menus of the site (statuses, types of addresses and threads …) and the references from one
//! object to another. A reference may be written by identifier or by name; here both are found.

use super::fault::{Code, Fault};
use super::schema::{BASE, OBJECTS};
use super::store::{State, class_named, lookup_name};
use super::xml::Element;

/// A menu: the fields that use it, and its entries.
type Menu = (&'static [&'static str], &'static [(i64, &'static str)]);

const MENUS: [Menu; 16] = [
    (&["Status"], &[(1, "Unresolved"), (2, "Solved"), (3, "Waiting"), (8, "Updated")]),
    (&["StatusType"], &[(1, "Unresolved"), (2, "Solved"), (3, "Waiting")]),
    (&["Severity"], &[(1, "Low"), (2, "Medium"), (3, "High")]),
    (
        &["EntryType"],
        &[
            (1, "Note"),
            (2, "Staff Account"),
            (3, "Customer"),
            (4, "Customer Proxy"),
            (5, "Chat"),
            (6, "Rule Response"),
            (7, "Rule Response Template"),
            (8, "Voice Integration"),
        ],
    ),
    (&["PhoneType"], &[(0, "Office"), (1, "Mobile"), (2, "Fax"), (3, "Assistant"), (4, "Home")]),
    (&["AddressType"], &[(0, "Primary"), (1, "Alternate 1"), (2, "Alternate 2")]),
    (&["Language"], &[(1, "en_US"), (2, "de_DE"), (3, "fr_FR")]),
    (&["ContentType"], &[(1, "text/plain"), (2, "text/html")]),
    (&["Profile"], &[(1, "Full Access"), (2, "Agent"), (3, "Supervisor")]),
    (&["StaffGroup"], &[(100_001, "Administrators"), (100_002, "Support"), (100_003, "Sales")]),
    (&["Queue"], &[(1, "Default Queue"), (2, "Escalations")]),
    (&["Interface"], &[(1, "sandbox")]),
    (&["Country"], &[(1, "US"), (2, "CH"), (3, "DE"), (4, "FR")]),
    (&["Channel"], &[(1, "Service Mailbox"), (3, "Phone"), (6, "Service Web"), (9, "Chat")]),
    (&["Industry"], &[(1, "Manufacturing"), (2, "Retail"), (3, "Services")]),
    (&["ContactType"], &[(1, "Customer"), (2, "Partner")]),
];

/// Fields that refer to objects: the element they stand in (empty: any), their name, the class.
const REFERENCES: [(&str, &str, &str); 11] = [
    ("", "Organization", "Organization"),
    ("", "CreatedByAccount", "Account"),
    ("PrimaryContact", "Contact", "Contact"),
    ("ThreadList", "Contact", "Contact"),
    ("ThreadList", "Account", "Account"),
    ("AssignedTo", "Account", "Account"),
    ("Incident", "Category", "ServiceCategory"),
    ("ServiceCategory", "Parent", "ServiceCategory"),
    ("Organization", "Parent", "Organization"),
    ("Account", "Manager", "Account"),
    ("IncidentContactList", "Contact", "Contact"),
];

/// Completes every reference in what was sent with identifier and name.
pub(super) fn settle(state: &State, sent: &mut Element) -> Result<(), Fault> {
    let name = sent.instance_type().map_or(sent.name.as_str(), |(_, class)| class).to_owned();
    for child in &mut sent.children {
        if child.is_nil() {
            continue;
        }
        if is_reference(child)
            && let Some(entries) = entries(&child.name)
        {
            let found = entries.iter().copied().find(|(id, name)| is_meant(child, *id, name));
            let found = found.map(|(id, name)| (id, name.to_owned()));
            complete(child, found)?;
        } else if is_reference(child)
            && let Some(class) = target(&name, &child.name)
        {
            let named = state.list(class).map(|object| (object.id, lookup_name(object)));
            let found = match written_id(child) {
                Some(id) => state.get(class, id).map(|object| (id, lookup_name(object))),
                None => named.into_iter().find(|(id, name)| is_meant(child, *id, name)),
            };
            complete(child, found)?;
        } else {
            settle(state, child)?;
        }
    }
    Ok(())
}

/// The menu of a field.
pub(super) fn entries(field: &str) -> Option<&'static [(i64, &'static str)]> {
    MENUS.iter().find(|(fields, _)| fields.contains(&field)).map(|(_, entries)| *entries)
}

/// The class that a field refers to.
pub(super) fn target(parent: &str, field: &str) -> Option<&'static str> {
    let mut known = REFERENCES.iter();
    let found = known.find(|(place, name, _)| *name == field && (place.is_empty() || *place == parent));
    found.and_then(|(.., class)| class_named(class))
}

/// Whether an element consists of nothing but an identifier and a name.
fn is_reference(element: &Element) -> bool {
    !element.children.is_empty() && element.children.iter().all(|part| part.is(&BASE, "ID") || part.is(&BASE, "Name"))
}

fn written_id(element: &Element) -> Option<i64> {
    element.child(&BASE, "ID")?.attribute("id")?.trim().parse().ok()
}

fn is_meant(element: &Element, id: i64, name: &str) -> bool {
    match written_id(element) {
        Some(written) => written == id,
        None => element.child(&BASE, "Name").is_some_and(|one| one.text.eq_ignore_ascii_case(name)),
    }
}

fn complete(element: &mut Element, found: Option<(i64, String)>) -> Result<(), Fault> {
    let Some((id, name)) = found else {
        let message = format!("The value of {} does not exist.", element.name);
        return Err(Fault::request(Code::InvalidField, message));
    };
    element.children = reference(id, &name);
    Ok(())
}

/// The content of a reference.
pub(super) fn reference(id: i64, name: &str) -> Vec<Element> {
    let mut identifier = Element::new(&BASE, "ID");
    identifier.set_attribute("id", id.to_string());
    vec![identifier, Element::with_text(&BASE, "Name", name)]
}

/// The status of a new incident.
pub(super) fn open_status() -> Element {
    let mut status = Element::new(&OBJECTS, "StatusWithType");
    let mut inner = Element::new(&OBJECTS, "Status");
    inner.children = reference(1, "Unresolved");
    status.children.push(inner);
    status
}

/// Sets the type that belongs to an incident's status.
pub(super) fn settle_status(incident: &mut Element) {
    let fields = &mut incident.children;
    let Some(status) = fields.iter_mut().find(|field| field.name == "StatusWithType") else { return };
    let id = status.named("Status").and_then(written_id).unwrap_or(1);
    let (id, name) = match id {
        2 => (2, "Solved"),
        3 => (3, "Waiting"),
        _ => (1, "Unresolved"),
    };
    let mut kind = Element::new(&OBJECTS, "StatusType");
    kind.children = reference(id, name);
    status.children.retain(|part| part.name != "StatusType");
    status.children.push(kind);
}
