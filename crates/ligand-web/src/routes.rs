//! Handlers: the shape of requests and answers, nothing else. One module per noun.

pub(crate) mod accounts;
pub(crate) mod authentication;
pub(crate) mod catalog_properties;
pub(crate) mod conversion;
pub(crate) mod docs;
pub(crate) mod elements;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod hubs;
pub(crate) mod instances;
pub(crate) mod jobs;
pub(crate) mod notifications;
pub(crate) mod oauth;
pub(crate) mod organizations;
pub(crate) mod pages;
pub(crate) mod samples;
pub(crate) mod usage;
pub(crate) mod users;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    response::Response,
};
use http::request::Parts;
use ligand_domain::Error;

use crate::{call::Platform, error::Failure};

/// What a handler gives.
pub(crate) type Answer = Result<Response, Failure>;

/// The variable segments of a path, decoded.
pub(crate) struct Segments(Vec<(String, String)>);

impl Segments {
    /// The segment that the route calls by this name; empty when the route has none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The segment that the route calls by this name.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequestParts<Platform> for Segments {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Platform) -> Result<Self, Failure> {
        let undecodable = |_| Failure::from(Error::not_found("path-undecodable", "No such resource"));
        let raw = RawPathParams::from_request_parts(parts, app).await.map_err(undecodable)?;
        Ok(Self(raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}
