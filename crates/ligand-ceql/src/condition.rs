//! What a condition is, and how it is taken apart.

use serde_json::Value as Json;

use crate::field::Field;
use crate::value::Value;

#[cfg(test)]
mod tests;

/// A condition on a record. `And` and `Or` have at least two parts and, as [`Condition::all`],
/// [`Condition::any`] and the parser make them, no part of their own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Every part holds.
    And(Vec<Condition>),
    /// Some part holds.
    Or(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// `field = value` and its siblings.
    Compare {
        /// What is compared.
        field: Field,
        /// How.
        operator: Operator,
        /// With what.
        value: Value,
    },
    /// `field [NOT] LIKE pattern`, where `%` stands for any run of characters.
    Like {
        /// What is matched.
        field: Field,
        /// The text with its `%`.
        pattern: Value,
        /// `NOT LIKE`.
        negated: bool,
    },
    /// `field [NOT] IN (values)`, at least one value.
    In {
        /// What is looked for.
        field: Field,
        /// Among what.
        values: Vec<Value>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `field IS [NOT] NULL`.
    IsNull {
        /// What is missing.
        field: Field,
        /// `IS NOT NULL`.
        negated: bool,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// One entry of the list that hooks see as `request_expression`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The field.
    pub attribute: String,
    /// The sign, or `LIKE`, `IN`, `IS NULL`, each also with `NOT`.
    pub operator: &'static str,
    /// The text of the value, a list of texts for `IN`, null for `IS NULL` and the word `null`.
    pub value: Json,
}

impl Operator {
    /// The sign, in canonical spelling.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Condition {
    /// All of these together; `None` if there are none.
    pub fn all(parts: impl IntoIterator<Item = Condition>) -> Option<Self> {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::And(inner) => inner,
            other => vec![other],
        });
        joined(flat.collect(), Self::And)
    }

    /// At least one of these; `None` if there are none.
    pub fn any(parts: impl IntoIterator<Item = Condition>) -> Option<Self> {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Or(inner) => inner,
            other => vec![other],
        });
        joined(flat.collect(), Self::Or)
    }

    /// The parts that are joined by AND at the top; a condition without AND is its only part.
    #[must_use]
    pub fn conjuncts(&self) -> &[Condition] {
        match self {
            Self::And(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// The comparisons inside, in source order.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Condition> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(part) => part.leaves(),
            leaf => vec![leaf],
        }
    }

    /// The fields it asks about, in source order, repeated as written.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.leaves().into_iter().filter_map(Self::field)
    }

    /// The field of a comparison; `None` for AND, OR and NOT.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        match self {
            Self::And(_) | Self::Or(_) | Self::Not(_) => None,
            Self::Compare { field, .. }
            | Self::Like { field, .. }
            | Self::In { field, .. }
            | Self::IsNull { field, .. } => Some(field),
        }
    }

    /// The same condition with other field names.
    #[must_use]
    pub fn rename(mut self, name: &mut impl FnMut(&Field) -> Field) -> Self {
        self.rename_in_place(name);
        self
    }

    fn rename_in_place(&mut self, name: &mut impl FnMut(&Field) -> Field) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.rename_in_place(name)),
            Self::Not(part) => part.rename_in_place(name),
            Self::Compare { field, .. }
            | Self::Like { field, .. }
            | Self::In { field, .. }
            | Self::IsNull { field, .. } => *field = name(field),
        }
    }

    /// The same condition with other values.
    #[must_use]
    pub fn fill(mut self, value: &impl Fn(&Value) -> Value) -> Self {
        self.fill_in_place(value);
        self
    }

    fn fill_in_place(&mut self, filled: &impl Fn(&Value) -> Value) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.fill_in_place(filled)),
            Self::Not(part) => part.fill_in_place(filled),
            Self::Compare { value, .. } | Self::Like { pattern: value, .. } => *value = filled(value),
            Self::In { values, .. } => values.iter_mut().for_each(|value| *value = filled(value)),
            Self::IsNull { .. } => {}
        }
    }

    /// The comparisons of a condition made of AND alone, in source order; `None` with OR or NOT.
    #[must_use]
    pub fn comparisons(&self) -> Option<Vec<Comparison>> {
        self.conjuncts().iter().map(Self::comparison).collect()
    }

    fn comparison(&self) -> Option<Comparison> {
        let (operator, value) = match self {
            Self::And(_) | Self::Or(_) | Self::Not(_) => return None,
            Self::Compare { operator, value, .. } => (operator.sign(), json(value)),
            Self::Like { pattern, negated, .. } => (if *negated { "NOT LIKE" } else { "LIKE" }, json(pattern)),
            Self::In { values, negated, .. } => {
                (if *negated { "NOT IN" } else { "IN" }, values.iter().map(json).collect())
            }
            Self::IsNull { negated, .. } => (if *negated { "IS NOT NULL" } else { "IS NULL" }, Json::Null),
        };
        Some(Comparison { attribute: self.field()?.as_str().to_owned(), operator, value })
    }

    /// Divides the work with a vendor: what it `can` filter by, and what is left to evaluate here.
    /// `can` sees the parts joined by AND at the top, each whole; a record satisfies the condition
    /// exactly if it satisfies both halves.
    #[must_use]
    pub fn split(&self, can: impl Fn(&Condition) -> bool) -> (Option<Condition>, Option<Condition>) {
        let (vendor, rest): (Vec<_>, Vec<_>) = self.conjuncts().iter().cloned().partition(can);
        (Self::all(vendor), Self::all(rest))
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    if parts.len() > 1 { Some(join(parts)) } else { parts.pop() }
}

fn json(value: &Value) -> Json {
    if value.is_null() { Json::Null } else { Json::from(value.text()) }
}
