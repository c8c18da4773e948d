//! Clearing activities: an activity that was cleared leaves a history with its contacts behind.

use serde_json::{Value, json};

use super::derive::{edited, set_known};
use super::{Record, Refusal, Stamp, State, invalid, missing};
use crate::actpremium::lookups;
use crate::actpremium::schema::{Kind, Type};

impl State {
    /// Clears an activity as `sent` says and leaves a history.
    pub(in crate::actpremium) fn clear(&mut self, id: &str, sent: &Record, by: Stamp<'_>) -> Result<(), Refusal> {
        let number = self.number(Kind::Activity, id)?;
        let activity = self.stored(number)?.clone();
        let given = |name: &str| sent.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        for name in ["startTime", "endTime"] {
            let time = given(name).filter(|value| !value.is_null());
            let time = time.ok_or_else(|| invalid(&format!("The {name} field is required.")))?;
            Type::Datetime.accept(time).ok_or_else(|| invalid(&format!("The value of '{name}' is not valid.")))?;
        }
        if activity.record.get("isCleared") == Some(&json!(true)) {
            return Err(invalid("The activity is cleared already."));
        }
        let own = |name: &str| activity.record.get(name).cloned().unwrap_or_default();
        let usual = lookups::cleared(own("activityTypeName").as_str().unwrap_or_default());
        let mut history = Record::new();
        for (name, value) in [
            ("regarding", given("subject").cloned().unwrap_or_else(|| own("subject"))),
            ("startTime", given("startTime").cloned().unwrap_or_default()),
            ("endTime", given("endTime").cloned().unwrap_or_default()),
            ("isPrivate", given("isPrivate").cloned().unwrap_or_else(|| own("isPrivate"))),
            ("historyType", given("historyType").filter(|kind| !kind.is_null()).cloned().unwrap_or(usual)),
        ] {
            history.insert(name.to_owned(), value);
        }
        if given("includeDetailsToHistory") != Some(&json!(false)) {
            history.insert("details".to_owned(), given("details").cloned().unwrap_or_else(|| own("details")));
        }
        let created = self.create(Kind::History, &history, by)?;
        let history = created.get("id").and_then(Value::as_str).unwrap_or_default();
        let history = self.number(Kind::History, history)?;
        let mut links = activity.links;
        links.insert(Kind::Activity, vec![number]);
        self.records.get_mut(&history).ok_or_else(missing)?.links = links;
        self.set_cleared(number, true, by)
    }

    /// Takes the clearing back; the history stays.
    pub(in crate::actpremium) fn unclear(&mut self, id: &str, by: Stamp<'_>) -> Result<(), Refusal> {
        let number = self.number(Kind::Activity, id)?;
        self.set_cleared(number, false, by)
    }

    fn set_cleared(&mut self, number: u64, cleared: bool, by: Stamp<'_>) -> Result<(), Refusal> {
        let stored = self.records.get_mut(&number).ok_or_else(missing)?;
        set_known(&mut stored.record, "isCleared", json!(cleared));
        edited(stored, by);
        Ok(())
    }
}
