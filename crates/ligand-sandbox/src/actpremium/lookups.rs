//! What Act! has besides records and nobody changes: users, types of activities and histories, the
//! sales process with its stages.

use serde_json::{Value, json};

use super::schema::Kind;
use crate::records::guid;

/// Where the identifiers of these things begin, far from those of records.
const FIRST_ID: u64 = 1 << 40;

/// Types of activities: number and name. The types of histories that come from them follow below.
const ACTIVITY_TYPES: [(u64, &str); 4] = [(1, "Call"), (2, "Meeting"), (3, "To-do"), (4, "Personal Activity")];

/// Types of histories: number, name, type of activity or 0, whether clearing an activity gives it.
const HISTORY_TYPES: [(u64, &str, u64, bool); 9] = [
    (1, "Call Attempted", 1, false),
    (2, "Call Completed", 1, true),
    (3, "Call Left Message", 1, false),
    (5, "Meeting Held", 2, true),
    (6, "Meeting Not Held", 2, false),
    (8, "To-do Done", 3, true),
    (9, "To-do Not Done", 3, false),
    (27, "Personal Activity Completed", 4, true),
    (30, "E-mail Sent", 0, false),
];

/// Stages of the one sales process: name and probability.
const STAGES: [(&str, u64); 5] = [
    ("Initial Communication", 10),
    ("Needs Assessment", 25),
    ("Presentation", 40),
    ("Negotiation", 65),
    ("Commitment to Buy", 80),
];

/// The one user's identifier.
pub(super) fn user_id() -> String {
    guid(FIRST_ID)
}

/// A user; `None` if there is none with this identifier.
pub(super) fn user(id: &str) -> Option<Value> {
    let known = id.eq_ignore_ascii_case(&user_id());
    known.then(|| json!({ "firstName": "Sandbox", "lastName": "User", "email": "sandbox.act@example.com" }))
}

/// Identifier of a field in the description of its kind.
pub(super) fn field_id(kind: Kind, place: usize) -> String {
    guid(FIRST_ID + 1_000 * (1 + kind as u64) + place as u64)
}

fn process() -> Value {
    let description = "The sales process every database begins with";
    json!({ "id": guid(FIRST_ID + 1), "name": "Act! Sales Cycle", "description": description })
}

/// The sales processes.
pub(super) fn processes() -> Vec<Value> {
    vec![process()]
}

/// The stages of the sales process.
pub(super) fn stages() -> Vec<Value> {
    let stage = |(number, (name, probability)): (u64, &(&str, u64))| {
        json!({
            "id": guid(FIRST_ID + 1 + number), "name": name, "description": name, "number": number,
            "probability": probability, "process": process(),
        })
    };
    (1..).zip(&STAGES).map(stage).collect()
}

/// A stage by its identifier.
pub(super) fn stage(id: &str) -> Option<Value> {
    by_id(stages(), id)
}

/// The one with this identifier.
pub(super) fn by_id(list: Vec<Value>, id: &str) -> Option<Value> {
    list.into_iter().find(|one| match &one["id"] {
        Value::String(found) => found.eq_ignore_ascii_case(id),
        found => found.as_u64().is_some_and(|number| id.parse() == Ok(number)),
    })
}

/// The types of activities.
pub(super) fn activity_types() -> Vec<Value> {
    ACTIVITY_TYPES.iter().map(|(id, name)| json!({ "id": id, "name": name, "description": name })).collect()
}

/// The name of a type of activity as it is spelt, from any case.
pub(super) fn activity_type(name: &str) -> Option<&'static str> {
    ACTIVITY_TYPES.iter().map(|(_, known)| *known).find(|known| known.eq_ignore_ascii_case(name))
}

/// The types of histories.
pub(super) fn history_types() -> Vec<Value> {
    let shown = |(id, name, activity, default): &(u64, &str, u64, bool)| {
        let of = ACTIVITY_TYPES.iter().find(|(number, _)| number == activity).map(|(_, name)| *name);
        json!({
            "id": id, "name": name, "description": name, "isDefault": default,
            "activityTypeID": (*activity > 0).then(|| activity.to_string()), "activityTypeName": of,
        })
    };
    HISTORY_TYPES.iter().map(shown).collect()
}

/// A type of history as records show it, by its number.
pub(super) fn history_type(id: &Value) -> Option<Value> {
    let (id, name, ..) = HISTORY_TYPES.iter().find(|(known, ..)| id.as_u64() == Some(*known))?;
    Some(json!({ "id": id, "name": name, "description": name }))
}

/// The type of history that clearing an activity of this type gives.
pub(super) fn cleared(activity_type: &str) -> Value {
    let types = history_types();
    let fits = |one: &&Value| one["activityTypeName"] == json!(activity_type) && one["isDefault"] == json!(true);
    let found = types.iter().find(fits).map_or(json!(30), |one| one["id"].clone());
    history_type(&found).unwrap_or_default()
}
