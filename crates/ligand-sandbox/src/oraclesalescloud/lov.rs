//! Lists of values: what an attribute may hold, as a resource of its own below an item.

use serde_json::{Value, json};

/// Codes and their meanings.
type List = &'static [(&'static str, &'static str)];

/// The values of a list; `None` if there is no such list.
pub(super) fn values(name: &str) -> Option<List> {
    Some(match name {
        "AccountTypeLOV" => &[("ZCA_CUSTOMER", "Customer"), ("ZCA_PROSPECT", "Prospect")],
        "LeadRankLOV" => &[("HOT", "Hot"), ("WARM", "Warm"), ("COOL", "Cool")],
        "ActivityFunctionLOV" => &[("TASK", "Task"), ("APPOINTMENT", "Appointment"), ("CALLREPORT", "Call Report")],
        "NoteVisibilityLOV" => &[("INTERNAL", "Internal"), ("EXTERNAL", "External"), ("PRIVATE", "Private")],
        _ => return None,
    })
}

/// Whether a list has this code.
pub(super) fn allows(name: &str, value: &Value) -> bool {
    let known = |list: List| list.iter().any(|(code, _)| value.as_str() == Some(code));
    value.is_null() || values(name).is_some_and(known)
}

/// The items of a list.
pub(super) fn items(list: List) -> Vec<Value> {
    list.iter().map(|(code, meaning)| json!({ "LookupCode": code, "Meaning": meaning })).collect()
}
