//! The items of all resources, and what the service does to them: mandatory attributes, types,
//! read-only attributes, identifiers, who and when.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::refusal::Refusal;
use super::resource::{Resource, Type, stamp};
use crate::records::{MAX_RECORDS, scatter};

/// Attributes of one item. What is absent is null.
pub(super) type Item = Map<String, Value>;

/// First numeric identifier, in the range the service uses.
const FIRST_ID: u64 = 300_000_081_321_867;
/// First readable number.
const FIRST_NUMBER: u64 = 7_297;

/// Who changes something and when.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) user: &'a str,
    pub(super) now: OffsetDateTime,
}

/// A stored item.
pub(super) struct Stored {
    pub(super) item: Item,
    /// Key in URLs.
    pub(super) key: String,
    /// Counts the changes; part of the change indicator.
    pub(super) version: u64,
}

/// All items, oldest first.
pub(crate) struct State {
    items: HashMap<&'static str, Vec<Stored>>,
    created: u64,
}

impl State {
    /// A few invented customers.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self { items: HashMap::new(), created: 0 };
        let seeds = [
            ("accounts", json!({"OrganizationName": "Vogel Instruments", "Type": "ZCA_CUSTOMER"})),
            ("accounts", json!({"OrganizationName": "Nordlys Shipping", "Type": "ZCA_PROSPECT"})),
            ("contacts", json!({"FirstName": "Vera", "LastName": "Vogel", "EmailAddress": "vera.vogel@example.com"})),
            ("contacts", json!({"FirstName": "Ole", "LastName": "Olsen", "EmailAddress": "ole.olsen@example.com"})),
            ("opportunities", json!({"Name": "Spectrometers 2030", "Revenue": 125_000})),
            ("leads", json!({"Name": "Container tracking", "Rank": "HOT"})),
            ("deals", json!({"DealName": "Workshop", "DealType": "ORA_EXISTING", "DealSize": 1100})),
            ("activities", json!({"Subject": "Call back", "ActivityFunctionCode": "TASK"})),
        ];
        for (name, sent) in seeds {
            let resource = Resource::named(name).expect("the seed names known resources");
            let sent = sent.as_object().cloned().unwrap_or_default();
            let stamp = Stamp { user: "sandbox.seed", now };
            state.create(resource, &sent, stamp).expect("the seed is valid");
        }
        state
    }

    /// All items of a resource.
    pub(super) fn list(&self, resource: &Resource) -> &[Stored] {
        self.items.get(resource.name).map_or(&[], Vec::as_slice)
    }

    /// An item by the key in its URL.
    pub(super) fn get(&self, resource: &Resource, key: &str) -> Result<&Stored, Refusal> {
        let place = self.place(resource, key)?;
        Ok(&self.list(resource)[place])
    }

    fn place(&self, resource: &Resource, key: &str) -> Result<usize, Refusal> {
        let found = self.list(resource).iter().position(|stored| stored.key == key);
        found.ok_or_else(Refusal::not_found)
    }

    /// Adds an item.
    pub(super) fn create(
        &mut self,
        resource: &'static Resource,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<&Stored, Refusal> {
        if self.list(resource).len() >= MAX_RECORDS {
            let message = "The sandbox keeps no more items; reset it.";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message));
        }
        let id = FIRST_ID + self.created;
        let mut item = accept(resource, sent)?;
        let missing = missing(resource, &item);
        if !missing.is_empty() {
            return Err(Refusal::missing(resource.entity, id, &missing));
        }
        item.insert(resource.id.to_owned(), json!(id));
        let key = self.key(resource, &mut item, id)?;
        derive(resource, &mut item);
        for (name, value) in [("CreationDate", stamp(by.now)), ("CreatedBy", by.user.to_owned())] {
            item.insert(name.to_owned(), json!(value));
        }
        touch(&mut item, by);
        self.created += 1;
        let items = self.items.entry(resource.name).or_default();
        items.push(Stored { item, key, version: 1 });
        Ok(&items[items.len() - 1])
    }

    /// The key of a new item: the caller's own number if it is free, else the next.
    fn key(&self, resource: &Resource, item: &mut Item, id: u64) -> Result<String, Refusal> {
        let number = match resource.name {
            "leads" => "LeadNumber",
            "deals" => "DealNumber",
            _ => resource.key,
        };
        let own = item.get(number).and_then(Value::as_str).map(str::to_owned);
        let value = own.unwrap_or_else(|| (FIRST_NUMBER + self.created).to_string());
        let taken = |stored: &Stored| stored.item.get(number).and_then(Value::as_str) == Some(&value);
        if self.list(resource).iter().any(taken) {
            let message = format!("Too many objects match the primary key oracle.jbo.Key[{value} ].");
            return Err(Refusal::attribute(25013, number, &message));
        }
        item.insert(number.to_owned(), json!(value));
        let opaque = || format!("00020000000EACED00057708{:016X}", scatter(id));
        Ok(if resource.has_opaque_key() { opaque() } else { value })
    }

    /// Changes the attributes sent.
    pub(super) fn update(
        &mut self,
        resource: &'static Resource,
        key: &str,
        sent: &Item,
        by: Stamp<'_>,
    ) -> Result<&Stored, Refusal> {
        let place = self.place(resource, key)?;
        let changes = accept(resource, sent)?;
        let items = self.items.entry(resource.name).or_default();
        let stored = &mut items[place];
        let mut item = stored.item.clone();
        item.extend(changes);
        let missing = missing(resource, &item);
        if let Some(first) = missing.first() {
            let message = format!("Attribute {first} in {} is required", resource.entity);
            return Err(Refusal::attribute(27014, first, &message));
        }
        let fixed = if resource.has_opaque_key() { None } else { Some(resource.key) };
        if fixed.is_some_and(|name| item.get(name) != stored.item.get(name)) {
            let message = format!("Attribute set for {} in {} failed.", resource.key, resource.entity);
            return Err(Refusal::attribute(27008, resource.key, &message));
        }
        derive(resource, &mut item);
        touch(&mut item, by);
        stored.item = item;
        stored.version += 1;
        Ok(stored)
    }

    /// Removes an item.
    pub(super) fn delete(&mut self, resource: &'static Resource, key: &str) -> Result<(), Refusal> {
        let place = self.place(resource, key)?;
        self.items.entry(resource.name).or_default().remove(place);
        Ok(())
    }
}

/// Checks names and types of what was sent.
fn accept(resource: &Resource, sent: &Item) -> Result<Item, Refusal> {
    let mut item = Item::new();
    for (name, value) in sent {
        if name == "links" {
            continue;
        }
        let Some(attribute) = resource.attribute(name) else {
            let message = format!("Unknown attribute {name} for resource {}.", resource.name);
            return Err(Refusal::bad(message));
        };
        if attribute.read_only {
            let message = format!("Attribute set for {name} in {} failed.", resource.entity);
            return Err(Refusal::attribute(27008, name, &message));
        }
        let Some(value) = attribute.kind.accept(value) else {
            let shown: String = value.to_string().chars().take(100).collect();
            let kind = attribute.kind.name();
            let message = format!("Cannot create an object of type:{kind} with value:{shown}");
            return Err(Refusal::attribute(25009, name, &message));
        };
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
    let appointment = resource.name == "activities"
        && item.get("ActivityFunctionCode").and_then(Value::as_str) == Some("APPOINTMENT");
    let dated = |name: &str| ["ActivityStartDate", "ActivityEndDate"].contains(&name);
    let mandatory = resource.attributes.iter().filter(|attribute| {
        attribute.kind != Type::Child && (attribute.mandatory || appointment && dated(attribute.name))
    });
    mandatory.map(|attribute| attribute.name).filter(|name| absent(name)).collect()
}

/// Fills in what the service derives from the rest or presets.
fn derive(resource: &Resource, item: &mut Item) {
    let text = |item: &Item, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut preset = |name: &str, value: Value| {
        if item.get(name).is_none_or(Value::is_null) {
            item.insert(name.to_owned(), value);
        }
    };
    match resource.name {
        "accounts" => {
            preset("Type", json!("ZCA_PROSPECT"));
            preset("PartyStatus", json!("A"));
            preset("PartyType", json!("ORGANIZATION"));
            let name = text(item, "OrganizationName");
            item.insert("PartyUniqueName".to_owned(), json!(name));
        }
        "contacts" => {
            preset("Type", json!("ZCA_CONTACT"));
            preset("PartyStatus", json!("A"));
            preset("PartyType", json!("PERSON"));
            let name = format!("{} {}", text(item, "FirstName"), text(item, "LastName"));
            item.insert("ContactName".to_owned(), json!(name));
            item.insert("ContactUniqueName".to_owned(), json!(name));
        }
        "opportunities" => preset("StatusCode", json!("OPEN")),
        "leads" => {
            preset("StatusCode", json!("UNQUALIFIED"));
            let customer = text(item, "CustomerPartyName");
            let name = if customer.is_empty() { "Lead".to_owned() } else { customer };
            if item.get("Name").is_none_or(Value::is_null) {
                item.insert("Name".to_owned(), json!(name));
            }
        }
        "deals" => preset("StatusCode", json!("ORA_DRAFT")),
        _ => {
            preset("StatusCode", json!("NOT_STARTED"));
        }
    }
    for flag in ["DeleteFlag", "UpdateFlag"] {
        if resource.attribute(flag).is_some() {
            item.insert(flag.to_owned(), json!(true));
        }
    }
}

fn touch(item: &mut Item, by: Stamp<'_>) {
    item.insert("LastUpdateDate".to_owned(), json!(stamp(by.now)));
    item.insert("LastUpdatedBy".to_owned(), json!(by.user));
    item.insert("LastUpdateLogin".to_owned(), json!("688C007F135A4140E05314A6FD0ABD9F"));
}
