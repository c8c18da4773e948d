//! `POST /elements/convert`: a vendor's own description in, a definition out.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, header};
use ligand_app::conversion::{Choice, Document, Imported};
use ligand_domain::{Error, ErrorKind, Privilege};
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::{Value, json as object};

use super::Answer;
use crate::{call::Call, json};

/// How many documents one request may have.
const MAX_DOCUMENTS: usize = 200;
/// Most bytes of the header that tells what was left out.
const MAX_WARNING: usize = 1000;

/// `POST /elements/convert`. The definition is the answer; with `remarks=true` it is the member `element`, beside what
/// was left out of it.
pub(crate) async fn convert(mut call: Call) -> Answer {
    call.proceed(Some(Privilege::CreateElements))?;
    let documents = documents(&mut call).await?;
    let query = call.query();
    let choice = Choice {
        operations: query.values("operationId").iter().map(ToString::to_string).collect(),
        tags: query.values("tag").iter().map(ToString::to_string).collect(),
        paths: query.values("path").iter().map(ToString::to_string).collect(),
    };
    let (kind, shows_remarks) = (query.get("type").map(str::to_owned), query.flag("remarks").unwrap_or(false));
    let imported = call.app().convert_documents(kind.as_deref(), documents, choice).await?;
    let warning = warning(&imported);
    let mut response = if shows_remarks {
        let remark =
            |remark: &ligand_app::conversion::Remark| object!({ "place": remark.place, "message": remark.message });
        let remarks: Vec<Value> = imported.remarks.iter().map(remark).collect();
        json::answer(&object!({ "element": imported.definition, "remarks": remarks }))
    } else {
        json::answer(&imported.definition)
    };
    if let Some(warning) = warning {
        response.headers_mut().insert(json::WARNING, warning);
    }
    Ok(response)
}

/// The files of a multipart body, which may be as large as a definition.
///
/// # Errors
/// What is no multipart body, or has files that are no text.
pub(super) async fn documents(call: &mut Call) -> Result<Vec<Document>, Error> {
    let limits = call.app().limits();
    let (limit, within) = (limits.definition_bytes, limits.body_timeout);
    let content_type = call.request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(|_| {
        let message = "The Content-Type of this request must be multipart/form-data";
        Error::new(ErrorKind::UnsupportedMediaType, "media-type-unsupported", message)
    })?;
    read(call.request.body(), boundary, limit, within).await
}

/// The parts of the body that are files, or called `file`.
async fn read(body: Body, boundary: String, limit: usize, within: Duration) -> Result<Vec<Document>, Error> {
    let collected = json::collect(body, limit, within).await?;
    let sizes = SizeLimit::new().whole_stream(u64::MAX).per_field(u64::MAX);
    let pieces = futures_util::stream::once(async move { Ok::<_, std::io::Error>(collected) });
    let mut parts = Multipart::with_constraints(pieces, boundary, Constraints::new().size_limit(sizes));
    let mut documents = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        let name = field.file_name().map(str::to_owned);
        if name.is_none() && field.name() != Some("file") {
            continue;
        }
        if documents.len() == MAX_DOCUMENTS {
            return Err(Error::invalid("parts-too-many", format!("A body may have at most {MAX_DOCUMENTS} files")));
        }
        let bytes = field.bytes().await.map_err(broken)?;
        let text = String::from_utf8(bytes.into());
        let text = text.map_err(|_| Error::invalid("document-not-text", "The document is not UTF-8 text"))?;
        documents.push(Document { name: name.unwrap_or_default(), text });
    }
    Ok(documents)
}

fn broken(error: multer::Error) -> Error {
    Error::invalid("multipart-broken", "The multipart body could not be read").with_source(error)
}

/// What was left out, as far as a header holds it.
fn warning(imported: &Imported) -> Option<HeaderValue> {
    let mut text = format!("{} remarks (remarks=true shows them): ", imported.remarks.len());
    for (index, remark) in imported.remarks.iter().enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        text.extend(remark.to_string().chars().filter(|each| each.is_ascii() && !each.is_ascii_control()));
    }
    text.truncate(MAX_WARNING);
    if imported.remarks.is_empty() { None } else { HeaderValue::from_str(&text).ok() }
}
