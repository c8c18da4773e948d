//! Described SOAP services (`soap` of an element): where the description is, what goes into the headers of calls, and how
//! the JSON of messages differs from the usual. What is described comes from the vendor when it is needed.

use std::collections::BTreeMap;

use ligand_domain::Configuration;
use serde_json::Value;
use url::Url;

use crate::{
    PlanError,
    message::{Filling, Message},
    url_template::{self, Fill},
};

/// How an element's service is described.
#[derive(Debug, Clone, PartialEq)]
pub struct Soap {
    /// The address of the WSDL, a template over configuration keys: `{my.endpoint}?wsdl`.
    pub(crate) wsdl: String,
    pub(crate) headers: Option<Message>,
    /// Other member names: `Type.Element` or `Element` → member.
    pub(crate) names: BTreeMap<String, String>,
    /// Types that only wrap a list, which JSON shows without the wrapper.
    pub(crate) lists: Vec<String>,
    /// The definition, echoed.
    pub(crate) defined: Value,
}

impl Soap {
    /// Where the description is for an instance.
    ///
    /// # Errors
    /// Configuration that lacks a value or makes no http(s) address.
    pub fn wsdl(&self, configuration: &Configuration) -> Result<Url, PlanError> {
        let configured = |name: &str| configuration.get(name).map(|value| Fill::Trusted(value.to_owned()));
        url_template::build(configuration.get("base.url"), &self.wsdl, &configured)
    }

    /// The header elements of requests as JSON; an operation takes those that it declares.
    ///
    /// # Errors
    /// None for a validated definition.
    pub fn headers(&self, configuration: &Configuration) -> Result<Value, PlanError> {
        let Some(message) = &self.headers else { return Ok(Value::Null) };
        let lookup = |name: &str, configured: bool| configuration.get(name).filter(|_| configured).map(Value::from);
        message.fill(&Filling { lookup: &lookup, body: None, asks: &|_| false })
    }

    /// Other member names than the usual: `Type.Element` or `Element` → member.
    #[must_use]
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// Types that only wrap a list, which JSON shows without the wrapper.
    #[must_use]
    pub fn lists(&self) -> &[String] {
        &self.lists
    }
}
