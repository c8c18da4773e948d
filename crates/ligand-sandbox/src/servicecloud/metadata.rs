//! What the service says about itself: its classes with their fields, and the values that references can have.

use super::custom;
use super::fault::{Code, Fault};
use super::menus;
use super::schema::{BASE, Field, GENERIC, MESSAGES, METADATA, SCHEMA, Type};
use super::store::{State, class_named, lookup_name, needed};
use super::xml::{Attribute, Element, XSI};

#[cfg(test)]
mod tests;

/// Most classes that one request may name.
const MAX_NAMES: usize = 1_000;

/// Fields that the service sets itself.
const READ_ONLY: [&str; 6] =
    ["LookupName", "CreatedTime", "UpdatedTime", "AccountHierarchy", "CategoryHierarchy", "OrganizationHierarchy"];

/// All classes.
pub(super) fn all() -> Vec<Element> {
    SCHEMA.types.iter().filter(|one| one.namespace == "objects").map(class).collect()
}

/// The classes that a request names, in its order.
pub(super) fn named(operation: &Element) -> Result<Vec<Element>, Fault> {
    if operation.children.len() > MAX_NAMES {
        return Err(Fault::request(Code::InvalidRequest, "There are too many names."));
    }
    let mut classes = Vec::new();
    for child in &operation.children {
        let name = match child.name.as_str() {
            "QualifiedClassName" => child.child(&GENERIC, "TypeName").map(|name| name.text.as_str()),
            _ => Some(child.text.as_str()),
        };
        let name = name.unwrap_or_default().trim();
        let found = SCHEMA.find(name).filter(|one| one.namespace == "objects");
        let message = || format!("There is no class {name}.");
        classes.push(class(found.ok_or_else(|| Fault::request(Code::InvalidRequest, message()))?));
    }
    if classes.is_empty() {
        return Err(Fault::request(Code::MissingArgument, "A class must be named."));
    }
    Ok(classes)
}

fn class(described: &Type) -> Element {
    let is_primary = class_named(&described.name).is_some();
    let mut list = Element::new(&METADATA, "Attributes");
    for (_, field) in SCHEMA.fields(described) {
        list.children.push(attribute(described, field));
    }
    let mut class = Element::new(&METADATA, "MetaDataClass");
    class.children.push(list);
    for can in ["CanCreate", "CanDestroy", "CanGet", "CanUpdate"] {
        class.children.push(text(can, is_primary.to_string()));
    }
    if let Some(base) = described.base {
        class.children.push(object_type("DerivedFrom", base));
    }
    class.children.push(text("MetaDataLink", described.name.clone()));
    class.children.push(object_type("Name", &described.name));
    class
}

fn attribute(class: &Type, field: &Field) -> Element {
    let (kind, link) = data_type(field);
    let is_needed = needed(&class.name).contains(&field.name);
    let is_read_only = READ_ONLY.contains(&field.name) || (class.name == "ServiceCategory" && field.name == "Name");
    let (create, update) = match field.name {
        _ if is_read_only => ("NOT_ALLOWED", "NOT_ALLOWED"),
        "ID" => ("NOT_ALLOWED", "REQUIRED"),
        _ if is_needed => ("REQUIRED", "ALLOWED"),
        _ => ("ALLOWED", "ALLOWED"),
    };
    let identified = if field.name == "ID" { "REQUIRED" } else { "IGNORED" };
    let mut parts = vec![("DataType", kind.to_owned())];
    if let Some(link) = link {
        parts.push(("DataTypeName", link.to_owned()));
        parts.push(("MetaDataLink", link.to_owned()));
    }
    parts.push(("IsDeprecated", false.to_string()));
    parts.push(("Description", describe(class, field)));
    parts.push(("Name", field.name.to_owned()));
    parts.push(("Nullable", field.nillable.to_string()));
    parts.push(("UsageOnCreate", create.to_owned()));
    parts.push(("UsageOnDestroy", identified.to_owned()));
    parts.push(("UsageOnGet", if field.name == "ID" { "REQUIRED" } else { "ALLOWED" }.to_owned()));
    parts.push(("UsageOnUpdate", update.to_owned()));
    parts.push(("UsedAsName", (field.name == "LookupName").to_string()));
    let mut attribute = Element::new(&METADATA, "MetaDataAttributeList");
    attribute.children = parts.into_iter().map(|(name, value)| text(name, value)).collect();
    attribute
}

/// A few words about a field; of custom fields their names.
fn describe(class: &Type, field: &Field) -> String {
    if field.name != "CustomFields" {
        return format!("{} of {}", field.name, class.name);
    }
    let names = custom::fields(&class.name).iter().map(|(name, kind, _)| format!("{}.{name} {kind}", custom::PACKAGE));
    format!("Custom fields: {}", names.collect::<Vec<_>>().join(", "))
}

/// The data type of a field, and the class of objects.
fn data_type(field: &Field) -> (&'static str, Option<&'static str>) {
    let is_many = field.occurs.is_many();
    let one = |single, many| (if is_many { many } else { single }, None);
    match field.kind {
        "boolean" => one("BOOLEAN", "BOOLEAN_LIST"),
        "int" => one("INTEGER", "INTEGER_LIST"),
        "long" => one("LONG", "LONG_LIST"),
        "double" => one("DECIMAL", "DECIMAL_LIST"),
        "date" => one("DATE", "DATE_LIST"),
        "dateTime" => one("DATETIME", "DATETIME_LIST"),
        "base64Binary" => one("BASE64_BINARY", "BASE64_BINARY"),
        "ID" => one("ID", "ID_LIST"),
        "NamedID" | "NamedReadOnlyID" => one("NAMED_ID", "NAMED_ID_LIST"),
        "NamedIDList" => ("NAMED_ID_LIST", None),
        "NamedIDDelta" | "NamedIDDeltaList" => ("NAMED_ID_DELTA_LIST", None),
        "NamedIDHierarchy" => one("NAMED_ID_HIERARCHY", "NAMED_ID_HIERARCHY_LIST"),
        kind => match SCHEMA.find(kind) {
            None => one("STRING", "STRING_LIST"),
            Some(described) if is_many || SCHEMA.item(described).is_some() => ("OBJECT_LIST", Some(kind)),
            Some(_) => ("OBJECT", Some(kind)),
        },
    }
}

fn text(name: &str, value: String) -> Element {
    Element::with_text(&METADATA, name, value)
}

fn object_type(name: &str, kind: &str) -> Element {
    let mut element = Element::new(&METADATA, name);
    element.children.push(Element::with_text(&GENERIC, "TypeName", kind));
    element
}

/// What a reference can be: identifier, name, and what is above it.
type Entry = (i64, String, Option<i64>);

/// The values of a reference, as `GetValuesForNamedID` answers them.
pub(super) fn values(state: &State, operation: &Element) -> Result<Vec<Element>, Fault> {
    let package = operation.child(&MESSAGES, "PackageName").filter(|name| !name.text.trim().is_empty());
    if let Some(package) = package {
        let message = format!("There is no package {}.", package.text.trim());
        return Err(Fault::request(Code::InvalidField, message));
    }
    let entries = entries(state, operation)?.into_iter().map(|(id, name, _)| {
        let mut entry = Element::new(&MESSAGES, "Entry");
        entry.children = menus::reference(id, &name);
        entry
    });
    Ok(entries.collect())
}

/// The values of a reference, as `GetValuesForNamedIDHierarchy` answers them.
pub(super) fn hierarchy(state: &State, operation: &Element) -> Result<Vec<Element>, Fault> {
    let entries = entries(state, operation)?.into_iter().map(|(id, name, parent)| {
        let mut above = Element::new(&BASE, "ParentID");
        match parent {
            Some(parent) => above.text = parent.to_string(),
            None => above.attributes.push(Attribute {
                namespace: XSI.into(),
                name: "nil".to_owned(),
                value: "true".to_owned(),
                value_namespace: "".into(),
            }),
        }
        let mut entry = Element::new(&MESSAGES, "Entry");
        entry.children.push(Element::with_text(&BASE, "ID", id.to_string()));
        entry.children.push(Element::with_text(&BASE, "Name", name));
        entry.children.push(above);
        entry
    });
    Ok(entries.collect())
}

/// Finds the field that a dotted name means, from its class; names of list items may be left out.
fn entries(state: &State, operation: &Element) -> Result<Vec<Entry>, Fault> {
    let path = operation.child(&MESSAGES, "FieldName").map_or("", |name| name.text.trim());
    let unknown = || Fault::request(Code::InvalidField, format!("There is no reference {path}."));
    let mut parts = path.split('.');
    let mut described = parts.next().and_then(|class| SCHEMA.find(class)).ok_or_else(unknown)?;
    let (mut parent, mut field) = (described.name.as_str(), "");
    for part in parts {
        let find = |within| SCHEMA.fields(within).into_iter().map(|(_, field)| field).find(|one| one.name == part);
        let mut found = find(described).map(|found| (described.name.as_str(), found));
        if found.is_none()
            && let Some(item) = SCHEMA.item(described)
        {
            let inner = SCHEMA.find(item.kind).ok_or_else(unknown)?;
            found = find(inner).map(|found| (item.name, found));
        }
        let (place, found) = found.ok_or_else(unknown)?;
        (parent, field) = (if field.is_empty() { parent } else { place_of(place, field) }, found.name);
        described = SCHEMA.find(found.kind).ok_or_else(unknown)?;
    }
    if let Some(menu) = menus::entries(field) {
        return Ok(menu.iter().map(|(id, name)| (*id, (*name).to_owned(), None)).collect());
    }
    let class = menus::target(parent, field).ok_or_else(unknown)?;
    let above = |object: &Element| object.named("Parent")?.child(&BASE, "ID")?.attribute("id")?.parse().ok();
    Ok(state.list(class).map(|object| (object.id, lookup_name(object), above(&object.content))).collect())
}

/// References are told apart by the element they stand in: an item of a list, or the field passed before.
fn place_of<'a>(place: &'a str, before: &'a str) -> &'a str {
    if place.ends_with("List") { place } else { before }
}
