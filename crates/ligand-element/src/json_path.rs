//! Dotted paths into JSON: `data[0].access_token`, `.items[*]`, `links[rel=self].href`, `soap:Envelope.soap:Body`.

use serde_json::{Map, Value};

use crate::template::text_of;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
    /// The first item whose member has this text.
    Where(&'a str, &'a str),
    All,
}

/// How many steps a path may have; more lead nowhere.
const MAX_STEPS: usize = 64;

/// The last place in a list that can be set.
const LAST_ITEM: usize = 99;

/// The value at a path. An empty path is the value itself; a member whose whole name is the path wins. `[*]` on a
/// list stands for every item, and what follows it is taken from each; `[name=text]` for the first one with that member.
#[must_use]
pub fn get(value: &Value, path: &str) -> Option<Value> {
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
            Step::Where(name, text) => slot.as_array_mut()?.iter_mut().find(|item| has(item, name, text))?,
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
        Some((Step::Where(name, text), rest)) => {
            follow(value.as_array()?.iter().find(|item| has(item, name, text))?, rest)
        }
        Some((Step::All, rest)) => {
            let items = value.as_array()?;
            Some(Value::Array(items.iter().filter_map(|item| follow(item, rest)).collect()))
        }
    }
}

fn has(item: &Value, name: &str, text: &str) -> bool {
    item.get(name).is_some_and(|member| text_of(member) == text)
}

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in parts(path) {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Member(name));
        }
        while let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']')?;
            steps.push(match (index, index.split_once('=')) {
                ("*", _) => Step::All,
                (_, Some((name, text))) => Step::Where(name, text),
                _ => Step::Item(index.parse().ok()?),
            });
            rest = after;
        }
        if !rest.is_empty() || steps.len() > MAX_STEPS {
            return None;
        }
    }
    Some(steps)
}

/// The parts between dots; a dot in brackets separates nothing.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    path.split(move |each: char| {
        inside = (inside || each == '[') && each != ']';
        each == '.' && !inside
    })
}

/// Sets what is at a dotted path, making the objects and lists on the way; what is in the way and is neither gives
/// place. Items of lists are named by their place, `messages[0].text`; a path that names them otherwise sets nothing.
pub(crate) fn set(target: &mut Value, path: &str, value: Value) {
    let Some(steps) = settable(path) else { return };
    let mut slot = target;
    for step in steps {
        slot = match step {
            Step::Item(index) => {
                if !slot.is_array() {
                    *slot = Value::Array(Vec::new());
                }
                let Value::Array(items) = slot else { return };
                if items.len() <= index {
                    items.resize(index + 1, Value::Null);
                }
                &mut items[index]
            }
            Step::Member(name) => {
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                let Value::Object(members) = slot else { return };
                members.entry(name).or_insert(Value::Null)
            }
            Step::Where(..) | Step::All => return,
        };
    }
    *slot = value;
}

fn settable(path: &str) -> Option<Vec<Step<'_>>> {
    let can = |step: &Step<'_>| match step {
        Step::Member(_) => true,
        Step::Item(index) => *index <= LAST_ITEM,
        Step::Where(..) | Step::All => false,
    };
    steps(path).filter(|steps| steps.iter().all(can))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_found_by_a_member() {
        let value =
            json!({ "links": [{ "rel": "lov", "href": "a" }, { "rel": "self", "href": "b" }, { "n": 1.5 }, 7] });
        assert_eq!(get(&value, "links[rel=self].href"), Some(json!("b")));
        assert_eq!(get(&value, "links[n=1.5]"), Some(json!({ "n": 1.5 })));
        for nothing in ["links[rel=none].href", "links[=self]", "links[rel=]", "none[rel=self]", "links[rel=self"] {
            assert_eq!(get(&value, nothing), None, "{nothing}");
        }
        assert_eq!(take(&mut value.clone(), "links[rel=self].href"), Some(json!("b")));
        assert_eq!(take(&mut value.clone(), "links[rel=none].href"), None);
    }

    #[test]
    fn setting_makes_what_is_on_the_way() {
        let mut value = Value::Null;
        set(&mut value, "messages[0].text", json!("x"));
        set(&mut value, "messages[0].to[1].number", json!(1));
        set(&mut value, "a.b", json!(2));
        assert_eq!(value, json!({ "messages": [{ "text": "x", "to": [null, { "number": 1 }] }], "a": { "b": 2 } }));
        set(&mut value, "a[0]", json!(3));
        assert_eq!(value["a"], json!([3]));
        let before = value.clone();
        for impossible in ["m[*].x", "m[a=b]", "m[100000000000]", "m[100]", "m[0", "m[x]"] {
            set(&mut value, impossible, json!(4));
            assert_eq!(value, before, "{impossible}");
        }
        set(&mut value, "m[99].x", json!(5));
        assert_eq!(value["m"][99]["x"], json!(5));
    }
}
