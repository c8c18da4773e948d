//! Vendor requests as values, and why there is none.

use std::fmt;

use url::Url;

use crate::{Method, PartContent};

/// The body of a vendor request.
#[derive(Clone, PartialEq, Eq)]
pub enum VendorBody {
    /// None.
    Empty,
    /// Text of the content type that the headers state.
    Text(String),
    /// The file with this number as it is, of the content type that the headers state.
    File(usize),
    /// Parts of a form. The headers state no content type: who sends it chooses the boundary.
    Multipart(Vec<Part>),
}

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name of the form's field.
    pub name: String,
    /// Name of the file, when the part is one.
    pub file_name: Option<String>,
    /// Content type, when it is not plain text.
    pub content_type: Option<String>,
    /// What is in it.
    pub content: PartContent,
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

/// Why a call cannot be turned into a vendor request (400 each, but for [`PlanError::NotFound`]). Says names, never
/// values.
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
    /// Something else is wrong with the caller's request, in words for the caller.
    #[error("{0}")]
    Invalid(String),
    /// An earlier link of the chain looked for something and did not find it (404).
    #[error("Not found")]
    NotFound,
    /// A combination that is valid in definitions but that nothing executes.
    #[error("{0} is not supported")]
    Unsupported(String),
}
