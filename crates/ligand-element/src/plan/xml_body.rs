//! A JSON body as XML: one root member, `@name` members as attributes, lists as repeated elements.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::PlanError;
use crate::{escape::xml_text, template::text_of};

/// The member that holds an element's text beside attributes.
const TEXT: &str = "#text";

/// Writes a body that has one member.
///
/// # Errors
/// Another body, and names or text that XML cannot hold.
pub(super) fn write(body: &Value) -> Result<String, PlanError> {
    let root = body.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
    let Some((name, value)) = root.filter(|(_, value)| !value.is_array()) else {
        return Err(PlanError::Invalid("An XML body needs one root member".to_owned()));
    };
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    element(&mut xml, name, value)?;
    Ok(xml)
}

fn element(xml: &mut String, name: &str, value: &Value) -> Result<(), PlanError> {
    if let Value::Array(items) = value {
        return items.iter().try_for_each(|item| element(xml, name, item));
    }
    if !is_name(name) {
        return Err(PlanError::BadValue(name.escape_debug().to_string()));
    }
    xml.push('<');
    xml.push_str(name);
    let Value::Object(members) = value else {
        xml.push('>');
        xml.push_str(&escaped(name, value)?);
        close(xml, name);
        return Ok(());
    };
    for (attribute, value) in members.iter().filter_map(|(name, value)| Some((name.strip_prefix('@')?, value))) {
        if !is_name(attribute) {
            return Err(PlanError::BadValue(attribute.escape_debug().to_string()));
        }
        xml.push_str(&format!(" {attribute}=\"{}\"", escaped(attribute, value)?));
    }
    xml.push('>');
    for (member, value) in members.iter().filter(|(member, _)| !member.starts_with('@')) {
        if member == TEXT {
            xml.push_str(&escaped(name, value)?);
        } else {
            element(xml, member, value)?;
        }
    }
    close(xml, name);
    Ok(())
}

fn close(xml: &mut String, name: &str) {
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

fn escaped(name: &str, value: &Value) -> Result<String, PlanError> {
    xml_text(&text_of(value)).ok_or_else(|| PlanError::BadValue(name.to_owned()))
}

fn is_name(name: &str) -> bool {
    let inner = |each: char| each.is_alphanumeric() || matches!(each, '_' | '-' | '.' | ':');
    name.starts_with(|first: char| first.is_alphabetic() || first == '_') && name.chars().all(inner)
}
