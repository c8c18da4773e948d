//! Evaluates a query: the objects of its class, joined with the items of the lists that it mentions, as far as they
//! meet its conditions, in its order. A missing value makes a comparison unknown, as in SQL.

use std::cmp::Ordering;
use std::collections::HashSet;

use time::OffsetDateTime;

use super::invalid;
use super::parse::{Comparison, Condition, Operator, Query};
use crate::servicecloud::check::instant;
use crate::servicecloud::custom;
use crate::servicecloud::fault::Fault;
use crate::servicecloud::operations::stamp;
use crate::servicecloud::schema::{SCHEMA, Type};
use crate::servicecloud::store::{Object, State, lookup_name};
use crate::servicecloud::xml::Element;

#[cfg(test)]
mod tests;

/// Most rows that are looked at.
const MAX_JOINED: usize = 500_000;

/// A way from an object to a value: the names of the fields to pass.
#[derive(Debug)]
pub(super) struct Path {
    names: Vec<String>,
    /// How many of the names lead to the items of a list; none if it passes no list.
    list: usize,
    /// Package and name of a custom field, in place of names.
    custom: Option<(String, String)>,
    is_time: bool,
}

/// An object with one item of each list.
pub(super) struct Row<'s> {
    pub(super) object: &'s Object,
    items: Vec<(Vec<String>, Option<&'s Element>)>,
}

/// The rows that meet the conditions, in order.
pub(super) struct Rows<'s> {
    pub(super) rows: Vec<Row<'s>>,
}

impl<'s> Rows<'s> {
    /// Finds the rows of a query; they are distinct in the object and in the lists that columns pass.
    pub(super) fn find(state: &'s State, query: &Query, class: &'static str, columns: &[Path]) -> Result<Self, Fault> {
        let mut tests = Vec::new();
        if let Some(condition) = &query.condition {
            collect(condition, query, class, &mut tests)?;
        }
        let order = query.order.iter().map(|(path, down)| Ok((Path::resolve(query, class, path)?, *down)));
        let order: Vec<(Path, bool)> = order.collect::<Result<_, Fault>>()?;
        let mut lists = HashSet::new();
        let mut wanted: Vec<&[String]> = Vec::new();
        let mentioned = columns.iter().chain(order.iter().map(|(path, _)| path));
        for path in mentioned.chain(&tests).filter(|path| path.list > 0) {
            if lists.insert(path.prefix()) {
                wanted.push(path.prefix());
            }
        }
        let shown: Vec<&[String]> = columns.iter().filter(|path| path.list > 0).map(Path::prefix).collect();
        let mut rows = Vec::new();
        let mut looked = 0;
        for object in state.list(class) {
            let mut seen = HashSet::new();
            for row in joined(object, &wanted)? {
                looked += 1;
                if looked > MAX_JOINED {
                    return Err(invalid("There are too many rows."));
                }
                let mut place = 0;
                let is_met =
                    query.condition.as_ref().is_none_or(|one| row.meets(one, &tests, &mut place) == Some(true));
                if is_met && seen.insert(row.identity(&shown)) {
                    rows.push(row);
                }
            }
        }
        rows.sort_by(|left, right| compare_by(&order, left, right));
        Ok(Self { rows })
    }
}

/// The paths of all comparisons, in the order in which they are met.
fn collect(condition: &Condition, query: &Query, class: &'static str, tests: &mut Vec<Path>) -> Result<(), Fault> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().try_for_each(|part| collect(part, query, class, tests))
        }
        Condition::Not(inner) => collect(inner, query, class, tests),
        Condition::Test(test) => {
            let path = Path::resolve(query, class, &test.path)?;
            if path.is_time && !test.values.iter().all(|value| moment(value).is_some()) {
                return Err(invalid(format!("{} is compared with something that is not a time.", test.path)));
            }
            tests.push(path);
            Ok(())
        }
    }
}

/// Every combination of the items of some lists; an empty list has nothing in it.
fn joined<'s>(object: &'s Object, lists: &[&[String]]) -> Result<Vec<Row<'s>>, Fault> {
    let mut rows = vec![Row { object, items: Vec::new() }];
    for list in lists {
        let items = reach(&object.content, list);
        let items: Vec<Option<&Element>> =
            if items.is_empty() { vec![None] } else { items.into_iter().map(Some).collect() };
        if rows.len() * items.len() > MAX_JOINED {
            return Err(invalid("There are too many rows."));
        }
        let widen = |row: Row<'s>| {
            let with = |item: &Option<&'s Element>| {
                let mut items = row.items.clone();
                items.push((list.to_vec(), *item));
                Row { object, items }
            };
            items.iter().map(with).collect::<Vec<_>>()
        };
        rows = rows.into_iter().flat_map(widen).collect();
    }
    Ok(rows)
}

fn reach<'s>(from: &'s Element, names: &[String]) -> Vec<&'s Element> {
    let mut reached = vec![from];
    for name in names {
        let inner = reached.into_iter().flat_map(|element| &element.children);
        reached = inner.filter(|child| child.name == *name).collect();
    }
    reached
}

fn compare_by(order: &[(Path, bool)], left: &Row<'_>, right: &Row<'_>) -> Ordering {
    let mut orders = order.iter().map(|(path, descending)| {
        let order = match (left.value(path), right.value(path)) {
            (Some(left), Some(right)) => compare(&left, &right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if *descending { order.reverse() } else { order }
    });
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl Row<'_> {
    /// The value of a path; none if there is no such thing.
    pub(super) fn value(&self, path: &Path) -> Option<String> {
        if let Some((package, name)) = &path.custom {
            return custom::value(&self.object.content, package, name).and_then(value);
        }
        if let [name] = path.names.as_slice() {
            match name.as_str() {
                "ID" => return Some(self.object.id.to_string()),
                "LookupName" => return Some(lookup_name(self.object)),
                "CreatedTime" => return Some(stamp(self.object.created)),
                "UpdatedTime" => return Some(stamp(self.object.updated)),
                _ => {}
            }
        }
        let (from, names) = if path.list > 0 {
            let item = self.items.iter().find(|(list, _)| list == path.prefix());
            (item.and_then(|(_, item)| *item)?, &path.names[path.list..])
        } else {
            (&self.object.content, path.names.as_slice())
        };
        reach(from, names).into_iter().find_map(value)
    }

    /// What tells a row from others of its object: the items of some lists.
    fn identity(&self, lists: &[&[String]]) -> Vec<usize> {
        let shown = self.items.iter().filter(|(list, _)| lists.contains(&list.as_slice()));
        shown.map(|(_, item)| item.map_or(0, |item| std::ptr::from_ref(item).addr())).collect()
    }

    /// Whether a condition is met; `None` if that is unknown. `place` counts the comparisons.
    fn meets(&self, condition: &Condition, tests: &[Path], place: &mut usize) -> Option<bool> {
        match condition {
            Condition::Not(inner) => self.meets(inner, tests, place).map(|is_met| !is_met),
            Condition::Test(test) => {
                let value = tests.get(*place).and_then(|path| self.value(path));
                *place += 1;
                holds(value.as_deref(), test)
            }
            Condition::All(parts) | Condition::Any(parts) => {
                let decisive = matches!(condition, Condition::Any(_));
                let results: Vec<_> = parts.iter().map(|part| self.meets(part, tests, place)).collect();
                match results.contains(&Some(decisive)) {
                    true => Some(decisive),
                    false if results.contains(&None) => None,
                    false => Some(!decisive),
                }
            }
        }
    }
}

fn holds(value: Option<&str>, test: &Comparison) -> Option<bool> {
    let wanted = test.values.first().map(String::as_str).unwrap_or_default();
    match (test.operator, value) {
        (Operator::IsNull, value) => Some(value.is_none()),
        (Operator::IsNotNull, value) => Some(value.is_some()),
        (_, None) => None,
        (Operator::In, Some(value)) => Some(test.values.iter().any(|one| compare(value, one).is_eq())),
        (Operator::Like, Some(value)) => Some(like(value, wanted)),
        (operator, Some(value)) => {
            let order = compare(value, wanted);
            Some(match operator {
                Operator::NotEqual => order.is_ne(),
                Operator::Less => order.is_lt(),
                Operator::LessOrEqual => order.is_le(),
                Operator::Greater => order.is_gt(),
                Operator::GreaterOrEqual => order.is_ge(),
                _ => order.is_eq(),
            })
        }
    }
}

/// Orders two texts: as numbers or times if both are such, else without regard to case.
fn compare(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right).unwrap_or(Ordering::Equal);
    }
    if let (Some(left), Some(right)) = (moment(left), moment(right)) {
        return left.cmp(&right);
    }
    left.to_lowercase().cmp(&right.to_lowercase())
}

/// A time; a date alone means its beginning in UTC.
fn moment(text: &str) -> Option<OffsetDateTime> {
    instant(text).or_else(|| instant(&format!("{text}T00:00:00Z")))
}

/// Matches a text against a pattern in which `%` stands for any characters and `_` for one.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let (mut at, mut place) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some('%') => {
                retry = Some((place, at));
                place += 1;
            }
            Some(wanted) if *wanted == '_' || *wanted == text[at] => {
                at += 1;
                place += 1;
            }
            _ => match retry {
                Some((percent, from)) => {
                    retry = Some((percent, from + 1));
                    (place, at) = (percent + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[place..].iter().all(|rest| *rest == '%')
}

/// The value of a field: its text, or the identifier of what it refers to.
fn value(element: &Element) -> Option<String> {
    let id = element.attribute("id").or_else(|| element.named("ID")?.attribute("id"));
    let text = || (!element.text.is_empty()).then(|| element.text.clone());
    let value = id.map(str::to_owned).or_else(text)?;
    Some(match value.as_str() {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        _ => value,
    })
}

impl Path {
    fn prefix(&self) -> &[String] {
        &self.names[..self.list]
    }

    /// Finds a dotted name in the schema. The class or its alias may stand first, and the name of a
    /// list's items may be left out.
    pub(super) fn resolve(query: &Query, class: &'static str, path: &str) -> Result<Self, Fault> {
        let mut parts = path.split('.').peekable();
        let own = |part: &&str| {
            part.eq_ignore_ascii_case(class)
                || query.alias.as_ref().is_some_and(|alias| part.eq_ignore_ascii_case(alias))
        };
        if path.contains('.') {
            parts.next_if(own);
        }
        let unknown = || invalid(format!("Unknown column {path}."));
        let rest: Vec<&str> = parts.clone().collect();
        if let [fields, package, name] = rest.as_slice()
            && fields.eq_ignore_ascii_case("CustomFields")
        {
            let known = custom::find(class, package, name).ok_or_else(unknown)?;
            return Ok(Self {
                names: Vec::new(),
                list: 0,
                custom: Some((custom::PACKAGE.to_owned(), known.to_owned())),
                is_time: false,
            });
        }
        let (mut names, mut list, mut kind) = (Vec::new(), 0, "");
        let mut described = SCHEMA.find(class);
        for part in parts {
            let current = described.ok_or_else(unknown)?;
            let is_name = is_reference(current) && part.eq_ignore_ascii_case("LookupName");
            let part = if is_name { "Name" } else { part };
            let find = |within| {
                let fields = SCHEMA.fields(within);
                fields.into_iter().map(|(_, field)| field).find(|one| one.name.eq_ignore_ascii_case(part))
            };
            let mut found = find(current);
            if found.is_none()
                && let Some(item) = SCHEMA.item(current)
            {
                names.push(item.name.to_owned());
                list = names.len();
                found = SCHEMA.find(item.kind).and_then(find);
            }
            let field = found.ok_or_else(unknown)?;
            names.push(field.name.to_owned());
            if field.occurs.is_many() {
                list = names.len();
            }
            kind = field.kind;
            described = SCHEMA.find(kind);
        }
        if described.is_none_or(|one| one.name == "ID" || is_reference(one)) {
            Ok(Self { names, list, custom: None, is_time: matches!(kind, "date" | "dateTime") })
        } else {
            Err(invalid(format!("{path} is not a single value.")))
        }
    }
}

/// Whether a type consists of an identifier and a name.
fn is_reference(described: &Type) -> bool {
    described.name == "NamedIDHierarchy" || SCHEMA.extends(described, "NamedID")
}
