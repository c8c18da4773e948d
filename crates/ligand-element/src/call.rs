//! A caller's request as the hub API takes it, and the inputs that it gives to the planning of vendor requests.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use crate::{Inputs, Method};

/// A caller's request. Its `Debug` shows nothing that may be secret.
#[derive(Clone, PartialEq)]
pub struct CallerRequest {
    /// Verb; HEAD counts as GET.
    pub method: Method,
    /// Path as it was called behind the API's base path, hub included: `/hubs/crm/contacts/12`.
    pub path: String,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: CallerBody,
}

/// A caller's body.
#[derive(Clone, PartialEq, Default)]
pub enum CallerBody {
    /// None.
    #[default]
    None,
    /// JSON.
    Json(Value),
    /// Fields of an urlencoded body, decoded.
    Form(Vec<(String, String)>),
    /// Parts of a multipart body.
    Multipart(Vec<CallerPart>),
    /// Other text.
    Text(String),
}

/// A part of a caller's multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerPart {
    /// Name of the form's field.
    pub name: String,
    /// Name of the file, when the part is one.
    pub file_name: Option<String>,
    /// Content type as stated.
    pub content_type: Option<String>,
    /// What is in it.
    pub content: PartContent,
}

/// The content of a part. Files are not here: who reads the caller's body keeps them under a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartContent {
    /// Text.
    Text(String),
    /// The file with this number.
    File(usize),
}

impl CallerRequest {
    /// The inputs of the request with the variables of the resource's path. `orderby` becomes `orderBy`.
    #[must_use]
    pub fn inputs(&self, path: BTreeMap<String, String>) -> Inputs {
        let mut inputs = Inputs { path, query: self.query.clone(), headers: self.headers.clone(), ..Inputs::default() };
        if !inputs.query.iter().any(|(name, _)| name == "orderBy") {
            let legacy = inputs.query.iter_mut().find(|(name, _)| name == "orderby");
            legacy.into_iter().for_each(|(name, _)| "orderBy".clone_into(name));
        }
        match &self.body {
            CallerBody::None => {}
            CallerBody::Json(body) => inputs.body = Some(body.clone()),
            CallerBody::Text(text) => inputs.body = Some(Value::from(text.as_str())),
            CallerBody::Form(fields) => inputs.form = fields.clone(),
            CallerBody::Multipart(parts) => inputs.parts = parts.clone(),
        }
        inputs
    }

    /// The value of a header, whatever its letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for CallerRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CallerRequest").field("method", &self.method).finish_non_exhaustive()
    }
}
