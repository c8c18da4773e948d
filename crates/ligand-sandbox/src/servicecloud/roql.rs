//! Queries in ROQL: `QueryCSV`, whose results are delimited text, and `QueryObjects`, whose results are objects.
//! `parse` reads a query, `rows` evaluates it. What the stand-in does not know of the language is refused as invalid.

mod parse;
mod rows;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fault::{Code, Fault};
use super::operations::{result, shown};
use super::schema::MESSAGES;
use super::store::{State, class_named};
use super::xml::Element;

use parse::Query;
use rows::{Path, Rows};

#[cfg(test)]
mod tests;

/// Rows answered when the caller does not say, and most rows at all.
const MAX_ROWS: usize = 20_000;
/// Most objects that one query answers.
const MAX_OBJECTS: usize = 1_000;
/// Most queries of one request.
const MAX_QUERIES: usize = 100;

/// Answers the content of a `QueryCSVResponse`.
pub(super) fn query_csv(state: &State, operation: &Element) -> Result<Vec<Element>, Fault> {
    let page = page(operation, MAX_ROWS);
    let delimiter = text(operation, "Delimiter").filter(|text| !text.is_empty()).unwrap_or(",");
    let raw = text(operation, "ReturnRawResult").is_some_and(|raw| ["true", "1"].contains(&raw.trim()));
    let mut tables = Vec::new();
    for query in &queries(operation)? {
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

/// Answers the content of a `QueryObjectsResponse`: one result for each query.
pub(super) fn query_objects(state: &State, operation: &Element) -> Result<Vec<Element>, Fault> {
    let page = page(operation, MAX_OBJECTS);
    let templates: Vec<&Element> =
        operation.children.iter().filter(|child| child.is(&MESSAGES, "ObjectTemplates")).collect();
    queries(operation)?.iter().map(|query| objects(state, query, page, &templates)).collect()
}

fn objects(state: &State, query: &Query, page: usize, templates: &[&Element]) -> Result<Element, Fault> {
    let class = class(query)?;
    let is_itself = |path: &str| {
        path.eq_ignore_ascii_case(class) || query.alias.as_ref().is_some_and(|alias| path.eq_ignore_ascii_case(alias))
    };
    if !matches!(query.columns.as_slice(), [column] if !column.is_count && is_itself(&column.path)) {
        return Err(invalid(format!("An object query must select {class} and nothing else.")));
    }
    let found = Rows::find(state, query, class, &[])?;
    let template = templates.iter().find(|one| one.instance_type().is_some_and(|(_, name)| name == class));
    let limit = query.limit.unwrap_or(page).min(page);
    let found = found.rows.into_iter().skip(query.offset).take(limit);
    let objects: Vec<Element> = found.map(|row| shown(row.object, template.copied(), false)).collect();
    let mut paging = Element::new(&MESSAGES, "Paging");
    let number = |name, number: usize| Element::with_text(&MESSAGES, name, number.to_string());
    paging.children.push(number("ReturnedCount", objects.len()));
    paging.children.push(number("StartIndex", query.offset));
    paging.children.push(Element::with_text(&MESSAGES, "QueryHandle", format!("{class}-{}", query.offset)));
    let mut answer = Element::new(&MESSAGES, "Result");
    answer.children = vec![result(objects), paging];
    Ok(answer)
}

fn text<'a>(operation: &'a Element, name: &str) -> Option<&'a str> {
    operation.child(&MESSAGES, name).map(|field| field.text.as_str())
}

fn page(operation: &Element, most: usize) -> usize {
    let asked = text(operation, "PageSize").and_then(|size| size.trim().parse::<usize>().ok());
    asked.unwrap_or(most).clamp(1, most)
}

fn queries(operation: &Element) -> Result<Vec<Query>, Fault> {
    let queries = parse::queries(text(operation, "Query").unwrap_or_default()).map_err(invalid)?;
    if queries.len() > MAX_QUERIES {
        return Err(invalid("There are too many queries."));
    }
    Ok(queries)
}

fn class(query: &Query) -> Result<&'static str, Fault> {
    class_named(&query.class).ok_or_else(|| invalid(format!("Unknown table {}.", query.class)))
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
    let class = class(query)?;
    let mut lines = vec![join(query.columns.iter().map(|column| column.name.clone()), delimiter)];
    let counts = query.columns.iter().filter(|column| column.is_count).count();
    if counts > 0 && counts < query.columns.len() {
        return Err(invalid("A count cannot stand beside other columns."));
    }
    let named = query.columns.iter().filter(|column| !column.path.is_empty());
    let columns: Vec<Path> = named.map(|column| Path::resolve(query, class, &column.path)).collect::<Result<_, _>>()?;
    let found = Rows::find(state, query, class, &columns)?;
    if counts > 0 {
        let mut paths = columns.iter();
        let counts = query.columns.iter().map(|column| {
            let path = if column.path.is_empty() { None } else { paths.next() };
            let counted = found.rows.iter().filter(|row| path.is_none_or(|path| row.value(path).is_some()));
            counted.count().to_string()
        });
        lines.push(join(counts, delimiter));
        return Ok(Table { name: class, lines });
    }
    let limit = query.limit.unwrap_or(page).min(page);
    for row in found.rows.iter().skip(query.offset).take(limit) {
        lines.push(join(columns.iter().map(|path| row.value(path).unwrap_or_default()), delimiter));
    }
    Ok(Table { name: class, lines })
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
