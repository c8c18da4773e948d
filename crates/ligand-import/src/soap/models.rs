//! Models of messages, out of the types of the description.

use std::collections::HashMap;

use ligand_soap::{Description, Member, Shape, TypeRef};
use serde_json::{Map, Value, json};

use crate::model::{Id, Models};

/// Most models of a definition.
const MAX_MODELS: usize = 20_000;

/// Most lists directly inside of each other.
const MAX_LISTS: usize = 4;

/// The models of types, each made once.
pub(crate) struct TypeModels<'d> {
    description: &'d Description,
    models: Models,
    known: HashMap<TypeRef, Id>,
    open: Vec<(TypeRef, Id)>,
    /// How deep lists of lists are at the moment.
    depth: usize,
}

impl<'d> TypeModels<'d> {
    pub(crate) fn new(description: &'d Description) -> Self {
        Self { description, models: Models::default(), known: HashMap::new(), open: Vec::new(), depth: 0 }
    }

    /// The models, all of them whole.
    pub(crate) fn finish(mut self) -> Models {
        while let Some((kind, id)) = self.open.pop() {
            self.fill(kind, id);
        }
        self.models
    }

    /// Whether values of a type must have members.
    pub(crate) fn requires(&self, kind: TypeRef) -> bool {
        match self.description.shape(kind) {
            Shape::Object(members) => members.iter().any(|(member, _)| member.is_required && !member.is_nillable),
            Shape::Simple(..) => true,
            Shape::List(_) | Shape::Any => false,
        }
    }

    /// The model of a type; none of what is no object.
    pub(crate) fn of(&mut self, kind: TypeRef, otherwise: &str) -> Option<Id> {
        if let Some(known) = self.known.get(&kind) {
            return Some(*known);
        }
        if !matches!(self.description.shape(kind), Shape::Object(_)) || self.models.len() >= MAX_MODELS {
            return None;
        }
        let name = self.description.name_of(kind).unwrap_or_else(|| otherwise.to_owned());
        let id = self.models.reserve(&name);
        self.known.insert(kind, id);
        self.open.push((kind, id));
        Some(id)
    }

    fn fill(&mut self, kind: TypeRef, id: Id) {
        let Shape::Object(members) = self.description.shape(kind) else { return };
        let owner = self.models.name(id).to_owned();
        let (mut properties, mut references) = (Map::new(), Vec::new());
        if self.description.is_abstract(kind) {
            let derived = self.description.derived(kind);
            let names: Vec<String> =
                derived.iter().take(200).filter_map(|kind| self.description.name_of(*kind)).collect();
            properties.insert("@type".to_owned(), json!({ "type": "string", "enum": names, "required": true }));
        }
        for (member, kind) in members {
            let json = self.property(&member, kind, &owner, &mut references);
            properties.insert(member.name, json);
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if let Some(name) = self.description.name_of(kind) {
            schema["x-vendor-objectname"] = Value::from(name);
        }
        self.models.set(id, schema, references);
    }

    fn property(&mut self, member: &Member, kind: TypeRef, owner: &str, references: &mut Vec<Id>) -> Value {
        let is_typed = !member.element.is_empty() && !member.is_attribute;
        let shape = if is_typed { self.description.shape(kind) } else { Shape::Any };
        let mut json = match shape {
            Shape::List(items) => {
                let inner = self.value(items, &format!("{owner}{}", member.element), references);
                json!({ "type": "array", "items": inner })
            }
            Shape::Any if member.kind != "object" => simple(member.kind, &member.values),
            _ => self.value(kind, &format!("{owner}{}", member.element), references),
        };
        if member.is_many {
            json = json!({ "type": "array", "items": json });
        }
        if member.is_required {
            json["required"] = Value::from(true);
        }
        if member.is_nillable {
            json["x-nullable"] = Value::from(true);
        }
        json
    }

    fn value(&mut self, kind: TypeRef, otherwise: &str, references: &mut Vec<Id>) -> Value {
        match self.description.shape(kind) {
            Shape::Simple(word, values) => simple(word, &values),
            Shape::List(items) => {
                // Lists may consist of each other.
                self.depth += 1;
                let is_deep = self.depth > MAX_LISTS;
                let inner =
                    if is_deep { json!({ "type": "object" }) } else { self.value(items, otherwise, references) };
                self.depth -= 1;
                json!({ "type": "array", "items": inner })
            }
            Shape::Any => json!({ "type": "object" }),
            Shape::Object(_) => match self.of(kind, otherwise) {
                Some(id) => {
                    references.push(id);
                    self.models.reference(id)
                }
                None => json!({ "type": "object" }),
            },
        }
    }
}

/// The schema of single values.
fn simple(word: &str, values: &[String]) -> Value {
    let mut json = match word {
        "integer" => json!({ "type": "integer" }),
        "number" => json!({ "type": "number" }),
        "boolean" => json!({ "type": "boolean" }),
        "dateTime" => json!({ "type": "string", "format": "date-time" }),
        "date" => json!({ "type": "string", "format": "date" }),
        "base64 text" => json!({ "type": "string", "format": "byte" }),
        "list" => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    };
    if !values.is_empty() {
        json["enum"] = Value::from(values);
    }
    json
}
