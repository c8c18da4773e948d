//! Documents that describe APIs: of an element or an instance out of its definition, of the platform out of its table
//! of routes. One model of a document, written as Swagger 2.0 or as OpenAPI 3.1. Pure.

mod base;
mod check;
mod document;
mod element;
mod notation;
mod objects;
mod openapi;
mod operation_id;
mod parameters;
mod paths;
mod resolve;
mod schemas;
mod swagger;

pub use base::Base;
pub use check::problems;
pub use document::{Authorization, Body, Document, Operation, Parameter, Place, Response, Tag};
pub use element::{Listed, Only, Unavailable, Wanted, of_element, of_hub, operations};
pub use notation::{Notation, object, schema};
pub use objects::FoundObject;
pub use operation_id::{dashed, operation_ids};

/// Whom documents name to ask.
pub const CONTACT: &str = "support@example.com";

/// The version of the API.
pub const VERSION: &str = "api-v2";

/// What the paths of the API begin with.
pub const BASE_PATH: &str = "/elements/api-v2";

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Swagger 2.0, as the original platform wrote it.
    Swagger,
    /// OpenAPI 3.1.
    Openapi,
}

impl Format {
    /// The format that is called so; Swagger when nothing is said.
    #[must_use]
    pub fn called(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "" | "swagger" | "swagger2" | "swagger2.0" => Some(Self::Swagger),
            "openapi" | "openapi3" | "openapi3.1" => Some(Self::Openapi),
            _ => None,
        }
    }
}

impl Document {
    /// The document as JSON.
    #[must_use]
    pub fn write(&self, format: Format) -> serde_json::Value {
        match format {
            Format::Swagger => swagger::write(self),
            Format::Openapi => openapi::write(self),
        }
    }

    /// Its named schemas alone.
    #[must_use]
    pub fn write_schemas(&self, format: Format) -> serde_json::Value {
        serde_json::Value::Object(match format {
            Format::Swagger => self.schemas.clone(),
            Format::Openapi => openapi::schemas(self),
        })
    }
}
