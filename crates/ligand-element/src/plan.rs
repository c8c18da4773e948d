//! The vendor request of a call, as a plain value: parameters mapped, templates filled, everything escaped.
//! Authentication and transport are the engine's.

#[cfg(test)]
mod tests;
mod values;

use std::{collections::BTreeMap, fmt};

use ligand_domain::Configuration;
use serde_json::Value;
use url::Url;

use crate::{
    Element, Method, Parameter, Protocol, Resource, Source, VendorType,
    escape::{self, FillError, Syntax},
    map,
    root_key::RootKey,
    template::{Template, text_of},
    url_template::{self, Fill},
};
use values::{Got, Values};

/// What a caller sent, and what came before in a chain.
#[derive(Clone, Default)]
pub struct Inputs {
    /// Variables of the resource's path, decoded.
    pub path: BTreeMap<String, String>,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Request headers.
    pub headers: Vec<(String, String)>,
    /// The JSON body, if any.
    pub body: Option<Value>,
    /// The previous answer's body in a chain.
    pub previous: Option<Value>,
}

/// The body of a vendor request.
#[derive(Clone, PartialEq, Eq)]
pub enum VendorBody {
    /// None.
    Empty,
    /// Text of the content type that the headers state.
    Text(String),
}

/// A vendor request before authentication. Its `Debug` shows no value that may be secret.
#[derive(Clone, PartialEq)]
pub struct VendorRequest {
    /// Verb.
    pub method: Method,
    /// The whole URL, http or https, with its query.
    pub url: Url,
    /// Headers in order, each name once.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: VendorBody,
    /// What parameters store into configuration when the call succeeds.
    pub stores: Vec<(String, String)>,
}

impl VendorRequest {
    /// The value of a header, whatever its letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for VendorRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("VendorRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// Why a call cannot be turned into a vendor request (400 each). Says names, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A required parameter has no value.
    #[error("The required parameter {0} is missing")]
    MissingParameter(String),
    /// A `{name}` of a URL has no value.
    #[error("{0} is needed for the vendor's address but has no value")]
    Unresolved(String),
    /// The address built is none, or not http(s).
    #[error("{0} is not a valid http or https address")]
    BadUrl(String),
    /// A value cannot travel where it should, such as a line break in a header.
    #[error("The value of {0} contains characters that are not allowed there")]
    BadValue(String),
    /// A combination that is valid in definitions but that nothing executes.
    #[error("{0} is not supported")]
    Unsupported(String),
}

/// Plans the vendor request of a resource.
///
/// # Errors
/// The first thing that keeps the request from being made.
pub fn plan(
    element: &Element,
    resource: &Resource,
    inputs: &Inputs,
    configuration: &Configuration,
) -> Result<VendorRequest, PlanError> {
    let mut draft = Draft::default();
    let values = Values { inputs, configuration };
    let parameters = effective_parameters(element, resource);
    let (templates, plain): (Vec<_>, Vec<_>) =
        parameters.into_iter().partition(|parameter| parameter.template.is_some());
    for parameter in plain.into_iter().chain(templates) {
        draft.take(parameter, &values)?;
    }
    let url = draft.url(element, resource, &values)?;
    draft.default_headers(element);
    let body = draft.body(&resource.roots, &values)?;
    Ok(VendorRequest { method: resource.vendor_method, url, headers: draft.headers, body, stores: draft.stores })
}

/// The parameters that make the request: the element's, then the resource's, which win where both say where the
/// same thing goes.
fn effective_parameters<'a>(element: &'a Element, resource: &'a Resource) -> Vec<&'a Parameter> {
    let makes_request =
        |parameter: &&Parameter| parameter.source == Source::Request && !map::stores_answer(resource, parameter);
    let overridden = |parameter: &&Parameter| {
        resource.parameters.iter().filter(makes_request).any(|other| same_target(parameter, other))
    };
    let general = element.parameters.iter().filter(makes_request).filter(|parameter| !overridden(parameter));
    general.chain(resource.parameters.iter().filter(makes_request)).collect()
}

fn same_target(one: &Parameter, other: &Parameter) -> bool {
    let same_name = if one.vendor_kind == VendorType::Header {
        one.vendor_name.eq_ignore_ascii_case(&other.vendor_name)
    } else {
        one.vendor_name == other.vendor_name
    };
    one.vendor_kind == other.vendor_kind && (same_name || one.vendor_kind == VendorType::Body)
}

/// A body before it is written.
enum DraftBody<'a> {
    Value(Value),
    Template(&'a Template),
}

/// A vendor request while parameters fill it.
#[derive(Default)]
struct Draft<'a> {
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    path: BTreeMap<String, Fill>,
    /// The names by which callers know what fills the path's.
    origins: BTreeMap<String, String>,
    tokens: BTreeMap<String, Value>,
    form: Vec<(String, String)>,
    fields: Vec<(String, Value)>,
    body: Option<DraftBody<'a>>,
    stores: Vec<(String, String)>,
}

impl<'a> Draft<'a> {
    /// Takes a parameter's value to where it goes.
    fn take(&mut self, parameter: &'a Parameter, values: &Values<'_>) -> Result<(), PlanError> {
        if parameter.vendor_kind == VendorType::Body
            && let Some(template) = &parameter.template
        {
            self.body = Some(DraftBody::Template(template));
            return Ok(());
        }
        let Some(got) = values.of(parameter, &self.tokens)? else {
            return if parameter.required { Err(PlanError::MissingParameter(parameter.name.clone())) } else { Ok(()) };
        };
        let Got { value, trusted } = got;
        let name = parameter.vendor_name.clone();
        match parameter.vendor_kind {
            VendorType::Header => self.header(&name, &text_of(&value), &parameter.name)?,
            VendorType::Query => self.query.push((name, text_of(&value))),
            VendorType::Path => {
                let fill = if trusted { Fill::Trusted } else { Fill::Caller };
                self.origins.insert(name.clone(), parameter.name.clone());
                self.path.insert(name, fill(text_of(&value)));
            }
            VendorType::Body => self.body = Some(DraftBody::Value(value)),
            VendorType::BodyField => self.fields.push((name, value)),
            VendorType::BodyToken => {
                self.tokens.insert(name, value);
            }
            VendorType::Form => self.form.push((name, text_of(&value))),
            VendorType::Configuration => self.stores.push((name, text_of(&value))),
            VendorType::Multipart => return Err(PlanError::Unsupported("a multipart body".to_owned())),
            VendorType::Value | VendorType::NoOp => {}
        }
        Ok(())
    }

    fn header(&mut self, name: &str, value: &str, culprit: &str) -> Result<(), PlanError> {
        if value.chars().any(|each| each.is_control() && each != '\t') {
            return Err(PlanError::BadValue(culprit.to_owned()));
        }
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.trim().to_owned()));
        Ok(())
    }

    fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    fn default_headers(&mut self, element: &Element) {
        let form = !self.form.is_empty();
        let (accept, content_type) = match element.protocol {
            Protocol::Soap => ("text/xml", "text/xml; charset=utf-8"),
            _ if form => ("application/json", "application/x-www-form-urlencoded"),
            _ => ("application/json", "application/json"),
        };
        for (name, value) in [("Accept", accept), ("Content-Type", content_type)] {
            if !self.has_header(name) {
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn url(&self, element: &Element, resource: &Resource, values: &Values<'_>) -> Result<Url, PlanError> {
        let resolve = |name: &str| {
            let filled = self.path.get(name).map(|fill| match fill {
                Fill::Trusted(text) => Fill::Trusted(text.clone()),
                Fill::Caller(text) => Fill::Caller(text.clone()),
            });
            let variable = || values.inputs.path.get(name).cloned().map(Fill::Caller);
            let configured = || values.configuration.get(name).map(|value| Fill::Trusted(value.to_owned()));
            filled.or_else(variable).or_else(configured)
        };
        let base = values.configuration.get("base.url");
        let known = |name: String| self.origins.get(&name).cloned().unwrap_or(name);
        let mut url = url_template::build(base, &resource.vendor_path, &resolve).map_err(|error| match error {
            PlanError::BadUrl(name) => PlanError::BadUrl(known(name)),
            PlanError::Unresolved(name) => PlanError::Unresolved(known(name)),
            other => other,
        })?;
        if element.protocol == Protocol::Soap {
            without_description(&mut url);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    fn body(self: &mut Draft<'a>, roots: &RootKey, values: &Values<'_>) -> Result<VendorBody, PlanError> {
        let content_type = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let syntax = content_type.map_or(Syntax::Json, |(_, value)| Syntax::of(value));
        let mut value = match self.body.take() {
            Some(DraftBody::Template(template)) => return self.fill(template, syntax, values),
            Some(DraftBody::Value(value)) => Some(value),
            None => None,
        };
        for (path, field) in std::mem::take(&mut self.fields) {
            crate::json_path::set(value.get_or_insert(Value::Null), &path, field);
        }
        match (value, syntax) {
            (None, _) if self.form.is_empty() => Ok(VendorBody::Empty),
            (value, Syntax::Form) => Ok(VendorBody::Text(self.urlencoded(value.as_ref()))),
            (Some(value), Syntax::Json) => Ok(VendorBody::Text(roots.wrap(value).to_string())),
            (Some(Value::String(text)), Syntax::Plain) => Ok(VendorBody::Text(text)),
            (_, Syntax::Xml) => Err(PlanError::Unsupported("an XML body without a template".to_owned())),
            (_, Syntax::Json | Syntax::Plain) => Err(PlanError::Unsupported("a body of this content type".to_owned())),
        }
    }

    fn fill(&self, template: &Template, syntax: Syntax, values: &Values<'_>) -> Result<VendorBody, PlanError> {
        let lookup = |name: &str, configured: bool| values.lookup(name, configured, &self.tokens);
        let text = escape::fill(template, syntax, &lookup).map_err(|error| match error {
            FillError::BadValue(name) => PlanError::BadValue(name),
            FillError::InsideTag(name) => PlanError::Unsupported(format!("the value of {name} inside a tag")),
        })?;
        Ok(VendorBody::Text(text))
    }

    /// Form fields, and with them the members of an object body.
    fn urlencoded(&self, body: Option<&Value>) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in body.and_then(Value::as_object).into_iter().flatten() {
            form.append_pair(name, &text_of(value));
        }
        form.extend_pairs(&self.form).finish()
    }
}

/// Takes `?wsdl` and the like out of a SOAP address: calls go to the address without it.
fn without_description(url: &mut Url) {
    let is_description = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("wsdl") || name.starts_with("singlewsdl")
    };
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !is_description(name)).collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
}
