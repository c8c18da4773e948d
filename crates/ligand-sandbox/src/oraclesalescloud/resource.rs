//! The resources and their attributes, read from `attributes.txt`, and the check of values against
//! an attribute's type.

use std::sync::LazyLock;

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Datetime,
    /// Rows of a child resource, not a value.
    Child,
}

impl Type {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::Datetime,
            "child" => Self::Child,
            _ => return None,
        })
    }

    /// The name `describe` gives it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Child => "child",
        }
    }

    /// The value as it is stored; `None` if it cannot be one of this type. Numbers may come as
    /// texts, as the service accepts them.
    pub(super) fn accept(self, value: &Value) -> Option<Value> {
        let text = value.as_str();
        match self {
            _ if value.is_null() => Some(Value::Null),
            Self::String => match value {
                Value::Number(_) | Value::Bool(_) => Some(json!(value.to_string())),
                _ => text.map(|_| value.clone()),
            },
            Self::Integer => {
                let number = value.as_i64().or_else(|| text?.trim().parse().ok());
                number.map(|number| json!(number))
            }
            Self::Number => match value {
                Value::Number(_) => Some(value.clone()),
                _ => {
                    let number = text?.trim().parse::<f64>().ok()?;
                    number.is_finite().then(|| json!(number))
                }
            },
            Self::Boolean => match (value, text) {
                (Value::Bool(_), _) => Some(value.clone()),
                (_, Some("true" | "Y")) => Some(json!(true)),
                (_, Some("false" | "N")) => Some(json!(false)),
                _ => None,
            },
            Self::Date => {
                let format = format_description!("[year]-[month]-[day]");
                Date::parse(text?, &format).ok().map(|_| value.clone())
            }
            Self::Datetime => OffsetDateTime::parse(text?, &Rfc3339).ok().map(|time| json!(stamp(time))),
            Self::Child => value.is_array().then(|| value.clone()),
        }
    }
}

/// A time as the service writes it: UTC with milliseconds.
pub(super) fn stamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+00:00");
    time.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}

/// An attribute of a resource.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) mandatory: bool,
    pub(super) read_only: bool,
}

/// A resource: a collection of items of one shape.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) name: &'static str,
    /// Name of the entity behind it, as error texts have it.
    pub(super) entity: &'static str,
    /// What stands in item URLs: an attribute, or an opaque key named `…UniqID`.
    pub(super) key: &'static str,
    /// The numeric identifier.
    pub(super) id: &'static str,
    pub(super) attributes: Vec<Attribute>,
}

impl Resource {
    /// The resource of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.name == name)
    }

    /// All resources.
    pub(super) fn all() -> &'static [Self] {
        &RESOURCES
    }

    /// An attribute, or child, by its exact name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// An attribute that holds a value.
    pub(super) fn value_attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute(name).filter(|attribute| attribute.kind != Type::Child)
    }

    /// Whether item URLs carry an opaque key.
    pub(super) fn has_opaque_key(&self) -> bool {
        self.key.ends_with("UniqID")
    }

    /// Deals are never deleted.
    pub(super) fn can_delete(&self) -> bool {
        self.name != "deals"
    }
}

static RESOURCES: LazyLock<Vec<Resource>> =
    LazyLock::new(|| parse(include_str!("attributes.txt")).expect("the attribute table is valid"));

fn parse(table: &'static str) -> Result<Vec<Resource>, String> {
    let mut resources: Vec<Resource> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let bad = || format!("bad line: {line}");
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let words: Vec<&str> = head.split(' ').collect();
            let [name, entity, key, id] = words[..] else { return Err(bad()) };
            resources.push(Resource { name, entity, key, id, attributes: Vec::new() });
            continue;
        }
        let mut words = line.split(' ');
        let name = words.next().ok_or_else(bad)?;
        let kind = words.next().and_then(Type::from_name).ok_or_else(bad)?;
        let (mut mandatory, mut read_only) = (false, false);
        for word in words {
            match word {
                "mandatory" => mandatory = true,
                "readonly" => read_only = true,
                _ => return Err(bad()),
            }
        }
        let resource = resources.last_mut().ok_or_else(bad)?;
        resource.attributes.push(Attribute { name, kind, mandatory, read_only });
    }
    Ok(resources)
}
