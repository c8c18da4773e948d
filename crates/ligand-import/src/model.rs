//! Models of requests and answers in the form that definitions have, with the references between them; and how much
//! of them fits.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

/// Number of a model.
pub(crate) type Id = usize;

/// Most models that one request or answer brings.
const MAX_REACH: usize = 500;

/// How many models one request or answer may bring at most, tried in turn until all of them fit.
const REACHES: &[usize] = &[MAX_REACH, 250, 120, 60, 40, 25, 15, 10, 6, 3, 1, 0];

/// A named schema.
#[derive(Debug, Default)]
struct Model {
    name: String,
    schema: Value,
    references: Vec<Id>,
}

/// All models of an import.
#[derive(Debug, Default)]
pub(crate) struct Models {
    models: Vec<Model>,
    names: HashSet<String>,
}

/// Size of JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    pub(crate) values: usize,
}

impl Size {
    pub(crate) fn of(value: &Value) -> Self {
        Self { bytes: value.to_string().len(), values: count(value) }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { bytes: self.bytes.saturating_add(other.bytes), values: self.values.saturating_add(other.values) }
    }

    pub(crate) fn fits(self, limit: Self) -> bool {
        self.bytes <= limit.bytes && self.values <= limit.values
    }

    /// What is left of a limit.
    pub(crate) fn left_of(self, limit: Self) -> Self {
        Self { bytes: limit.bytes.saturating_sub(self.bytes), values: limit.values.saturating_sub(self.values) }
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

impl Models {
    /// Makes room for a model, under a name that no other has.
    pub(crate) fn reserve(&mut self, wanted: &str) -> Id {
        let plain = |each: char| if each.is_alphanumeric() || matches!(each, '_' | '-' | '.') { each } else { '_' };
        let name: String = wanted.chars().map(plain).take(120).collect();
        let name = if name.is_empty() { "Model".to_owned() } else { name };
        let numbered = (2..).map(|number: usize| format!("{name}{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !self.names.contains(name));
        let name = free.unwrap_or(name);
        self.names.insert(name.clone());
        self.models.push(Model { name, schema: json!({}), references: Vec::new() });
        self.models.len() - 1
    }

    /// Says what a model is.
    pub(crate) fn set(&mut self, id: Id, schema: Value, references: Vec<Id>) {
        let model = &mut self.models[id];
        model.schema = schema;
        model.schema["id"] = Value::from(model.name.as_str());
        model.references = references;
    }

    /// The name of a model.
    pub(crate) fn name(&self, id: Id) -> &str {
        &self.models[id].name
    }

    pub(crate) fn len(&self) -> usize {
        self.models.len()
    }

    /// A reference to a model.
    pub(crate) fn reference(&self, id: Id) -> Value {
        json!({ "$ref": format!("#/definitions/{}", self.models[id].name) })
    }

    /// A model that is a list of something.
    pub(crate) fn list_of(&mut self, name: &str, items: &Value, references: Vec<Id>) -> Id {
        let id = self.reserve(name);
        self.set(id, json!({ "type": "array", "items": items }), references);
        id
    }

    /// A model and those that it leads to, the nearest first.
    fn reached(&self, root: Id, most: usize) -> Vec<Id> {
        let (mut order, mut seen, mut open) = (Vec::new(), HashSet::from([root]), VecDeque::from([root]));
        while let Some(id) = open.pop_front() {
            if order.len() >= most {
                break;
            }
            order.push(id);
            open.extend(self.models[id].references.iter().copied().filter(|next| seen.insert(*next)));
        }
        order
    }

    /// How many models each of the roots may bring so that all of them together stay within the limit, and whether
    /// something is lost by that.
    pub(crate) fn reach(&self, roots: &[Id], limit: Size) -> (usize, bool) {
        let sizes: Vec<Size> = self.models.iter().map(|model| Size::of(&model.schema)).collect();
        let mut sums: HashMap<Id, Vec<Size>> = HashMap::new();
        for root in roots {
            sums.entry(*root).or_insert_with(|| {
                let mut sum = Size::default();
                let order = self.reached(*root, MAX_REACH + 1);
                order
                    .into_iter()
                    .map(|id| {
                        sum = sum.plus(sizes[id]);
                        sum
                    })
                    .collect()
            });
        }
        let within = |most: usize| {
            let upto = |root: &Id| {
                most.checked_sub(1).and_then(|last| {
                    let sums = sums.get(root)?;
                    sums.get(last).or_else(|| sums.last()).copied()
                })
            };
            roots.iter().filter_map(upto).fold(Size::default(), Size::plus)
        };
        let most = REACHES.iter().copied().find(|most| within(*most).fits(limit)).unwrap_or(0);
        let is_cut = roots.iter().any(|root| sums.get(root).is_some_and(|sums| sums.len() > most));
        (most, is_cut)
    }

    /// A model and the nearest of those that it leads to, by name. References to others become plain objects.
    pub(crate) fn rendered(&self, root: Id, most: usize) -> Map<String, Value> {
        let order = self.reached(root, most);
        let kept: HashSet<&str> = order.iter().map(|id| self.models[*id].name.as_str()).collect();
        let schema = |id: &Id| {
            let model = &self.models[*id];
            let mut schema = model.schema.clone();
            cut(&mut schema, &kept);
            (model.name.clone(), schema)
        };
        order.iter().map(schema).collect()
    }
}

fn cut(value: &mut Value, kept: &HashSet<&str>) {
    match value {
        Value::Object(members) => {
            let lost = members.get("$ref").and_then(Value::as_str).is_some_and(|reference| {
                reference.strip_prefix("#/definitions/").is_some_and(|name| !kept.contains(name))
            });
            if lost {
                members.remove("$ref");
                members.insert("type".to_owned(), Value::from("object"));
            }
            members.values_mut().for_each(|member| cut(member, kept));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cut(item, kept)),
        _ => {}
    }
}
