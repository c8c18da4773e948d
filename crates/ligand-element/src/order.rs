//! Ordering records here, for lists whose vendor cannot: numbers by value, other scalars as text, what is missing or
//! no scalar last. Records that are equal keep the vendor's order.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use ligand_ceql::Order;
use serde_json::Value;

use crate::json_path;

/// Sorts by the most important field first.
pub(crate) fn sort(records: &mut Vec<Value>, order: &[Order]) {
    let keys = |record: &Value| -> Vec<Option<Value>> {
        order.iter().map(|by| json_path::get(record, by.field.as_str()).filter(is_scalar)).collect()
    };
    let mut keyed: Vec<(Vec<Option<Value>>, Value)> =
        std::mem::take(records).into_iter().map(|record| (keys(&record), record)).collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let pairs = one.iter().zip(other).zip(order);
        pairs
            .map(|((one, other), by)| compare(one.as_ref(), other.as_ref(), by.descending))
            .find(|by| by.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    records.extend(keyed.into_iter().map(|(_, record)| record));
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

fn compare(one: Option<&Value>, other: Option<&Value>, descending: bool) -> Ordering {
    let (Some(one), Some(other)) = (one, other) else { return other.is_some().cmp(&one.is_some()) };
    let order = match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.as_f64().unwrap_or(f64::NAN).total_cmp(&other.as_f64().unwrap_or(f64::NAN)),
        },
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    };
    if descending { order.reverse() } else { order }
}

/// Values of different kinds: flags, numbers, texts.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        _ => 2,
    }
}
