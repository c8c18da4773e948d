//! The custom fields that the site has defined, all in the package `c`. They travel as generic fields, whose names and
//! types are checked here; an object always shows all of its class.

use super::fault::{Code, Fault};
use super::schema::{GENERIC, OBJECTS};
use super::xml::{Attribute, Element, XSI};

#[cfg(test)]
mod tests;

/// Where the fields are.
pub(super) const PACKAGE: &str = "c";

/// A field: name, data type, and the element of its value.
pub(super) type Custom = (&'static str, &'static str, &'static str);

/// The fields of each class.
const FIELDS: [(&str, &[Custom]); 4] = [
    ("Account", &[("badge_number", "STRING", "StringValue")]),
    ("Contact", &[("vip", "BOOLEAN", "BooleanValue"), ("customer_number", "STRING", "StringValue")]),
    (
        "Incident",
        &[
            ("order_number", "STRING", "StringValue"),
            ("reopened", "BOOLEAN", "BooleanValue"),
            ("score", "INTEGER", "IntegerValue"),
            ("promised_by", "DATETIME", "DateTimeValue"),
        ],
    ),
    ("Organization", &[("contract", "STRING", "StringValue")]),
];

/// The fields of a class.
pub(super) fn fields(class: &str) -> &'static [Custom] {
    FIELDS.iter().find(|(known, _)| *known == class).map(|(_, fields)| *fields).unwrap_or_default()
}

/// The name of a field in its usual case.
pub(super) fn find(class: &str, package: &str, name: &str) -> Option<&'static str> {
    let mut fields = fields(class).iter().filter(|_| package.eq_ignore_ascii_case(PACKAGE));
    fields.find(|(known, ..)| known.eq_ignore_ascii_case(name)).map(|(known, ..)| *known)
}

/// The value of a field of an object.
pub(super) fn value<'e>(object: &'e Element, package: &str, name: &str) -> Option<&'e Element> {
    let package = named(object.named("CustomFields")?, package)?;
    let fields = package.named("DataValue")?.named("ObjectValue")?;
    named(fields, name)?.named("DataValue")?.children.first()
}

/// The fields of a class without values; `None` if it has none.
pub(super) fn empty(class: &str) -> Option<Element> {
    (!fields(class).is_empty()).then(|| {
        let values = fields(class).iter().map(|field| generic_field(field.0, field.1, None));
        wrapped(class, values.collect())
    })
}

/// The fields of an object after a change.
pub(super) fn merge(class: &str, before: Option<&Element>, sent: &Element) -> Result<Element, Fault> {
    let mut values: Vec<(&Custom, Option<Element>)> = Vec::new();
    for custom in fields(class) {
        let kept = before.and_then(|before| {
            let package = named(before, PACKAGE)?.named("DataValue")?.named("ObjectValue")?;
            named(package, custom.0)?.named("DataValue")?.children.first().cloned()
        });
        values.push((custom, kept));
    }
    for package in sent.children.iter().filter(|child| child.is(&GENERIC, "GenericFields")) {
        let name = package.attribute("name").unwrap_or_default();
        if name != PACKAGE {
            return Err(refused(format!("{class}.CustomFields has no package {name}.")));
        }
        let inner = package.named("DataValue").and_then(|data| data.named("ObjectValue"));
        let inner = inner.ok_or_else(|| refused(format!("{class}.CustomFields.{PACKAGE} must be an object.")))?;
        for field in inner.children.iter().filter(|child| child.is(&GENERIC, "GenericFields")) {
            let name = field.attribute("name").unwrap_or_default();
            let found = values.iter_mut().find(|(custom, _)| custom.0 == name);
            let (custom, value) =
                found.ok_or_else(|| refused(format!("{class}.CustomFields.{PACKAGE} has no field {name}.")))?;
            *value = checked(class, custom, field)?;
        }
    }
    let shown = values.into_iter().map(|((name, kind, _), value)| generic_field(name, kind, value));
    Ok(wrapped(class, shown.collect()))
}

fn checked(class: &str, (name, kind, element): &Custom, field: &Element) -> Result<Option<Element>, Fault> {
    let data = field.named("DataValue").filter(|data| !data.is_nil());
    let value = data.and_then(|data| data.children.first());
    let is_right = field.attribute("dataType").is_none_or(|sent| sent == *kind)
        && value.is_none_or(|value| value.name == *element);
    if is_right {
        Ok(value.cloned())
    } else {
        Err(refused(format!("{class}.CustomFields.{PACKAGE}.{name} is {kind}.")))
    }
}

fn named<'e>(within: &'e Element, name: &str) -> Option<&'e Element> {
    within.children.iter().find(|child| child.name == "GenericFields" && child.attribute("name") == Some(name))
}

fn generic_field(name: &str, kind: &str, value: Option<Element>) -> Element {
    let mut data = Element::new(&GENERIC, "DataValue");
    match value {
        Some(value) => data.children.push(value),
        None => data.attributes.push(Attribute {
            namespace: XSI.into(),
            name: "nil".to_owned(),
            value: "true".to_owned(),
            value_namespace: "".into(),
        }),
    }
    let mut field = Element::new(&GENERIC, "GenericFields");
    field.set_attribute("dataType", kind);
    field.set_attribute("name", name);
    field.children.push(data);
    field
}

fn wrapped(class: &str, fields: Vec<Element>) -> Element {
    let object_type = |name: String| {
        let mut object_type = Element::new(&GENERIC, "ObjectType");
        object_type.children.push(Element::with_text(&GENERIC, "TypeName", name));
        object_type
    };
    let mut object = Element::new(&GENERIC, "ObjectValue");
    object.children.push(object_type(format!("{class}CustomFields{PACKAGE}")));
    object.children.extend(fields);
    let mut custom = Element::new(&OBJECTS, "CustomFields");
    custom.children.push(object_type(format!("{class}CustomFields")));
    custom.children.push(generic_field(PACKAGE, "OBJECT", Some(object)));
    custom
}

fn refused(message: String) -> Fault {
    Fault::request(Code::InvalidField, message)
}
