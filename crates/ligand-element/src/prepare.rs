//! What is settled once for a call before the first vendor request: which part of `where` the vendor filters by and
//! which we, how the list is walked, what is sorted and left out here.

#[cfg(test)]
mod tests;

use ligand_ceql::{Condition, Operator, Order, parse_order_by};
use ligand_domain::Configuration;
use serde_json::Value;

use crate::{
    Element, HookType, Inputs, Method, Parameter, PlanError, Resource, SourceType, VendorType, Walk,
    filter::{self, Converter},
    hooks::hooks_of,
    paging::{Paging, Work},
    plan::effective_parameters,
    searchable::Searchable,
    shape::{Projection, without_nulls},
};

/// A call made ready.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    /// The whole `where`, for hooks.
    pub expression: Option<Condition>,
    /// The part of it that the vendor filters by.
    pub vendor_filter: Option<Condition>,
    /// The part that is evaluated here, by the walk.
    pub local_filter: Option<Condition>,
    /// What the vendor orders by, where a converter says it.
    pub vendor_order: Vec<Order>,
    /// What is ordered here, by the walk.
    pub local_order: Vec<Order>,
    /// The members that the caller asked for.
    pub fields: Option<Projection>,
    /// What the caller must be told, for `Elements-Error`.
    pub warnings: Vec<String>,
    pub(crate) paging: Option<Paging>,
    /// Whether the vendor may refuse the filter for its fields, since nothing says which ones it knows.
    may_filter_here: bool,
    /// Whether all records that satisfy `where` are to be counted here, because the vendor cannot.
    counts: bool,
    /// Whether `fields` is not for the vendor: records are needed whole here, or nothing may be left out.
    pub(crate) keeps_fields: bool,
    pub(crate) removes_nulls: bool,
}

/// Makes a call ready.
///
/// # Errors
/// A `where` that cannot be read or that nothing can filter by, an unknown converter, bad numbers and tokens of paging.
pub fn prepare(
    element: &Element,
    resource: &Resource,
    inputs: &Inputs,
    configuration: &Configuration,
) -> Result<Prepared, PlanError> {
    let mut prepared =
        Prepared { removes_nulls: configuration.get("filter.response.nulls") != Some("false"), ..Prepared::default() };
    if resource.method != Method::Get {
        return Ok(prepared);
    }
    if configuration.get("allow.select.fields") == Some("false") {
        prepared.keeps_fields = true;
    } else {
        prepared.fields = inputs.query_value("fields").and_then(Projection::parse);
    }
    if !resource.is_list() {
        return Ok(prepared);
    }
    let asking = Asking { element, resource };
    asking.condition(inputs, &mut prepared)?;
    asking.order(inputs, &mut prepared);
    asking.deleted(inputs, &mut prepared);
    prepared.counts = inputs.query_value("returnCount").is_some_and(|flag| flag.trim().eq_ignore_ascii_case("true"));
    let work = Work { filters: prepared.local_filter.is_some(), sorts: !prepared.local_order.is_empty() };
    prepared.keeps_fields |= work.filters || work.sorts;
    let paging = Paging::read(element, resource, inputs, configuration, work)?;
    prepared.warnings.extend(paging.warning.clone());
    prepared.paging = Some(paging);
    Ok(prepared)
}

impl Prepared {
    /// The walk over the vendor's pages; `None` for a call that is no list.
    #[must_use]
    pub fn walk(&self) -> Option<Walk> {
        let paging = self.paging.clone()?;
        let walk = Walk::new(paging, self.local_filter.clone(), self.local_order.clone());
        Some(if self.counts && self.local_filter.is_some() { walk.counting() } else { walk })
    }

    /// The same list call with all of `where` evaluated here, when the vendor may have refused its part of it because
    /// it does not know a field.
    ///
    /// # Errors
    /// As of [`prepare`].
    pub fn filtered_here(
        &self,
        element: &Element,
        resource: &Resource,
        inputs: &Inputs,
        configuration: &Configuration,
    ) -> Result<Option<Self>, PlanError> {
        if !self.may_filter_here || self.vendor_filter.is_none() {
            return Ok(None);
        }
        let mut here = self.clone();
        here.vendor_filter = None;
        here.local_filter.clone_from(&self.expression);
        here.may_filter_here = false;
        here.keeps_fields = true;
        let work = Work { filters: true, sorts: !here.local_order.is_empty() };
        here.paging = Some(Paging::read(element, resource, inputs, configuration, work)?);
        Ok(Some(here))
    }

    /// Whether the vendor is told the order that the caller asks for.
    #[must_use]
    pub fn vendor_orders(&self, inputs: &Inputs) -> bool {
        self.local_order.is_empty() && inputs.query_value("orderBy").is_some()
    }

    /// The body as the caller gets it: the members asked for, without nulls unless the configuration keeps them.
    #[must_use]
    pub fn finish(&self, mut body: Value) -> Value {
        if let Some(fields) = &self.fields {
            fields.apply(&mut body);
        }
        if self.removes_nulls {
            without_nulls(&mut body);
        }
        body
    }
}

/// Reads what a call asks of a list.
struct Asking<'a> {
    element: &'a Element,
    resource: &'a Resource,
}

impl Asking<'_> {
    fn parameter(&self, name: &str) -> Option<&Parameter> {
        let named = |parameter: &&Parameter| parameter.kind == SourceType::Query && parameter.name == name;
        effective_parameters(self.element, self.resource).find(named)
    }

    /// Whether a script runs before the vendor call and can see to what a `no-op` parameter asks.
    fn is_scripted(&self) -> bool {
        !hooks_of(self.element, self.resource, HookType::PreRequest).is_empty()
    }

    fn condition(&self, inputs: &Inputs, prepared: &mut Prepared) -> Result<(), PlanError> {
        let Some(condition) = inputs.query_value("where").map(filter::parse).transpose()?.flatten() else {
            return Ok(());
        };
        let searchable = Searchable::of(self.element, self.resource, &inputs.path);
        let condition = condition.rename(&mut |field| searchable.meant(field));
        prepared.expression = Some(condition.clone());
        let (vendor, local) = match self.parameter("where") {
            None => (None, Some(condition)),
            Some(parameter) if parameter.vendor_kind == VendorType::NoOp => {
                (None, Some(condition).filter(|_| !self.is_scripted()))
            }
            Some(parameter) => match &parameter.converter {
                None => (Some(condition), None),
                Some(text) => {
                    let converter = Converter::of(text).ok_or_else(|| unknown(text))?;
                    if converter.splits() || searchable.names_fields() {
                        prepared.may_filter_here = !searchable.names_fields();
                        let fits = |part: &Condition| converter.splits() || self.is_plain(part);
                        condition.split(|part| searchable.allows(part) && converter.can(part) && fits(part))
                    } else {
                        (Some(condition), None)
                    }
                }
            },
        };
        prepared.vendor_filter = vendor;
        prepared.local_filter = local;
        Ok(())
    }

    /// Whether a parameter of its own says a condition: an equality, or one whose name is no member of the records, so
    /// that the name must say how values are compared (`created_min`).
    fn is_plain(&self, condition: &Condition) -> bool {
        let is_equality = matches!(
            condition,
            Condition::Compare { operator: Operator::Equal, .. } | Condition::In { negated: false, .. }
        );
        is_equality || !condition.fields().any(|field| is_member(self.resource, field.as_str()))
    }

    fn deleted(&self, inputs: &Inputs, prepared: &mut Prepared) {
        let asks = inputs.query_value("includeDeleted").is_some_and(|flag| flag.trim().eq_ignore_ascii_case("true"));
        if asks && self.parameter("includeDeleted").is_none() && !self.is_scripted() {
            prepared.warnings.push("includeDeleted is not supported by this resource and was ignored".to_owned());
        }
    }

    fn order(&self, inputs: &Inputs, prepared: &mut Prepared) {
        let Some(text) = inputs.query_value("orderBy") else { return };
        let searchable = Searchable::of(self.element, self.resource, &inputs.path);
        let mut orders = parse_order_by(text);
        orders.iter_mut().for_each(|order| order.field = searchable.meant(&order.field));
        match self.parameter("orderBy") {
            Some(parameter) if parameter.vendor_kind == VendorType::NoOp && !self.is_scripted() => {
                prepared.local_order = orders;
            }
            // Whether it knows the fields is for the vendor to say. Ordering here would need all of the list.
            Some(parameter) if is_converted(parameter) => prepared.vendor_order = orders,
            Some(_) => {}
            None => prepared.warnings.push("orderBy is not supported by this resource and was ignored".to_owned()),
        }
    }
}

/// Whether the model of a list's records has a member.
fn is_member(resource: &Resource, name: &str) -> bool {
    let Some(model) = &resource.model else { return false };
    let schemas = model.get("swagger");
    let schema = |name: &Value| schemas?.get(name.as_str()?.trim_start_matches("#/definitions/"));
    let root = model.get("name").and_then(schema);
    let items =
        root.and_then(|root| root.get("items")).and_then(|items| items.get("$ref").or_else(|| items.get("type")));
    let record = items.and_then(schema).or(root);
    record.and_then(|record| record.get("properties")?.get(name)).is_some()
}

/// Whether the caller's order is read here before the vendor gets it.
fn is_converted(parameter: &Parameter) -> bool {
    parameter.converter.as_deref().and_then(Converter::of).is_some_and(Converter::orders)
}

/// What a converter that nothing executes is answered with.
pub(crate) fn unknown(converter: &str) -> PlanError {
    PlanError::Unsupported(format!("the converter {converter}"))
}
