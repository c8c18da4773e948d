//! What the service holds at first, and what a developer puts in its place.

use std::collections::HashMap;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Item, Refusal, Resource, Stamp, State};

/// Who the records of a seed are created by.
const SEEDER: &str = "sandbox.seed";

impl State {
    /// A few invented customers.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self { items: HashMap::new(), created: 0 };
        let seeds = [
            (
                "accounts",
                json!({
                    "OrganizationName": "Vogel Instruments", "Type": "ZCA_CUSTOMER",
                    "LoyaltyTier_c": "GOLD", "Seats_c": 12, "RenewalDate_c": "2031-06-30", "Vip_c": true,
                    "PrimaryAddress": [{"AddressLine1": "1 Example Street", "City": "Sampleton", "Country": "DE"}],
                    "Note": [{"NoteTxt": "Prefers letters.", "NoteTitle": "Contact"}],
                }),
            ),
            ("accounts", json!({"OrganizationName": "Nordlys Shipping", "Type": "ZCA_PROSPECT"})),
            ("contacts", json!({"FirstName": "Vera", "LastName": "Vogel", "EmailAddress": "vera.vogel@example.com"})),
            (
                "contacts",
                json!({
                    "FirstName": "Ole", "LastName": "Olsen", "EmailAddress": "ole.olsen@example.com",
                    "ShoeSize_c": 44.5,
                }),
            ),
            ("opportunities", json!({"Name": "Spectrometers 2030", "Revenue": 125_000})),
            ("leads", json!({"Name": "Container tracking", "Rank": "HOT", "TitleName_c": "Captain"})),
            ("deals", json!({"DealName": "Workshop", "DealType": "ORA_EXISTING", "DealSize": 1100})),
            ("activities", json!({"Subject": "Call back", "ActivityFunctionCode": "TASK"})),
        ];
        for (name, sent) in seeds {
            let resource = Resource::named(name).expect("the seed names known resources");
            let sent = sent.as_object().cloned().unwrap_or_default();
            state.create(resource, None, &sent, Stamp { user: SEEDER, now }).expect("the seed is valid");
        }
        state
    }

    /// Puts records into a resource, in the place of those it has or besides them; all of them or,
    /// if one is not valid, none. The error says what is wrong; `None` means no such resource.
    pub(crate) fn seed(
        &mut self,
        collection: &str,
        records: &[Value],
        replace: bool,
        now: OffsetDateTime,
    ) -> Option<Result<usize, String>> {
        let resource = Resource::named(collection)?;
        let before = self.items.clone();
        let seeded = self.put(resource, records, replace, now);
        if seeded.is_err() {
            self.items = before;
        }
        Some(seeded.map(|()| self.list(resource, None).count()))
    }

    /// The collections and how many records they have.
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        Resource::top().map(|resource| (resource.name(), self.list(resource, None).count())).collect()
    }

    fn put(
        &mut self,
        resource: &'static Resource,
        records: &[Value],
        replace: bool,
        now: OffsetDateTime,
    ) -> Result<(), String> {
        if replace {
            for one in std::iter::once(resource).chain(resource.children()) {
                self.items.remove(one.path());
            }
        }
        for (place, record) in records.iter().enumerate() {
            let record: &Item = record.as_object().ok_or_else(|| format!("Record {place} is not an object."))?;
            let created = self.create(resource, None, record, Stamp { user: SEEDER, now });
            created.map_err(|refusal: Refusal| format!("Record {place}: {}", refusal.text()))?;
        }
        Ok(())
    }
}
