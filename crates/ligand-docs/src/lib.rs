//! Documents that describe APIs: of an element or an instance out of its definition, of the platform out of its table
//! of routes. One model of a document, written as Swagger 2.0 or as OpenAPI 3.1. Pure.

mod check;
mod document;
mod notation;
mod openapi;
mod operation_id;
mod swagger;

pub use check::problems;
pub use document::{Authorization, Body, Document, Operation, Parameter, Place, Response, Tag};
pub use notation::{Notation, object, schema};
pub use operation_id::{dashed, operation_ids};

/// Whom documents name to ask.
pub const CONTACT: &str = "support@example.com";

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Swagger 2.0, as the original platform wrote it.
    Swagger,
    /// OpenAPI 3.1.
    Openapi,
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
}
