//! `/models/{name}/…`: models out of sample JSON, as CSV, and out of CSV.

use axum::extract::Path;
use http::{HeaderValue, header};
use ligand_domain::{Error, Privilege};
use serde_json::Value;

use super::{Answer, conversion};
use crate::{call::Call, json};

/// `POST /models/{name}/schema`: the models of a sample.
pub(crate) async fn schema(Path(name): Path<String>, mut call: Call) -> Answer {
    call.proceed(Some(Privilege::ViewElements))?;
    call.expect_json()?;
    let sample = call.request.definition().await?;
    Ok(json::answer(&Value::Object(call.app().sample_models(&name, sample).await?)))
}

/// `POST /models/{name}/csv`: the models of a sample as CSV; with `fromSchema=true` of the models themselves.
pub(crate) async fn csv(Path(name): Path<String>, mut call: Call) -> Answer {
    call.proceed_to_csv(Some(Privilege::ViewElements))?;
    call.expect_json()?;
    let is_schema = call.query().flag("fromSchema").unwrap_or(false);
    let given = call.request.definition().await?;
    let sheet = call.app().model_sheet(&name, given, is_schema).await?;
    let mut response = http::Response::new(axum::body::Body::from(sheet));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment(&name));
    Ok(response)
}

/// `POST /models/{name}/schema/csv`: the models of a CSV, the part `file`.
pub(crate) async fn from_csv(Path(name): Path<String>, mut call: Call) -> Answer {
    call.proceed(Some(Privilege::ViewElements))?;
    let documents = conversion::documents(&mut call).await?;
    let missing = || Error::invalid("file-missing", "The part file is missing");
    let document = documents.into_iter().next().ok_or_else(missing)?;
    Ok(json::answer(&Value::Object(call.app().sheet_models(&name, document.text).await?)))
}

/// A file called like the model, as far as headers can say it.
fn attachment(name: &str) -> HeaderValue {
    let is_plain = |each: &char| each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.');
    let plain: String = name.chars().filter(is_plain).collect();
    let plain = if plain.trim_matches('.').is_empty() { "model" } else { plain.as_str() };
    let text = format!("attachment; filename=\"{plain}.csv\"");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
