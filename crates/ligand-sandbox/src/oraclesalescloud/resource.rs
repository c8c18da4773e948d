//! The resources, their children and their attributes, read from `attributes.txt`, and the check
//! of values against an attribute's type.

use std::sync::LazyLock;

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

#[cfg(test)]
mod tests;

/// Longest text of an attribute that does not say, in characters.
const DEFAULT_MAX_LENGTH: usize = 255;

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Datetime,
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
            Self::Date => date(text?).map(|_| value.clone()),
            Self::Datetime => OffsetDateTime::parse(text?, &Rfc3339).ok().map(|time| json!(stamp(time))),
        }
    }

    /// The value as it stands in a query; a date may stand for its midnight there.
    pub(super) fn accept_queried(self, value: &Value) -> Option<Value> {
        let midnight = value.as_str().and_then(date).map(|date| date.midnight().assume_utc());
        match (self, midnight) {
            (Self::Datetime, Some(midnight)) => Some(json!(stamp(midnight))),
            _ => self.accept(value),
        }
    }
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, &format_description!("[year]-[month]-[day]")).ok()
}

/// A time as the service writes it: UTC with milliseconds.
pub(super) fn stamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+00:00");
    time.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}

/// An attribute of a resource.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) mandatory: bool,
    pub(super) read_only: bool,
    /// Whether `q` may name it.
    pub(super) queryable: bool,
    /// Longest text, in characters.
    pub(super) max_length: usize,
    /// Name of the list its values are taken from.
    pub(super) lov: Option<&'static str>,
}

impl Attribute {
    /// Whether a customer of the vendor added it.
    pub(super) fn custom(&self) -> bool {
        self.name.ends_with("_c")
    }
}

/// A resource: a collection of items of one shape, at the top or below the items of another.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its name; of a child with the name of the parent before it.
    path: &'static str,
    /// Name of the entity behind it, as error texts have it.
    pub(super) entity: &'static str,
    /// What stands in item URLs: an attribute, or an opaque key named `…UniqID`.
    pub(super) key: &'static str,
    /// The numeric identifier.
    pub(super) id: &'static str,
    pub(super) attributes: Vec<Attribute>,
}

impl Resource {
    /// The resource of this name that is nobody's child.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        Self::top().find(|resource| resource.path == name)
    }

    /// The resources that are nobody's children.
    pub(super) fn top() -> impl Iterator<Item = &'static Self> {
        RESOURCES.iter().filter(|resource| resource.parent().is_none())
    }

    /// The children of its items.
    pub(super) fn children(&self) -> impl Iterator<Item = &'static Self> {
        RESOURCES.iter().filter(|resource| resource.parent() == Some(self.path))
    }

    /// A child by its exact name.
    pub(super) fn child(&self, name: &str) -> Option<&'static Self> {
        self.children().find(|child| child.name() == name)
    }

    /// Its name in URLs and items.
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// What its items are kept under.
    pub(super) fn path(&self) -> &'static str {
        self.path
    }

    fn parent(&self) -> Option<&'static str> {
        self.path.split_once('/').map(|(parent, _)| parent)
    }

    /// An attribute by its exact name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Whether item URLs carry an opaque key.
    pub(super) fn has_opaque_key(&self) -> bool {
        self.key.ends_with("UniqID")
    }

    /// The readable attribute that is unique, besides the numeric identifier.
    pub(super) fn number(&self) -> &'static str {
        match self.path {
            "leads" => "LeadNumber",
            "deals" => "DealNumber",
            _ => self.key,
        }
    }

    /// Deals are never deleted.
    pub(super) fn can_delete(&self) -> bool {
        self.path != "deals"
    }

    /// Whether a parent has at most one row of it.
    pub(super) fn single(&self) -> bool {
        self.name() == "PrimaryAddress"
    }
}

static RESOURCES: LazyLock<Vec<Resource>> =
    LazyLock::new(|| parse(include_str!("attributes.txt")).expect("the attribute table is valid"));

fn parse(table: &'static str) -> Result<Vec<Resource>, String> {
    let mut resources: Vec<Resource> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let bad = || format!("bad line: {line}");
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let resource = section(head, &resources).ok_or_else(bad)?;
            resources.push(resource);
        } else {
            let resource = resources.last_mut().ok_or_else(bad)?;
            resource.attributes.push(attribute(line).ok_or_else(bad)?);
        }
    }
    Ok(resources)
}

fn section(head: &'static str, known: &[Resource]) -> Option<Resource> {
    let words: Vec<&'static str> = head.split(' ').collect();
    match words[..] {
        [path, "=", other] => {
            let other = known.iter().find(|resource| resource.path == other)?;
            let attributes = other.attributes.clone();
            Some(Resource { path, entity: other.entity, key: other.key, id: other.id, attributes })
        }
        [path, entity, key, id] => Some(Resource { path, entity, key, id, attributes: Vec::new() }),
        _ => None,
    }
}

fn attribute(line: &'static str) -> Option<Attribute> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let kind = Type::from_name(words.next()?)?;
    let mut attribute = Attribute {
        name,
        kind,
        mandatory: false,
        read_only: false,
        queryable: true,
        max_length: DEFAULT_MAX_LENGTH,
        lov: None,
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("mandatory", "") => attribute.mandatory = true,
            ("readonly", "") => attribute.read_only = true,
            ("unqueryable", "") => attribute.queryable = false,
            ("max", length) => attribute.max_length = length.parse().ok()?,
            ("lov", list) if !list.is_empty() => attribute.lov = Some(list),
            _ => return None,
        }
    }
    Some(attribute)
}
