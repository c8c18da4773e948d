//! Parameters: where a value of a vendor request (or answer) comes from and where it goes.

use crate::{names::words, template::Template};

words! {
    /// Where the value comes from (`type`).
    SourceType {
        /// The instance configuration.
        Configuration = "configuration",
        /// The caller's request header.
        Header = "header",
        /// A variable of the resource's path.
        Path = "path",
        /// The caller's query parameter.
        Query = "query",
        /// The caller's whole body.
        Body = "body",
        /// A member of the caller's body.
        BodyField = "bodyField",
        /// A field of an urlencoded body.
        Form = "form",
        /// A part of a multipart body.
        Multipart = "multipart",
        /// The text of the parameter's `name`, a template.
        Value = "value",
        /// The whole body of the previous answer in a chain.
        PrevBody = "prevBody",
        /// A member of the previous answer in a chain.
        PrevBodyField = "prevBodyField",
    }
}

words! {
    /// Where the value goes (`vendorType`).
    VendorType {
        /// The instance configuration.
        Configuration = "configuration",
        /// A header of the vendor request.
        Header = "header",
        /// A `{vendorName}` of the vendor path or of `base.url`.
        Path = "path",
        /// A query parameter of the vendor request.
        Query = "query",
        /// The whole body of the vendor request.
        Body = "body",
        /// A member of the body of the vendor request.
        BodyField = "bodyField",
        /// A field of an urlencoded body.
        Form = "form",
        /// A part of a multipart body.
        Multipart = "multipart",
        /// A `{vendorName}` inside a template body.
        BodyToken = "bodyToken",
        /// Nowhere of its own; visible to hooks.
        Value = "value" | "customValue",
        /// Nowhere; checked, documented and visible to hooks.
        NoOp = "no-op",
    }
}

words! {
    /// Which way a parameter works (`source`).
    Source {
        /// From the caller to the vendor.
        Request = "request",
        /// From the vendor's answer into configuration, or into a header of ours.
        Response = "response",
    }
}

/// A parameter of an element or of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Stable number.
    pub id: i64,
    /// Name on the platform's side; for [`SourceType::Value`] the value itself.
    pub name: String,
    /// Name on the vendor's side; empty when it needs none.
    pub vendor_name: String,
    /// Where the value comes from.
    pub kind: SourceType,
    /// Where it goes.
    pub vendor_kind: VendorType,
    /// Which way it works.
    pub source: Source,
    /// Kind of value on the platform's side, when stated.
    pub data_type: Option<String>,
    /// Kind of value on the vendor's side, when stated.
    pub vendor_data_type: Option<String>,
    /// Whether a call without a value is refused.
    pub required: bool,
    /// What it is for.
    pub description: Option<String>,
    /// Shown in documentation, never sent.
    pub sample_data: Option<String>,
    /// Name of a converter, with its argument behind a colon: `withSuffix:/api`.
    pub converter: Option<String>,
    pub(crate) template: Option<Template>,
}

impl Parameter {
    /// Whether it asks for the caller's query parameter of that name, also inside of a template.
    pub(crate) fn asks_query(&self, name: &str) -> bool {
        match &self.template {
            Some(template) => template.asks(name),
            None => self.kind == SourceType::Query && self.name == name,
        }
    }
}
