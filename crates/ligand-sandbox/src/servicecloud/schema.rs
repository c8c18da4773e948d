//! The types and messages of the service, read from `schema.txt`. The WSDL is written from this
//! table and requests are checked against it, so that the two cannot disagree.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

#[cfg(test)]
mod tests;

/// How often a field may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurs {
    AtMostOnce,
    Once,
    AnyNumber,
    AtLeastOnce,
}

impl Occurs {
    /// Whether it may stand more than once.
    pub(super) fn is_many(self) -> bool {
        matches!(self, Self::AnyNumber | Self::AtLeastOnce)
    }

    /// Whether it must stand.
    pub(super) fn is_needed(self) -> bool {
        matches!(self, Self::Once | Self::AtLeastOnce)
    }
}

/// A field of a type, an element on the wire.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Name of its type: one of XML Schema in lower case, an enumeration or a type of the table.
    pub(super) kind: &'static str,
    pub(super) nillable: bool,
    pub(super) occurs: Occurs,
    /// Exactly one of the fields of its type that are so must stand.
    pub(super) either: bool,
}

/// An attribute of a type.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) required: bool,
}

/// A type with fields.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) namespace: &'static str,
    pub(super) base: Option<&'static str>,
    /// Only one of the fields is given.
    pub(super) choice: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) fields: Vec<Field>,
}

/// A text that is one of a few.
#[derive(Debug)]
pub(super) struct Enumeration {
    pub(super) name: &'static str,
    pub(super) namespace: &'static str,
    pub(super) values: Vec<&'static str>,
}

/// An element that stands alone.
#[derive(Debug)]
pub(super) struct Global {
    pub(super) name: &'static str,
    pub(super) namespace: &'static str,
    pub(super) kind: &'static str,
}

/// The whole table.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) namespaces: Vec<&'static str>,
    pub(super) types: Vec<Type>,
    pub(super) enumerations: Vec<Enumeration>,
    pub(super) globals: Vec<Global>,
    pub(super) operations: Vec<&'static str>,
    places: HashMap<String, usize>,
}

/// The service's schema.
pub(super) static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::parse(include_str!("schema.txt")).expect("the schema table is valid"));

/// The namespaces of the service, shared by all elements that are made.
pub(super) static BASE: LazyLock<Arc<str>> = LazyLock::new(|| uri("base").into());
/// Namespace of the objects.
pub(super) static OBJECTS: LazyLock<Arc<str>> = LazyLock::new(|| uri("objects").into());
/// Namespace of the messages.
pub(super) static MESSAGES: LazyLock<Arc<str>> = LazyLock::new(|| uri("messages").into());
/// Namespace of the custom fields.
pub(super) static GENERIC: LazyLock<Arc<str>> = LazyLock::new(|| uri("generic").into());
/// Namespace of the description of classes.
pub(super) static METADATA: LazyLock<Arc<str>> = LazyLock::new(|| uri("metadata").into());
/// Namespace of what went wrong.
pub(super) static FAULTS: LazyLock<Arc<str>> = LazyLock::new(|| uri("faults").into());

/// The namespace behind a short name.
pub(super) fn uri(namespace: &str) -> String {
    format!("urn:{namespace}.ws.rightnow.com/v1_2")
}

/// The types of XML Schema that occur.
pub(super) const BUILT_IN: [&str; 8] =
    ["string", "int", "long", "boolean", "dateTime", "date", "double", "base64Binary"];

impl Schema {
    fn parse(table: &'static str) -> Result<Self, String> {
        let mut schema = Self::default();
        for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            schema.line(line).ok_or_else(|| format!("bad line: {line}"))?;
        }
        schema.add_null_fields();
        schema.places = schema.types.iter().enumerate().map(|(at, one)| (one.name.clone(), at)).collect();
        schema.complete()?;
        Ok(schema)
    }

    fn line(&mut self, line: &'static str) -> Option<()> {
        if let Some(field) = line.strip_prefix("  ") {
            self.types.last_mut()?.fields.push(parse_field(field)?);
            return Some(());
        }
        let mut words = line.split(' ');
        let (word, name) = (words.next()?, words.next()?);
        if word == "namespace" {
            self.namespaces.push(name);
            return Some(());
        }
        let namespace = self.namespaces.last()?;
        match word {
            "enum" => {
                self.enumerations.push(Enumeration { name, namespace, values: words.collect() });
            }
            "element" => self.globals.push(Global { name, namespace, kind: words.next()? }),
            "operation" => self.operations.push(name),
            "type" | "choice" => {
                let mut described = Type {
                    name: name.to_owned(),
                    namespace,
                    base: None,
                    choice: word == "choice",
                    attributes: Vec::new(),
                    fields: Vec::new(),
                };
                while let Some(word) = words.next() {
                    match word.strip_prefix('@') {
                        Some(attribute) => described.attributes.push(parse_attribute(attribute)?),
                        None if word == ":" => described.base = Some(words.next()?),
                        None => return None,
                    }
                }
                self.types.push(described);
            }
            _ => return None,
        }
        Some(())
    }

    /// Each `ValidNullFields` has a type of its own with one flag for each field that can be
    /// without a value.
    fn add_null_fields(&mut self) {
        self.namespaces.push("nullfields");
        let mut added = Vec::new();
        for described in &self.types {
            let Some(field) = described.fields.iter().find(|field| field.name == "ValidNullFields") else {
                continue;
            };
            let nillable = described.fields.iter().filter(|one| one.nillable && one.name != field.name);
            let flag = |one: &Field| Attribute { name: one.name.to_owned(), kind: "boolean", required: false };
            added.push(Type {
                name: field.kind.to_owned(),
                namespace: "nullfields",
                base: None,
                choice: false,
                attributes: nillable.map(flag).collect(),
                fields: Vec::new(),
            });
        }
        self.types.append(&mut added);
    }

    /// Checks that every name used is defined.
    fn complete(&self) -> Result<(), String> {
        for described in &self.types {
            let bases = described.base.into_iter().filter(|base| self.find(base).is_none());
            let attributes = described.attributes.iter().map(|attribute| attribute.kind);
            let fields = described.fields.iter().map(|field| field.kind);
            let unknown = attributes.chain(fields).filter(|kind| !self.is_known(kind));
            if let Some(name) = bases.chain(unknown).next() {
                return Err(format!("{} uses {name}, which is not defined", described.name));
            }
        }
        Ok(())
    }

    fn is_known(&self, kind: &str) -> bool {
        BUILT_IN.contains(&kind) || self.enumeration(kind).is_some() || self.find(kind).is_some()
    }

    /// A type with fields.
    pub(super) fn find(&self, name: &str) -> Option<&Type> {
        self.places.get(name).map(|place| &self.types[*place])
    }

    /// An enumeration.
    pub(super) fn enumeration(&self, name: &str) -> Option<&Enumeration> {
        self.enumerations.iter().find(|one| one.name == name)
    }

    /// The type of an element that stands alone.
    pub(super) fn global(&self, namespace: &str, name: &str) -> Option<&Global> {
        self.globals.iter().find(|one| one.namespace == namespace && one.name == name)
    }

    /// The namespace's short name in which a type, enumeration or built-in type is defined.
    pub(super) fn namespace_of(&self, kind: &str) -> &'static str {
        let found = self.find(kind).map(|one| one.namespace);
        found.or_else(|| self.enumeration(kind).map(|one| one.namespace)).unwrap_or("xs")
    }

    /// All fields of a type, those of its base types first, with the short name of the namespace
    /// their elements are in.
    pub(super) fn fields(&self, described: &Type) -> Vec<(&'static str, &Field)> {
        let inherited = described.base.and_then(|base| self.find(base));
        let mut fields = inherited.map(|base| self.fields(base)).unwrap_or_default();
        let place = self.places.get(&described.name);
        let own = place.map_or(&[][..], |place| &self.types[*place].fields);
        fields.extend(own.iter().map(|field| (described.namespace, field)));
        fields
    }

    /// All attributes of a type, inherited ones included.
    pub(super) fn attributes(&self, described: &Type) -> Vec<Attribute> {
        let inherited = described.base.and_then(|base| self.find(base));
        let mut attributes = inherited.map(|base| self.attributes(base)).unwrap_or_default();
        attributes.extend(described.attributes.iter().cloned());
        attributes
    }

    /// Whether a type is another or extends it.
    pub(super) fn extends(&self, described: &Type, base: &str) -> bool {
        let inherited = || described.base.and_then(|name| self.find(name));
        described.name == base || inherited().is_some_and(|one| self.extends(one, base))
    }

    /// The item field of a list: a type whose only field may stand many times.
    pub(super) fn item<'a>(&self, described: &'a Type) -> Option<&'a Field> {
        match described.fields.as_slice() {
            [only] if only.occurs.is_many() && described.base.is_none() => Some(only),
            _ => None,
        }
    }
}

fn parse_field(text: &'static str) -> Option<Field> {
    let mut words = text.split(' ');
    let mut field =
        Field { name: words.next()?, kind: words.next()?, nillable: false, occurs: Occurs::AtMostOnce, either: false };
    for word in words {
        match word {
            "nillable" => field.nillable = true,
            "either" => field.either = true,
            "one" => field.occurs = Occurs::Once,
            "many" => field.occurs = Occurs::AnyNumber,
            "some" => field.occurs = Occurs::AtLeastOnce,
            _ => return None,
        }
    }
    Some(field)
}

fn parse_attribute(text: &'static str) -> Option<Attribute> {
    let (name, kind) = text.split_once(':')?;
    let required = kind.ends_with('!');
    Some(Attribute { name: name.to_owned(), kind: kind.trim_end_matches('!'), required })
}
