//! Makes the types of a schema from its documents. References are resolved by name, types may be recursive, and the
//! work is bounded.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    document::{Name, Node, XML},
    simple::{BUILT_IN, Simple},
    wsdl::DescriptionError,
};

use super::{Attribute, Element, Field, Occurs, Particle, Schema, Type, TypeId, XSD};

/// How deep types, groups and references may nest while one is built.
const MAX_DEPTH: usize = 64;
/// Most fields of one type.
pub(crate) const MAX_FIELDS: usize = 4096;
/// Most names that are put down because nothing declares them.
const MAX_UNRESOLVED: usize = 100;
/// Most attributes of one type.
const MAX_ATTRIBUTES: usize = 256;

type Result<T> = std::result::Result<T, DescriptionError>;

/// An `xs:schema` element and the namespace that it describes.
#[derive(Clone, Copy)]
pub(crate) struct Source<'n> {
    pub(crate) node: &'n Node,
    pub(crate) namespace: &'n str,
}

/// What becomes of names that nothing declares.
pub(crate) enum Unresolved {
    /// They are errors.
    Refused,
    /// Types are any type, the rest is left out. The names are put down.
    Forgiven(BTreeSet<String>),
}

impl Unresolved {
    /// What was forgiven.
    pub(crate) fn into_names(self) -> Vec<String> {
        match self {
            Self::Refused => Vec::new(),
            Self::Forgiven(names) => names.into_iter().collect(),
        }
    }

    /// Puts an error down where it is forgiven.
    fn forgive<T>(&mut self, found: Result<T>) -> Result<Option<T>> {
        match (self, found) {
            (Self::Forgiven(names), Err(DescriptionError::Unresolved { what, name })) => {
                if names.len() < MAX_UNRESOLVED {
                    names.insert(format!("{what} {name}"));
                }
                Ok(None)
            }
            (_, found) => found.map(Some),
        }
    }
}

/// Builds the schema that the documents describe together.
pub(crate) fn build(sources: &[Source<'_>], unresolved: &mut Unresolved) -> Result<Schema> {
    let mut builder = Builder::new(unresolved);
    builder.add_built_in();
    sources.iter().for_each(|source| builder.collect(*source));
    builder.add_named();
    for id in 0..builder.schema.types.len() {
        builder.built(id)?;
    }
    let elements: Vec<Name> = builder.components.keys().filter(|(kind, _)| *kind == "element").map(second).collect();
    for name in elements {
        builder.global_element(&name)?;
    }
    Ok(builder.schema)
}

fn second(key: &(&'static str, Name)) -> Name {
    key.1.clone()
}

/// The kinds of global components, as their elements are named.
const COMPONENTS: [(&str, &str); 6] = [
    ("complexType", "type"),
    ("simpleType", "type"),
    ("element", "element"),
    ("attribute", "attribute"),
    ("group", "group"),
    ("attributeGroup", "attributeGroup"),
];

#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Underway,
    Done,
}

struct Builder<'n, 'u> {
    unresolved: &'u mut Unresolved,
    schema: Schema,
    /// Where global types come from, and how far they are; types without an entry are done.
    states: HashMap<TypeId, (State, Source<'n>, &'n Node)>,
    components: HashMap<(&'static str, Name), (Source<'n>, &'n Node)>,
    substitutes: HashMap<Name, Vec<Name>>,
    depth: usize,
}

impl<'n, 'u> Builder<'n, 'u> {
    fn new(unresolved: &'u mut Unresolved) -> Self {
        Self {
            unresolved,
            schema: Schema::default(),
            states: HashMap::new(),
            components: HashMap::new(),
            substitutes: HashMap::new(),
            depth: 0,
        }
    }

    fn add_built_in(&mut self) {
        let any = Type { name: Some(Name::new(XSD, "anyType")), text: Some(Simple::default()), ..Type::default() };
        self.schema.any_type = self.schema.add(Type { has_any: true, ..any });
        for (local, simple) in &BUILT_IN {
            let name = Some(Name::new(XSD, local));
            self.schema.add(Type { name, text: Some(simple.clone()), ..Type::default() });
        }
    }

    /// Remembers what a document declares; of equal declarations the first counts.
    fn collect(&mut self, source: Source<'n>) {
        let redefined = source.node.named(XSD, "redefine").flat_map(|node| node.children_of(XSD));
        for node in redefined.chain(source.node.children_of(XSD)) {
            let kind = COMPONENTS.iter().find(|(element, _)| **element == *node.name.local).map(|(_, kind)| *kind);
            let (Some(kind), Some(local)) = (kind, node.attribute("name")) else { continue };
            let name = Name::new(source.namespace, local);
            if let Some(head) = node.attribute("substitutionGroup").and_then(|head| node.resolve(head)) {
                self.substitutes.entry(head).or_default().push(name.clone());
            }
            self.components.entry((kind, name)).or_insert((source, node));
        }
    }

    fn add_named(&mut self) {
        let types: Vec<_> = self.components.iter().filter(|((kind, _), _)| *kind == "type").collect();
        let mut types: Vec<_> =
            types.into_iter().map(|((_, name), (source, node))| (name.clone(), *source, *node)).collect();
        types.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, source, node) in types {
            if self.schema.by_name.contains_key(&name) {
                continue;
            }
            let id = self.schema.add(Type { name: Some(name), ..Type::default() });
            self.states.insert(id, (State::Waiting, source, node));
        }
    }

    fn component(&self, kind: &'static str, name: &Name) -> Result<(Source<'n>, &'n Node)> {
        let found = self.components.get(&(kind, name.clone())).copied();
        found.ok_or_else(|| DescriptionError::Unresolved { what: kind, name: name.spelled() })
    }

    /// The place of the type that an attribute names.
    fn type_named(&mut self, node: &Node, text: &str) -> Result<TypeId> {
        let found = self.declared_type(node, text);
        Ok(self.unresolved.forgive(found)?.unwrap_or(self.schema.any_type))
    }

    fn declared_type(&self, node: &Node, text: &str) -> Result<TypeId> {
        let name = node.resolve(text);
        let unresolved = || DescriptionError::Unresolved {
            what: "type",
            name: name.as_ref().map_or_else(|| text.to_owned(), Name::spelled),
        };
        let id = name.as_ref().and_then(|name| self.schema.by_name.get(name)).copied();
        id.ok_or_else(unresolved)
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(DescriptionError::TooLarge) } else { Ok(()) }
    }

    fn count(&mut self, parts: usize) -> Result<()> {
        self.schema.count(parts)
    }

    /// The type, built if it was not yet.
    fn built(&mut self, id: TypeId) -> Result<&Type> {
        if let Some((state, source, node)) = self.states.get(&id).copied() {
            match state {
                State::Done => {}
                State::Underway => {
                    let name = self.schema.types[id].name.as_ref().map(Name::spelled).unwrap_or_default();
                    return Err(DescriptionError::Circular { name });
                }
                State::Waiting => {
                    self.states.insert(id, (State::Underway, source, node));
                    self.define(id, source, node)?;
                    self.states.insert(id, (State::Done, source, node));
                }
            }
        }
        Ok(&self.schema.types[id])
    }

    /// Fills in a type from its declaration.
    fn define(&mut self, id: TypeId, source: Source<'n>, node: &'n Node) -> Result<()> {
        self.enter()?;
        let name = self.schema.types[id].name.clone();
        let mut described = Type { name, is_abstract: is_true(node, "abstract"), ..Type::default() };
        if &*node.name.local == "simpleType" {
            described.text = Some(self.simple(node)?);
            described.base = self.base(node)?;
        } else {
            if is_true(node, "mixed") {
                described.text = Some(Simple::default());
            }
            self.complex(source, node, &mut described)?;
        }
        self.count(described.fields.len() + described.attributes.len() + 1)?;
        self.schema.types[id] = described;
        self.depth -= 1;
        Ok(())
    }

    /// The type that a simple type restricts.
    fn base(&mut self, node: &Node) -> Result<Option<TypeId>> {
        let base = node.named(XSD, "restriction").find_map(|restriction| restriction.attribute("base"));
        base.map(|base| self.type_named(node, base)).transpose()
    }

    fn simple(&mut self, node: &'n Node) -> Result<Simple> {
        self.enter()?;
        let mut simple = Simple::default();
        for part in node.children_of(XSD) {
            match &*part.name.local {
                "restriction" => simple = self.restricted(part)?,
                "list" => simple = Simple { is_list: true, ..self.simple_of(part, "itemType")? },
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(simple)
    }

    fn restricted(&mut self, node: &'n Node) -> Result<Simple> {
        let mut simple = self.simple_of(node, "base")?;
        let values: Vec<_> = node.named(XSD, "enumeration").filter_map(|each| each.attribute("value")).collect();
        if !values.is_empty() {
            simple.values = values.into_iter().map(Into::into).collect();
        }
        Ok(simple)
    }

    /// The simple type that an attribute names or that stands inside.
    fn simple_of(&mut self, node: &'n Node, attribute: &str) -> Result<Simple> {
        if let Some(name) = node.attribute(attribute) {
            let id = self.type_named(node, name)?;
            return Ok(self.built(id)?.text.clone().unwrap_or_default());
        }
        match node.named(XSD, "simpleType").next() {
            Some(inner) => self.simple(inner),
            None => Ok(Simple::default()),
        }
    }

    /// Content and attributes of a complex type, or of an extension or restriction in one.
    fn complex(&mut self, source: Source<'n>, node: &'n Node, described: &mut Type) -> Result<()> {
        for part in node.children_of(XSD) {
            match &*part.name.local {
                "simpleContent" | "complexContent" => {
                    if is_true(part, "mixed") {
                        described.text = Some(Simple::default());
                    }
                    for derived in part.children_of(XSD) {
                        match &*derived.name.local {
                            "extension" => self.derived(source, derived, true, described)?,
                            "restriction" => self.derived(source, derived, false, described)?,
                            _ => {}
                        }
                    }
                }
                "sequence" | "choice" | "all" | "group" => {
                    let particle = self.particle(source, part, described, false)?;
                    described.content.extend(particle);
                }
                "attribute" => self.attribute(source, part, described)?,
                "attributeGroup" => self.attribute_group(part, described)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn derived(&mut self, source: Source<'n>, node: &'n Node, is_extension: bool, described: &mut Type) -> Result<()> {
        let name = node.attribute("base").unwrap_or_default();
        let id = self.type_named(node, name)?;
        described.base = Some(id);
        let is_any = id == self.schema.any_type;
        let base = self.built(id)?.clone();
        described.attributes = base.attributes;
        described.text = described.text.take().or(base.text.filter(|_| !is_any));
        if is_extension && !is_any {
            described.fields = base.fields;
            described.content = base.content;
            described.has_any = base.has_any;
        }
        if !is_extension && node.named(XSD, "enumeration").next().is_some() {
            described.text = Some(self.restricted(node)?);
        }
        self.complex(source, node, described)
    }

    /// A part of the content; none if it may not occur.
    fn particle(
        &mut self,
        source: Source<'n>,
        node: &'n Node,
        described: &mut Type,
        is_repeated: bool,
    ) -> Result<Option<Particle>> {
        let occurs = occurs(node)?;
        if occurs.most == Some(0) {
            return Ok(None);
        }
        let is_repeated = is_repeated || occurs.most != Some(1);
        self.enter()?;
        self.count(1)?;
        let particle = match &*node.name.local {
            "element" => Some(self.field(source, node, described, occurs, is_repeated)?),
            "any" => {
                described.has_any = true;
                Some(Particle::Any)
            }
            "group" => {
                let found = reference(node, "group").and_then(|name| self.component("group", &name));
                match self.unresolved.forgive(found)? {
                    Some((source, group)) => {
                        Some(Particle::Sequence(self.particles(source, group, described, is_repeated)?, occurs))
                    }
                    None => None,
                }
            }
            "choice" => Some(Particle::Choice(self.particles(source, node, described, is_repeated)?, occurs)),
            "sequence" | "all" => {
                Some(Particle::Sequence(self.particles(source, node, described, is_repeated)?, occurs))
            }
            _ => None,
        };
        self.depth -= 1;
        Ok(particle)
    }

    fn particles(
        &mut self,
        source: Source<'n>,
        node: &'n Node,
        described: &mut Type,
        is_repeated: bool,
    ) -> Result<Vec<Particle>> {
        let mut parts = Vec::new();
        for part in node.children_of(XSD) {
            parts.extend(self.particle(source, part, described, is_repeated)?);
        }
        Ok(parts)
    }

    fn field(
        &mut self,
        source: Source<'n>,
        node: &'n Node,
        described: &mut Type,
        occurs: Occurs,
        is_many: bool,
    ) -> Result<Particle> {
        if node.attribute("ref").is_none() {
            let local = node.attribute("name").ok_or(DescriptionError::Invalid("an element without a name"))?;
            let is_qualified = form(node, source.node, "elementFormDefault");
            let name = Name::new(if is_qualified { source.namespace } else { "" }, local);
            let kind = self.type_of(source, node)?;
            let element = Element { name, kind, is_nillable: is_true(node, "nillable"), is_abstract: false };
            return Ok(Particle::Field(self.add_field(described, &element, is_many)?, occurs));
        }
        let head = reference(node, "element").and_then(|name| self.global_element(&name).map(|_| name));
        let Some(head) = self.unresolved.forgive(head)? else {
            described.has_any = true;
            return Ok(Particle::Any);
        };
        let mut branches = Vec::new();
        let mut known = HashSet::from([head.clone()]);
        let mut names = vec![head];
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            let element = self.global_element(&name)?;
            if !element.is_abstract {
                let once = Occurs { least: 1, most: Some(1) };
                branches.push(Particle::Field(self.add_field(described, &element, is_many)?, once));
            }
            let more = self.substitutes.get(&name).map_or(0, Vec::len);
            self.count(more)?;
            let more = self.substitutes.get(&name).into_iter().flatten();
            names.extend(more.filter(|more| known.insert((*more).clone())).cloned());
            at += 1;
        }
        Ok(match branches.as_slice() {
            [Particle::Field(index, _)] => Particle::Field(*index, occurs),
            _ => Particle::Choice(branches, occurs),
        })
    }

    /// Adds a field, or finds the one of the same name.
    fn add_field(&mut self, described: &mut Type, element: &Element, is_many: bool) -> Result<usize> {
        if let Some(index) = described.fields.iter().position(|field| field.name == element.name) {
            described.fields[index].is_many = true;
            return Ok(index);
        }
        if described.fields.len() >= MAX_FIELDS {
            return Err(DescriptionError::TooLarge);
        }
        let Element { name, kind, is_nillable, .. } = element.clone();
        described.fields.push(Field { member: String::new(), name, kind, is_nillable, is_many });
        Ok(described.fields.len() - 1)
    }

    /// The type of an element: named, inside, or any.
    fn type_of(&mut self, source: Source<'n>, node: &'n Node) -> Result<TypeId> {
        if let Some(name) = node.attribute("type") {
            return self.type_named(node, name);
        }
        let inner = node.children_of(XSD).find(|part| matches!(&*part.name.local, "complexType" | "simpleType"));
        let Some(inner) = inner else { return Ok(self.schema.any_type) };
        let id = self.schema.add(Type::default());
        self.define(id, source, inner)?;
        Ok(id)
    }

    fn global_element(&mut self, name: &Name) -> Result<Element> {
        if let Some(known) = self.schema.elements.get(name) {
            return Ok(known.clone());
        }
        let (source, node) = self.component("element", name)?;
        self.enter()?;
        let is_anonymous = node.attribute("type").is_none();
        let inner = node.children_of(XSD).find(|part| matches!(&*part.name.local, "complexType" | "simpleType"));
        let inner = inner.filter(|_| is_anonymous);
        let kind = match (inner, node.attribute("substitutionGroup").filter(|_| is_anonymous)) {
            (Some(_), _) => self.schema.add(Type::default()),
            (None, Some(head)) => {
                let head = self.global_element(&node.resolve(head).unwrap_or_default());
                self.unresolved.forgive(head)?.map_or(self.schema.any_type, |head| head.kind)
            }
            (None, None) => self.type_of(source, node)?,
        };
        let (is_nillable, is_abstract) = (is_true(node, "nillable"), is_true(node, "abstract"));
        let element = Element { name: name.clone(), kind, is_nillable, is_abstract };
        self.schema.elements.insert(name.clone(), element.clone());
        if let Some(inner) = inner {
            self.define(kind, source, inner)?;
        }
        self.depth -= 1;
        Ok(element)
    }

    fn attribute(&mut self, source: Source<'n>, node: &'n Node, described: &mut Type) -> Result<()> {
        let (name, simple) = if node.attribute("ref").is_some() {
            let found = reference(node, "attribute").and_then(|name| match &*name.namespace {
                XML => Ok((name, None)),
                _ => self.component("attribute", &name).map(|(_, declared)| (name, Some(declared))),
            });
            let Some((name, declared)) = self.unresolved.forgive(found)? else { return Ok(()) };
            let simple = declared.map(|declared| self.simple_of(declared, "type")).transpose()?;
            (name, simple.unwrap_or_default())
        } else {
            let local = node.attribute("name").ok_or(DescriptionError::Invalid("an attribute without a name"))?;
            let is_qualified = form(node, source.node, "attributeFormDefault");
            (Name::new(if is_qualified { source.namespace } else { "" }, local), self.simple_of(node, "type")?)
        };
        described.attributes.retain(|known| known.name != name);
        if node.attribute("use") == Some("prohibited") {
            return Ok(());
        }
        if described.attributes.len() >= MAX_ATTRIBUTES {
            return Err(DescriptionError::TooLarge);
        }
        let is_required = node.attribute("use") == Some("required");
        described.attributes.push(Attribute { member: String::new(), name, simple, is_required });
        Ok(())
    }

    fn attribute_group(&mut self, node: &'n Node, described: &mut Type) -> Result<()> {
        let found = reference(node, "attributeGroup").and_then(|name| self.component("attributeGroup", &name));
        let Some((source, group)) = self.unresolved.forgive(found)? else { return Ok(()) };
        self.enter()?;
        self.count(1)?;
        for part in group.children_of(XSD) {
            match &*part.name.local {
                "attribute" => self.attribute(source, part, described)?,
                "attributeGroup" => self.attribute_group(part, described)?,
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(())
    }
}

fn is_true(node: &Node, attribute: &str) -> bool {
    matches!(node.attribute(attribute).map(str::trim), Some("true" | "1"))
}

/// Whether a local name is qualified.
fn form(node: &Node, schema: &Node, default: &str) -> bool {
    node.attribute("form").or_else(|| schema.attribute(default)) == Some("qualified")
}

fn reference(node: &Node, what: &'static str) -> Result<Name> {
    let text = node.attribute("ref").unwrap_or_default();
    let name = node.resolve(text).filter(|name| !name.local.is_empty());
    name.ok_or_else(|| DescriptionError::Unresolved { what, name: text.to_owned() })
}

fn occurs(node: &Node) -> Result<Occurs> {
    let invalid = |_| DescriptionError::Invalid("a number of occurrences");
    let least = node.attribute("minOccurs").map_or(Ok(1), |least| least.trim().parse()).map_err(invalid)?;
    let most = match node.attribute("maxOccurs").map(str::trim) {
        Some("unbounded") => None,
        Some(most) => Some(most.parse().map_err(invalid)?),
        None => Some(1),
    };
    Ok(Occurs { least, most })
}
