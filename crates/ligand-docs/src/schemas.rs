//! Schemas of definitions: the models of resources in the hybrid of Swagger 1.2 and 2.0 that exports have, put into the
//! form of Swagger 2.0, each name once a document. Whatever a definition holds, what comes out is a schema.

mod normal;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::document::reference;
pub(crate) use normal::{is_plain, primitive};

/// Values that the schemas of one document may have, so that a document stays readable whatever is defined.
const MAX_VALUES: usize = 1_000_000;

/// How often one name may stand for something else, each under a number of its own.
const MAX_VARIANTS: usize = 100;

/// The named schemas of one document while it is made.
#[derive(Default)]
pub(crate) struct Schemas {
    written: Map<String, Value>,
    /// By a model's name: what it is, as defined, and the name under which that was written.
    variants: HashMap<String, Vec<(Value, String)>>,
    values: usize,
    is_full: bool,
}

/// What one of the models of a resource comes to.
pub(crate) struct Root {
    /// The schema that an operation has.
    pub(crate) schema: Value,
    /// The named schema in it, unless there is none.
    pub(crate) name: Option<String>,
}

impl Schemas {
    /// Whether there was more than a document holds.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.written.contains_key(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.written.get_mut(name)
    }

    pub(crate) fn into_written(self) -> Map<String, Value> {
        self.written
    }

    /// A name like this that no schema has.
    pub(crate) fn free_name(&self, wanted: &str) -> String {
        let numbered = (2..).map(|number: usize| format!("{wanted}_{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|name| !self.contains(name)).expect("there are numbers enough")
    }

    /// Adds a schema that is in order already, under a name that is free.
    pub(crate) fn add(&mut self, name: &str, schema: Value) {
        self.values += count(&schema);
        self.written.insert(name.to_owned(), schema);
    }

    /// Takes a model and those that it leads to. A model that only is a list of another one is not kept itself: what
    /// has it has the list.
    pub(crate) fn take(&mut self, models: &Map<String, Value>, root: &str) -> Option<Root> {
        let schema = models.get(root)?;
        if schema["type"] == "array" && !schema["properties"].is_object() {
            let inner = schema.get("items").unwrap_or(&Value::Null);
            let names = self.settle(models, &normal::references(inner, models));
            let items = normal::schema(inner, models, &names);
            let name = normal::target(inner, models).and_then(|name| names.get(name).cloned());
            return Some(Root { schema: serde_json::json!({ "type": "array", "items": items }), name });
        }
        let names = self.settle(models, &BTreeSet::from([root.to_owned()]));
        let name = names.get(root).cloned();
        let schema = name.as_deref().map_or_else(|| serde_json::json!({ "type": "object" }), reference);
        Some(Root { schema, name })
    }

    /// Writes models and all that they lead to, and tells the name of each. Equal ones of the same name are one; where
    /// a name means something else here than it did before, this one and what leads to it get numbers.
    fn settle(&mut self, models: &Map<String, Value>, roots: &BTreeSet<String>) -> BTreeMap<String, String> {
        let mut leads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut open: Vec<String> = roots.iter().cloned().collect();
        while let Some(name) = open.pop() {
            if leads.contains_key(&name) {
                continue;
            }
            let next = models.get(&name).map(|schema| normal::references(schema, models)).unwrap_or_default();
            open.extend(next.iter().cloned());
            leads.insert(name, next);
        }
        let mut leading: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, next) in &leads {
            for one in next {
                leading.entry(one).or_default().push(name);
            }
        }
        let mut names = BTreeMap::new();
        let mut left: BTreeSet<&str> = leads.keys().map(String::as_str).collect();
        for variant in 0..MAX_VARIANTS {
            if left.is_empty() {
                break;
            }
            let mut others = BTreeSet::new();
            let mut open: Vec<&str> =
                left.iter().copied().filter(|name| self.differs(name, variant, &models[*name])).collect();
            while let Some(name) = open.pop() {
                if others.insert(name) {
                    open.extend(leading.get(name).into_iter().flatten().filter(|before| left.contains(*before)));
                }
            }
            for name in left.iter().copied().filter(|name| !others.contains(name)) {
                names.insert(name.to_owned(), self.named(name, variant, &models[name]));
            }
            left = others;
        }
        for name in leads.keys() {
            self.write(name, models, &names);
        }
        names
    }

    fn differs(&self, name: &str, variant: usize, schema: &Value) -> bool {
        self.variants.get(name).and_then(|known| known.get(variant)).is_some_and(|(known, _)| known != schema)
    }

    /// The name under which a variant of a model is written.
    fn named(&mut self, name: &str, variant: usize, schema: &Value) -> String {
        if let Some((_, written)) = self.variants.get(name).and_then(|known| known.get(variant)) {
            return written.clone();
        }
        let written = self.free_name(name);
        // Reserved at once, so that models that lead to each other do not take each other's names.
        self.written.insert(written.clone(), Value::Null);
        self.variants.entry(name.to_owned()).or_default().push((schema.clone(), written.clone()));
        written
    }

    fn write(&mut self, name: &str, models: &Map<String, Value>, names: &BTreeMap<String, String>) {
        let Some(written) = names.get(name) else { return };
        if self.written.get(written).is_some_and(|known| !known.is_null()) {
            return;
        }
        let mut schema = if self.values < MAX_VALUES {
            normal::schema(&models[name], models, names)
        } else {
            self.is_full = true;
            serde_json::json!({ "type": "object" })
        };
        self.values += count(&schema);
        if schema.as_object().is_some_and(Map::is_empty) {
            schema = serde_json::json!({ "type": "object" });
        }
        self.written.insert(written.clone(), schema);
    }
}

/// How many values there are in JSON.
pub(crate) fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}
