//! The records of Act! and what links them: create, read, change, delete, link. Unknown and
//! read-only fields are ignored, as the server does; references appear in every record that shows
//! them with the present name of what they point to.

mod clearing;
mod derive;
mod products;
mod seed;

use std::collections::{BTreeMap, HashMap};

use http::StatusCode;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::Refusal;
use super::schema::{Field, Kind, Type, stamp};
use crate::records::{MAX_RECORDS, guid};

/// Most references of one record to records of one kind.
const MAX_LINKS: usize = 1_000;

pub(super) type Record = Map<String, Value>;

/// Who changes something and when.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) user: &'a str,
    pub(super) now: OffsetDateTime,
}

/// A stored record.
#[derive(Clone)]
struct Stored {
    kind: Kind,
    record: Record,
    /// Numbers of the records it points to, in the order in which they were linked.
    links: BTreeMap<Kind, Vec<u64>>,
    /// Products of an opportunity.
    products: Vec<Record>,
}

/// All records of the database by number, which is the order of their creation.
pub(crate) struct State {
    records: BTreeMap<u64, Stored>,
    /// Numbers by identifier in lower case.
    numbers: HashMap<String, u64>,
    /// Number of the next record.
    next: u64,
}

impl State {
    /// All records of a kind, oldest first.
    pub(super) fn list(&self, kind: Kind) -> Vec<Record> {
        self.all(kind).map(|(_, stored)| self.shown(stored)).collect()
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = (u64, &Stored)> {
        self.records.iter().filter(move |(_, stored)| stored.kind == kind).map(|(number, stored)| (*number, stored))
    }

    /// One record. Identifiers are GUIDs in any case.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Result<Record, Refusal> {
        Ok(self.shown(self.stored(self.number(kind, id)?)?))
    }

    fn number(&self, kind: Kind, id: &str) -> Result<u64, Refusal> {
        let number = self.numbers.get(&id.to_lowercase()).copied();
        let right = |number: &u64| self.records.get(number).is_some_and(|stored| stored.kind == kind);
        number.filter(right).ok_or_else(missing)
    }

    fn stored(&self, number: u64) -> Result<&Stored, Refusal> {
        self.records.get(&number).ok_or_else(missing)
    }

    /// A record as it is answered, with its references.
    fn shown(&self, stored: &Stored) -> Record {
        let mut record = stored.record.clone();
        for field in stored.kind.fields() {
            if let Type::Links(kind) = field.kind {
                let numbers = stored.links.get(&kind).into_iter().flatten();
                let references = numbers.filter_map(|number| self.reference(*number)).collect();
                record.insert(field.name.to_owned(), Value::Array(references));
            }
        }
        if stored.kind == Kind::Opportunity {
            products::total(&mut record, &stored.products);
        }
        record
    }

    fn reference(&self, number: u64) -> Option<Value> {
        let target = self.records.get(&number)?;
        let name = if target.kind == Kind::Contact { "fullName" } else { "name" };
        let value = target.record.get(name).cloned().unwrap_or_default();
        Some(json!({ "id": target.record.get("id"), target.kind.label(): value }))
    }

    /// Adds a record from what the caller sent and answers the whole of it.
    pub(super) fn create(&mut self, kind: Kind, sent: &Record, by: Stamp<'_>) -> Result<Record, Refusal> {
        if self.records.len() >= MAX_RECORDS {
            let text = "The sandbox keeps no more records; reset it.";
            return Err(Refusal(StatusCode::CONFLICT, text.to_owned()));
        }
        let id = guid(self.next);
        let mut record = Record::new();
        record.insert("id".to_owned(), json!(id));
        for field in kind.fields().filter(|field| !matches!(field.kind, Type::Links(_))) {
            record.insert(field.name.to_owned(), field.kind.nothing());
        }
        let mut stored = Stored { kind, record, links: BTreeMap::new(), products: Vec::new() };
        self.write(&mut stored, sent, true)?;
        derive::begin(&mut stored, by);
        self.finish(&mut stored, by)?;
        let shown = self.shown(&stored);
        self.numbers.insert(id, self.next);
        self.records.insert(self.next, stored);
        self.next += 1;
        Ok(shown)
    }

    /// Changes the fields sent (`whole`: empties the others) and answers the whole record.
    pub(super) fn update(
        &mut self,
        kind: Kind,
        id: &str,
        sent: &Record,
        whole: bool,
        by: Stamp<'_>,
    ) -> Result<Record, Refusal> {
        let number = self.number(kind, id)?;
        let mut stored = self.stored(number)?.clone();
        self.write(&mut stored, sent, whole)?;
        self.finish(&mut stored, by)?;
        let shown = self.shown(&stored);
        self.records.insert(number, stored);
        Ok(shown)
    }

    /// Removes a record and all references to it.
    pub(super) fn delete(&mut self, kind: Kind, id: &str) -> Result<(), Refusal> {
        let number = self.number(kind, id)?;
        self.records.remove(&number);
        self.numbers.remove(&id.to_lowercase());
        for stored in self.records.values_mut() {
            if let Some(links) = stored.links.get_mut(&kind) {
                links.retain(|link| *link != number);
            }
        }
        Ok(())
    }

    /// Links two records; linking them again changes nothing.
    pub(super) fn link(&mut self, from: (Kind, &str), to: (Kind, &str), by: Stamp<'_>) -> Result<(), Refusal> {
        let target = self.number(to.0, to.1)?;
        let number = self.number(from.0, from.1)?;
        let stored = self.records.get_mut(&number).ok_or_else(missing)?;
        let links = stored.links.entry(to.0).or_default();
        if !links.contains(&target) {
            if links.len() >= MAX_LINKS {
                return Err(invalid("The record has too many links."));
            }
            links.push(target);
            derive::edited(stored, by);
        }
        Ok(())
    }

    /// Parts two records. An activity keeps one contact at least.
    pub(super) fn unlink(&mut self, from: (Kind, &str), to: (Kind, &str), by: Stamp<'_>) -> Result<(), Refusal> {
        let target = self.number(to.0, to.1)?;
        let number = self.number(from.0, from.1)?;
        let stored = self.records.get_mut(&number).ok_or_else(missing)?;
        let links = stored.links.entry(to.0).or_default();
        let place = links.iter().position(|link| *link == target).ok_or_else(missing)?;
        if from.0 == Kind::Activity && to.0 == Kind::Contact && links.len() == 1 {
            return Err(invalid("An activity needs at least one contact."));
        }
        links.remove(place);
        derive::edited(stored, by);
        Ok(())
    }

    /// The records of a kind that a record points to.
    pub(super) fn linked(&self, from: (Kind, &str), to: Kind) -> Result<Vec<Record>, Refusal> {
        let stored = self.stored(self.number(from.0, from.1)?)?;
        let numbers = stored.links.get(&to).into_iter().flatten();
        Ok(numbers.filter_map(|number| self.records.get(number)).map(|stored| self.shown(stored)).collect())
    }

    /// The records of a kind that point to a record.
    pub(super) fn linking(&self, to: (Kind, &str), from: Kind) -> Result<Vec<Record>, Refusal> {
        let target = self.number(to.0, to.1)?;
        let points = |stored: &Stored| stored.links.get(&to.0).is_some_and(|links| links.contains(&target));
        let found = self.all(from).filter(|(_, stored)| points(stored));
        Ok(found.map(|(_, stored)| self.shown(stored)).collect())
    }

    /// The records of a kind below one of the same kind.
    pub(super) fn below(&self, kind: Kind, id: &str) -> Result<Vec<Record>, Refusal> {
        self.number(kind, id)?;
        let parent = |stored: &Stored| stored.record.get("parentID").and_then(Value::as_str).map(str::to_lowercase);
        let found = self.all(kind).filter(|(_, stored)| parent(stored) == Some(id.to_lowercase()));
        Ok(found.map(|(_, stored)| self.shown(stored)).collect())
    }

    /// Sets the writable fields that were sent; `whole` empties the others. Names are matched
    /// without regard to case.
    fn write(&self, stored: &mut Stored, sent: &Record, whole: bool) -> Result<(), Refusal> {
        let kind = stored.kind;
        if whole {
            for field in kind.fields().filter(|field| !field.read_only) {
                self.set(stored, field, &Value::Null)?;
            }
        }
        for (name, value) in sent {
            match kind.field(name) {
                Some(field) if !field.read_only => self.set(stored, field, value)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn set(&self, stored: &mut Stored, field: &Field, value: &Value) -> Result<(), Refusal> {
        let wrong = || invalid(&format!("The value of '{}' is not valid.", field.name));
        let value = match field.kind {
            Type::Links(kind) => {
                stored.links.insert(kind, self.references(kind, value).ok_or_else(wrong)?);
                return Ok(());
            }
            Type::Custom => {
                let before = stored.record.get(field.name).and_then(Value::as_object).cloned();
                let before = before.filter(|_| !value.is_null()).unwrap_or_default();
                custom(stored.kind, before, value).ok_or_else(wrong)?
            }
            kind => kind.accept(value).ok_or_else(wrong)?,
        };
        stored.record.insert(field.name.to_owned(), value);
        Ok(())
    }

    /// Numbers of the records that a list of `{"id": …}` names; `None` if one does not exist.
    fn references(&self, kind: Kind, value: &Value) -> Option<Vec<u64>> {
        if value.is_null() {
            return Some(Vec::new());
        }
        let list = value.as_array().filter(|list| list.len() <= MAX_LINKS)?;
        let mut numbers = Vec::with_capacity(list.len());
        for reference in list {
            let reference = reference.as_object()?;
            let (_, id) = reference.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"))?;
            let number = self.number(kind, id.as_str()?).ok()?;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Some(numbers)
    }

    /// Checks what must be there and fills in what follows from the rest.
    fn finish(&self, stored: &mut Stored, by: Stamp<'_>) -> Result<(), Refusal> {
        for field in stored.kind.fields().filter(|field| field.required) {
            let absent = match field.kind {
                Type::Links(kind) => stored.links.get(&kind).is_none_or(Vec::is_empty),
                _ => match stored.record.get(field.name) {
                    None | Some(Value::Null) => true,
                    Some(value) => value.as_str().is_some_and(|text| text.trim().is_empty()),
                },
            };
            if absent {
                return Err(invalid(&format!("The {} field is required.", field.name)));
            }
        }
        let level = self.level(stored)?;
        derive::fill(stored, level, by)
    }

    /// How deep below others a group or company is.
    fn level(&self, stored: &Stored) -> Result<u64, Refusal> {
        let Some(parent) = stored.record.get("parentID").and_then(Value::as_str) else { return Ok(0) };
        let own = stored.record.get("id").and_then(Value::as_str).unwrap_or_default();
        let number = self.number(stored.kind, parent).map_err(|_| invalid("The parent does not exist."))?;
        let parent = &self.stored(number)?.record;
        let above = ["hierarchyLevel", "heirarchyLevel"].iter().find_map(|name| parent.get(*name)?.as_u64());
        if parent.get("id").and_then(Value::as_str) == Some(own) {
            return Err(invalid("A record cannot be its own parent."));
        }
        Ok(above.unwrap_or(0) + 1)
    }
}

/// The custom fields after a change; names are lower-cased, unknown ones ignored.
fn custom(kind: Kind, mut before: Record, value: &Value) -> Option<Value> {
    let none = Record::new();
    let sent = if value.is_null() { &none } else { value.as_object()? };
    let mut fields = Record::new();
    for field in kind.custom_fields() {
        let change = sent.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name));
        let value = match change {
            Some((_, value)) => field.kind.accept(value)?,
            None => before.remove(field.name).unwrap_or_default(),
        };
        fields.insert(field.name.to_owned(), value);
    }
    Some(Value::Object(fields))
}

fn missing() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "The record does not exist.".to_owned())
}

fn invalid(why: &str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, format!("The request is invalid. {why}"))
}
