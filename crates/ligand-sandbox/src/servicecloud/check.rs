//! Checks an element against the schema: names, namespaces, order, number, attributes and the
//! form of values. What the values mean is not looked at here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::macros::format_description;
use time::{Date, OffsetDateTime, format_description::well_known::Iso8601};

use super::fault::{Code, Fault};
use super::schema::{BUILT_IN, Field, SCHEMA, Type, uri};
use super::xml::Element;

#[cfg(test)]
mod tests;

/// Checks an operation's element.
pub(super) fn operation(element: &Element) -> Result<(), Fault> {
    let global = SCHEMA.global("messages", &element.name);
    let known = SCHEMA.operations.contains(&element.name.as_str());
    match global {
        Some(global) if known && *element.namespace == *uri("messages") => value(element, global.kind),
        _ => Err(invalid(format!("There is no operation {}.", element.name))),
    }
}

/// The type of an element: the one `xsi:type` names if it extends the declared one.
pub(super) fn type_of<'a>(element: &'a Element, declared: &'a str) -> Result<&'a str, Fault> {
    let Some((namespace, name)) = element.instance_type() else {
        if declared == "RNObject" {
            let message = format!("{} must name the type of object with xsi:type.", element.name);
            return Err(invalid(message));
        }
        return Ok(declared);
    };
    let named = SCHEMA.find(name).filter(|one| uri(one.namespace) == namespace);
    match named {
        Some(found) if SCHEMA.extends(found, declared) => Ok(name),
        _ if name == declared => Ok(declared),
        _ => Err(invalid(format!("{name} is not a type that {} can have.", element.name))),
    }
}

/// Checks an element against a type.
fn value(element: &Element, declared: &str) -> Result<(), Fault> {
    let kind = type_of(element, declared)?;
    match SCHEMA.find(kind) {
        Some(described) => structure(element, described),
        None => simple(element, kind),
    }
}

fn structure(element: &Element, described: &Type) -> Result<(), Fault> {
    if !element.text.trim().is_empty() {
        return Err(invalid(format!("{} must not hold text.", element.name)));
    }
    attributes(element, described)?;
    let fields = SCHEMA.fields(described);
    let mut place = 0;
    let mut seen = 0;
    for child in &element.children {
        let found = fields[place..]
            .iter()
            .position(|(namespace, field)| field.name == child.name && *child.namespace == *uri(namespace));
        let Some(ahead) = found else { return Err(unexpected(element, child, &fields)) };
        if ahead > 0 {
            if described.choice && seen > 0 {
                return Err(unexpected(element, child, &fields));
            }
            needed(element, &fields[place..place + ahead], seen)?;
            place += ahead;
            seen = 0;
        }
        let (_, field) = fields[place];
        seen += 1;
        if seen > 1 && !field.occurs.is_many() {
            return Err(invalid(format!("{} must not stand twice in {}.", field.name, element.name)));
        }
        nested(child, field)?;
    }
    if described.choice {
        return Ok(());
    }
    needed(element, &fields[place..], seen)?;
    one_of_either(element, described)
}

/// Fails unless exactly one of the fields stands of which one must.
fn one_of_either(element: &Element, described: &Type) -> Result<(), Fault> {
    let is_either = |name: &str| described.fields.iter().any(|field| field.either && field.name == name);
    if !described.fields.iter().any(|field| field.either) {
        return Ok(());
    }
    match element.children.iter().filter(|child| is_either(&child.name)).count() {
        1 => Ok(()),
        _ => Err(invalid(format!("{} must hold exactly one message.", element.name))),
    }
}

/// Fails if one of the fields passed over had to stand; the first was seen `seen` times.
fn needed(element: &Element, fields: &[(&'static str, &Field)], seen: usize) -> Result<(), Fault> {
    for (place, (_, field)) in fields.iter().enumerate() {
        if field.occurs.is_needed() && (place > 0 || seen == 0) {
            let message = format!("{} is missing in {}.", field.name, element.name);
            return Err(Fault::request(Code::MissingArgument, message));
        }
    }
    Ok(())
}

fn nested(child: &Element, field: &Field) -> Result<(), Fault> {
    if !child.is_nil() {
        return value(child, field.kind);
    }
    if !field.nillable {
        return Err(invalid(format!("{} cannot be nil.", field.name)));
    }
    if child.children.is_empty() && child.text.is_empty() {
        Ok(())
    } else {
        Err(invalid(format!("{} is nil and has content.", field.name)))
    }
}

fn attributes(element: &Element, described: &Type) -> Result<(), Fault> {
    let known = SCHEMA.attributes(described);
    for attribute in element.attributes.iter().filter(|one| one.namespace.is_empty()) {
        let Some(found) = known.iter().find(|one| one.name == attribute.name) else {
            let message = format!("{} has no attribute {}.", element.name, attribute.name);
            return Err(invalid(message));
        };
        if !is_valid(found.kind, &attribute.value) {
            let message = format!("The attribute {} of {} is not valid.", found.name, element.name);
            return Err(invalid(message));
        }
    }
    for attribute in known.iter().filter(|one| one.required) {
        if element.attribute(&attribute.name).is_none() {
            let message = format!("{} needs the attribute {}.", element.name, attribute.name);
            return Err(Fault::request(Code::MissingArgument, message));
        }
    }
    Ok(())
}

fn simple(element: &Element, kind: &str) -> Result<(), Fault> {
    if element.children.is_empty() && is_valid(kind, &element.text) {
        return Ok(());
    }
    Err(invalid(format!("The value of {} is not of type {kind}.", element.name)))
}

fn is_valid(kind: &str, text: &str) -> bool {
    if let Some(enumeration) = SCHEMA.enumeration(kind) {
        return enumeration.values.contains(&text);
    }
    debug_assert!(BUILT_IN.contains(&kind), "a type of the table is not a value");
    let text = if kind == "string" { text } else { text.trim() };
    match kind {
        "int" => text.parse::<i32>().is_ok(),
        "long" => text.parse::<i64>().is_ok(),
        "boolean" => matches!(text, "true" | "false" | "1" | "0"),
        "double" => text.parse::<f64>().is_ok() && !text.contains(['n', 'N', 'i', 'I']),
        "dateTime" => is_date_time(text),
        "date" => is_date(text),
        "base64Binary" => STANDARD.decode(text.replace(char::is_whitespace, "")).is_ok(),
        _ => true,
    }
}

/// A time; one without an offset is in UTC.
pub(super) fn instant(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let zoned = OffsetDateTime::parse(text, &Iso8601::DEFAULT);
    zoned.or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Iso8601::DEFAULT)).ok()
}

/// Whether a time is written as XML Schema wants it, which is stricter than ISO 8601.
fn is_date_time(text: &str) -> bool {
    let (date, time) = text.split_once('T').unwrap_or_default();
    let offset = time.find(['+', '-']).map_or("+00:00", |at| &time[at..]);
    let is_extended = date.len() == 10 && time.get(2..3) == Some(":") && offset.len() == 6 && offset.contains(':');
    is_extended && instant(text).is_some()
}

fn is_date(text: &str) -> bool {
    let date = text.get(..10).unwrap_or_default();
    let zone = text.get(10..).unwrap_or_default();
    let zoned = zone.is_empty() || zone == "Z" || zone.len() == 6 && zone.starts_with(['+', '-']);
    Date::parse(date, &format_description!("[year]-[month]-[day]")).is_ok() && zoned
}

fn unexpected(element: &Element, child: &Element, fields: &[(&str, &Field)]) -> Fault {
    let known = fields.iter().any(|(_, field)| field.name == child.name);
    let why = if known { "in this place or namespace" } else { "there" };
    invalid(format!("The element {} in {} is not expected {why}.", child.name, element.name))
}

fn invalid(message: String) -> Fault {
    Fault::request(Code::InvalidRequest, message)
}
