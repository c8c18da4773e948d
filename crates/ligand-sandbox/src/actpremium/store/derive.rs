//! What the server presets, or derives from the rest of a record.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Record, Refusal, Stamp, Stored, invalid};
use crate::actpremium::lookups;
use crate::actpremium::schema::{Kind, instant, stamp};

/// Presets of a new record: who and when.
pub(super) fn begin(stored: &mut Stored, by: Stamp<'_>) {
    let now = stamp(by.now);
    let kind = stored.kind;
    let record = &mut stored.record;
    set_known(record, "created", json!(now));
    set_known(record, "createDate", json!(now));
    set_known(record, "recordOwner", json!(by.user));
    set_known(record, "creator", json!(by.user));
    set_known(record, "manager", json!(by.user));
    set_known(record, "createUserID", json!(lookups::user_id()));
    set_known(record, "manageUserID", json!(lookups::user_id()));
    match kind {
        Kind::Opportunity => {
            preset(record, "openDate", json!(now));
            preset(record, "status", json!("Open"));
            preset(record, "stage", lookups::stages().into_iter().next().unwrap_or_default());
            let likely = record.get("stage").map(|stage| stage["probability"].clone()).unwrap_or_default();
            preset(record, "probability", likely);
        }
        Kind::Activity => {
            let id = record.get("id").cloned().unwrap_or_default();
            set_known(record, "seriesID", id);
        }
        _ => {}
    }
}

/// Notes the change.
pub(super) fn edited(stored: &mut Stored, by: Stamp<'_>) {
    let now = stamp(by.now);
    set_known(&mut stored.record, "edited", json!(now));
    set_known(&mut stored.record, "editDate", json!(now));
    set_known(&mut stored.record, "editedBy", json!(by.user));
}

/// Fills in what follows from the rest, after every change. Refuses what contradicts itself.
pub(super) fn fill(stored: &mut Stored, level: u64, by: Stamp<'_>) -> Result<(), Refusal> {
    edited(stored, by);
    let kind = stored.kind;
    let record = &mut stored.record;
    match kind {
        Kind::Contact => contact(record),
        Kind::Company => set_known(record, "hierarchyLevel", json!(level)),
        Kind::Group => set_known(record, "heirarchyLevel", json!(level)),
        Kind::Opportunity => opportunity(record, by.now)?,
        Kind::Activity => activity(record, by)?,
        Kind::Note => {
            preset(record, "noteTypeID", json!(0));
            preset(record, "displayDate", json!(stamp(by.now)));
        }
        Kind::History => history(record, by.now)?,
        Kind::Product => {}
    }
    Ok(())
}

fn contact(record: &mut Record) {
    preset(record, "contactType", json!("Contact"));
    let names = ["namePrefix", "firstName", "middleName", "lastName", "nameSuffix"];
    let names = names.iter().filter_map(|name| record.get(*name).and_then(Value::as_str));
    let full = names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    if !full.is_empty() {
        set_known(record, "fullName", json!(full));
    }
}

fn opportunity(record: &mut Record, now: OffsetDateTime) -> Result<(), Refusal> {
    preset(record, "status", json!("Open"));
    preset(record, "probability", json!(0));
    if !record.get("probability").and_then(Value::as_f64).is_some_and(|likely| (0.0..=100.0).contains(&likely)) {
        return Err(invalid("The probability must be from 0 to 100."));
    }
    let closed = record.get("status").is_some_and(|status| *status == json!("Won") || *status == json!("Lost"));
    if closed {
        preset(record, "actualCloseDate", json!(stamp(now)));
    }
    let opened = time(record, "openDate").unwrap_or(now);
    let until = if closed { time(record, "actualCloseDate").unwrap_or(now) } else { now };
    set_known(record, "daysOpen", json!((until - opened).whole_days().max(0)));
    Ok(())
}

fn activity(record: &mut Record, by: Stamp<'_>) -> Result<(), Refusal> {
    preset(record, "activityTypeName", json!("Call"));
    preset(record, "activityPriorityName", json!("Low"));
    preset(record, "scheduledBy", json!(by.user));
    preset(record, "scheduledFor", json!(by.user));
    let name = record.get("activityTypeName").and_then(Value::as_str).unwrap_or_default();
    let known = lookups::activity_type(name);
    let known = known.ok_or_else(|| invalid("The activity type does not exist."))?;
    set_known(record, "activityTypeName", json!(known));
    in_order(record)
}

fn history(record: &mut Record, now: OffsetDateTime) -> Result<(), Refusal> {
    let own = record.get("historyType").filter(|kind| !kind.is_null()).map(|kind| kind["id"].clone());
    let id = own.or_else(|| record.get("historyTypeID").cloned()).filter(|id| !id.is_null()).unwrap_or(json!(30));
    let kind = lookups::history_type(&id).ok_or_else(|| invalid("The history type does not exist."))?;
    set_known(record, "historyTypeID", id);
    set_known(record, "historyType", kind);
    preset(record, "startTime", json!(stamp(now)));
    let start = record.get("startTime").cloned().unwrap_or_default();
    preset(record, "endTime", start);
    in_order(record)?;
    if let (Some(start), Some(end)) = (time(record, "startTime"), time(record, "endTime")) {
        let seconds = (end - start).whole_seconds();
        let duration = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        set_known(record, "duration", json!(duration));
    }
    Ok(())
}

fn in_order(record: &Record) -> Result<(), Refusal> {
    match (time(record, "startTime"), time(record, "endTime")) {
        (Some(start), Some(end)) if end < start => Err(invalid("The end is before the start.")),
        _ => Ok(()),
    }
}

fn time(record: &Record, name: &str) -> Option<OffsetDateTime> {
    record.get(name).and_then(Value::as_str).and_then(instant)
}

/// Sets a field if the record has one of this name.
pub(super) fn set_known(record: &mut Record, name: &str, value: Value) {
    if let Some(slot) = record.get_mut(name) {
        *slot = value;
    }
}

fn preset(record: &mut Record, name: &str, value: Value) {
    if record.get(name).is_some_and(Value::is_null) {
        set_known(record, name, value);
    }
}
