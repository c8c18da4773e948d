//! The database as it is delivered, and what a developer puts in its place.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Record, Stamp, State, stamp};
use crate::actpremium::schema::Kind;

/// Who the records of a seed belong to.
const SEEDER: &str = "sandbox";

impl State {
    /// A few invented people and what there is about one of them.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self { records: BTreeMap::new(), numbers: HashMap::new(), next: 1 };
        let people = [
            ("Vera", "Vogel", "Vogel Instruments", "vera.vogel@example.com"),
            ("Ole", "Olsen", "Nordlys Shipping", "ole.olsen@example.com"),
            ("Ines", "Moreau", "Atelier Moreau", "ines.moreau@example.com"),
        ];
        let mut references = Vec::new();
        for (first, last, company, email) in people {
            let contact = json!({
                "firstName": first, "lastName": last, "company": company, "emailAddress": email,
                "businessAddress": { "line1": "1 Example Street", "city": "Sampleton", "country": "Germany" },
                "customFields": { "favorite_color": "green" },
            });
            references.push(state.plant(Kind::Contact, &contact, now));
            state.plant(Kind::Company, &json!({ "name": company }), now);
        }
        let contacts = json!([{ "id": references[0] }]);
        let at = stamp(now);
        for (kind, record) in [
            (Kind::Group, json!({ "name": "Newsletter", "description": "Those who want to hear from us" })),
            (Kind::Product, json!({ "name": "Spectrometer", "itemNumber": "S-1", "cost": 700, "price": 1000 })),
            (Kind::Opportunity, json!({ "name": "Laboratory equipment", "contacts": contacts })),
            (Kind::Activity, json!({ "subject": "Call back", "startTime": at, "endTime": at, "contacts": contacts })),
            (Kind::Note, json!({ "noteText": "Prefers letters.", "contacts": contacts })),
            (Kind::History, json!({ "regarding": "First call", "historyTypeID": 2, "contacts": contacts })),
        ] {
            state.plant(kind, &record, now);
        }
        state
    }

    fn plant(&mut self, kind: Kind, record: &Value, now: OffsetDateTime) -> Value {
        let record = record.as_object().cloned().unwrap_or_default();
        let planted = self.create(kind, &record, Stamp { user: SEEDER, now }).expect("the seed is valid");
        planted.get("id").cloned().unwrap_or_default()
    }

    /// Puts records into a collection, in the place of those it has or besides them; all of them
    /// or, if one is not valid, none. The error says what is wrong; `None` means no such
    /// collection.
    pub(crate) fn seed(
        &mut self,
        collection: &str,
        records: &[Value],
        replace: bool,
        now: OffsetDateTime,
    ) -> Option<Result<usize, String>> {
        let kind = Kind::from_path(&collection.to_lowercase())?;
        let before = (self.records.clone(), self.numbers.clone());
        let seeded = self.put(kind, records, replace, now);
        if seeded.is_err() {
            (self.records, self.numbers) = before;
        }
        Some(seeded.map(|()| self.all(kind).count()))
    }

    /// The collections and how many records they have.
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        Kind::ALL.into_iter().map(|kind| (kind.collection(), self.all(kind).count())).collect()
    }

    fn put(&mut self, kind: Kind, records: &[Value], replace: bool, now: OffsetDateTime) -> Result<(), String> {
        if replace {
            self.records.retain(|_, stored| stored.kind != kind);
            for stored in self.records.values_mut() {
                stored.links.remove(&kind);
            }
            let kept = &self.records;
            self.numbers.retain(|_, number| kept.contains_key(number));
        }
        for (place, record) in records.iter().enumerate() {
            let record: &Record = record.as_object().ok_or_else(|| format!("Record {place} is not an object."))?;
            let created = self.create(kind, record, Stamp { user: SEEDER, now });
            created.map_err(|refusal| format!("Record {place}: {}", refusal.1))?;
        }
        Ok(())
    }
}
