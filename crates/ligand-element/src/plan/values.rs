//! Where a parameter's value comes from.

use std::collections::BTreeMap;

use ligand_ceql::{Condition, Value as Literal};
use ligand_domain::Configuration;
use serde_json::{Number, Value};

use super::{Inputs, PlanError};
use crate::{
    CallerPart, Parameter, PartContent, Prepared, Projection, SourceType, VendorPage, VendorType,
    convert::convert,
    filter::{self, Converted, Converter},
    json_path,
    prepare::unknown,
    template::{Template, text_of},
};

/// A value with whether it comes from the definition and the instance's configuration only.
pub(super) struct Got {
    pub(super) value: Value,
    pub(super) trusted: bool,
}

/// Everything that values come from.
pub(super) struct Values<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) configuration: &'a Configuration,
    pub(super) prepared: &'a Prepared,
    pub(super) page: Option<&'a VendorPage>,
}

impl Values<'_> {
    /// The value of a parameter, converted; `None` when there is none.
    pub(super) fn of(&self, parameter: &Parameter, tokens: &BTreeMap<String, Value>) -> Result<Option<Got>, PlanError> {
        let name = parameter.name.as_str();
        let value = match parameter.kind {
            SourceType::Configuration => self.configuration.get(name).map(Value::from),
            SourceType::Header => first(&self.inputs.headers, |key| key.eq_ignore_ascii_case(name)),
            SourceType::Path => self.inputs.path.get(name).map(|value| Value::from(value.as_str())),
            SourceType::Query => self.query(name).map(Value::from),
            SourceType::Body => self.body(parameter),
            SourceType::BodyField => self.inputs.body.as_ref().and_then(|body| json_path::get(body, name)),
            SourceType::Value => parameter.template.as_ref().and_then(|template| self.expand(template, tokens)),
            SourceType::PrevBody => self.inputs.previous.clone(),
            SourceType::PrevBodyField => self.inputs.previous.as_ref().and_then(|body| json_path::get(body, name)),
            SourceType::Form | SourceType::Multipart => self.form(name),
        };
        let Some(mut value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
        if let Some(converter) = &parameter.converter {
            value = convert(converter, &text_of(&value)).map_err(|()| unknown(converter))?.into();
            if value == "" {
                return Ok(None);
            }
        }
        Ok(Some(Got { value: typed(value, parameter), trusted: parameter.kind == SourceType::Configuration }))
    }

    /// What a query converter makes of the caller's parameter; `None` when there is nothing to convert.
    pub(super) fn converted(
        &self,
        parameter: &Parameter,
        converter: Converter<'_>,
    ) -> Result<Option<Converted>, PlanError> {
        if parameter.kind == SourceType::Value {
            let converted =
                self.condition(&parameter.name).map(|condition| converter.condition(&condition)).transpose();
            // What the vendor's language cannot say is the id of no record.
            return converted
                .map_err(|error| if self.names_path(&parameter.name) { PlanError::NotFound } else { error });
        }
        if parameter.name == "where" && self.prepared.expression.is_some() {
            return self.prepared.vendor_filter.as_ref().map(|condition| converter.condition(condition)).transpose();
        }
        if parameter.name == "orderBy" && converter.orders() {
            return Ok(converter.order(&self.prepared.vendor_order));
        }
        let text = self.query(&parameter.name);
        text.map(|text| converter.text(&text)).transpose().map(Option::flatten)
    }

    /// The condition of a definition's own, each of its values a template, so that no value becomes syntax.
    fn condition(&self, text: &str) -> Option<Condition> {
        let condition = filter::parse(text).ok().flatten()?;
        let tokens = BTreeMap::new();
        let filled = |value: &Literal| {
            let template = Template::parse(value.text()).ok();
            let text = template.map(|template| template.expand(&|name: &str, own| self.lookup(name, own, &tokens)));
            text.filter(|text| text != value.text()).map_or_else(|| value.clone(), |text| Literal::quoted(&text))
        };
        Some(condition.fill(&filled))
    }

    /// Whether a text holds a variable of the caller's path.
    fn names_path(&self, text: &str) -> bool {
        self.inputs.path.keys().any(|name| text.contains(&format!("{{{name}}}")))
    }

    /// All values that the caller states for a parameter, in their order.
    pub(super) fn all_of(&self, parameter: &Parameter) -> Vec<String> {
        let name = parameter.name.as_str();
        let named = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        match parameter.kind {
            SourceType::Header => {
                let own = self.inputs.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                own.map(|(_, value)| value.clone()).collect()
            }
            SourceType::Query => named(&self.inputs.query),
            SourceType::Form => named(&self.inputs.form),
            SourceType::Path => self.inputs.path.get(name).cloned().into_iter().collect(),
            SourceType::Configuration => self.configuration.get(name).map(str::to_owned).into_iter().collect(),
            SourceType::BodyField => match self.inputs.body.as_ref().and_then(|body| json_path::get(body, name)) {
                Some(Value::Array(items)) => items.iter().map(text_of).collect(),
                Some(Value::Null) | None => Vec::new(),
                Some(single) => vec![text_of(&single)],
            },
            _ => Vec::new(),
        }
    }

    /// Whether the caller's condition is there, but nothing of it for the vendor.
    pub(super) fn is_filtered_here(&self, parameter: &Parameter) -> bool {
        parameter.name == "where" && self.prepared.local_filter.is_some()
    }

    /// A query parameter of the caller, or what the walk over the vendor's pages puts in its place.
    fn query(&self, name: &str) -> Option<String> {
        if let Some(page) = self.page.filter(|_| VendorPage::has(name)) {
            return page.variable(name);
        }
        if name == "fields" {
            let asked = self.inputs.query_value(name).filter(|_| !self.prepared.keeps_fields);
            return asked.and_then(Projection::parse).map(|fields| fields.list());
        }
        self.inputs.query_value(name).map(str::to_owned)
    }

    /// The whole body; where only a part of it can go, its member of the parameter's name, if it has one.
    fn body(&self, parameter: &Parameter) -> Option<Value> {
        let body = self.inputs.body.as_ref()?;
        let member = body.get(&parameter.name).filter(|_| parameter.vendor_kind != VendorType::Body);
        Some(member.unwrap_or(body).clone())
    }

    /// A field of a form, a text of a multipart body, or a member of a JSON body that takes its place.
    fn form(&self, name: &str) -> Option<Value> {
        let part = || {
            self.inputs.parts.iter().find(|part| part.name == name).and_then(|part| match &part.content {
                PartContent::Text(text) => Some(Value::from(text.as_str())),
                PartContent::File(_) => None,
            })
        };
        let member = || self.inputs.body.as_ref().and_then(|body| body.get(name)).cloned();
        first(&self.inputs.form, |key| key == name).or_else(part).or_else(member)
    }

    /// The file that a `form` or `multipart` parameter means: the part of its name, or for `file` the first one.
    pub(super) fn file(&self, parameter: &Parameter) -> Option<(&CallerPart, usize)> {
        if !matches!(parameter.kind, SourceType::Form | SourceType::Multipart) {
            return None;
        }
        let file = |part: &CallerPart| match part.content {
            PartContent::File(number) => Some(number),
            PartContent::Text(_) => None,
        };
        let mut files = self.inputs.parts.iter().filter_map(|part| Some((part, file(part)?)));
        let any = parameter.name == "file" || parameter.data_type.as_deref() == Some("file");
        let named = files.clone().find(|(part, _)| part.name == parameter.name);
        named.or_else(|| files.next().filter(|_| any))
    }

    /// A template's text. There is none when it asks for configuration and all that it asks for has no value.
    fn expand(&self, template: &Template, tokens: &BTreeMap<String, Value>) -> Option<Value> {
        let keys = template.configuration_keys();
        if !keys.is_empty() && keys.iter().all(|key| self.configuration.get(key).is_none()) {
            return None;
        }
        Some(template.expand(&|name: &str, configured| self.lookup(name, configured, tokens)).into())
    }

    /// The value of a configuration key, or of a token: a `bodyToken`, a variable of the path, a query parameter.
    pub(super) fn lookup(&self, name: &str, configured: bool, tokens: &BTreeMap<String, Value>) -> Option<Value> {
        if configured {
            return self.configuration.get(name).map(Value::from);
        }
        let variable = || self.inputs.path.get(name).map(|value| Value::from(value.as_str()));
        tokens.get(name).cloned().or_else(variable).or_else(|| self.query(name).map(Value::from))
    }
}

fn first(pairs: &[(String, String)], is_wanted: impl Fn(&str) -> bool) -> Option<Value> {
    pairs.iter().find(|(key, _)| is_wanted(key)).map(|(_, value)| Value::from(value.as_str()))
}

/// A text in the vendor's kind of value: flags in lower case, and in JSON as what they are. What does not look like it
/// stays text, for the vendor to refuse.
fn typed(value: Value, parameter: &Parameter) -> Value {
    let Value::String(text) = &value else { return value };
    let kind = parameter.vendor_data_type.as_deref().or(parameter.data_type.as_deref());
    let in_json = parameter.vendor_kind == VendorType::BodyField;
    let flag = || match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    let read = match kind {
        Some("boolean") => flag().map(|flag| if in_json { flag.into() } else { flag.to_string().into() }),
        Some("integer" | "long" | "float" | "double" | "number") if in_json => {
            serde_json::from_str::<Number>(text).ok().map(Value::Number)
        }
        _ => None,
    };
    read.unwrap_or(value)
}
