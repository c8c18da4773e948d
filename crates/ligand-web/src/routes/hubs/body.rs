//! The body of a hub call: JSON, an urlencoded form, or parts of which a large file is passed on while it arrives.

use std::{io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, future::ready, stream};
use http::{HeaderMap, header};
use ligand_app::hubs::{CallerBody, CallerPart, PartContent, Upload};
use ligand_domain::{Error, ErrorKind};
use multer::{Constraints, Field, Multipart, SizeLimit};

use crate::{call::Anonymous, json, query::Query};

/// Up to this size a file is kept in memory until all parts have arrived; a larger one must be the last part.
const SMALL_FILE: usize = 1 << 20;
/// How many parts a body may have.
const PARTS: usize = 100;

/// Reads the body of a call.
///
/// # Errors
/// Unsupported media type for anything else; invalid for what is not of the stated type; too large, too slow.
pub(crate) async fn read(request: &mut Anonymous) -> Result<(CallerBody, Vec<Upload>), Error> {
    let kind = media_type(&request.headers);
    match kind.as_str() {
        "multipart/form-data" => parts(request).await,
        "application/x-www-form-urlencoded" => {
            let bytes = request.bytes().await?;
            let fields = Query::parse(&String::from_utf8_lossy(&bytes)).pairs().to_vec();
            Ok((CallerBody::Form(fields), Vec::new()))
        }
        "" | "application/json" | "text/json" => json_body(request).await,
        other if other.ends_with("+json") => json_body(request).await,
        _ => {
            if json::is_blank(&request.bytes().await?) {
                return Ok((CallerBody::None, Vec::new()));
            }
            let message = "The Content-Type must be application/json, application/x-www-form-urlencoded or \
                           multipart/form-data";
            Err(Error::new(ErrorKind::UnsupportedMediaType, "media-type-unsupported", message))
        }
    }
}

/// The media type of a body, in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn json_body(request: &mut Anonymous) -> Result<(CallerBody, Vec<Upload>), Error> {
    let bytes = request.bytes().await?;
    if json::is_blank(&bytes) {
        return Ok((CallerBody::None, Vec::new()));
    }
    Ok((CallerBody::Json(json::value(&bytes)?), Vec::new()))
}

async fn parts(request: &mut Anonymous) -> Result<(CallerBody, Vec<Upload>), Error> {
    let content_type = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(broken)?;
    let limits = request.app.limits();
    let (limit, patience) = (limits.body_bytes, limits.body_timeout);
    let pieces = punctual(request.body(), patience);
    let sizes = SizeLimit::new().whole_stream(u64::MAX).per_field(u64::MAX);
    let mut arriving = Multipart::with_constraints(pieces, boundary, Constraints::new().size_limit(sizes));
    let (mut parts, mut uploads, mut left) = (Vec::new(), Vec::new(), limit);
    while let Some(field) = arriving.next_field().await.map_err(broken)? {
        if parts.len() == PARTS {
            return Err(Error::invalid("parts-too-many", format!("A body may have at most {PARTS} parts")));
        }
        let mut part = CallerPart {
            name: field.name().unwrap_or_default().to_owned(),
            file_name: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(ToString::to_string),
            content: PartContent::File(uploads.len()),
        };
        let is_file = part.file_name.is_some();
        let (taken, rest) = take(field, if is_file { left.min(SMALL_FILE) } else { left }).await?;
        left = left.saturating_sub(taken.len());
        match rest {
            Some(_) if !is_file => {
                let message = format!("The fields of the request body are larger than {limit} bytes");
                return Err(Error::new(ErrorKind::TooLarge, "body-too-large", message));
            }
            Some(rest) => {
                let ahead = stream::once(async move { Ok(taken) });
                let behind = stream::once(async move { nothing(arriving.next_field().await) });
                let pieces = ahead.chain(rest.map_err(io::Error::other)).chain(behind.filter_map(ready)).boxed();
                uploads.push(Upload { pieces, length: None });
                parts.push(part);
                return Ok((CallerBody::Multipart(parts), uploads));
            }
            None if is_file => {
                let length = u64::try_from(taken.len()).ok();
                uploads.push(Upload { pieces: stream::once(async move { Ok(taken) }).boxed(), length });
            }
            None => {
                let text = String::from_utf8(taken.into());
                let text =
                    text.map_err(|_| Error::invalid("part-not-text", "A field of the body is not UTF-8 text"))?;
                part.content = PartContent::Text(text);
            }
        }
        parts.push(part);
    }
    Ok((CallerBody::Multipart(parts), uploads))
}

/// What follows a large file: nothing, or the stream breaks.
fn nothing(next: multer::Result<Option<Field<'static>>>) -> Option<io::Result<Bytes>> {
    match next {
        Ok(None) => None,
        Ok(Some(_)) => Some(Err(io::Error::other("a large file must be the last part of a multipart body"))),
        Err(broken) => Some(Err(io::Error::other(broken))),
    }
}

/// Reads a part up to so many bytes; what is longer comes back with the rest of it.
async fn take(mut field: Field<'static>, limit: usize) -> Result<(Bytes, Option<Field<'static>>), Error> {
    let mut taken = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        taken.extend_from_slice(&piece);
        if taken.len() > limit {
            return Ok((taken.into(), Some(field)));
        }
    }
    Ok((taken.into(), None))
}

/// The pieces of a body, and an error in place of one that does not come in time.
fn punctual(body: Body, patience: Duration) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::unfold(Some(body.into_data_stream()), move |pieces| async move {
        let mut pieces = pieces?;
        match tokio::time::timeout(patience, pieces.next()).await {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(pieces))),
            Ok(Some(Err(failed))) => Some((Err(io::Error::other(failed)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    })
}

fn broken(error: multer::Error) -> Error {
    Error::invalid("multipart-broken", "The multipart body could not be read").with_source(error)
}
