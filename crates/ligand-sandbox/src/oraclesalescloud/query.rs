//! The query parameters of collections and items: paging, `q`, `finder`, `orderBy`, `fields`,
//! `expand`, `links`, `onlyData`, `totalResults`; and the framework version that decides how `q` is
//! read.

mod filter;

use std::cmp::Ordering;

use http::HeaderName;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::resource::Resource;
use super::store::Item;
use crate::call::Call;

use filter::{Filter, compare};

#[cfg(test)]
mod tests;

/// Items of a page when the caller does not say.
pub(super) const DEFAULT_LIMIT: usize = 25;
/// Most items of a page; more is not refused but cut.
const MAX_LIMIT: usize = 500;
/// Parameters of the framework that mean nothing here.
const IGNORED: [&str; 3] = ["dependency", "metadataMode", "onlyCount"];
/// Asks for a version of the framework; the first if absent.
const VERSION: HeaderName = HeaderName::from_static("rest-framework-version");

/// What a call asks for.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) offset: usize,
    filter: Option<Filter>,
    /// Attribute and value that a finder asks for.
    found_by: Option<(&'static str, Value)>,
    order: Vec<(String, bool)>,
    /// Attributes to answer; `None` means all.
    pub(super) fields: Option<Vec<String>>,
    /// Children to answer with the item, and which of their attributes; none named means all.
    pub(super) expand: Vec<(&'static Resource, Vec<String>)>,
    /// Relations of the links to answer; none named means all.
    pub(super) links: Vec<String>,
    pub(super) only_data: bool,
    pub(super) total_results: bool,
}

impl Query {
    /// Reads query string and version for a resource.
    pub(super) fn parse(call: &Call, resource: &'static Resource) -> Result<Self, Refusal> {
        let version = version(call)?;
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            offset: 0,
            filter: None,
            found_by: None,
            order: Vec::new(),
            fields: None,
            expand: Vec::new(),
            links: Vec::new(),
            only_data: false,
            total_results: false,
        };
        for (name, value) in &call.query {
            match name.as_str() {
                "limit" => query.limit = number(name, value)?.clamp(1, MAX_LIMIT),
                "offset" => query.offset = number(name, value)?,
                "q" => {
                    let filter = Filter::parse(value, resource, version);
                    query.filter = Some(filter.ok_or_else(|| unusable(name))?);
                }
                "finder" => query.found_by = Some(finder(value, resource).ok_or_else(|| unusable(name))?),
                "orderBy" => query.order = order(value, resource)?,
                "fields" => query.read_fields(value, resource)?,
                "expand" => query.read_expand(value, resource)?,
                "links" => query.links = words(value),
                "onlyData" => query.only_data = flag(name, value)?,
                "totalResults" => query.total_results = flag(name, value)?,
                other if IGNORED.contains(&other) => {}
                other => return Err(unusable(other)),
            }
        }
        Ok(query)
    }

    /// Whether an item satisfies finder and conditions.
    pub(super) fn matches(&self, item: &Item) -> bool {
        self.found_by.as_ref().is_none_or(|(name, wanted)| value(item, name) == wanted)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(item))
    }

    /// Order of two items as asked; equal if nothing was.
    pub(super) fn compare(&self, left: &Item, right: &Item) -> Ordering {
        let mut orders = self.order.iter().map(|(name, descending)| {
            let order = compare(value(left, name), value(right, name));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Whether links of this relation are to be answered.
    pub(super) fn wants_link(&self, relation: &str) -> bool {
        self.links.is_empty() || self.links.iter().any(|one| one == relation)
    }

    /// `fields=A,B;Child:C,D`: attributes of the item and of its children.
    fn read_fields(&mut self, text: &str, resource: &'static Resource) -> Result<(), Refusal> {
        let unusable = || unusable("fields");
        for group in text.split(';').filter(|group| !group.trim().is_empty()) {
            if let Some((child, names)) = group.split_once(':') {
                let child = resource.child(child.trim()).ok_or_else(unusable)?;
                let names = known(names, child).ok_or_else(unusable)?;
                self.expand.push((child, names));
                self.fields.get_or_insert_default();
            } else {
                let names = known(group, resource).ok_or_else(unusable)?;
                self.fields.get_or_insert_default().extend(names);
            }
        }
        Ok(())
    }

    fn read_expand(&mut self, text: &str, resource: &'static Resource) -> Result<(), Refusal> {
        for name in words(text) {
            if name == "all" {
                self.expand.extend(resource.children().map(|child| (child, Vec::new())));
            } else {
                let child = resource.child(&name).ok_or_else(|| unusable("expand"))?;
                self.expand.push((child, Vec::new()));
            }
        }
        Ok(())
    }
}

fn value<'a>(item: &'a Item, name: &str) -> &'a Value {
    item.get(name).unwrap_or(&Value::Null)
}

fn version(call: &Call) -> Result<u8, Refusal> {
    match call.header(&VERSION) {
        None => Ok(1),
        Some(text) => match text.trim().parse() {
            Ok(version @ 1..=9) => Ok(version),
            _ => Err(Refusal::bad(format!("The REST framework version {} is not supported.", text.escape_debug()))),
        },
    }
}

fn unusable(parameter: &str) -> Refusal {
    Refusal::bad(format!("URL request parameter {parameter} cannot be used in this context."))
}

fn number(name: &str, value: &str) -> Result<usize, Refusal> {
    value.trim().parse().map_err(|_| unusable(name))
}

fn flag(name: &str, value: &str) -> Result<bool, Refusal> {
    match value.trim() {
        "true" | "" => Ok(true),
        "false" => Ok(false),
        _ => Err(unusable(name)),
    }
}

fn words(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The attributes of a list, if the resource has them all and there is one at least.
fn known(list: &str, resource: &Resource) -> Option<Vec<String>> {
    let names = words(list);
    let good = !names.is_empty() && names.iter().all(|name| resource.attribute(name).is_some());
    good.then_some(names)
}

fn order(value: &str, resource: &Resource) -> Result<Vec<(String, bool)>, Refusal> {
    let part = |part: &str| {
        let (name, direction) = part.trim().split_once(':').unwrap_or((part.trim(), "asc"));
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(unusable("orderBy")),
        };
        resource.attribute(name).filter(|one| one.queryable).ok_or_else(|| unusable("orderBy"))?;
        Ok((name.to_owned(), descending))
    };
    value.split(',').map(part).collect()
}

/// The finders of a resource: name and the attribute whose value picks the item.
pub(super) fn finders(resource: &Resource) -> Vec<(String, &'static str)> {
    let mut finders = vec![("PrimaryKey".to_owned(), resource.id)];
    if resource.number() != resource.id {
        finders.push((format!("{}AltKey", resource.number()), resource.number()));
    }
    finders
}

/// `Name;Variable=value`.
fn finder(text: &str, resource: &Resource) -> Option<(&'static str, Value)> {
    let (name, variable) = text.split_once(';')?;
    let (_, attribute) = finders(resource).into_iter().find(|(known, _)| known == name.trim())?;
    let (variable, value) = variable.split_once('=')?;
    let value = value.trim();
    let value = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(value);
    let kind = resource.attribute(attribute)?.kind;
    (variable.trim() == attribute).then(|| kind.accept(&json!(value)))?.map(|value| (attribute, value))
}
