//! Bodies with files of callers: a file as it is, or the parts of a form around files, passed on while they arrive.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use ligand_domain::Rng;
use ligand_element::{Part, PartContent, PlanError, VendorBody, VendorRequest};

use crate::{
    Upload,
    stream::{Pieces, uploaded},
};

/// Takes the files out of a request: the body that is to be streamed, if there is one. Parts without files become
/// plain text.
///
/// # Errors
/// When a file is wanted that the caller did not send, or a second time.
pub(crate) fn extract(
    request: &mut VendorRequest,
    uploads: &mut [Option<Upload>],
    rng: &dyn Rng,
    limit: u64,
) -> Result<Option<reqwest::Body>, PlanError> {
    let (pieces, length) = match std::mem::replace(&mut request.body, VendorBody::Empty) {
        VendorBody::File(number) => {
            let file = taken(uploads, number)?;
            (file.pieces, file.length)
        }
        VendorBody::Multipart(parts) => {
            let boundary = ligand_domain::rng::hex_secret(rng).expose().to_owned();
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            let content_type = format!("multipart/form-data; boundary={boundary}");
            request.headers.push(("Content-Type".to_owned(), content_type));
            if parts.iter().all(|part| matches!(part.content, PartContent::Text(_))) {
                request.body = VendorBody::Text(text_form(&parts, &boundary));
                return Ok(None);
            }
            form(&parts, &boundary, uploads)?
        }
        other => {
            request.body = other;
            return Ok(None);
        }
    };
    if let Some(length) = length {
        request.headers.push(("Content-Length".to_owned(), length.to_string()));
    }
    Ok(Some(reqwest::Body::wrap_stream(uploaded(pieces, limit))))
}

fn taken(uploads: &mut [Option<Upload>], number: usize) -> Result<Upload, PlanError> {
    let missing = || PlanError::MissingParameter("file".to_owned());
    uploads.get_mut(number).and_then(Option::take).ok_or_else(missing)
}

fn text_form(parts: &[Part], boundary: &str) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&head(part, boundary));
        if let PartContent::Text(content) = &part.content {
            text.push_str(content);
        }
        text.push_str("\r\n");
    }
    text + &end(boundary)
}

/// The form as a stream, and its length when that of every file is known.
fn form(parts: &[Part], boundary: &str, uploads: &mut [Option<Upload>]) -> Result<(Pieces, Option<u64>), PlanError> {
    let (mut pieces, mut length): (Vec<Pieces>, _) = (Vec::new(), Some(0_u64));
    let text = |pieces: &mut Vec<Pieces>, length: &mut Option<u64>, text: String| {
        *length = length.and_then(|sum| sum.checked_add(u64::try_from(text.len()).ok()?));
        pieces.push(stream::once(async move { Ok(Bytes::from(text)) }).boxed());
    };
    for part in parts {
        text(&mut pieces, &mut length, head(part, boundary));
        match &part.content {
            PartContent::Text(content) => text(&mut pieces, &mut length, content.clone()),
            PartContent::File(number) => {
                let file = taken(uploads, *number)?;
                length = length.zip(file.length).and_then(|(sum, more)| sum.checked_add(more));
                pieces.push(file.pieces);
            }
        }
        text(&mut pieces, &mut length, "\r\n".to_owned());
    }
    text(&mut pieces, &mut length, end(boundary));
    Ok((stream::iter(pieces).flatten().boxed(), length))
}

fn head(part: &Part, boundary: &str) -> String {
    let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&part.name));
    if let Some(file_name) = &part.file_name {
        head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
    }
    if let Some(content_type) = part.content_type.as_deref().filter(|text| !text.contains(char::is_control)) {
        head.push_str(&format!("\r\nContent-Type: {content_type}"));
    }
    head + "\r\n\r\n"
}

fn end(boundary: &str) -> String {
    format!("--{boundary}--\r\n")
}

/// A name as forms write it between quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
