//! By which fields a vendor can filter, as an object's `searchable` and `searchConfiguration` say.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ligand_ceql::{Condition, Field};
use serde_json::{Map, Value};

use crate::{Element, Resource, route};

/// What a vendor's filter may name; everything, unless the definition says otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Searchable<'a> {
    fields: Option<&'a Vec<Value>>,
    operators: Option<&'a Vec<Value>>,
    aliases: Option<&'a Map<String, Value>>,
    refuses_all: bool,
}

impl<'a> Searchable<'a> {
    /// By the object of the resource, else by the element's object of the name that the path of a call begins with.
    pub(crate) fn of(element: &'a Element, resource: &'a Resource, path: &'a BTreeMap<String, String>) -> Self {
        let first = route::segments_of(resource).next();
        let name = match first.and_then(route::variable_name) {
            Some(variable) => path.get(variable).map(String::as_str),
            None => first,
        };
        let named = |object: &&Value| object.get("name").and_then(Value::as_str) == name;
        let objects = element.described.get("objects").and_then(Value::as_array);
        let of_element = || objects?.iter().find(named);
        let Some(object) = resource.object.as_ref().or_else(of_element) else { return Self::default() };
        let list = |member: &str| object.get("searchConfiguration")?.get(member)?.as_array();
        Self {
            fields: list("fields").filter(|fields| !fields.is_empty()),
            operators: list("operators").filter(|operators| !operators.is_empty()),
            aliases: object.get("searchConfiguration").and_then(|search| search.get("aliases")?.as_object()),
            refuses_all: object.get("searchable").and_then(Value::as_bool) == Some(false),
        }
    }

    /// Whether the definition says which fields a filter may name.
    pub(crate) fn names_fields(&self) -> bool {
        self.fields.is_some() || self.refuses_all
    }

    /// Whether the vendor can filter by this condition.
    pub(crate) fn allows(&self, condition: &Condition) -> bool {
        let fields = || condition.fields().all(|field| self.knows(field));
        !self.refuses_all && self.joins(condition) && fields()
    }

    /// The field that a caller's name means: itself, or the one that it is another name of.
    pub(crate) fn meant(&self, field: &Field) -> Field {
        let other = self.aliases.and_then(|aliases| aliases.get(field.as_str())?.as_str()).and_then(Field::new);
        other.unwrap_or_else(|| field.clone())
    }

    /// Whether the vendor knows a field, by its name or as one below a name that ends in `.*`.
    pub(crate) fn knows(&self, field: &Field) -> bool {
        let means = |listed: &str| match listed.strip_suffix('*').filter(|above| above.ends_with('.')) {
            Some(above) => field.as_str().starts_with(above),
            None => listed == field.as_str(),
        };
        self.fields.is_none_or(|list| list.iter().filter_map(Value::as_str).any(means))
    }

    /// Whether the connectives inside are among the stated operators. The parts of the topmost AND come one by one.
    fn joins(&self, condition: &Condition) -> bool {
        let Some(operators) = self.operators else { return true };
        let has =
            |word: &str| operators.iter().filter_map(Value::as_str).any(|operator| operator.eq_ignore_ascii_case(word));
        match condition {
            Condition::And(parts) => has("and") && parts.iter().all(|part| self.joins(part)),
            Condition::Or(parts) => has("or") && parts.iter().all(|part| self.joins(part)),
            Condition::Not(part) => self.joins(part),
            _ => true,
        }
    }
}
