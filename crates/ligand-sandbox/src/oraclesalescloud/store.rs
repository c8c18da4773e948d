//! The items of all resources and their children, and what the service does to them: mandatory
//! attributes, types, read-only attributes, identifiers, who and when. A request with rows of
//! children succeeds or fails as a whole.

mod derive;
mod seed;

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::lov;
use super::refusal::Refusal;
use super::resource::{Resource, Type, stamp};
use crate::records::{MAX_RECORDS, scatter};

/// Attributes of one item. What is absent is null.
pub(super) type Item = Map<String, Value>;

/// First numeric identifier, in the range the service uses.
const FIRST_ID: u64 = 300_000_081_321_867;
/// First readable number.
const FIRST_NUMBER: u64 = 7_297;
/// Most rows of children one request may carry.
const MAX_ROWS: usize = 1_000;

/// Who changes something and when.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) user: &'a str,
    pub(super) now: OffsetDateTime,
}

/// Whose item it is: nobody's, or a child's parent by resource and numeric identifier.
pub(super) type Owner = Option<(&'static Resource, u64)>;

/// A stored item.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) item: Item,
    /// Key in URLs.
    pub(super) key: String,
    /// Counts the changes; part of the change indicator.
    pub(super) version: u64,
    /// Numeric identifier.
    pub(super) id: u64,
    /// Numeric identifier of the parent; 0 if it has none.
    owner: u64,
}

impl Stored {
    /// What tells this state of the item from others.
    pub(super) fn change_indicator(&self) -> String {
        format!("ACED0005{:016X}", self.version)
    }
}

/// All items, oldest first.
pub(crate) struct State {
    items: HashMap<&'static str, Vec<Stored>>,
    created: u64,
}

impl State {
    /// All items of a resource, or of a child below one parent.
    pub(super) fn list(&self, resource: &Resource, owner: Owner) -> impl Iterator<Item = &Stored> {
        let owner = owner.map_or(0, |(_, id)| id);
        self.items.get(resource.path()).into_iter().flatten().filter(move |stored| stored.owner == owner)
    }

    /// An item by the key in its URL.
    pub(super) fn get(&self, resource: &Resource, owner: Owner, key: &str) -> Result<&Stored, Refusal> {
        self.list(resource, owner).find(|stored| stored.key == key).ok_or_else(Refusal::not_found)
    }

    /// The item that has the number sent, if there is one.
    pub(super) fn same(&self, resource: &'static Resource, owner: Owner, sent: &Item) -> Option<String> {
        let same = |name: &str, stored: &Stored| {
            let value = sent.get(name).filter(|value| !value.is_null());
            value.is_some() && stored.item.get(name) == value
        };
        let outside = |stored: &Stored| same("SourceSystem", stored) && same("SourceSystemReferenceValue", stored);
        let found = self.list(resource, owner).find(|stored| same(resource.number(), stored) || outside(stored));
        found.map(|stored| stored.key.clone())
    }

    /// Adds an item with the rows of children it was sent with.
    pub(super) fn create(
        &mut self,
        resource: &'static Resource,
        owner: Owner,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<&Stored, Refusal> {
        let key = self.create_alone(resource, owner, sent, by)?;
        let id = self.get(resource, owner, &key)?.id;
        if let Err(refusal) = self.write_children(resource, id, sent, by) {
            self.delete(resource, owner, &key)?;
            return Err(refusal);
        }
        self.get(resource, owner, &key)
    }

    fn create_alone(
        &mut self,
        resource: &'static Resource,
        owner: Owner,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<String, Refusal> {
        if self.items.get(resource.path()).map_or(0, Vec::len) >= MAX_RECORDS {
            let message = "The sandbox keeps no more items; reset it.";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message));
        }
        if resource.single() && self.list(resource, owner).next().is_some() {
            let message = format!("Only one {} is allowed.", resource.name());
            return Err(Refusal::bad(message));
        }
        let id = FIRST_ID + self.created;
        let mut item = accept(resource, sent)?;
        let missing = missing(resource, &item);
        if !missing.is_empty() {
            return Err(Refusal::missing(resource.entity, id, &missing));
        }
        item.insert(resource.id.to_owned(), json!(id));
        let key = self.key(resource, owner, &mut item, id)?;
        if let Some((parent, parent_id)) = owner.filter(|(parent, _)| resource.attribute(parent.id).is_some()) {
            item.insert(parent.id.to_owned(), json!(parent_id));
        }
        derive::fill(resource, &mut item);
        for (name, value) in [("CreationDate", stamp(by.now)), ("CreatedBy", by.user.to_owned())] {
            item.insert(name.to_owned(), json!(value));
        }
        touch(&mut item, by);
        self.created += 1;
        let owner = owner.map_or(0, |(_, id)| id);
        let stored = Stored { item, key: key.clone(), version: 1, id, owner };
        self.items.entry(resource.path()).or_default().push(stored);
        Ok(key)
    }

    /// The key of a new item: the caller's own number if it is free, else the next.
    fn key(&self, resource: &Resource, owner: Owner, item: &mut Item, id: u64) -> Result<String, Refusal> {
        let number = resource.number();
        if number == resource.id {
            return Ok(id.to_string());
        }
        let own = item.get(number).and_then(Value::as_str).map(str::to_owned);
        let value = own.unwrap_or_else(|| (FIRST_NUMBER + self.created).to_string());
        let taken = |stored: &Stored| stored.item.get(number).and_then(Value::as_str) == Some(&value);
        if self.list(resource, owner).any(taken) {
            let message = format!("Too many objects match the primary key oracle.jbo.Key[{value} ].");
            return Err(Refusal::attribute(25013, number, &message));
        }
        item.insert(number.to_owned(), json!(value));
        let opaque = || format!("00020000000EACED00057708{:016X}", scatter(id));
        Ok(if resource.has_opaque_key() { opaque() } else { value })
    }

    /// Changes the attributes and rows of children that were sent.
    pub(super) fn update(
        &mut self,
        resource: &'static Resource,
        owner: Owner,
        key: &str,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<&Stored, Refusal> {
        let before = self.get(resource, owner, key)?.clone();
        let mut item = before.item.clone();
        item.extend(accept(resource, sent)?);
        if let Some(first) = missing(resource, &item).first() {
            let message = format!("Attribute {first} in {} is required", resource.entity);
            return Err(Refusal::attribute(27014, first, &message));
        }
        let number = resource.number();
        if item.get(number) != before.item.get(number) {
            let message = format!("Attribute set for {number} in {} failed.", resource.entity);
            return Err(Refusal::attribute(27008, number, &message));
        }
        self.update_children(resource, before.id, sent, by)?;
        derive::fill(resource, &mut item);
        touch(&mut item, by);
        let items = self.items.entry(resource.path()).or_default();
        let stored = items.iter_mut().find(|stored| stored.id == before.id).ok_or_else(Refusal::not_found)?;
        stored.item = item;
        stored.version += 1;
        Ok(stored)
    }

    /// Writes the rows of children, or none of them.
    fn update_children(
        &mut self,
        parent: &'static Resource,
        id: u64,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<(), Refusal> {
        let owner = Some((parent, id));
        let children = || parent.children().filter(|child| sent.contains_key(child.name()));
        let before: Vec<Vec<Stored>> = children().map(|child| self.list(child, owner).cloned().collect()).collect();
        let written = self.write_children(parent, id, sent, by);
        if written.is_err() {
            for (child, rows) in children().zip(before) {
                let items = self.items.entry(child.path()).or_default();
                items.retain(|stored| stored.owner != id);
                items.extend(rows);
            }
        }
        written
    }

    fn write_children(
        &mut self,
        parent: &'static Resource,
        id: u64,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<(), Refusal> {
        let owner = Some((parent, id));
        for child in parent.children() {
            let Some(rows) = sent.get(child.name()).filter(|rows| !rows.is_null()) else { continue };
            let rows = rows.as_array().filter(|rows| rows.len() <= MAX_ROWS);
            let rows = rows.ok_or_else(|| Refusal::bad(format!("{} must be an array of items.", child.name())))?;
            for row in rows {
                let row = row.as_object();
                let row = row.ok_or_else(|| Refusal::bad(format!("{} must hold items.", child.name())))?;
                match self.row(child, owner, row) {
                    Some((key, row)) => self.update(child, owner, &key, &row, by).map(drop)?,
                    None => self.create(child, owner, row, by).map(drop)?,
                }
            }
        }
        Ok(())
    }

    /// The row that is meant, by its key or because there can be only one; with what is to change.
    fn row(&self, child: &'static Resource, owner: Owner, sent: &Item) -> Option<(String, Item)> {
        let mut changes = sent.clone();
        let given = changes.get(child.key).and_then(|key| match key {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        if let Some(key) = given.filter(|key| self.get(child, owner, key).is_ok()) {
            changes.remove(child.key);
            return Some((key, changes));
        }
        let only = self.list(child, owner).next().filter(|_| child.single())?;
        Some((only.key.clone(), changes))
    }

    /// Removes an item and its children.
    pub(super) fn delete(&mut self, resource: &'static Resource, owner: Owner, key: &str) -> Result<(), Refusal> {
        let id = self.get(resource, owner, key)?.id;
        for child in resource.children() {
            self.items.entry(child.path()).or_default().retain(|stored| stored.owner != id);
        }
        self.items.entry(resource.path()).or_default().retain(|stored| stored.id != id);
        Ok(())
    }
}

/// Checks names, types, lengths and lists of values of what was sent; rows of children are left to
/// their own resource.
fn accept(resource: &Resource, sent: &Item) -> Result<Item, Refusal> {
    let mut item = Item::new();
    for (name, value) in sent {
        if name == "links" || resource.child(name).is_some() {
            continue;
        }
        let entity = resource.entity;
        let Some(attribute) = resource.attribute(name) else {
            let message = format!("Unknown attribute {} for resource {}.", name.escape_debug(), resource.name());
            return Err(Refusal::bad(message));
        };
        if attribute.read_only {
            let message = format!("Attribute set for {name} in {entity} failed.");
            return Err(Refusal::attribute(27008, name, &message));
        }
        let shown: String = value.to_string().chars().take(100).collect();
        let Some(value) = attribute.kind.accept(value) else {
            let kind = attribute.kind.name();
            let message = format!("Cannot create an object of type:{kind} with value:{shown}");
            return Err(Refusal::attribute(25009, name, &message));
        };
        let long = attribute.kind == Type::String
            && value.as_str().is_some_and(|text| text.chars().count() > attribute.max_length);
        if long {
            let message =
                format!("Attribute set with value {shown} for {name} in {entity} has invalid precision/scale");
            return Err(Refusal::attribute(27010, name, &message));
        }
        if attribute.lov.is_some_and(|list| !lov::allows(list, &value)) {
            let message = format!("The value {shown} of the attribute {name} isn't valid.");
            return Err(Refusal::attribute(27011, name, &message));
        }
        item.insert(name.clone(), value);
    }
    Ok(item)
}

/// Mandatory attributes that have no value.
fn missing<'a>(resource: &'a Resource, item: &Item) -> Vec<&'a str> {
    let absent = |name: &str| match item.get(name) {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str().is_some_and(|text| text.trim().is_empty()),
    };
    let appointment = resource.path() == "activities"
        && item.get("ActivityFunctionCode").and_then(Value::as_str) == Some("APPOINTMENT");
    let dated = |name: &str| ["ActivityStartDate", "ActivityEndDate"].contains(&name);
    let mandatory =
        resource.attributes.iter().filter(|attribute| attribute.mandatory || appointment && dated(attribute.name));
    mandatory.map(|attribute| attribute.name).filter(|name| absent(name)).collect()
}

fn touch(item: &mut Item, by: Stamp<'_>) {
    item.insert("LastUpdateDate".to_owned(), json!(stamp(by.now)));
    item.insert("LastUpdatedBy".to_owned(), json!(by.user));
    item.insert("LastUpdateLogin".to_owned(), json!("688C007F135A4140E05314A6FD0ABD9F"));
}
