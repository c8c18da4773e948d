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
    /// The address of the WSDL, a template over configuration keys: `{my.endpoint}?wsdl`; empty where the definition
    /// brings the documents.
    pub(crate) wsdl: String,
    pub(crate) headers: Option<Message>,
    /// Other member names: `Type.Element` or `Element` → member.
    pub(crate) names: BTreeMap<String, String>,
    /// Types that only wrap a list, which JSON shows without the wrapper.
    pub(crate) lists: Vec<String>,
    /// The definition, echoed.
    pub(crate) defined: Value,
}

/// A document of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoapDocument<'a> {
    /// Where the others look for it.
    pub location: &'a str,
    /// What is in it.
    pub text: DocumentText<'a>,
}

/// The text of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentText<'a> {
    /// As it is.
    Plain(&'a str),
    /// Packed by gzip, and that in base64.
    Gzip(&'a str),
}

impl<'a> SoapDocument<'a> {
    fn read(json: &'a Value) -> Option<Self> {
        let member = |name: &str| json.get(name).and_then(Value::as_str);
        let text = member("text").map(DocumentText::Plain).or_else(|| member("gzip").map(DocumentText::Gzip))?;
        Some(Self { location: member("location").unwrap_or_default(), text })
    }
}

impl Soap {
    /// Whether the definition brings the documents.
    #[must_use]
    pub fn brings_documents(&self) -> bool {
        self.defined.get("documents").is_some_and(|documents| !documents.is_null())
    }

    /// The documents of the description that the definition brings, the WSDL first; none where the vendor has them.
    #[must_use]
    pub fn documents(&self) -> Vec<SoapDocument<'_>> {
        let documents = self.defined.get("documents").and_then(Value::as_array).into_iter().flatten();
        documents.filter_map(SoapDocument::read).collect()
    }

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
