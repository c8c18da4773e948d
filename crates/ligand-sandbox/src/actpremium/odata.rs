//! The OData options Act! takes on collections. `$top`, `$skip`, `$orderby`, `$select` and `$expand`
//! are applied here; `$filter` is parsed and evaluated in `filter`. Anything else is refused.

mod filter;

use std::cmp::Ordering;

use http::StatusCode;
use serde_json::{Map, Value};

use super::Refusal;
use super::schema::{Kind, Shape};
use crate::call::Call;

use filter::Filter;

/// Records answered when `$top` is absent; the vendor does not document its own figure.
const DEFAULT_TOP: usize = 10_000;

/// What a call asks of a collection.
#[derive(Default)]
pub(super) struct Options {
    filter: Option<Filter>,
    /// Field path and whether it is descending.
    order: Vec<(String, bool)>,
    top: Option<usize>,
    skip: usize,
    select: Vec<String>,
}

impl Options {
    /// Reads the query string. Parameters that do not start with `$` mean nothing to OData.
    pub(super) fn parse(call: &Call, kind: Kind) -> Result<Self, Refusal> {
        let mut options = Self::default();
        for (name, value) in &call.query {
            match name.to_lowercase().as_str() {
                "$filter" => options.filter = Some(Filter::parse(value, kind).map_err(refuse)?),
                "$orderby" => options.order = order(value, kind)?,
                "$top" => options.top = Some(count(name, value)?),
                "$skip" => options.skip = count(name, value)?,
                "$select" => options.select = select(value, kind)?,
                "$expand" => expand(value, kind)?,
                other if other.starts_with('$') => {
                    return Err(refuse(format!("The query parameter '{name}' is not supported.")));
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// The records that remain, in order.
    pub(super) fn apply(&self, records: Vec<Map<String, Value>>) -> Vec<Value> {
        let wanted = |record: &Map<String, Value>| self.filter.as_ref().is_none_or(|filter| filter.matches(record));
        let mut found: Vec<_> = records.into_iter().filter(wanted).collect();
        found.sort_by(|left, right| self.compare(left, right));
        let page = found.into_iter().skip(self.skip).take(self.top.unwrap_or(DEFAULT_TOP));
        page.map(|record| Value::Object(self.pick(record))).collect()
    }

    fn compare(&self, left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
        let mut orders = self.order.iter().map(|(path, descending)| {
            let order = filter::compare(filter::lookup(left, path), filter::lookup(right, path));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn pick(&self, record: Map<String, Value>) -> Map<String, Value> {
        let wanted =
            |name: &str| self.select.is_empty() || self.select.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        record.into_iter().filter(|(name, _)| wanted(name)).collect()
    }
}

fn names(value: &str) -> Vec<String> {
    value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn count(name: &str, value: &str) -> Result<usize, Refusal> {
    let problem = || refuse(format!("Invalid value '{value}' for {name} query option found."));
    value.trim().parse().map_err(|_| problem())
}

/// Fields of the record itself; members of members cannot be selected.
fn select(value: &str, kind: Kind) -> Result<Vec<String>, Refusal> {
    let names = names(value);
    match names.iter().find(|name| name.contains('/') || kind.shape(name).is_none()) {
        Some(name) => Err(unknown(name)),
        None => Ok(names),
    }
}

/// References are always answered in full; what else is named cannot be expanded.
fn expand(value: &str, kind: Kind) -> Result<(), Refusal> {
    let expandable = |name: &str| matches!(kind.shape(name), Some(Shape::List(_) | Shape::Complex));
    match names(value).iter().find(|name| !expandable(name)) {
        Some(name) => Err(refuse(format!("The property '{name}' cannot be used in the $expand query option."))),
        None => Ok(()),
    }
}

fn order(value: &str, kind: Kind) -> Result<Vec<(String, bool)>, Refusal> {
    let part = |part: String| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let (path, descending) = match words[..] {
            [path] | [path, "asc"] => (path, false),
            [path, "desc"] => (path, true),
            _ => return Err(refuse(format!("Syntax error in '{value}'."))),
        };
        match kind.shape(path) {
            None => Err(unknown(path)),
            Some(Shape::Complex | Shape::List(_)) => {
                Err(refuse(format!("The property '{path}' cannot be used in the $orderby query option.")))
            }
            Some(_) => Ok((path.to_owned(), descending)),
        }
    };
    names(value).into_iter().map(part).collect()
}

fn unknown(name: &str) -> Refusal {
    refuse(format!("Could not find a property named '{name}'."))
}

fn refuse(problem: impl AsRef<str>) -> Refusal {
    let problem = problem.as_ref();
    let text = format!("The query specified in the URI is not valid. {problem}");
    Refusal(StatusCode::BAD_REQUEST, text)
}
