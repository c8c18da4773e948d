//! `Batch`: several operations in one request. Each succeeds or fails for itself, and a failed one is answered in its
//! place. What one creates others can refer to by the name of a variable.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::fault::{Code, Fault};
use super::operations::perform;
use super::schema::{BASE, MESSAGES};
use super::store::State;
use super::xml::Element;

#[cfg(test)]
mod tests;

/// Most operations of a request.
const MAX_ITEMS: usize = 100;
/// Most objects of all operations together.
const MAX_OBJECTS: usize = 10_000;

/// The identifiers behind the names of variables.
type Chain = HashMap<String, i64>;

/// Executes the operations and gives their responses.
pub(super) fn execute(state: &mut State, batch: &Element, now: OffsetDateTime) -> Result<Vec<Element>, Fault> {
    if batch.children.len() > MAX_ITEMS {
        let message = format!("A batch may hold at most {MAX_ITEMS} items.");
        return Err(Fault::request(Code::InvalidRequest, message));
    }
    let messages: Vec<&Element> = batch.children.iter().filter_map(|item| item.children.first()).collect();
    let objects = messages.iter().flat_map(|message| &message.children).filter(|child| child.name == "RNObjects");
    if objects.count() > MAX_OBJECTS {
        let message = format!("A request may hold at most {MAX_OBJECTS} objects.");
        return Err(Fault::request(Code::InvalidRequest, message));
    }
    let mut chain = Chain::new();
    let responses = messages.into_iter().map(|message| {
        let name = message.name.trim_end_matches("Msg");
        let outcome = run(state, name, message, &mut chain, now);
        let mut item = Element::new(&MESSAGES, "BatchResponseItem");
        item.children.push(match outcome {
            Ok(children) => {
                let mut response = Element::new(&MESSAGES, &format!("{name}ResponseMsg"));
                response.children = children;
                response
            }
            Err(fault) => fault.into_element(),
        });
        item
    });
    Ok(responses.collect())
}

fn run(
    state: &mut State,
    name: &str,
    message: &Element,
    chain: &mut Chain,
    now: OffsetDateTime,
) -> Result<Vec<Element>, Fault> {
    let mut operation = message.clone();
    operation.name = name.to_owned();
    resolve(&mut operation, chain)?;
    let response = perform(state, &operation, now)?;
    let made = response.first().map(|result| result.children.as_slice()).unwrap_or_default();
    let sent = message.children.iter().filter(|child| child.name == "RNObjects");
    for (sent, made) in sent.zip(made).filter(|_| name == "Create") {
        let variable = sent.child(&BASE, "ID").filter(|id| is_chained(id, "ChainDestinationID"));
        let id = made.child(&BASE, "ID").and_then(|id| id.attribute("id")?.parse().ok());
        if let (Some(variable), Some(id)) = (variable.and_then(|id| id.attribute("variableName")), id) {
            chain.insert(variable.to_owned(), id);
        }
    }
    Ok(response)
}

fn is_chained(id: &Element, kind: &str) -> bool {
    id.instance_type().is_some_and(|(_, name)| name == kind)
}

/// Puts identifiers in the place of variables.
fn resolve(element: &mut Element, chain: &Chain) -> Result<(), Fault> {
    if is_chained(element, "ChainSourceID") {
        let name = element.attribute("variableName").unwrap_or_default();
        let message = || format!("There is no object behind the variable {name}.");
        let id = *chain.get(name).ok_or_else(|| Fault::request(Code::BadId, message()))?;
        element.attributes.clear();
        element.set_attribute("id", id.to_string());
    }
    element.children.iter_mut().try_for_each(|child| resolve(child, chain))
}
