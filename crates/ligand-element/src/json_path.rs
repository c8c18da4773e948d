//! Dotted paths into JSON: `data[0].access_token`, `.items[*]`, `soap:Envelope.soap:Body`.

use serde_json::{Map, Value};

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
    All,
}

/// How many steps a path may have; more lead nowhere.
const MAX_STEPS: usize = 64;

/// The value at a path. An empty path is the value itself; a member whose whole name is the path wins. `[*]` on a
/// list stands for every item, and what follows it is taken from each.
pub(crate) fn get(value: &Value, path: &str) -> Option<Value> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return Some(value.clone());
    }
    if let Some(found) = value.get(path) {
        return Some(found.clone());
    }
    follow(value, &steps(path)?)
}

/// The value at a path, taken out of where it is as far as the path leads to one value only.
pub(crate) fn take(value: &mut Value, path: &str) -> Option<Value> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return Some(value.take());
    }
    if let Some(found) = value.get_mut(path) {
        return Some(found.take());
    }
    let steps = steps(path)?;
    if steps.contains(&Step::All) {
        return follow(value, &steps);
    }
    let mut slot = value;
    for step in &steps {
        slot = match step {
            Step::Member(name) => slot.get_mut(*name)?,
            Step::Item(index) => slot.get_mut(*index)?,
            Step::All => return None,
        };
    }
    Some(slot.take())
}

fn follow(value: &Value, steps: &[Step<'_>]) -> Option<Value> {
    match steps.split_first() {
        None => Some(value.clone()),
        Some((Step::Member(name), rest)) => follow(value.get(*name)?, rest),
        Some((Step::Item(index), rest)) => follow(value.get(*index)?, rest),
        Some((Step::All, rest)) => {
            let items = value.as_array()?;
            Some(Value::Array(items.iter().filter_map(|item| follow(item, rest)).collect()))
        }
    }
}

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Member(name));
        }
        while let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']')?;
            steps.push(if index == "*" { Step::All } else { Step::Item(index.parse().ok()?) });
            rest = after;
        }
        if !rest.is_empty() || steps.len() > MAX_STEPS {
            return None;
        }
    }
    Some(steps)
}

/// Sets the member at a dotted path, making the objects on the way; what is in the way and no object gives place.
pub(crate) fn set(target: &mut Value, path: &str, value: Value) {
    let mut slot = target;
    for name in path.split('.').take(MAX_STEPS) {
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        let Value::Object(members) = slot else { return };
        slot = members.entry(name).or_insert(Value::Null);
    }
    *slot = value;
}
