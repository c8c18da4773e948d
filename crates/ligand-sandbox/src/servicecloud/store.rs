//! The objects of a site: creating, changing, reading and destroying them. Objects are kept as the
//! elements they travel in, without what every object has (identifier, times). Several objects of
//! one request succeed or fail together.

use std::collections::{BTreeMap, HashMap};

use time::OffsetDateTime;
use time::macros::format_description;

use super::custom;
use super::fault::{Code, Fault};
use super::menus;
use super::merge;
use super::schema::{BASE, OBJECTS};
use super::xml::Element;
use crate::records::MAX_RECORDS;

/// The classes of objects that can be created, and the fields they cannot be created without.
const CLASSES: [(&str, &[&str]); 5] = [
    ("Account", &["Login", "Name", "Profile", "StaffGroup"]),
    ("Contact", &[]),
    ("Incident", &["PrimaryContact"]),
    ("Organization", &["Name"]),
    ("ServiceCategory", &["Names"]),
];

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) id: i64,
    pub(super) created: OffsetDateTime,
    pub(super) updated: OffsetDateTime,
    /// Named after the class; holds the fields in the order of the schema.
    pub(super) content: Element,
}

/// All objects of the site.
pub(crate) struct State {
    objects: HashMap<&'static str, BTreeMap<i64, Object>>,
    /// Identifiers are never used again.
    next_ids: HashMap<&'static str, i64>,
    /// Number for threads and notes.
    next_part: i64,
    /// When the site was set up; its metadata has not changed since.
    pub(super) since: OffsetDateTime,
    /// What to put back if the request fails: class, identifier and the object before.
    undo: Vec<(&'static str, i64, Option<Object>)>,
}

impl State {
    /// A site without objects.
    pub(super) fn empty(now: OffsetDateTime) -> Self {
        Self { objects: HashMap::new(), next_ids: HashMap::new(), next_part: 1, since: now, undo: Vec::new() }
    }

    /// Does something with several objects; if it fails, nothing has changed.
    pub(super) fn all_or_nothing<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.undo.clear();
        let result = work(self);
        if result.is_err() {
            while let Some((class, id, before)) = self.undo.pop() {
                let objects = self.objects.entry(class).or_default();
                match before {
                    Some(object) => _ = objects.insert(id, object),
                    None => _ = objects.remove(&id),
                }
            }
        }
        result
    }

    /// The objects of a class by identifier.
    pub(super) fn list(&self, class: &str) -> impl Iterator<Item = &Object> {
        self.objects.get(class).into_iter().flat_map(BTreeMap::values)
    }

    /// One object.
    pub(super) fn get(&self, class: &str, id: i64) -> Option<&Object> {
        self.objects.get(class)?.get(&id)
    }

    /// Creates an object from the element sent and gives its identifier.
    pub(super) fn create(&mut self, sent: &Element, now: OffsetDateTime) -> Result<i64, Fault> {
        let (class, needed) = class_of(sent)?;
        if sent.child(&BASE, "ID").is_some_and(|id| id.attribute("id").is_some()) {
            let message = format!("A new {class} must not have an ID.");
            return Err(Fault::request(Code::BadId, message));
        }
        let given = |name: &&&str| sent.child(&OBJECTS, name).is_some_and(|field| !field.is_nil());
        if let Some(missing) = needed.iter().find(|name| !given(name)) {
            let message = format!("{class}.{missing} is required to create a {class}.");
            return Err(Fault::request(Code::MissingArgument, message));
        }
        if self.objects.get(class).is_some_and(|objects| objects.len() >= MAX_RECORDS) {
            let message = "The sandbox keeps no more objects; reset it.";
            return Err(Fault::unexpected(Code::UnknownException, message));
        }
        let id = *self.next_ids.entry(class).and_modify(|id| *id += 1).or_insert(1);
        let mut content = Element::new(&OBJECTS, class);
        self.fill(&mut content, sent, now)?;
        derive(class, id, &mut content, now);
        let object = Object { id, created: now, updated: now, content };
        self.put(class, id, Some(object));
        Ok(id)
    }

    /// Changes what is sent of an object.
    pub(super) fn update(&mut self, sent: &Element, now: OffsetDateTime) -> Result<(), Fault> {
        let (class, _) = class_of(sent)?;
        let mut object = self.existing(sent)?.clone();
        self.fill(&mut object.content, sent, now)?;
        derive(class, object.id, &mut object.content, now);
        object.updated = now;
        self.put(class, object.id, Some(object));
        Ok(())
    }

    /// Removes an object.
    pub(super) fn destroy(&mut self, sent: &Element) -> Result<(), Fault> {
        let (class, _) = class_of(sent)?;
        let id = self.existing(sent)?.id;
        self.put(class, id, None);
        Ok(())
    }

    /// The object that an element means by type and identifier.
    pub(super) fn existing(&self, sent: &Element) -> Result<&Object, Fault> {
        let (class, _) = class_of(sent)?;
        let id = sent.child(&BASE, "ID").and_then(|id| id.attribute("id"));
        let Some(id) = id.and_then(|id| id.trim().parse().ok()) else {
            return Err(Fault::request(Code::BadId, format!("{class} needs an ID.")));
        };
        let message = || format!("There is no {class} with the ID {id}.");
        self.get(class, id).ok_or_else(|| Fault::request(Code::BadId, message()))
    }

    fn put(&mut self, class: &'static str, id: i64, object: Option<Object>) {
        let objects = self.objects.entry(class).or_default();
        let before = match object {
            Some(object) => objects.insert(id, object),
            None => objects.remove(&id),
        };
        self.undo.push((class, id, before));
    }

    /// Merges what was sent into the content, after its references are settled.
    fn fill(&mut self, content: &mut Element, sent: &Element, now: OffsetDateTime) -> Result<(), Fault> {
        let mut sent = sent.clone();
        sent.children.retain(|field| field.namespace == *OBJECTS && field.name != "NewPassword");
        menus::settle(self, &mut sent)?;
        let mut next_part = self.next_part;
        merge::into(content, &sent, &mut merge::Stamp { next_part: &mut next_part, now })?;
        self.next_part = next_part;
        Ok(())
    }
}

/// The class of an object element and the fields needed to create one.
fn class_of(sent: &Element) -> Result<(&'static str, &'static [&'static str]), Fault> {
    let name = sent.instance_type().map_or("", |(_, name)| name);
    CLASSES.into_iter().find(|(class, _)| *class == name).ok_or_else(|| {
        let message = format!("Objects of the class {name} cannot be used here.");
        Fault::request(Code::InvalidRequest, message)
    })
}

/// The fields without which no object of a class can be created.
pub(super) fn needed(class: &str) -> &'static [&'static str] {
    CLASSES.iter().find(|(known, _)| *known == class).map(|(_, needed)| *needed).unwrap_or_default()
}

/// Whether there are objects of this class; gives its name in the usual case.
pub(super) fn class_named(name: &str) -> Option<&'static str> {
    let mut names = CLASSES.iter().map(|(class, _)| *class);
    names.find(|class| class.eq_ignore_ascii_case(name))
}

/// The name by which others refer to an object.
pub(super) fn lookup_name(object: &Object) -> String {
    let content = &object.content;
    let text = |name: &str| content.named(name).map(|field| field.text.clone()).unwrap_or_default();
    match content.name.as_str() {
        "Incident" => text("ReferenceNumber"),
        "Contact" => full_name(content),
        "Account" => text("DisplayName"),
        _ => text("Name"),
    }
}

fn full_name(content: &Element) -> String {
    let name = content.named("Name");
    let part = |part: &str| name.and_then(|name| name.named(part)).map(|part| part.text.as_str());
    let parts: Vec<&str> = [part("First"), part("Last")].into_iter().flatten().collect();
    parts.join(" ")
}

/// Fills in what the site derives from the rest or presets.
fn derive(class: &str, id: i64, content: &mut Element, now: OffsetDateTime) {
    let mut preset = |name: &str, make: &dyn Fn(&Element) -> Element| {
        if content.named(name).is_none() {
            let made = make(content);
            merge::insert(content, made);
        }
    };
    if let Some(custom) = custom::empty(class) {
        preset("CustomFields", &|_| custom.clone());
    }
    let text = |name: &str, text: String| Element::with_text(&OBJECTS, name, text);
    match class {
        "Account" => preset("DisplayName", &|content| text("DisplayName", full_name(content))),
        "Incident" => {
            let format = format_description!("[year repr:last_two][month][day]");
            let day = now.format(&format).unwrap_or_default();
            preset("ReferenceNumber", &|_| text("ReferenceNumber", format!("{day}-{id:06}")));
            preset("StatusWithType", &|_| menus::open_status());
            menus::settle_status(content);
        }
        "ServiceCategory" => {
            let labels = content.named("Names").and_then(|names| names.children.first());
            let label = labels.and_then(|label| label.named("LabelText"));
            let name = label.map(|label| label.text.clone()).unwrap_or_default();
            merge::insert(content, text("Name", name));
        }
        _ => {}
    }
}
