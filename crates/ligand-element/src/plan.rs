//! The vendor request of a call, as a plain value: parameters mapped, templates filled, everything escaped.
//! Authentication and transport are the engine's.

mod inputs;
mod planned;
mod request;
#[cfg(test)]
mod tests;
mod values;
mod xml_body;

use std::collections::BTreeMap;

use ligand_domain::Configuration;
use serde_json::Value;
use url::Url;

use crate::{
    CallerPart, Element, Parameter, PartContent, Prepared, Protocol, Resource, Source, SourceType, VendorPage,
    VendorType, convert,
    escape::{self, FillError, Syntax},
    filter::{Converted, Converter},
    map,
    message::Filling,
    prepare::prepare,
    root_key::RootKey,
    template::{Template, text_of},
    url_template::{self, Fill},
};
pub use inputs::Inputs;
pub(crate) use planned::Address;
pub use planned::Planned;
pub use request::{Part, PlanError, VendorBody, VendorRequest};
use values::{Got, Values};

/// How many resources a chain may have; a call that leads to more is refused (400).
pub const MAX_CHAIN: usize = 5;

/// Plans the first vendor request of a resource that no script changes.
///
/// # Errors
/// The first thing that keeps the request from being made.
pub fn plan(
    element: &Element,
    resource: &Resource,
    inputs: &Inputs,
    configuration: &Configuration,
) -> Result<VendorRequest, PlanError> {
    let prepared = prepare(element, resource, inputs, configuration)?;
    let page = prepared.walk().and_then(|walk| walk.next_page());
    plan_call(element, resource, inputs, configuration, &prepared, page.as_ref())?.into_request()
}

/// Plans the vendor request for a prepared call, for one page of the walk when it is a list.
///
/// # Errors
/// The first thing that keeps the request from being made. An address that cannot be built is told by
/// [`Planned::request`], since a script may choose another.
pub fn plan_call(
    element: &Element,
    resource: &Resource,
    inputs: &Inputs,
    configuration: &Configuration,
    prepared: &Prepared,
    page: Option<&VendorPage>,
) -> Result<Planned, PlanError> {
    let mut draft = Draft::default();
    let values = Values { inputs, configuration, prepared, page };
    let parameters = effective_parameters(element, resource);
    let is_template = |parameter: &&Parameter| parameter.template.is_some();
    let plain = parameters.clone().filter(|parameter| !is_template(parameter));
    for parameter in plain.chain(parameters.filter(is_template)) {
        draft.take(parameter, &values)?;
    }
    draft.message(resource, &values)?;
    let address = draft.address(element, resource, &values);
    draft.default_headers(element, resource);
    let (body, bare) = draft.body(&resource.roots, &values)?;
    Ok(Planned {
        method: resource.vendor_method,
        query: draft.query,
        headers: draft.headers,
        body,
        stores: draft.stores,
        address,
        bare,
        roots: resource.roots.clone(),
    })
}

/// The whole address of a request as text, for scripts; `None` while there is none.
pub(crate) fn url_text(planned: &Planned) -> Option<String> {
    planned.url().ok().map(String::from)
}

/// A parameter by its place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Of the element's.
    General(usize),
    /// Of the resource's.
    Own(usize),
}

/// The parameters that make the request: the element's, then the resource's, which win where both say where the
/// same thing goes.
pub(crate) fn table(general: &[Parameter], resource: &Resource) -> Vec<Slot> {
    let makes_request =
        |parameter: &Parameter| parameter.source == Source::Request && !map::stores_answer(resource, parameter);
    let own = || resource.parameters.iter().enumerate().filter(|(_, parameter)| makes_request(parameter));
    let stands = |parameter: &Parameter| !own().any(|(_, other)| same_target(parameter, other));
    let general = general.iter().enumerate().filter(|(_, parameter)| makes_request(parameter) && stands(parameter));
    let general = general.map(|(place, _)| Slot::General(place));
    general.chain(own().map(|(place, _)| Slot::Own(place))).collect()
}

/// The parameters of a resource's [`table`].
pub(crate) fn effective_parameters<'a>(
    element: &'a Element,
    resource: &'a Resource,
) -> impl Iterator<Item = &'a Parameter> + Clone {
    resource.request_table.iter().filter_map(|slot| match *slot {
        Slot::General(place) => element.parameters.get(place),
        Slot::Own(place) => resource.parameters.get(place),
    })
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
    File(usize),
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
    parts: Vec<Part>,
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
        if let Some((part, number)) = values.file(parameter) {
            return self.file(parameter, part, number);
        }
        if let Some(converter) = parameter.converter.as_deref().and_then(Converter::of) {
            let made = values.converted(parameter, converter)?;
            return self.converted(parameter, converter, made, values);
        }
        if let Some(separator) = convert::list_separator(parameter) {
            return self.list(parameter, separator, values);
        }
        match values.of(parameter, &self.tokens)? {
            Some(got) => self.put(parameter, got),
            None => self.lack(parameter),
        }
    }

    /// All values of a parameter that may be stated several times: joined, or each on its own where there are several
    /// of one name.
    fn list(&mut self, parameter: &Parameter, separator: &str, values: &Values<'_>) -> Result<(), PlanError> {
        let all = values.all_of(parameter);
        if all.is_empty() {
            return self.lack(parameter);
        }
        let is_repeated = separator.is_empty() && matches!(parameter.vendor_kind, VendorType::Query | VendorType::Form);
        let stated = match parameter.vendor_kind {
            VendorType::BodyField => vec![Value::from(all)],
            _ if is_repeated => all.into_iter().map(Value::from).collect(),
            _ => vec![Value::from(all.join(if separator.is_empty() { "," } else { separator }))],
        };
        let mut stated = stated.into_iter();
        stated.try_for_each(|value| self.put(parameter, Got { value, trusted: false }))
    }

    /// A parameter without value. A token that the definition declares becomes nothing instead of its name.
    fn lack(&mut self, parameter: &Parameter) -> Result<(), PlanError> {
        if parameter.required {
            let is_looked_for = matches!(parameter.kind, SourceType::PrevBody | SourceType::PrevBodyField);
            let missing = || PlanError::MissingParameter(parameter.name.clone());
            return Err(if is_looked_for { PlanError::NotFound } else { missing() });
        }
        self.empty(parameter);
        Ok(())
    }

    fn empty(&mut self, parameter: &Parameter) {
        if parameter.vendor_kind == VendorType::BodyToken {
            self.tokens.entry(parameter.vendor_name.clone()).or_insert(Value::Null);
        }
    }

    fn put(&mut self, parameter: &Parameter, got: Got) -> Result<(), PlanError> {
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
            VendorType::Form => match value {
                Value::Object(members) => {
                    self.form.extend(members.iter().map(|(name, value)| (name.clone(), text_of(value))));
                }
                value => self.form.push((name, text_of(&value))),
            },
            VendorType::Multipart => self.parts.push(text_part(name, &value)),
            VendorType::Configuration => self.stores.push((name, text_of(&value))),
            VendorType::Value | VendorType::NoOp => {}
        }
        Ok(())
    }

    /// A file of the caller: a part of a form, or the whole body.
    fn file(&mut self, parameter: &Parameter, part: &CallerPart, number: usize) -> Result<(), PlanError> {
        match parameter.vendor_kind {
            VendorType::Body => self.body = Some(DraftBody::File(number)),
            VendorType::Form | VendorType::Multipart => self.parts.push(Part {
                name: parameter.vendor_name.clone(),
                file_name: part.file_name.clone(),
                content_type: part.content_type.clone(),
                content: PartContent::File(number),
            }),
            VendorType::Value | VendorType::NoOp => {}
            other => return Err(PlanError::Unsupported(format!("a file as {}", other.key()))),
        }
        Ok(())
    }

    /// What a converter made of a query parameter.
    fn converted(
        &mut self,
        parameter: &Parameter,
        converter: Converter<'_>,
        made: Option<Converted>,
        values: &Values<'_>,
    ) -> Result<(), PlanError> {
        let unnamed = parameter.vendor_name.starts_with("converter:");
        let (name, prefix) = match converter.argument {
            Some(argument) if unnamed => (argument, ""),
            None if unnamed => (converter.default_name(), ""),
            prefix => (parameter.vendor_name.as_str(), prefix.unwrap_or_default()),
        };
        match made {
            None if values.is_filtered_here(parameter) => {
                self.empty(parameter);
                Ok(())
            }
            None => self.lack(parameter),
            Some(Converted::Text(text)) => {
                let target = Parameter { vendor_name: name.to_owned(), ..parameter.clone() };
                let text = match prefix.split_once("{}") {
                    Some((before, after)) => format!("{before}{text}{after}"),
                    None => format!("{prefix}{text}"),
                };
                self.put(&target, Got { value: Value::from(text), trusted: false })
            }
            Some(Converted::Pairs(pairs)) => {
                match parameter.vendor_kind {
                    VendorType::Form => self.form.extend(pairs),
                    VendorType::BodyField => {
                        self.fields.extend(pairs.into_iter().map(|(name, value)| (name, Value::from(value))));
                    }
                    VendorType::Value | VendorType::NoOp => {}
                    _ => self.query.extend(pairs),
                }
                Ok(())
            }
        }
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

    /// The message of an operation, in the place of a body.
    fn message(&mut self, resource: &Resource, values: &Values<'_>) -> Result<(), PlanError> {
        let lookup = |name: &str, configured: bool| values.lookup(name, configured, &self.tokens);
        if let Some(template) = resource.describes.as_deref().and_then(|text| Template::parse(text).ok()) {
            self.body = Some(DraftBody::Value(template.expand(&lookup).into()));
        }
        let Some(message) = &resource.message else { return Ok(()) };
        let asks = |name: &str| values.inputs.query_value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let filled = message.fill(&Filling { lookup: &lookup, body: values.inputs.body.as_ref(), asks: &asks })?;
        self.body = Some(DraftBody::Value(filled));
        Ok(())
    }

    fn default_headers(&mut self, element: &Element, resource: &Resource) {
        if !self.parts.is_empty() {
            self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case("content-type"));
        }
        let form = !self.form.is_empty();
        let (accept, content_type) = match element.protocol {
            // What an operation's message is on the wire is decided when it is written by the description.
            Protocol::Soap if !resource.is_described() => ("text/xml", "text/xml; charset=utf-8"),
            _ if form => ("application/json", "application/x-www-form-urlencoded"),
            _ => ("application/json", "application/json"),
        };
        for (name, value) in [("Accept", accept), ("Content-Type", content_type)] {
            let by_parts = name == "Content-Type" && !self.parts.is_empty();
            if !by_parts && !self.has_header(name) {
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn address(&self, element: &Element, resource: &Resource, values: &Values<'_>) -> Address {
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
        let url = url_template::build(base, &resource.vendor_path, &resolve).map_err(|error| match error {
            PlanError::BadUrl(name) => PlanError::BadUrl(known(name)),
            PlanError::Unresolved(name) => PlanError::Unresolved(known(name)),
            other => other,
        });
        let is_soap = element.protocol == Protocol::Soap;
        if element.hooks.is_empty() && resource.hooks.is_empty() {
            return Address { url, base: None, path: String::new(), is_soap };
        }
        let (base, path) = url_template::parts(base, &resource.vendor_path, &resolve);
        Address { url, base, path, is_soap }
    }

    /// The body, and the JSON in it without root.
    fn body(
        self: &mut Draft<'a>,
        roots: &RootKey,
        values: &Values<'_>,
    ) -> Result<(VendorBody, Option<Value>), PlanError> {
        let content_type = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let syntax = content_type.map_or(Syntax::Json, |(_, value)| Syntax::of(value));
        let mut value = match self.body.take() {
            Some(DraftBody::Template(template)) => return Ok((self.fill(template, syntax, values)?, None)),
            Some(DraftBody::File(number)) => return Ok((VendorBody::File(number), None)),
            Some(DraftBody::Value(value)) => Some(value),
            None => None,
        };
        for (path, field) in std::mem::take(&mut self.fields) {
            crate::json_path::set(value.get_or_insert(Value::Null), &path, field);
        }
        if !self.parts.is_empty() {
            return Ok((self.multipart(value.as_ref()), None));
        }
        let unsupported = |what: &str| Err(PlanError::Unsupported(what.to_owned()));
        let body = match (&value, syntax) {
            (None, _) if self.form.is_empty() => VendorBody::Empty,
            (value, Syntax::Form) => VendorBody::Text(self.urlencoded(value.as_ref())),
            (Some(value), Syntax::Json) => VendorBody::Text(roots.wrap(value.clone()).to_string()),
            (Some(Value::String(text)), Syntax::Plain | Syntax::Xml) => VendorBody::Text(text.clone()),
            (Some(value), Syntax::Xml) => VendorBody::Text(xml_body::write(&roots.wrap(value.clone()))?),
            (None, _) | (_, Syntax::Plain) => return unsupported("a body of this content type"),
        };
        let bare = value.filter(|_| matches!(syntax, Syntax::Json | Syntax::Xml));
        Ok((body, bare))
    }

    /// The parts, the form's fields and the members of an object body.
    fn multipart(&mut self, body: Option<&Value>) -> VendorBody {
        let mut parts = std::mem::take(&mut self.parts);
        let members = body.and_then(Value::as_object).into_iter().flatten();
        parts.extend(members.map(|(name, value)| text_part(name.clone(), value)));
        parts.extend(std::mem::take(&mut self.form).into_iter().map(|(name, value)| text_part(name, &value.into())));
        VendorBody::Multipart(parts)
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

fn text_part(name: String, value: &Value) -> Part {
    let is_json = matches!(value, Value::Object(_) | Value::Array(_));
    let content_type = is_json.then(|| "application/json".to_owned());
    Part { name, file_name: None, content_type, content: PartContent::Text(text_of(value)) }
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
