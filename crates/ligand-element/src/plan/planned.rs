//! A vendor request that scripts may still change.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::{PlanError, VendorBody, VendorRequest, without_description};
use crate::{Method, root_key::RootKey, url_template};

/// A vendor request in its parts. Its `Debug` shows no value that may be secret.
#[derive(Clone)]
pub struct Planned {
    /// Verb.
    pub method: Method,
    /// Query parameters besides those of the address, in order; a name may be there more than once.
    pub query: Vec<(String, String)>,
    /// Headers in order, each name once.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: VendorBody,
    /// What parameters store into configuration when the call succeeds.
    pub stores: Vec<(String, String)>,
    pub(crate) address: Address,
    /// The JSON body without the request's root.
    pub(crate) bare: Option<Value>,
    pub(crate) roots: RootKey,
}

/// Where a request goes.
#[derive(Clone)]
pub(crate) struct Address {
    /// The address, or why there is none: a script may choose another one.
    pub(crate) url: Result<Url, PlanError>,
    /// Its base, for scripts.
    pub(crate) base: Option<String>,
    /// What stands behind the base, for scripts.
    pub(crate) path: String,
    pub(crate) is_soap: bool,
}

impl Planned {
    /// The whole request, to be authenticated and sent.
    ///
    /// # Errors
    /// When the address is none.
    pub fn request(&self) -> Result<VendorRequest, PlanError> {
        Ok(VendorRequest {
            method: self.method,
            url: self.url()?,
            headers: self.headers.clone(),
            body: self.body.clone(),
            stores: self.stores.clone(),
        })
    }

    /// The same without a copy.
    ///
    /// # Errors
    /// When the address is none.
    pub fn into_request(self) -> Result<VendorRequest, PlanError> {
        let url = self.url()?;
        Ok(VendorRequest { method: self.method, url, headers: self.headers, body: self.body, stores: self.stores })
    }

    /// The whole address with its query.
    pub(crate) fn url(&self) -> Result<Url, PlanError> {
        let mut url = self.address.url.clone()?;
        if self.address.is_soap {
            without_description(&mut url);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// Takes another path, or a whole address.
    pub(crate) fn redirect(&mut self, path: &str) {
        self.address.url = url_template::compose(self.address.base.as_deref(), path);
        path.clone_into(&mut self.address.path);
    }

    /// Sets a header, or takes it away.
    ///
    /// # Errors
    /// A value that no header can have.
    pub(crate) fn set_header(&mut self, name: &str, value: Option<&str>) -> Result<(), PlanError> {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        let Some(value) = value else { return Ok(()) };
        if name.is_empty() || name.contains(|each: char| each.is_control() || each == ':' || each == ' ') {
            return Err(PlanError::BadValue(name.escape_debug().to_string()));
        }
        if value.chars().any(|each| each.is_control() && each != '\t') {
            return Err(PlanError::BadValue(name.to_owned()));
        }
        self.headers.push((name.to_owned(), value.trim().to_owned()));
        Ok(())
    }
}

impl fmt::Debug for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Planned").field("method", &self.method).finish_non_exhaustive()
    }
}
