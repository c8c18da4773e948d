//! The records of Act!: which fields a kind has, and create, read, update, delete. To add a kind,
//! give it a path and a field table. Unknown and read-only fields are ignored, as the server does.

use http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Refusal;
use crate::records::{MAX_RECORDS, guid};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Contact,
    Company,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Guid,
    Address,
    /// Values by lower-case column name.
    Custom,
    /// Set by the server only.
    ReadOnly,
}

type Field = (&'static str, Type);

const CONTACT: &[Field] = &[
    ("idStatus", Type::Text),
    ("isUser", Type::ReadOnly),
    ("company", Type::Text),
    ("department", Type::Text),
    ("companyID", Type::Guid),
    ("contactType", Type::Text),
    ("firstName", Type::Text),
    ("lastName", Type::Text),
    ("lastResults", Type::Text),
    ("messengerID", Type::Text),
    ("middleName", Type::Text),
    ("nameSuffix", Type::Text),
    ("namePrefix", Type::Text),
    ("fullName", Type::Text),
    ("referredBy", Type::Text),
    ("salutation", Type::Text),
    ("jobTitle", Type::Text),
    ("emailAddress", Type::Text),
    ("altEmailAddress", Type::Text),
    ("personalEmailAddress", Type::Text),
    ("businessPhone", Type::Text),
    ("businessExtension", Type::Text),
    ("mobilePhone", Type::Text),
    ("mobileExtension", Type::Text),
    ("homePhone", Type::Text),
    ("homeExtension", Type::Text),
    ("website", Type::Text),
    ("birthday", Type::Text),
    ("businessAddress", Type::Address),
    ("homeAddress", Type::Address),
    ("pagerPhone", Type::Text),
    ("pagerExtension", Type::Text),
    ("faxPhone", Type::Text),
    ("faxExtension", Type::Text),
    ("alternatePhone", Type::Text),
    ("alternateExtension", Type::Text),
    ("customFields", Type::Custom),
];

const COMPANY: &[Field] = &[
    ("name", Type::Text),
    ("description", Type::Text),
    ("industry", Type::Text),
    ("numberOfEmployees", Type::Number),
    ("revenue", Type::Number),
    ("parentID", Type::Guid),
    ("phone", Type::Text),
    ("website", Type::Text),
    ("address", Type::Address),
    ("billingAddress", Type::Address),
    ("shippingAddress", Type::Address),
    ("customFields", Type::Custom),
];

impl Kind {
    /// The kind whose collection has this path segment, in lower case.
    pub(super) fn from_path(segment: &str) -> Option<Self> {
        match segment {
            "contacts" => Some(Self::Contact),
            "companies" => Some(Self::Company),
            _ => None,
        }
    }

    fn fields(self) -> &'static [Field] {
        match self {
            Self::Contact => CONTACT,
            Self::Company => COMPANY,
        }
    }
}

type Record = Map<String, Value>;

/// All records of the database, oldest first.
pub(crate) struct State {
    records: Vec<(Kind, Record)>,
    /// Number of the next identifier.
    next: u64,
}

impl State {
    /// The database as it is delivered: a few invented people.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self { records: Vec::new(), next: 1 };
        let people = [
            ("Vera", "Vogel", "Vogel Instruments", "vera.vogel@example.com"),
            ("Ole", "Olsen", "Nordlys Shipping", "ole.olsen@example.com"),
            ("Ines", "Moreau", "Atelier Moreau", "ines.moreau@example.com"),
        ];
        for (first, last, company, email) in people {
            let contact = json!({
                "firstName": first, "lastName": last, "company": company, "emailAddress": email,
                "businessAddress": { "line1": "1 Example Street", "city": "Sampleton", "country": "Germany" },
            });
            let contact = contact.as_object().cloned().unwrap_or_default();
            let company = Map::from_iter([("name".to_owned(), json!(company))]);
            let seeded = [(Kind::Contact, contact), (Kind::Company, company)];
            for (kind, record) in seeded {
                state.create(kind, &record, "sandbox", now).expect("the seed is valid");
            }
        }
        state
    }

    /// All records of a kind, oldest first.
    pub(super) fn list(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |(found, _)| *found == kind).map(|(_, record)| record)
    }

    /// One record. Identifiers are GUIDs in any case.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Result<&Record, Refusal> {
        self.list(kind).find(|record| has_id(record, id)).ok_or_else(missing)
    }

    /// Adds a record from what the caller sent and answers the whole of it.
    pub(super) fn create(
        &mut self,
        kind: Kind,
        sent: &Record,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<Record, Refusal> {
        if self.records.len() >= MAX_RECORDS {
            let text = "The sandbox keeps no more records; reset it.";
            return Err(Refusal(StatusCode::CONFLICT, text.to_owned()));
        }
        let stamp = stamp(now);
        let mut record = Record::new();
        record.insert("id".to_owned(), json!(guid(self.next)));
        replace(kind, &mut record, sent)?;
        record.insert("created".to_owned(), json!(stamp));
        record.insert("recordOwner".to_owned(), json!(user));
        finish(kind, &mut record, user, &stamp);
        self.next += 1;
        self.records.push((kind, record.clone()));
        Ok(record)
    }

    /// Changes the fields sent (`whole`: empties the others) and answers the whole record.
    pub(super) fn update(
        &mut self,
        kind: Kind,
        id: &str,
        sent: &Record,
        whole: bool,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<Record, Refusal> {
        let mut slots = self.records.iter_mut();
        let slot = slots.find(|(found, record)| *found == kind && has_id(record, id));
        let (_, stored) = slot.ok_or_else(missing)?;
        let mut record = stored.clone();
        if whole {
            replace(kind, &mut record, sent)?
        } else {
            merge(kind, &mut record, sent)?
        }
        finish(kind, &mut record, user, &stamp(now));
        *stored = record.clone();
        Ok(record)
    }

    /// Removes a record.
    pub(super) fn delete(&mut self, kind: Kind, id: &str) -> Result<(), Refusal> {
        let mut places = self.records.iter();
        let place = places.position(|(found, record)| *found == kind && has_id(record, id));
        self.records.remove(place.ok_or_else(missing)?);
        Ok(())
    }
}

fn has_id(record: &Record, id: &str) -> bool {
    record.get("id").and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(id))
}

fn missing() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "The record does not exist.".to_owned())
}

fn stamp(now: OffsetDateTime) -> String {
    let whole = now.replace_nanosecond(0).unwrap_or(now);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// Sets every writable field: to what was sent, or to nothing.
fn replace(kind: Kind, record: &mut Record, sent: &Record) -> Result<(), Refusal> {
    for (name, field) in kind.fields() {
        if *field != Type::ReadOnly {
            record.insert((*name).to_owned(), nothing(*field));
        }
    }
    merge(kind, record, sent)
}

/// Sets the writable fields that were sent. Names are matched without regard to case.
fn merge(kind: Kind, record: &mut Record, sent: &Record) -> Result<(), Refusal> {
    for (name, value) in sent {
        let mut fields = kind.fields().iter();
        let Some((name, field)) = fields.find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
            continue;
        };
        if *field != Type::ReadOnly {
            record.insert((*name).to_owned(), accept(*field, value).ok_or_else(invalid)?);
        }
    }
    Ok(())
}

fn invalid() -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "The request is invalid.".to_owned())
}

fn nothing(field: Type) -> Value {
    match field {
        Type::Custom => json!({}),
        _ => Value::Null,
    }
}

/// The value as it is stored; `None` if it is of the wrong type.
fn accept(field: Type, value: &Value) -> Option<Value> {
    let good = match (field, value) {
        (Type::ReadOnly, _) => false,
        (_, Value::Null) => return Some(nothing(field)),
        (Type::Text, Value::Number(number)) => return Some(json!(number.to_string())),
        (Type::Text, value) => value.is_string(),
        (Type::Guid, value) => value.as_str().is_some_and(is_guid),
        (Type::Number, value) => value.is_number(),
        (Type::Address, Value::Object(lines)) => return accept_address(lines),
        (Type::Custom, Value::Object(fields)) => {
            let lower = fields.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
            return Some(Value::Object(lower.collect()));
        }
        (Type::Address | Type::Custom, _) => false,
    };
    good.then(|| value.clone())
}

fn accept_address(lines: &Record) -> Option<Value> {
    const PARTS: [&str; 7] = ["line1", "line2", "line3", "city", "state", "postalCode", "country"];
    let mut address = Record::new();
    for part in PARTS {
        let mut found = lines.iter().filter(|(name, _)| name.eq_ignore_ascii_case(part));
        let value = found.next().map_or(&Value::Null, |(_, value)| value);
        address.insert(part.to_owned(), accept(Type::Text, value)?);
    }
    Some(Value::Object(address))
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Fills in what the server derives from the rest.
fn finish(kind: Kind, record: &mut Record, user: &str, stamp: &str) {
    record.insert("edited".to_owned(), json!(stamp));
    record.insert("editedBy".to_owned(), json!(user));
    if kind != Kind::Contact {
        return;
    }
    record.insert("isUser".to_owned(), json!(false));
    if record.get("contactType").is_none_or(Value::is_null) {
        record.insert("contactType".to_owned(), json!("Contact"));
    }
    let names = ["namePrefix", "firstName", "middleName", "lastName", "nameSuffix"];
    let names = names.iter().filter_map(|name| record.get(*name).and_then(Value::as_str));
    let full = names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    if !full.is_empty() {
        record.insert("fullName".to_owned(), json!(full));
    }
}
