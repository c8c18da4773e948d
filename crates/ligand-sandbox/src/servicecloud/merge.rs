//! Merging a sent element into a stored one, by the schema: values replace, structures merge field
//! by field, lists follow the `action` of their items.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::custom;
use super::fault::{Code, Fault};
use super::schema::{BASE, Field, SCHEMA, Type, uri};
use super::xml::Element;

/// Most items a list keeps.
const MAX_ITEMS: usize = 5_000;

/// Numbers and time for new list items.
pub(super) struct Stamp<'a> {
    pub(super) next_part: &'a mut i64,
    pub(super) now: OffsetDateTime,
}

/// Merges the fields sent into a stored object or structure. The type is that of the stored
/// element's name, which for objects is the class.
pub(super) fn into(stored: &mut Element, sent: &Element, stamp: &mut Stamp<'_>) -> Result<(), Fault> {
    let described = SCHEMA.find(&stored.name);
    let described = described.expect("stored objects are named after a type of the schema");
    structure(stored, sent, described, stamp)
}

/// Puts a field of an object at its place, replacing the one before.
pub(super) fn insert(stored: &mut Element, field: Element) {
    if let Some(described) = SCHEMA.find(&stored.name) {
        place(stored, field, described);
    }
}

fn structure(stored: &mut Element, sent: &Element, described: &Type, stamp: &mut Stamp<'_>) -> Result<(), Fault> {
    for child in &sent.children {
        if child.name == "ValidNullFields" {
            forget(stored, child);
            continue;
        }
        if child.is_nil() {
            stored.children.retain(|kept| kept.name != child.name);
            continue;
        }
        let fields = SCHEMA.fields(described);
        let Some((_, field)) = fields.into_iter().find(|(_, field)| field.name == child.name) else {
            continue;
        };
        let before = stored.children.iter().position(|kept| kept.name == child.name);
        let before = before.map(|at| stored.children.remove(at));
        let merged = match field.kind {
            "GenericObject" => custom::merge(&stored.name, before.as_ref(), child)?,
            _ => merge(before, child, field, stamp)?,
        };
        place(stored, merged, described);
    }
    Ok(())
}

fn merge(before: Option<Element>, sent: &Element, field: &Field, stamp: &mut Stamp<'_>) -> Result<Element, Fault> {
    let described = SCHEMA.find(field.kind);
    let Some(described) = described.filter(|one| !is_reference(one)) else {
        return Ok(bare(sent));
    };
    let mut merged = before.unwrap_or_else(|| Element::new(&sent.namespace, &sent.name));
    match SCHEMA.item(described).and_then(|item| SCHEMA.find(item.kind)) {
        Some(item) => list(&mut merged, sent, item, stamp)?,
        None => structure(&mut merged, sent, described, stamp)?,
    }
    Ok(merged)
}

/// Whether a type only refers to something by identifier and name; it is replaced as a whole.
fn is_reference(described: &Type) -> bool {
    described.name == "ID" || described.name == "NamedIDHierarchy" || SCHEMA.extends(described, "NamedID")
}

/// The element without its `action`.
fn bare(sent: &Element) -> Element {
    let mut kept = sent.clone();
    kept.attributes.retain(|one| one.name != "action");
    kept
}

fn list(stored: &mut Element, sent: &Element, item: &Type, stamp: &mut Stamp<'_>) -> Result<(), Fault> {
    for child in &sent.children {
        let action = child.attribute("action").unwrap_or_default();
        let key = key(child);
        let found = match &key {
            Some(key) => stored.children.iter().position(|kept| self::key(kept).as_ref() == Some(key)),
            None => None,
        };
        match (action, found) {
            ("none", _) => {}
            ("remove" | "update", _) | (_, Some(_)) if stored.name == "Threads" => {
                return Err(Fault::request(Code::InvalidField, "Threads can only be added to."));
            }
            ("remove", Some(at)) => _ = stored.children.remove(at),
            ("update" | "", Some(at)) => {
                let mut merged = stored.children[at].clone();
                structure(&mut merged, child, item, stamp)?;
                stored.children[at] = merged;
            }
            ("remove" | "update", None) => {
                let message = format!("There is no such {} to {action}.", child.name);
                return Err(Fault::request(Code::InvalidField, message));
            }
            _ if stored.children.len() >= MAX_ITEMS => {
                let message = format!("{} has too many items.", stored.name);
                return Err(Fault::request(Code::InvalidRequest, message));
            }
            _ => {
                let mut added = bare(child);
                number(&mut added, item, stamp);
                stored.children.push(added);
            }
        }
    }
    Ok(())
}

/// What tells the items of a list apart: an identifier, or the kind of address, phone or label.
fn key(item: &Element) -> Option<String> {
    let id = |element: &Element| {
        let id = element.named("ID").unwrap_or(element);
        id.attribute("id").map(str::to_owned)
    };
    if let Some(own) = item.child(&item.namespace, "ID").or_else(|| item.child(&BASE, "ID")) {
        return own.attribute("id").map(str::to_owned);
    }
    let kinds = ["AddressType", "PhoneType", "Language"];
    let kind = kinds.iter().find_map(|name| item.named(name))?;
    id(kind)
}

/// Gives a new item its identifier and time if its type has them.
fn number(added: &mut Element, item: &Type, stamp: &mut Stamp<'_>) {
    let names: Vec<(&str, &str)> =
        SCHEMA.fields(item).into_iter().map(|(namespace, field)| (namespace, field.name)).collect();
    let has = |name: &str| names.iter().find(|(_, found)| *found == name).map(|(space, _)| uri(space));
    // References have identifiers of their own; only parts with a text are numbered.
    if has("Text").is_none() && has("FileName").is_none() {
        return;
    }
    if let Some(namespace) = has("ID") {
        let mut id = Element::new(&namespace.into(), "ID");
        id.set_attribute("id", stamp.next_part.to_string());
        *stamp.next_part += 1;
        place(added, id, item);
    }
    if let Some(namespace) = has("CreatedTime") {
        let time = stamp.now.replace_nanosecond(0).unwrap_or(stamp.now);
        let time = time.format(&Rfc3339).unwrap_or_default();
        place(added, Element::with_text(&namespace.into(), "CreatedTime", time), item);
    }
}

/// Removes the fields that `ValidNullFields` flags.
fn forget(stored: &mut Element, flags: &Element) {
    let flagged = flags.attributes.iter().filter(|one| ["true", "1"].contains(&one.value.trim()));
    for flag in flagged {
        stored.children.retain(|kept| kept.name != flag.name);
    }
}

/// Puts a field where the schema has it.
fn place(stored: &mut Element, field: Element, described: &Type) {
    let fields = SCHEMA.fields(described);
    let rank = |name: &str| fields.iter().position(|(_, field)| field.name == name);
    let own = rank(&field.name);
    stored.children.retain(|kept| kept.name != field.name);
    let at = stored.children.iter().position(|kept| rank(&kept.name) > own);
    stored.children.insert(at.unwrap_or(stored.children.len()), field);
}
