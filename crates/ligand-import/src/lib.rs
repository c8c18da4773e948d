//! Vendors' own descriptions turned into element definitions: document texts in, the JSON that `POST /elements` takes
//! out, with a list of what was left out and why. Pure, and bounded whatever the documents hold.

mod definition;
mod documents;
mod model;
mod odata;
mod openapi;
mod path;
mod remarks;
pub mod sample;
mod soap;

pub use remarks::Remark;
use serde_json::Value;

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAPI 3.x or Swagger 2.0, JSON or YAML.
    Swagger,
    /// OData metadata, versions 1 to 4, XML.
    OData,
    /// WSDL 1.1 with its schemas.
    Soap,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Swagger, Self::OData, Self::Soap];

    /// The word for it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Swagger => "swagger",
            Self::OData => "odata",
            Self::Soap => "soap",
        }
    }

    /// The kind that a text looks like.
    #[must_use]
    pub fn guess(text: &str) -> Option<Self> {
        if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
            return Some(Self::Swagger);
        }
        let root = ligand_soap::document::parse(text).ok()?;
        match &*root.name.local {
            "Edmx" | "Schema" => Some(Self::OData),
            "definitions" => Some(Self::Soap),
            _ => None,
        }
    }

    /// The kind of a word, as `type` of `POST /elements/convert` has it.
    #[must_use]
    pub fn from_key(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "swagger" | "openapi" => Some(Self::Swagger),
            "odata" => Some(Self::OData),
            "soap" | "wsdl" => Some(Self::Soap),
            _ => None,
        }
    }
}

/// A document as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its file name or address, by which other documents refer to it; may be empty.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Which operations become resources: those that every list which is not empty has a match for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Operation ids, or verb and path: `GET /contacts`.
    pub operations: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Beginnings of paths, whole segments: `/v2/contacts`.
    pub paths: Vec<String>,
}

impl Choice {
    /// Whether everything is chosen.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.operations.is_empty() && self.tags.is_empty() && self.paths.is_empty()
    }

    /// Whether an operation is chosen.
    pub(crate) fn takes(&self, id: Option<&str>, method: &str, path: &str, tags: &[&str]) -> bool {
        let named = |wanted: &String| {
            Some(wanted.as_str()) == id || wanted.split_once(' ').is_some_and(|pair| pair == (method, path))
        };
        let below = |start: &String| {
            let rest = path.strip_prefix(start.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '(']))
        };
        let tagged = |wanted: &String| tags.contains(&wanted.as_str());
        (self.operations.is_empty() || self.operations.iter().any(named))
            && (self.tags.is_empty() || self.tags.iter().any(tagged))
            && (self.paths.is_empty() || self.paths.iter().any(below))
    }
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The element's definition, without a key.
    pub definition: Value,
    /// What was left out or decided, and why.
    pub remarks: Vec<Remark>,
}

/// Why a document cannot be turned into an element, in words for who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The text is not what it should be.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing is left to make resources of.
    #[error("{0}")]
    Empty(String),
    /// The element would be larger than definitions may be.
    #[error("{0}")]
    TooLarge(String),
}

/// Turns documents into an element's definition: the first one, and those that it refers to.
///
/// # Errors
/// When the first document cannot be read as what it is said to be, has no operation that is chosen, or gives more than
/// a definition may hold.
pub fn convert(kind: Kind, documents: &[Document], choice: &Choice) -> Result<Imported, ImportError> {
    match kind {
        Kind::Swagger => openapi::convert(documents, choice),
        Kind::OData => odata::convert(documents, choice),
        Kind::Soap => soap::convert(documents, choice),
    }
}
