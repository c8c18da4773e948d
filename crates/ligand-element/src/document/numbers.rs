//! Numbers of the parts of a document. Those of an earlier form of it are kept, those of other installations are not.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Document, parts};

/// Members that exports carry and that this installation sets itself.
const ASSIGNED: &[&str] =
    &["id", "createdDate", "updatedDate", "ownerAccountId", "modelId", "resourceId", "elementId", "objectId"];

/// Which parts of a document keep a number, and which need one.
#[derive(Debug)]
pub struct Numbering {
    /// For each part what it stated, and what it is known by from before.
    parts: Vec<(Option<i64>, Option<Known>)>,
}

/// A part of the earlier form.
#[derive(Debug, Clone)]
struct Known {
    id: i64,
    created: Option<Value>,
}

impl Numbering {
    /// Takes the members that this installation sets out of a document, and finds for each part the one that it is in
    /// the form before: the one with its number, else the one with its key, or its verb, path and type.
    #[must_use]
    pub fn of(document: &mut Document, before: Option<&Document>) -> Self {
        let (mut by_id, mut by_name) = (HashMap::new(), HashMap::new());
        parts::each(before.unwrap_or(&Document::new()), &mut |kind, part| {
            let Some(id) = part.get("id").and_then(Value::as_i64) else { return };
            let known = Known { id, created: part.get("createdDate").cloned() };
            if let Some(name) = name_of(kind, part) {
                by_name.insert((kind, name), known.clone());
            }
            by_id.insert((kind, id), known);
        });
        let mut taken = HashSet::new();
        let mut found: Vec<(Option<i64>, Option<Known>)> = Vec::new();
        parts::each_mut(document, &mut |kind, part| {
            let stated = part.get("id").and_then(Value::as_i64);
            ASSIGNED.iter().for_each(|member| drop(part.shift_remove(*member)));
            let known = stated.and_then(|id| by_id.get(&(kind, id)));
            let known = known.or_else(|| name_of(kind, part).and_then(|name| by_name.get(&(kind, name))));
            found.push((stated, known.filter(|known| taken.insert((kind, known.id))).cloned()));
        });
        ASSIGNED.iter().for_each(|member| drop(document.shift_remove(*member)));
        Self { parts: found }
    }

    /// How many numbers [`Numbering::set`] needs.
    #[must_use]
    pub fn needed(&self, document: &Document) -> usize {
        let mut all = 0;
        parts::each(document, &mut |_, _| all += 1);
        all - self.parts.iter().filter(|(_, known)| known.is_some()).count()
    }

    /// Numbers every part, `first` and those after it for the ones that need one, and dates it. Parts may have been
    /// added behind the others of their list since. What models say of other parts follows.
    pub fn set(self, document: &mut Document, first: i64, now: &str) {
        let mut next = first;
        let mut renumbered = HashMap::new();
        let mut numbered = self.parts.into_iter();
        // Entries that were added by completing come last in their list, which is the first of all.
        let stated_entries = numbered.len() - count_without(document, "configuration");
        let mut entries_left = stated_entries;
        parts::each_mut(document, &mut |kind, part| {
            let (stated, known) = match kind {
                "configuration" if entries_left == 0 => (None, None),
                _ => {
                    entries_left = entries_left.saturating_sub(usize::from(kind == "configuration"));
                    numbered.next().unwrap_or_default()
                }
            };
            let (id, created) = match known {
                Some(known) => (known.id, known.created),
                None => {
                    next += 1;
                    (next - 1, None)
                }
            };
            if let Some(stated) = stated {
                renumbered.insert((kind, stated), id);
            }
            let created = created.unwrap_or_else(|| Value::from(now));
            part.insert("id".to_owned(), Value::from(id));
            part.insert("createdDate".to_owned(), created);
        });
        relate(document, &renumbered);
    }
}

/// How many parts there are outside of a list.
fn count_without(document: &Document, list: &str) -> usize {
    let mut count = 0;
    parts::each(document, &mut |kind, _| count += usize::from(kind != list));
    count
}

/// What tells a part from others of its list, when something does.
fn name_of(kind: &str, part: &Document) -> Option<String> {
    let text = |member| part.get(member).and_then(Value::as_str);
    match kind {
        "configuration" => text("key").map(str::to_owned),
        "objects" | "models" => text("name").map(str::to_owned),
        "resources" => {
            let path = text("path")?;
            let path = crate::definition::unprefixed(path).trim_start_matches('/');
            Some(format!("{} {path} {}", text("method")?, text("type").unwrap_or("api")))
        }
        _ => None,
    }
}

/// Lets models name other parts by their new numbers.
fn relate(document: &mut Document, renumbered: &HashMap<(&'static str, i64), i64>) {
    let renumber = |kind: &'static str, value: Option<&mut Value>| {
        let Some(value) = value else { return };
        if let Some(id) = value.as_i64().and_then(|id| renumbered.get(&(kind, id))) {
            *value = Value::from(*id);
        }
    };
    let Some(Value::Array(models)) = document.get_mut("models") else { return };
    for model in models {
        for resource in model.get_mut("resources").and_then(Value::as_array_mut).into_iter().flatten() {
            renumber("resources", resource.get_mut("id"));
        }
        for field in model.get_mut("modelFields").and_then(Value::as_array_mut).into_iter().flatten() {
            renumber("models", field.get_mut("relatedModelId"));
        }
    }
}
