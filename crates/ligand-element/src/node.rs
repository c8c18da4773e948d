//! A parsed document whose every value knows its place, whatever syntax it came from: YAML of an element's
//! folder (the parts of YAML that JSON has, so no anchors, aliases or tags) or a JSON body, which has no places.

#[cfg(test)]
mod tests;
mod yaml;

use serde_json::{Map, Number, Value};

use crate::problem::Problems;

/// How deep values may nest.
pub(crate) const MAX_DEPTH: usize = 64;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Line, from 1; 0 when unknown.
    pub line: usize,
    /// Column, from 1; 0 when unknown.
    pub column: usize,
}

/// A member of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

impl Node {
    /// Reads YAML, for instance the tests of an element's folder.
    ///
    /// # Errors
    /// Each problem with its place.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, Vec<crate::Problem>> {
        Self::by_rules(file, text, &yaml::OWN)
    }

    /// Reads YAML that was written for other programs: larger than our own may be, with anchors, aliases and merge keys.
    ///
    /// # Errors
    /// Each problem with its place.
    pub fn from_foreign_yaml(file: &str, text: &str) -> Result<Self, Vec<crate::Problem>> {
        Self::by_rules(file, text, &yaml::FOREIGN)
    }

    fn by_rules(file: &str, text: &str, rules: &yaml::Rules) -> Result<Self, Vec<crate::Problem>> {
        let problems = Problems::new(file);
        let node = yaml::parse(text, &problems, rules);
        match node {
            Some(node) if problems.is_empty() => Ok(node),
            _ => Err(problems.finish()),
        }
    }

    pub(crate) fn read(text: &str, problems: &Problems) -> Option<Self> {
        yaml::parse(text, problems, &yaml::OWN)
    }

    /// The same from plain JSON, which has no places.
    pub(crate) fn from_value(value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(flag) => Content::Flag(*flag),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(Self::from_value).collect()),
            Value::Object(members) => Content::Map(Self::members_of(members)),
        };
        Self { place: Place::default(), content }
    }

    /// The same from the members of a JSON object.
    pub(crate) fn from_members(members: &Map<String, Value>) -> Self {
        Self { place: Place::default(), content: Content::Map(Self::members_of(members)) }
    }

    fn members_of(members: &Map<String, Value>) -> Vec<Member> {
        let member = |(name, value): (&String, &Value)| Member {
            name: name.clone(),
            place: Place::default(),
            node: Self::from_value(value),
        };
        members.iter().map(member).collect()
    }

    /// The same as plain JSON, places forgotten.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Flag(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Map(members) => {
                let pairs = members.iter().map(|member| (member.name.clone(), member.node.to_value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// The kind of value, in words for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Flag(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }

    /// The place of what a dotted path such as `resources[0].path` names, or of the nearest thing around it.
    pub(crate) fn place_at(&self, path: &str) -> Place {
        let mut node = self;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            let inner = match (&node.content, step.strip_suffix(']')) {
                (Content::List(items), Some(index)) => index.parse().ok().and_then(|index: usize| items.get(index)),
                (Content::Map(members), None) => {
                    members.iter().find(|member| member.name == step).map(|member| &member.node)
                }
                _ => None,
            };
            match inner {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node.place
    }

    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.content {
            Content::Map(members) => Some(members),
            _ => None,
        }
    }
}
