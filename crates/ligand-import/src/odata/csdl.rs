//! `$metadata` of OData V1 to V4 as what importers need of it: sets, types with all that they inherit, keys.

use std::collections::{HashMap, HashSet};

use ligand_soap::document::{self, Node};

use crate::{Document, ImportError, documents::MAX_BYTES};

/// Most types that are inherited from.
const MAX_BASES: usize = 64;
/// Most properties of one type.
const MAX_PROPERTIES: usize = 2_000;
/// Most documents.
const MAX_DOCUMENTS: usize = 50;

/// Which of the protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V2,
    V3,
    V4,
}

/// All schemas together.
#[derive(Debug)]
pub(super) struct Model<'x> {
    pub(super) version: Version,
    schemas: Vec<Schema<'x>>,
    /// Entity types, complex types, enumerations and type definitions by whole name.
    types: HashMap<String, &'x Node>,
    /// Names of schemas by alias.
    aliases: HashMap<&'x str, &'x str>,
    /// What is said about something elsewhere.
    annotations: HashMap<String, Vec<&'x Node>>,
}

#[derive(Debug)]
struct Schema<'x> {
    namespace: &'x str,
    node: &'x Node,
}

/// A set of entities.
#[derive(Debug, Clone)]
pub(super) struct Set<'x> {
    pub(super) name: &'x str,
    pub(super) kind: String,
    node: &'x Node,
    target: String,
}

/// A property of a type.
#[derive(Debug, Clone)]
pub(super) struct Property<'x> {
    pub(super) name: &'x str,
    /// Its type without `Collection(…)`.
    pub(super) kind: &'x str,
    pub(super) is_many: bool,
    pub(super) is_required: bool,
    pub(super) node: &'x Node,
}

/// A type with all that it inherits, the outermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Entity<'x> {
    pub(super) properties: Vec<Property<'x>>,
    /// Names of navigation properties to many, with the types that they lead to.
    pub(super) children: Vec<(&'x str, String)>,
    pub(super) key: Vec<Property<'x>>,
    pub(super) has_stream: bool,
    pub(super) is_open: bool,
}

/// Parses the documents.
pub(super) fn parse(documents: &[Document]) -> Result<Vec<Node>, ImportError> {
    if documents.len() > MAX_DOCUMENTS
        || documents.iter().map(|document| document.text.len()).sum::<usize>() > MAX_BYTES
    {
        return Err(ImportError::TooLarge("The documents are too large or too many".to_owned()));
    }
    let parsed = documents.iter().map(|document| {
        let root = document::parse(&document.text).ok();
        let root = root.filter(|root| matches!(&*root.name.local, "Edmx" | "Schema"));
        root.ok_or_else(|| {
            let name = if document.name.is_empty() { "The document" } else { &document.name };
            ImportError::Unreadable(format!("{name} is not OData metadata in XML"))
        })
    });
    parsed.collect()
}

/// The children of a local name; each version of the protocol has namespaces of its own.
fn named<'x>(node: &'x Node, local: &'static str) -> impl Iterator<Item = &'x Node> {
    node.children.iter().filter(move |child| &*child.name.local == local)
}

/// An attribute of a local name, whatever its namespace.
pub(super) fn attribute<'x>(node: &'x Node, local: &str) -> Option<&'x str> {
    node.attributes.iter().find(|(name, _)| &*name.local == local).map(|(_, value)| value.as_str())
}

impl<'x> Model<'x> {
    pub(super) fn of(roots: &'x [Node]) -> Self {
        let mut schemas = Vec::new();
        for root in roots {
            let inside = named(root, "DataServices").flat_map(|services| named(services, "Schema"));
            let itself = Some(root).filter(|root| &*root.name.local == "Schema");
            for node in itself.into_iter().chain(inside) {
                schemas.push(Schema { namespace: node.attribute("Namespace").unwrap_or_default(), node });
            }
        }
        let mut model = Self {
            version: version(roots, &schemas),
            types: HashMap::new(),
            aliases: HashMap::new(),
            annotations: HashMap::new(),
            schemas,
        };
        for index in 0..model.schemas.len() {
            let Schema { namespace, node } = model.schemas[index];
            if let Some(alias) = node.attribute("Alias") {
                model.aliases.insert(alias, namespace);
            }
            for child in &node.children {
                let name = child.attribute("Name").unwrap_or_default();
                if matches!(&*child.name.local, "EntityType" | "ComplexType" | "EnumType" | "TypeDefinition") {
                    model.types.entry(format!("{namespace}.{name}")).or_insert(child);
                }
            }
        }
        for index in 0..model.schemas.len() {
            for node in named(model.schemas[index].node, "Annotations") {
                let target = model.whole(node.attribute("Target").unwrap_or_default());
                model.annotations.entry(target).or_default().push(node);
            }
        }
        model
    }

    /// The namespace that says most about what this is.
    pub(super) fn namespace(&self) -> &'x str {
        let has = |schema: &&Schema<'x>, local: &'static str| named(schema.node, local).next().is_some();
        let found = self.schemas.iter().find(|schema| has(schema, "EntityType"));
        let found = found.or_else(|| self.schemas.iter().find(|schema| has(schema, "EntityContainer")));
        found.or_else(|| self.schemas.first()).map_or("", |schema| schema.namespace)
    }

    /// A name with its namespace instead of an alias.
    pub(super) fn whole(&self, name: &str) -> String {
        match name.split_once('.').and_then(|(alias, rest)| Some((self.aliases.get(alias)?, rest))) {
            Some((namespace, rest)) => format!("{namespace}.{rest}"),
            None => name.to_owned(),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&'x Node> {
        self.types.get(&self.whole(name)).copied()
    }

    /// The containers' children of a kind, with the whole name of their container.
    fn contained(&self, local: &'static str) -> Vec<(String, &'x Node)> {
        let containers = self.schemas.iter().flat_map(|schema| {
            let name = |node: &Node| format!("{}.{}", schema.namespace, node.attribute("Name").unwrap_or_default());
            named(schema.node, "EntityContainer").map(move |node| (name(node), node))
        });
        let containers: Vec<(String, &'x Node)> = containers.collect();
        let main = containers.iter().find(|(_, node)| attribute(node, "IsDefaultEntityContainer") == Some("true"));
        // A service has one container; what others extend or import comes along.
        let main: Vec<_> = match main {
            Some(main) if containers.len() > 1 => vec![main.clone()],
            _ => containers,
        };
        main.into_iter().flat_map(|(name, node)| named(node, local).map(move |child| (name.clone(), child))).collect()
    }

    /// The entity sets, or singletons, each name once.
    pub(super) fn sets(&self, is_single: bool) -> Vec<Set<'x>> {
        let (local, kind) = if is_single { ("Singleton", "Type") } else { ("EntitySet", "EntityType") };
        let mut seen = HashSet::new();
        let sets = self.contained(local).into_iter().filter_map(|(container, node)| {
            let name = node.attribute("Name").filter(|name| is_identifier(name) && seen.insert(*name))?;
            let kind = self.whole(node.attribute(kind)?);
            Some(Set { name, kind, node, target: format!("{container}/{name}") })
        });
        sets.collect()
    }

    /// How many operations there are besides sets.
    pub(super) fn operations(&self) -> usize {
        let imports = ["FunctionImport", "ActionImport"].into_iter().map(|local| self.contained(local).len());
        let bound = |schema: &Schema<'x>| {
            let all = ["Function", "Action"].into_iter().flat_map(|local| named(schema.node, local));
            all.filter(|node| node.attribute("IsBound") == Some("true")).count()
        };
        imports.sum::<usize>() + self.schemas.iter().map(bound).sum::<usize>()
    }

    /// What annotations say a set may do; true unless they refuse it. `word` is as in `Insertable`, `sap` the older
    /// attribute for it.
    pub(super) fn allows(&self, set: &Set<'x>, word: &str, sap: &str) -> bool {
        if attribute(set.node, sap) == Some("false") {
            return false;
        }
        let outside =
            self.annotations.get(&set.target).into_iter().flatten().flat_map(|node| named(node, "Annotation"));
        let all = named(set.node, "Annotation").chain(outside);
        let values = all.flat_map(|node| named(node, "Record")).flat_map(|record| named(record, "PropertyValue"));
        let mut values = values.filter(|value| value.attribute("Property") == Some(word));
        !values.any(|value| {
            let inner = named(value, "Bool").next().map(|flag| flag.text.trim());
            value.attribute("Bool").or(inner) == Some("false")
        })
    }

    /// A type with all that it inherits; `None` where there is none.
    pub(super) fn entity(&self, name: &str) -> Option<Entity<'x>> {
        let mut bases = Vec::new();
        let mut next = Some(self.whole(name));
        let mut seen = HashSet::new();
        while let Some(name) = next.filter(|name| bases.len() < MAX_BASES && seen.insert(name.clone())) {
            let Some(node) = self.types.get(&name).copied() else { break };
            bases.push(node);
            next = node.attribute("BaseType").map(|base| self.whole(base));
        }
        if bases.is_empty() {
            return None;
        }
        let mut entity = Entity::default();
        for node in bases.into_iter().rev() {
            entity.has_stream |= attribute(node, "HasStream") == Some("true");
            entity.is_open |= attribute(node, "OpenType") == Some("true");
            for property in named(node, "Property").filter_map(property) {
                if entity.properties.len() < MAX_PROPERTIES
                    && entity.properties.iter().all(|known| known.name != property.name)
                {
                    entity.properties.push(property);
                }
            }
            for child in named(node, "NavigationProperty") {
                entity.children.extend(self.child(child));
            }
            let keys = named(node, "Key").flat_map(|key| named(key, "PropertyRef"));
            let keys: Vec<Property<'x>> = keys
                .filter_map(|key| {
                    let name = key.attribute("Name")?;
                    entity.properties.iter().find(|property| property.name == name).cloned()
                })
                .collect();
            if !keys.is_empty() {
                entity.key = keys;
            }
        }
        Some(entity)
    }

    /// A navigation property to many, with the type that it leads to.
    fn child(&self, node: &'x Node) -> Option<(&'x str, String)> {
        let name = node.attribute("Name").filter(|name| is_identifier(name))?;
        if let Some(kind) = node.attribute("Type") {
            let inner = kind.strip_prefix("Collection(")?.strip_suffix(')')?;
            return Some((name, self.whole(inner)));
        }
        let association = self.whole(node.attribute("Relationship")?);
        let (namespace, association) = association.rsplit_once('.')?;
        let schema = self.schemas.iter().find(|schema| {
            schema.namespace == namespace
                && named(schema.node, "Association").any(|node| node.attribute("Name") == Some(association))
        })?;
        let association = named(schema.node, "Association").find(|node| node.attribute("Name") == Some(association))?;
        let role = node.attribute("ToRole")?;
        let end = named(association, "End").find(|end| end.attribute("Role") == Some(role))?;
        (end.attribute("Multiplicity") == Some("*")).then(|| Some((name, self.whole(end.attribute("Type")?))))?
    }

    /// The name of an enumeration's members; `None` for other types.
    pub(super) fn members_of(&self, name: &str) -> Option<Vec<&'x str>> {
        let node = self.find(name).filter(|node| &*node.name.local == "EnumType")?;
        Some(named(node, "Member").filter_map(|member| member.attribute("Name")).take(100).collect())
    }

    /// What a type definition stands for, else the type itself.
    pub(super) fn underlying<'n>(&self, name: &'n str) -> &'n str
    where
        'x: 'n,
    {
        let node = self.find(name).filter(|node| &*node.name.local == "TypeDefinition");
        node.and_then(|node| node.attribute("UnderlyingType")).unwrap_or(name)
    }

    /// Whether a type is a complex one.
    pub(super) fn is_complex(&self, name: &str) -> bool {
        self.find(name).is_some_and(|node| &*node.name.local == "ComplexType")
    }

    /// Whether there is a type of this whole name.
    pub(super) fn has_type(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }
}

fn property(node: &Node) -> Option<Property<'_>> {
    let name = node.attribute("Name").filter(|name| is_identifier(name))?;
    let kind = node.attribute("Type").unwrap_or("Edm.String");
    let inner = kind.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
    Some(Property {
        name,
        kind: inner.unwrap_or(kind),
        is_many: inner.is_some(),
        is_required: node.attribute("Nullable") == Some("false"),
        node,
    })
}

/// Whether a name can stand in an address as it is.
fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && name.chars().all(|each| each.is_alphanumeric() || each == '_')
}

fn version(roots: &[Node], schemas: &[Schema<'_>]) -> Version {
    let is_v4 = |node: &Node| node.name.namespace.contains("oasis-open");
    if roots.iter().any(is_v4) || schemas.iter().any(|schema| is_v4(schema.node)) {
        return Version::V4;
    }
    let services = roots.iter().flat_map(|root| named(root, "DataServices"));
    let stated = services
        .filter_map(|node| attribute(node, "MaxDataServiceVersion").or_else(|| attribute(node, "DataServiceVersion")));
    let is_v3 = stated.into_iter().any(|version| version.starts_with('3'));
    if is_v3 { Version::V3 } else { Version::V2 }
}
