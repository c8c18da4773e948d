//! `QueryCSV`: queries in ROQL and their results as delimited text. `parse` reads a query, here it
//! is evaluated. What the stand-in does not know of the language is refused as invalid.

mod parse;

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::check::instant;
use super::fault::{Code, Fault};
use super::operations::stamp;
use super::schema::{MESSAGES, SCHEMA};
use super::store::{Object, State, class_named, lookup_name};
use super::xml::Element;

use parse::{Condition, Operator, Query};

#[cfg(test)]
mod tests;

/// Rows answered when the caller does not say, and most rows at all.
const MAX_ROWS: usize = 10_000;
/// Most queries of one request.
const MAX_QUERIES: usize = 100;

/// Answers the content of a `QueryCSVResponse`.
pub(super) fn query_csv(state: &State, operation: &Element) -> Result<Vec<Element>, Fault> {
    let text = |name: &str| operation.child(&MESSAGES, name).map(|field| field.text.as_str());
    let page = text("PageSize").and_then(|size| size.trim().parse::<usize>().ok());
    let page = page.unwrap_or(MAX_ROWS).clamp(1, MAX_ROWS);
    let delimiter = text("Delimiter").filter(|text| !text.is_empty()).unwrap_or(",");
    let raw = text("ReturnRawResult").is_some_and(|raw| ["true", "1"].contains(&raw.trim()));
    let queries = parse::queries(text("Query").unwrap_or_default()).map_err(invalid)?;
    if queries.len() > MAX_QUERIES {
        return Err(invalid("There are too many queries."));
    }
    let mut tables = Vec::new();
    for query in &queries {
        tables.push(table(state, query, page, delimiter)?);
    }
    if raw {
        let lines: Vec<String> = tables.into_iter().flat_map(|table| table.lines).collect();
        let data = STANDARD.encode(lines.join("\n"));
        return Ok(vec![Element::with_text(&MESSAGES, "FileData", data)]);
    }
    let mut list = Element::new(&MESSAGES, "CSVTables");
    list.children = tables.into_iter().map(Table::into_element).collect();
    let mut set = Element::new(&MESSAGES, "CSVTableSet");
    set.children.push(list);
    Ok(vec![set])
}

/// A result: the first line names the columns.
struct Table {
    name: &'static str,
    lines: Vec<String>,
}

impl Table {
    fn into_element(self) -> Element {
        let mut lines = self.lines.into_iter();
        let columns = lines.next().unwrap_or_default();
        let mut rows = Element::new(&MESSAGES, "Rows");
        rows.children = lines.map(|line| Element::with_text(&MESSAGES, "Row", line)).collect();
        let mut table = Element::new(&MESSAGES, "CSVTable");
        table.children.push(Element::with_text(&MESSAGES, "Name", self.name));
        table.children.push(Element::with_text(&MESSAGES, "Columns", columns));
        table.children.push(rows);
        table
    }
}

fn table(state: &State, query: &Query, page: usize, delimiter: &str) -> Result<Table, Fault> {
    let class = class_named(&query.class);
    let class = class.ok_or_else(|| invalid(format!("Unknown table {}.", query.class)))?;
    let columns = query.columns.iter().map(|column| resolve(query, class, column));
    let columns: Vec<Path> = columns.collect::<Result<_, _>>()?;
    let conditions = query.conditions.iter().map(|one| Ok((resolve(query, class, &one.path)?, one)));
    let conditions: Vec<(Path, &Condition)> = conditions.collect::<Result<_, _>>()?;
    let order = query.order.iter().map(|(path, down)| Ok((resolve(query, class, path)?, *down)));
    let order: Vec<(Path, bool)> = order.collect::<Result<_, Fault>>()?;
    let holds = |object: &&Object| conditions.iter().all(|(path, condition)| holds(&path.values(object), condition));
    let mut found: Vec<&Object> = state.list(class).filter(holds).collect();
    found.sort_by(|left, right| compare_by(&order, left, right));
    let limit = query.limit.unwrap_or(page).min(page);
    let mut lines = vec![join(query.columns.iter().cloned(), delimiter)];
    for object in found.into_iter().skip(query.offset).take(limit) {
        let values = columns.iter().map(|path| path.values(object).into_iter().next().unwrap_or_default());
        lines.push(join(values, delimiter));
    }
    Ok(Table { name: class, lines })
}

fn compare_by(order: &[(Path, bool)], left: &Object, right: &Object) -> Ordering {
    let mut orders = order.iter().map(|(path, descending)| {
        let first = |object| path.values(object).into_iter().next();
        let order = match (first(left), first(right)) {
            (Some(left), Some(right)) => compare(&left, &right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if *descending { order.reverse() } else { order }
    });
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn holds(values: &[String], condition: &Condition) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
    let compared = |test: fn(Ordering) -> bool| {
        any(&|value| condition.values.first().is_some_and(|wanted| test(compare(value, wanted))))
    };
    match condition.operator {
        Operator::IsNull => values.is_empty(),
        Operator::IsNotNull => !values.is_empty(),
        Operator::Equal => compared(Ordering::is_eq),
        Operator::NotEqual => compared(Ordering::is_ne),
        Operator::Less => compared(Ordering::is_lt),
        Operator::LessOrEqual => compared(Ordering::is_le),
        Operator::Greater => compared(Ordering::is_gt),
        Operator::GreaterOrEqual => compared(Ordering::is_ge),
        Operator::In => any(&|value| condition.values.iter().any(|one| compare(value, one).is_eq())),
        Operator::Like => any(&|value| condition.values.first().is_some_and(|pattern| like(value, pattern))),
    }
}

/// Orders two texts: as numbers or times if both are such, else without regard to case.
fn compare(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right).unwrap_or(Ordering::Equal);
    }
    if let (Some(left), Some(right)) = (instant(left), instant(right)) {
        return left.cmp(&right);
    }
    left.to_lowercase().cmp(&right.to_lowercase())
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

/// A way from an object to values: the names of the fields to pass, lists included.
struct Path {
    names: Vec<String>,
}

impl Path {
    fn values(&self, object: &Object) -> Vec<String> {
        if let [name] = self.names.as_slice() {
            match name.as_str() {
                "ID" => return vec![object.id.to_string()],
                "LookupName" => return vec![lookup_name(object)],
                "CreatedTime" => return vec![stamp(object.created)],
                "UpdatedTime" => return vec![stamp(object.updated)],
                _ => {}
            }
        }
        let mut reached = vec![&object.content];
        for name in &self.names {
            let inner = reached.into_iter().flat_map(|element| &element.children);
            reached = inner.filter(|child| child.name == *name).collect();
        }
        reached.into_iter().filter_map(value).collect()
    }
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

/// Finds a dotted name in the schema. The class or its alias may stand first, and the name of a
/// list's items may be left out.
fn resolve(query: &Query, class: &'static str, path: &str) -> Result<Path, Fault> {
    let mut parts = path.split('.').peekable();
    let own = |part: &&str| {
        part.eq_ignore_ascii_case(class) || query.alias.as_ref().is_some_and(|alias| part.eq_ignore_ascii_case(alias))
    };
    if path.contains('.') {
        parts.next_if(own);
    }
    let unknown = || invalid(format!("Unknown column {path}."));
    let mut names = Vec::new();
    let mut described = SCHEMA.find(class);
    for part in parts {
        let current = described.ok_or_else(unknown)?;
        let find = |within| {
            let fields = SCHEMA.fields(within);
            fields.into_iter().map(|(_, field)| field).find(|one| one.name.eq_ignore_ascii_case(part))
        };
        let mut found = find(current);
        if found.is_none()
            && let Some(item) = SCHEMA.item(current)
        {
            names.push(item.name.to_owned());
            found = SCHEMA.find(item.kind).and_then(find);
        }
        let field = found.ok_or_else(unknown)?;
        names.push(field.name.to_owned());
        described = SCHEMA.find(field.kind);
    }
    let scalar = described
        .is_none_or(|one| one.name == "ID" || one.name == "NamedIDHierarchy" || SCHEMA.extends(one, "NamedID"));
    if scalar { Ok(Path { names }) } else { Err(invalid(format!("{path} is not a single value."))) }
}

fn join(values: impl Iterator<Item = String>, delimiter: &str) -> String {
    let quoted = |value: String| {
        if value.contains(delimiter) || value.contains(['"', '\n', '\r']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value
        }
    };
    values.map(quoted).collect::<Vec<_>>().join(delimiter)
}

fn invalid(message: impl AsRef<str>) -> Fault {
    let message = format!("Invalid query: {}", message.as_ref());
    Fault::request(Code::InvalidRequest, message)
}
