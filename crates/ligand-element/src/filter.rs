//! Converters of `where`, `orderBy` and `fields`: from the caller's text to what the vendor reads. Values never become
//! the vendor's syntax; see [`ligand_ceql::translate`].

#[cfg(test)]
mod tests;

use ligand_ceql::{
    Condition, Field, Order, parse_order_by, parse_where,
    translate::{AdfVersion, ODataVersion, Untranslatable, to_adf, to_odata, to_query_parameters, to_roql},
};

use crate::{PlanError, shape::Projection};

/// What a converter makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    QueryParameters,
    OData(ODataVersion),
    Ceql,
    Roql,
    Adf(AdfVersion),
    ODataOrder,
    AdfOrder,
    RoqlOrder,
    ODataSelect,
}

/// A converter of a parameter, with the text behind its colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Converter<'a> {
    product: Product,
    pub(crate) argument: Option<&'a str>,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Converted {
    Text(String),
    /// Parameters of their own.
    Pairs(Vec<(String, String)>),
}

impl<'a> Converter<'a> {
    /// The converter that a definition names; `None` when it is none of these.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let product = match name {
            "toQueryParameters" => Product::QueryParameters,
            "toODataFilter" => Product::OData(ODataVersion::V4),
            "toODataV3Filter" => Product::OData(ODataVersion::V3),
            "toCEQL" => Product::Ceql,
            "toRoql" => Product::Roql,
            "toAdf" | "toAdfV1" => Product::Adf(AdfVersion::V1),
            "toAdfV2" => Product::Adf(AdfVersion::V2),
            "toODataOrderBy" => Product::ODataOrder,
            "toAdfOrderBy" => Product::AdfOrder,
            "toRoqlOrderBy" => Product::RoqlOrder,
            "toODataSelect" => Product::ODataSelect,
            _ => return None,
        };
        Some(Self { product, argument })
    }

    /// The vendor's name for the parameter when the definition states only the converter.
    pub(crate) fn default_name(self) -> &'static str {
        match self.product {
            Product::OData(_) => "$filter",
            Product::Roql | Product::Adf(_) => "q",
            Product::ODataOrder => "$orderby",
            Product::AdfOrder | Product::RoqlOrder => "orderBy",
            Product::ODataSelect => "$select",
            Product::QueryParameters | Product::Ceql => "where",
        }
    }

    /// Whether it says the order of a list.
    pub(crate) fn orders(self) -> bool {
        matches!(self.product, Product::ODataOrder | Product::AdfOrder | Product::RoqlOrder)
    }

    /// The vendor's order.
    pub(crate) fn order(self, orders: &[Order]) -> Option<Converted> {
        let (path, up, down, separator): (fn(&Field) -> Option<String>, _, _, _) = match self.product {
            Product::ODataOrder => (odata_path, " asc", " desc", ","),
            Product::AdfOrder => (adf_path, ":asc", ":desc", ","),
            _ => (roql_path, " ASC", " DESC", ", "),
        };
        let spelt = |order: &Order| Some(path(&order.field)? + if order.descending { down } else { up });
        let text = orders.iter().filter_map(spelt).collect::<Vec<_>>().join(separator);
        (!text.is_empty()).then_some(Converted::Text(text))
    }

    /// Whether it leaves to the platform what the vendor's language has no form for. Plain parameters do so only where
    /// something says which there are: their names need not be names of members.
    pub(crate) fn splits(self) -> bool {
        self.product != Product::QueryParameters
    }

    /// Whether the vendor's language has a form for a condition.
    pub(crate) fn can(self, condition: &Condition) -> bool {
        self.translate(condition).is_ok()
    }

    /// Converts a condition.
    ///
    /// # Errors
    /// When the vendor's language has no form for it.
    pub(crate) fn condition(self, condition: &Condition) -> Result<Converted, PlanError> {
        self.translate(condition).map_err(|error| PlanError::Invalid(format!("where: {error}")))
    }

    /// Converts a caller's text; `None` when nothing of it is left.
    ///
    /// # Errors
    /// When it cannot be read, or has no form in the vendor's language.
    pub(crate) fn text(self, text: &str) -> Result<Option<Converted>, PlanError> {
        let converted = match self.product {
            Product::ODataOrder | Product::AdfOrder | Product::RoqlOrder => {
                return Ok(self.order(&parse_order_by(text)));
            }
            Product::ODataSelect => odata_select(text),
            _ => match parse(text)? {
                Some(condition) => return self.condition(&condition).map(Some),
                None => String::new(),
            },
        };
        Ok((!converted.is_empty()).then_some(Converted::Text(converted)))
    }

    fn translate(self, condition: &Condition) -> Result<Converted, Untranslatable> {
        match self.product {
            Product::QueryParameters => return to_query_parameters(condition).map(Converted::Pairs),
            Product::OData(version) => to_odata(condition, version),
            Product::Roql => to_roql(condition),
            Product::Adf(version) => to_adf(condition, version),
            Product::Ceql | Product::ODataOrder | Product::AdfOrder | Product::RoqlOrder | Product::ODataSelect => {
                Ok(condition.to_string())
            }
        }
        .map(Converted::Text)
    }
}

/// Reads a `where`; `None` when there is no condition.
///
/// # Errors
/// Where it leaves the grammar.
pub(crate) fn parse(text: &str) -> Result<Option<Condition>, PlanError> {
    parse_where(text).map_err(|error| PlanError::Invalid(error.to_string()))
}

/// A field as a language spells it, out of the text for "it is null".
fn spelt(field: &Field, translate: impl Fn(&Condition) -> Result<String, Untranslatable>, end: &str) -> Option<String> {
    let text = translate(&Condition::IsNull { field: field.clone(), negated: false }).ok()?;
    text.strip_suffix(end).map(str::to_owned)
}

fn odata_path(field: &Field) -> Option<String> {
    spelt(field, |condition| to_odata(condition, ODataVersion::V4), " eq null")
}

fn adf_path(field: &Field) -> Option<String> {
    spelt(field, |condition| to_adf(condition, AdfVersion::V2), " IS NULL")
}

fn roql_path(field: &Field) -> Option<String> {
    spelt(field, to_roql, " IS NULL")
}

fn odata_select(text: &str) -> String {
    let names = Projection::parse(text).map(|fields| fields.list()).unwrap_or_default();
    let path = |name: &str| odata_path(&Field::new(name)?);
    names.split(',').filter_map(path).collect::<Vec<_>>().join(",")
}
