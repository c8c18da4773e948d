//! Vendors' own descriptions turned into definitions that `POST /elements` takes. Nothing is kept.

use std::sync::Arc;

use ligand_domain::{Error, ErrorKind};
pub use ligand_import::{Choice, Document, Imported, Remark};
use ligand_import::{ImportError, Kind, convert};
use tokio::sync::Semaphore;

use crate::App;

/// How many documents are converted at once; the work is all processor.
const AT_ONCE: usize = 2;

/// Keeps conversions from taking all processors.
pub(crate) struct Conversions(Arc<Semaphore>);

impl Default for Conversions {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl App {
    /// Converts documents of a kind (`type` as it was sent); the first one refers to the others.
    ///
    /// # Errors
    /// Invalid for an unknown kind, for what cannot be read, and for what gives no element.
    pub async fn convert_documents(
        &self,
        kind: Option<&str>,
        documents: Vec<Document>,
        choice: Choice,
    ) -> Result<Imported, Error> {
        let kind = kind.map(str::trim).filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| Error::invalid("type-missing", "The query parameter type is missing"))?;
        let known = Kind::from_key(kind).ok_or_else(|| {
            let kind: String = kind.chars().take(60).collect();
            let words = Kind::ALL.iter().map(|kind| kind.key()).collect::<Vec<_>>().join(", ");
            Error::invalid("type-unknown", format!("The type {kind} is not one of {words}"))
        })?;
        if documents.is_empty() {
            return Err(Error::invalid("file-missing", "The part file is missing"));
        }
        let internal =
            |what: &'static str| Error::new(ErrorKind::Internal, what, "The document could not be converted");
        let turn = Arc::clone(&self.conversions.0).acquire_owned().await;
        let turn = turn.map_err(|closed| internal("conversions-closed").with_source(closed))?;
        // The turn belongs to the work, which goes on when its caller has left.
        let work = move || {
            let _turn = turn;
            convert(known, &documents, &choice)
        };
        let converted = tokio::task::spawn_blocking(work).await;
        converted.map_err(|failed| internal("conversion-failed").with_source(failed))?.map_err(|error| refused(&error))
    }
}

fn refused(error: &ImportError) -> Error {
    let code = match error {
        ImportError::Unreadable(_) => "document-unreadable",
        ImportError::Empty(_) => "document-empty",
        ImportError::TooLarge(_) => "document-too-large",
    };
    Error::invalid(code, error.to_string())
}
