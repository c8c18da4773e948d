//! JSON to XML by the schema: elements in its order, namespaces, types, attributes, lists and nil. Everything that
//! the schema does not know is refused with its path.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    document::{self, Name},
    schema::{Element, Occurs, Particle, Schema, Type, TypeId},
    writer::{Unwritable, Writer},
    wsdl::{Description, SoapVersion},
};

/// The member that names the type of an object, where it is another than the declared one.
pub(super) const TYPE_MEMBER: &str = "@type";
/// What stands for members that are not there.
static NULL: Value = Value::Null;
/// How deep JSON may nest.
const MAX_DEPTH: usize = 100;

/// How JSON is encoded.
#[derive(Debug, Clone, Default)]
pub struct EncodeOptions {
    /// The type of what stands at a path, unless JSON says it by `@type`. Paths are member names joined by dots,
    /// without places in lists; types are local names or `{namespace}local`.
    pub types: BTreeMap<String, String>,
    /// Whether members that the schema does not know are left out instead of being refused.
    pub drop_unknown: bool,
    /// Whether a member that must be there and may be null is written as null when it is not there.
    pub fill_nulls: bool,
}

/// Why JSON cannot be encoded. Paths look like `names.labelList[0].labelText`; they are empty for the whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The description has no such operation.
    #[error("there is no operation {0}")]
    UnknownOperation(String),
    /// The schema has no such member.
    #[error("{0} is not known")]
    Unknown(String),
    /// A required member is not there.
    #[error("{0} is required")]
    Missing(String),
    /// There is null where the schema allows none.
    #[error("{0} cannot be null")]
    NotNillable(String),
    /// A value has another type than the schema demands.
    #[error("{path} is not of the type {expected}")]
    WrongType {
        /// Where it stands.
        path: String,
        /// What is expected.
        expected: String,
    },
    /// There are more values than the schema allows here, or it excludes this member beside another.
    #[error("{0} has more than is allowed")]
    Excess(String),
    /// There is no such type here.
    #[error("{path} cannot have the type {name}")]
    UnknownType {
        /// Where it was named.
        path: String,
        /// How it was named.
        name: String,
    },
    /// The type must be said, because the declared one is abstract.
    #[error("{0} needs a type")]
    Untyped(String),
    /// A text has characters that XML cannot hold.
    #[error("{0} has characters that are not allowed")]
    Unwritable(String),
    /// Members nest too deep.
    #[error("{0} nests too deep")]
    TooDeep(String),
}

impl Description {
    /// The input element of an operation, with its namespaces declared.
    ///
    /// # Errors
    /// The first thing that does not fit the schema.
    pub fn encode(&self, operation: &str, value: &Value, options: &EncodeOptions) -> Result<String, EncodeError> {
        let found = self.operation(operation);
        let found = found.ok_or_else(|| EncodeError::UnknownOperation(operation.to_owned()))?;
        match &found.input {
            Some(input) => self.encode_element(input, value, options),
            None if value.as_object().is_some_and(Map::is_empty) || value.is_null() => Ok(String::new()),
            None => {
                let unknown = value.as_object().and_then(|members| members.keys().next());
                Err(EncodeError::Unknown(unknown.cloned().unwrap_or_else(|| "the body".to_owned())))
            }
        }
    }

    /// The whole envelope of a request. `headers` has a member for each header element to be sent, named as members
    /// are; it may be null.
    ///
    /// # Errors
    /// The first thing that does not fit the schema.
    pub fn encode_envelope(
        &self,
        operation: &str,
        headers: &Value,
        value: &Value,
        options: &EncodeOptions,
    ) -> Result<String, EncodeError> {
        let body = self.encode(operation, value, options)?;
        let found = self.operation(operation).map(|found| found.headers.as_slice()).unwrap_or_default();
        let mut header = String::new();
        for (member, value) in headers.as_object().into_iter().flatten() {
            let mut names = found.iter();
            let name = names.find(|name| super::schema::member_name(&name.local) == *member);
            let name = name.ok_or_else(|| EncodeError::Unknown(member.clone()))?;
            header.push_str(&self.encode_element(&self.schema.elements[name], value, options)?);
        }
        let envelope = match self.version_of(operation) {
            SoapVersion::V1_1 => super::ENVELOPES[0],
            SoapVersion::V1_2 => super::ENVELOPES[1],
        };
        Ok(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope xmlns:e=\"{envelope}\"><e:Header>{header}</e:Header>\
             <e:Body>{body}</e:Body></e:Envelope>"
        ))
    }

    /// Those of the header elements, named as members, that an operation declares.
    #[must_use]
    pub fn declared_headers(&self, operation: &str, headers: &Value) -> Value {
        let declared: Vec<String> = self
            .operation(operation)
            .map(|found| found.headers().map(super::schema::member_name).collect())
            .unwrap_or_default();
        let members = headers.as_object().into_iter().flatten();
        let kept = members.filter(|(name, _)| declared.contains(name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
    }

    fn encode_element(&self, element: &Element, value: &Value, options: &EncodeOptions) -> Result<String, EncodeError> {
        let schema = &self.schema;
        let mut encoder = Encoder { schema, options, writer: Writer::default(), path: Vec::new() };
        encoder.element(&element.name, element.kind, element.is_nillable, value)?;
        Ok(encoder.writer.finish())
    }
}

enum Step<'a> {
    Member(&'a str),
    Index(usize),
}

struct Encoder<'a> {
    schema: &'a Schema,
    options: &'a EncodeOptions,
    writer: Writer,
    path: Vec<Step<'a>>,
}

/// The values of a field and how many of them are written.
struct Items<'v> {
    values: &'v [Value],
    written: usize,
    is_list: bool,
}

impl<'a> Encoder<'a> {
    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => path.push_str(&format!(".{name}")),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    fn path_of(&self, member: &str) -> String {
        let path = self.path();
        if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
    }

    fn wrong(&self, expected: &str) -> EncodeError {
        EncodeError::WrongType { path: self.path(), expected: expected.to_owned() }
    }

    fn element(
        &mut self,
        name: &Name,
        declared: TypeId,
        is_nillable: bool,
        value: &'a Value,
    ) -> Result<(), EncodeError> {
        if self.path.len() > MAX_DEPTH {
            return Err(EncodeError::TooDeep(self.path()));
        }
        if value.is_null() && !is_nillable {
            return Err(EncodeError::NotNillable(self.path()));
        }
        self.writer.open(name);
        if value.is_null() {
            self.writer.nil();
            self.writer.close_empty();
            return Ok(());
        }
        let id = self.actual(declared, value)?;
        let described = &self.schema.types[id];
        if described.is_abstract {
            return Err(EncodeError::Untyped(self.path()));
        }
        if let Some(kind) = described.name.as_ref().filter(|_| id != declared) {
            self.writer.instance_type(kind);
        }
        match value {
            Value::Object(members) => self.object(name, described, members),
            Value::Array(items) if described.is_bare_list => self.bare_list(name, described, items),
            Value::Array(_) if !described.text.as_ref().is_some_and(|text| text.is_list) => Err(self.wrong("object")),
            scalar if described.text.is_some() => {
                self.require_attributes(described)?;
                self.writer.content();
                self.text(described, scalar)?;
                self.writer.close(name);
                Ok(())
            }
            _ => Err(self.wrong("object")),
        }
    }

    /// The items of a type that consists of a list.
    fn bare_list(&mut self, name: &Name, described: &'a Type, items: &'a [Value]) -> Result<(), EncodeError> {
        if items.is_empty() {
            self.writer.close_empty();
            return Ok(());
        }
        self.writer.content();
        let mut items = [Items { values: items, written: 0, is_list: true }];
        self.sequence(described, &described.content, &mut items)?;
        if items[0].written < items[0].values.len() {
            return Err(EncodeError::Excess(self.path()));
        }
        self.writer.close(name);
        Ok(())
    }

    /// The type said in JSON or in the options, else the declared one.
    fn actual(&self, declared: TypeId, value: &Value) -> Result<TypeId, EncodeError> {
        let said = match value.get(TYPE_MEMBER) {
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => {
                return Err(EncodeError::WrongType { path: self.path_of(TYPE_MEMBER), expected: "string".to_owned() });
            }
            None if self.options.types.is_empty() => None,
            None => self.options.types.get(&self.plain_path()).map(String::as_str),
        };
        let Some(name) = said else { return Ok(declared) };
        let found = self.schema.substitute(name, declared);
        found.ok_or_else(|| EncodeError::UnknownType { path: self.path(), name: name.to_owned() })
    }

    fn plain_path(&self) -> String {
        let members = self.path.iter().filter_map(|step| match step {
            Step::Member(name) => Some(*name),
            Step::Index(_) => None,
        });
        members.collect::<Vec<_>>().join(".")
    }

    fn require_attributes(&self, described: &Type) -> Result<(), EncodeError> {
        match described.attributes.iter().find(|attribute| attribute.is_required) {
            Some(attribute) => Err(EncodeError::Missing(self.path_of(&attribute.member))),
            None => Ok(()),
        }
    }

    fn text(&mut self, described: &Type, value: &Value) -> Result<(), EncodeError> {
        let simple = described.text.clone().unwrap_or_default();
        let text = simple.write(value).ok_or_else(|| self.wrong(simple.expected()))?;
        self.writer.text(&text).map_err(|Unwritable| EncodeError::Unwritable(self.path()))
    }

    fn object(&mut self, name: &Name, described: &'a Type, members: &'a Map<String, Value>) -> Result<(), EncodeError> {
        let mut known = usize::from(members.contains_key(TYPE_MEMBER));
        known += self.attributes(described, members)?;
        let text = members.get(&described.text_member).filter(|_| described.text.is_some());
        let any = members.get(&described.any_member).filter(|_| described.has_any);
        known += usize::from(text.is_some()) + usize::from(any.is_some());
        let mut items = Vec::with_capacity(described.fields.len());
        for field in &described.fields {
            let value = members.get(&field.member);
            known += usize::from(value.is_some());
            items.push(match value {
                None => Items { values: &[], written: 0, is_list: false },
                Some(Value::Array(values)) if field.is_many => Items { values, written: 0, is_list: true },
                Some(single) => Items { values: std::slice::from_ref(single), written: 0, is_list: false },
            });
        }
        if known < members.len() && !self.options.drop_unknown {
            return Err(self.unknown(described, members));
        }
        let is_filled = self.options.fill_nulls && described.content.iter().any(|part| has_null(part, described));
        let is_empty = text.is_none() && any.is_none() && items.iter().all(|items| items.values.is_empty());
        if is_empty && !is_filled {
            self.sequence(described, &described.content, &mut items)?;
            self.writer.close_empty();
            return Ok(());
        }
        self.writer.content();
        if let Some(text) = text {
            self.path.push(Step::Member(&described.text_member));
            self.text(described, text)?;
            self.path.pop();
        }
        self.sequence(described, &described.content, &mut items)?;
        let left = described.fields.iter().zip(&items).find(|(_, items)| items.written < items.values.len());
        if let Some((field, _)) = left {
            return Err(EncodeError::Excess(self.path_of(&field.member)));
        }
        if let Some(any) = any {
            self.any(described, any)?;
        }
        self.writer.close(name);
        Ok(())
    }

    fn unknown(&self, described: &Type, members: &Map<String, Value>) -> EncodeError {
        let is_known = |member: &str| {
            member == TYPE_MEMBER
                || (member == described.text_member && described.text.is_some())
                || (member == described.any_member && described.has_any)
                || described.fields.iter().any(|field| field.member == member)
                || described.attributes.iter().any(|attribute| attribute.member == member)
        };
        let unknown = members.keys().find(|member| !is_known(member)).map(String::as_str);
        EncodeError::Unknown(self.path_of(unknown.unwrap_or_default()))
    }

    /// Writes the attributes and tells how many there are.
    fn attributes(&mut self, described: &'a Type, members: &'a Map<String, Value>) -> Result<usize, EncodeError> {
        let mut count = 0;
        for attribute in &described.attributes {
            self.path.push(Step::Member(&attribute.member));
            match members.get(&attribute.member) {
                Some(value) => {
                    let text = attribute.simple.write(value);
                    let text = text.ok_or_else(|| self.wrong(attribute.simple.expected()))?;
                    let written = self.writer.attribute(&attribute.name, &text);
                    written.map_err(|Unwritable| EncodeError::Unwritable(self.path()))?;
                    count += 1;
                }
                None if attribute.is_required => return Err(EncodeError::Missing(self.path())),
                None => {}
            }
            self.path.pop();
        }
        Ok(count)
    }

    fn sequence(
        &mut self,
        described: &'a Type,
        parts: &'a [Particle],
        items: &mut [Items<'a>],
    ) -> Result<(), EncodeError> {
        parts.iter().try_for_each(|part| self.particle(described, part, items))
    }

    fn particle(
        &mut self,
        described: &'a Type,
        part: &'a Particle,
        items: &mut [Items<'a>],
    ) -> Result<(), EncodeError> {
        match part {
            Particle::Any => Ok(()),
            Particle::Field(index, occurs) => self.field(described, *index, *occurs, items),
            Particle::Sequence(parts, occurs) => {
                self.rounds(part, *occurs, items, |encoder, items| encoder.sequence(described, parts, items))
            }
            Particle::Choice(parts, occurs) => self.rounds(part, *occurs, items, |encoder, items| {
                let chosen = parts.iter().find(|part| left(part, items) > 0);
                match chosen.or_else(|| parts.iter().find(|part| can_be_empty(part))) {
                    Some(chosen) => encoder.particle(described, chosen, items),
                    None => {
                        let members = parts.iter().filter_map(|part| first_member(part, described));
                        let members = members.collect::<Vec<_>>().join(" or ");
                        Err(EncodeError::Missing(encoder.path_of(&members)))
                    }
                }
            }),
        }
    }

    /// Writes a group as often as there are values for it.
    fn rounds(
        &mut self,
        part: &'a Particle,
        occurs: Occurs,
        items: &mut [Items<'a>],
        mut write: impl FnMut(&mut Self, &mut [Items<'a>]) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let mut count = 0;
        let mut before = left(part, items);
        if before == 0 && occurs.least > 0 {
            return write(self, items);
        }
        while before > 0 && occurs.most.is_none_or(|most| count < most) {
            write(self, items)?;
            let after = left(part, items);
            if after == before {
                break;
            }
            before = after;
            count += 1;
        }
        Ok(())
    }

    fn field(
        &mut self,
        described: &'a Type,
        index: usize,
        occurs: Occurs,
        items: &mut [Items<'a>],
    ) -> Result<(), EncodeError> {
        let field = &described.fields[index];
        let Items { values, written, is_list } = items[index];
        let count = (values.len() - written).min(occurs.most.unwrap_or(usize::MAX));
        self.path.push(Step::Member(&field.member));
        if count < occurs.least && self.fills(described, index) {
            for _ in count..occurs.least {
                self.element(&field.name, field.kind, true, &NULL)?;
            }
        } else if count < occurs.least {
            return Err(EncodeError::Missing(self.path()));
        }
        for (place, value) in values.iter().enumerate().skip(written).take(count) {
            if is_list {
                self.path.push(Step::Index(place));
            }
            self.element(&field.name, field.kind, field.is_nillable, value)?;
            if is_list {
                self.path.pop();
            }
        }
        items[index].written += count;
        self.path.pop();
        Ok(())
    }

    /// Whether nulls take the place of values of a field that are not there.
    fn fills(&self, described: &Type, field: usize) -> bool {
        self.options.fill_nulls && described.fields[field].is_nillable
    }

    /// Elements of any name: texts of XML.
    fn any(&mut self, described: &'a Type, value: &'a Value) -> Result<(), EncodeError> {
        self.path.push(Step::Member(&described.any_member));
        let texts = value.as_array().ok_or_else(|| self.wrong("list of XML texts"))?;
        for (place, text) in texts.iter().enumerate() {
            self.path.push(Step::Index(place));
            let node = text.as_str().and_then(|text| document::parse(text).ok());
            let node = node.ok_or_else(|| self.wrong("XML text"))?;
            self.writer.node(&node).map_err(|Unwritable| EncodeError::Unwritable(self.path()))?;
            self.path.pop();
        }
        self.path.pop();
        Ok(())
    }
}

/// How many values for a part are still to be written.
fn left(part: &Particle, items: &[Items<'_>]) -> usize {
    match part {
        Particle::Any => 0,
        Particle::Field(index, _) => items[*index].values.len() - items[*index].written,
        Particle::Sequence(parts, _) | Particle::Choice(parts, _) => parts.iter().map(|part| left(part, items)).sum(),
    }
}

/// Whether a part demands a value that may be null.
fn has_null(part: &Particle, described: &Type) -> bool {
    match part {
        Particle::Any | Particle::Choice(..) => false,
        Particle::Field(index, occurs) => occurs.least > 0 && described.fields[*index].is_nillable,
        Particle::Sequence(parts, occurs) => occurs.least > 0 && parts.iter().any(|part| has_null(part, described)),
    }
}

fn can_be_empty(part: &Particle) -> bool {
    match part {
        Particle::Any => true,
        Particle::Field(_, occurs) => occurs.least == 0,
        Particle::Sequence(parts, occurs) => occurs.least == 0 || parts.iter().all(can_be_empty),
        Particle::Choice(parts, occurs) => occurs.least == 0 || parts.is_empty() || parts.iter().any(can_be_empty),
    }
}

fn first_member<'t>(part: &Particle, described: &'t Type) -> Option<&'t str> {
    match part {
        Particle::Any => None,
        Particle::Field(index, _) => Some(&described.fields[*index].member),
        Particle::Sequence(parts, _) | Particle::Choice(parts, _) => {
            parts.iter().find_map(|part| first_member(part, described))
        }
    }
}
