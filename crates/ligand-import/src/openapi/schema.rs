//! Schemas of a document as models: `allOf` merged, alternatives laid over each other, references kept as references
//! to models, so that types may be recursive. Work is done from a queue; nothing here recurses over the document.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

use crate::{
    definition::cleaned,
    documents::Documents,
    model::{Id, Models},
    remarks::Remarks,
};

/// Most models of an import.
const MAX_MODELS: usize = 20_000;
/// Most members of one model.
const MAX_MEMBERS: usize = 2_000;
/// Most schemas that are merged into one.
const MAX_MERGED: usize = 200;
/// Most lists in lists.
const MAX_LISTS: usize = 8;
/// Most values of an enumeration that are shown.
const MAX_VALUES: usize = 100;

/// The models of a document's schemas.
pub(crate) struct Schemas<'d> {
    documents: &'d Documents,
    models: Models,
    /// Models by the reference that means them.
    known: HashMap<&'d str, Id>,
    open: VecDeque<(Id, &'d Value)>,
    is_full: bool,
    lost: HashSet<String>,
}

/// A schema with everything that it consists of.
#[derive(Debug, Default)]
pub(crate) struct Merged<'d> {
    pub(crate) members: BTreeMap<usize, (&'d str, &'d Value)>,
    places: HashMap<&'d str, usize>,
    required: HashSet<&'d str>,
    kind: Option<&'d str>,
    /// Members of the schema itself, the outermost first.
    layers: Vec<&'d Value>,
    is_nullable: bool,
    count: usize,
}

impl<'d> Merged<'d> {
    /// A keyword of the outermost schema that has it.
    pub(crate) fn get(&self, keyword: &str) -> Option<&'d Value> {
        self.layers.iter().find_map(|layer| layer.get(keyword))
    }

    fn text(&self, keyword: &str) -> Option<&'d str> {
        self.get(keyword).and_then(Value::as_str)
    }

    /// `object`, `array` or a simple type; none where nothing says it.
    pub(crate) fn kind(&self) -> Option<&'d str> {
        let value_kind = || {
            let value = self.get("enum").and_then(Value::as_array).and_then(|values| values.first());
            match value.or_else(|| self.get("const"))? {
                Value::String(_) => Some("string"),
                Value::Bool(_) => Some("boolean"),
                Value::Number(number) if number.is_f64() => Some("number"),
                Value::Number(_) => Some("integer"),
                _ => None,
            }
        };
        let has = |keyword: &str| self.get(keyword).is_some();
        let by_members = || {
            let is_object = !self.members.is_empty() || has("properties") || has("additionalProperties");
            if is_object { Some("object") } else { has("items").then_some("array") }
        };
        self.kind.or_else(by_members).or_else(value_kind)
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&'d str, &'d Value)> {
        self.members.values().copied()
    }

    pub(crate) fn requires(&self, member: &str) -> bool {
        self.required.contains(member)
    }
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(documents: &'d Documents) -> Self {
        Self {
            documents,
            models: Models::default(),
            known: HashMap::new(),
            open: VecDeque::new(),
            is_full: false,
            lost: HashSet::new(),
        }
    }

    pub(crate) fn models(&self) -> &Models {
        &self.models
    }

    /// Makes the models that others have led to.
    pub(crate) fn finish(&mut self, remarks: &mut Remarks) {
        while let Some((id, schema)) = self.open.pop_front() {
            self.fill(id, schema);
        }
        if self.is_full {
            remarks.add("", format!("the document leads to more than {MAX_MODELS} models; the rest are plain objects"));
        }
        let mut lost: Vec<&String> = self.lost.iter().collect();
        lost.sort();
        for reference in lost {
            let shown = reference.trim_start_matches(|each: char| each.is_ascii_digit());
            remarks.add(shown, "the reference leads nowhere; what it stands for is of unknown type");
        }
    }

    /// A schema with all that it refers to, consists of and may be.
    pub(crate) fn merged(&mut self, schema: &'d Value) -> Merged<'d> {
        let mut merged = Merged::default();
        let mut seen = HashSet::new();
        // Each with whether its members are only possible ones.
        let mut open = vec![(schema, false)];
        while let Some((schema, is_possible)) = open.pop() {
            merged.count += 1;
            if merged.count > MAX_MERGED {
                break;
            }
            let Some((target, reference)) = self.documents.follow(schema) else {
                let lost = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
                self.lost.insert(lost.to_owned());
                continue;
            };
            if reference.is_some_and(|reference| !seen.insert(reference)) {
                continue;
            }
            if !std::ptr::eq(schema, target) {
                merged.layers.push(schema);
            }
            merged.layers.push(target);
            merged.take(target, is_possible);
            // Taken from the end of the list, so the first comes last.
            for (keyword, possible) in [("anyOf", true), ("oneOf", true), ("allOf", false)] {
                let parts = target.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let nulls = parts.iter().filter(|part| is_null(part)).count();
                merged.is_nullable |= nulls > 0;
                open.extend(
                    parts.iter().rev().filter(|part| !is_null(part)).map(|part| (part, is_possible || possible)),
                );
            }
        }
        merged
    }

    /// The model of a schema that is an object or a list; none for what is simple or unknown.
    pub(crate) fn root(&mut self, schema: &'d Value, hint: &str) -> Option<Id> {
        let merged = self.merged(schema);
        match merged.kind()? {
            "object" => self.object(schema, hint),
            "array" => {
                let mut references = Vec::new();
                let items = merged.get("items").unwrap_or(&Value::Null);
                let items = self.property(items, hint, 1, &mut references);
                Some(self.models.list_of(&format!("{hint}List"), &items, references))
            }
            _ => None,
        }
    }

    /// A list of what a schema describes.
    pub(crate) fn list(&mut self, items: &'d Value, hint: &str) -> Id {
        let mut references = Vec::new();
        let items = self.property(items, hint, 1, &mut references);
        self.models.list_of(&format!("{hint}List"), &items, references)
    }

    /// The model of an object: that of its reference, or a new one.
    fn object(&mut self, schema: &'d Value, hint: &str) -> Option<Id> {
        let reference = self.documents.follow(schema).and_then(|(_, reference)| reference);
        if let Some(known) = reference.and_then(|reference| self.known.get(reference)) {
            return Some(*known);
        }
        if self.models.len() >= MAX_MODELS {
            self.is_full = true;
            return None;
        }
        let last = |reference: &'d str| reference.rsplit('/').next().unwrap_or(hint);
        let id = self.models.reserve(reference.map_or(hint, last));
        if let Some(reference) = reference {
            self.known.insert(reference, id);
        }
        self.open.push_back((id, schema));
        Some(id)
    }

    fn fill(&mut self, id: Id, schema: &'d Value) {
        let merged = self.merged(schema);
        let name = self.models.name(id).to_owned();
        let mut references = Vec::new();
        let mut members = Map::new();
        for (member, schema) in merged.members() {
            let mut property = self.property(schema, &format!("{name}_{member}"), 0, &mut references);
            if merged.requires(member) {
                property["required"] = Value::from(true);
            }
            members.insert(member.to_owned(), property);
        }
        let mut model = json!({ "type": "object", "properties": members });
        if let Some(description) = merged.text("description") {
            model["description"] = Value::from(cleaned(description, 200));
        }
        self.models.set(id, model, references);
    }

    /// A schema as that of a member or of the items of a list.
    fn property(&mut self, schema: &'d Value, hint: &str, lists: usize, references: &mut Vec<Id>) -> Value {
        let reference = self.documents.follow(schema).and_then(|(_, reference)| reference);
        if let Some(known) = reference.and_then(|reference| self.known.get(reference)) {
            references.push(*known);
            return self.models.reference(*known);
        }
        let merged = self.merged(schema);
        let mut json = Map::new();
        match merged.kind() {
            Some("object") if !merged.members.is_empty() => match self.object(schema, hint) {
                Some(id) => {
                    references.push(id);
                    let Value::Object(reference) = self.models.reference(id) else { return Value::Null };
                    json = reference;
                }
                None => _ = json.insert("type".to_owned(), Value::from("object")),
            },
            Some("array") => {
                json.insert("type".to_owned(), Value::from("array"));
                let items = match merged.get("items").filter(|_| lists < MAX_LISTS) {
                    Some(items) => self.property(items, hint, lists + 1, references),
                    None => json!({ "type": "unknown" }),
                };
                json.insert("items".to_owned(), items);
            }
            kind => {
                json.insert("type".to_owned(), Value::from(kind.map_or("unknown", simple)));
                details(&merged, &mut json);
            }
        }
        if let Some(description) = merged.text("description").map(|text| cleaned(text, 200)) {
            json.insert("description".to_owned(), Value::from(description));
        }
        let says_nullable = |keyword: &str| merged.get(keyword).and_then(Value::as_bool) == Some(true);
        if merged.is_nullable || says_nullable("nullable") || says_nullable("x-nullable") {
            json.insert("x-nullable".to_owned(), Value::from(true));
        }
        if says_nullable("readOnly") {
            json.insert("readOnly".to_owned(), Value::from(true));
        }
        Value::Object(json)
    }
}

/// Format, values and sample of a simple type.
fn details(merged: &Merged<'_>, json: &mut Map<String, Value>) {
    if let Some(format) = merged.text("format").filter(|format| format.len() <= 60) {
        json.insert("format".to_owned(), Value::from(format));
    }
    let values = merged.get("enum").and_then(Value::as_array);
    let constant = merged.get("const").filter(|value| is_scalar(value)).cloned();
    let values: Vec<Value> = values
        .into_iter()
        .flatten()
        .filter(|value| is_scalar(value))
        .take(MAX_VALUES)
        .cloned()
        .chain(constant)
        .collect();
    if !values.is_empty() {
        json.insert("enum".to_owned(), Value::Array(values));
    }
    let short = |value: &&Value| is_scalar(value) && value.as_str().is_none_or(|text| text.len() <= 100);
    if let Some(sample) = merged.get("example").or_else(|| merged.get("x-samplevalue")).filter(short) {
        json.insert("x-samplevalue".to_owned(), sample.clone());
    }
}

impl<'d> Merged<'d> {
    fn take(&mut self, schema: &'d Value, is_possible: bool) {
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        self.is_nullable |= kinds.contains(&"null");
        let kind = kinds.into_iter().find(|kind| *kind != "null");
        // Of alternatives, what is simple is what a caller most likely meets.
        let is_better = |known: &str| is_possible && known == "object" && kind.is_some_and(|kind| kind != "object");
        if self.kind.is_none_or(is_better) {
            self.kind = kind.or(self.kind);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            if self.members.len() >= MAX_MEMBERS {
                break;
            }
            let next = self.members.len();
            let place = *self.places.entry(name).or_insert(next);
            self.members.entry(place).or_insert((name, schema));
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        if !is_possible {
            self.required.extend(required.filter_map(Value::as_str));
        }
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

/// The name of a simple type; one that JSON Schema does not have is unknown.
fn simple(kind: &str) -> &'static str {
    match kind {
        "string" => "string",
        "integer" => "integer",
        "number" => "number",
        "boolean" => "boolean",
        "object" => "object",
        "file" => "file",
        _ => "unknown",
    }
}
