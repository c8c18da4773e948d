//! The OData options Act! takes on collections. `$top`, `$skip`, `$orderby` and `$select` are
//! applied here; `$filter` is parsed and evaluated in `filter`. Anything else is refused.

mod filter;

use std::cmp::Ordering;

use http::StatusCode;
use serde_json::{Map, Value};

use super::Refusal;
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
    pub(super) fn parse(call: &Call) -> Result<Self, Refusal> {
        let mut options = Self::default();
        for (name, value) in &call.query {
            match name.to_lowercase().as_str() {
                "$filter" => options.filter = Some(Filter::parse(value).map_err(refuse)?),
                "$orderby" => options.order = order(value)?,
                "$top" => options.top = Some(count(name, value)?),
                "$skip" => options.skip = count(name, value)?,
                "$select" => options.select = names(value),
                other if other.starts_with('$') => {
                    return Err(refuse(format!("The query parameter '{name}' is not supported.")));
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// The records that remain, in order.
    pub(super) fn apply<'a>(
        &self,
        records: impl Iterator<Item = &'a Map<String, Value>>,
    ) -> Result<Vec<Value>, Refusal> {
        let mut found = Vec::new();
        for record in records {
            let wanted = self.filter.as_ref().map_or(Ok(true), |filter| filter.matches(record));
            if wanted.map_err(refuse)? {
                found.push(record);
            }
        }
        found.sort_by(|left, right| self.compare(left, right));
        let page = found.into_iter().skip(self.skip).take(self.top.unwrap_or(DEFAULT_TOP));
        Ok(page.map(|record| Value::Object(self.pick(record))).collect())
    }

    fn compare(&self, left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
        let mut orders = self.order.iter().map(|(path, descending)| {
            let order = filter::compare(filter::lookup(left, path), filter::lookup(right, path));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn pick(&self, record: &Map<String, Value>) -> Map<String, Value> {
        let wanted =
            |name: &str| self.select.is_empty() || self.select.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        let kept = record.iter().filter(|(name, _)| wanted(name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn names(value: &str) -> Vec<String> {
    value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn count(name: &str, value: &str) -> Result<usize, Refusal> {
    let problem = || refuse(format!("Invalid value '{value}' for {name} query option found."));
    value.trim().parse().map_err(|_| problem())
}

fn order(value: &str) -> Result<Vec<(String, bool)>, Refusal> {
    let part = |part: String| {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words[..] {
            [path] | [path, "asc"] => Ok((path.to_owned(), false)),
            [path, "desc"] => Ok((path.to_owned(), true)),
            _ => Err(refuse(format!("Syntax error in '{value}'."))),
        }
    };
    names(value).into_iter().map(part).collect()
}

fn refuse(problem: impl AsRef<str>) -> Refusal {
    let problem = problem.as_ref();
    let text = format!("The query specified in the URI is not valid. {problem}");
    Refusal(StatusCode::BAD_REQUEST, text)
}
