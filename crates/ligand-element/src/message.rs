//! Messages of described operations: JSON with templates in its texts, in which the caller's body may stand, and parts
//! that are there only when a caller asks for them. A message is filled as JSON, so that no value becomes syntax.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::{
    PlanError,
    template::{Lookup, Piece, Template},
};

/// A marker: the members of the caller's body stand here, those beside the marker win.
const BODY: &str = "@body";
/// A marker: the object is left out unless the caller's query parameter of this name is true.
const WHEN: &str = "@when";

/// How deep messages nest at most.
const MAX_DEPTH: usize = 48;

/// A message, compiled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    Text(Template),
    Plain(Value),
    List(Vec<Message>),
    Object { members: Vec<(String, Message)>, takes_body: bool, when: Option<String> },
}

/// What a message is filled with.
pub(crate) struct Filling<'a> {
    pub(crate) lookup: &'a Lookup<'a>,
    pub(crate) body: Option<&'a Value>,
    /// Whether the caller's query parameter of a name is true.
    pub(crate) asks: &'a dyn Fn(&str) -> bool,
}

impl Message {
    /// Compiles a message.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its path inside the message.
    pub(crate) fn compile(value: &Value) -> Result<Self, Vec<(String, String)>> {
        let mut problems = Vec::new();
        let message = compile(value, "", 0, &mut problems);
        if problems.is_empty() { Ok(message) } else { Err(problems) }
    }

    /// Every template in it.
    pub(crate) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::Plain(_) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Object { members, .. } => members.iter().flat_map(|(_, member)| member.templates()).collect(),
        }
    }

    /// Where the caller's body stands, in the form `members[0].inner`; `None` where it does not.
    pub(crate) fn body_path(&self) -> Option<String> {
        match self {
            Self::Text(_) | Self::Plain(_) => None,
            Self::List(items) => items.iter().enumerate().find_map(|(index, item)| {
                let inner = item.body_path()?;
                let separator = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
                Some(format!("[{index}]{separator}{inner}"))
            }),
            Self::Object { takes_body: true, .. } => Some(String::new()),
            Self::Object { members, .. } => members.iter().find_map(|(name, member)| {
                let inner = member.body_path()?;
                let separator = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
                Some(format!("{name}{separator}{inner}"))
            }),
        }
    }

    /// Whether what stands at a path like `members[0].inner` is a variable of these names, whatever the places in lists.
    pub(crate) fn is_variable(&self, path: &str, is_named: &dyn Fn(&str) -> bool) -> bool {
        let path = path.trim_start_matches('.');
        match self {
            Self::List(items) => {
                let inner =
                    path.split_once(']').map_or(path, |(place, rest)| if place.starts_with('[') { rest } else { path });
                items.iter().any(|item| item.is_variable(inner, is_named))
            }
            Self::Object { members, .. } => {
                let end = path.find(['.', '[']).unwrap_or(path.len());
                let (name, inner) = path.split_at(end);
                members.iter().any(|(member, message)| member == name && message.is_variable(inner, is_named))
            }
            Self::Text(template) => {
                path.is_empty() && matches!(template.pieces.as_slice(), [Piece::Token(name)] if is_named(name))
            }
            Self::Plain(_) => false,
        }
    }

    /// The JSON.
    ///
    /// # Errors
    /// A body that is no object where its members have to stand.
    pub(crate) fn fill(&self, filling: &Filling<'_>) -> Result<Value, PlanError> {
        Ok(self.filled(filling)?.unwrap_or_default())
    }

    /// The JSON; `None` where it is left out.
    fn filled(&self, filling: &Filling<'_>) -> Result<Option<Value>, PlanError> {
        Ok(match self {
            // A text that is one token stands for the value itself, and for nothing when there is none.
            Self::Text(template) => match template.pieces.as_slice() {
                [Piece::Token(name)] => (filling.lookup)(name, false).filter(|value| !value.is_null()),
                [Piece::Configuration(key)] => (filling.lookup)(key, true).filter(|value| !value.is_null()),
                _ => Some(Value::from(template.expand(filling.lookup))),
            },
            Self::Plain(value) => Some(value.clone()),
            Self::List(items) => {
                let items: Vec<Option<Value>> =
                    items.iter().map(|item| item.filled(filling)).collect::<Result<_, _>>()?;
                Some(Value::Array(items.into_iter().flatten().collect()))
            }
            Self::Object { when: Some(name), .. } if !(filling.asks)(name) => None,
            Self::Object { members, takes_body, .. } => {
                let mut object = if *takes_body { body(filling.body)? } else { Map::new() };
                for (name, member) in members {
                    if let Some(value) = member.filled(filling)? {
                        object.insert(name.clone(), value);
                    }
                }
                Some(Value::Object(object))
            }
        })
    }
}

fn body(body: Option<&Value>) -> Result<Map<String, Value>, PlanError> {
    match body {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(PlanError::Invalid("The body must be a JSON object".to_owned())),
    }
}

fn compile(value: &Value, path: &str, depth: usize, problems: &mut Vec<(String, String)>) -> Message {
    if depth > MAX_DEPTH {
        problems.push((path.to_owned(), format!("it nests deeper than {MAX_DEPTH}")));
        return Message::Plain(Value::Null);
    }
    match value {
        Value::String(text) => match Template::parse(text) {
            Ok(template) => Message::Text(template),
            Err(message) => {
                problems.push((path.to_owned(), message));
                Message::Plain(Value::Null)
            }
        },
        Value::Array(items) => {
            let item = |(index, item)| compile(item, &format!("{path}[{index}]"), depth + 1, problems);
            Message::List(items.iter().enumerate().map(item).collect())
        }
        Value::Object(object) => {
            let mut members = Vec::new();
            let (mut takes_body, mut when) = (false, None);
            for (name, member) in object {
                let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match (name.as_str(), member) {
                    (BODY, Value::Bool(true)) => takes_body = true,
                    (BODY, _) => problems.push((at, "must be true".to_owned())),
                    (WHEN, Value::String(parameter)) if !parameter.is_empty() => when = Some(parameter.clone()),
                    (WHEN, _) => problems.push((at, "must be the name of a query parameter".to_owned())),
                    _ => members.push((name.clone(), compile(member, &at, depth + 1, problems))),
                }
            }
            Message::Object { members, takes_body, when }
        }
        plain => Message::Plain(plain.clone()),
    }
}
