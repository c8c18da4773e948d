//! Documents that describe APIs.

use axum::response::Response;
use ligand_docs::Format;
use ligand_domain::Error;

use super::Answer;
use crate::{call::Anonymous, description::describe, json, query::Query};

/// `GET /docs/all_platform`: the platform's own API.
pub(crate) async fn platform(request: Anonymous) -> Answer {
    request.proceed(None).await?;
    Ok(json::answer(describe(format(&request.query)?)))
}

/// `GET /elements/api-docs/openapi.json`, beside the API's base path: the same as OpenAPI 3.1.
pub(crate) async fn openapi() -> Response {
    json::answer(describe(Format::Openapi))
}

/// The format that a query asks for.
fn format(query: &Query) -> Result<Format, Error> {
    match query.get("format").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "swagger" | "swagger2" | "swagger2.0" => Ok(Format::Swagger),
        "openapi" | "openapi3" | "openapi3.1" => Ok(Format::Openapi),
        _ => Err(Error::invalid("format-unknown", "format must be swagger2.0 or openapi3.1")),
    }
}
