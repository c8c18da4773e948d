//! Which records there are and which fields they have, read from `fields.txt`; what `$filter` and
//! its neighbours may name; the description that `metadata` answers.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::lookups;

#[cfg(test)]
mod tests;

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Company,
    Group,
    Opportunity,
    Activity,
    Note,
    History,
    Product,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Boolean,
    Guid,
    Datetime,
    Address,
    /// Values by lower-case column name.
    Custom,
    /// References to records of another kind.
    Links(Kind),
    /// Stage of a sales process.
    Stage,
    /// State of an opportunity.
    Status,
    /// What a history tells of.
    Event,
}

/// A field of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) read_only: bool,
    pub(super) required: bool,
    /// Whether it is a member of `customFields`.
    pub(super) custom: bool,
}

/// What a path in a query leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Number,
    Boolean,
    Guid,
    Datetime,
    /// An object with members of its own.
    Complex,
    /// References to records of a kind.
    List(Kind),
}

/// Parts of an address.
pub(super) const ADDRESS: [&str; 7] = ["line1", "line2", "line3", "city", "state", "postalCode", "country"];

impl Kind {
    /// All kinds.
    pub(super) const ALL: [Self; 8] = [
        Self::Contact,
        Self::Company,
        Self::Group,
        Self::Opportunity,
        Self::Activity,
        Self::Note,
        Self::History,
        Self::Product,
    ];

    /// Its name, as record type.
    pub(super) fn name(self) -> &'static str {
        TABLES[self as usize].name
    }

    /// Path segment of its collection, in lower case.
    pub(super) fn collection(self) -> &'static str {
        TABLES[self as usize].collection
    }

    /// The kind whose collection has this path segment, in lower case.
    pub(super) fn from_path(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.collection() == segment)
    }

    /// Its fields, without the identifier and those of the customer.
    pub(super) fn fields(self) -> impl Iterator<Item = &'static Field> {
        TABLES[self as usize].fields.iter().filter(|field| !field.custom)
    }

    /// The members of `customFields`.
    pub(super) fn custom_fields(self) -> impl Iterator<Item = &'static Field> {
        TABLES[self as usize].fields.iter().filter(|field| field.custom)
    }

    /// A field by its name in any case.
    pub(super) fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field by which references show it.
    pub(super) fn label(self) -> &'static str {
        if self == Self::Contact { "displayName" } else { "name" }
    }

    /// What a path such as `businessAddress/state` leads to; `None` if nowhere.
    pub(super) fn shape(self, path: &str) -> Option<Shape> {
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        if first.eq_ignore_ascii_case("id") {
            return rest.is_none().then_some(Shape::Guid);
        }
        let kind = self.field(first)?.kind;
        let Some(rest) = rest else { return Some(plain(kind)) };
        let known = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(rest));
        match kind {
            Type::Address => known(&ADDRESS).then_some(Shape::Text),
            Type::Custom => self.custom_fields().find(|field| known(&[field.name])).map(|field| plain(field.kind)),
            Type::Stage | Type::Event if known(&["name", "description", "process/name"]) => Some(Shape::Text),
            Type::Stage if known(&["number", "probability"]) => Some(Shape::Number),
            Type::Stage if known(&["id", "process/id"]) => Some(Shape::Guid),
            Type::Stage if known(&["process"]) => Some(Shape::Complex),
            Type::Event if known(&["id"]) => Some(Shape::Number),
            _ => None,
        }
    }
}

fn plain(kind: Type) -> Shape {
    match kind {
        Type::Text | Type::Status => Shape::Text,
        Type::Number => Shape::Number,
        Type::Boolean => Shape::Boolean,
        Type::Guid => Shape::Guid,
        Type::Datetime => Shape::Datetime,
        Type::Address | Type::Custom | Type::Stage | Type::Event => Shape::Complex,
        Type::Links(kind) => Shape::List(kind),
    }
}

impl Type {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "guid" => Self::Guid,
            "datetime" => Self::Datetime,
            "address" => Self::Address,
            "custom" => Self::Custom,
            "contacts" => Self::Links(Kind::Contact),
            "companies" => Self::Links(Kind::Company),
            "groups" => Self::Links(Kind::Group),
            "opportunities" => Self::Links(Kind::Opportunity),
            "stage" => Self::Stage,
            "status" => Self::Status,
            "historytype" => Self::Event,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Status => "String",
            Self::Number => "Decimal",
            Self::Boolean => "YesNo",
            Self::Guid => "UniqueIdentifier",
            Self::Datetime => "DateTime",
            Self::Address => "Address",
            Self::Custom | Self::Stage | Self::Event => "Object",
            Self::Links(_) => "List",
        }
    }

    /// What a field has without a value.
    pub(super) fn nothing(self) -> Value {
        match self {
            Self::Boolean => json!(false),
            _ => Value::Null,
        }
    }

    /// The value as it is stored; `None` if it is of the wrong type. References and custom fields
    /// are looked into elsewhere.
    pub(super) fn accept(self, value: &Value) -> Option<Value> {
        let good = match (self, value) {
            (_, Value::Null) => return Some(self.nothing()),
            (Self::Text, Value::Number(number)) => return Some(json!(number.to_string())),
            (Self::Text, value) => value.is_string(),
            (Self::Guid, value) => value.as_str().is_some_and(is_guid),
            (Self::Number, value) => value.is_number(),
            (Self::Boolean, value) => value.is_boolean(),
            (Self::Datetime, value) => return value.as_str().and_then(instant).map(|time| json!(stamp(time))),
            (Self::Address, Value::Object(lines)) => return accept_address(lines),
            (Self::Status, value) => {
                let name = value.as_str()?;
                let known = ["Open", "Won", "Lost", "Inactive"].into_iter().find(|one| one.eq_ignore_ascii_case(name));
                return known.map(|name| json!(name));
            }
            (Self::Stage, Value::Object(stage)) => return lookups::stage(stage.get("id")?.as_str()?),
            (Self::Event, Value::Object(kind)) => return lookups::history_type(kind.get("id")?),
            _ => false,
        };
        good.then(|| value.clone())
    }
}

fn accept_address(lines: &Map<String, Value>) -> Option<Value> {
    let mut address = Map::new();
    for part in ADDRESS {
        let mut found = lines.iter().filter(|(name, _)| name.eq_ignore_ascii_case(part));
        let value = found.next().map_or(&Value::Null, |(_, value)| value);
        address.insert(part.to_owned(), Type::Text.accept(value)?);
    }
    Some(Value::Object(address))
}

/// Whether a text is a GUID in its usual spelling.
pub(super) fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Reads a time with an offset.
pub(super) fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// A time as the server writes it: UTC, whole seconds.
pub(super) fn stamp(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    time.replace_nanosecond(0).unwrap_or(time).format(&Rfc3339).unwrap_or_default()
}

/// What `metadata` tells of the fields of a kind.
pub(super) fn describe(kind: Kind) -> Vec<Value> {
    let id = json!({ "name": "id", "type": "UniqueIdentifier", "isReadOnly": true, "isPrimary": true });
    let own = kind.fields().chain(kind.custom_fields()).map(|field| {
        json!({
            "name": field.name, "type": field.kind.name(), "isReadOnly": field.read_only, "isPrimary": false,
            "isCustom": field.custom, "isNullable": !field.required,
        })
    });
    let complete = |(place, mut field): (usize, Value)| {
        let name = field["name"].as_str().unwrap_or_default().to_owned();
        let custom = field["isCustom"] == json!(true);
        let display = name.replace('_', " ");
        field["id"] = json!(lookups::field_id(kind, place));
        field["recordType"] = json!(kind.name());
        field["displayName"] = json!(display);
        field["aliasName"] = json!(name.to_lowercase());
        field["isCustom"] = json!(custom);
        field["isAllowBlank"] = json!(field["isNullable"] != json!(false));
        field
    };
    std::iter::once(id).chain(own).enumerate().map(complete).collect()
}

/// A kind as the table has it.
#[derive(Debug)]
struct Table {
    name: &'static str,
    collection: &'static str,
    fields: Vec<Field>,
}

static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| parse(include_str!("fields.txt")).expect("the field table is valid"));

fn parse(table: &'static str) -> Result<Vec<Table>, String> {
    let mut tables: Vec<Table> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let bad = || format!("bad line: {line}");
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (name, collection) = head.split_once(' ').ok_or_else(bad)?;
            tables.push(Table { name, collection, fields: Vec::new() });
        } else {
            let field = field(line).ok_or_else(bad)?;
            tables.last_mut().ok_or_else(bad)?.fields.push(field);
        }
    }
    Ok(tables)
}

fn field(line: &'static str) -> Option<Field> {
    let mut words = line.split(' ');
    let (name, kind) = (words.next()?, Type::from_name(words.next()?)?);
    let mut field = Field { name, kind, read_only: false, required: false, custom: false };
    for word in words {
        match word {
            "readonly" => field.read_only = true,
            "required" => field.required = true,
            "custom" => field.custom = true,
            _ => return None,
        }
    }
    Some(field)
}
