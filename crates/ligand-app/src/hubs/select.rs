//! `GET /query?q=select …`: a statement becomes calls of the list that it names.

use ligand_ceql::{Select, parse_select};
use ligand_domain::Error;
use ligand_element::{CallerRequest, Found, Method, find};
use ligand_engine::Content;
use serde_json::Value;

use super::call::{Running, list_request};

/// How many pages of a list one statement reads at most.
const PAGES: usize = 100;

/// Runs the statement of a call. Without a limit it answers as much as one page may have.
pub(super) async fn run(running: &Running<'_>, request: &CallerRequest) -> Result<Value, Error> {
    let text = request.query.iter().find(|(name, _)| name == "q").map(|(_, text)| text.as_str());
    let text = text.ok_or_else(|| Error::invalid("query-missing", "The required parameter q is missing"))?;
    let select = parse_select(text).map_err(|broken| {
        let message = broken.to_string();
        let prefix = if message.contains("Error parsing query") { "" } else { "Error parsing query: " };
        Error::invalid("query-invalid", format!("{prefix}{message}"))
    })?;
    let object = select.object.to_string();
    let name = object.trim_matches('`');
    let Found::Resource { index, path, .. } = find(&running.loaded.element, Method::Get, &[name]) else {
        return Err(Error::invalid("object-unknown", format!("No object found with name {name}")));
    };
    let limit = select.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let (mut records, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let request = list_request(format!("/{name}"), query(&select, token.take()));
        let reply = running.resource(index, path.clone(), &request, Vec::new()).await?;
        let Content::Json(Value::Array(items)) = reply.content else { break };
        records.extend(items);
        token = reply.next_page;
        if limit.is_none_or(|limit| records.len() >= limit) || token.is_none() {
            break;
        }
    }
    records.truncate(limit.unwrap_or(usize::MAX));
    Ok(Value::Array(records))
}

/// The query of a list call that asks for the same.
fn query(select: &Select, token: Option<String>) -> Vec<(String, String)> {
    let fields: Vec<String> = select.fields.iter().map(ToString::to_string).collect();
    let order: Vec<String> = select
        .order_by
        .iter()
        .map(|order| format!("{} {}", order.field, if order.descending { "desc" } else { "asc" }))
        .collect();
    let pairs = [
        ("where", select.condition.as_ref().map(ToString::to_string)),
        ("fields", Some(fields.join(",")).filter(|_| !fields.is_empty())),
        ("orderBy", Some(order.join(", ")).filter(|_| !order.is_empty())),
        ("nextPage", token),
    ];
    pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
