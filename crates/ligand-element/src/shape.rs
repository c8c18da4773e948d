//! What a caller gets of a record: the members that `fields` names, without those that are null.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

/// The members to keep, as `fields` names them; unknown names do no harm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// Whole member names, dots included, for members that are called so.
    names: Vec<String>,
    tree: Tree,
}

/// Members and what to keep of each; an empty tree keeps everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tree(BTreeMap<String, Tree>);

/// How much of a value is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep<'k> {
    All,
    /// Of a record, the members that are asked for.
    Record(&'k Projection),
    /// Of a member that is asked for in parts, these.
    Parts(&'k Tree),
}

impl<'k> Keep<'k> {
    /// How much of a member is kept; `None` when it goes.
    pub(crate) fn of(self, name: &str) -> Option<Self> {
        let tree = match self {
            Self::All => return Some(Self::All),
            Self::Record(projection) if projection.is_whole(name) => return Some(Self::All),
            Self::Record(projection) => &projection.tree,
            Self::Parts(tree) => tree,
        };
        tree.0.get(name).map(|inner| if inner.0.is_empty() { Self::All } else { Self::Parts(inner) })
    }
}

/// How deep names are followed.
const MAX_STEPS: usize = 64;

impl Projection {
    /// Reads a comma list of dotted names, blanks around commas ignored. `None` when it names nothing or everything.
    #[must_use]
    pub fn parse(fields: &str) -> Option<Self> {
        let names: Vec<String> =
            fields.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.is_empty() || names.iter().any(|name| name == "*") {
            return None;
        }
        let mut tree = Tree::default();
        for name in &names {
            let steps = name.split('.').map(|step| step.split('[').next().unwrap_or_default());
            let steps: Vec<&str> = steps.filter(|step| !step.is_empty()).take(MAX_STEPS).collect();
            tree.insert(&steps);
        }
        Some(Self { names, tree })
    }

    /// The names as a comma list.
    #[must_use]
    pub fn list(&self) -> String {
        self.names.join(",")
    }

    /// Leaves of the record, or of each record of a list, these members only.
    pub fn apply(&self, body: &mut Value) {
        match body {
            Value::Array(records) => records.iter_mut().for_each(|record| self.apply(record)),
            Value::Object(record) => record.retain(|name, value| self.is_whole(name) || self.tree.keeps(name, value)),
            _ => {}
        }
    }

    /// Whether a member with dots in its name is asked for by that name.
    fn is_whole(&self, name: &str) -> bool {
        name.contains('.') && self.names.iter().any(|wanted| wanted == name)
    }
}

impl Tree {
    fn insert(&mut self, steps: &[&str]) {
        let Some((first, rest)) = steps.split_first() else { return };
        let is_new = !self.0.contains_key(*first);
        let inner = self.0.entry((*first).to_owned()).or_default();
        // A member that is wanted whole stays whole, whatever else is asked of it.
        let is_whole = !is_new && inner.0.is_empty();
        if rest.is_empty() {
            inner.0.clear();
        } else if !is_whole {
            inner.insert(rest);
        }
    }

    /// Whether a member stays; of one that is asked for in parts, only these are left.
    fn keeps(&self, name: &str, value: &mut Value) -> bool {
        let Some(inner) = self.0.get(name) else { return false };
        if !inner.0.is_empty() {
            inner.prune(value);
        }
        true
    }

    fn prune(&self, value: &mut Value) {
        match value {
            Value::Object(members) => members.retain(|name, value| self.keeps(name, value)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.prune(item)),
            _ => {}
        }
    }
}

/// Removes members that are null, at every depth; nulls in lists stay.
pub(crate) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
