//! JSON and YAML documents that refer to each other and to parts of themselves.

use ligand_element::Node;
use serde_json::Value;

use crate::{Document, ImportError};

/// How large all documents together may be, in bytes.
pub(crate) const MAX_BYTES: usize = 32 << 20;

/// Most references that are followed one after the other.
const MAX_HOPS: usize = 32;

/// The documents of an import; every `$ref` in them begins with the number of the document that it means.
#[derive(Debug)]
pub(crate) struct Documents {
    roots: Vec<Value>,
}

impl Documents {
    /// Reads the documents.
    ///
    /// # Errors
    /// The first one that is neither JSON nor YAML, with the place; too much text.
    pub(crate) fn read(documents: &[Document]) -> Result<Self, ImportError> {
        if documents.iter().map(|document| document.text.len()).sum::<usize>() > MAX_BYTES {
            return Err(ImportError::TooLarge(format!("The documents are larger than {MAX_BYTES} bytes")));
        }
        let names: Vec<&str> = documents.iter().map(|document| document.name.as_str()).collect();
        let mut roots = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let mut root = read(document)?;
            address(&mut root, index, &names);
            roots.push(root);
        }
        if roots.is_empty() {
            return Err(ImportError::Empty("There is no document".to_owned()));
        }
        Ok(Self { roots })
    }

    /// The first document.
    pub(crate) fn main(&self) -> &Value {
        &self.roots[0]
    }

    /// What a reference means.
    fn find(&self, reference: &str) -> Option<&Value> {
        let (index, pointer) = reference.split_once('#')?;
        let root = self.roots.get(index.parse::<usize>().ok()?)?;
        let pointer = if pointer.is_empty() || pointer == "/" { String::new() } else { decoded(pointer) };
        root.pointer(&pointer)
    }

    /// The value behind all references, with the last of them; `None` where they lead nowhere or around in a circle.
    pub(crate) fn follow<'a>(&'a self, value: &'a Value) -> Option<(&'a Value, Option<&'a str>)> {
        let (mut value, mut last) = (value, None);
        for _ in 0..MAX_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some((value, last)) };
            value = self.find(reference)?;
            last = Some(reference);
        }
        None
    }
}

fn read(document: &Document) -> Result<Value, ImportError> {
    let text = document.text.trim_start_matches('\u{feff}');
    let named = |message: String| match document.name.as_str() {
        "" => message,
        name => format!("{}: {message}", name.chars().take(200).collect::<String>()),
    };
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|broken| {
            ImportError::Unreadable(named(format!("not JSON at line {} column {}", broken.line(), broken.column())))
        });
    }
    let node = Node::from_foreign_yaml(&document.name, text);
    node.map(|node| node.to_value()).map_err(|problems| {
        let first = problems.first().map(|problem| {
            let place = format!("line {} column {}", problem.line, problem.column);
            if problem.line > 0 { format!("{} at {place}", problem.message) } else { problem.message.clone() }
        });
        ImportError::Unreadable(named(first.unwrap_or_else(|| "neither JSON nor YAML".to_owned())))
    })
}

/// Puts the number of the document that is meant before every reference.
fn address(value: &mut Value, own: usize, names: &[&str]) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = addressed(reference, own, names);
            }
            members.values_mut().for_each(|member| address(member, own, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| address(item, own, names)),
        _ => {}
    }
}

fn addressed(reference: &str, own: usize, names: &[&str]) -> String {
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    if file.is_empty() {
        return format!("{own}#{pointer}");
    }
    let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let wanted = file.trim_start_matches("./");
    let exact = names.iter().position(|name| *name == wanted);
    match exact.or_else(|| names.iter().position(|name| !name.is_empty() && last(name) == last(wanted))) {
        Some(index) => format!("{index}#{pointer}"),
        None => reference.to_owned(),
    }
}

/// A JSON pointer without percent signs, as addresses have them.
fn decoded(pointer: &str) -> String {
    percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned()
}
