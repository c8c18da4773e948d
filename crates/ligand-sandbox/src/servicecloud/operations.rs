//! The operations: each takes its checked element and gives the content of its response.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::fault::{Code, Fault};
use super::schema::{BASE, MESSAGES, OBJECTS, SCHEMA};
use super::store::{Object, State, lookup_name};
use super::xml::{Attribute, Element, XSI};
use super::{batch, check, metadata, roql};

#[cfg(test)]
mod tests;

/// Most objects of one request.
const MAX_OBJECTS: usize = 1_000;

/// Executes an operation and gives the response element.
pub(super) fn execute(state: &mut State, operation: &Element, now: OffsetDateTime) -> Result<Element, Fault> {
    check::operation(operation)?;
    let mut response = Element::new(&MESSAGES, &format!("{}Response", operation.name));
    response.children = match operation.name.as_str() {
        "Batch" => batch::execute(state, operation, now)?,
        _ => perform(state, operation, now)?,
    };
    Ok(response)
}

/// Executes an operation that was checked, and gives the content of its response.
pub(super) fn perform(state: &mut State, operation: &Element, now: OffsetDateTime) -> Result<Vec<Element>, Fault> {
    let objects = || operation.children.iter().filter(|child| child.is(&MESSAGES, "RNObjects"));
    if objects().count() > MAX_OBJECTS {
        let message = format!("A request may hold at most {MAX_OBJECTS} objects.");
        return Err(Fault::request(Code::InvalidRequest, message));
    }
    Ok(match operation.name.as_str() {
        "Create" => {
            let created =
                state.all_or_nothing(|state| objects().map(|sent| Ok((sent, state.create(sent, now)?))).collect());
            let created: Vec<(&Element, i64)> = created?;
            let made = created.into_iter().map(|(sent, id)| {
                let class = sent.instance_type().map_or("", |(_, class)| class);
                let mut made = object_element(class);
                made.children.push(identifier(id));
                made
            });
            vec![result(made.collect())]
        }
        "Get" => {
            let all_names = fetch_all_names(operation);
            let found = objects().map(|template| Ok(shown(state.existing(template)?, Some(template), all_names)));
            vec![result(found.collect::<Result<_, _>>()?)]
        }
        "Update" => {
            state.all_or_nothing(|state| objects().try_for_each(|sent| state.update(sent, now)))?;
            Vec::new()
        }
        "Destroy" => {
            state.all_or_nothing(|state| objects().try_for_each(|sent| state.destroy(sent)))?;
            Vec::new()
        }
        "QueryCSV" => roql::query_csv(state, operation)?,
        "QueryObjects" => roql::query_objects(state, operation)?,
        "GetMetaData" => messages(metadata::all()),
        "GetMetaDataForClass" => messages(metadata::named(operation)?),
        "GetMetaDataLastChangeTime" => {
            vec![Element::with_text(&MESSAGES, "LastChangeDateTime", stamp(state.since))]
        }
        "GetValuesForNamedID" => metadata::values(state, operation)?,
        "GetValuesForNamedIDHierarchy" => metadata::hierarchy(state, operation)?,
        other => {
            let message = format!("The operation {other} is not available.");
            return Err(Fault::request(Code::InvalidRequest, message));
        }
    })
}

/// The elements as parts of a message.
fn messages(mut elements: Vec<Element>) -> Vec<Element> {
    elements.iter_mut().for_each(|element| element.namespace = MESSAGES.clone());
    elements
}

/// A time as the service writes it, to the second.
pub(super) fn stamp(time: OffsetDateTime) -> String {
    let time = time.replace_nanosecond(0).unwrap_or(time);
    time.to_offset(time::UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}

/// The list of objects that an operation answers.
pub(super) fn result(objects: Vec<Element>) -> Element {
    let mut result = Element::new(&MESSAGES, "RNObjectsResult");
    result.children = objects;
    result
}

fn object_element(class: &str) -> Element {
    let mut element = Element::new(&MESSAGES, "RNObjects");
    element.attributes.push(Attribute {
        namespace: XSI.into(),
        name: "type".to_owned(),
        value: class.to_owned(),
        value_namespace: OBJECTS.clone(),
    });
    element
}

fn identifier(id: i64) -> Element {
    let mut element = Element::new(&BASE, "ID");
    element.set_attribute("id", id.to_string());
    element
}

fn fetch_all_names(operation: &Element) -> bool {
    let options = operation.child(&MESSAGES, "ProcessingOptions");
    let asked = options.and_then(|options| options.child(&MESSAGES, "FetchAllNames"));
    asked.is_some_and(|asked| ["true", "1"].contains(&asked.text.trim()))
}

/// What is shown of an object: what every object has, its values and references, and of its structures and
/// lists those the template holds.
pub(super) fn shown(object: &Object, template: Option<&Element>, all_names: bool) -> Element {
    let mut element = object_element(&object.content.name);
    element.children = header(object);
    for field in &object.content.children {
        let asked = template.and_then(|template| template.child(&OBJECTS, &field.name));
        if asked.is_some() || is_plain(&object.content.name, &field.name) {
            let names = all_names || asked.is_some_and(|asked| !asked.children.is_empty());
            let mut shown = field.clone();
            if !names {
                drop_names(&mut shown);
            }
            element.children.push(shown);
        }
    }
    element
}

fn header(object: &Object) -> Vec<Element> {
    let text = |name, text| Element::with_text(&BASE, name, text);
    vec![
        identifier(object.id),
        text("LookupName", lookup_name(object)),
        text("CreatedTime", stamp(object.created)),
        text("UpdatedTime", stamp(object.updated)),
    ]
}

/// Whether a field is a value or a reference, which are answered without being asked for.
fn is_plain(class: &str, name: &str) -> bool {
    let Some(described) = SCHEMA.find(class) else { return false };
    let fields = SCHEMA.fields(described);
    let field = fields.iter().find(|(_, field)| field.name == name);
    let kind = field.and_then(|(_, field)| SCHEMA.find(field.kind));
    kind.is_none_or(|kind| kind.name == "NamedIDHierarchy" || SCHEMA.extends(kind, "NamedID"))
}

/// Leaves only the identifiers of references.
fn drop_names(element: &mut Element) {
    if element.child(&BASE, "ID").is_some() {
        element.children.retain(|part| !part.is(&BASE, "Name"));
    }
    element.children.iter_mut().for_each(drop_names);
}
