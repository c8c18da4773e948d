//! Models as CSV, one row for each member: written from a schema, and read back into the same.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{MAX_DEPTH, PRIMITIVES};

/// The columns, in their order.
const COLUMNS: [&str; 30] = [
    "sampleValue",
    "name",
    "type",
    "format",
    "subFormat",
    "displayName",
    "description",
    "request",
    "response",
    "defaultValue",
    "max",
    "min",
    "precision",
    "nullable",
    "searchOperators",
    "searchNames",
    "mask",
    "enums",
    "conditionalDescription",
    "reference",
    "hidden",
    "primaryKey",
    "readOnly",
    "required",
    "vendorReferenceName",
    "vendorName",
    "customFields",
    "searchable",
    "whereFields",
    "searchableJoins",
];
/// Most rows of a sheet.
const MAX_ROWS: usize = 100_000;
/// Columns that are members of properties under other names, as texts.
const TEXTS: [(&str, &str); 6] = [
    ("format", "format"),
    ("mask", "x-mask"),
    ("description", "description"),
    ("displayName", "x-displayName"),
    ("vendorName", "x-vendor-name"),
    ("subFormat", "x-subFormat"),
];
/// The same as JSON.
const VALUES: [(&str, &str); 2] = [("defaultValue", "default"), ("enums", "enum")];
/// The same as flags.
const FLAGS: [(&str, &str); 4] =
    [("required", "required"), ("nullable", "x-nullable"), ("readOnly", "readOnly"), ("hidden", "x-hidden")];

/// Why a schema gives no sheet, or a sheet no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// The schema is not one.
    #[error("The schema has no definition {0}")]
    NoRoot(String),
    /// The CSV is not one.
    #[error("The CSV cannot be read: {0}")]
    Unreadable(String),
    /// A row does not fit.
    #[error("Row {0}: {1}")]
    Row(usize, String),
    /// There are too many rows.
    #[error("The models have more than {MAX_ROWS} members, or nest too deep")]
    TooLarge,
}

/// The CSV of the models of a name.
///
/// # Errors
/// When there is no such model, or too many members follow from it.
pub fn to_sheet(name: &str, schema: &Map<String, Value>) -> Result<String, SheetError> {
    let root = schema.get(name).ok_or_else(|| SheetError::NoRoot(name.to_owned()))?;
    let mut sheet = Sheet { schema, rows: Vec::new(), above: Vec::new() };
    match root.get("type").and_then(Value::as_str) {
        Some("array") => sheet.row("[*]", root)?,
        _ => sheet.members(name, "")?,
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: csv::Error| SheetError::Unreadable(error.to_string());
    writer.write_record(COLUMNS).map_err(unwritable)?;
    for row in &sheet.rows {
        writer.write_record(row).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|error| SheetError::Unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| SheetError::Unreadable(error.to_string()))
}

struct Sheet<'s> {
    schema: &'s Map<String, Value>,
    rows: Vec<[String; 30]>,
    above: Vec<&'s str>,
}

impl<'s> Sheet<'s> {
    fn members(&mut self, definition: &'s str, parent: &str) -> Result<(), SheetError> {
        if self.above.contains(&definition) {
            return Ok(());
        }
        if self.above.len() > MAX_DEPTH {
            return Err(SheetError::TooLarge);
        }
        self.above.push(definition);
        let properties = self.schema.get(definition).and_then(|one| one.get("properties")).and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let separator = if parent.is_empty() { "" } else { "." };
            self.row(&format!("{parent}{separator}{}", escaped(name)), property)?;
        }
        self.above.pop();
        Ok(())
    }

    fn row(&mut self, path: &str, property: &'s Value) -> Result<(), SheetError> {
        if self.rows.len() >= MAX_ROWS {
            return Err(SheetError::TooLarge);
        }
        let is_array = property.get("type").and_then(Value::as_str) == Some("array");
        let inner = if is_array { property.get("items") } else { Some(property) };
        let reference = inner.and_then(|inner| self.reference(inner));
        let kind = match (is_array, reference) {
            (true, Some(_)) => "array".to_owned(),
            (true, None) => format!("array-{}", inner.and_then(word).unwrap_or("string")),
            (false, Some(_)) => "object".to_owned(),
            (false, None) => word(property).unwrap_or("unknown").to_owned(),
        };
        let mut row = [const { String::new() }; 30];
        let mut put = |column: &str, text: String| {
            if let Some(place) = COLUMNS.iter().position(|name| *name == column) {
                row[place] = text;
            }
        };
        put("name", path.to_owned());
        put("type", kind);
        put("reference", reference.unwrap_or_default().to_owned());
        put("sampleValue", property.get("x-samplevalue").map(cell).unwrap_or_default());
        for (column, member) in TEXTS {
            put(column, property.get(member).and_then(Value::as_str).unwrap_or_default().to_owned());
        }
        for (column, member) in VALUES {
            put(column, property.get(member).map(ToString::to_string).unwrap_or_default());
        }
        for (column, member) in FLAGS {
            put(column, (property.get(member) == Some(&Value::Bool(true))).to_string());
        }
        for (column, text) in [("request", "true"), ("response", "true"), ("primaryKey", "false")] {
            put(column, text.to_owned());
        }
        let definition = reference.and_then(|name| self.schema.get(name));
        if definition.is_some_and(|definition| definition.get("x-has-customfields") == Some(&Value::Bool(true))) {
            put("customFields", "true".to_owned());
        }
        self.rows.push(row);
        let Some(reference) = reference else { return Ok(()) };
        let parent = if is_array && path != "[*]" { format!("{path}[*]") } else { path.to_owned() };
        self.members(reference, &parent)
    }

    /// The definition that a property refers to.
    fn reference(&self, property: &'s Value) -> Option<&'s str> {
        let named = property.get("$ref").or_else(|| property.get("type"))?.as_str()?;
        let named = named.strip_prefix("#/definitions/").unwrap_or(named);
        (!PRIMITIVES.contains(&named) && self.schema.contains_key(named)).then_some(named)
    }
}

fn word(property: &Value) -> Option<&str> {
    property.get("type").and_then(Value::as_str)
}

/// A sample as a cell: texts as they are, the rest as JSON.
fn cell(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member's name as a part of a path.
fn escaped(name: &str) -> String {
    if name.is_empty() {
        return "\\e".to_owned();
    }
    let mut text = String::with_capacity(name.len());
    for each in name.chars() {
        if matches!(each, '\\' | '.' | '[') {
            text.push('\\');
        }
        text.push(each);
    }
    text
}

/// The names in a path; an array's own is followed by a `None`.
fn names(path: &str) -> Vec<Option<String>> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut is_open = false;
    let mut letters = path.chars();
    while let Some(each) = letters.next() {
        match each {
            '\\' => {
                is_open = true;
                name.extend(letters.next().filter(|escaped| *escaped != 'e'));
            }
            '.' => {
                if std::mem::take(&mut is_open) {
                    names.push(Some(std::mem::take(&mut name)));
                }
            }
            '[' => {
                if std::mem::take(&mut is_open) {
                    names.push(Some(std::mem::take(&mut name)));
                }
                names.push(None);
                letters.by_ref().find(|each| *each == ']');
            }
            each => {
                is_open = true;
                name.push(each);
            }
        }
    }
    if is_open {
        names.push(Some(name));
    }
    names
}

/// The models of a sheet, the root under `name`.
///
/// # Errors
/// What is no CSV of models, with the row.
pub fn from_sheet(name: &str, text: &str) -> Result<Map<String, Value>, SheetError> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let unreadable = |error: csv::Error| SheetError::Unreadable(error.to_string());
    let headers = reader.headers().map_err(unreadable)?.clone();
    for column in ["name", "type"] {
        if !headers.iter().any(|header| header.trim() == column) {
            return Err(SheetError::Unreadable(format!("there is no column {column}")));
        }
    }
    let mut read = Reading::new(name);
    for (index, record) in reader.records().enumerate() {
        if index >= MAX_ROWS {
            return Err(SheetError::TooLarge);
        }
        let record = record.map_err(unreadable)?;
        let columns: HashMap<&str, &str> = headers.iter().map(str::trim).zip(record.iter()).collect();
        read.row(&columns).map_err(|problem| SheetError::Row(index + 1, problem))?;
    }
    Ok(read.finish())
}

struct Reading {
    root: String,
    schema: Map<String, Value>,
    /// The definition that stands at a path.
    places: HashMap<String, String>,
    is_array: bool,
}

impl Reading {
    fn new(name: &str) -> Self {
        Self { root: name.to_owned(), schema: Map::new(), places: HashMap::new(), is_array: false }
    }

    fn row(&mut self, columns: &HashMap<&str, &str>) -> Result<(), String> {
        let text = |column: &str| columns.get(column).copied().unwrap_or_default();
        let path = text("name");
        let mut names = names(path);
        if names.len() > 2 * MAX_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        if names.first() == Some(&None) && self.schema.is_empty() {
            self.is_array = true;
        }
        let property = property(columns)?;
        let reference = text("reference");
        let is_array = text("type") == "array";
        let Some(last) = names.pop() else { return Err("name is empty".to_owned()) };
        let Some(last) = last else {
            if !names.is_empty() {
                return Err(format!("{path} names no member"));
            }
            // The root is a list.
            let root = self.root.clone();
            if is_array && !reference.is_empty() {
                let title = root.clone();
                self.define(reference, &title, true, text("customFields") == "true");
                self.places.insert("[]".to_owned(), reference.to_owned());
                self.schema.insert(root, json!({ "type": "array", "items": { "type": reference } }));
            } else {
                self.schema.insert(root, property);
            }
            return Ok(());
        };
        let parent = place(&names);
        let owner = if parent.is_empty() {
            let root = self.root.clone();
            if self.is_array {
                return Err(format!("{path} is no member of the list"));
            }
            self.define(&root, &root, false, false);
            root
        } else {
            let known = self.places.get(&parent).cloned();
            known.ok_or_else(|| format!("{path} comes before what it is a member of"))?
        };
        names.push(Some(last.clone()));
        if is_array {
            names.push(None);
        }
        let property = if matches!(text("type"), "array" | "object") {
            let key = if reference.is_empty() { self.free(&last, &owner) } else { reference.to_owned() };
            self.define(&key, &last, !is_array, text("customFields") == "true");
            self.places.insert(place(&names), key.clone());
            let mut property = property;
            match is_array {
                true => property["items"] = json!({ "type": key }),
                false => property["type"] = Value::from(key),
            }
            property
        } else {
            property
        };
        self.schema[&owner]["properties"][&last] = property;
        Ok(())
    }

    /// Makes sure that there is a definition.
    fn define(&mut self, key: &str, title: &str, is_typed: bool, has_custom_fields: bool) {
        if self.schema.contains_key(key) {
            return;
        }
        let mut definition = json!({ "x-has-customfields": has_custom_fields, "title": title });
        if is_typed {
            definition["type"] = Value::from("object");
        }
        definition["properties"] = json!({});
        self.schema.insert(key.to_owned(), definition);
    }

    fn free(&self, member: &str, parent: &str) -> String {
        let longer = format!("{parent}{member}");
        let numbered = (2..).map(|number: usize| format!("{longer}{number}"));
        let mut candidates = [member.to_owned(), longer.clone()].into_iter().chain(numbered);
        let is_free = |name: &String| !PRIMITIVES.contains(&name.as_str()) && !self.schema.contains_key(name);
        candidates.find(is_free).unwrap_or_else(|| longer.clone())
    }

    fn finish(mut self) -> Map<String, Value> {
        let root = self.root.clone();
        self.define(&root, &root, false, false);
        self.schema
    }
}

/// The names of a path as one text that no other path has.
fn place(names: &[Option<String>]) -> String {
    let part =
        |name: &Option<String>| name.as_ref().map_or_else(|| "[]".to_owned(), |name| format!(".{}", escaped(name)));
    names.iter().map(part).collect()
}

/// The property of a row.
fn property(columns: &HashMap<&str, &str>) -> Result<Value, String> {
    let text = |column: &str| columns.get(column).copied().unwrap_or_default();
    let kind = text("type");
    let mut property = Map::new();
    let sample = text("sampleValue");
    let as_json = || {
        let parsed = serde_json::from_str::<Value>(sample);
        parsed.map_err(|_| format!("the sampleValue of the type {kind} is not JSON"))
    };
    match kind.split_once('-') {
        Some(("array", items)) => {
            if !sample.is_empty() {
                property.insert("x-samplevalue".to_owned(), as_json()?);
            }
            property.insert("type".to_owned(), Value::from("array"));
            property.insert("items".to_owned(), json!({ "type": items }));
        }
        _ => {
            match kind {
                "" => return Err("type is empty".to_owned()),
                "string" => _ = property.insert("x-samplevalue".to_owned(), Value::from(sample)),
                _ if sample.is_empty() => {}
                "integer" | "number" | "boolean" => _ = property.insert("x-samplevalue".to_owned(), as_json()?),
                _ => _ = property.insert("x-samplevalue".to_owned(), Value::from(sample)),
            }
            property.insert("type".to_owned(), Value::from(kind));
        }
    }
    for (column, member) in TEXTS {
        if !text(column).is_empty() {
            property.insert(member.to_owned(), Value::from(text(column)));
        }
    }
    for (column, member) in VALUES {
        if !text(column).is_empty() {
            let value = serde_json::from_str(text(column)).unwrap_or_else(|_| Value::from(text(column)));
            property.insert(member.to_owned(), value);
        }
    }
    for (column, member) in FLAGS {
        if text(column) == "true" {
            property.insert(member.to_owned(), Value::from(true));
        }
    }
    Ok(Value::Object(property))
}
