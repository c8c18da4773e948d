//! Where a parameter's value comes from.

use std::collections::BTreeMap;

use ligand_domain::Configuration;
use serde_json::Value;

use super::{Inputs, PlanError};
use crate::{
    Parameter, SourceType,
    convert::convert,
    json_path,
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
}

impl Values<'_> {
    /// The value of a parameter, converted; `None` when there is none.
    pub(super) fn of(&self, parameter: &Parameter, tokens: &BTreeMap<String, Value>) -> Result<Option<Got>, PlanError> {
        let name = parameter.name.as_str();
        let body = self.inputs.body.as_ref();
        let value = match parameter.kind {
            SourceType::Configuration => self.configuration.get(name).map(Value::from),
            SourceType::Header => first(&self.inputs.headers, |key| key.eq_ignore_ascii_case(name)),
            SourceType::Path => self.inputs.path.get(name).map(|value| Value::from(value.as_str())),
            SourceType::Query => first(&self.inputs.query, |key| key == name),
            SourceType::Body => body.cloned(),
            SourceType::BodyField => body.and_then(|body| json_path::get(body, name)),
            SourceType::Value => parameter.template.as_ref().and_then(|template| self.expand(template, tokens)),
            SourceType::PrevBody => self.inputs.previous.clone(),
            SourceType::PrevBodyField => self.inputs.previous.as_ref().and_then(|body| json_path::get(body, name)),
            SourceType::Form | SourceType::Multipart => body.and_then(|body| body.get(name)).cloned(),
        };
        let Some(mut value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
        if let Some(converter) = &parameter.converter {
            value = convert(converter, &text_of(&value)).map_err(PlanError::Unsupported)?.into();
        }
        Ok(Some(Got { value, trusted: parameter.kind == SourceType::Configuration }))
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
        tokens.get(name).cloned().or_else(variable).or_else(|| first(&self.inputs.query, |key| key == name))
    }
}

fn first(pairs: &[(String, String)], is_wanted: impl Fn(&str) -> bool) -> Option<Value> {
    pairs.iter().find(|(key, _)| is_wanted(key)).map(|(_, value)| Value::from(value.as_str()))
}
