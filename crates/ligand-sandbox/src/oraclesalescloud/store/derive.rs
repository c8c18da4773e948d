//! What the service presets or derives from the rest of an item.

use serde_json::{Value, json};

use super::Item;
use crate::oraclesalescloud::resource::Resource;

/// Fills in what an item of this resource has without having been sent it.
pub(super) fn fill(resource: &Resource, item: &mut Item) {
    match resource.path() {
        "accounts" => {
            preset(item, "Type", "ZCA_PROSPECT");
            preset(item, "PartyStatus", "A");
            preset(item, "PartyType", "ORGANIZATION");
            let name = text(item, "OrganizationName");
            set(item, "PartyUniqueName", &name);
        }
        "contacts" => {
            preset(item, "Type", "ZCA_CONTACT");
            preset(item, "PartyStatus", "A");
            preset(item, "PartyType", "PERSON");
            let name = format!("{} {}", text(item, "FirstName"), text(item, "LastName"));
            set(item, "ContactName", &name);
            set(item, "ContactUniqueName", &name);
        }
        "opportunities" => preset(item, "StatusCode", "OPEN"),
        "leads" => {
            preset(item, "StatusCode", "UNQUALIFIED");
            let customer = text(item, "CustomerPartyName");
            preset(item, "Name", if customer.is_empty() { "Lead" } else { &customer });
        }
        "deals" => preset(item, "StatusCode", "ORA_DRAFT"),
        "activities" => preset(item, "StatusCode", "NOT_STARTED"),
        _ => fill_child(resource, item),
    }
    for flag in ["DeleteFlag", "UpdateFlag"] {
        if resource.attribute(flag).is_some() {
            item.insert(flag.to_owned(), json!(true));
        }
    }
}

fn fill_child(resource: &Resource, item: &mut Item) {
    match resource.name() {
        "Note" => {
            preset(item, "NoteTypeCode", "GENERAL");
            preset(item, "VisibilityCode", "INTERNAL");
        }
        "PrimaryAddress" | "Address" => {
            let parts = ["AddressLine1", "AddressLine2", "PostalCode", "City", "State", "Country"];
            let parts = parts.map(|name| text(item, name));
            let known: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let address = known.join(", ");
            set(item, "FormattedAddress", &address);
        }
        _ => {}
    }
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn set(item: &mut Item, name: &str, value: &str) {
    item.insert(name.to_owned(), json!(value));
}

fn preset(item: &mut Item, name: &str, value: &str) {
    if item.get(name).is_none_or(Value::is_null) {
        set(item, name, value);
    }
}
