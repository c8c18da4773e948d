//! Header elements that operations declare: their values are configuration of instances.

use ligand_soap::{Description, Operation, Shape, TypeRef};
use serde_json::{Map, Value};

use crate::{definition::entry, remarks::Remarks};

/// Most header elements.
const MAX_HEADERS: usize = 50;
/// What is in names of values that are secret.
const SECRETS: [&str; 6] = ["pass", "secret", "token", "session", "apikey", "credential"];

/// The header elements, as JSON that asks for configuration, and the entries that it asks for.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    pub(crate) json: Map<String, Value>,
    pub(crate) entries: Vec<Value>,
}

impl Headers {
    /// The headers of the operations that are taken.
    pub(crate) fn of(description: &Description, operations: &[&Operation], remarks: &mut Remarks) -> Self {
        let mut headers = Self::default();
        for operation in operations {
            for local in operation.headers() {
                let member = Description::member_of(local);
                // The security header is what the authentication writes.
                if local == "Security" || headers.json.contains_key(&member) || headers.json.len() >= MAX_HEADERS {
                    continue;
                }
                let Some(kind) = description.header(operation, local) else { continue };
                match headers.value(description, local, kind) {
                    Some(value) => _ = headers.json.insert(member, value),
                    None => remarks.add(local, "left out: the header has more than single values"),
                }
            }
        }
        headers
    }

    fn value(&mut self, description: &Description, local: &str, kind: TypeRef) -> Option<Value> {
        match description.shape(kind) {
            Shape::Simple(..) => Some(self.asked(local)),
            Shape::Object(members) => {
                let mut json = Map::new();
                for (member, kind) in members {
                    let is_single = !member.is_many && member.kind != "list" && !member.element.is_empty();
                    let is_simple = member.is_attribute || matches!(description.shape(kind), Shape::Simple(..));
                    if is_single && is_simple {
                        json.insert(member.name.clone(), self.asked(&format!("{local}.{}", member.element)));
                    } else if member.is_required {
                        return None;
                    }
                }
                (!json.is_empty()).then_some(Value::Object(json))
            }
            Shape::List(_) | Shape::Any => None,
        }
    }

    /// A text that stands for the value of an entry.
    fn asked(&mut self, key: &str) -> Value {
        let lower = key.to_ascii_lowercase();
        let is_secret = SECRETS.iter().any(|word| lower.contains(word));
        let kind = if is_secret { "PASSWORD" } else { "TEXTFIELD_256" };
        self.entries.push(Value::Object(entry(key, key, kind, false)));
        Value::from(format!("${{configuration.{key}}}"))
    }
}
