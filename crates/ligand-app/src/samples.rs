//! Models out of samples, and as CSV: texts in, texts out. Nothing is kept.

use ligand_domain::{Error, ErrorKind};
use ligand_import::sample::{from_sheet, schema_of, to_sheet};
use serde_json::{Map, Value};

use crate::App;

/// Most characters of the name of a model.
const MAX_NAME: usize = 200;

impl App {
    /// The models of a sample.
    ///
    /// # Errors
    /// Invalid for what is no sample.
    pub async fn sample_models(&self, name: &str, sample: Value) -> Result<Map<String, Value>, Error> {
        let name = model_name(name)?;
        apart(move || schema_of(&name, &sample).map_err(|error| Error::invalid("sample-invalid", error.to_string())))
            .await
    }

    /// The CSV of the models of a sample, or of the models themselves.
    ///
    /// # Errors
    /// Invalid for what is neither.
    pub async fn model_sheet(&self, name: &str, given: Value, is_schema: bool) -> Result<String, Error> {
        let name = model_name(name)?;
        apart(move || {
            let schema = match given {
                Value::Object(schema) if is_schema => schema,
                _ if is_schema => return Err(Error::invalid("schema-invalid", "A schema must be an object")),
                sample => {
                    schema_of(&name, &sample).map_err(|error| Error::invalid("sample-invalid", error.to_string()))?
                }
            };
            to_sheet(&name, &schema).map_err(|error| Error::invalid("schema-invalid", error.to_string()))
        })
        .await
    }

    /// The models of a CSV.
    ///
    /// # Errors
    /// Invalid for what is no CSV of models, with the row.
    pub async fn sheet_models(&self, name: &str, text: String) -> Result<Map<String, Value>, Error> {
        let name = model_name(name)?;
        apart(move || from_sheet(&name, &text).map_err(|error| Error::invalid("sheet-invalid", error.to_string())))
            .await
    }
}

fn model_name(name: &str) -> Result<String, Error> {
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name-invalid", format!("The name of a model has 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Does work that is all processor where it keeps nobody else waiting.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    let failed =
        |error| Error::new(ErrorKind::Internal, "models-failed", "The models could not be made").with_source(error);
    done.map_err(failed)?
}
